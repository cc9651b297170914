SELECT "_file", "_row", 'on_time' AS "column", CAST(on_time AS VARCHAR) AS "value"
FROM (
  SELECT
    on_time, "_file", "_row",
    MAX(off_time) OVER (
      PARTITION BY instance, courier ORDER BY on_time, off_time, "_row" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
  FROM couriers
) AS ordered
WHERE on_time < covered_until

-- Minutes on duty today up to the end of each period: of a period, only what no earlier one covers is added, so that
-- overlapping periods count once.
SELECT
  instance, courier, on_time, off_time, covered_until, new_minutes,
  SUM(new_minutes) OVER (
    PARTITION BY instance, courier ORDER BY on_time, off_time, "_row" ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW
  ) AS daily_minutes,
  "_file", "_row"
FROM (
  SELECT
    *, GREATEST(off_time - GREATEST(on_time, COALESCE(covered_until, on_time)), 0) AS new_minutes
  FROM (
    SELECT
      instance, courier, on_time, off_time,
      MAX(off_time) OVER (
        PARTITION BY instance, courier ORDER BY on_time, off_time, "_row" ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
      ) AS covered_until,
      "_file", "_row"
    FROM couriers
  ) AS ordered
) AS measured

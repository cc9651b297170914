SELECT "_file", "_row", 'on_time' AS "column", CAST(on_time AS VARCHAR) AS "value"
FROM duty_period
WHERE on_time < covered_until

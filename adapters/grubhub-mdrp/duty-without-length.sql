SELECT "_file", "_row", 'off_time' AS "column", CAST(off_time AS VARCHAR) AS "value"
FROM couriers
WHERE off_time <= on_time

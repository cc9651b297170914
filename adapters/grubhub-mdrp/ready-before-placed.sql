SELECT "_file", "_row", 'ready_time' AS "column", CAST(ready_time AS VARCHAR) AS "value"
FROM orders
WHERE ready_time < placement_time

SELECT "_file", "_row", 'trip_miles' AS "column", CAST(miles AS VARCHAR) AS "value"
FROM trip
WHERE miles <= 0 OR minutes <= 0 OR fare <= 0

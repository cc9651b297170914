SELECT "_file", "_row", 'trip_miles' AS "column", CAST(miles AS VARCHAR) AS "value"
FROM trip
WHERE minutes > 0 AND miles / minutes * 60 > 80

SELECT "_file", "_row", 'driver_pay' AS "column", CAST(pay AS VARCHAR) || ' / ' || CAST(fare AS VARCHAR) AS "value"
FROM trip
WHERE pay > fare

SELECT "_file", "_row", 'driver_pay' AS "column", CAST(pay AS VARCHAR) AS "value"
FROM (
  SELECT *, ROW_NUMBER() OVER (PARTITION BY provider, miles, minutes, fare, pay ORDER BY "_row") AS place FROM trip
) AS numbered
WHERE place > 1

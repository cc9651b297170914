SELECT orders."_file", orders."_row", 'placement_time' AS "column", CAST(orders.placement_time AS VARCHAR) AS "value"
FROM orders
LEFT JOIN (
  SELECT DISTINCT orders.instance, orders.placement_time
  FROM orders
  JOIN couriers ON orders.instance = couriers.instance
  WHERE couriers.on_time <= orders.placement_time AND orders.placement_time < couriers.off_time
) AS served ON orders.instance = served.instance AND orders.placement_time = served.placement_time
WHERE served.instance IS NULL

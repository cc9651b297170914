SELECT orders."_file", orders."_row", 'restaurant' AS "column", orders.restaurant AS "value"
FROM orders
LEFT JOIN restaurants ON orders.instance = restaurants.instance AND orders.restaurant = restaurants.restaurant
WHERE restaurants.restaurant IS NULL

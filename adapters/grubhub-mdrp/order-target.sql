-- What the delivery target leaves to the rider. The target runs from the click; nobody can ride with food that is not
-- ready, so the time allowed for delivery runs from the moment it is ready, and is 0 when the target has passed by then.
-- Handing over takes the release's service minutes at the shop and at the door. The distance is the straight line between
-- the perturbed points, which is how the release itself measures travel.
SELECT
  orders.instance, orders."order", orders.placement_time, orders.ready_time,
  terms.meters_per_minute, terms.target_click_to_door_min,
  GREATEST(terms.target_click_to_door_min - (orders.ready_time - orders.placement_time), 0) AS allowed_minutes,
  terms.pickup_service_minutes + terms.dropoff_service_minutes AS fixed_minutes,
  SQRT(POWER(orders.x - restaurants.x, 2) + POWER(orders.y - restaurants.y, 2)) AS distance,
  orders."_file", orders."_row"
FROM orders
JOIN restaurants ON orders.instance = restaurants.instance AND orders.restaurant = restaurants.restaurant
JOIN terms ON orders.instance = terms.instance

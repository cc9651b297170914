-- The names behind the licence numbers are those of the source's README. A trip that was really shared carries the fare of
-- one of several passengers, so it is kept apart.
SELECT
  CASE hvfhs_license_num WHEN 'HV0003' THEN 'Uber' WHEN 'HV0005' THEN 'Lyft' END AS provider,
  CASE WHEN shared_match_flag THEN 'shared' ELSE 'alone' END AS ride,
  trip_miles AS miles, trip_time / 60.0 AS minutes,
  base_passenger_fare AS fare, driver_pay AS pay,
  CASE WHEN base_passenger_fare > 0 THEN driver_pay / base_passenger_fare END AS pay_share,
  "_file", "_row"
FROM trips

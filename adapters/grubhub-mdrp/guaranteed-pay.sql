-- Nobody is assigned, so pay a courier is not known; the sum of max(10 x orders, 15 x hours) over couriers is not below the
-- larger of the two sums and not above both together.
WITH worked AS (
  SELECT instance, SUM(minutes) / 60.0 AS hours
  FROM (
    SELECT duty.instance, duty.courier, MAX(daily.daily_minutes) AS minutes
    FROM daily
    JOIN duty ON duty.decision_id = daily.decision_id
    GROUP BY duty.instance, duty.courier
  ) AS per_person
  GROUP BY instance
),
placed AS (
  SELECT instance, COUNT(*) AS orders FROM orders GROUP BY instance
),
days AS (
  SELECT
    CAST(placed.instance AS VARCHAR) AS day, placed.orders, worked.hours,
    placed.orders * terms.pay_per_order_usd AS by_order,
    worked.hours * terms.guaranteed_pay_per_hour_usd AS by_hour
  FROM placed
  JOIN worked ON placed.instance = worked.instance
  JOIN terms ON placed.instance = terms.instance
)
SELECT
  day, orders AS n, hours, orders / hours AS orders_per_hour, by_order, by_hour,
  GREATEST(by_order, by_hour) AS least_pay,
  GREATEST(by_order, by_hour) / hours AS least_per_hour,
  (by_order + by_hour) / hours AS most_per_hour
FROM days
ORDER BY day

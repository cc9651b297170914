-- The work of a day up to the end of the courier's last period is that of the day.
WITH per_person AS (
  SELECT duty.instance, duty.courier, MAX(daily.daily_minutes) AS minutes
  FROM daily
  JOIN duty ON duty.decision_id = daily.decision_id
  GROUP BY duty.instance, duty.courier
)
SELECT
  COALESCE(CAST(instance AS VARCHAR), 'all') AS day,
  COUNT(*) AS n,
  AVG(minutes) / 60 AS mean_hours,
  MEDIAN(CAST(minutes AS DOUBLE)) / 60 AS median_hours,
  MAX(minutes) / 60.0 AS longest_hours,
  SUM(CASE WHEN minutes > 480 THEN 1 ELSE 0 END) AS over_eight,
  SUM(minutes) / 60.0 AS all_hours
FROM per_person
WHERE minutes IS NOT NULL
GROUP BY ROLLUP (instance)
ORDER BY day

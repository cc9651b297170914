WITH per_person AS (
  SELECT instance, courier, SUM(new_minutes) AS minutes FROM duty_period GROUP BY instance, courier
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
GROUP BY ROLLUP (instance)
ORDER BY day

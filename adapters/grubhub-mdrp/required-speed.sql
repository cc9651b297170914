-- 416 m/min is the adapter's own assumption, see `[parameters]` there. Orders whose target leaves no minute to ride have no
-- speed; they count as beyond every limit.
WITH demanded AS (
  SELECT
    instance, distance, meters_per_minute, allowed_minutes - fixed_minutes AS riding_minutes,
    CASE WHEN allowed_minutes > fixed_minutes THEN distance / (allowed_minutes - fixed_minutes) END AS speed
  FROM order_target
)
SELECT
  COALESCE(CAST(instance AS VARCHAR), 'all') AS day,
  COUNT(*) AS n,
  MEDIAN(distance) AS median_distance,
  MEDIAN(speed) AS median_speed,
  AVG(CASE WHEN riding_minutes <= 0 THEN 100.0 ELSE 0.0 END) AS no_time,
  AVG(CASE WHEN riding_minutes <= 0 OR distance > riding_minutes * meters_per_minute THEN 100.0 ELSE 0.0 END) AS over_model,
  AVG(CASE WHEN riding_minutes <= 0 OR distance > riding_minutes * 416 THEN 100.0 ELSE 0.0 END) AS over_lawful
FROM demanded
GROUP BY ROLLUP (instance)
ORDER BY day

SELECT
  COALESCE(CAST(instance AS VARCHAR), 'all') AS day,
  COUNT(*) AS n,
  SUM(CASE WHEN off_time - on_time > 240 THEN 1 ELSE 0 END) AS over_four,
  AVG(CASE WHEN off_time - on_time > 240 THEN 100.0 ELSE 0.0 END) AS share_over_four
FROM duty_period
GROUP BY ROLLUP (instance)
ORDER BY day

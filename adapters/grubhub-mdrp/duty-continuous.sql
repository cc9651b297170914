SELECT
  COALESCE(CAST(duty.instance AS VARCHAR), 'all') AS day,
  COUNT(*) AS n,
  SUM(CASE WHEN stretch.continuous_minutes > 240 THEN 1 ELSE 0 END) AS over_four,
  AVG(CASE WHEN stretch.continuous_minutes > 240 THEN 100.0 ELSE 0.0 END) AS share_over_four
FROM stretch
JOIN duty ON duty.decision_id = stretch.decision_id
WHERE stretch.continuous_minutes IS NOT NULL
GROUP BY ROLLUP (duty.instance)
ORDER BY day

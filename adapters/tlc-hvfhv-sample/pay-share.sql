SELECT
  COALESCE(provider, 'all') AS company,
  COUNT(pay_share) AS n,
  SUM(pay) / SUM(fare) * 100 AS of_all_fares,
  MEDIAN(pay_share) * 100 AS median_share,
  MIN(pay_share) * 100 AS lowest_share,
  MAX(pay_share) * 100 AS highest_share,
  AVG(CASE WHEN pay_share > 1 THEN 100.0 ELSE 0.0 END) AS above_fare
FROM trip
WHERE pay_share IS NOT NULL
GROUP BY ROLLUP (provider)
ORDER BY company

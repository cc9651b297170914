SELECT
  COALESCE(provider, 'all') AS company,
  COUNT(*) AS n,
  MEDIAN(fare / minutes) AS median_minute,
  MEDIAN(fare / miles) AS median_mile,
  MAX(fare / miles) / MIN(fare / miles) AS spread_mile
FROM trip
WHERE minutes > 0 AND miles > 0 AND fare > 0 AND ride = 'alone'
GROUP BY ROLLUP (provider)
ORDER BY company

SELECT
  COALESCE(provider, 'all') AS company,
  COUNT(*) AS n,
  MEDIAN(pay / minutes) AS median_minute,
  MIN(pay / minutes) AS lowest_minute,
  MEDIAN(pay / miles) AS median_mile,
  MIN(pay / miles) AS lowest_mile
FROM trip
WHERE minutes > 0 AND miles > 0
GROUP BY ROLLUP (provider)
ORDER BY company

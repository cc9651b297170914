SELECT
  list, algorithm_class AS class,
  COUNT(*) AS n,
  COUNT(*) AS filings,
  COUNT(DISTINCT entity_code) AS entities,
  SUM(CASE WHEN cancelled THEN 1 ELSE 0 END) AS cancelled
FROM filing
GROUP BY list, algorithm_class
ORDER BY list DESC, filings DESC

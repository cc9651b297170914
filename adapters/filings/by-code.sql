SELECT type_code, algorithm_class AS class, COUNT(*) AS n, COUNT(*) AS filings
FROM filing
WHERE type_code IS NOT NULL
GROUP BY type_code, algorithm_class
ORDER BY type_code, class

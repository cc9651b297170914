SELECT
  list, number_year, SUBSTR(announced, 1, 4) AS published_year, COUNT(*) AS n, COUNT(*) AS filings
FROM filing
WHERE number_year IS NOT NULL
GROUP BY 1, 2, 3
ORDER BY 1, 2, 3

SELECT announced_month AS "month", list, COUNT(*) AS n, COUNT(*) AS filings, COUNT(DISTINCT entity_code) AS entities
FROM filing
GROUP BY announced_month, list
ORDER BY announced_month, list

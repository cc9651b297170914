SELECT "_file", "_row", 'timestamp' AS "column", CAST(shown_at AS VARCHAR) AS "value"
FROM (
  SELECT "_file", "_row", shown_at, LAG(shown_at) OVER (PARTITION BY "_file" ORDER BY "_row") AS before
  FROM impression
) AS ordered
WHERE shown_at < before

SELECT "_file", "_row", 'recordNumber' AS "column", record_number AS "value"
FROM (
  SELECT "_file", "_row", record_number, ROW_NUMBER() OVER (PARTITION BY record_number ORDER BY "_row") AS place
  FROM filing
  WHERE record_number IS NOT NULL
) AS numbered
WHERE place > 1
ORDER BY "_row"

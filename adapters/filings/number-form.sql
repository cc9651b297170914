SELECT "_file", "_row", 'recordNumber' AS "column", record_number AS "value"
FROM filing
WHERE record_number IS NOT NULL AND digits IS NULL

-- A role is given in the deep-synthesis lists only; a remark only where there is something to remark.
SELECT "_file", "_row", 'algorithmName' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE algorithm_name IS NULL
UNION ALL
SELECT "_file", "_row", 'algorithmClass' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE algorithm_class IS NULL
UNION ALL
SELECT "_file", "_row", 'entityName' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE entity_name IS NULL
UNION ALL
SELECT "_file", "_row", 'product' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE product IS NULL
UNION ALL
SELECT "_file", "_row", 'purpose' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE purpose IS NULL
UNION ALL
SELECT "_file", "_row", 'recordNumber' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE record_number IS NULL
UNION ALL
SELECT "_file", "_row", 'sourceUrl' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE source_url IS NULL
UNION ALL
SELECT "_file", "_row", 'role' AS "column", CAST(NULL AS VARCHAR) AS "value"
FROM filing
WHERE role IS NULL AND list = 'deep synthesis'

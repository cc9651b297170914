SELECT "_file", "_row", 'entityName' AS "column", entity_name AS "value"
FROM filing
WHERE entity_name LIKE '% %' OR entity_name LIKE '%　%' OR entity_name LIKE '%(%' OR entity_name LIKE '%)%'

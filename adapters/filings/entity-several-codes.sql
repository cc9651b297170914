SELECT filing."_file", filing."_row", 'recordNumber' AS "column", filing.entity_name || ' / ' || filing.entity_code AS "value"
FROM filing
JOIN (
  SELECT entity_name FROM filing GROUP BY entity_name HAVING COUNT(DISTINCT entity_code) > 1
) AS several ON filing.entity_name = several.entity_name
ORDER BY filing."_row"

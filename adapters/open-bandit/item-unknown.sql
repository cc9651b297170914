SELECT impression."_file", impression."_row", 'item_id' AS "column", CAST(impression.item_id AS VARCHAR) AS "value"
FROM impression
LEFT JOIN (SELECT DISTINCT campaign, item_id FROM shown) AS listed
  ON impression.campaign = listed.campaign AND impression.item_id = listed.item_id
WHERE listed.item_id IS NULL

SELECT "_file", "_row", 'timestamp' AS "column", CAST(shown_at AS VARCHAR) AS "value"
FROM (
  SELECT "_file", "_row", shown_at, ROW_NUMBER() OVER (
    PARTITION BY "_file", shown_at, item_id, position, user_feature_0, user_feature_1, user_feature_2, user_feature_3
    ORDER BY "_row"
  ) AS place
  FROM impression
) AS numbered
WHERE place > 1

-- Campaign and policy stand only in the file's name.
SELECT
  CASE WHEN "_file" LIKE 'all%' THEN 'all' ELSE 'women' END AS campaign,
  CASE WHEN "_file" LIKE '%random%' THEN 'random' ELSE 'bts' END AS policy,
  "timestamp" AS shown_at,
  item_id, position, click, propensity_score,
  user_feature_0, user_feature_1, user_feature_2, user_feature_3,
  "_file", "_row"
FROM impressions

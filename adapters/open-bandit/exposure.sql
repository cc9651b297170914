-- Whether the item shown is in the most shown tenth of the bandit's own items. The same items count for both policies, so
-- that the random policy is a placebo: its difference between groups is chance. The two most frequent values of the first
-- feature are compared; the third has 220 rows in all.
WITH favoured AS (
  SELECT campaign, item_id FROM shown WHERE policy = 'bts' AND place <= CEIL(items * 0.1)
),
ranked AS (
  SELECT user_feature_0, ROW_NUMBER() OVER (ORDER BY COUNT(*) DESC, user_feature_0) AS size_place
  FROM impression
  WHERE user_feature_0 IS NOT NULL
  GROUP BY user_feature_0
)
SELECT
  impression.campaign, impression.policy,
  CASE ranked.size_place WHEN 1 THEN 'largest' WHEN 2 THEN 'second' ELSE 'other' END AS user_group,
  favoured.item_id IS NOT NULL AS favoured_shown,
  DATE_TRUNC('day', impression.shown_at) AS shown_on,
  impression.position
FROM impression
LEFT JOIN ranked ON impression.user_feature_0 = ranked.user_feature_0
LEFT JOIN favoured ON impression.campaign = favoured.campaign AND impression.item_id = favoured.item_id

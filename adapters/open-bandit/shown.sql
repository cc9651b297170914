-- How often each item of a campaign was shown by each policy, never counts too; `place` 1 is the most shown.
WITH catalogue AS (
  SELECT CASE WHEN "_file" LIKE 'all%' THEN 'all' ELSE 'women' END AS campaign, item_id FROM items
),
listed AS (
  SELECT catalogue.campaign, policies.policy, catalogue.item_id
  FROM catalogue CROSS JOIN (SELECT DISTINCT policy FROM impression) AS policies
),
counted AS (
  SELECT campaign, policy, item_id, COUNT(*) AS times FROM impression GROUP BY campaign, policy, item_id
)
SELECT
  listed.campaign, listed.policy, listed.item_id,
  COALESCE(counted.times, 0) AS times,
  ROW_NUMBER() OVER (
    PARTITION BY listed.campaign, listed.policy ORDER BY COALESCE(counted.times, 0) DESC, listed.item_id
  ) AS place,
  COUNT(*) OVER (PARTITION BY listed.campaign, listed.policy) AS items
FROM listed
LEFT JOIN counted
  ON listed.campaign = counted.campaign AND listed.policy = counted.policy AND listed.item_id = counted.item_id

-- The Gini coefficient by places counted from the least shown; the effective number of items is one over the sum of
-- squared shares.
WITH spread AS (
  SELECT campaign, policy, times, place, items, SUM(times) OVER (PARTITION BY campaign, policy) AS total FROM shown
)
SELECT
  campaign, policy,
  MAX(total) AS n,
  MAX(items) AS items,
  SUM(CASE WHEN times > 0 THEN 1 ELSE 0 END) AS items_shown,
  SUM(CASE WHEN place <= CEIL(items * 0.1) THEN CAST(times AS DOUBLE) ELSE 0 END) / MAX(total) * 100 AS top_tenth,
  1 / SUM(POWER(CAST(times AS DOUBLE) / total, 2)) AS effective_items,
  SUM((2.0 * (items - place + 1) - items - 1) * times) / (MAX(items) * MAX(total)) AS gini
FROM spread
GROUP BY campaign, policy
ORDER BY campaign, policy

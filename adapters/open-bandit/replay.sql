-- Kish's effective sample size of the weights 1/score: how many even rows a replay by these weights is worth.
SELECT
  campaign, policy,
  COUNT(propensity_score) AS n,
  MIN(propensity_score) AS lowest,
  1 / MIN(propensity_score) AS largest_weight,
  POWER(SUM(1 / propensity_score), 2) / SUM(POWER(1 / propensity_score, 2)) AS effective_rows
FROM impression
WHERE propensity_score > 0
GROUP BY campaign, policy
ORDER BY campaign, policy

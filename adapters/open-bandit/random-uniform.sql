WITH sizes AS (
  SELECT campaign, MAX(items) AS items FROM shown GROUP BY campaign
)
SELECT
  impression."_file", impression."_row", 'propensity_score' AS "column",
  CAST(impression.propensity_score AS VARCHAR) AS "value"
FROM impression JOIN sizes ON impression.campaign = sizes.campaign
WHERE impression.policy = 'random' AND ABS(impression.propensity_score * sizes.items - 1) > 0.000001

SELECT "_file", "_row", 'propensity_score' AS "column", CAST(propensity_score AS VARCHAR) AS "value"
FROM impressions
WHERE propensity_score IS NULL OR NOT (propensity_score > 0 AND propensity_score <= 1)

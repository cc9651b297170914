SELECT "_file", "_row", 'race_quantile' AS "column", race_quantile AS "value"
FROM offers
WHERE race_quantile NOT IN ('least white', 'less white', 'more white', 'most white')

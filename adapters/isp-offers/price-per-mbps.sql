SELECT market, income_level, COUNT(*) AS n, MEDIAN(price / speed_down) AS median,
  MAX(price / speed_down) AS highest
FROM offer
WHERE speed_down > 0 AND income_level IN ('Low', 'Upper Income')
GROUP BY market, income_level
ORDER BY market, income_level

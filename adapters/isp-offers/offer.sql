-- One row an offer, with dirty words made one and the confounders cut. A density tertile is of offers within a city and
-- provider; equal densities share a tertile.
SELECT
  offer_id, major_city, provider, block_group, collection_datetime, price, speed_down,
  major_city || ' / ' || provider AS market,
  speed_down < 25 AS slow,
  CASE WHEN LOWER(technology) = 'fiber' THEN 'fiber' WHEN LOWER(technology) = 'not fiber' THEN 'not fiber' END AS technology,
  redlining_grade,
  race_perc_non_white,
  CASE WHEN race_quantile = 'less while' THEN 'less white' ELSE race_quantile END AS race_quantile,
  income_level,
  CASE
    WHEN ppl_per_sq_mile IS NULL THEN NULL
    WHEN density_rank < 1.0 / 3 THEN 'low'
    WHEN density_rank < 2.0 / 3 THEN 'middle'
    ELSE 'high'
  END AS density,
  n_providers AS rivals,
  "_file", "_row"
FROM (
  SELECT *, PERCENT_RANK() OVER (PARTITION BY major_city, provider ORDER BY ppl_per_sq_mile NULLS LAST) AS density_rank
  FROM offers
) AS ranked

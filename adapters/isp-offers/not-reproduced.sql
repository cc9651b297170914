-- Cells of the published table that the inferred rules do not give; none is expected.
WITH paired AS (
  SELECT
    p."_file", p."_row",
    p.pct_slow_lower_income AS published_pct_slow_lower_income, r.pct_slow_lower_income AS recomputed_pct_slow_lower_income,
    p.pct_slow_upper_income AS published_pct_slow_upper_income, r.pct_slow_upper_income AS recomputed_pct_slow_upper_income,
    p.income_pct_pt_diff AS published_income_pct_pt_diff, r.income_pct_pt_diff AS recomputed_income_pct_pt_diff,
    p.pct_slow_least_white AS published_pct_slow_least_white, r.pct_slow_least_white AS recomputed_pct_slow_least_white,
    p.pct_slow_most_white AS published_pct_slow_most_white, r.pct_slow_most_white AS recomputed_pct_slow_most_white,
    p.race_pct_pt_diff AS published_race_pct_pt_diff, r.race_pct_pt_diff AS recomputed_race_pct_pt_diff,
    p.pct_slow_d_rated AS published_pct_slow_d_rated, r.pct_slow_d_rated AS recomputed_pct_slow_d_rated,
    p.pct_slow_ab_rated AS published_pct_slow_ab_rated, r.pct_slow_ab_rated AS recomputed_pct_slow_ab_rated,
    p.redlining_pct_pt_diff AS published_redlining_pct_pt_diff, r.redlining_pct_pt_diff AS recomputed_redlining_pct_pt_diff,
    p.uniform_speed AS published_uniform_speed, r.uniform_speed AS recomputed_uniform_speed,
    p.income_disparity AS published_income_disparity, r.income_disparity AS recomputed_income_disparity,
    p.race_disparity AS published_race_disparity, r.race_disparity AS recomputed_race_disparity,
    p.redlining_disparity AS published_redlining_disparity, r.redlining_disparity AS recomputed_redlining_disparity,
    p.flag_income AS published_flag_income, r.flag_income AS recomputed_flag_income,
    p.flag_race AS published_flag_race, r.flag_race AS recomputed_flag_race,
    p.flag_redlining AS published_flag_redlining, r.flag_redlining AS recomputed_flag_redlining
  FROM published AS p
  LEFT JOIN reproduced AS r ON LOWER(p.major_city) = r.major_city AND p.isp = r.provider
)
SELECT "_file", "_row", 'pct_slow_lower_income' AS "column", CAST(published_pct_slow_lower_income AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_lower_income AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_lower_income IS NULL) <> (recomputed_pct_slow_lower_income IS NULL) OR ABS(published_pct_slow_lower_income - recomputed_pct_slow_lower_income) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'pct_slow_upper_income' AS "column", CAST(published_pct_slow_upper_income AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_upper_income AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_upper_income IS NULL) <> (recomputed_pct_slow_upper_income IS NULL) OR ABS(published_pct_slow_upper_income - recomputed_pct_slow_upper_income) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'income_pct_pt_diff' AS "column", CAST(published_income_pct_pt_diff AS VARCHAR) || ' / ' || CAST(recomputed_income_pct_pt_diff AS VARCHAR) AS "value" FROM paired
WHERE (published_income_pct_pt_diff IS NULL) <> (recomputed_income_pct_pt_diff IS NULL) OR ABS(published_income_pct_pt_diff - recomputed_income_pct_pt_diff) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'pct_slow_least_white' AS "column", CAST(published_pct_slow_least_white AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_least_white AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_least_white IS NULL) <> (recomputed_pct_slow_least_white IS NULL) OR ABS(published_pct_slow_least_white - recomputed_pct_slow_least_white) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'pct_slow_most_white' AS "column", CAST(published_pct_slow_most_white AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_most_white AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_most_white IS NULL) <> (recomputed_pct_slow_most_white IS NULL) OR ABS(published_pct_slow_most_white - recomputed_pct_slow_most_white) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'race_pct_pt_diff' AS "column", CAST(published_race_pct_pt_diff AS VARCHAR) || ' / ' || CAST(recomputed_race_pct_pt_diff AS VARCHAR) AS "value" FROM paired
WHERE (published_race_pct_pt_diff IS NULL) <> (recomputed_race_pct_pt_diff IS NULL) OR ABS(published_race_pct_pt_diff - recomputed_race_pct_pt_diff) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'pct_slow_d_rated' AS "column", CAST(published_pct_slow_d_rated AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_d_rated AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_d_rated IS NULL) <> (recomputed_pct_slow_d_rated IS NULL) OR ABS(published_pct_slow_d_rated - recomputed_pct_slow_d_rated) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'pct_slow_ab_rated' AS "column", CAST(published_pct_slow_ab_rated AS VARCHAR) || ' / ' || CAST(recomputed_pct_slow_ab_rated AS VARCHAR) AS "value" FROM paired
WHERE (published_pct_slow_ab_rated IS NULL) <> (recomputed_pct_slow_ab_rated IS NULL) OR ABS(published_pct_slow_ab_rated - recomputed_pct_slow_ab_rated) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'redlining_pct_pt_diff' AS "column", CAST(published_redlining_pct_pt_diff AS VARCHAR) || ' / ' || CAST(recomputed_redlining_pct_pt_diff AS VARCHAR) AS "value" FROM paired
WHERE (published_redlining_pct_pt_diff IS NULL) <> (recomputed_redlining_pct_pt_diff IS NULL) OR ABS(published_redlining_pct_pt_diff - recomputed_redlining_pct_pt_diff) > 0.00000001
UNION ALL
SELECT "_file", "_row", 'uniform_speed', CAST(published_uniform_speed AS VARCHAR) || ' / ' || CAST(recomputed_uniform_speed AS VARCHAR) FROM paired
WHERE published_uniform_speed IS DISTINCT FROM recomputed_uniform_speed
UNION ALL
SELECT "_file", "_row", 'income_disparity', CAST(published_income_disparity AS VARCHAR) || ' / ' || CAST(recomputed_income_disparity AS VARCHAR) FROM paired
WHERE published_income_disparity IS DISTINCT FROM recomputed_income_disparity
UNION ALL
SELECT "_file", "_row", 'race_disparity', CAST(published_race_disparity AS VARCHAR) || ' / ' || CAST(recomputed_race_disparity AS VARCHAR) FROM paired
WHERE published_race_disparity IS DISTINCT FROM recomputed_race_disparity
UNION ALL
SELECT "_file", "_row", 'redlining_disparity', CAST(published_redlining_disparity AS VARCHAR) || ' / ' || CAST(recomputed_redlining_disparity AS VARCHAR) FROM paired
WHERE published_redlining_disparity IS DISTINCT FROM recomputed_redlining_disparity
UNION ALL
SELECT "_file", "_row", 'flag_income', CAST(published_flag_income AS VARCHAR) || ' / ' || CAST(recomputed_flag_income AS VARCHAR) FROM paired
WHERE published_flag_income IS DISTINCT FROM recomputed_flag_income
UNION ALL
SELECT "_file", "_row", 'flag_race', CAST(published_flag_race AS VARCHAR) || ' / ' || CAST(recomputed_flag_race AS VARCHAR) FROM paired
WHERE published_flag_race IS DISTINCT FROM recomputed_flag_race
UNION ALL
SELECT "_file", "_row", 'flag_redlining', CAST(published_flag_redlining AS VARCHAR) || ' / ' || CAST(recomputed_flag_redlining AS VARCHAR) FROM paired
WHERE published_flag_redlining IS DISTINCT FROM recomputed_flag_redlining

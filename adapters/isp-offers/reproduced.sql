-- The authors' table, recomputed. Inferred rules (docs/measures.md):
--   slow: under 25 Mbps; shares rounded to 4 decimals, differences taken between the rounded shares;
--   uniform speed: at least 95 % of a market's offers fall in one of the four speed bins;
--   no diversity: under 5 % of offers lie in block groups on one side of half non-white;
--   not HOLC graded: no offer has a grade; small bin: D, or A and B together, holds fewer than 500 offers;
--   disparity: a difference of at least 5 percentage points.
WITH markets AS (
  SELECT
    major_city, provider,
    COUNT(*) AS offers,
    AVG(CASE WHEN speed_down < 25 THEN 1.0 ELSE 0.0 END) AS bin_slow,
    AVG(CASE WHEN speed_down >= 25 AND speed_down < 100 THEN 1.0 ELSE 0.0 END) AS bin_medium,
    AVG(CASE WHEN speed_down >= 100 AND speed_down < 200 THEN 1.0 ELSE 0.0 END) AS bin_fast,
    AVG(CASE WHEN speed_down >= 200 THEN 1.0 ELSE 0.0 END) AS bin_blazing,
    AVG(CASE WHEN race_perc_non_white > 0.5 THEN 1.0 ELSE 0.0 END) AS mostly_non_white,
    AVG(CASE WHEN race_perc_non_white <= 0.5 THEN 1.0 ELSE 0.0 END) AS mostly_white,
    COUNT(redlining_grade) AS graded,
    SUM(CASE WHEN redlining_grade = 'D' THEN 1 ELSE 0 END) AS graded_d,
    SUM(CASE WHEN redlining_grade IN ('A', 'B') THEN 1 ELSE 0 END) AS graded_ab,
    ROUND(AVG(CASE WHEN income_level = 'Low' THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS low_income,
    ROUND(AVG(CASE WHEN income_level = 'Upper Income' THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS upper_income,
    ROUND(AVG(CASE WHEN race_quantile = 'least white' THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS least_white,
    ROUND(AVG(CASE WHEN race_quantile = 'most white' THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS most_white,
    ROUND(AVG(CASE WHEN redlining_grade = 'D' THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS d_rated,
    ROUND(AVG(CASE WHEN redlining_grade IN ('A', 'B') THEN CASE WHEN slow THEN 1.0 ELSE 0.0 END END), 4) AS ab_rated
  FROM offer
  GROUP BY major_city, provider
),
flagged AS (
  SELECT
    *,
    GREATEST(bin_slow, bin_medium, bin_fast, bin_blazing) >= 0.95 AS uniform_speed,
    CASE WHEN LEAST(mostly_non_white, mostly_white) < 0.05 THEN 'no diversity' END AS flag_race,
    CASE WHEN graded = 0 THEN 'not HOLC graded' WHEN LEAST(graded_d, graded_ab) < 500 THEN 'small bin' END AS flag_redlining
  FROM markets
)
SELECT
  major_city, provider, offers, uniform_speed,
  low_income AS pct_slow_lower_income,
  upper_income AS pct_slow_upper_income,
  low_income - upper_income AS income_pct_pt_diff,
  low_income - upper_income >= 0.05 AS income_disparity,
  CAST(NULL AS VARCHAR) AS flag_income,
  CASE WHEN flag_race IS NULL THEN least_white END AS pct_slow_least_white,
  CASE WHEN flag_race IS NULL THEN most_white END AS pct_slow_most_white,
  CASE WHEN flag_race IS NULL THEN least_white - most_white END AS race_pct_pt_diff,
  CASE WHEN flag_race IS NULL THEN least_white - most_white >= 0.05 END AS race_disparity,
  flag_race,
  CASE WHEN flag_redlining IS NULL THEN d_rated END AS pct_slow_d_rated,
  CASE WHEN flag_redlining IS NULL THEN ab_rated END AS pct_slow_ab_rated,
  CASE WHEN flag_redlining IS NULL THEN d_rated - ab_rated END AS redlining_pct_pt_diff,
  CASE WHEN flag_redlining IS NULL THEN d_rated - ab_rated >= 0.05 END AS redlining_disparity,
  flag_redlining
FROM flagged

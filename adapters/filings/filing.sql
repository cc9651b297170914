-- One row a filing, with the number taken apart: division (6 digits), entity (7), type (2), year (2), serial (3), check (1).
-- All but the pattern is inferred from the data and not published. `expected_check` is the odd digit congruent modulo 5 to
-- 1 plus the weighted sum of the first 20 digits, weights 4, 2, 1, 3 in turn.
WITH formed AS (
  SELECT
    *,
    CASE
      WHEN record_number LIKE '网信算备%号' AND CHARACTER_LENGTH(record_number) = 26
        AND TRANSLATE(SUBSTR(record_number, 5, 21), '0123456789', '') = ''
      THEN SUBSTR(record_number, 5, 21)
    END AS digits
  FROM records
),
summed AS (
  SELECT
    *,
    (1
    + 4 * CAST(SUBSTR(digits, 1, 1) AS BIGINT) + 2 * CAST(SUBSTR(digits, 2, 1) AS BIGINT)
    + 1 * CAST(SUBSTR(digits, 3, 1) AS BIGINT) + 3 * CAST(SUBSTR(digits, 4, 1) AS BIGINT)
    + 4 * CAST(SUBSTR(digits, 5, 1) AS BIGINT) + 2 * CAST(SUBSTR(digits, 6, 1) AS BIGINT)
    + 1 * CAST(SUBSTR(digits, 7, 1) AS BIGINT) + 3 * CAST(SUBSTR(digits, 8, 1) AS BIGINT)
    + 4 * CAST(SUBSTR(digits, 9, 1) AS BIGINT) + 2 * CAST(SUBSTR(digits, 10, 1) AS BIGINT)
    + 1 * CAST(SUBSTR(digits, 11, 1) AS BIGINT) + 3 * CAST(SUBSTR(digits, 12, 1) AS BIGINT)
    + 4 * CAST(SUBSTR(digits, 13, 1) AS BIGINT) + 2 * CAST(SUBSTR(digits, 14, 1) AS BIGINT)
    + 1 * CAST(SUBSTR(digits, 15, 1) AS BIGINT) + 3 * CAST(SUBSTR(digits, 16, 1) AS BIGINT)
    + 4 * CAST(SUBSTR(digits, 17, 1) AS BIGINT) + 2 * CAST(SUBSTR(digits, 18, 1) AS BIGINT)
    + 1 * CAST(SUBSTR(digits, 19, 1) AS BIGINT) + 3 * CAST(SUBSTR(digits, 20, 1) AS BIGINT)
    ) % 5 AS remainder
  FROM formed
)
SELECT
  CASE WHEN filing_type = '深度合成服务算法备案' THEN 'deep synthesis' ELSE 'general' END AS list,
  batch, announced, SUBSTR(announced, 1, 7) AS announced_month, algorithm_name, algorithm_class, role, entity_name,
  product, purpose, record_number, remark, source_url, digits,
  SUBSTR(digits, 1, 2) AS province_code,
  SUBSTR(digits, 7, 7) AS entity_code,
  SUBSTR(digits, 14, 2) AS type_code,
  '20' || SUBSTR(digits, 16, 2) AS number_year,
  SUBSTR(digits, 21, 1) AS check_digit,
  CASE remainder WHEN 0 THEN '5' WHEN 1 THEN '1' WHEN 2 THEN '7' WHEN 3 THEN '3' WHEN 4 THEN '9' END AS expected_check,
  COALESCE(remark LIKE '%注销%', FALSE) AS cancelled,
  "_file", "_row"
FROM summed

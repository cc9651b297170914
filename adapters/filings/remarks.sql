-- Kinds are told by words in the remark; one remark may speak of several things and counts under the first that fits.
SELECT list, kind, COUNT(*) AS n, COUNT(*) AS filings
FROM (
  SELECT
    list,
    CASE
      WHEN remark LIKE '%注销%' THEN '注销 cancelled'
      WHEN remark LIKE '%主体名称%' THEN '主体名称变更 entity renamed'
      WHEN remark LIKE '%算法名称%' THEN '算法名称变更 algorithm renamed'
      WHEN remark LIKE '%产品%' OR remark LIKE '%应用%' THEN '产品变更 products changed'
      ELSE '其他 other'
    END AS kind
  FROM filing
  WHERE remark IS NOT NULL
) AS told
GROUP BY list, kind
ORDER BY list, filings DESC, kind

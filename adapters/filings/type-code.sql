SELECT "_file", "_row", 'recordNumber' AS "column", algorithm_class || ' / ' || type_code AS "value"
FROM filing
WHERE NOT CASE algorithm_class
  WHEN '生成合成类' THEN type_code = '01'
  WHEN '深度合成-服务提供者' THEN type_code = '01'
  WHEN '深度合成-服务技术支持者' THEN type_code = '01'
  WHEN '个性化推送类' THEN type_code = '02'
  WHEN '排序精选类' THEN type_code = '03'
  WHEN '信息检索类' THEN type_code = '04'
  WHEN '内容过滤类' THEN type_code = '05'
  WHEN '检索过滤类' THEN type_code IN ('04', '05')
  WHEN '调度决策类' THEN type_code = '06'
  ELSE TRUE
END

SELECT "_file", "_row", 'algorithmClass' AS "column", algorithm_class AS "value"
FROM filing
WHERE algorithm_class NOT IN (
  '生成合成类', '个性化推送类', '排序精选类', '检索过滤类', '信息检索类', '内容过滤类', '调度决策类',
  '深度合成-服务提供者', '深度合成-服务技术支持者'
)
OR (list = 'deep synthesis' AND role <> algorithm_class)
OR (list = 'general' AND algorithm_class LIKE '深度合成%')

-- Divisions of GB/T 2260 by the number's first two digits; who carries another code stands apart.
SELECT
  CASE province_code
    WHEN '11' THEN '11 北京 Beijing'
    WHEN '12' THEN '12 天津 Tianjin'
    WHEN '13' THEN '13 河北 Hebei'
    WHEN '14' THEN '14 山西 Shanxi'
    WHEN '15' THEN '15 内蒙古 Inner Mongolia'
    WHEN '21' THEN '21 辽宁 Liaoning'
    WHEN '22' THEN '22 吉林 Jilin'
    WHEN '23' THEN '23 黑龙江 Heilongjiang'
    WHEN '31' THEN '31 上海 Shanghai'
    WHEN '32' THEN '32 江苏 Jiangsu'
    WHEN '33' THEN '33 浙江 Zhejiang'
    WHEN '34' THEN '34 安徽 Anhui'
    WHEN '35' THEN '35 福建 Fujian'
    WHEN '36' THEN '36 江西 Jiangxi'
    WHEN '37' THEN '37 山东 Shandong'
    WHEN '41' THEN '41 河南 Henan'
    WHEN '42' THEN '42 湖北 Hubei'
    WHEN '43' THEN '43 湖南 Hunan'
    WHEN '44' THEN '44 广东 Guangdong'
    WHEN '45' THEN '45 广西 Guangxi'
    WHEN '46' THEN '46 海南 Hainan'
    WHEN '50' THEN '50 重庆 Chongqing'
    WHEN '51' THEN '51 四川 Sichuan'
    WHEN '52' THEN '52 贵州 Guizhou'
    WHEN '53' THEN '53 云南 Yunnan'
    WHEN '54' THEN '54 西藏 Tibet'
    WHEN '61' THEN '61 陕西 Shaanxi'
    WHEN '62' THEN '62 甘肃 Gansu'
    WHEN '63' THEN '63 青海 Qinghai'
    WHEN '64' THEN '64 宁夏 Ningxia'
    WHEN '65' THEN '65 新疆 Xinjiang'
    WHEN '71' THEN '71 台湾 Taiwan'
    WHEN '81' THEN '81 香港 Hong Kong'
    WHEN '82' THEN '82 澳门 Macao'
    ELSE '?'
  END AS division,
  COUNT(*) AS n,
  COUNT(*) AS filings,
  COUNT(DISTINCT entity_code) AS entities,
  SUM(CASE WHEN algorithm_class = '调度决策类' THEN 1 ELSE 0 END) AS dispatch
FROM filing
GROUP BY 1
ORDER BY filings DESC, division

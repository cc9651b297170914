-- The calendar is not asked for the day: `2024-02-31` would pass, `2024-13` would not.
SELECT "_file", "_row", 'announcementDate' AS "column", announced AS "value"
FROM filing
WHERE TRANSLATE(announced, '0123456789', '0000000000') NOT IN ('0000-00', '0000-00-00')
  OR SUBSTR(announced, 6, 2) NOT BETWEEN '01' AND '12'
  OR (CHARACTER_LENGTH(announced) = 10 AND SUBSTR(announced, 9, 2) NOT BETWEEN '01' AND '31')
  OR announced_month < '2022-08'

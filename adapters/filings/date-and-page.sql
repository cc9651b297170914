-- Addresses look like `https://www.cac.gov.cn/2024-01/05/c_….htm`. The general list grows on one page of August 2022, and its
-- rows give no day, so they are not compared.
SELECT "_file", "_row", 'announcementDate' AS "column", announced || ' / ' || source_url AS "value"
FROM filing
WHERE CHARACTER_LENGTH(announced) = 10
  AND SUBSTR(SPLIT_PART(source_url, 'cac.gov.cn/', 2), 1, 10) <> SUBSTR(announced, 1, 7) || '/' || SUBSTR(announced, 9, 2)

SELECT "_file", "_row", 'announcementDate' AS "column", announced || ' / ' || number_year AS "value"
FROM filing
WHERE SUBSTR(announced, 1, 4) < number_year

SELECT "_file", "_row", 'announcementDate' AS "column", announced AS "value"
FROM filing
WHERE CHARACTER_LENGTH(announced) = 7

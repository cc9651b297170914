-- A batch is named like `2024年8月`.
SELECT "_file", "_row", 'batch' AS "column", batch || ' / ' || announced AS "value"
FROM filing
WHERE SUBSTR(batch, 1, 4) || '-' || LPAD(REPLACE(SUBSTR(batch, 6), '月', ''), 2, '0') <> announced_month

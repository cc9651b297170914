SELECT "_file", "_row", 'recordNumber' AS "column", record_number || ' (' || expected_check || ')' AS "value"
FROM filing
WHERE check_digit <> expected_check

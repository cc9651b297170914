SELECT decision_id, minutes + CAST($more_minutes AS BIGINT) AS held FROM moments

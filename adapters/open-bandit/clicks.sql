SELECT campaign, policy, click, position FROM impression

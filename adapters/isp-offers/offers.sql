SELECT market, block_group, slow, income_level, race_quantile, redlining_grade, density, rivals, technology FROM offer

SELECT id AS decision_id, at, 'price' AS action, fen AS "context.priceFen", usual_fen AS "context.referencePriceFen",
  personalised AS "context.personalised", off AS "resource.profilingOff", consents AS "resource.consents",
  'sale' AS "context.purpose", 'distance' AS "context.factorsUsed", 'distance|hour' AS "principal.declaredFactors",
  FALSE AS "context.justifiedDifference", FALSE AS "context.necessaryForContract", "_file", "_row"
FROM prices

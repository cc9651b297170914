-- An address look-up answered with a plan: a price was set for a place. No person, no account, no choice is recorded, and
-- the price is not in fen; only that service was not refused can be read off the row.
SELECT
  provider || '-' || CAST(offer_id AS VARCHAR) AS decision_id,
  collection_datetime AS at,
  'price' AS action,
  provider AS algorithm,
  FALSE AS "context.serviceRefused",
  "_file", "_row"
FROM offers

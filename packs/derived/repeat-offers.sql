-- Earlier is strictly earlier: offers of one instant are not repeats of each other. The vocabulary has no such fact, and no
-- provision names one; this is for measures.
--
-- Missing values. Where one offer of a pair of person and order has no time, the pair has no numbers; where an earlier one does not
-- say whether it was refused, there is no number of refusals from there on. An offer of nobody knows what or to whom could be a
-- repeat of any: then nobody has numbers.
WITH counted AS (
  SELECT
    offer_id, offered_at,
    COUNT(*) OVER earlier AS offers,
    COUNT(refused) OVER earlier AS answered,
    COUNT(CASE WHEN refused THEN 1 END) OVER earlier AS refusals,
    COUNT(*) OVER whole - COUNT(offered_at) OVER whole AS untimed
  FROM offers
  WINDOW
    earlier AS (
      PARTITION BY person, order_id ORDER BY offered_at RANGE BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ),
    whole AS (PARTITION BY person, order_id)
),
nobody AS (
  SELECT COUNT(*) AS offers FROM offers WHERE person IS NULL OR order_id IS NULL
)
SELECT
  offer_id,
  CASE WHEN nobody.offers = 0 AND untimed = 0 THEN counted.offers END AS earlier_offers,
  CASE WHEN nobody.offers = 0 AND untimed = 0 AND answered = counted.offers THEN refusals END AS earlier_refusals
FROM nobody CROSS JOIN counted

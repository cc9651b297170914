-- Work before the end of a period less work before its beginning, both from one sort of orders and periods by person and time;
-- the two ends of a payment meet again by its identifier. Orders are cut at the period, overlapping ones count once.
--
-- Missing times. An order without end may run on for ever, one without beginning may have begun at any time: there is no answer
-- where that adds something to the known orders of the period. An order with neither time, or that ends before it begins, could lie
-- anywhere: the person has no answer. An order of nobody knows whom: nobody has one. A person of whom there is no order has none
-- either, since nobody said that the orders cover them; nor has a payment whose identifier stands twice.
--
-- Rounding: minutes down, so that pay found too low for them is too low for the time itself. Pay an hour is worked out
-- from milliseconds and rounded down; it is below a whole number of fen exactly where the pay is.
WITH events AS (
  SELECT
    person,
    COALESCE(accepted_at, finished_at) AS at,
    2 AS kind,
    CASE WHEN finished_at > accepted_at THEN accepted_at END AS began,
    CASE WHEN finished_at > accepted_at THEN finished_at END AS ended,
    CASE WHEN finished_at IS NULL THEN accepted_at END AS open_from,
    CASE WHEN accepted_at IS NULL THEN finished_at END AS open_until,
    CASE WHEN finished_at < accepted_at OR (finished_at IS NULL AND accepted_at IS NULL) THEN 1 ELSE 0 END AS anywhere,
    CAST(NULL AS VARCHAR) AS payment_id,
    CAST(NULL AS BIGINT) AS pay_fen
  FROM orders
  UNION ALL
  SELECT
    person, from_at AS at, 0 AS kind,
    CAST(NULL AS BIGINT) AS began, CAST(NULL AS BIGINT) AS ended,
    CAST(NULL AS BIGINT) AS open_from, CAST(NULL AS BIGINT) AS open_until,
    0 AS anywhere, payment_id, CAST(NULL AS BIGINT) AS pay_fen
  FROM payments
  UNION ALL
  SELECT
    person, until_at AS at, 1 AS kind,
    CAST(NULL AS BIGINT) AS began, CAST(NULL AS BIGINT) AS ended,
    CAST(NULL AS BIGINT) AS open_from, CAST(NULL AS BIGINT) AS open_until,
    0 AS anywhere, payment_id, pay_fen
  FROM payments
),
covered AS (
  SELECT
    *,
    MAX(ended) OVER (
      PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
  FROM events
),
added AS (
  SELECT
    *,
    COALESCE(GREATEST(ended - GREATEST(began, COALESCE(covered_until, began)), 0), 0) AS added,
    CASE WHEN covered_until IS NULL OR began > covered_until THEN began END AS stretch_start
  FROM covered
),
summed AS (
  SELECT
    *,
    -- Of the orders so far; on a row that is no order with both its times, this is the work before `at`.
    SUM(added) OVER so_far - GREATEST(COALESCE(covered_until - at, 0), 0) AS worked,
    MAX(stretch_start) OVER so_far AS stretch_from,
    MIN(open_from) OVER so_far AS first_open
  FROM added
  WINDOW so_far AS (PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW)
),
running AS (
  SELECT
    payment_id, person, at, kind, pay_fen, covered_until, worked, stretch_from, first_open,
    MAX(CASE WHEN open_until IS NOT NULL THEN worked END) OVER so_far AS worked_at_open,
    MAX(open_until) OVER whole AS open_until,
    CASE WHEN MAX(kind) OVER whole < 2 THEN 1 ELSE MAX(anywhere) OVER whole END AS unknown
  FROM summed
  WINDOW
    so_far AS (PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    whole AS (PARTITION BY person)
),
periods AS (
  SELECT
    payment_id,
    COUNT(*) AS ends,
    COUNT(person) AS persons,
    MAX(unknown) AS unknown,
    MAX(CASE WHEN kind = 0 THEN at END) AS from_at,
    MAX(CASE WHEN kind = 0 THEN worked END) AS worked_before,
    MAX(CASE WHEN kind = 1 THEN at END) AS until_at,
    MAX(CASE WHEN kind = 1 THEN worked END) AS worked_by_end,
    MAX(pay_fen) AS pay_fen,
    MAX(CASE WHEN kind = 1 THEN covered_until END) AS covered_until,
    MAX(CASE WHEN kind = 1 THEN stretch_from END) AS stretch_from,
    MAX(CASE WHEN kind = 1 THEN first_open END) AS first_open,
    MAX(CASE WHEN kind = 1 THEN worked_at_open END) AS worked_at_open,
    MAX(open_until) AS open_until
  FROM running
  WHERE kind < 2
  GROUP BY payment_id
),
nobody AS (
  SELECT COUNT(*) AS orders FROM orders WHERE person IS NULL
),
measured AS (
  SELECT
    payment_id, pay_fen,
    CASE
      WHEN nobody.orders > 0 OR ends <> 2 OR persons <> 2 OR unknown = 1 THEN NULL
      WHEN from_at IS NULL OR until_at IS NULL OR until_at < from_at THEN NULL
      WHEN until_at = from_at THEN 0
      WHEN first_open IS NOT NULL
        AND NOT COALESCE(stretch_from <= GREATEST(first_open, from_at) AND covered_until >= until_at, FALSE) THEN NULL
      WHEN open_until >= until_at AND worked_by_end - worked_before < until_at - from_at THEN NULL
      WHEN open_until < until_at AND open_until > from_at
        AND worked_at_open - worked_before < open_until - from_at THEN NULL
      ELSE worked_by_end - worked_before
    END AS worked
  FROM nobody CROSS JOIN periods
)
SELECT
  payment_id,
  worked / 60000 AS worked_minutes,
  -- Pay beyond ten thousand million yuan is a slip, and would not fit below.
  CASE
    WHEN worked > 0 AND pay_fen BETWEEN 0 AND 1000000000000 THEN pay_fen * 3600000 / worked
  END AS pay_fen_per_hour
FROM measured

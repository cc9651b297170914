-- Work before a decision less work before its midnight (UTC+8; China has had no other time since 1991): nothing is cut, so an order
-- may last over several nights. Work before an instant is what each order adds to those accepted earlier, summed up, less what
-- still lies ahead; it runs along one sort of orders, decisions and midnights by person and time.
--
-- Missing times. An order without end may run on for ever, one without beginning may have begun at any time: the answer is missing
-- where that adds something to the known orders of the day up to the decision. An order with neither time, or that ends before it
-- begins, could lie anywhere: the person has no answer. An order of nobody knows whom: nobody has one. A person of whom there
-- is no order has none either, since nobody said that the orders cover them.
--
-- Rounding up: limits are whole minutes that must not be exceeded, and a begun minute exceeds `n` where the time does.
WITH asked AS (
  SELECT decision_id, person, at, at - (at + 28800000) % 86400000 AS midnight FROM moments
),
events AS (
  SELECT
    person,
    COALESCE(accepted_at, finished_at) AS at,
    2 AS kind,
    CASE WHEN finished_at > accepted_at THEN accepted_at END AS began,
    CASE WHEN finished_at > accepted_at THEN finished_at END AS ended,
    CASE WHEN finished_at IS NULL THEN accepted_at END AS open_from,
    CASE WHEN accepted_at IS NULL THEN finished_at END AS open_until,
    CASE WHEN finished_at < accepted_at OR (finished_at IS NULL AND accepted_at IS NULL) THEN 1 ELSE 0 END AS anywhere,
    CAST(NULL AS VARCHAR) AS decision_id,
    CAST(NULL AS BIGINT) AS midnight
  FROM orders
  UNION ALL
  SELECT
    person, at, 1 AS kind,
    CAST(NULL AS BIGINT) AS began, CAST(NULL AS BIGINT) AS ended,
    CAST(NULL AS BIGINT) AS open_from, CAST(NULL AS BIGINT) AS open_until,
    0 AS anywhere, decision_id, midnight
  FROM asked
  UNION ALL
  SELECT
    person, midnight AS at, 0 AS kind,
    CAST(NULL AS BIGINT) AS began, CAST(NULL AS BIGINT) AS ended,
    CAST(NULL AS BIGINT) AS open_from, CAST(NULL AS BIGINT) AS open_until,
    0 AS anywhere, CAST(NULL AS VARCHAR) AS decision_id, midnight
  FROM asked
  GROUP BY person, midnight
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
    decision_id, person, at, kind, midnight, covered_until, worked, stretch_from, first_open,
    -- Work never shrinks, so the latest of these is the greatest.
    MAX(CASE WHEN kind = 0 THEN worked END) OVER so_far AS worked_at_midnight,
    MAX(CASE WHEN open_until IS NOT NULL THEN worked END) OVER so_far AS worked_at_open,
    MAX(open_until) OVER whole AS open_until,
    MAX(anywhere) OVER whole AS anywhere,
    MAX(kind) OVER whole AS last_kind
  FROM summed
  WINDOW
    so_far AS (PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    whole AS (PARTITION BY person)
),
nobody AS (
  SELECT COUNT(*) AS orders FROM orders WHERE person IS NULL
),
measured AS (
  SELECT
    decision_id,
    CASE
      WHEN nobody.orders > 0 OR person IS NULL OR at IS NULL OR last_kind < 2 OR anywhere = 1 THEN NULL
      WHEN at = midnight THEN 0
      -- Known orders go on from the first open one, or from midnight, up to the decision: what is open adds nothing.
      WHEN first_open IS NOT NULL
        AND NOT COALESCE(stretch_from <= GREATEST(first_open, midnight) AND covered_until >= at, FALSE) THEN NULL
      WHEN open_until >= at AND worked - worked_at_midnight < at - midnight THEN NULL
      WHEN open_until < at AND open_until > midnight
        AND worked_at_open - worked_at_midnight < open_until - midnight THEN NULL
      ELSE worked - worked_at_midnight
    END AS daily
  FROM nobody CROSS JOIN running
  WHERE kind = 1
)
SELECT decision_id, (daily + 59999) / 60000 AS daily_minutes
FROM measured

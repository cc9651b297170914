-- Gaps and islands, as of each decision: orders and decisions of a person in one sequence by time, one sort, running windows.
-- A stretch is a union of orders [accepted_at, finished_at). It begins with an order that is accepted after a gap behind
-- everything accepted earlier. What is accepted earlier is known at the decision, so a running maximum is as-of by itself; an
-- order still running counts up to the decision. An order without length is no work.
--
-- Missing times. With `open_from` (an order without end) the answer is missing from that acceptance on, except where known orders
-- hide it; with `open_until` (an order without beginning) it is missing until a gap is behind it. An order with neither time, or
-- that ends before it begins, could lie anywhere: the person has no answer. An order of nobody knows whom: nobody has one.
-- A person of whom there is no order has none either, since nobody said that the orders cover them.
--
-- Rounding up: limits are whole minutes that must not be exceeded, and a begun minute exceeds `n` where the time does.
WITH events AS (
  SELECT
    person,
    COALESCE(accepted_at, finished_at) AS at,
    -- Decisions first: what is accepted in the same instant does not count.
    1 AS kind,
    CASE WHEN finished_at > accepted_at THEN accepted_at END AS began,
    CASE WHEN finished_at > accepted_at THEN finished_at END AS ended,
    CASE WHEN finished_at IS NULL THEN accepted_at END AS open_from,
    CASE WHEN accepted_at IS NULL THEN finished_at END AS open_until,
    CASE WHEN finished_at < accepted_at OR (finished_at IS NULL AND accepted_at IS NULL) THEN 1 ELSE 0 END AS anywhere,
    CAST(NULL AS VARCHAR) AS decision_id
  FROM orders
  UNION ALL
  SELECT
    person, at, 0 AS kind,
    CAST(NULL AS BIGINT) AS began, CAST(NULL AS BIGINT) AS ended,
    CAST(NULL AS BIGINT) AS open_from, CAST(NULL AS BIGINT) AS open_until,
    0 AS anywhere, decision_id
  FROM moments
),
covered AS (
  SELECT
    *,
    MAX(ended) OVER (
      PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND 1 PRECEDING
    ) AS covered_until
  FROM events
),
starts AS (
  SELECT
    *,
    CASE
      WHEN covered_until IS NULL
        OR (began > covered_until AND began - covered_until >= CAST($pause_minutes AS BIGINT) * 60000) THEN began
    END AS stretch_start,
    CASE
      WHEN covered_until IS NULL
        OR (began > covered_until AND began - covered_until >= CAST($rest_minutes AS BIGINT) * 60000) THEN began
    END AS work_start
  FROM covered
),
running AS (
  SELECT
    decision_id, person, at, kind, covered_until,
    MAX(stretch_start) OVER so_far AS stretch_from,
    MAX(work_start) OVER so_far AS work_from,
    MIN(open_from) OVER so_far AS open_from,
    MAX(open_until) OVER whole AS open_until,
    MAX(anywhere) OVER whole AS anywhere,
    MAX(kind) OVER whole AS has_orders
  FROM starts
  WINDOW
    so_far AS (PARTITION BY person ORDER BY at, kind ROWS BETWEEN UNBOUNDED PRECEDING AND CURRENT ROW),
    whole AS (PARTITION BY person)
),
judged AS (
  SELECT
    decision_id, at, covered_until, stretch_from, work_from, open_from, open_until,
    CAST($pause_minutes AS BIGINT) * 60000 AS pause,
    CAST($rest_minutes AS BIGINT) * 60000 AS rest,
    -- How long after its end the latest known order stays in what was one stretch.
    at - covered_until AS idle,
    at - open_until AS idle_open,
    person IS NULL OR at IS NULL OR has_orders = 0 OR anywhere = 1 AS unknown
  FROM running
  WHERE kind = 0
),
nobody AS (
  SELECT COUNT(*) AS orders FROM orders WHERE person IS NULL
),
measured AS (
  SELECT
    decision_id,
    CASE
      WHEN unknown OR nobody.orders > 0 THEN NULL
      WHEN open_from IS NOT NULL AND NOT COALESCE(stretch_from <= open_from AND idle <= 0, FALSE) THEN NULL
      WHEN COALESCE(idle > 0 AND idle >= GREATEST(pause, rest), TRUE)
        AND COALESCE(idle_open > 0 AND idle_open >= GREATEST(pause, rest), TRUE) THEN 0
      WHEN open_until IS NOT NULL
        AND NOT COALESCE(stretch_from > open_until AND stretch_from - open_until >= pause, FALSE) THEN NULL
      ELSE LEAST(at, covered_until) - stretch_from
    END AS continuous,
    CASE
      WHEN unknown OR nobody.orders > 0 THEN NULL
      WHEN open_from IS NOT NULL
        AND NOT COALESCE(work_from <= open_from AND (idle <= 0 OR idle < rest), FALSE) THEN NULL
      WHEN COALESCE(idle > 0 AND idle >= rest, TRUE) AND COALESCE(idle_open > 0 AND idle_open >= rest, TRUE) THEN 0
      WHEN open_until IS NOT NULL
        AND NOT COALESCE(work_from > open_until AND work_from - open_until >= rest, FALSE) THEN NULL
      ELSE at - work_from
    END AS since_rest
  FROM nobody CROSS JOIN judged
)
SELECT
  decision_id,
  (continuous + 59999) / 60000 AS continuous_minutes,
  (since_rest + 59999) / 60000 AS minutes_since_rest
FROM measured

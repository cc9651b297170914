-- Two kinds of decisions, both illustrations:
--   a duty period is judged as if an order were sent at its last minute (`dispatch`): the rules on hours hang on that act;
--   an order's delivery target is a time limit set for whoever rides (`promise`). Nobody is assigned, so it has no person.
-- `at` assumes 6 March 2024 (see duty.sql); the source withholds the date.
-- Left missing because nobody recorded it: work relation, vehicle, breaks, fatigue prompts, open orders, pay, hearing of
-- workers. Time on duty is not time delivering, so continuousMinutes stays missing too.
SELECT
  duty.decision_id,
  duty.finished_at AS at,
  'dispatch' AS action,
  'grubhub' AS algorithm,
  duty.person,
  'food-delivery' AS "context.sector",
  daily.daily_minutes AS "context.dailyMinutes",
  CAST(NULL AS BIGINT) AS "context.promisedMinutes",
  CAST(NULL AS BIGINT) AS "context.fixedMinutes",
  CAST(NULL AS BIGINT) AS "context.distanceMetres",
  duty."_file", duty."_row"
FROM daily
RIGHT JOIN duty ON duty.decision_id = daily.decision_id
UNION ALL
SELECT
  'order-' || CAST(instance AS VARCHAR) || '-' || "order" AS decision_id,
  1709654400000 + placement_time * 60000 AS at,
  'promise' AS action,
  'grubhub' AS algorithm,
  CAST(NULL AS VARCHAR) AS person,
  'food-delivery' AS "context.sector",
  CAST(NULL AS BIGINT) AS "context.dailyMinutes",
  CAST(allowed_minutes AS BIGINT) AS "context.promisedMinutes",
  CAST(fixed_minutes AS BIGINT) AS "context.fixedMinutes",
  CAST(ROUND(distance) AS BIGINT) AS "context.distanceMetres",
  "_file", "_row"
FROM order_target
-- Two inputs have no order of their own, and equal runs must give equal bytes.
ORDER BY "_file", "_row"

-- Duty periods as the packs' derived facts read work: 6 March 2024 is assumed, counted from midnight in Beijing (1709654400000 ms).
-- Each is asked about at its last millisecond, so that one that ends at midnight still belongs to its own day.
SELECT
  'duty-' || CAST(instance AS VARCHAR) || '-' || courier || '-' || CAST("_row" AS VARCHAR) AS decision_id,
  CAST(instance AS VARCHAR) || '-' || courier AS person,
  1709654400000 + on_time * 60000 AS accepted_at,
  1709654400000 + off_time * 60000 AS finished_at,
  1709654400000 + off_time * 60000 - 1 AS at,
  instance, courier, on_time, off_time, "_file", "_row"
FROM couriers

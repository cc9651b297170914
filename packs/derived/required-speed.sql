-- Metres over the minutes that the limit leaves for riding. The rules ask the same without a division (`distanceMetres <=
-- (promisedMinutes - fixedMinutes) * speed`), so no fact of the vocabulary comes of it: this is for measures. Rounded up: a
-- speed is above a whole number of metres a minute exactly where the rule finds the limit too tight. Negative numbers are
-- slips and count as missing; larger ones than a ride can have would not fit.
WITH asked AS (
  SELECT
    decision_id,
    CASE WHEN distance_metres BETWEEN 0 AND 1000000000 THEN distance_metres END AS metres,
    CASE
      WHEN promised_minutes BETWEEN 0 AND 1000000000 AND fixed_minutes BETWEEN 0 AND 1000000000
        THEN promised_minutes - fixed_minutes
    END AS minutes
  FROM promises
)
SELECT
  decision_id,
  minutes AS riding_minutes,
  CASE
    WHEN metres = 0 AND minutes >= 0 THEN 0
    WHEN minutes > 0 THEN (metres + minutes - 1) / minutes
  END AS required_metres_per_minute,
  -- A limit below the fixed time is out of reach over no distance too.
  minutes < 0 OR (minutes = 0 AND metres > 0) AS out_of_reach
FROM asked

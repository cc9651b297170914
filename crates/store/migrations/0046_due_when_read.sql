-- A clock that nothing moved keeps no due date: its date is worked out from where it began when somebody asks, so nothing is
-- written when limits or the calendar change. `due` is that of clocks that were moved, and 9223372036854775807 for all others and
-- where there is no date. Clocks from before 0044 did not say where they began; until they are counted again, at the next start,
-- they stand by their dates and by when their cases came in.

DROP INDEX case_clocks_queue;
DROP INDEX case_clocks_kind;
DROP INDEX case_clocks_stage;
DROP INDEX case_clocks_since;
UPDATE case_clocks SET since = (SELECT opened_at FROM cases WHERE cases.id = case_clocks.case_id) WHERE since IS NULL;
UPDATE case_clocks SET due = 9223372036854775807 WHERE moved = 0;
-- Who reads the queue has stages, and one of them after the other; the desk's clock those that were not escalated.
CREATE INDEX case_clocks_begun ON case_clocks (stage, since, case_id) WHERE moved = 0;
CREATE INDEX case_clocks_begun_kind ON case_clocks (kind, stage, since, case_id) WHERE moved = 0;
CREATE INDEX case_clocks_begun_anew ON case_clocks (stage, since, case_id) WHERE moved = 0 AND escalated = 0;
-- Few clocks are moved; kinds and what was escalated are told apart in the index.
CREATE INDEX case_clocks_moved_due ON case_clocks (stage, due, since, case_id, kind, escalated) WHERE moved = 1;

-- What cases that are not closed are queued by, apart from all that they hold: when due dates are counted again, only this is
-- written. `since` is where the clock began; `moved` says that a pause or an extension moved it, so that its end is counted for
-- this case alone. Until the first such count that is said of every case from before. `escalated`: this stage was, once.

CREATE TABLE case_clocks (
    case_id TEXT PRIMARY KEY,
    kind TEXT NOT NULL,
    stage TEXT NOT NULL,
    waits BIGINT NOT NULL,
    due BIGINT NOT NULL,
    since BIGINT,
    moved BIGINT NOT NULL,
    escalated BIGINT NOT NULL,
    events BIGINT NOT NULL
);
INSERT INTO case_clocks (case_id, kind, stage, waits, due, since, moved, escalated, events)
    SELECT id, kind, stage, waits, due, NULL, 1, 0, events FROM cases WHERE stage <> 'closed';
DROP INDEX cases_queue;
DROP INDEX cases_queue_of_kind;
DROP INDEX cases_stage;
ALTER TABLE cases DROP COLUMN due;
ALTER TABLE cases DROP COLUMN waits;
CREATE INDEX case_clocks_queue ON case_clocks (due, case_id) WHERE waits = 1;
CREATE INDEX case_clocks_kind ON case_clocks (kind, due, case_id) WHERE waits = 1;
CREATE INDEX case_clocks_stage ON case_clocks (stage, due, case_id);
CREATE INDEX case_clocks_since ON case_clocks (stage, since) WHERE moved = 0;
CREATE INDEX case_clocks_moved ON case_clocks (case_id) WHERE moved = 1;
-- Figures of all cases come out of this alone.
CREATE INDEX cases_counts ON cases (kind, stage, outcome, article, changed, seconds);

-- Which answer each contest is about, so that those that cite an article are found by it, and those that nobody looked at yet by
-- themselves. `state` 2: the answer is not known yet; 1: it is, and may not have been read; 0: read, or the decision was not judged.

CREATE TABLE contests (
    case_id TEXT PRIMARY KEY,
    decision TEXT NOT NULL,
    answer BYTEA,
    state BIGINT NOT NULL
);
INSERT INTO contests (case_id, decision, answer, state)
    SELECT id, decision, NULL, 2 FROM cases WHERE kind = 'contest' AND decision IS NOT NULL;
CREATE INDEX contests_answer ON contests (answer);
CREATE INDEX contests_state ON contests (state);
CREATE INDEX answer_subjects_subject ON answer_subjects (subject, answer);

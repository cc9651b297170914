-- Requests of persons and mandates, as the journal's entries make them: what they are found and counted by, and all of it.
-- `due` is the greatest number where nobody published a limit, so that those come last. Instants are milliseconds since 1970.

CREATE TABLE cases (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    stage TEXT NOT NULL,
    waits BIGINT NOT NULL,
    due BIGINT NOT NULL,
    opened_at BIGINT NOT NULL,
    filing TEXT,
    decision TEXT,
    suspends BIGINT NOT NULL,
    outcome TEXT,
    article TEXT,
    changed BIGINT,
    seconds BIGINT,
    events BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX cases_queue ON cases (due, id) WHERE waits = 1;
CREATE INDEX cases_queue_of_kind ON cases (kind, due, id) WHERE waits = 1;
CREATE INDEX cases_stage ON cases (stage, due, id);
CREATE INDEX cases_person ON cases (person, opened_at, id);
CREATE INDEX cases_filing ON cases (filing, id) WHERE filing IS NOT NULL;
CREATE INDEX cases_suspending ON cases (decision) WHERE suspends = 1;

CREATE TABLE mandates (
    id TEXT PRIMARY KEY,
    person TEXT NOT NULL,
    representative TEXT NOT NULL,
    state TEXT NOT NULL,
    events BIGINT NOT NULL,
    body TEXT NOT NULL
);
CREATE INDEX mandates_person ON mandates (person, representative);
CREATE INDEX mandates_representative ON mandates (representative, id);

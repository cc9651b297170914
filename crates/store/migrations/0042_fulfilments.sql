-- What systems have to do for requests that were granted, as the cases say: only what tasks are found by. `id` is the case's name
-- and the system's with a full stop between them.

CREATE TABLE fulfilments (
    id TEXT PRIMARY KEY,
    case_id TEXT NOT NULL,
    person TEXT NOT NULL,
    kind TEXT NOT NULL,
    system TEXT NOT NULL,
    way TEXT NOT NULL,
    state TEXT NOT NULL,
    since BIGINT NOT NULL,
    events BIGINT NOT NULL
);
CREATE INDEX fulfilments_state ON fulfilments (state, id);
CREATE INDEX fulfilments_system ON fulfilments (system, state, id);
CREATE INDEX fulfilments_person ON fulfilments (person);

-- Everything beside the ledger. The same statements run on SQLite and on PostgreSQL: BIGINT is a whole number of 64 bits,
-- BYTEA is bytes (SQLite keeps them as they are), instants are milliseconds since 1970.

-- Numbers that are given out in order: a transaction that takes one holds the row until it ends, so numbers become visible
-- in their order.
CREATE TABLE counters (
    name TEXT PRIMARY KEY,
    value BIGINT NOT NULL
);
INSERT INTO counters (name, value) VALUES ('journal', 0);

-- Things under a name that can be changed.
CREATE TABLE documents (
    collection TEXT NOT NULL,
    id TEXT NOT NULL,
    version BIGINT NOT NULL,
    body TEXT NOT NULL,
    alias TEXT,
    expires BIGINT,
    PRIMARY KEY (collection, id)
);
CREATE UNIQUE INDEX documents_alias ON documents (collection, alias);
CREATE INDEX documents_expires ON documents (collection, expires);

-- What happened beside decisions, in one order; without a leaf it is in no ledger yet.
CREATE TABLE journal (
    seq BIGINT PRIMARY KEY,
    node TEXT NOT NULL,
    kind TEXT NOT NULL,
    id TEXT NOT NULL UNIQUE,
    person TEXT,
    subject TEXT,
    actor TEXT NOT NULL,
    at BIGINT NOT NULL,
    body TEXT NOT NULL,
    leaf BIGINT
);
CREATE INDEX journal_unlogged ON journal (node, seq) WHERE leaf IS NULL;
CREATE INDEX journal_leaf ON journal (node, leaf);
CREATE INDEX journal_person ON journal (person, seq);
CREATE INDEX journal_subject ON journal (kind, subject, seq);

-- Processes that check decisions, and how far each follows the journal.
CREATE TABLE leases (
    node TEXT PRIMARY KEY,
    applied BIGINT NOT NULL,
    until BIGINT NOT NULL
);

-- Where the ledgers have decisions; without a leaf it is claimed and not logged yet.
CREATE TABLE decisions (
    id TEXT PRIMARY KEY,
    digest BYTEA NOT NULL,
    node TEXT NOT NULL,
    leaf BIGINT,
    person TEXT,
    at BIGINT NOT NULL,
    action TEXT NOT NULL,
    effect TEXT
);
CREATE INDEX decisions_person ON decisions (person, at, id);
CREATE INDEX decisions_claimed ON decisions (node) WHERE leaf IS NULL;

-- How much of a node's ledger was read into decisions.
CREATE TABLE watermarks (
    node TEXT PRIMARY KEY,
    leaf BIGINT NOT NULL
);

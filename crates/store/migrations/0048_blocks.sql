-- Decisions about a person, and the newest of all, are found block by block: those that follow each other in a ledger stand together.
-- In an index by person alone, or by an instant that does not rise, each new decision changes a page of its own, which costs several
-- times what all the rest of its line does.
DROP INDEX decisions_person;
DROP INDEX decisions_at;
CREATE INDEX decisions_person ON decisions ((leaf / 16384), person, at, id);
CREATE INDEX decisions_at ON decisions ((leaf / 16384), at, id);

-- The blocks there are, of all ledgers together, and which instants their decisions lie between.
CREATE TABLE decision_blocks (
    block BIGINT PRIMARY KEY,
    oldest BIGINT NOT NULL,
    newest BIGINT NOT NULL
);
INSERT INTO decision_blocks (block, oldest, newest)
    SELECT leaf / 16384, MIN(at), MAX(at) FROM decisions WHERE leaf IS NOT NULL GROUP BY leaf / 16384;

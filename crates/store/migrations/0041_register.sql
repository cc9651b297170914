-- What the register is counted and searched by. The register itself is documents and journal entries.

-- By which version something was decided; nothing for lines from before this was kept.
ALTER TABLE decisions ADD COLUMN algorithm TEXT;

-- How many decisions each version made. Counted as lines are added, so that nobody has to count them.
CREATE TABLE algorithm_decisions (
    algorithm TEXT PRIMARY KEY,
    decisions BIGINT NOT NULL
);
CREATE INDEX cases_contests ON cases (decision) WHERE kind = 'contest';

-- The published filing lists.
CREATE TABLE published_filings (
    id TEXT PRIMARY KEY,
    class TEXT NOT NULL,
    province TEXT NOT NULL,
    haystack TEXT NOT NULL,
    body TEXT NOT NULL
);

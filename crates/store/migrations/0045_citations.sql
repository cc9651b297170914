-- The digest of each decision's answer; nothing for decisions that were not judged, and for lines from before this was kept.
ALTER TABLE decisions ADD COLUMN answer BYTEA;

-- What answers of contested decisions say of the articles and rules that speak, read when somebody first asks; a row without a
-- subject says that the answer was read.
CREATE TABLE answer_subjects (
    answer BYTEA NOT NULL,
    subject TEXT NOT NULL,
    outcome TEXT NOT NULL,
    PRIMARY KEY (answer, subject)
);

-- How many decisions of a month came out how under an article or a rule. Counted as lines are added, so that nobody has to count them.
CREATE TABLE subject_decisions (
    subject TEXT NOT NULL,
    month TEXT NOT NULL,
    outcome TEXT NOT NULL,
    decisions BIGINT NOT NULL,
    PRIMARY KEY (subject, month, outcome)
);

-- The newest decisions of all are looked through: for the gate's figures, and when a draft is held against past ones.
CREATE INDEX decisions_at ON decisions (at, id);

-- Words to choose from stand in every page of the register: they are read from here, and not out of the filings themselves.
CREATE INDEX published_filings_province ON published_filings (province);
CREATE INDEX published_filings_class ON published_filings (class);

-- Most documents have no second name and do not expire: they need no place in these indexes.
DROP INDEX documents_alias;
CREATE UNIQUE INDEX documents_alias ON documents (collection, alias) WHERE alias IS NOT NULL;
DROP INDEX documents_expires;
CREATE INDEX documents_expires ON documents (collection, expires) WHERE expires IS NOT NULL;

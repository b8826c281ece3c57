-- What was published of each output since its archive began, and in which of its documents that stands (RFC 5005).

-- An archive of an output: one generation of it. `basis` digests what decides which entries it has, `name` stands in
-- the addresses of its documents. Articles up to `noted_to` were looked at; documents before `first_page` are gone
-- with all that was in them. `is_whole`: whether all that was stored when it began has its document. Once other
-- entries are wanted, it has ended.
CREATE TABLE archives (
    id         INTEGER PRIMARY KEY,
    output     TEXT    NOT NULL,
    basis      BLOB    NOT NULL,
    name       TEXT    NOT NULL UNIQUE,
    begun_at   INTEGER NOT NULL,
    noted_to   INTEGER NOT NULL DEFAULT 0,
    first_page INTEGER NOT NULL DEFAULT 1,
    is_whole   INTEGER NOT NULL DEFAULT 0 CHECK (is_whole IN (0, 1)),
    ended_at   INTEGER
) STRICT;
CREATE UNIQUE INDEX archives_in_force ON archives (output) WHERE ended_at IS NULL;

-- The entries of an archive in the order in which they came to the output. `entry` digests the published id; `article`
-- is the one that stood for it then.
CREATE TABLE archived (
    archive  INTEGER NOT NULL REFERENCES archives (id),
    entry    BLOB    NOT NULL,
    position INTEGER NOT NULL,
    article  INTEGER NOT NULL,
    PRIMARY KEY (archive, entry)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX archived_in_order ON archived (archive, position);

-- The documents of an archive. One holds the entries after the last of the one before, up to `last`; what comes after
-- the last document waits. `digests`: those of its formats, one after the other.
CREATE TABLE archive_pages (
    archive     INTEGER NOT NULL REFERENCES archives (id),
    number      INTEGER NOT NULL,
    last        INTEGER NOT NULL,
    digests     BLOB    NOT NULL,
    modified_at INTEGER NOT NULL,
    PRIMARY KEY (archive, number)
) STRICT, WITHOUT ROWID;

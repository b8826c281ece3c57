-- The first schema.
--
-- Instants (`_at`) are milliseconds since 1970 UTC, spans (`_ms`) are milliseconds. Lists are JSON. A text
-- column of type ANY holds TEXT, or a BLOB with the same text as one zstd frame.

-- Who we are: one row, written when the file is made.
CREATE TABLE identity (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    authority  TEXT    NOT NULL,
    created_at INTEGER NOT NULL
) STRICT;

-- What polls of a feed leave behind for the next. `fingerprint` digests address, credentials and headers; it is
-- NULL for a feed that feeds.toml never named (replay). `given_title`: the operator's, in place of the feed's own.
-- `read_at`: when a document was last read. `validators_url`: a digest of the address that gave the validators,
-- whose query may hold a secret.
CREATE TABLE feeds (
    id              INTEGER PRIMARY KEY,
    name            TEXT    NOT NULL UNIQUE,
    url             TEXT    NOT NULL DEFAULT '',
    given_title     TEXT,
    fingerprint     BLOB,
    configured      INTEGER NOT NULL DEFAULT 0 CHECK (configured IN (0, 1)),
    added_at        INTEGER NOT NULL,
    read_at         INTEGER,
    next_due_at     INTEGER,
    due_reason      TEXT    NOT NULL DEFAULT '',
    last_poll_at    INTEGER,
    last_success_at INTEGER,
    failures        INTEGER NOT NULL DEFAULT 0,
    retry_after_at  INTEGER,
    health          TEXT    NOT NULL DEFAULT 'new',
    last_error      TEXT    NOT NULL DEFAULT '',
    validators_url  TEXT    NOT NULL DEFAULT '',
    etag            BLOB,
    last_modified   BLOB,
    body_digest     BLOB,
    ttl_ms          INTEGER,
    rhythm_ms       INTEGER,
    profile         TEXT    NOT NULL DEFAULT '{}',
    defects         TEXT    NOT NULL DEFAULT '[]'
) STRICT;

-- The last polls of each feed, numbered from 1.
CREATE TABLE polls (
    feed        INTEGER NOT NULL REFERENCES feeds (id),
    number      INTEGER NOT NULL,
    at          INTEGER NOT NULL,
    outcome     TEXT    NOT NULL,
    message     TEXT    NOT NULL,
    status      INTEGER,
    bytes       INTEGER NOT NULL,
    elapsed_ms  INTEGER NOT NULL,
    new         INTEGER NOT NULL,
    revised     INTEGER NOT NULL,
    copies      INTEGER NOT NULL,
    next_due_at INTEGER,
    due_reason  TEXT    NOT NULL,
    PRIMARY KEY (feed, number)
) STRICT, WITHOUT ROWID;

-- Articles that report one event.
CREATE TABLE stories (
    id INTEGER PRIMARY KEY
) STRICT;

-- What was written once. `published_at` is that of the lead entry and never changes.
CREATE TABLE articles (
    id           INTEGER PRIMARY KEY,
    atom_id      TEXT    NOT NULL UNIQUE,
    published_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    story        INTEGER REFERENCES stories (id)
) STRICT;
CREATE INDEX articles_by_age ON articles (published_at);

-- One item as it stands in one feed: what recognises it. An entry without an article is a tombstone: it was
-- purged, or lay beyond the first poll's cap, and its keys keep it from coming back as news. `keys` lists its
-- rows of the table `keys`: 17 bytes each, kind and digest. `listed_at` lags by up to a day.
CREATE TABLE entries (
    id             INTEGER PRIMARY KEY,
    feed           INTEGER NOT NULL REFERENCES feeds (id),
    entry_id       TEXT    NOT NULL,
    article        INTEGER REFERENCES articles (id),
    leads          INTEGER NOT NULL CHECK (leads IN (0, 1)),
    title          TEXT    NOT NULL,
    published_at   INTEGER NOT NULL,
    first_seen_at  INTEGER NOT NULL,
    listed_at      INTEGER NOT NULL,
    content_digest BLOB    NOT NULL,
    keys           BLOB    NOT NULL,
    UNIQUE (entry_id, feed)
) STRICT;
CREATE INDEX entries_by_article ON entries (article) WHERE article IS NOT NULL;
CREATE INDEX entries_by_feed ON entries (feed) WHERE article IS NOT NULL;
CREATE INDEX tombstones_by_age ON entries (listed_at) WHERE article IS NULL;

-- What is published of an entry, apart from what recognises it, so that a poll without news reads none of it.
-- `source_updated_at`: what the feed said of its own last change when the entry was stored.
CREATE TABLE texts (
    entry             INTEGER PRIMARY KEY REFERENCES entries (id),
    url               TEXT,
    summary           ANY,
    content           ANY,
    authors           TEXT    NOT NULL,
    categories        TEXT    NOT NULL,
    enclosures        TEXT    NOT NULL,
    language          TEXT,
    updated_at        INTEGER NOT NULL,
    source            TEXT,
    source_updated_at INTEGER,
    reason_kind       TEXT    NOT NULL,
    reason            TEXT    NOT NULL
) STRICT;

-- Which entries carry a key. No foreign key: it would need an index over the largest table, only to find what
-- `entries.keys` already lists.
CREATE TABLE keys (
    kind   INTEGER NOT NULL,
    digest BLOB    NOT NULL,
    entry  INTEGER NOT NULL,
    PRIMARY KEY (kind, digest, entry)
) STRICT, WITHOUT ROWID;

-- Which labels an entry has, and why.
CREATE TABLE matches (
    entry    INTEGER NOT NULL REFERENCES entries (id),
    label    TEXT    NOT NULL,
    score    REAL    NOT NULL,
    evidence TEXT    NOT NULL,
    PRIMARY KEY (entry, label)
) STRICT, WITHOUT ROWID;

-- The labels of an article, all those of its entries, in the order in which outputs list them. No foreign key,
-- for the reason given at `keys`; the rows follow from `matches`.
CREATE TABLE labels (
    label        TEXT    NOT NULL,
    published_at INTEGER NOT NULL,
    article      INTEGER NOT NULL,
    PRIMARY KEY (label, published_at, article)
) STRICT, WITHOUT ROWID;

-- What was served last at a path.
CREATE TABLE outputs (
    path        TEXT    PRIMARY KEY,
    digest      BLOB    NOT NULL,
    modified_at INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

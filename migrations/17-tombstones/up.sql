-- What left outputs that tell of it (RFC 6721), and what these list, from which it is told.

-- What an output listed last: published ids, each with the article that stood for it.
CREATE TABLE listed (
    output  TEXT    NOT NULL,
    entry   TEXT    NOT NULL,
    article INTEGER NOT NULL,
    PRIMARY KEY (output, entry)
) STRICT, WITHOUT ROWID;

-- What left an output since it is no entry of it any more, and when that was seen.
CREATE TABLE deleted (
    output     TEXT    NOT NULL,
    entry      TEXT    NOT NULL,
    deleted_at INTEGER NOT NULL,
    PRIMARY KEY (output, entry)
) STRICT, WITHOUT ROWID;

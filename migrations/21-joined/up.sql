-- Which articles got a label later than they were first seen, as another feed has them, too, and by which of their entries:
-- the first that has the label. An output keeps what came to it lately (publish/window.rs), and it is then that they came.
-- Of what was stored before this, none did: a day later it would be of no account.
CREATE TABLE joined (
    label   TEXT    NOT NULL,
    article INTEGER NOT NULL,
    entry   INTEGER NOT NULL,
    PRIMARY KEY (label, article)
) STRICT, WITHOUT ROWID;
CREATE INDEX joined_by_arrival ON joined (label, entry);

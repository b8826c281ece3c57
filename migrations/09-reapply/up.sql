-- By which rules labels were given, so that changed rules can be applied to everything stored, and readers see the
-- labels of the old rules or of the new ones, never some of each.
--
-- `matches` and `labels` name a label as `stored_as` says, which is another name each time its rule changes: what a new
-- rule finds is written beside what the old one found, and one row here says which of them counts.
-- `digest`: of all that the rule depends on; empty where it is not known.
CREATE TABLE rules (
    label     TEXT PRIMARY KEY,
    digest    BLOB NOT NULL,
    stored_as TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;
INSERT INTO rules (label, digest, stored_as) SELECT DISTINCT label, x'', label FROM labels;

-- Changed rules that are being applied.
CREATE TABLE staged_rules (
    label     TEXT PRIMARY KEY,
    digest    BLOB NOT NULL,
    stored_as TEXT NOT NULL UNIQUE
) STRICT, WITHOUT ROWID;

-- How far that is. `applied`, `wanted`: digests of all rules, those that labels were given by and those that are being
-- applied, NULL where none are. The entries up to `up_to` are read in order, so far those up to `read_to`.
-- `generation` numbers the names of `stored_as`.
CREATE TABLE relabelling (
    id         INTEGER PRIMARY KEY CHECK (id = 1),
    applied    BLOB    NOT NULL,
    wanted     BLOB,
    read_to    INTEGER NOT NULL,
    up_to      INTEGER NOT NULL,
    generation INTEGER NOT NULL
) STRICT;
INSERT INTO relabelling (id, applied, wanted, read_to, up_to, generation) VALUES (1, x'', NULL, 0, 0, 0);

-- Entries that were written meanwhile, or by other rules than those that hold.
CREATE TABLE relabel_queue (entry INTEGER PRIMARY KEY) STRICT;

-- Names of which no rule is left, while their rows in `matches` and `labels` are being removed.
CREATE TABLE unread_labels (stored_as TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

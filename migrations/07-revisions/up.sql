-- What entries said before they were edited: their words as plain text, the first version and the last ones.
--
-- `number` counts the edits of an entry from 1; `replaced_at` is when the edit was seen. `new_title`, `new_percent`:
-- what the edit changed, the title and how much of the text.
CREATE TABLE revisions (
    entry       INTEGER NOT NULL REFERENCES entries (id),
    number      INTEGER NOT NULL,
    replaced_at INTEGER NOT NULL,
    title       TEXT    NOT NULL,
    text        ANY     NOT NULL,
    new_title   INTEGER NOT NULL CHECK (new_title IN (0, 1)),
    new_percent INTEGER NOT NULL,
    UNIQUE (entry, number)
) STRICT;

-- When an entry was seen to say what it says, where that was by an edit. `updated_at` is what its publisher dates that.
ALTER TABLE texts ADD COLUMN changed_at INTEGER;

-- What an archive has looked at may become an entry of its output later: an article that gets a label, or comes to another
-- story; a story that a label takes whole, or that another outlet carries. Each is noted here in its order, where an
-- archive in force has looked at what it is about, and read when the output is published. `label`: the only one whose
-- outputs it concerns, as that is stored. The last row stays, so that no number is given twice.
CREATE TABLE late (
    number  INTEGER PRIMARY KEY,
    label   TEXT,
    article INTEGER,
    story   INTEGER,
    CHECK ((article IS NULL) <> (story IS NULL))
) STRICT;

-- Up to which of these rows an archive has looked.
ALTER TABLE archives ADD COLUMN late_to INTEGER NOT NULL DEFAULT 0;

-- Up to which article any has looked is asked of every article that gets a label.
CREATE INDEX archives_noted ON archives (noted_to) WHERE ended_at IS NULL;

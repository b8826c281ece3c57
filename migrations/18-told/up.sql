-- What readers know of entries: under which ids, and in which words.

-- Of a tombstone: by which id its article was published, where that was not given to another entry of the article;
-- '' where it is the entry's own. Of what left before, the id that its publisher gave is as much as is known.
ALTER TABLE entries ADD COLUMN published_as TEXT;
UPDATE entries SET published_as = '' WHERE article IS NULL AND purged_at IS NOT NULL;
CREATE INDEX entries_published_as ON entries (published_as) WHERE published_as > '';

-- What readers were told last of an entry, where that is not what stands there: its words were changed since, each time
-- too little to tell. Plain text, as in `revisions`.
CREATE TABLE told (
    entry INTEGER PRIMARY KEY REFERENCES entries (id),
    title TEXT    NOT NULL,
    text  ANY     NOT NULL
) STRICT;

-- Until when a change of an entry that counts is held back, where readers are told often as it is; NULL where none is.
ALTER TABLE entries ADD COLUMN held_until INTEGER;

-- What the last edit of an entry was, and why readers were told or not: JSON, NULL where there was none since this is
-- noted.
ALTER TABLE texts ADD COLUMN last_edit TEXT;

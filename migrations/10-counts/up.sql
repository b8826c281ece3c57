-- Terms of articles that are to be counted, in parts: eight bytes a term, its number and the number of articles
-- that have it, little-endian.
CREATE TABLE uncounted (
    id    INTEGER PRIMARY KEY,
    terms BLOB NOT NULL
) STRICT;

-- How many polls of a feed there were: the last has that number in `polls`.
ALTER TABLE feeds ADD COLUMN polls INTEGER NOT NULL DEFAULT 0;
UPDATE feeds SET polls = coalesce((SELECT max(number) FROM polls WHERE polls.feed = feeds.id), 0);

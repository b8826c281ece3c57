-- Whether the last whole document of its feed had the entry: 1, else NULL. Of what is stored it is told by when it was listed last, which lags by a day.
ALTER TABLE entries ADD COLUMN listed INTEGER;
UPDATE entries SET listed = 1 WHERE +article IS NOT NULL AND EXISTS (
    SELECT 1 FROM feeds AS f WHERE f.id = entries.feed AND entries.listed_at > f.read_at - 86400000
);
CREATE INDEX entries_listed ON entries (feed, listed) WHERE listed = 1;

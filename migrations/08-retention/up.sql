-- Where aggregated entries come from, and what retention took.
--
-- `origin`: of an entry that its feed took from another, the name of that feed, or what the entry calls it where it
-- is none of ours; NULL for all others. `purged_at`: when retention took what had been published; NULL for a
-- tombstone that was never shown.
ALTER TABLE entries ADD COLUMN origin    TEXT;
ALTER TABLE entries ADD COLUMN purged_at INTEGER;

-- What each feed leads, oldest first: counted and cut by `max-entries`.
CREATE INDEX entries_led ON entries (feed, published_at) WHERE leads = 1;

-- By which addresses and ids aggregators name a feed; addresses without scheme and closing slash.
CREATE TABLE feed_names (
    name TEXT    NOT NULL,
    feed INTEGER NOT NULL REFERENCES feeds (id),
    PRIMARY KEY (name, feed)
) STRICT, WITHOUT ROWID;
INSERT OR IGNORE INTO feed_names (name, feed)
    SELECT rtrim(iif(name LIKE 'http%://%', substr(name, instr(name, '://') + 3), name), '/'), feed
    FROM (
        SELECT url AS name, id AS feed FROM feeds
        UNION ALL SELECT json_extract(profile, '$.id'), id FROM feeds
        UNION ALL SELECT json_extract(profile, '$.self_url'), id FROM feeds
    )
    WHERE name <> '';

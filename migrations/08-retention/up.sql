-- Where aggregated entries come from, and what retention took.
--
-- `origin`: of an entry that its feed took from another, the name of that feed, or what the entry calls it where it
-- is none of ours; NULL for all others. `purged_at`: when retention took what had been published; NULL for a
-- tombstone that was never shown, and for one whose entry left before this was noted.
ALTER TABLE entries ADD COLUMN origin    TEXT;
ALTER TABLE entries ADD COLUMN purged_at INTEGER;

-- What each feed leads, oldest first: counted and cut by `max-entries`.
CREATE INDEX entries_led ON entries (feed, published_at) WHERE leads = 1;

-- By which addresses and ids aggregators name a feed; addresses without scheme and closing slash. Written by the
-- program, which reads addresses as they are meant: feeds that have no names get theirs with the next configuration.
CREATE TABLE feed_names (
    name TEXT    NOT NULL,
    feed INTEGER NOT NULL REFERENCES feeds (id),
    PRIMARY KEY (name, feed)
) STRICT, WITHOUT ROWID;
CREATE INDEX feed_names_by_feed ON feed_names (feed);

-- What of a story outlives reports that retention takes: who spoke in them, and as which entry it is known.

-- When the entry that stands for a story was published and changed, once the article that it began with is no more
-- among its reports; until then that one's dates count.
ALTER TABLE stories ADD COLUMN published_at INTEGER;
ALTER TABLE stories ADD COLUMN updated_at INTEGER;
UPDATE stories SET (published_at, updated_at) = (
    SELECT published_at, updated_at FROM articles WHERE story = stories.id ORDER BY published_at, id LIMIT 1
) WHERE NOT EXISTS (SELECT 1 FROM articles WHERE story = stories.id AND atom_id = rtrim(stories.founder, char(10)));

-- The article that was left of a story whose founder is stored no more: it stands for what the story was. `since` is
-- its own date of change at that time; a later one counts.
CREATE TABLE heirs (
    article      INTEGER PRIMARY KEY REFERENCES articles (id),
    founder      TEXT    NOT NULL UNIQUE,
    published_at INTEGER NOT NULL,
    updated_at   INTEGER NOT NULL,
    since        INTEGER NOT NULL
) STRICT;

-- Who spoke in the reports that retention took of a story, or of what is left of one: feed, site of the link, and
-- whether the entry was passed on. `holder` is the number of the story, or that of the article, negative.
CREATE TABLE gone_voices (
    holder    INTEGER NOT NULL,
    feed      INTEGER NOT NULL REFERENCES feeds (id),
    site      TEXT    NOT NULL,
    passed_on INTEGER NOT NULL CHECK (passed_on IN (0, 1)),
    PRIMARY KEY (holder, feed, site, passed_on)
) STRICT, WITHOUT ROWID;
CREATE INDEX gone_voices_by_feed ON gone_voices (feed, holder);

-- Up to which holder they are counted anew, of a feed that has another owner than before; NULL: all.
ALTER TABLE feeds ADD COLUMN gone_to INTEGER;

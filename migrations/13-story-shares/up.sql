-- What the reports of a story have in common: how many of them are in a topic that takes whole stories, and how many
-- independent outlets carry them.

-- `reports` counts the articles of the story. `outlets` is the most voices that were heard in it since it was born or
-- last fell apart; what retention takes of it takes none back.
ALTER TABLE stories ADD COLUMN reports INTEGER NOT NULL DEFAULT 0;
ALTER TABLE stories ADD COLUMN outlets INTEGER NOT NULL DEFAULT 1;
UPDATE stories SET reports = (SELECT count(*) FROM articles WHERE story = stories.id);

-- The same of an article that is in no story: outlets carry copies of it.
ALTER TABLE articles ADD COLUMN outlets INTEGER NOT NULL DEFAULT 1;

-- How many there are of what is stored is counted when the leads are chosen, which is done anew for all feeds.
UPDATE feeds SET chosen_to = 0;

-- Which labels take whole stories, by the names that they are stored as, and what of these: JSON.
CREATE TABLE pulling (
    stored_as TEXT PRIMARY KEY,
    scope     TEXT NOT NULL
) STRICT, WITHOUT ROWID;

-- How many of the reports of a story have such a label themselves; `pulled` tells whether that is enough for the others
-- to have it, too. `newest_at`: when the last report of the story was published.
CREATE TABLE shares (
    story     INTEGER NOT NULL,
    label     TEXT    NOT NULL,
    members   INTEGER NOT NULL,
    newest_at INTEGER NOT NULL,
    pulled    INTEGER NOT NULL CHECK (pulled IN (0, 1)),
    PRIMARY KEY (story, label)
) STRICT, WITHOUT ROWID;
CREATE INDEX shares_pulled ON shares (label, newest_at) WHERE pulled = 1;

-- Labels, by these names, whose articles changed because a story did; read and emptied with each poll.
CREATE TABLE stirred (label TEXT PRIMARY KEY) STRICT, WITHOUT ROWID;

-- Which articles report one event, and what finds them.
--
-- A story has two articles at least. Its number is never used again, so what was published of one never becomes
-- another's. Nothing filled the table before.
DROP TABLE stories;
CREATE TABLE stories (
    id      INTEGER PRIMARY KEY AUTOINCREMENT,
    born_at INTEGER NOT NULL
) STRICT;

-- Why the article is in its story, in words; NULL for the one that the others joined.
ALTER TABLE articles ADD COLUMN story_reason TEXT;
CREATE INDEX articles_by_story ON articles (story, published_at) WHERE story IS NOT NULL;

-- How much each term of an article's title and lead weighs: eight bytes a term, its number and a 32-bit float,
-- little-endian. For articles young enough to have company.
CREATE TABLE vectors (
    article      INTEGER PRIMARY KEY,
    published_at INTEGER NOT NULL,
    vector       BLOB    NOT NULL
) STRICT;
CREATE INDEX vectors_by_age ON vectors (published_at);

-- Which articles have a term among those that tell most of them, in slots of time: rows of one time stand
-- together, and go together.
CREATE TABLE postings (
    slot         INTEGER NOT NULL,
    term         INTEGER NOT NULL,
    published_at INTEGER NOT NULL,
    article      INTEGER NOT NULL,
    PRIMARY KEY (slot, term, published_at, article)
) STRICT, WITHOUT ROWID;

-- How many articles have a term. Each counts twice as much as one half a life-time before it, so that old ones
-- fade without being touched: `weight` is what one counts now.
CREATE TABLE terms (
    term     INTEGER PRIMARY KEY,
    articles REAL    NOT NULL
) STRICT;
CREATE TABLE corpus (
    id        INTEGER PRIMARY KEY CHECK (id = 1),
    documents REAL    NOT NULL,
    weight    REAL    NOT NULL,
    counted   INTEGER NOT NULL,
    read_to   INTEGER NOT NULL
) STRICT;
INSERT INTO corpus (id, documents, weight, counted, read_to) VALUES (1, 0, 1, 0, 0);

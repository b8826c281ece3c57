-- When the entry that stands for a story was published and changed: from now on the story's own, also while the report is there that it began with. It
-- is changed when a report is corrected that tells the story, which is not always that one.
UPDATE stories SET (published_at, updated_at) = (
    SELECT published_at, updated_at FROM articles
    WHERE atom_id = rtrim(stories.founder, char(10)) AND story = stories.id
) WHERE EXISTS (
    SELECT 1 FROM articles WHERE atom_id = rtrim(stories.founder, char(10)) AND story = stories.id
);

-- That of an heir is changed with each correction, too, and no more by looking what came `since` it was made one.
UPDATE heirs SET updated_at = max(updated_at, (SELECT updated_at FROM articles WHERE id = heirs.article))
WHERE EXISTS (SELECT 1 FROM articles WHERE id = heirs.article AND updated_at > heirs.since);
ALTER TABLE heirs DROP COLUMN since;

-- When the entry of a story that ended, and that began with the article, was changed last, where the article was not changed
-- since: alone, it is not dated earlier than that. NULL where there was none.
ALTER TABLE articles ADD COLUMN entry_updated_at INTEGER;

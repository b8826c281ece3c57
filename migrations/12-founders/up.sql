-- With which article a story began: the published id of that article, as it was when the story was born. An entry that
-- stands for the story goes by it (publish/ids.rs), whatever comes to the story or leaves it later.
ALTER TABLE stories ADD COLUMN founder TEXT;
UPDATE stories SET founder = (
    SELECT atom_id FROM articles WHERE story = stories.id ORDER BY story_reason IS NOT NULL, id LIMIT 1
);
CREATE UNIQUE INDEX stories_by_founder ON stories (founder);

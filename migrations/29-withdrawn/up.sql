-- What publishers withdraw (RFC 6721).
--
-- `withdrawn_at`: as of when its publisher withdrew an entry, which has no article since; NULL for all others. What its feed
-- dates later is the entry again.
ALTER TABLE entries ADD COLUMN withdrawn_at INTEGER;

-- When an article was first seen whose first entry left it; NULL for all others, which were seen when their first entry was.
ALTER TABLE articles ADD COLUMN arrived_at INTEGER;

-- Which outputs list an article that is withdrawn.
CREATE INDEX listed_by_article ON listed (article);

-- What decides which entry tells an article.
--
-- `role`, `weight` and `owner` are what feeds.toml said last. `chosen_to`: the last entry of the feed whose article was
-- looked at since role or weight changed; NULL where all were.
ALTER TABLE feeds ADD COLUMN role      TEXT    NOT NULL DEFAULT 'original';
ALTER TABLE feeds ADD COLUMN weight    INTEGER NOT NULL DEFAULT 50;
ALTER TABLE feeds ADD COLUMN owner     TEXT;
ALTER TABLE feeds ADD COLUMN chosen_to INTEGER;
CREATE INDEX feeds_to_choose ON feeds (id) WHERE chosen_to IS NOT NULL;

-- How much an entry tells: 0 a teaser, 1 a summary, 2 a full text. It is counted in words when an entry is written;
-- of what is there already it is judged by the length of the markup, of which a packed text has about a third.
ALTER TABLE texts ADD COLUMN completeness INTEGER NOT NULL DEFAULT 0;
UPDATE texts SET completeness = (
    SELECT CASE WHEN max(bytes) >= 1600 THEN 2 WHEN max(bytes) >= 480 THEN 1 ELSE 0 END
    FROM (
        SELECT coalesce(length(summary), 0) * iif(typeof(summary) = 'blob', 3, 1) AS bytes
        UNION ALL
        SELECT coalesce(length(content), 0) * iif(typeof(content) = 'blob', 3, 1)
    )
);

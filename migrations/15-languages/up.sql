-- The language that feeds.toml says entries are in where neither they nor their document say one.

-- Whether the language of an entry is from there: then it is another one when feeds.toml says another. Of what is stored
-- already, that is known only where there is none.
ALTER TABLE texts ADD COLUMN language_given INTEGER NOT NULL DEFAULT 0 CHECK (language_given IN (0, 1));

-- What feeds.toml says. The entries of a feed have it up to number `speaks_to`, and all where that is NULL.
ALTER TABLE feeds ADD COLUMN language TEXT;
ALTER TABLE feeds ADD COLUMN speaks_to INTEGER;
CREATE INDEX feeds_to_speak ON feeds (id) WHERE speaks_to IS NOT NULL;

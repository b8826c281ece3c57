-- What a feed asks of those who poll it, all of it in one place.
--
-- `hints`: JSON, members without a value left out. It takes over from `ttl_ms`, which goes at once: no version
-- that reads it has been released.
ALTER TABLE feeds ADD COLUMN hints TEXT NOT NULL DEFAULT '{}';
UPDATE feeds SET hints = json_object('ttl_ms', ttl_ms) WHERE ttl_ms IS NOT NULL;
ALTER TABLE feeds DROP COLUMN ttl_ms;

-- What polling learns of feeds and hosts beyond validators and rhythm.
--
-- `newest_at`: date of the newest entry of the last document. `gone_at`: the first 410 of those in a row.
-- `refusals`: 429s, and 503s with a `Retry-After`, that are not yet forgiven. `deaf_tags`: conditional
-- requests in a row that were answered in full with the bytes that we had. `moved`, `backfill`: JSON, NULL where
-- there is nothing to tell.
ALTER TABLE feeds ADD COLUMN newest_at INTEGER;
ALTER TABLE feeds ADD COLUMN gone_at   INTEGER;
ALTER TABLE feeds ADD COLUMN refusals  INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN deaf_tags INTEGER NOT NULL DEFAULT 0;
ALTER TABLE feeds ADD COLUMN moved     TEXT;
ALTER TABLE feeds ADD COLUMN backfill  TEXT;

-- Hosts that refused: `gap_ms` is the pause between two requests that they seem to want, `rests_until` ends
-- the silence that they asked for. A host that never refused has no row.
CREATE TABLE hosts (
    authority   TEXT    PRIMARY KEY,
    gap_ms      INTEGER NOT NULL,
    rests_until INTEGER,
    refused_at  INTEGER NOT NULL
) STRICT, WITHOUT ROWID;

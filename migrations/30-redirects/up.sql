-- Which redirects a poll followed: their statuses in order, with spaces between them. Where they led is told nowhere, as that may
-- hold a secret.
ALTER TABLE polls ADD COLUMN redirects TEXT NOT NULL DEFAULT '';

-- How many stored entries the feed withdrew (RFC 6721).
ALTER TABLE polls ADD COLUMN withdrawn INTEGER NOT NULL DEFAULT 0;

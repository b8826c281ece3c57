-- What left an output that told so, and is an entry of it again: readers who deleted it take it for an entry only if it is dated
-- after what they were told.

-- Since when it is listed again; NULL while it is not.
ALTER TABLE deleted ADD COLUMN relisted_at INTEGER;

-- What left is remembered for longer than it is told.
CREATE INDEX deleted_by_age ON deleted (output, deleted_at);

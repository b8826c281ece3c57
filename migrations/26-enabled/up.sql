-- Whether feeds.toml has a feed polled: nothing is put right any more in what one brought that it has not.
ALTER TABLE feeds ADD COLUMN enabled INTEGER NOT NULL DEFAULT 1;

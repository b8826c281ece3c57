-- Whether the last whole document of its feed had the entry: 1, else NULL. What is stored is marked with the next document that its feed brings.
ALTER TABLE entries ADD COLUMN listed INTEGER;
CREATE INDEX entries_listed ON entries (feed) WHERE listed = 1;

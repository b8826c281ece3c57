-- To when retention was reckoned when it was last looked at, what the clock said then, and whether it had leapt: a clock that has leapt since may be
-- wrong, and what was removed by it would be gone.
CREATE TABLE reckoned (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until INTEGER NOT NULL,
    at INTEGER NOT NULL,
    leapt INTEGER NOT NULL CHECK (leapt IN (0, 1))
) STRICT;

-- To when retention was reckoned when it was last looked at, and what the clock said then: a clock that has leapt since may be
-- wrong, and what was removed by it would be gone.
CREATE TABLE reckoned (
    id INTEGER PRIMARY KEY CHECK (id = 1),
    until INTEGER NOT NULL,
    at INTEGER NOT NULL
) STRICT;

-- What operators are told of how feeds and the daemon turned, in the order in which it was told: a hundred rows at
-- most. `about` is `feed:ID`, or what of the daemon it is.
CREATE TABLE transitions (
    number INTEGER PRIMARY KEY,
    at     INTEGER NOT NULL,
    about  TEXT    NOT NULL,
    turn   TEXT    NOT NULL,
    what   TEXT    NOT NULL,
    detail TEXT    NOT NULL
) STRICT;

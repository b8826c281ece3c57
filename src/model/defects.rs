//! What may be wrong with a document that is read all the same.

/// The codes of defects, each with what it means to the operator, in a sentence or two.
pub const DEFECTS: [(&str, &str); 21] = [
    (
        "bad-character",
        "Control characters stood in it, which no feed may have. They were left out, or read as what was meant.",
    ),
    (
        "bad-date",
        "A date is none, or cannot be true. The time at which the entry was first seen stands in its place.",
    ),
    (
        "bad-json",
        "It is not quite JSON (a comma too many, a comment). It was mended.",
    ),
    (
        "bad-utf-8",
        "It says that it is UTF-8, and has other bytes. They were read as windows-1252.",
    ),
    (
        "changing-id",
        "Known entries came under other ids. Where that goes on, the feed's ids are not believed, and entries go by their \
         addresses.",
    ),
    (
        "channel-link-id",
        "The ids of its entries are the address of the feed's site. They are not believed.",
    ),
    (
        "cut-off",
        "The connection ended before the document did. What lacks is asked for again.",
    ),
    (
        "encoded-twice",
        "Its text was encoded as UTF-8 twice (`Ã©` for `é`). It was decoded twice.",
    ),
    (
        "entities-too-large",
        "It declares entities that grow beyond measure. They stay as they are written.",
    ),
    (
        "half-entry",
        "It ends within its last entry, which is left out until it comes whole.",
    ),
    (
        "no-id",
        "An entry has no id. It goes by its address and title, or by its words.",
    ),
    (
        "not-text",
        "A part of an entry is of a type that is no text. It was left out.",
    ),
    (
        "own-output",
        "It is an output of ours: nothing of it is taken, since articles would go round in circles. `merganser remove ID` \
         takes the feed out.",
    ),
    (
        "repeated-id",
        "Entries share one id. Ids are not believed in this document, and entries go by their addresses.",
    ),
    (
        "reused-id",
        "Entries came under the ids of others. Where that goes on, the feed's ids are not believed.",
    ),
    (
        "too-long",
        "A text is longer than any article. What is beyond the limit was left out.",
    ),
    (
        "too-many-entries",
        "It has more entries than are read. The first were taken, or the last where these are dated later.",
    ),
    (
        "too-many-parts",
        "An entry has more labels or media than are read. The first were taken.",
    ),
    (
        "truncated",
        "It ends before its elements do. What is there was read.",
    ),
    (
        "unclosed-element",
        "An element was not closed. It ends with the one around it.",
    ),
    (
        "wrong-charset",
        "It declares no character set, or one that does not fit. It was read as the one that does.",
    ),
];

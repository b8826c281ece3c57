//! The keys of topics and outputs.

use super::keys::{Key, key, required};
use super::kind::Kind;

/// Keys of a topic.
pub(super) const TOPIC: &[Key] = &[
    required(
        "name",
        Kind::Name,
        "The name that outputs and queries know it by.",
    ),
    key(
        "title",
        Kind::Text,
        "its name",
        "The title that readers see.",
    ),
    key(
        "query",
        Kind::Text,
        "none, where it `inherits`",
        "What it looks for, in the language of queries.",
    ),
    key(
        "min-score",
        Kind::Number,
        "0",
        "The least score that it takes.",
    ),
    key(
        "title-boost",
        Kind::Boost,
        "3",
        "What a word in the title weighs.",
    ),
    key(
        "lead-boost",
        Kind::Boost,
        "1.5",
        "What a word in the first sentences weighs.",
    ),
    key(
        "include-feeds",
        Kind::Texts,
        "all",
        "Only entries of these feeds.",
    ),
    key(
        "exclude-feeds",
        Kind::Texts,
        "[]",
        "No entries of these feeds.",
    ),
    key(
        "include-groups",
        Kind::Texts,
        "all",
        "Only entries of the feeds of these groups.",
    ),
    key(
        "exclude-groups",
        Kind::Texts,
        "[]",
        "No entries of the feeds of these groups.",
    ),
    key(
        "include-languages",
        Kind::Texts,
        "all",
        "Only entries in these languages; `en` takes `en-GB`, too. Of an entry that says none its words may tell it.",
    ),
    key(
        "exclude-languages",
        Kind::Texts,
        "[]",
        "No entries in these languages.",
    ),
    key(
        "inherits",
        Kind::Texts,
        "[]",
        "Topics whose matches it takes, beside or in place of a query.",
    ),
    key(
        "story-pull",
        Kind::Boolean,
        "false",
        "Takes a whole story while half of its reports match by themselves.",
    ),
    key(
        "example",
        Kind::Examples,
        "[]",
        "Its tests, each as under `[[topic.example]]`.",
    ),
];

/// Keys of an example.
pub(super) const EXAMPLE: &[Key] = &[
    key(
        "title",
        Kind::Text,
        "none",
        "Its title; this or `summary` has to be there.",
    ),
    key("summary", Kind::Text, "none", "Its text."),
    key(
        "lang",
        Kind::Language,
        "none",
        "Its language, where that matters.",
    ),
    required(
        "expect",
        Kind::Boolean,
        "Whether the topic has to take it in.",
    ),
];

/// Keys of an output.
pub(super) const OUTPUT: &[Key] = &[
    required(
        "path",
        Kind::Name,
        "What it is served under: `all` is `/all.atom`, `/all.rss` and `/all.json`.",
    ),
    key(
        "title",
        Kind::Text,
        "that of its topic, or of all; with the path where another output before it has that",
        "The title that readers see.",
    ),
    key(
        "description",
        Kind::Text,
        "made of the titles",
        "What it is, in a line of up to 500 characters, for its feeds and pages.",
    ),
    key(
        "select",
        Kind::Text,
        "\"*\"",
        "What it holds: a query, `topic:NAME`, or `*` for everything.",
    ),
    key(
        "unit",
        Kind::OneOf(&["article", "story"]),
        "\"article\"",
        "What an entry stands for: one article, or all reports of an event.",
    ),
    key(
        "items",
        Kind::Integer(1, 5000),
        "100",
        "So many of the newest.",
    ),
    key(
        "stay",
        Kind::Duration,
        "\"24h\"",
        "And what came within so long, up to five times as many.",
    ),
    key(
        "max-per-feed",
        Kind::Integer(1, 5000),
        "none",
        "At most so many of one feed.",
    ),
    key(
        "min-sources",
        Kind::Integer(1, 100),
        "1",
        "Only what so many independent outlets carry.",
    ),
    key(
        "formats",
        Kind::SomeOf(&["atom", "rss", "json"]),
        "all three",
        "Those that are made.",
    ),
    key(
        "also-reported",
        Kind::Boolean,
        "true",
        "Whether an entry says below its text who else reports it.",
    ),
    key(
        "language",
        Kind::Language,
        "that of `[server]`",
        "Its language.",
    ),
    key(
        "icon",
        Kind::Url,
        "that of `[server]`",
        "Address of a small square picture.",
    ),
    key(
        "logo",
        Kind::Url,
        "that of `[server]`",
        "Address of a picture twice as wide as high.",
    ),
    key(
        "hub",
        Kind::HubOrNone,
        "that of `[server]`",
        "A WebSub hub that is told of its news, or `none`.",
    ),
    key(
        "protect",
        Kind::Secret,
        "none",
        "The key of those who may read it, 16 characters or more.",
    ),
    key(
        "archive",
        Kind::Boolean,
        "that of `[server]`",
        "Whether what it lists no more stays to be had, in documents of its archive.",
    ),
    key(
        "tombstones",
        Kind::Boolean,
        "false",
        "Whether it tells in Atom, for a week, which entries were taken out of it; not with `unit = \"story\"`.",
    ),
];

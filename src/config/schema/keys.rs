//! Every key of `feeds.toml`: what it may hold, what holds without it, and what it is for.
//!
//! The readers of the sections know the keys too, and are what counts; a test compares the two in both directions.

use super::kind::Kind;
use super::published::{EXAMPLE, OUTPUT, TOPIC};

/// A table of the file.
pub(super) struct Section {
    /// Its header.
    pub(super) name: &'static str,
    /// What it is for, in a sentence or two.
    pub(super) about: &'static str,
    pub(super) keys: &'static [Key],
    /// Whether it takes the keys of [`SHARED`] as well.
    pub(super) is_layer: bool,
}

impl Section {
    /// Tells whether it takes the keys of `[defaults]` beside its own.
    pub(super) fn takes_defaults(&self) -> bool {
        self.is_layer && self.name != "[defaults]"
    }
}

/// A key of a table.
pub(super) struct Key {
    pub(super) name: &'static str,
    pub(super) kind: Kind,
    /// What holds without it; `None` for a key that has to be there.
    pub(super) default: Option<&'static str>,
    pub(super) about: &'static str,
}

/// A key that may be left out, and what holds then.
pub(super) const fn key(
    name: &'static str,
    kind: Kind,
    default: &'static str,
    about: &'static str,
) -> Key {
    Key {
        name,
        kind,
        default: Some(default),
        about,
    }
}

/// A key that has to be there.
pub(super) const fn required(name: &'static str, kind: Kind, about: &'static str) -> Key {
    Key {
        name,
        kind,
        default: None,
        about,
    }
}

/// All tables, in the order of the shipped file.
pub(super) const SECTIONS: &[Section] = &[
    Section {
        name: "[server]",
        about: "Who reads: where outputs are served, and what they say of themselves.",
        keys: SERVER,
        is_layer: false,
    },
    Section {
        name: "[storage]",
        about: "The database, and how long it keeps what it has.",
        keys: STORAGE,
        is_layer: false,
    },
    Section {
        name: "[fetch]",
        about: "How feeds are asked for.",
        keys: FETCH,
        is_layer: false,
    },
    Section {
        name: "[defaults]",
        about: "What holds for every feed. A group may say otherwise for its feeds, and a feed for itself.",
        keys: &[],
        is_layer: true,
    },
    Section {
        name: "[[url-rule]]",
        about: "Which parameters of a site's addresses name no article, and which do all the same.",
        keys: URL_RULE,
        is_layer: false,
    },
    Section {
        name: "[links]",
        about: "More rules for addresses, from a file.",
        keys: LINKS,
        is_layer: false,
    },
    Section {
        name: "[group.NAME]",
        about: "What several feeds have in common. NAME is yours.",
        keys: GROUP,
        is_layer: true,
    },
    Section {
        name: "[[feed]]",
        about: "A feed that is polled.",
        keys: FEED,
        is_layer: true,
    },
    Section {
        name: "[alias]",
        about: "Named sets of terms for queries: each key is a name, such as `india`, and holds a list of terms.",
        keys: &[],
        is_layer: false,
    },
    Section {
        name: "[[topic]]",
        about: "A named query, and what it may hold beside that.",
        keys: TOPIC,
        is_layer: false,
    },
    Section {
        name: "[[topic.example]]",
        about: "A text that the topic above must take in, or leave out.",
        keys: EXAMPLE,
        is_layer: false,
    },
    Section {
        name: "[[output]]",
        about: "A feed that is published. Without any there are `all` and one for each topic.",
        keys: OUTPUT,
        is_layer: false,
    },
];

const SERVER: &[Key] = &[
    key(
        "listen",
        Kind::Text,
        "\"127.0.0.1:8420\"",
        "Where readers connect: an IP address and a port.",
    ),
    key(
        "public-url",
        Kind::Url,
        "that of `listen`",
        "The address as readers see it. Ids are made from the first one and never change.",
    ),
    key(
        "title",
        Kind::Text,
        "\"Merganser\"",
        "Title of the index page, and of outputs without one of their own.",
    ),
    key(
        "author",
        Kind::Text,
        "\"Merganser\"",
        "Author of the outputs.",
    ),
    key(
        "language",
        Kind::Language,
        "none",
        "Language of the outputs, and of entries that tell none.",
    ),
    key(
        "icon",
        Kind::Url,
        "none",
        "Address of a small square picture for the outputs.",
    ),
    key(
        "logo",
        Kind::Url,
        "none",
        "Address of a picture for the outputs that is twice as wide as high.",
    ),
    key(
        "publish-dir",
        Kind::Text,
        "none",
        "A directory in which what is served stands as files, too.",
    ),
    key(
        "hub",
        Kind::HubOrNone,
        "none",
        "A WebSub hub that is told of news.",
    ),
    key(
        "contact",
        Kind::Text,
        "none",
        "A mail address or page for publishers; part of the default `user-agent`.",
    ),
    key(
        "watch",
        Kind::Boolean,
        "false",
        "Whether a saved feeds.toml is read again without being told.",
    ),
    key(
        "admin-from",
        Kind::Texts,
        "[\"127.0.0.0/8\", \"::1/128\"]",
        "Networks from which operators may see how it fares: the page, the feed and metrics.",
    ),
    key(
        "health-key",
        Kind::Secret,
        "none",
        "The key of feed readers elsewhere that may read how things turned, at `/status/health.atom`; 16 characters or more.",
    ),
    key(
        "archive",
        Kind::Boolean,
        "true",
        "Whether what an output lists no more stays to be had, in documents of its archive.",
    ),
];

const STORAGE: &[Key] = &[
    key(
        "path",
        Kind::Text,
        "\"merganser.db\"",
        "The database, in the state directory.",
    ),
    key(
        "retention",
        Kind::Duration,
        "\"180d\"",
        "How long an entry is kept after it was first seen; what a feed lists stays.",
    ),
    key(
        "max-entries",
        Kind::Integer(1, 4_294_967_295),
        "none",
        "At most so many entries of all feeds; the oldest leave first.",
    ),
];

const FETCH: &[Key] = &[
    key(
        "concurrency",
        Kind::Integer(1, 512),
        "16",
        "Feeds under way at once; one host is never asked twice at once.",
    ),
    key(
        "host-gap",
        Kind::Duration,
        "\"1s\"",
        "The pause between two requests to one host.",
    ),
    key(
        "timeout",
        Kind::Duration,
        "\"30s\"",
        "The longest that one poll may take.",
    ),
    key(
        "max-body",
        Kind::Size,
        "\"10MiB\"",
        "The largest document, decompressed.",
    ),
    key(
        "user-agent",
        Kind::Text,
        "name, version and `contact`",
        "How merganser names itself to publishers.",
    ),
    key(
        "allow-networks",
        Kind::Texts,
        "[]",
        "Networks that may be asked although they are not public.",
    ),
];

/// Keys of `[defaults]`, `[group.NAME]` and `[[feed]]` alike.
pub(super) const SHARED: &[Key] = &[
    key(
        "schedule",
        Kind::Text,
        "\"adaptive\"",
        "When to poll: `adaptive`, `every 2h`, or a cron line of five fields.",
    ),
    key(
        "timezone",
        Kind::Text,
        "\"UTC\"",
        "The time zone of cron lines, such as `Europe/Paris`.",
    ),
    key(
        "min-interval",
        Kind::Duration,
        "\"1h\", or what the publisher allows",
        "Adaptive polls come no more often.",
    ),
    key(
        "max-interval",
        Kind::Duration,
        "\"24h\"",
        "Adaptive polls come no less often.",
    ),
    key(
        "backoff-max",
        Kind::Duration,
        "\"24h\"",
        "The longest pause after failures.",
    ),
    key(
        "first-poll-entries",
        Kind::Integer(0, 2000),
        "50",
        "How much of its backlog a new feed adds.",
    ),
    key(
        "backfill",
        Kind::Integer(0, 100),
        "0",
        "How many documents of its archive are fetched of a new feed.",
    ),
    key(
        "language",
        Kind::Language,
        "none",
        "The language of entries that do not tell theirs.",
    ),
    key(
        "identity",
        Kind::OneOf(&["auto", "guid", "link"]),
        "\"auto\"",
        "What tells the entries of a feed apart.",
    ),
    key(
        "role",
        Kind::OneOf(&["original", "wire", "aggregator", "rewrite"]),
        "\"original\"",
        "What the feed is to the articles that it carries: who tells one that several have.",
    ),
    key(
        "weight",
        Kind::Integer(0, 100),
        "50",
        "Of equal roles, the higher one tells the article.",
    ),
    key(
        "owner",
        Kind::Name,
        "its site",
        "Whose it is: outlets of one owner are one voice, and tell in each other's place what was put right.",
    ),
    key(
        "user-agent-suffix",
        Kind::Text,
        "none",
        "What stands after the `user-agent` for these feeds.",
    ),
    key(
        "timeout",
        Kind::Duration,
        "that of `[fetch]`",
        "The longest that one poll may take.",
    ),
    key(
        "proxy",
        Kind::Proxy,
        "\"none\"",
        "Who asks in merganser's place.",
    ),
    key(
        "allow-networks",
        Kind::Texts,
        "those of `[fetch]`",
        "Networks that may be asked, in place of those of `[fetch]`.",
    ),
    key(
        "retention",
        Kind::Duration,
        "that of `[storage]`",
        "How long entries are kept after they were first seen; what a feed lists stays.",
    ),
    key(
        "max-entries",
        Kind::Integer(1, 4_294_967_295),
        "none",
        "At most so many articles that a feed tells; the oldest leave first.",
    ),
];

const URL_RULE: &[Key] = &[
    required("host", Kind::Text, "The site, with all that is below it."),
    key(
        "drop",
        Kind::Texts,
        "none",
        "Parameters that name no article; `*` is any end of a name.",
    ),
    key(
        "keep",
        Kind::Texts,
        "none",
        "Parameters that do, whatever is said of them elsewhere.",
    ),
];

const LINKS: &[Key] = &[key(
    "url-rules-file",
    Kind::Text,
    "none",
    "A file of rules as ClearURLs gives it out.",
)];

const GROUP: &[Key] = &[
    key(
        "topics",
        Kind::Texts,
        "[]",
        "Topics that all entries of its feeds are in.",
    ),
    key(
        "auth",
        Kind::Auth,
        "\"none\"",
        "Who asks: a user with a password, or a token.",
    ),
];

const FEED: &[Key] = &[
    required(
        "id",
        Kind::Name,
        "The name that stays when the address changes: what is stored goes by it, so another id is another feed.",
    ),
    required("url", Kind::Url, "Its address, http or https."),
    key("group", Kind::Name, "none", "One of the groups."),
    key(
        "title",
        Kind::Text,
        "its own",
        "Shown to readers in place of the title that the feed gives itself.",
    ),
    key("enabled", Kind::Boolean, "true", "Whether it is polled."),
    key(
        "tell-address",
        Kind::Boolean,
        "true",
        "Whether readers may be told its address; of one with anything secret in it they are not in any case. Its entries are told as others are.",
    ),
    key(
        "auth",
        Kind::Auth,
        "that of its group",
        "Who asks: a user with a password, or a token.",
    ),
    key(
        "headers",
        Kind::Headers,
        "none",
        "More request headers, each a text or a secret.",
    ),
];

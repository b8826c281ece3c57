//! What is wrong with a `feeds.toml`, with its place.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Range;

/// Defines [`Code`] and its names in one table, so that none can be without.
macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $meaning:literal)*) => {
        /// What kind of fault a problem is; its name is stable and fit for scripts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Code {
            $(#[doc = $meaning] $variant,)*
        }

        impl Code {
            /// All codes.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Returns the stable name, as people and JSON get it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// Returns how bad it is.
            pub fn severity(self) -> Severity {
                match self { $(Self::$variant => Severity::$severity),* }
            }
        }
    };
}

codes! {
    Syntax          Error "syntax"            "The text is not TOML."
    NotUtf8         Error "not-utf8"          "The file is not UTF-8 text."
    TooMany         Error "too-many"          "There are more problems than are listed."
    UnknownKey      Error "unknown-key"       "No such key or table."
    MissingKey      Error "missing-key"       "A key that must be there is not."
    WrongType       Error "wrong-type"        "A string where a number belongs, and the like."
    BadValue        Error "bad-value"         "Right type, but out of range or of the wrong form."
    BadName         Error "bad-name"          "An id or name with other characters than `a-z`, `0-9` and `-`."
    BadDuration     Error "bad-duration"      "No duration, or one out of range."
    BadSize         Error "bad-size"          "No size in bytes, or one out of range."
    BadNetwork      Error "bad-network"       "No network in CIDR notation."
    BadUrl          Error "bad-url"           "No address, or one of a scheme that is not fetched (S1)."
    BadSchedule     Error "bad-schedule"      "Neither `adaptive` nor `every ..` nor a cron line."
    BadTimezone     Error "bad-timezone"      "No time zone of the tz database."
    BadLanguage     Error "bad-language"      "No language tag."
    BadHeader       Error "bad-header"        "A header that cannot be sent, or that merganser sets itself."
    BadSecret       Error "bad-secret"        "A secret that cannot be had from where the file says."
    TwoCredentials  Error "two-credentials"   "A feed or a proxy is told twice who asks."
    BadQuery        Error "bad-query"         "A query or an alias that does not compile."
    BrokenExample   Error "broken-example"    "A topic says of one of its examples what it is not to say."
    IntervalOrder   Error "interval-order"    "`min-interval` is longer than `max-interval`."
    DuplicateId     Error "duplicate-id"      "Two feeds have one id, or two topics one name."
    DuplicateUrl    Error "duplicate-url"     "Two feeds have one address (P33)."
    DuplicateHost   Error "duplicate-host"    "Two rules for addresses have one host."
    BadRules        Error "bad-rules"         "A file of rules that cannot be read or is none."
    OwnOutput       Error "own-output"        "A feed's address is that of one of our outputs."
    DuplicatePath   Error "duplicate-path"    "Two outputs have one path."
    ReservedPath    Error "reserved-path"     "An output's path is one of the server's own."
    UnknownFeed     Error "unknown-feed"      "A topic names a feed that is not there."
    UnknownGroup    Error "unknown-group"     "A group is named that is not there."
    UnknownTopic    Error "unknown-topic"     "A topic is named that is not there."
    FastInterval    Warning "fast-interval"   "Feeds are polled more often than publishers like."
    IdleRetention   Warning "idle-retention"  "Something is to be kept for longer than anything is."
    IdleTimezone    Warning "idle-timezone"   "A feed has a time zone and no cron line that is read in it."
    RulesLeftOut    Warning "rules-left-out"  "Some rules of a file cannot be used."
    OwnAddress      Warning "own-address"     "A feed's address lies where we publish."
    LiteralSecret   Warning "literal-secret"  "A credential stands in the file itself."
    UnseenSecret    Warning "unseen-secret"   "A secret that whoever checks the file cannot see."
    UrlCredential   Warning "url-credential"  "A credential stands in an address."
    NoFeeds         Warning "no-feeds"        "There is no feed to poll."
    UnusedGroup     Warning "unused-group"    "No feed is in a group."
    UnusedAlias     Warning "unused-alias"    "No query leads to an alias."
    NeverMatches    Warning "never-matches"   "A rule, a part of one or a term can hold of no text."
    StopWord        Warning "stop-word"       "A term is in nearly every text."
    ShadowedTerm    Warning "shadowed-term"   "A term finds nothing that another of its alias does not."
    IdleHub         Warning "idle-hub"        "A hub is to hand on what it cannot fetch."
    NoPublicUrl     Warning "no-public-url"   "Readers elsewhere will get links to this machine."
}

impl Code {
    /// Tells whether the place of such a problem holds a secret, which [`render`](super::render()) hides.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::LiteralSecret | Self::UrlCredential)
    }
}

impl Serialize for Code {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(self.name())
    }
}

/// How bad a problem is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Severity {
    /// The file is refused.
    Error,
    /// The file is accepted, but may not do what was meant.
    Warning,
}

/// A place in a text as editors count: both from 1, columns in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct Position {
    /// Line, from 1.
    pub line: usize,
    /// Character in the line, from 1; a tab counts as one, a byte order mark as none.
    pub column: usize,
}

/// Another place that a problem is about: the first of two feeds with one id.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Related {
    /// Bytes of the text.
    #[serde(skip)]
    pub span: Range<usize>,
    /// Where it begins.
    #[serde(flatten)]
    pub start: Position,
    /// What is there.
    pub message: String,
}

/// One fault in `feeds.toml`. Neither message nor help holds a secret (S7).
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// What kind of fault it is.
    pub code: Code,
    /// How bad it is.
    pub severity: Severity,
    /// Bytes of the text at fault; on character boundaries; empty at a place where something lacks.
    #[serde(skip)]
    pub span: Range<usize>,
    /// Where it begins.
    #[serde(flatten)]
    pub start: Position,
    /// The first character after it.
    pub end: Position,
    /// What is wrong, in one line.
    pub message: String,
    /// What to write instead, in one line; may be empty.
    pub help: String,
    /// Another place that it is about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub related: Option<Related>,
}

impl fmt::Display for Problem {
    /// Writes `LINE:COLUMN: message (help)`, the form for logs; [`render`](super::render()) is for people.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Position { line, column } = self.start;
        write!(f, "{line}:{column}: {}", self.message)?;
        if self.help.is_empty() {
            return Ok(());
        }
        write!(f, " ({})", self.help)
    }
}

/// A fault that does not know its place yet: what the reader of one value finds wrong with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    pub(super) code: Code,
    /// Bytes of the value that was read; `None` for all of it.
    pub(super) part: Option<Range<usize>>,
    pub(super) message: String,
    pub(super) help: String,
}

impl Fault {
    pub(super) fn new(code: Code, message: impl Into<String>, help: impl Into<String>) -> Self {
        Self {
            code,
            part: None,
            message: message.into(),
            help: help.into(),
        }
    }

    /// Narrows the fault to a part of the value.
    pub(super) fn at(self, part: Range<usize>) -> Self {
        Self {
            part: Some(part),
            ..self
        }
    }
}

//! What is wrong with a `feeds.toml`, with its place.

use serde::{Serialize, Serializer};
use std::fmt;
use std::ops::Range;

/// Defines [`Code`] and its names in one table, so that none can be without.
macro_rules! codes {
    ($($variant:ident $severity:ident $name:literal $meaning:literal $remedy:literal)*) => {
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

            /// Returns what it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }

            /// Returns what helps, beyond what the help of a problem says of its place.
            pub fn remedy(self) -> &'static str {
                match self { $(Self::$variant => $remedy),* }
            }
        }
    };
}

codes! {
    Syntax          Error "syntax"            "The text is not TOML."
        "TOML ends a text with the quote that began it, and a value with the end of its line, but in a list or \
         between three quotes. The place is where reading failed: what is wrong stands there or just before. What else is \
         wrong in its table is told once it is TOML."
    NotUtf8         Error "not-utf8"          "The file is not UTF-8 text."
        "Save the file as UTF-8 in the editor, or `iconv -f LATIN1 -t UTF-8` it."
    TooMany         Error "too-many"          "There are more problems than are listed."
        "Mend those that are listed, and check again: one mistake often makes many."
    UnknownKey      Error "unknown-key"       "No such key or table."
        "Mostly it is misspelt, or stands beneath another table than the one that it is of. `merganser schema \
         --format markdown` lists them all."
    MissingKey      Error "missing-key"       "A key that must be there is not."
        "Write it, or remove the table: without it, that says nothing."
    WrongType       Error "wrong-type"        "A string where a number belongs, and the like."
        "Texts stand in quotes, numbers and `true` or `false` do not, and lists stand in brackets: `topics = \
         [\"ports\"]`."
    BadValue        Error "bad-value"         "Right type, but out of range or of the wrong form."
        "The line below the problem says what is possible. `merganser schema --format markdown` tells it of all \
         keys."
    BadName         Error "bad-name"          "An id or name with other characters than `a-z`, `0-9` and `-`."
        "Names stand in addresses and labels. Choose another, and leave it so: a feed's id is what it is known by."
    BadDuration     Error "bad-duration"      "No duration, or one out of range."
        "Write a number and a unit: `90s`, `15m`, `2h`, `7d`."
    BadSize         Error "bad-size"          "No size in bytes, or one out of range."
        "Write a whole number and a unit: `512KiB`, `10MiB`."
    BadNetwork      Error "bad-network"       "No network and no address."
        "Write an address and how many of its bits count: `192.168.0.0/16`, `fd00::/8`, or `10.1.2.3` for one \
         machine."
    BadUrl          Error "bad-url"           "No address, or one of a scheme that is not fetched."
        "Write the whole address, with `https://` before it, as a browser shows it when the feed is open."
    BadSchedule     Error "bad-schedule"      "Neither `adaptive` nor `every ..` nor a cron line."
        "Leave it out and merganser finds the pace of the feed; else `every 30m`, or a cron line of five fields: \
         `0 6 * * 1-5`."
    BadTimezone     Error "bad-timezone"      "No time zone of the tz database."
        "Write a name as `timedatectl list-timezones` lists them: `Europe/Paris`. An offset is none, since clocks \
         are changed."
    BadLanguage     Error "bad-language"      "No language tag."
        "Write what stands in `lang` of a page: `en`, `pt-BR`."
    BadHeader       Error "bad-header"        "A header that cannot be sent, or that merganser sets itself."
        "Validators, codings and the host are merganser's; who asks is said by `auth`, and what asks by \
         `user-agent` in `[fetch]`."
    BadSecret       Error "bad-secret"        "A secret that cannot be had from where the file says."
        "See that the variable, file or credential is there and that the service may read it. A credential is the file \
         `/etc/credstore/merganser.NAME`, or before systemd 254 what `LoadCredential=` in a drop-in names; either is read when \
         the service starts, and a new one wants a restart."
    TwoCredentials  Error "two-credentials"   "A feed or a proxy is told twice who asks."
        "An origin gets one answer to who asks: keep `auth`, the header or what stands in the address, and remove \
         the rest."
    BadQuery        Error "bad-query"         "A query or an alias that does not compile."
        "The caret is at the word where it stops making sense. Terms are words or \"words in quotes\", with AND, \
         OR, NOT, NEAR and brackets."
    BrokenExample   Error "broken-example"    "A topic says of one of its examples what it is not to say."
        "Widen or narrow the query until it says what the example wants, or mend the example. `merganser explain \
         --file FILE` shows what matched."
    IntervalOrder   Error "interval-order"    "`min-interval` is longer than `max-interval`."
        "Both hold for adaptive polls: `min-interval` is the shortest pause, `max-interval` the longest. Where one \
         is not written, it comes from the group or `[defaults]`."
    DuplicateId     Error "duplicate-id"      "Two feeds have one id, or two topics one name."
        "What is stored goes by them, so two cannot share one: rename the newer."
    DuplicateUrl    Error "duplicate-url"     "Two feeds have one address."
        "A publisher is asked once: remove one of the two. `http` and `https`, a slash at the end and a fragment \
         make no difference."
    DuplicateHost   Error "duplicate-host"    "Two rules for addresses have one host."
        "Write what both drop and keep in one rule."
    BadRules        Error "bad-rules"         "A file of rules that cannot be read or is none."
        "See that the file is there, is a file, and is in the form of ClearURLs' `data.min.json`."
    OwnOutput       Error "own-output"        "A feed's address is that of one of our outputs."
        "Remove the feed: what we publish would come back as news. To join outputs, write one output with a query."
    DuplicatePath   Error "duplicate-path"    "Two outputs have one path."
        "Readers ask by path: rename the newer, since the other has readers."
    ReservedPath    Error "reserved-path"     "An output's path is one of the server's own."
        "Choose another name: pages of the server and what operators ask for stand there."
    UnknownFeed     Error "unknown-feed"      "A topic names a feed that is not there."
        "Write the `id` of a feed as `merganser list` has it. A feed that was removed is to be taken out here, \
         too."
    UnknownGroup    Error "unknown-group"     "A group is named that is not there."
        "Write `[group.NAME]`, or leave the name out where a feed is to be in no group."
    UnknownTopic    Error "unknown-topic"     "A topic is named that is not there."
        "Write the `name` of a `[[topic]]` of this file."
    NeedsRestart    Error "needs-restart"     "A running daemon is told what only a start can take."
        "The listener and the database are opened once: restart the service, or write what was there. Nothing else \
         of the file is taken until then."
    ManyWarnings    Warning "many-warnings"   "There are more warnings than are listed."
        "Mend those that are listed, and check again: one reason often makes many."
    FastInterval    Warning "fast-interval"   "Feeds are polled more often than publishers like."
        "Many publishers shut out who asks more often than every quarter of an hour. It is fit for an origin of \
         your own."
    IdleRetention   Warning "idle-retention"  "Something is to be kept for longer than anything is."
        "What `[storage]` keeps holds for all: make that longer, or this shorter."
    IdleTimezone    Warning "idle-timezone"   "A feed has a time zone and no cron line that is read in it."
        "A time zone is for cron lines. Write one as `schedule`, or leave it out."
    FixedTimezone   Warning "fixed-timezone"  "A time zone keeps one offset all year."
        "Write the name of a place, as `timedatectl list-timezones` lists them: `America/New_York` goes with its clocks. \
         Where one offset is meant, all is well."
    RareSchedule    Warning "rare-schedule"   "A cron line comes less often than once a month."
        "Its fields are minute, hour, day of the month, month and day of the week. `*` stands for each, and \
         `every 30d` says what is meant without them."
    RulesLeftOut    Warning "rules-left-out"  "Some rules of a file cannot be used."
        "The others are in force. What cannot be matched in linear time is left out, since a publisher chooses \
         what it is matched with."
    OwnAddress      Warning "own-address"     "A feed's address lies where we publish."
        "Where another program publishes beneath the same address all is well. Else poll the feeds that the \
         articles come from."
    BlockedAddress  Warning "blocked-address" "A feed or a hub is at an address that may not be asked."
        "What is not public is asked only where `allow-networks` names it: a redirect of any publisher may lead into your \
         own network. Name it beside the feed's `url`, of a hub in `[fetch]`, and no more than is meant."
    LiteralSecret   Warning "literal-secret"  "A credential stands in the file itself."
        "Whoever reads the file, or its copies in backups and repositories, has the secret. Keep it elsewhere, and \
         change it where it was seen."
    UnseenSecret    Warning "unseen-secret"   "A secret that whoever checks the file cannot see."
        "It may be that the service sees what you do not, and all is well. Where it sees no more, it does not \
         start."
    UrlCredential   Warning "url-credential"  "A credential stands in an address."
        "Addresses are shown, logged and copied by other programs. Write `auth`, which merganser sends and shows \
         nowhere."
    PlainHttp       Warning "plain-http"      "A feed is asked without TLS and answers with it, too."
        "Write `https` in its address: whoever is on the way can read and change what comes without it. `check \
         --online` alone looks for that."
    NoFeeds         Warning "no-feeds"        "There is no feed to poll."
        "`merganser add ADDRESS` adds one. A daemon that has some refuses such a file, since editors empty one for \
         a moment."
    UnusedGroup     Warning "unused-group"    "No feed is in a group."
        "Write `group = \"NAME\"` in a feed, or remove the group. A name that is misspelt somewhere is another \
         group."
    UnusedAlias     Warning "unused-alias"    "No query leads to an alias."
        "Write `@NAME` in a query, or remove it."
    NeverMatches    Warning "never-matches"   "A rule, a part of one or a term can hold of no text."
        "Mostly two conditions exclude each other, or a sign stands in a term that texts are not searched by. \
         Remove it or write what was meant."
    MisspeltOperator Warning "misspelt-operator" "A word of a query is nearly an operator, and is looked for."
        "Operators are in capitals, and have a slash before their number: `NEAR/5`, `ONEAR/5`, `ATLEAST/2(oil, gas)`. \
         Where the word is meant, write it in quotes."
    StopWord        Warning "stop-word"       "A term is in nearly every text."
        "Such words (`the`, `of`) tell nothing. Leave it out, or put it into a phrase in quotes, where it counts."
    ShadowedTerm    Warning "shadowed-term"   "A term finds nothing that another of its alias does not."
        "It does no harm. Remove it, or see whether the other is wider than you meant."
    UnpublishedTopic Warning "unpublished-topic" "No output selects a topic, and no query names it."
        "Write `[[output]]` with `select = \"topic:NAME\"`, or remove the topic: as it is, readers see it as a \
         category at most."
    SilentTopic     Warning "silent-topic"    "A topic has nothing of the last month."
        "See whether its query asks for too much: `merganser search QUERY` finds what is stored, and `merganser plan` tells what \
         another query would take in. Where such news are rare, all is well. `check` looks for it where it can read a \
         database that is older than that."
    WholeOutput     Warning "whole-output"    "An output has the name of a topic, and holds everything."
        "Write `select = \"topic:NAME\"` for what is in the topic, or `select = \"*\"` if everything is meant."
    TopicAsWord     Warning "topic-as-word"   "An output looks for a word that is the name of a topic."
        "Write `select = \"topic:NAME\"` for what is in the topic. Where the word is meant, write it in quotes within \
         the query."
    IdleHub         Warning "idle-hub"        "A hub is to hand on what it cannot fetch."
        "A hub fetches what it hands on: write `public-url` as others reach it, or `hub = \"none\"`."
    NoPublicUrl     Warning "no-public-url"   "Readers elsewhere will get links to this machine."
        "Set `public-url` once, as readers reach this machine, before anybody subscribes: ids and links are made \
         of it."
}

impl Code {
    /// Tells whether the place of such a problem holds a secret, which [`render`](super::render()) hides.
    pub(super) fn is_secret(self) -> bool {
        matches!(self, Self::LiteralSecret | Self::UrlCredential)
    }

    /// Tells whether no table but those where such a problem stands can be its cause, so that it is one whatever the
    /// rest of the file says. Of warnings, only those are told besides which [`render`](super::render()) must know.
    pub(super) fn has_its_cause_there(self) -> bool {
        let is_of_one_table = matches!(
            self,
            Self::UnknownKey
                | Self::WrongType
                | Self::BadValue
                | Self::BadName
                | Self::BadDuration
                | Self::BadSize
                | Self::BadNetwork
                | Self::BadUrl
                | Self::BadSchedule
                | Self::BadTimezone
                | Self::BadLanguage
                | Self::BadHeader
                | Self::BadSecret
                | Self::UnseenSecret
                | Self::TwoCredentials
                | Self::BadQuery
                | Self::BadRules
                | Self::ReservedPath
        );
        let is_of_two = matches!(
            self,
            Self::DuplicateId | Self::DuplicateUrl | Self::DuplicateHost | Self::DuplicatePath
        );
        is_of_one_table || is_of_two || self.is_secret()
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

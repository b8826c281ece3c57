//! What the operator may say about outputs.

use std::time::Duration;
use url::Url;

/// A document format of an output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum OutputFormat {
    /// Atom 1.0 at `PATH.atom`.
    Atom,
    /// RSS 2.0 at `PATH.rss`.
    Rss,
    /// JSON Feed 1.1 at `PATH.json`.
    Json,
}

impl OutputFormat {
    /// All formats, in the order in which pages list them.
    pub const ALL: [Self; 3] = [Self::Atom, Self::Rss, Self::Json];

    /// Returns the name used in `feeds.toml` and as file extension.
    pub fn name(self) -> &'static str {
        match self {
            Self::Atom => "atom",
            Self::Rss => "rss",
            Self::Json => "json",
        }
    }

    /// Returns the name that people know.
    pub fn label(self) -> &'static str {
        match self {
            Self::Atom => "Atom",
            Self::Rss => "RSS",
            Self::Json => "JSON",
        }
    }

    /// Returns the media type it is served as (U22).
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Atom => "application/atom+xml; charset=utf-8",
            Self::Rss => "application/rss+xml; charset=utf-8",
            // JSON is UTF-8 and has no such parameter (RFC 8259, 11).
            Self::Json => "application/feed+json",
        }
    }
}

/// Which articles an output holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// All of them: `select = "*"`.
    All,
    /// Those with a label: a topic's name for `select = "topic:NAME"`, else the label that the
    /// classifier gives to what the output's own query selects.
    Label(String),
}

/// What an entry of an output stands for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Unit {
    /// An article: `unit = "article"`.
    #[default]
    Article,
    /// All reports of one event: `unit = "story"`. An article that nothing else reports stands for itself.
    Story,
}

impl Unit {
    /// All of them.
    pub const ALL: [Self; 2] = [Self::Article, Self::Story];

    /// Returns the name used in `feeds.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Article => "article",
            Self::Story => "story",
        }
    }
}

/// One published feed: a table `[[output]]`, or one of the defaults.
#[expect(
    clippy::struct_excessive_bools,
    reason = "the operator says each by itself"
)]
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    /// Name without slash or extension: `all` is served as `/all.atom`, `/all.rss` and `/all.json`.
    pub path: String,
    /// Title for readers.
    pub title: String,
    /// What it is, in the operator's words; one is made where there are none.
    pub description: Option<String>,
    /// Which articles.
    pub selection: Selection,
    /// What an entry stands for.
    pub unit: Unit,
    /// So many of the newest.
    pub items: usize,
    /// Beyond these, what came within so long, up to [`Output::most`].
    pub stay: Duration,
    /// At most so many of one feed.
    pub max_per_feed: Option<usize>,
    /// In which formats, sorted, at least one.
    pub formats: Vec<OutputFormat>,
    /// Only what so many independent outlets carry; 1 for whatever there is.
    pub min_sources: u64,
    /// Whether the text of an entry says who else reports it.
    pub also_reported: bool,
    /// Language of its title, and of entries that tell none.
    pub language: Option<String>,
    /// Address of a small square picture of it.
    pub icon: Option<String>,
    /// Address of a picture twice as wide as high.
    pub logo: Option<String>,
    /// The hub that tells subscribers of news (WebSub).
    pub hub: Option<Url>,
    /// Whether everything that it ever listed stays to be had (RFC 5005).
    pub archive: bool,
    /// Whether it tells which entries left it (RFC 6721).
    pub tombstones: bool,
    /// Whether it is for those with a key, not for everybody.
    pub is_protected: bool,
}

/// What stands after the path of a protected output in the name of its ledger. No path has it.
const PROTECTED: char = '?';

impl Output {
    /// Entries of an output unless the operator says otherwise: a day of a busy newsroom's merged feed.
    pub const ITEMS: usize = 100;

    /// How long what came stays listed at least, unless the operator says otherwise: readers that ask once a
    /// day miss nothing.
    pub const STAY: Duration = Duration::from_hours(24);

    /// Most independent outlets that can be asked for: what twenty carry, everybody knows of.
    pub const MOST_SOURCES: u64 = 20;

    /// How many times `items` the articles of a busy day may be.
    const BURST: usize = 5;

    /// Articles that no output has more of: readers choke on longer documents.
    pub const MOST: usize = 5000;

    /// Makes an output of which nothing else is said.
    pub fn new(path: &str, title: &str, selection: Selection) -> Self {
        Self {
            path: path.to_owned(),
            title: title.to_owned(),
            description: None,
            selection,
            unit: Unit::default(),
            items: Self::ITEMS,
            stay: Self::STAY,
            max_per_feed: None,
            formats: OutputFormat::ALL.to_vec(),
            min_sources: 1,
            also_reported: true,
            language: None,
            icon: None,
            logo: None,
            hub: None,
            archive: true,
            tombstones: false,
            is_protected: false,
        }
    }

    /// Returns the label of the articles that it holds; `None` where it holds all.
    pub fn label(&self) -> Option<&str> {
        match &self.selection {
            Selection::All => None,
            Selection::Label(label) => Some(label),
        }
    }

    /// Returns the name under which it is noted what its readers were told: for those with the key another than for
    /// everybody, so that nothing of the one comes to the other when a key is asked for no more (U31).
    pub fn ledger(&self) -> String {
        Self::ledger_of(&self.path, self.is_protected)
    }

    /// Returns the name of the other: what was told to those with the key where the output is for everybody, and the other
    /// way round.
    pub fn other_ledger(&self) -> String {
        Self::ledger_of(&self.path, !self.is_protected)
    }

    fn ledger_of(path: &str, is_protected: bool) -> String {
        let suffix = is_protected.then_some(PROTECTED);
        path.chars().chain(suffix).collect()
    }

    /// Returns the path of the output whose ledger has a name.
    pub fn path_of(ledger: &str) -> &str {
        ledger.strip_suffix(PROTECTED).unwrap_or(ledger)
    }

    /// Returns how many articles the output may have at most.
    pub fn most(&self) -> usize {
        let burst = if self.stay.is_zero() { 1 } else { Self::BURST };
        self.items.saturating_mul(burst).min(Self::MOST)
    }
}

/// What all outputs have in common.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Site {
    /// Title of the whole.
    pub title: String,
    /// Author of the outputs; entries without any author of their own name their source instead (U6).
    pub author: String,
    /// Mail address or page of the operator.
    pub contact: Option<String>,
    /// Where readers reach us: scheme and authority, and a path ending in `/`.
    pub public_url: Url,
    /// Names and titles of the topics, in file order.
    pub topics: Vec<(String, String)>,
}

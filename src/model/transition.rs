//! How feeds and the daemon turn, as operators are told of it.

use super::FeedId;
use jiff::Timestamp;

/// What something became.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Turn {
    /// As it should be, after something that was told.
    Well,
    /// It fails.
    Failing,
    /// At its address is no feed any more.
    NotAFeed,
    /// Its publisher has ended it (410).
    Gone,
    /// It answers, and has had nothing new for longer than it used to.
    Silent,
    /// It is asked at another address from now on.
    Moved,
    /// It is asked at its own address again.
    Returned,
    /// A file that was refused, or could not be taken up.
    Refused,
    /// More than is told one by one.
    Many,
}

impl Turn {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Well,
        Self::Failing,
        Self::NotAFeed,
        Self::Gone,
        Self::Silent,
        Self::Moved,
        Self::Returned,
        Self::Refused,
        Self::Many,
    ];

    /// Returns the stable name used in the database and as category.
    pub fn name(self) -> &'static str {
        match self {
            Self::Well => "well",
            Self::Failing => "failing",
            Self::NotAFeed => "not-a-feed",
            Self::Gone => "gone",
            Self::Silent => "silent",
            Self::Moved => "moved",
            Self::Returned => "returned",
            Self::Refused => "refused",
            Self::Many => "many",
        }
    }
}

/// What turned.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum About {
    /// A feed.
    Feed(FeedId),
    /// Feeds, too many to be told one by one.
    Feeds,
    /// The database.
    Database,
    /// Our own network.
    Network,
    /// The proxies that feeds name.
    Proxies,
    /// `feeds.toml`.
    File,
    /// The files in `publish-dir`.
    Files,
    /// The archives of outputs.
    Archives,
}

/// How the name of a feed begins among what turned.
const FEED: &str = "feed:";

impl About {
    /// Returns the stable name.
    pub fn name(&self) -> String {
        match self {
            Self::Feed(feed) => format!("{FEED}{}", feed.as_str()),
            Self::Feeds => "feeds".to_owned(),
            Self::Database => "database".to_owned(),
            Self::Network => "network".to_owned(),
            Self::Proxies => "proxy".to_owned(),
            Self::File => "feeds.toml".to_owned(),
            Self::Files => "publish-dir".to_owned(),
            Self::Archives => "archives".to_owned(),
        }
    }

    /// Returns what has this name.
    pub fn named(name: &str) -> Option<Self> {
        if let Some(feed) = name.strip_prefix(FEED) {
            return Some(Self::Feed(FeedId::new(feed)));
        }
        let all = [
            Self::Feeds,
            Self::Database,
            Self::Network,
            Self::Proxies,
            Self::File,
            Self::Files,
            Self::Archives,
        ];
        all.into_iter().find(|about| about.name() == name)
    }
}

/// One turn, told once.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Transition {
    /// When it was seen.
    pub at: Timestamp,
    /// What turned.
    pub about: About,
    /// What it became.
    pub turn: Turn,
    /// Why, in a word that tells nothing of addresses; may be empty.
    pub what: String,
    /// The same in a line, without secrets; may be empty.
    pub detail: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whatever_turns_is_known_by_its_name() {
        let feed = About::Feed(FeedId::new("database"));
        for about in [
            feed,
            About::Feeds,
            About::Database,
            About::Network,
            About::Proxies,
            About::File,
            About::Files,
            About::Archives,
        ] {
            assert_eq!(About::named(&about.name()), Some(about));
        }
        assert_eq!(About::named("moon"), None);
    }
}

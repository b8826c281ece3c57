//! What one document proves of its ids as a whole.
//!
//! An id that does not name one entry is not believed where it is seen (`document.rs`). But a document
//! holds what happens to be listed: of five entries with one id, the last to leave looks as if it were
//! its own. So a document in which ids fail as a rule is remembered, and no id of its feed believed from
//! then on.

use super::entry::Draft;
use crate::model::{Defect, FeedProfile, GuidHealth};
use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Ids below which a repeated one says nothing about the rest.
const MIN_IDS: usize = 4;

/// Share of distinct ids below which they are repeated as a rule, in per cent: a slip or two in a long
/// list is not one.
const DISTINCT_PERCENT: usize = 90;

/// Share of ids that are the site's address, in per cent, above which it is the rule..
const CHANNEL_PERCENT: usize = 50;

/// ..and how many there are at least: the first post of a thread has the address of the thread, which is
/// the channel's, and is for a while the only one.
const MIN_CHANNELS: usize = 2;

/// What the ids of a document are worth, by this document alone.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Ids {
    /// Good, repeated or the channel's link.
    pub health: GuidHealth,
    /// How many of them are not as they should be.
    pub bad: usize,
    /// How many there are; versions of one entry count once.
    pub all: usize,
}

impl Ids {
    /// Returns what is to be told of the document; `None` where nothing is.
    pub fn defect(&self) -> Option<Defect> {
        let code = match self.health {
            GuidHealth::Repeated => "repeated-id",
            GuidHealth::ChannelLink => "channel-link-id",
            _ => return None,
        };
        let message = self.to_string();
        Some(Defect { code, message })
    }
}

impl fmt::Display for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.health {
            GuidHealth::Repeated => "share an id with another",
            GuidHealth::ChannelLink => "have the address of the site for an id",
            _ => return write!(f, "{} ids, each its entry's own", self.all),
        };
        write!(f, "{} of {} entries {what}", self.bad, self.all)
    }
}

/// Returns what a document's ids are worth, and those that name more than one entry.
pub(super) fn weigh(drafts: &[Draft], profile: &FeedProfile) -> (Ids, BTreeSet<String>) {
    let mut bearers: BTreeMap<&str, Vec<&Draft>> = BTreeMap::new();
    for draft in drafts {
        if let Some(id) = &draft.id {
            bearers.entry(id).or_default().push(draft);
        }
    }
    let mut shared = BTreeSet::new();
    let (mut all, mut sharing, mut channels) = (0, 0, 0);
    for (id, bearers) in &bearers {
        let places = places(bearers);
        all += places;
        if places > 1 {
            sharing += places;
            shared.insert((*id).to_owned());
        }
        if is_channel(id, profile) {
            channels += places;
        }
    }
    let (health, bad) = if channels >= MIN_CHANNELS && channels * 100 > all * CHANNEL_PERCENT {
        (GuidHealth::ChannelLink, channels)
    } else if all >= MIN_IDS && bearers.len() * 100 < all * DISTINCT_PERCENT {
        (GuidHealth::Repeated, sharing)
    } else {
        (GuidHealth::Good, 0)
    };
    (Ids { health, bad, all }, shared)
}

/// Counts the entries among drafts of one id, by where they are ([`Draft::place`]). The same id at the same
/// address is a version of the entry (RFC 4287, 4.1.1).
fn places(bearers: &[&Draft]) -> usize {
    match bearers {
        [_] => 1,
        many => many
            .iter()
            .map(|draft| draft.place())
            .collect::<BTreeSet<_>>()
            .len(),
    }
}

/// Tells whether an id is an address of the channel: its home, its own, its id. The front page of another
/// site is not: a list of sites names each by its own.
fn is_channel(id: &str, profile: &FeedProfile) -> bool {
    let own = [&profile.home_url, &profile.self_url, &profile.id];
    let mut own = own.into_iter().flatten();
    own.any(|address| match (bare(address), bare(id)) {
        (Some(address), Some(id)) => address.eq_ignore_ascii_case(id),
        _ => address == id,
    })
}

/// Returns an http(s) address without what differs between two spellings of one; other texts are none.
fn bare(address: &str) -> Option<&str> {
    let address = address.trim();
    let rest = address
        .strip_prefix("https://")
        .or_else(|| address.strip_prefix("http://"))?;
    let rest = rest.strip_prefix("www.").unwrap_or(rest);
    Some(rest.trim_end_matches('/'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_of_the_channel() {
        let profile = FeedProfile {
            id: Some("urn:feed".to_owned()),
            home_url: Some("http://www.example.org/news/".to_owned()),
            self_url: Some("https://example.org/feed.xml".to_owned()),
            ..FeedProfile::default()
        };
        for (id, expected) in [
            ("https://example.org/news", true),
            ("http://www.Example.org/news/", true),
            ("https://example.org/feed.xml", true),
            ("urn:feed", true),
            ("https://elsewhere.example", false),
            ("https://example.org/news/1", false),
            ("https://example.org/?p=1", false),
            ("urn:feed:1", false),
            ("example.org/news", false),
            ("", false),
        ] {
            assert_eq!(is_channel(id, &profile), expected, "{id}");
        }
    }
}

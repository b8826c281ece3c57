//! How many independent voices report something.

use std::collections::{BTreeMap, BTreeSet};

/// Who speaks in an entry.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Voice<'a> {
    /// The owner of its feed, by the operator's word.
    pub owner: Option<&'a str>,
    /// The registrable domain of its link.
    pub site: Option<&'a str>,
    /// Its feed.
    pub feed: &'a str,
    /// Whether the feed passes on what another published: then the link says who speaks.
    pub aggregated: bool,
}

/// Whom a voice is counted as.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Heard<'a> {
    Owner(&'a str),
    Site(&'a str),
    Feed(&'a str),
}

/// Counts independent voices: owners, else sites, else feeds.
///
/// A feed is one voice, whatever sites it links to, unless it passes on what others say.
///
/// A site at which feeds of one owner publish is that owner's for all entries that link to it. One at which
/// feeds of several do is a platform, and says nothing about owners.
pub fn voices<'a>(members: impl IntoIterator<Item = Voice<'a>>) -> usize {
    let members: Vec<Voice<'a>> = members.into_iter().collect();
    let mut owners: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for voice in members.iter().filter(|voice| !voice.aggregated) {
        if let (Some(owner), Some(site)) = (voice.owner, voice.site) {
            owners.entry(site).or_default().insert(owner);
        }
    }
    let owner_of = |site: &str| {
        let mut owners = owners.get(site)?.iter();
        let only = owners.next().copied();
        only.filter(|_| owners.next().is_none())
    };
    let heard = members.iter().map(|voice| {
        let own = voice.owner.filter(|_| !voice.aggregated);
        let owner = own.or_else(|| owner_of(voice.site?));
        match (owner, voice.site) {
            (Some(owner), _) => Heard::Owner(owner),
            (None, Some(site)) => Heard::Site(site),
            (None, None) => Heard::Feed(voice.feed),
        }
    });
    let mut one = One::default();
    for (voice, heard) in members.iter().zip(heard) {
        let number = one.number(heard);
        if !voice.aggregated {
            let feed = one.number(Heard::Feed(voice.feed));
            one.unite(number, feed);
        }
    }
    one.count()
}

/// Names of voices, some of which are one.
#[derive(Default)]
struct One<'a> {
    /// Which voice each name is.
    voices: BTreeMap<Heard<'a>, usize>,
}

impl<'a> One<'a> {
    /// Returns the voice of a name.
    fn number(&mut self, heard: Heard<'a>) -> usize {
        let next = self.voices.len();
        *self.voices.entry(heard).or_insert(next)
    }

    /// Makes two voices one.
    fn unite(&mut self, one: usize, other: usize) {
        for voice in self.voices.values_mut().filter(|voice| **voice == other) {
            *voice = one;
        }
    }

    /// Counts the voices.
    fn count(&self) -> usize {
        self.voices.values().collect::<BTreeSet<_>>().len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Voices written as `owner site feed`, `-` for none, with `+` behind an aggregated one.
    fn count(members: &[&str]) -> usize {
        voices(members.iter().map(|text| {
            let mut parts = text.trim_end_matches('+').split(' ');
            let mut part = || parts.next().filter(|part| *part != "-");
            Voice {
                owner: part(),
                site: part(),
                feed: part().unwrap(),
                aggregated: text.ends_with('+'),
            }
        }))
    }

    #[test]
    fn voices_are_owners_then_sites_then_feeds() {
        for (members, expected) in [
            (&[][..], 0),
            (&["- - f"], 1),
            (&["- - f", "- - f", "- - g"], 2),
            (&["- a.org f", "- a.org g"], 1),
            // A feed is one voice, an aggregator as many as it passes on.
            (&["- a.org f", "- b.org f"], 1),
            (&["- a.org f+", "- b.org f+"], 2),
            (&["x a.org f", "x b.org g"], 1),
            (&["x a.org f", "y b.org g"], 2),
            // An owner's site is the owner's, whoever links to it..
            (&["x a.org f", "- a.org g"], 1),
            (&["x a.org f", "z a.org planet+", "- a.org hub+"], 1),
            // .. unless it is a platform.
            (&["x a.org f", "y a.org g", "- a.org h"], 3),
            // An aggregator is no voice of its own, and its owner is nobody's.
            (&["z a.org hub+", "z b.org hub+"], 2),
            (&["z a.org hub+", "- a.org f"], 1),
            (&["z - hub+", "z - hub+"], 1),
        ] {
            assert_eq!(count(members), expected, "{members:?}");
        }
    }
}

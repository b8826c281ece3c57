//! What everybody may be told: what some output for everybody selects, and nothing beside it.
//!
//! That is asked of each entry by itself, whatever it is named for: as the one that tells an article, as a copy, as a
//! report of a story, on a page, in an archive. An entry is told where it has a label that an output for everybody
//! selects, or where such a label takes its story and holds it. It need not be listed there at the moment: what is too
//! old for a list was told once.
//!
//! An article that has entries of both kinds is told by those of the first alone (`lead::among`), with the id and the
//! dates that it has for those who may know all. Rejected: to leave it out of outputs for everybody, which have it by an
//! entry of their own; and another id for them, which would become a second one when the configuration changes.

use super::rows::{count, feed_id};
use super::{Store, StoreError, labels, rules, shares};
use crate::model::FeedId;
use crate::publish::{Output, Selection};
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::{BTreeMap, BTreeSet};

/// What outputs for everybody select.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Openly {
    /// All that so many outlets carry; `None`: no output selects what has no label.
    all: Option<u64>,
    /// What has a label, if so many outlets carry it.
    labels: BTreeMap<String, u64>,
}

impl Openly {
    /// Gathers what some outputs select.
    pub fn of(outputs: &mut dyn Iterator<Item = &Output>) -> Self {
        let mut openly = Self::default();
        for output in outputs {
            let least = output.min_sources;
            match &output.selection {
                Selection::All => {
                    openly.all = Some(openly.all.map_or(least, |all| all.min(least)));
                }
                Selection::Label(label) => {
                    let known = openly.labels.entry(label.clone()).or_insert(least);
                    *known = least.min(*known);
                }
            }
        }
        openly
    }

    /// Tells whether everything may be told that so many outlets carry.
    pub fn has_all(&self, outlets: u64) -> bool {
        self.all.is_some_and(|least| least <= outlets)
    }

    /// Returns the labels of which an entry has to have one to be told to everybody, once enough carry it; `None` where
    /// it needs none.
    pub fn labels(&self) -> Option<BTreeSet<String>> {
        let labels = self.labels.keys().cloned().collect();
        self.all.is_none().then_some(labels)
    }
}

/// Who is told what is read.
pub(super) enum Audience {
    /// Who may know all.
    Few,
    /// Everybody.
    All {
        /// All may be told that so many outlets carry.
        least: Option<u64>,
        /// What has a label may, by the name that this is stored as, if so many outlets carry it.
        names: BTreeMap<String, u64>,
    },
}

/// Which entries of an article may be told.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// All of them.
    All,
    /// Some or none.
    These(BTreeSet<i64>),
}

impl Told {
    /// Tells whether an entry may be told.
    pub(super) fn has(&self, entry: i64) -> bool {
        match self {
            Self::All => true,
            Self::These(told) => told.contains(&entry),
        }
    }
}

impl Audience {
    /// Finds what may be told; without `openly` all may.
    pub(super) fn new(connection: &Connection, openly: Option<&Openly>) -> Result<Self> {
        let Some(openly) = openly.filter(|openly| !openly.has_all(1)) else {
            return Ok(Self::Few);
        };
        let mut names = BTreeMap::new();
        for (label, least) in &openly.labels {
            let name = rules::name_of(connection, label)?;
            names.extend(name.map(|name| (name, *least)));
        }
        Ok(Self::All {
            least: openly.all,
            names,
        })
    }

    /// Tells whether everything may be told that so many outlets carry.
    fn has_all(&self, outlets: u64) -> bool {
        match self {
            Self::Few => true,
            Self::All { least, .. } => least.is_some_and(|least| least <= outlets),
        }
    }

    /// Tells whether what has a label may be told, by the name that this is stored as, when so many outlets carry it.
    fn has(&self, name: &str, outlets: u64) -> bool {
        match self {
            Self::Few => true,
            Self::All { names, .. } => names.get(name).is_some_and(|least| *least <= outlets),
        }
    }

    /// Returns which entries of an article may be told.
    pub(super) fn told(&self, connection: &Connection, article: i64) -> Result<Told> {
        if matches!(self, Self::Few) {
            return Ok(Told::All);
        }
        let Some(outlets) = outlets(connection, article)? else {
            return Ok(Told::These(BTreeSet::new()));
        };
        if self.has_all(outlets) {
            return Ok(Told::All);
        }
        let has = |name: &String| self.has(name, outlets);
        let own = labels::of_entries(connection, article)?.into_iter();
        let own = own.filter(|(_, name)| has(name)).map(|(entry, _)| entry);
        let mut told: BTreeSet<i64> = own.collect();
        for name in shares::taking(connection, article)?
            .iter()
            .filter(|it| has(it))
        {
            if let Some(scope) = shares::scope_of(connection, name)? {
                told.extend(shares::admitted(connection, article, &scope)?);
            }
        }
        Ok(Told::These(told))
    }
}

/// How many outlets carry the newest entries of a feed or their stories, and the labels of each.
pub(super) const OF_FEED: &str = "
    SELECT coalesce(s.outlets, a.outlets), m.label FROM entries AS e INDEXED BY entries_by_feed
    CROSS JOIN articles AS a ON a.id = e.article
    LEFT JOIN stories AS s ON s.id = a.story
    LEFT JOIN matches AS m ON m.entry = e.id
    WHERE e.feed = ?1 AND e.article IS NOT NULL ORDER BY e.id DESC LIMIT ?2";

/// Labels of its newest entries by which a feed is judged: those of weeks. Of most the first tells; of thousands of feeds
/// of which nobody is told all are read, in a second.
const LOOKED_AT: i64 = 1000;

impl Store {
    /// Returns the feeds that everybody may be told of: those of which an output for everybody selects one of the newest
    /// entries, by what this says itself; `None` for all.
    pub fn told_feeds(&self, openly: &Openly) -> Result<Option<BTreeSet<FeedId>>, StoreError> {
        self.pool.read(|connection| told_feeds(connection, openly))
    }
}

fn told_feeds(connection: &Connection, openly: &Openly) -> Result<Option<BTreeSet<FeedId>>> {
    let audience = Audience::new(connection, Some(openly))?;
    if matches!(audience, Audience::Few) {
        return Ok(None);
    }
    let mut feeds = connection.prepare_cached("SELECT id, name FROM feeds")?;
    let mut rows = feeds.query([])?;
    let mut told = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if is_told_of(connection, row.get(0)?, &audience)? {
            told.insert(feed_id(row, "name")?);
        }
    }
    Ok(Some(told))
}

fn is_told_of(connection: &Connection, feed: i64, audience: &Audience) -> Result<bool> {
    let mut statement = connection.prepare_cached(OF_FEED)?;
    let mut rows = statement.query((feed, LOOKED_AT))?;
    while let Some(row) = rows.next()? {
        let (outlets, label): (i64, Option<String>) = (row.get(0)?, row.get(1)?);
        let has = |label: &String| audience.has(label, count(outlets));
        if audience.has_all(count(outlets)) || label.as_ref().is_some_and(has) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Returns how many outlets carry an article or its story; `None` where it has left.
fn outlets(connection: &Connection, article: i64) -> Result<Option<u64>> {
    connection
        .prepare_cached(
            "SELECT coalesce((SELECT outlets FROM stories WHERE id = a.story), a.outlets)
             FROM articles AS a WHERE a.id = ?1",
        )?
        .query_row([article], |row| Ok(count(row.get(0)?)))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn everybody_is_told_what_some_output_selects() {
        let output = |label: Option<&str>, min_sources| Output {
            min_sources,
            ..Output::new(
                "x",
                "X",
                label.map_or(Selection::All, |label| Selection::Label(label.to_owned())),
            )
        };
        let (sea, seas, some) = (
            output(Some("sea"), 3),
            output(Some("sea"), 2),
            output(None, 4),
        );
        for (outputs, label, outlets, expected) in [
            (&[][..], "sea", 9, false),
            (std::slice::from_ref(&sea), "sea", 2, false),
            (std::slice::from_ref(&sea), "sea", 3, true),
            (std::slice::from_ref(&sea), "land", 9, false),
            (&[sea.clone(), seas.clone()], "sea", 2, true),
            (&[seas, sea.clone()], "sea", 2, true),
            (&[sea.clone(), some.clone()], "land", 4, true),
            (&[sea.clone(), some], "land", 3, false),
        ] {
            let openly = Openly::of(&mut outputs.iter());
            // Labels are stored under their own names here.
            let audience = Audience::All {
                least: openly.all,
                names: openly.labels.clone(),
            };
            let has = audience.has_all(outlets) || audience.has(label, outlets);
            assert_eq!(has, expected, "{openly:?}");
        }
        assert!(Openly::of(&mut [output(None, 1)].iter()).has_all(1));
    }
}

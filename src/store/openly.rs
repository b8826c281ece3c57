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

use super::carried::Carried;
use super::rows::{count, feed_id, numbers};
use super::{Store, StoreError, rules, shares};
use crate::model::FeedId;
use crate::publish::{Output, Selection};
use rusqlite::{Connection, Result};
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::rc::Rc;

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

/// Who is told what is read, in one transaction; with what was asked for that more than once.
pub(super) struct Audience<'a> {
    /// What everybody may be told; `None`: who is told may know all.
    openly: Option<&'a Openly>,
    /// The labels that readers know by names.
    labels: RefCell<BTreeMap<String, Option<String>>>,
    /// The names of the labels that take stories, whatever they take of them.
    taking: RefCell<BTreeMap<i64, Vec<String>>>,
    /// Which entries of articles may be told: each report of a story is named beside all others.
    told: RefCell<BTreeMap<i64, Rc<Told>>>,
}

/// The names of the labels of an entry.
pub(super) const OWN: &str = "SELECT label FROM matches WHERE entry = ?1";

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

impl<'a> Audience<'a> {
    /// Finds what may be told; without `openly` all may.
    pub(super) fn new(openly: Option<&'a Openly>) -> Self {
        Self {
            openly: openly.filter(|openly| !openly.has_all(1)),
            labels: RefCell::default(),
            taking: RefCell::default(),
            told: RefCell::default(),
        }
    }

    /// Returns which entries of an article may be told.
    pub(super) fn told(&self, connection: &Connection, article: i64) -> Result<Rc<Told>> {
        if self.openly.is_none() {
            return Ok(Rc::new(Told::All));
        }
        if let Some(known) = self.told.borrow().get(&article) {
            return Ok(Rc::clone(known));
        }
        let told = match Carried::read(connection, article)? {
            Some(carried) => self.told_of(connection, &carried)?,
            None => Told::These(BTreeSet::new()),
        };
        let told = Rc::new(told);
        self.told.borrow_mut().insert(article, Rc::clone(&told));
        Ok(told)
    }

    /// Tells whether an entry may be told by a label of its own, when so many outlets carry it: what tells an article mostly
    /// may, so that the other entries of it need not be read.
    pub(super) fn has_own(
        &self,
        connection: &Connection,
        entry: i64,
        outlets: u64,
    ) -> Result<bool> {
        if self.has_any(connection, &[], outlets)? {
            return Ok(true);
        }
        let mut statement = connection.prepare_cached(OWN)?;
        let labels = statement.query_map([entry], |row| row.get(0))?;
        self.has_any(
            connection,
            &labels.collect::<Result<Vec<String>>>()?,
            outlets,
        )
    }

    /// The same of an entry with these labels: without any, only where all may be told that so many outlets carry.
    pub(super) fn has_any(
        &self,
        connection: &Connection,
        labels: &[String],
        outlets: u64,
    ) -> Result<bool> {
        let Some(openly) = self.openly.filter(|openly| !openly.has_all(outlets)) else {
            return Ok(true);
        };
        for name in labels {
            if self.has(connection, (openly, name), outlets)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// Reads which labels take stories, of which that is asked next, in one go.
    pub(super) fn look_at(&self, connection: &Connection, stories: &BTreeSet<i64>) -> Result<()> {
        let mut taking = self.taking.borrow_mut();
        taking.extend(stories.iter().map(|story| (*story, Vec::new())));
        let stories: Vec<i64> = stories.iter().copied().collect();
        for (story, label) in shares::taking_stories(connection, &numbers(&stories))? {
            taking.entry(story).or_default().push(label);
        }
        Ok(())
    }

    /// Returns which of these entries may be told.
    pub(super) fn told_of(&self, connection: &Connection, carried: &Carried) -> Result<Told> {
        let outlets = carried.outlets;
        let Some(openly) = self.openly.filter(|openly| !openly.has_all(outlets)) else {
            return Ok(Told::All);
        };
        let mut told = BTreeSet::new();
        let own = carried.entries.iter();
        for (entry, name) in own.flat_map(|it| it.labels.iter().map(|name| (it.number, name))) {
            if self.has(connection, (openly, name), outlets)? {
                told.insert(entry);
            }
        }
        for name in self.taking(connection, carried)? {
            if self.has(connection, (openly, &name), outlets)?
                && let Some(scope) = shares::scope_of(connection, &name)?
            {
                told.extend(shares::admitted(connection, carried.article, &scope)?);
            }
        }
        Ok(Told::These(told))
    }

    /// Returns the labels that readers see of an article: those of some of its entries, and those that take its story.
    pub(super) fn labels(
        &self,
        connection: &Connection,
        (carried, told): (&Carried, &Told),
    ) -> Result<BTreeSet<String>> {
        let own = carried.entries.iter().filter(|it| told.has(it.number));
        let mut names: BTreeSet<String> = own.flat_map(|it| it.labels.iter().cloned()).collect();
        let taking = self.taking(connection, carried)?;
        names.extend(shares::taken_by(connection, carried.article, taking)?);
        let labels = names.iter().map(|name| self.label(connection, name));
        labels.filter_map(Result::transpose).collect()
    }

    /// Tells whether what has a label may be told, by the name that this is stored as, when so many outlets carry it.
    fn has(
        &self,
        connection: &Connection,
        (openly, name): (&Openly, &str),
        outlets: u64,
    ) -> Result<bool> {
        let label = self.label(connection, name)?;
        let least = label.and_then(|label| openly.labels.get(&label).copied());
        Ok(least.is_some_and(|least| least <= outlets))
    }

    /// Returns the label that readers know by a name.
    fn label(&self, connection: &Connection, name: &str) -> Result<Option<String>> {
        if let Some(known) = self.labels.borrow().get(name) {
            return Ok(known.clone());
        }
        let label = rules::label_of(connection, name)?;
        let mut labels = self.labels.borrow_mut();
        labels.insert(name.to_owned(), label.clone());
        Ok(label)
    }

    /// Returns the names of the labels that take the story of an article.
    fn taking(&self, connection: &Connection, carried: &Carried) -> Result<Vec<String>> {
        let Some(story) = carried.story else {
            return Ok(Vec::new());
        };
        if let Some(known) = self.taking.borrow().get(&story) {
            return Ok(known.clone());
        }
        let taking = shares::taking_story(connection, story)?;
        self.taking.borrow_mut().insert(story, taking.clone());
        Ok(taking)
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
    let audience = Audience::new(Some(openly));
    if audience.openly.is_none() {
        return Ok(None);
    }
    let mut feeds = connection.prepare_cached("SELECT id, name FROM feeds")?;
    let mut rows = feeds.query([])?;
    let mut told = BTreeSet::new();
    while let Some(row) = rows.next()? {
        if is_told_of(connection, row.get(0)?, (&audience, openly))? {
            told.insert(feed_id(row, "name")?);
        }
    }
    Ok(Some(told))
}

fn is_told_of(
    connection: &Connection,
    feed: i64,
    (audience, openly): (&Audience<'_>, &Openly),
) -> Result<bool> {
    let mut statement = connection.prepare_cached(OF_FEED)?;
    let mut rows = statement.query((feed, LOOKED_AT))?;
    while let Some(row) = rows.next()? {
        let outlets = count(row.get(0)?);
        if openly.has_all(outlets) {
            return Ok(true);
        }
        let name = row.get_ref(1)?.as_str_or_null()?;
        if let Some(name) = name
            && audience.has(connection, (openly, name), outlets)?
        {
            return Ok(true);
        }
    }
    Ok(false)
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
            let least = openly.labels.get(label);
            let has = openly.has_all(outlets) || least.is_some_and(|it| *it <= outlets);
            assert_eq!(has, expected, "{openly:?}");
        }
        assert!(Openly::of(&mut [output(None, 1)].iter()).has_all(1));
    }
}

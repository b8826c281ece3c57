//! What may be told to everybody of an article that is named beside others: on the page of its story, and in entries that
//! tell who else reports.
//!
//! Only what some output for everybody selects. It need not be listed there at the moment: what is too old for a list was
//! told once.

use super::rows::count;
use super::{Store, StoreError, labels, rules, shares};
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

    /// Tells whether what has a label may be told, when so many outlets carry it.
    pub(super) fn has(&self, label: &str, outlets: u64) -> bool {
        self.has_all(outlets)
            || self
                .labels
                .get(label)
                .is_some_and(|least| *least <= outlets)
    }
}

impl Store {
    /// Returns those of some articles that may be told to everybody.
    pub fn openly(
        &self,
        openly: &Openly,
        articles: &BTreeSet<i64>,
    ) -> Result<BTreeSet<i64>, StoreError> {
        self.pool.read(|connection| {
            let names = names(connection, openly)?;
            let told = articles.iter().copied().filter_map(|article| {
                match is_told(connection, article, (openly, &names)) {
                    Ok(is_told) => is_told.then_some(Ok(article)),
                    Err(error) => Some(Err(error)),
                }
            });
            told.collect()
        })
    }
}

/// Returns under which names the labels are stored.
fn names(connection: &Connection, openly: &Openly) -> Result<BTreeMap<String, u64>> {
    let mut names = BTreeMap::new();
    for (label, least) in &openly.labels {
        let name = rules::name_of(connection, label)?;
        names.extend(name.map(|name| (name, *least)));
    }
    Ok(names)
}

fn is_told(
    connection: &Connection,
    article: i64,
    (openly, names): (&Openly, &BTreeMap<String, u64>),
) -> Result<bool> {
    let Some(outlets) = outlets(connection, article)? else {
        return Ok(false);
    };
    let has = |name: &String| names.get(name).is_some_and(|least| *least <= outlets);
    Ok(openly.has_all(outlets)
        || labels::of_article(connection, article)?.iter().any(has)
        || shares::taken(connection, article)?.iter().any(has))
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
            assert_eq!(openly.has(label, outlets), expected, "{openly:?}");
        }
        assert!(Openly::of(&mut [output(None, 1)].iter()).has_all(1));
    }
}

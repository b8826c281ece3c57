//! Reads the entries of an article with their labels, once for all that is asked of them: most articles are read for
//! readers again and again, and have one.

use super::rows::count;
use rusqlite::{Connection, Result};

/// The entries of an article, which that is, and how many outlets carry it or its story; a row for each label of each, one for
/// an entry without any.
pub(super) const OF_ARTICLE: &str = "
    SELECT coalesce((SELECT outlets FROM stories WHERE id = a.story), a.outlets), a.story, e.id, e.leads, m.label
    FROM articles AS a
    CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id
    LEFT JOIN matches AS m ON m.entry = e.id
    WHERE a.id = ?1 ORDER BY e.id";

/// An article as its entries carry it.
pub(super) struct Carried {
    pub(super) article: i64,
    pub(super) story: Option<i64>,
    /// How many outlets carry it or its story.
    pub(super) outlets: u64,
    /// Those stored first come first; at least one.
    pub(super) entries: Vec<Carrier>,
}

/// An entry of an article.
pub(super) struct Carrier {
    pub(super) number: i64,
    /// Whether it tells the article.
    pub(super) leads: bool,
    /// The names of its labels.
    pub(super) labels: Vec<String>,
}

impl Carried {
    /// Reads an article; `None` where it is stored no more.
    pub(super) fn read(connection: &Connection, article: i64) -> Result<Option<Self>> {
        let mut statement = connection.prepare_cached(OF_ARTICLE)?;
        let mut rows = statement.query([article])?;
        let mut carried: Option<Self> = None;
        while let Some(row) = rows.next()? {
            let carried = match &mut carried {
                Some(carried) => carried,
                none => none.insert(Self {
                    article,
                    outlets: count(row.get(0)?),
                    story: row.get(1)?,
                    entries: Vec::new(),
                }),
            };
            let number = row.get(2)?;
            if carried.entries.last().map(|it| it.number) != Some(number) {
                carried.entries.push(Carrier {
                    number,
                    leads: row.get(3)?,
                    labels: Vec::new(),
                });
            }
            let label: Option<String> = row.get(4)?;
            if let (Some(label), Some(entry)) = (label, carried.entries.last_mut()) {
                entry.labels.push(label);
            }
        }
        Ok(carried)
    }

    /// Returns the one entry of an article that has no other.
    pub(super) fn alone(&self) -> Option<&Carrier> {
        match self.entries.as_slice() {
            [entry] => Some(entry),
            _ => None,
        }
    }
}

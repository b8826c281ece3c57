//! Reads the entries of an article with their labels, once for all that is asked of them: most articles are read for
//! readers again and again, and have one.

use super::rows::count;
use rusqlite::{Connection, Result, Row, Rows};

/// The number of an article, what is counted of it and of its story, and an entry of it with one of its labels; read by place.
macro_rules! carried_columns {
    () => {
        "a.id, coalesce(s.outlets, a.outlets), a.story, coalesce(s.reports, 1), e.id, e.leads, m.label"
    };
}
pub(super) use carried_columns;

/// The entries of articles with their labels: a row for each label of each, one for an entry without any.
macro_rules! carriers {
    () => {
        "FROM articles AS a
         CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id
         LEFT JOIN stories AS s ON s.id = a.story
         LEFT JOIN matches AS m ON m.entry = e.id"
    };
}
pub(super) use carriers;

/// Those of one article.
pub(super) const OF_ARTICLE: &str = concat!(
    "SELECT ",
    carried_columns!(),
    " ",
    carriers!(),
    " WHERE a.id = ?1 ORDER BY e.id"
);

/// An article as its entries carry it.
pub(super) struct Carried {
    pub(super) article: i64,
    pub(super) story: Option<i64>,
    /// How many outlets carry it or its story.
    pub(super) outlets: u64,
    /// How many reports its story has, itself among them.
    pub(super) reports: u64,
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
        Ok(gathered(statement.query([article])?, 0, &mut |_| Ok(()))?.pop())
    }

    /// Returns the one entry of an article that has no other.
    pub(super) fn alone(&self) -> Option<&Carrier> {
        match self.entries.as_slice() {
            [entry] => Some(entry),
            _ => None,
        }
    }
}

/// Gathers the rows of each article, and of each entry, which come one after the other: [`carried_columns`] from the column
/// `at` on. Hands the first row of each entry that tells an article to `each_lead`.
pub(super) fn gathered(
    mut rows: Rows<'_>,
    at: usize,
    each_lead: &mut dyn FnMut(&Row<'_>) -> Result<()>,
) -> Result<Vec<Carried>> {
    let mut articles: Vec<Carried> = Vec::new();
    while let Some(row) = rows.next()? {
        let article = row.get(at)?;
        let carried = match articles.last_mut() {
            Some(last) if last.article == article => last,
            _ => articles.push_mut(Carried {
                article,
                outlets: count(row.get(at + 1)?),
                story: row.get(at + 2)?,
                reports: count(row.get(at + 3)?),
                entries: Vec::new(),
            }),
        };
        let number = row.get(at + 4)?;
        let entry = match carried.entries.last_mut() {
            Some(last) if last.number == number => last,
            _ => {
                let leads = row.get(at + 5)?;
                if leads {
                    each_lead(row)?;
                }
                carried.entries.push_mut(Carrier {
                    number,
                    leads,
                    labels: Vec::new(),
                })
            }
        };
        entry.labels.extend(row.get::<_, Option<String>>(at + 6)?);
    }
    Ok(articles)
}

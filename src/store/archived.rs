//! The entries of an archive: which articles they are, which wait, and what an output has that is none of them yet.

use super::archives::Waiting;
use super::openly::Audience;
use super::{articles, feeds, founders, labels, late, listing, rules, shares, tellers, window};
use crate::model::Article;
use crate::publish::{self, Output, Selection, Unit};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::collections::BTreeSet;

/// Articles that are looked at in one transaction.
const LOOKED_AT: usize = 2000;

/// What names an entry in a ledger: half of the BLAKE3 of its published id, which no two of a database share.
pub(super) type Key = [u8; 16];

/// New articles, by number.
pub(super) const NEW: &str = "
    SELECT a.id, a.atom_id, a.story, coalesce(s.outlets, a.outlets) AS outlets FROM articles AS a
    LEFT JOIN stories AS s ON s.id = a.story
    WHERE a.id > ?1 AND a.id <= ?2 ORDER BY a.id LIMIT ?3";

/// New articles with a label.
pub(super) const NEW_LABELLED: &str = "
    SELECT a.id, a.atom_id, a.story, coalesce(s.outlets, a.outlets) AS outlets
    FROM labels AS l INDEXED BY labels_by_arrival CROSS JOIN articles AS a ON a.id = l.article
    LEFT JOIN stories AS s ON s.id = a.story
    WHERE l.label = ?4 AND l.article > ?1 AND l.article <= ?2 ORDER BY l.article LIMIT ?3";

/// One article.
const ONE: &str = "
    SELECT a.id, a.atom_id, a.story, coalesce(s.outlets, a.outlets) AS outlets FROM articles AS a
    LEFT JOIN stories AS s ON s.id = a.story WHERE a.id = ?1";

/// Whether an entry is noted.
const NOTED: &str = "SELECT 1 FROM archived WHERE archive = ?1 AND entry = ?2";

/// What comes after the last document of an archive, in order.
pub(super) const WAITING: &str = "
    SELECT position, article, entry FROM archived
    WHERE archive = ?1 AND position > coalesce(
        (SELECT last FROM archive_pages WHERE archive = ?1 ORDER BY number DESC LIMIT 1), 0)
    ORDER BY position LIMIT ?2";

/// An article that may be an entry.
struct Member {
    number: i64,
    atom_id: String,
    story: Option<i64>,
    outlets: u64,
}

/// Returns what names an entry in a ledger.
pub(super) fn key(id: &str) -> Key {
    let mut key = Key::default();
    let mut hasher = blake3::Hasher::new();
    hasher.update(id.as_bytes()).finalize_xof().fill(&mut key);
    key
}

/// The last entries of an archive, as many as are asked for at the most.
pub(super) const LAST: &str = "
    SELECT entry FROM archived
    WHERE archive = ?1 AND position > (SELECT max(position) FROM archived WHERE archive = ?1) - ?2";

/// Reads which entries were noted last: each that is listed is named again at every publishing, and most are among these.
pub(super) fn last(connection: &Connection, archive: i64, most: usize) -> Result<BTreeSet<Key>> {
    connection
        .prepare_cached(LAST)?
        .query_map((archive, feeds::limit_of(most)), |row| row.get(0))?
        .collect()
}

/// Notes an entry, unless it is noted: to look costs less than an insertion that comes to nothing.
pub(super) fn append(
    connection: &Connection,
    archive: i64,
    entry: &Key,
    article: i64,
) -> Result<()> {
    if connection.prepare_cached(NOTED)?.exists((archive, entry))? {
        return Ok(());
    }
    connection
        .prepare_cached(
            "INSERT INTO archived (archive, entry, position, article)
             SELECT ?1, ?2, 1 + max(
                 coalesce((SELECT max(position) FROM archived WHERE archive = ?1), 0),
                 coalesce((SELECT last FROM archive_pages WHERE archive = ?1
                     ORDER BY number DESC LIMIT 1), 0)), ?3",
        )?
        .execute((archive, entry, article))?;
    Ok(())
}

/// Reads what waits for its document.
pub(super) fn waiting(connection: &Connection, archive: i64, most: usize) -> Result<Vec<Waiting>> {
    connection
        .prepare_cached(WAITING)?
        .query_map((archive, feeds::limit_of(most)), entry)?
        .collect()
}

/// Reads the entries after one position up to another.
pub(super) fn between(
    connection: &Connection,
    archive: i64,
    (after, last): (i64, i64),
) -> Result<Vec<Waiting>> {
    connection
        .prepare_cached(
            "SELECT position, article, entry FROM archived
             WHERE archive = ?1 AND position > ?2 AND position <= ?3 ORDER BY position",
        )?
        .query_map((archive, after, last), entry)?
        .collect()
}

fn entry(row: &Row<'_>) -> Result<Waiting> {
    Ok(Waiting {
        position: row.get("position")?,
        article: row.get("article")?,
        is_listed: false,
        entry: row.get("entry")?,
    })
}

/// An output of which is asked.
pub(super) struct Asked<'a> {
    pub(super) connection: &'a Connection,
    pub(super) output: &'a Output,
    authority: &'a str,
    /// The label of its articles, and the name that this is stored as; `None` where it has all.
    label: Option<(&'a str, String)>,
}

impl<'a> Asked<'a> {
    /// Finds where the articles of an output are listed; `None` where its label is not known yet.
    pub(super) fn new(
        connection: &'a Connection,
        authority: &'a str,
        output: &'a Output,
    ) -> Result<Option<Self>> {
        let label = match &output.selection {
            Selection::All => None,
            Selection::Label(label) => match rules::name_of(connection, label)? {
                Some(name) => Some((label.as_str(), name)),
                None => return Ok(None),
            },
        };
        Ok(Some(Self {
            connection,
            output,
            authority,
            label,
        }))
    }

    /// Notes new articles, some of those up to a number; returns up to which.
    pub(super) fn note_new(&self, archive: i64, up_to: i64) -> Result<i64> {
        let connection = self.connection;
        let after: i64 = connection
            .prepare_cached("SELECT noted_to FROM archives WHERE id = ?1")?
            .query_row([archive], |row| row.get(0))?;
        let (mut seen, mut last) = (0, after);
        self.each_new((after, up_to), LOOKED_AT, |member| {
            (seen, last) = (seen + 1, member.number);
            if !self.is_carried(&member) {
                return Ok(());
            }
            let entry = key(&self.id_of(&member)?);
            append(connection, archive, &entry, member.number)
        })?;
        let noted_to = if seen < LOOKED_AT { up_to } else { last };
        if noted_to > after {
            connection
                .prepare_cached("UPDATE archives SET noted_to = ?2 WHERE id = ?1")?
                .execute((archive, noted_to))?;
        }
        Ok(noted_to.max(after))
    }

    /// Notes what became an entry after its article was looked at, of what had happened up to a number, as far as it is
    /// looked for; returns whether there is more.
    pub(super) fn note_late(&self, archive: i64, up_to: i64) -> Result<bool> {
        let carried = self.output.min_sources > 1;
        let wanted = late::Wanted {
            name: self.label.as_ref().map(|(_, name)| name.as_str()),
            // An entry of an output of stories is called after its story.
            moved: carried || self.output.unit == Unit::Story,
            carried,
        };
        let (articles, is_more) = late::articles(self.connection, (archive, up_to), &wanted)?;
        for article in articles {
            let Some(member) = self.one(article)? else {
                continue;
            };
            if self.is_carried(&member) && self.has_label(article)? {
                let entry = key(&self.id_of(&member)?);
                append(self.connection, archive, &entry, article)?;
            }
        }
        Ok(is_more)
    }

    /// Reads articles that the output may have, by their numbers.
    fn each_new(
        &self,
        (after, up_to): (i64, i64),
        most: usize,
        mut take: impl FnMut(Member) -> Result<()>,
    ) -> Result<()> {
        let most = feeds::limit_of(most);
        let sql = self.label.as_ref().map_or(NEW, |_| NEW_LABELLED);
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = match &self.label {
            Some((_, name)) => statement.query((after, up_to, most, name))?,
            None => statement.query((after, up_to, most))?,
        };
        while let Some(row) = rows.next()? {
            take(member(row)?)?;
        }
        Ok(())
    }

    /// Finds entries that an archive has not noted, a chunk at most.
    pub(super) fn unnoted(&self, archive: i64) -> Result<Vec<(String, i64)>> {
        let mut noted = self.connection.prepare_cached(NOTED)?;
        let mut found = Vec::new();
        let mut told = BTreeSet::new();
        let mut take = |member: Member| -> Result<()> {
            if found.len() >= LOOKED_AT || !self.is_carried(&member) {
                return Ok(());
            }
            let id = self.id_of(&member)?;
            if !noted.exists((archive, key(&id)))? && told.insert(id.clone()) {
                found.push((id, member.number));
            }
            Ok(())
        };
        match &self.label {
            None => self.each_new((0, i64::MAX), usize::MAX, take)?,
            Some((_, name)) => {
                let mut listed = listing::all(self.connection, name)?;
                listed.sort_unstable_by_key(|(_, article)| *article);
                for (_, article) in listed {
                    self.one(article)?.map_or(Ok(()), &mut take)?;
                }
            }
        }
        Ok(found)
    }

    /// Tells whether an article still stands for this entry of the output.
    pub(super) fn is_entry(&self, article: i64, entry: &Key) -> Result<bool> {
        let Some(member) = self.one(article)? else {
            return Ok(false);
        };
        let holds = self.is_carried(&member) && key(&self.id_of(&member)?) == *entry;
        Ok(holds && self.has_label(article)?)
    }

    /// Tells whether an article is stored under this published id.
    pub(super) fn has(&self, article: i64, id: &str) -> Result<bool> {
        Ok(self.one(article)?.is_some_and(|it| it.atom_id == id))
    }

    /// Tells whether an article is stored that stands for this entry of the output no more.
    pub(super) fn was_taken_out(&self, article: i64, entry: &Key) -> Result<bool> {
        Ok(self.one(article)?.is_some() && !self.is_entry(article, entry)?)
    }

    /// Reads the entry as it is told to an audience; `None` where the article stands for it no more.
    pub(super) fn article(
        &self,
        (number, entry): (i64, &Key),
        audience: &Audience<'_>,
    ) -> Result<Option<Article>> {
        if !self.is_entry(number, entry)? {
            return Ok(None);
        }
        let name = self.label.as_ref().map(|(_, name)| name.as_str());
        match self.output.unit {
            Unit::Article => articles::one(self.connection, (number, name), audience),
            Unit::Story => {
                let candidate = window::one(self.connection, number)?;
                tellers::entry(
                    self.connection,
                    self.authority,
                    (&candidate, name),
                    audience,
                )
            }
        }
    }

    fn one(&self, article: i64) -> Result<Option<Member>> {
        let mut statement = self.connection.prepare_cached(ONE)?;
        statement.query_row([article], member).optional()
    }

    fn is_carried(&self, member: &Member) -> bool {
        member.outlets >= self.output.min_sources
    }

    /// Tells whether an article has the label by itself or with its story.
    fn has_label(&self, article: i64) -> Result<bool> {
        let Some((label, name)) = &self.label else {
            return Ok(true);
        };
        let own = self
            .connection
            .prepare_cached(
                "SELECT 1 FROM labels WHERE label = ?1 AND article = ?2
                 AND published_at = (SELECT published_at FROM articles WHERE id = ?2)",
            )?
            .exists((name, article))?;
        if own {
            return Ok(true);
        }
        let own = labels::of_article(self.connection, article)?;
        let labels = shares::labels_of(self.connection, article, own)?;
        Ok(labels.iter().any(|it| it == label))
    }

    /// Returns the id of the entry for which an article stands.
    fn id_of(&self, member: &Member) -> Result<String> {
        if self.output.unit == Unit::Article {
            return Ok(member.atom_id.clone());
        }
        let of_story = match member.story {
            Some(story) => founders::of_story(self.connection, story)?,
            None => None,
        };
        let founder = match of_story {
            Some(founder) => founder,
            None => founders::of_article(self.connection, member.number)?,
        };
        Ok(publish::story_atom_id(self.authority, &founder))
    }
}

fn member(row: &Row<'_>) -> Result<Member> {
    let outlets: i64 = row.get("outlets")?;
    Ok(Member {
        number: row.get("id")?,
        atom_id: row.get("atom_id")?,
        story: row.get("story")?,
        outlets: super::rows::count(outlets),
    })
}

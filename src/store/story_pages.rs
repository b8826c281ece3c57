//! Reads stories as their pages tell them.
//!
//! A page is for everybody, so it tells only what an output for everybody may list (`openly.rs`). Reading is bounded, however large a story is.

use super::openly::{Audience, Told};
use super::parts::Json;
use super::reports::report_columns;
use super::rows::count;
use super::{Openly, Store, StoreError, articles, carriers, founders, reports, rules, shares};
use crate::model::{Evidence, Story, StoryReport, is_topic};
use rusqlite::{Connection, Result};
use std::collections::BTreeMap;

/// Reports that are looked at, those published first: where some may not be told, others may.
const LOOKED_AT: i64 = 64;

/// The fields that are an entry's text: what stands there is there for all to see, a rule about feeds is not.
const TEXT_FIELDS: [&str; 3] = ["title", "summary", "content"];

/// The reports of a story, those published first, by their lead entries.
pub(super) const MEMBERS: &str = concat!(
    "SELECT ",
    report_columns!(),
    " FROM articles AS a INDEXED BY articles_by_story
    CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
    CROSS JOIN texts AS t ON t.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE a.story = ?1 ORDER BY a.published_at, a.id LIMIT ?2"
);

/// The labels that the entries of an article have, and why.
const MATCHES: &str = "
    SELECT m.entry, m.label, m.evidence FROM entries AS e CROSS JOIN matches AS m ON m.entry = e.id
    WHERE e.article = ?1 ORDER BY e.id, m.label";

/// Labels that readers see, each with the words that were found.
type Labels = BTreeMap<String, Vec<String>>;

impl Store {
    /// Returns a story as its page tells it; `None` where it is gone, or fewer than two of its reports may be
    /// told.
    pub fn story(&self, number: i64, openly: &Openly) -> Result<Option<Story>, StoreError> {
        self.pool
            .read(|connection| read(connection, number, openly))
    }
}

/// Reads a story; `None` where it is gone, or fewer than two of its reports may be told.
pub(super) fn read(connection: &Connection, story: i64, openly: &Openly) -> Result<Option<Story>> {
    let Some(founder) = founders::of_story(connection, story)? else {
        return Ok(None);
    };
    let (reports, outlets) = counts(connection, story)?;
    let audience = Audience::new(Some(openly));
    let mut is_whole = true;
    let (mut told, mut more, mut topics) = (Vec::new(), 0, Labels::new());
    for (article, is_backdated, report) in members(connection, (story, outlets), &audience)? {
        let Some(report) = report else {
            is_whole = false;
            continue;
        };
        let entries = audience.told(connection, article)?;
        is_whole &= *entries == Told::All || !has_others(connection, article, &entries)?;
        if told.len() == Story::REPORTS {
            more += 1;
        } else {
            told.push((article, is_backdated, report));
            add(&mut topics, labels(connection, article, &entries)?);
        }
    }
    let [eldest, _, ..] = told.as_slice() else {
        return Ok(None);
    };
    let first = told.iter().find(|(_, is_backdated, _)| !is_backdated);
    let first = (first.unwrap_or(eldest).0, None);
    let Some(first) = articles::one(connection, first, &audience)? else {
        return Ok(None);
    };
    let beyond = reports.saturating_sub(count(LOOKED_AT));
    let is_whole = is_whole && (openly.has_all(outlets) || beyond == 0);
    topics.retain(|label, _| is_topic(label));
    // Not the number that is kept, which counts copies and what is gone, too.
    let of_reports = if is_whole {
        carriers::of_reports(connection, story)?
    } else {
        None
    };
    Ok(Some(Story {
        founder,
        first,
        reports: told.into_iter().map(|(.., report)| report).collect(),
        more: if is_whole { more + beyond } else { more },
        outlets: of_reports,
        topics: topics.into_iter().collect(),
    }))
}

/// Returns how many reports a story has, and the most outlets that ever carried it.
fn counts(connection: &Connection, story: i64) -> Result<(u64, u64)> {
    connection
        .prepare_cached("SELECT reports, outlets FROM stories WHERE id = ?1")?
        .query_row([story], |row| Ok((count(row.get(0)?), count(row.get(1)?))))
}

/// Reads the reports of a story, those published first, each with the number of its article and whether it came too
/// late for its date; `None` for one that may not be told.
fn members(
    connection: &Connection,
    (story, outlets): (i64, u64),
    audience: &Audience<'_>,
) -> Result<Vec<(i64, bool, Option<StoryReport>)>> {
    connection
        .prepare_cached(MEMBERS)?
        .query_map((story, LOOKED_AT), |row| {
            let is_backdated = reports::is_backdated(connection, row)?;
            let report = reports::told(connection, (row, outlets), audience)?;
            Ok((row.get(6)?, is_backdated, report))
        })?
        .collect()
}

/// Tells whether an article has entries beside those that may be told.
fn has_others(connection: &Connection, article: i64, told: &Told) -> Result<bool> {
    let mut statement = connection.prepare_cached("SELECT id FROM entries WHERE article = ?1")?;
    let mut rows = statement.query([article])?;
    while let Some(row) = rows.next()? {
        if !told.has(row.get(0)?) {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Reads the labels of an article that readers see: by the entries that may be told, and with its story.
fn labels(connection: &Connection, article: i64, told: &Told) -> Result<Labels> {
    let mut labels = Labels::new();
    let mut statement = connection.prepare_cached(MATCHES)?;
    let mut rows = statement.query([article])?;
    while let Some(row) = rows.next()? {
        if !told.has(row.get(0)?) {
            continue;
        }
        let (name, evidence): (String, Json<Vec<Evidence>>) = (row.get(1)?, row.get(2)?);
        let is_text = |it: &Evidence| TEXT_FIELDS.contains(&it.field.as_str());
        let words = evidence.0.into_iter().filter(is_text).map(|it| it.text);
        let words: Vec<String> = words.take(Story::WORDS).collect();
        let label = rules::labels_of(connection, [name])?.pop_first();
        add(&mut labels, label.map(|label| (label, words)));
    }
    let taken = shares::taken(connection, article)?;
    let taken = rules::labels_of(connection, taken)?.into_iter();
    add(&mut labels, taken.map(|label| (label, Vec::new())));
    Ok(labels)
}

/// Adds labels to others; of the words of one those that came first stay, each once.
fn add(labels: &mut Labels, others: impl IntoIterator<Item = (String, Vec<String>)>) {
    for (label, words) in others {
        let known = labels.entry(label).or_default();
        for word in words {
            let is_known = known
                .iter()
                .any(|it| it.to_lowercase() == word.to_lowercase());
            if known.len() < Story::WORDS && !is_known {
                known.push(word);
            }
        }
    }
}

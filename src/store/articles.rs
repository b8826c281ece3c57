//! Reads articles as they are published.

use super::carried::{self, Carried, carried_columns, carriers};
use super::feeds::{limit_of, profile};
use super::lead::{self, standing, standing_columns};
use super::openly::{Audience, Told};
use super::packed::Unpacked;
use super::parts::{CategoryForm, EnclosureForm, Json, PersonForm, SourceForm, items};
use super::rows::{At, instant, numbers};
use super::{reports, shares};
use crate::dedupe::{self, Standing};
use crate::model::{Article, Copy, FeedId, FeedProfile, Report, Source, StoryMark, is_topic};
use crate::publish;
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Copies that are told of an article: more links than that nobody follows.
const COPIES: usize = 20;

/// Copies that are looked at: where some may not be told, others may.
const LOOKED_AT: usize = 64;

/// All columns of an article and the entry that tells it, and which story it is in by its founder; read by place.
macro_rules! article_columns {
    ($founder:literal) => {
        concat!(
            standing_columns!(),
            ", a.id, a.atom_id, a.published_at, a.updated_at, e.title, t.url, t.summary, t.content, t.authors,
                 t.categories, t.enclosures, t.language, t.source, t.source_updated_at, f.name, f.url,
                 f.given_title, f.profile, a.story, ",
            $founder
        )
    };
}

/// How many these are.
const ARTICLE_COLUMNS: usize = 28;

/// One article, by the entry that tells it.
macro_rules! one {
    ($teller:literal) => {
        concat!(
            "SELECT ",
            article_columns!("(SELECT founder FROM stories WHERE id = a.story)"),
            " FROM articles AS a CROSS JOIN entries AS e ",
            $teller,
            " CROSS JOIN texts AS t ON t.entry = e.id
             CROSS JOIN feeds AS f ON f.id = e.feed
             WHERE a.id = ?1"
        )
    };
}

/// The article as its lead entry tells it.
const LED: &str = one!("INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1");

/// The article as one of its entries tells it.
const TOLD: &str = one!("ON e.id = ?2 AND e.article = a.id");

/// Articles, whose numbers are given as JSON, as their lead entries tell them, with all entries that carry them.
pub(super) const ALL: &str = concat!(
    "SELECT ",
    article_columns!("s.founder"),
    ", ",
    carried_columns!(),
    " ",
    carriers!(),
    " LEFT JOIN texts AS t ON t.entry = e.id AND e.leads = 1
     LEFT JOIN feeds AS f ON f.id = e.feed AND e.leads = 1
     WHERE a.id IN (SELECT value FROM json_each(?1)) ORDER BY a.id, e.id"
);

/// The feeds of an article's entries, as many as tell whether it has more than one: most have one, which tells it to whom
/// ever it is told.
const FEEDS: &str = "
    SELECT feed FROM entries INDEXED BY entries_by_article WHERE article = ?1 LIMIT 2";

/// Reads the article with this number as it is told to an audience by what has a label, whose stored name is given, or
/// by any of its entries; `None` where it is gone, or none of its entries may be told.
///
/// What a topic leaves out is not shown in it for being a copy of what it has: it is told by an entry that has the label,
/// by itself or with its story. Where none has it any more, the one tells that tells it elsewhere.
pub(super) fn one(
    connection: &Connection,
    (number, label): (i64, Option<&str>),
    audience: &Audience<'_>,
) -> Result<Option<Article>> {
    let Some(carried) = Carried::read(connection, number)? else {
        return Ok(None);
    };
    let told = audience.told_of(connection, &carried)?;
    let of = (audience, &carried, &told);
    let read = |row: &Row<'_>| finished(connection, draft(row)?, of, None);
    match teller(connection, (&carried, label), &told)? {
        None => Ok(None),
        Some(Teller::Lead) => {
            let mut statement = connection.prepare_cached(LED)?;
            statement.query_row([number], read).optional()
        }
        Some(Teller::Entry(entry)) => {
            let mut statement = connection.prepare_cached(TOLD)?;
            statement.query_row((number, entry), read).optional()
        }
    }
}

/// Reads articles as [`one()`] does each, by number, most of what there is of them in one go: to ask for a hundred one by one
/// takes more than twice the steps, as each statement finds the same rows again.
pub(super) fn many(
    connection: &Connection,
    (articles, label): (&[i64], Option<&str>),
    audience: &Audience<'_>,
) -> Result<BTreeMap<i64, Article>> {
    let mut led: BTreeMap<i64, (Article, Standing)> = BTreeMap::new();
    let mut statement = connection.prepare_cached(ALL)?;
    let rows = statement.query([numbers(articles)])?;
    let all = carried::gathered(rows, ARTICLE_COLUMNS, &mut |row| {
        led.insert(row.get(NUMBER)?, draft(row)?);
        Ok(())
    })?;
    audience.look_at(connection, &all.iter().filter_map(|it| it.story).collect())?;
    let mut reports = reports::of_articles(connection, &all, audience)?;
    let mut read = BTreeMap::new();
    for carried in &all {
        let number = carried.article;
        let told = audience.told_of(connection, carried)?;
        let draft = match teller(connection, (carried, label), &told)? {
            None => None,
            Some(Teller::Lead) => led.remove(&number),
            Some(Teller::Entry(entry)) => {
                let mut statement = connection.prepare_cached(TOLD)?;
                statement.query_row((number, entry), draft).optional()?
            }
        };
        if let Some(draft) = draft {
            let of = (audience, carried, &told);
            let article = finished(connection, draft, of, reports.remove(&number))?;
            read.insert(number, article);
        }
    }
    Ok(read)
}

/// Which entry of an article tells it.
enum Teller {
    /// The one that tells it to whom may know all.
    Lead,
    /// This.
    Entry(i64),
}

/// Returns which entry tells an article as [`one()`] does; `None` where none may.
fn teller(
    connection: &Connection,
    (carried, label): (&Carried, Option<&str>),
    told: &Told,
) -> Result<Option<Teller>> {
    if let Some(alone) = carried.alone() {
        return Ok(told.has(alone.number).then_some(Teller::Lead));
    }
    let having = having(connection, (carried, label), told)?;
    if *told == Told::All && having.is_none() {
        return Ok(Some(Teller::Lead));
    }
    let tellers = having.as_ref().unwrap_or(told);
    let teller = lead::among(connection, carried.article, tellers)?;
    Ok(teller.map(Teller::Entry))
}

/// Returns the feed of the entry that tells an article as [`one()`] does; `None` where none of its entries may be told.
pub(super) fn feed(
    connection: &Connection,
    (number, label): (i64, Option<&str>),
    audience: &Audience<'_>,
) -> Result<Option<i64>> {
    let mut feeds = connection.prepare_cached(FEEDS)?;
    let feeds = feeds.query_map([number], |row| row.get(0))?;
    if let [alone] = feeds.collect::<Result<Vec<i64>>>()?.as_slice() {
        return Ok(Some(*alone));
    }
    let Some(carried) = Carried::read(connection, number)? else {
        return Ok(None);
    };
    let told = audience.told_of(connection, &carried)?;
    let having = having(connection, (&carried, label), &told)?;
    let Some(teller) = lead::among(connection, number, having.as_ref().unwrap_or(&told))? else {
        return Ok(None);
    };
    let mut statement = connection.prepare_cached("SELECT feed FROM entries WHERE id = ?1")?;
    statement.query_row([teller], |row| row.get(0)).optional()
}

/// Returns the entries of an article that may be told and have a label, by themselves or with its story; `None` where
/// the one that tells it is among them, none is, it has no other, or no label is asked for.
fn having(
    connection: &Connection,
    (carried, label): (&Carried, Option<&str>),
    told: &Told,
) -> Result<Option<Told>> {
    let Some(label) = label.filter(|_| carried.alone().is_none()) else {
        return Ok(None);
    };
    let own = carried.entries.iter();
    let own = own.filter(|it| it.labels.iter().any(|name| name == label));
    if own.clone().any(|it| it.leads) {
        return Ok(None);
    }
    let mut having: BTreeSet<i64> = own.map(|it| it.number).collect();
    having.append(&mut shares::taken_entries(
        connection,
        carried.article,
        label,
    )?);
    having.retain(|entry| told.has(*entry));
    Ok((!having.is_empty()).then_some(Told::These(having)))
}

/// Where the number of an article stands among its columns.
const NUMBER: usize = 8;

/// Reads an article as an entry tells it, without what others have of it, and how that entry stands among these.
fn draft(row: &Row<'_>) -> Result<(Article, Standing)> {
    let (source, feed) = source(row)?;
    let first_seen_at = row.get::<_, At>(2)?.0;
    let article = Article {
        atom_id: row.get(9)?,
        url: row.get(13)?,
        title: row.get(12)?,
        summary: unpacked(row, 14)?,
        content: unpacked(row, 15)?,
        authors: items::<PersonForm<'_>, _>(row, 16)?,
        categories: items::<CategoryForm<'_>, _>(row, 17)?,
        topics: Vec::new(),
        enclosures: items::<EnclosureForm<'_>, _>(row, 18)?,
        language: row.get(19)?,
        published_at: row.get::<_, At>(10)?.0,
        first_seen_at,
        known_at: Some(first_seen_at),
        updated_at: row.get::<_, At>(11)?.0,
        source,
        feed,
        first: None,
        copies: Vec::new(),
        reports: Vec::new(),
        story: story(row)?,
    };
    Ok((article, standing(row)?))
}

/// Adds to an article its topics, who else has it, and the other reports of its story unless they were read before.
fn finished(
    connection: &Connection,
    (mut article, standing): (Article, Standing),
    (audience, carried, told): (&Audience<'_>, &Carried, &Told),
    reports: Option<Vec<Report>>,
) -> Result<Article> {
    let labels = audience.labels(connection, (carried, told))?.into_iter();
    article.topics = labels.filter(|label| is_topic(label)).collect();
    if carried.alone().is_none() {
        let others = copies(connection, (carried.article, standing.number), told)?;
        let (standings, copies): (Vec<_>, Vec<_>) = others.into_iter().unzip();
        article.known_at = known_at(connection, carried.article, told)?.or(article.known_at);
        article.first = first(standing, &standings, &copies);
        article.copies = copies;
    }
    if article.story.is_some() {
        article.reports = match reports {
            Some(reports) => reports,
            None => reports::of_article(connection, carried, audience)?,
        };
    }
    Ok(article)
}

fn story(row: &Row<'_>) -> Result<Option<StoryMark>> {
    let (number, founder) = (row.get::<_, Option<i64>>(26)?, row.get(27)?);
    Ok(number
        .zip(founder)
        .map(|(number, founder)| StoryMark { number, founder }))
}

/// Reads a text that may be missing.
fn unpacked(row: &Row<'_>, column: usize) -> Result<Option<String>> {
    Ok(row.get::<_, Option<Unpacked>>(column)?.map(|text| text.0))
}

/// Reads what `atom:source` will say: the entry's own where its feed aggregates others, else the feed
/// (U5); and which feed that is.
fn source(row: &Row<'_>) -> Result<(Source, Option<FeedId>)> {
    let own: Option<Json<SourceForm<'static>>> = row.get(20)?;
    if let Some(own) = own {
        return Ok((own.0.into(), None));
    }
    let (name, url): (String, String) = (row.get(22)?, row.get(23)?);
    let profile = profile(row, 25)?;
    let feed = FeedId::new(&name);
    let source = Source {
        id: source_id(&profile, &name, &url),
        title: title(row.get(24)?, &profile, name),
        home_url: profile.home_url,
        self_url: (!url.is_empty()).then_some(url),
        updated_at: instant(row, 21)?,
        authors: profile.authors,
        rights: profile.rights,
    };
    Ok((source, Some(feed)))
}

/// Names a feed by its own id where that is an IRI, else by its address; one known by history alone
/// has neither and goes by its name.
fn source_id(profile: &FeedProfile, name: &str, url: &str) -> String {
    let own = profile.id.as_deref().and_then(publish::entry_atom_id);
    own.unwrap_or_else(|| match url {
        "" => format!("urn:merganser:feed:{name}"),
        url => url.to_owned(),
    })
}

/// Titles a feed as the operator does, else as it does itself, else by its name.
pub(super) fn title(given: Option<String>, profile: &FeedProfile, name: String) -> String {
    let title = given.or_else(|| profile.title.clone());
    title.filter(|title| !title.is_empty()).unwrap_or(name)
}

/// What other feeds than that of an entry have of its article and that can be read somewhere, oldest first. That of its own
/// feed is what it says itself, at an address of before; at that of one with a U+001E in its id other news stand by now
/// (`retired.rs`).
const OTHERS: &str = concat!(
    "SELECT ",
    standing_columns!(),
    ", t.url, f.name, f.given_title, f.profile FROM entries AS e
     CROSS JOIN texts AS t ON t.entry = e.id
     CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.article = ?1 AND t.url IS NOT NULL AND instr(e.entry_id, char(30)) = 0
         AND e.feed <> (SELECT feed FROM entries WHERE id = ?2)
     ORDER BY e.id LIMIT ?3"
);

/// When the entries of an article were first seen, those that it was told by before among them.
const SEEN: &str = "SELECT id, first_seen_at FROM entries INDEXED BY entries_by_article WHERE article = ?1 LIMIT ?2";

/// Returns when the first was seen of the entries of an article that may be told. What may not would tell that somebody had it.
fn known_at(connection: &Connection, article: i64, told: &Told) -> Result<Option<Timestamp>> {
    let mut statement = connection.prepare_cached(SEEN)?;
    let mut rows = statement.query((article, limit_of(LOOKED_AT)))?;
    let mut known_at = None;
    while let Some(row) = rows.next()? {
        let At(seen_at) = row.get(1)?;
        if told.has(row.get(0)?) && known_at.is_none_or(|known_at| seen_at < known_at) {
            known_at = Some(seen_at);
        }
    }
    Ok(known_at)
}

/// Reads the other entries of an article that can be read somewhere and may be told, oldest first, up to [`COPIES`].
fn copies(
    connection: &Connection,
    (article, teller): (i64, i64),
    told: &Told,
) -> Result<Vec<(Standing, Copy)>> {
    let mut statement = connection.prepare_cached(OTHERS)?;
    let mut rows = statement.query((article, teller, limit_of(LOOKED_AT)))?;
    let mut copies = Vec::new();
    while copies.len() < COPIES
        && let Some(row) = rows.next()?
    {
        let standing = standing(row)?;
        if told.has(standing.number) {
            let feed_title = title(row.get(10)?, &profile(row, 11)?, row.get(9)?);
            let url = row.get(8)?;
            copies.push((standing, Copy { feed_title, url }));
        }
    }
    Ok(copies)
}

/// Returns which copy was published before all others and the lead, if one was.
fn first(lead: Standing, standings: &[Standing], copies: &[Copy]) -> Option<Copy> {
    let all: Vec<Standing> = [&[lead], standings].concat();
    let first = dedupe::first(&all)?.checked_sub(1)?;
    copies.get(first).cloned()
}

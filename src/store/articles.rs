//! Reads articles as they are published.

use super::feeds::profile;
use super::labels;
use super::lead::{standing, standing_columns};
use super::packed::Unpacked;
use super::parts::{CategoryForm, EnclosureForm, Json, PersonForm, SourceForm, items};
use super::rows::{At, feed_id, instant};
use super::{reports, shares};
use crate::dedupe::{self, Standing};
use crate::model::{Article, Copy, FeedId, FeedProfile, Source, StoryMark, is_topic};
use crate::publish;
use rusqlite::{Connection, Result, Row};

/// Copies that are told of an article: more links than that nobody follows.
const COPIES: i64 = 20;

/// All columns of an article and its lead entry.
const ONE: &str = concat!(
    "SELECT a.id, a.atom_id, a.published_at, a.updated_at, e.title, t.url, t.summary,
         t.content, t.authors, t.categories, t.enclosures, t.language, t.source,
         t.source_updated_at, f.name AS feed_name, f.url AS feed_url, f.given_title, f.profile,
         a.story, (SELECT founder FROM stories WHERE id = a.story) AS founder, ",
    standing_columns!(),
    " FROM articles AS a
     CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1
     CROSS JOIN texts AS t ON t.entry = e.id
     CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE a.id = ?1"
);

/// Reads the article with this number.
pub(super) fn one(connection: &Connection, number: i64) -> Result<Article> {
    connection
        .prepare_cached(ONE)?
        .query_row([number], |row| article(connection, row))
}

/// Reads one article.
fn article(connection: &Connection, row: &Row<'_>) -> Result<Article> {
    let number = row.get("id")?;
    let own = labels::of_article(connection, number)?;
    let labels = shares::labels_of(connection, number, own)?;
    let (source, feed) = source(row)?;
    let (standings, copies): (Vec<_>, Vec<_>) = copies(connection, number)?.into_iter().unzip();
    Ok(Article {
        atom_id: row.get("atom_id")?,
        url: row.get("url")?,
        title: row.get("title")?,
        summary: unpacked(row, "summary")?,
        content: unpacked(row, "content")?,
        authors: items::<PersonForm<'_>, _>(row, "authors")?,
        categories: items::<CategoryForm<'_>, _>(row, "categories")?,
        topics: labels.into_iter().filter(|label| is_topic(label)).collect(),
        enclosures: items::<EnclosureForm<'_>, _>(row, "enclosures")?,
        language: row.get("language")?,
        published_at: row.get::<_, At>("published_at")?.0,
        updated_at: row.get::<_, At>("updated_at")?.0,
        source,
        feed,
        first: first(standing(row)?, &standings, &copies),
        copies,
        reports: reports::of_article(connection, number)?,
        story: story(row)?,
    })
}

fn story(row: &Row<'_>) -> Result<Option<StoryMark>> {
    let (number, founder) = (row.get::<_, Option<i64>>("story")?, row.get("founder")?);
    Ok(number
        .zip(founder)
        .map(|(number, founder)| StoryMark { number, founder }))
}

/// Reads a text that may be missing.
fn unpacked(row: &Row<'_>, column: &str) -> Result<Option<String>> {
    Ok(row.get::<_, Option<Unpacked>>(column)?.map(|text| text.0))
}

/// Reads what `atom:source` will say: the entry's own where its feed aggregates others, else the feed
/// (U5); and which feed that is.
fn source(row: &Row<'_>) -> Result<(Source, Option<FeedId>)> {
    let own: Option<Json<SourceForm<'static>>> = row.get("source")?;
    if let Some(own) = own {
        return Ok((own.0.into(), None));
    }
    let (name, url): (String, String) = (row.get("feed_name")?, row.get("feed_url")?);
    let profile = profile(row)?;
    let feed = feed_id(row, "feed_name")?;
    let source = Source {
        id: source_id(&profile, &name, &url),
        title: title(row, &profile, name)?,
        home_url: profile.home_url,
        self_url: (!url.is_empty()).then_some(url),
        updated_at: instant(row, "source_updated_at")?,
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
pub(super) fn title(row: &Row<'_>, profile: &FeedProfile, name: String) -> Result<String> {
    let given: Option<String> = row.get("given_title")?;
    let title = given.or_else(|| profile.title.clone());
    Ok(title.filter(|title| !title.is_empty()).unwrap_or(name))
}

/// The other entries of an article that can be read somewhere, oldest first.
const OTHERS: &str = concat!(
    "SELECT t.url, f.name AS feed_name, f.given_title, f.profile, ",
    standing_columns!(),
    " FROM entries AS e
     CROSS JOIN texts AS t ON t.entry = e.id
     CROSS JOIN feeds AS f ON f.id = e.feed
     WHERE e.article = ?1 AND e.leads = 0 AND t.url IS NOT NULL
     ORDER BY e.id LIMIT ?2"
);

/// Reads the other entries of an article that can be read somewhere, oldest first, up to [`COPIES`].
fn copies(connection: &Connection, article: i64) -> Result<Vec<(Standing, Copy)>> {
    connection
        .prepare_cached(OTHERS)?
        .query_map((article, COPIES), |row| {
            let copy = Copy {
                feed_title: title(row, &profile(row)?, row.get("feed_name")?)?,
                url: row.get("url")?,
            };
            Ok((standing(row)?, copy))
        })?
        .collect()
}

/// Returns which copy was published before all others and the lead, if one was.
fn first(lead: Standing, standings: &[Standing], copies: &[Copy]) -> Option<Copy> {
    let all: Vec<Standing> = [&[lead], standings].concat();
    let first = dedupe::first(&all)?.checked_sub(1)?;
    copies.get(first).cloned()
}

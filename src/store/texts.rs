//! Writes what is published of an entry.

use super::lead::Told;
use super::packed::Unpacked;
use super::parts::{CategoryForm, EnclosureForm, PersonForm, SourceForm, json, list};
use super::rows::At;
use super::writer::Pen;
use crate::dedupe;
use crate::model::{Entry, Reason};
use crate::normalize;
use jiff::Timestamp;
use rusqlite::{Connection, Result, params};

/// Writes a row or rewrites it. Why the entry is the article that it is stays as first decided; the date of
/// what stands there moves with its words (`revisions.rs`).
const WRITE: &str = "
    INSERT INTO texts (entry, url, summary, content, authors, categories, enclosures, language,
        updated_at, source, source_updated_at, reason_kind, reason, completeness,
        language_given)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15)
    ON CONFLICT (entry) DO UPDATE SET
        url = excluded.url, summary = excluded.summary, content = excluded.content,
        authors = excluded.authors, categories = excluded.categories,
        enclosures = excluded.enclosures, language = excluded.language,
        language_given = excluded.language_given,
        source = excluded.source, source_updated_at = excluded.source_updated_at,
        completeness = excluded.completeness";

/// Writes the texts of the entry with this number.
///
/// `source_updated_at` is what the feed says of its own last change. It is kept with the entry, as a
/// copied entry keeps what its source said at the time (RFC 4287, 4.2.11): a feed that bumps its date
/// at every poll would else change what we publish without news.
pub(super) fn write(
    pen: &mut Pen<'_>,
    number: i64,
    entry: &Entry,
    reason: &Reason,
    source_updated_at: Option<Timestamp>,
) -> Result<()> {
    let source = entry.source.as_ref().map(SourceForm::from);
    pen.connection.prepare_cached(WRITE)?.execute(params![
        number,
        entry.url,
        pen.packer.pack_some(entry.summary.as_deref())?,
        pen.packer.pack_some(entry.content.as_deref())?,
        list::<_, PersonForm<'_>>(&entry.authors)?,
        list::<_, CategoryForm<'_>>(&entry.categories)?,
        list::<_, EnclosureForm<'_>>(&entry.enclosures)?,
        entry.language,
        At(entry.updated_at),
        source.as_ref().map(json).transpose()?,
        source_updated_at.map(At),
        reason.kind.name(),
        reason.text,
        Told(dedupe::completeness(entry)),
        entry.language_given,
    ])?;
    Ok(())
}

/// Reads the plain text of a stored entry, summary and content, for a comparison with another.
pub(super) fn plain(connection: &Connection, number: i64) -> Result<String> {
    let html = parts(connection, number)?;
    let [summary, content] = html.each_ref().map(Option::as_deref);
    Ok(plain_of(summary, content))
}

/// Bytes of markup that give the words that a text begins with: 200 words of a long script in markup full of
/// attributes have some 20 KiB.
const BEGINNING: usize = 32 * 1024;

/// Reads how the plain text of a stored entry begins, for a comparison of its first words.
pub(super) fn beginning(connection: &Connection, number: i64) -> Result<String> {
    let html = parts(connection, number)?;
    let [summary, content] = html
        .each_ref()
        .map(|part| part.as_deref().map(|html| cut(html, BEGINNING)));
    Ok(plain_of(summary, content))
}

/// Returns a text up to so many bytes, without the tag that would be cut in two.
fn cut(html: &str, bytes: usize) -> &str {
    let Some((beginning, _)) = html.split_at_checked(html.floor_char_boundary(bytes)) else {
        return html;
    };
    match beginning.rsplit_once('<') {
        Some((whole, tag)) if beginning.len() < html.len() && !tag.contains('>') => whole,
        _ => beginning,
    }
}

/// Reads the plain text of a stored entry, summary and content apart.
pub(super) fn plain_parts(connection: &Connection, number: i64) -> Result<[String; 2]> {
    let html = parts(connection, number)?;
    Ok(html.map(|html| html.map_or_else(String::new, |html| normalize::plain_text(&html))))
}

/// Reads summary and content of a stored entry.
fn parts(connection: &Connection, number: i64) -> Result<[Option<String>; 2]> {
    connection
        .prepare_cached("SELECT summary, content FROM texts WHERE entry = ?1")?
        .query_row([number], |row| {
            let part = |column| row.get::<_, Option<Unpacked>>(column);
            let parts = [part(0)?, part(1)?];
            Ok(parts.map(|part| part.map(|part| part.0)))
        })
}

/// Returns summary and content as plain text.
pub(super) fn plain_of(summary: Option<&str>, content: Option<&str>) -> String {
    let parts: Vec<&str> = [summary, content].into_iter().flatten().collect();
    normalize::plain_text(&parts.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_beginning_of_markup_ends_between_its_parts() {
        for (html, bytes, expected) in [
            ("<p>one two</p>", 100, "<p>one two</p>"),
            ("<p>one two</p>", 14, "<p>one two</p>"),
            ("<p>one two</p>", 12, "<p>one two"),
            ("<p>one two</p>", 6, "<p>one"),
            ("<p>one two</p>", 2, ""),
            ("<p>\u{0928}\u{0926}\u{0940}", 5, "<p>"),
            ("", 5, ""),
        ] {
            assert_eq!(cut(html, bytes), expected);
        }
    }
}

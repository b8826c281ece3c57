//! Reads the other reports of a story, as they are told of one of them.

use super::articles::title;
use super::feeds::{limit_of, profile};
use super::rows::At;
use crate::model::{Article, Report};
use rusqlite::{Connection, Result};

/// The other articles of a story that can be read somewhere, oldest first, by their lead entries.
pub(super) const OTHERS: &str = "
    SELECT a.id, e.title, t.url, a.published_at, f.name AS feed_name, f.given_title, f.profile
    FROM articles AS one
    CROSS JOIN articles AS a INDEXED BY articles_by_story ON a.story = one.story AND a.id <> one.id
    CROSS JOIN entries AS e ON e.article = a.id AND e.leads = 1
    CROSS JOIN texts AS t ON t.entry = e.id
    CROSS JOIN feeds AS f ON f.id = e.feed
    WHERE one.id = ?1 AND t.url IS NOT NULL
    ORDER BY a.published_at, a.id LIMIT ?2";

/// Reads the other reports of the story of an article, up to [`Article::REPORTS`].
pub(super) fn of_article(connection: &Connection, article: i64) -> Result<Vec<Report>> {
    connection
        .prepare_cached(OTHERS)?
        .query_map((article, limit_of(Article::REPORTS)), |row| {
            Ok(Report {
                article: row.get("id")?,
                title: row.get("title")?,
                feed_title: title(row, &profile(row)?, row.get("feed_name")?)?,
                url: row.get("url")?,
                published_at: row.get::<_, At>("published_at")?.0,
            })
        })?
        .collect()
}

//! Of which stories a poll has noted who tells of them.
//!
//! What is published of all reports of a story is another when one of the first comes, leaves or changes, so the labels of
//! all are read (`labels::told_with`). A feed that dates what it brings before all else would have a story of
//! thousands read for each of two thousand entries.

use super::labels;
use super::record::Poll;
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::BTreeMap;

/// A story as it was when its labels were noted.
#[derive(Clone, Copy)]
struct State {
    reports: i64,
    /// The newest article that was looked at in it: what is newer came since, and its labels are noted by itself.
    newest: i64,
}

/// The stories of which all labels are noted in a poll.
#[derive(Default)]
pub(super) struct Noted {
    stories: BTreeMap<i64, State>,
    /// The article that was looked at last, and its story.
    last: Option<(i64, i64)>,
}

impl Noted {
    /// Takes in in which story an article is that is looked at, before it leaves that or after. One that was left has one
    /// report fewer: with two that come then, it would seem to have one more.
    fn look(&mut self, article: i64, story: Option<i64>) {
        let last = self.last.filter(|(looked_at, _)| *looked_at == article);
        if let Some((_, former)) = last.filter(|(_, former)| Some(*former) != story) {
            self.stories.remove(&former);
        }
        self.last = story.map(|story| (article, story));
    }

    /// Tells whether the labels of the reports of a story are all noted, which has so many of them when one comes, leaves or
    /// changes: as many as then, or one more, which is new.
    fn has(&mut self, (story, reports): (i64, i64), article: i64) -> bool {
        let Some(state) = self.stories.get_mut(&story) else {
            return false;
        };
        let is_new = article > state.newest;
        let is_known = reports == state.reports || is_new && reports == state.reports + 1;
        if is_known {
            *state = State {
                reports,
                newest: state.newest.max(article),
            };
        }
        is_known
    }

    /// Says that they are.
    fn note(&mut self, (story, reports): (i64, i64), article: i64) {
        let before = self.stories.get(&story).map_or(article, |it| it.newest);
        let newest = before.max(article);
        self.stories.insert(story, State { reports, newest });
    }
}

impl Poll<'_, '_> {
    /// Notes that what is published of the reports of an article's story is another now, before the article
    /// leaves it or after it came: they tell of each other.
    pub(super) fn note_story(&mut self, article: i64) -> Result<()> {
        let connection = self.pen.connection;
        let story = story(connection, article)?;
        self.noted.look(article, story.map(|(story, _)| story));
        let Some(story) = story else {
            return Ok(());
        };
        if !self.noted.has(story, article) && labels::is_told_with(connection, article)? {
            self.labels.extend(labels::of_reports(connection, article)?);
            self.noted.note(story, article);
        }
        Ok(())
    }
}

/// Returns the story of an article and how many reports it has.
pub(super) fn story(connection: &Connection, article: i64) -> Result<Option<(i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT s.id, s.reports FROM articles AS a CROSS JOIN stories AS s ON s.id = a.story
             WHERE a.id = ?1",
        )?
        .query_row([article], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A story that is noted with ten reports, the newest of them article 50: so many later, at an article -> whether
    /// all is noted, and whether it is with one more, which is new.
    #[test]
    fn a_story_is_read_again_where_more_came_than_what_is_looked_at() {
        for (reports, article, expected, next) in [
            (10, 7, true, true),
            (10, 51, true, true),
            (11, 51, true, true),
            // It was there before, and so may another have been that came with it.
            (11, 7, false, false),
            (11, 50, false, false),
            (12, 51, false, false),
            (9, 7, false, true),
        ] {
            let mut noted = Noted::default();
            assert!(!noted.has((1, 10), 50));
            noted.note((1, 10), 50);
            assert!(!noted.has((2, 10), 50), "another story");
            assert_eq!(
                noted.has((1, reports), article),
                expected,
                "{reports} {article}"
            );
            let is_next = noted.has((1, reports + 1), 99);
            assert_eq!(is_next, next, "{reports} {article}");
        }
    }

    /// One that is left is read again, whatever comes; one that is looked at twice, or by way of another, is not.
    #[test]
    fn a_story_is_read_again_where_one_left_it() {
        let mut noted = Noted::default();
        noted.look(7, Some(1));
        noted.note((1, 10), 50);
        noted.look(7, Some(1));
        noted.look(8, Some(2));
        noted.look(7, None);
        assert!(noted.has((1, 10), 50));
        for story in [None, Some(2)] {
            noted.note((1, 10), 50);
            noted.look(7, Some(1));
            noted.look(7, story);
            assert!(!noted.has((1, 11), 51), "{story:?}");
        }
    }
}

//! Reads what an output holds: which articles may be listed, and of those that are, all that is published.

use super::feeds::limit_of;
use super::openly::Audience;
use super::rows::{At, integer};
use super::{Openly, articles, listing, rules, tellers};
use crate::model::{Article, Identity};
use crate::publish::{self, Candidate, Choice, Output, Selection, Unit};
use jiff::Timestamp;
use rusqlite::{Connection, OptionalExtension, Result, Row, Rows, Statement};
use std::cell::RefCell;
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What decides whether an article is listed, after the table that gives the order: with which entry it came, the first
/// of it unless another is said, since when the feed of that is polled, how many outlets carry it, and that feed; read by
/// place.
macro_rules! candidates {
    ($from:literal, $order:literal) => {
        candidates!(
            $from,
            $order,
            "CROSS JOIN entries AS j ON j.id = (
                 SELECT min(id) FROM entries INDEXED BY entries_by_article WHERE article = a.id)
             CROSS JOIN feeds AS b ON b.id = j.feed "
        )
    };
    ($from:literal, $order:literal, $came:literal) => {
        concat!(
            "SELECT a.id, a.published_at, a.story, e.feed,
             b.added_at, j.first_seen_at AS arrived_at, j.id AS came,
             coalesce((SELECT outlets FROM stories WHERE id = a.story), a.outlets) AS outlets, b.id
             FROM ",
            $from,
            " CROSS JOIN entries AS e INDEXED BY entries_by_article ON e.article = a.id AND e.leads = 1 ",
            $came,
            $order
        )
    };
}

/// The newest of all.
pub(super) const NEWEST: &str = candidates!(
    "articles AS a",
    "ORDER BY a.published_at DESC, a.id DESC LIMIT ?1"
);

/// The newest with a label.
pub(super) const NEWEST_LABELLED: &str = candidates!(
    "labels AS l CROSS JOIN articles AS a ON a.id = l.article",
    "WHERE l.label = ?2 ORDER BY l.published_at DESC, l.article DESC LIMIT ?1"
);

/// Those that came last, by their numbers: most are among the newest.
pub(super) const ARRIVED: &str = "SELECT id FROM articles ORDER BY id DESC LIMIT ?1";

/// Those with a label that came last, by their numbers.
pub(super) const ARRIVED_LABELLED: &str = "
    SELECT article FROM labels INDEXED BY labels_by_arrival WHERE label = ?2
    ORDER BY article DESC LIMIT ?1";

/// Those that came last to a label which they had not when they were first seen (`joined.rs`).
pub(super) const JOINED: &str = candidates!(
    "joined AS l INDEXED BY joined_by_arrival CROSS JOIN articles AS a ON a.id = l.article
     CROSS JOIN entries AS j ON j.id = l.entry CROSS JOIN feeds AS b ON b.id = j.feed",
    "WHERE l.label = ?2 ORDER BY l.entry DESC LIMIT ?1",
    ""
);

/// One, by its number.
const ONE: &str = candidates!("articles AS a", "WHERE a.id = ?1");

/// When the first entries of a feed came that are stored.
pub(super) const BEGUN: &str = "
    SELECT first_seen_at FROM entries INDEXED BY entries_by_feed
    WHERE feed = ?1 AND article IS NOT NULL ORDER BY id LIMIT 1";

/// Articles that are looked at for an output, which hardly any needs: those of some days, in some ten milliseconds.
const LOOKED_AT: usize = 20_000;

/// Reads the first `most` articles of an output, in the order in which it lists them, each with the number of the one
/// that put it there; for everybody where `openly` says what that may be told.
pub(super) fn articles(
    connection: &Connection,
    identity: &Identity,
    (output, openly): (&Output, Option<&Openly>),
    most: usize,
) -> Result<Vec<(i64, Article)>> {
    let audience = Audience::new(openly);
    let Some(asked) = Asked::new(connection, output, &audience)? else {
        return Ok(Vec::new());
    };
    let (newest, arrived) = if let Some(newest) = asked.listed()? {
        let arrived = asked.arrived_among(&newest)?;
        (newest, arrived)
    } else {
        let newest = asked.newest()?;
        let arrived = asked.arrived(&newest)?;
        (newest, arrived)
    };
    let mut chosen = publish::choose(output, &newest, &arrived);
    chosen.truncate(most);
    let (numbers, label) = (chosen.iter().map(|it| it.number), asked.label.as_deref());
    if output.unit == Unit::Article {
        let numbers: Vec<i64> = numbers.collect();
        let mut read = articles::many(connection, (&numbers, label), &audience)?;
        let listed = numbers.into_iter();
        return Ok(listed
            .filter_map(|it| Some((it, read.remove(&it)?)))
            .collect());
    }
    let mut stories = Vec::with_capacity(chosen.len());
    for candidate in &chosen {
        let held = (candidate, label);
        let story = tellers::entry(connection, &identity.authority, held, &audience)?;
        stories.extend(story.map(|it| (candidate.number, it)));
    }
    Ok(stories)
}

/// Reads what decides whether an article is listed.
pub(super) fn one(connection: &Connection, number: i64) -> Result<Candidate> {
    read_one(connection, number).map(|(candidate, _)| candidate)
}

/// The same, and how many outlets carry it or its story.
fn read_one(connection: &Connection, number: i64) -> Result<(Candidate, i64)> {
    connection
        .prepare_cached(ONE)?
        .query_row([number], candidate)
}

/// What is asked for an output.
struct Asked<'a> {
    connection: &'a Connection,
    output: &'a Output,
    audience: &'a Audience<'a>,
    /// The name under which its articles are listed; `None` where it holds all.
    label: Option<String>,
    /// The feeds that tell entries, as far as they were asked for: by the story of each, told of its newest report, or by
    /// the number of an article that stands for itself.
    tellers: RefCell<BTreeMap<(Option<i64>, i64), i64>>,
    /// When the first entries of feeds came, as far as it was asked for.
    begun: RefCell<BTreeMap<i64, Timestamp>>,
}

impl<'a> Asked<'a> {
    /// Finds where the articles of an output are listed; `None` where its label is not known yet.
    fn new(
        connection: &'a Connection,
        output: &'a Output,
        audience: &'a Audience<'a>,
    ) -> Result<Option<Self>> {
        let label = match &output.selection {
            Selection::All => None,
            Selection::Label(label) => match rules::name_of(connection, label)? {
                Some(name) => Some(name),
                None => return Ok(None),
            },
        };
        Ok(Some(Self {
            connection,
            output,
            audience,
            label,
            tellers: RefCell::default(),
            begun: RefCell::default(),
        }))
    }

    /// Reads the newest, until there are as many as are listed: one feed that floods, or one event that all report,
    /// takes no place of another's.
    fn newest(&self) -> Result<Vec<Candidate>> {
        let mut newest = Vec::new();
        let mut choice = Choice::new(self.output);
        self.read(NEWEST, NEWEST_LABELLED, LOOKED_AT, |candidate, _| {
            newest.push(candidate);
            choice.take(candidate);
            choice.entries() < self.output.items
        })?;
        Ok(newest)
    }

    /// Reads the newest of an output that is no part of an index, until there are as many as are listed: what enough
    /// outlets carry, or what a topic has with its stories. `None` for all others.
    fn listed(&self) -> Result<Option<Vec<Candidate>>> {
        let (connection, output) = (self.connection, self.output);
        let newest = RefCell::new(Vec::new());
        let goes_on = [(); 2].map(|()| {
            let mut choice = Choice::new(output);
            let newest = &newest;
            move |(_, number)| {
                let candidate = self.counted(one(connection, number)?)?;
                newest.borrow_mut().push(candidate);
                choice.take(candidate);
                Ok(choice.entries() < output.items)
            }
        });
        let label = self.label.as_deref();
        let is_listed = listing::newest(connection, label, output.min_sources, goes_on)?;
        let mut newest = newest.into_inner();
        newest.sort_by_key(|it| Reverse((it.published_at, it.number)));
        Ok(is_listed.then_some(newest))
    }

    /// Reads those of it that came lately: of the newest, and of what has the label by itself.
    fn arrived_among(&self, newest: &[Candidate]) -> Result<Vec<Candidate>> {
        let mut arrived = self.arrived(newest)?;
        arrived.extend(newest);
        arrived.sort_by_key(|candidate| Reverse(candidate.came));
        arrived.dedup();
        if let Some(last) = arrived.first().copied() {
            arrived.retain(|candidate| publish::stays(self.output, &last, candidate));
        }
        Ok(arrived)
    }

    /// Reads those that came lately: when they were first seen, or when they got the label. What is among the newest was
    /// read already.
    fn arrived(&self, newest: &[Candidate]) -> Result<Vec<Candidate>> {
        let mut arrived = self.first_seen(newest)?;
        if self.label.is_some() {
            arrived.extend(self.joined()?);
            arrived.sort_by_key(|candidate| Reverse(candidate.came));
        }
        if let Some(last) = arrived.first().copied() {
            arrived.retain(|candidate| publish::stays(self.output, &last, candidate));
        }
        Ok(arrived)
    }

    /// Reads those that were first seen lately, reckoned from the last of them.
    fn first_seen(&self, newest: &[Candidate]) -> Result<Vec<Candidate>> {
        let known: BTreeMap<i64, &Candidate> = newest.iter().map(|it| (it.number, it)).collect();
        let sql = self.label.as_ref().map_or(ARRIVED, |_| ARRIVED_LABELLED);
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = self.rows(&mut statement, self.output.most())?;
        let mut lately = Lately::of(self.output);
        while let Some(row) = rows.next()? {
            let number = row.get(0)?;
            let goes_on = if let Some(known) = known.get(&number) {
                lately.take(**known)
            } else {
                let (candidate, outlets) = read_one(self.connection, number)?;
                lately.take_of(self.counted(candidate)?, outlets)
            };
            if !goes_on {
                break;
            }
        }
        Ok(lately.found)
    }

    /// Reads those that got the label lately, reckoned from the last of them.
    fn joined(&self) -> Result<Vec<Candidate>> {
        let mut lately = Lately::of(self.output);
        self.read(JOINED, JOINED, self.output.most(), |candidate, outlets| {
            lately.take_of(candidate, outlets)
        })?;
        Ok(lately.found)
    }

    /// Returns a candidate with when the first entries of its feed came, which is asked once for each feed.
    fn begun(&self, candidate: Candidate) -> Result<Candidate> {
        let feed = candidate.came_by;
        let known = self.begun.borrow().get(&feed).copied();
        let feed_begun_at = match known {
            Some(at) => at,
            None => self
                .connection
                .prepare_cached(BEGUN)?
                .query_row([feed], |row| row.get::<_, At>(0))
                .optional()?
                .map_or(candidate.feed_begun_at, |At(at)| at),
        };
        self.begun.borrow_mut().insert(feed, feed_begun_at);
        Ok(Candidate {
            feed_begun_at,
            ..candidate
        })
    }

    /// Returns a candidate with what is known of its feed, and with the feed for which its entry counts: the one that tells
    /// it in this output, whichever tells it elsewhere or reported last.
    fn counted(&self, candidate: Candidate) -> Result<Candidate> {
        let candidate = self.begun(candidate)?;
        if self.output.max_per_feed.is_none() {
            return Ok(candidate);
        }
        let story = candidate.story.filter(|_| self.output.unit == Unit::Story);
        let unit = story.map_or((None, candidate.number), |story| (Some(story), 0));
        let known = self.tellers.borrow().get(&unit).copied();
        let feed = match known {
            Some(feed) => feed,
            None => self.feed_of(&candidate, story)?,
        };
        self.tellers.borrow_mut().insert(unit, feed);
        Ok(Candidate { feed, ..candidate })
    }

    /// Finds the feed that tells the entry of an article, or of the story for which it stands.
    fn feed_of(&self, candidate: &Candidate, story: Option<i64>) -> Result<i64> {
        let label = self.label.as_deref();
        let number = match story {
            Some(story) => tellers::report(self.connection, story, (candidate, label))?,
            None => candidate.number,
        };
        let feed = articles::feed(self.connection, (number, label), self.audience)?;
        Ok(feed.unwrap_or(candidate.feed))
    }

    /// Reads candidates by one query or its twin for a label, as long as `goes_on` says so.
    fn read(
        &self,
        sql: &str,
        labelled: &str,
        most: usize,
        mut goes_on: impl FnMut(Candidate, i64) -> bool,
    ) -> Result<()> {
        let sql = self.label.as_ref().map_or(sql, |_| labelled);
        let mut statement = self.connection.prepare_cached(sql)?;
        let mut rows = self.rows(&mut statement, most)?;
        while let Some(row) = rows.next()? {
            let (candidate, outlets) = candidate(row)?;
            if !goes_on(self.counted(candidate)?, outlets) {
                break;
            }
        }
        Ok(())
    }

    /// Asks a query for so many rows at the most, of the label where there is one.
    fn rows<'s>(&self, statement: &'s mut Statement<'_>, most: usize) -> Result<Rows<'s>> {
        match &self.label {
            Some(label) => statement.query((limit_of(most), label)),
            None => statement.query([limit_of(most)]),
        }
    }
}

/// What came lately, reckoned from the last of it.
struct Lately<'a> {
    output: &'a Output,
    /// The last comes first.
    found: Vec<Candidate>,
}

impl<'a> Lately<'a> {
    fn of(output: &'a Output) -> Self {
        let found = Vec::new();
        Self { output, found }
    }

    /// Takes what came before all others, if it came lately; tells whether it did. What too few outlets carry is passed over.
    fn take_of(&mut self, candidate: Candidate, outlets: i64) -> bool {
        outlets < integer(self.output.min_sources) || self.take(candidate)
    }

    /// The same of what enough outlets carry.
    fn take(&mut self, candidate: Candidate) -> bool {
        let last = self.found.first().copied().unwrap_or(candidate);
        let stays = publish::stays(self.output, &last, &candidate);
        self.found.extend(stays.then_some(candidate));
        stays
    }
}

/// Returns a candidate, and how many outlets carry it or its story.
fn candidate(row: &Row<'_>) -> Result<(Candidate, i64)> {
    let candidate = Candidate {
        number: row.get(0)?,
        published_at: row.get::<_, At>(1)?.0,
        story: row.get(2)?,
        feed: row.get(3)?,
        feed_added_at: row.get::<_, At>(4)?.0,
        arrived_at: row.get::<_, At>(5)?.0,
        came: row.get(6)?,
        came_by: row.get(8)?,
        // That of its feed is asked where it counts.
        feed_begun_at: row.get::<_, At>(4)?.0,
    };
    Ok((candidate, row.get(7)?))
}

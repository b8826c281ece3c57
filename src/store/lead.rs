//! Carries out which entry tells an article; `dedupe` says which (`dedupe/lead.rs`).

use super::members::{Members, wording};
use super::revisions::Says;
use super::rows::{At, RoleName};
use super::{carriers, edited, openly, revisions, stories, told};
use crate::dedupe::{self, Change, Counted, Rewriting, Standing, Version, Wording};
use crate::model::{Completeness, Role};
use crate::text::Languages;
use jiff::Timestamp;
use rusqlite::types::{FromSql, FromSqlResult, ToSql, ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, Result, Row};
use std::collections::BTreeSet;

/// Entries of a feed whose articles are looked at in one transaction: some milliseconds, so that polls need
/// not wait long.
const BATCH: i64 = 250;

/// Entries of all feeds that are read in one transaction for that, and some hundreds more at the most: an article
/// that dozens carry, and a story of hundreds, take as long as many that stand alone.
const READ: usize = 4096;

/// The columns of an entry `e`, its texts `t` and its feed `f` that make a [`Standing`]: the first of a row.
macro_rules! standing_columns {
    () => {
        "e.id AS entry, e.published_at AS dated_at, e.first_seen_at, f.added_at AS feed_added_at,
             f.role, f.weight, t.completeness, t.source IS NOT NULL AS is_passed_on"
    };
}
pub(super) use standing_columns;

/// How much an entry tells, as `texts.completeness` has it.
pub(super) struct Told(pub(super) Completeness);

impl ToSql for Told {
    fn to_sql(&self) -> Result<ToSqlOutput<'_>> {
        let code: i64 = match self.0 {
            Completeness::Teaser => 0,
            Completeness::Summary => 1,
            Completeness::Full => 2,
        };
        Ok(code.into())
    }
}

impl FromSql for Told {
    fn column_result(value: ValueRef<'_>) -> FromSqlResult<Self> {
        Ok(Self(match value.as_i64()? {
            ..=0 => Completeness::Teaser,
            1 => Completeness::Summary,
            2.. => Completeness::Full,
        }))
    }
}

/// Reads what decides whether an entry leads, from a row that begins with [`standing_columns`]: by place, as the row of an
/// article has many columns, among all of which a name is looked for.
pub(super) fn standing(row: &Row<'_>) -> Result<Standing> {
    let [At(given), At(first_seen_at), At(added_at)] = [row.get(1)?, row.get(2)?, row.get(3)?];
    // Without a plausible date it has that of the poll.
    let published_at = if dedupe::is_backdated(given, first_seen_at, added_at) {
        first_seen_at
    } else {
        given
    };
    let role = row.get::<_, RoleName>(4)?.0;
    Ok(Standing {
        role,
        weight: row.get(5)?,
        completeness: row.get::<_, Told>(6)?.0,
        dated: published_at != first_seen_at,
        published_at,
        aggregated: role == Role::Aggregator || row.get(7)?,
        is_claim: false,
        silent: false,
        dropped: false,
        target: None,
        number: row.get(0)?,
    })
}

/// Who tells an article from now on.
pub(super) struct Teller {
    /// The number of the entry.
    pub(super) number: i64,
    /// Whether it says anything else than readers were told by who told it before.
    pub(super) says_other: bool,
}

/// Has an article told by the entry that is to tell it, and returns that where it is another than before. `entry`
/// is the one that came to the article, or changed in it; `is_corrected`: whether
/// readers are told of that.
///
/// Its id, its date of publication and its labels stay. Its date of change moves to `at` where readers see
/// other words than before (U7).
pub(super) fn choose(
    connection: &Connection,
    (article, entry): (i64, i64),
    is_corrected: bool,
    at: Timestamp,
) -> Result<Option<Teller>> {
    let members = Members::read(connection, article, entry)?;
    elect(connection, (article, is_corrected), &members, at)
}

/// Returns the entry that succeeds the one that tells an article, which its feed drops `at` now, and how readers are told of that; `None`
/// where none does.
pub(super) fn heir(
    connection: &Connection,
    (article, dropped): (i64, i64),
    at: Timestamp,
) -> Result<Option<(i64, Notice)>> {
    let members = Members::read(connection, article, dropped)?.dropped(at);
    let (next, steps) = members.successor(connection, (dropped, dropped))?;
    if next == dropped {
        return Ok(None);
    }
    let notice = members.succession(connection, next, dropped)?;
    Ok(Some((next, Notice::of_last(notice, &steps))))
}

/// Has an article told by that one of its entries that is to tell it.
fn elect(
    connection: &Connection,
    (article, is_corrected): (i64, bool),
    members: &Members,
    at: Timestamp,
) -> Result<Option<Teller>> {
    let Some(lead) = members.lead.filter(|_| members.standings.len() > 1) else {
        return Ok(None);
    };
    let elected = members.elect(connection, lead)?.unwrap_or(lead);
    let (next, steps) = members.successor(connection, (lead, elected))?;
    if next == lead {
        return Ok(None);
    }
    // What readers have is what the lead says, not what was elected in its place.
    let silent = if next != elected && elected == lead {
        let notice = members.succession(connection, next, lead)?;
        Some(Notice::of_last(notice, &steps))
    } else {
        None
    };
    let notice = match silent {
        Some(Notice::AsNews(false)) => Notice::AsNews(false),
        Some(Notice::ByMeaning) if !is_corrected => Notice::ByMeaning,
        _ => Notice::ByWords { is_corrected },
    };
    take_over(connection, (article, notice), (lead, next), at).map(Some)
}

/// Whether readers are told that another entry tells an article.
#[derive(Clone, Copy)]
pub(super) enum Notice {
    /// Where it has other words than they know, as another feed has them; its story is judged again where it was corrected.
    ByWords { is_corrected: bool },
    /// Where it says something else than they know, be it by a word, as one entry says something else than before.
    ByMeaning,
    /// They are, or they are not.
    AsNews(bool),
}

impl Notice {
    /// Returns how readers are told of what is news or not; by what it says where that is not known.
    pub(super) fn of(is_news: Option<bool>) -> Self {
        is_news.map_or(Self::ByMeaning, Self::AsNews)
    }

    /// Returns how readers are told of the last of some who succeeded each other, given how they would be told if it came right
    /// behind the first, and how of each `step`: it need not follow from that what others put right between the two.
    fn of_last(direct: Option<Self>, steps: &[Self]) -> Self {
        let is_silent = |step: &Self| matches!(step, Self::AsNews(false));
        match direct {
            Some(direct) if !is_silent(&direct) => direct,
            _ if steps.iter().all(is_silent) => Self::AsNews(false),
            _ => Self::ByMeaning,
        }
    }
}

/// Has an article told by another of its entries than before.
pub(super) fn take_over(
    connection: &Connection,
    (article, notice): (i64, Notice),
    (lead, next): (i64, i64),
    at: Timestamp,
) -> Result<Teller> {
    connection
        .prepare_cached("UPDATE entries SET leads = (id = ?2) WHERE id IN (?1, ?2)")?
        .execute((lead, next))?;
    // What readers know of it may be another state than what stands there.
    let stood = wording(connection, lead)?;
    let known = told::of(connection, lead)?;
    let before = known.map_or_else(|| stood.clone(), |(title, text)| Wording { title, text });
    let after = wording(connection, next)?;
    let waits = edited::waits(connection, lead)?;
    let says_other = version(&before) != version(&after) || waits.is_some();
    // What both have cut off is an edit of what readers know, and none of what stood there.
    let is_cut = || dedupe::is_cut(&before.text, &stood.text);
    let is_edited = match (notice, &waits) {
        (_, Some(edit)) => counts(connection, next, &before, revisions::was_dated(edit))?,
        (Notice::ByMeaning, None) => counts(connection, next, &before, false)?,
        (Notice::ByWords { .. }, None) => {
            is_edit(&before, &after) && (!is_cut() || is_edit(&stood, &after))
        }
        (Notice::AsNews(_), None) => false,
    };
    let (is_dated, is_corrected) = match notice {
        Notice::ByWords { is_corrected } => (is_edited, is_edited || is_corrected && says_other),
        Notice::ByMeaning => (is_edited, is_edited),
        // What waits would be told by nobody else.
        Notice::AsNews(is_news) => (is_news || is_edited, is_news || is_edited),
    };
    if is_dated {
        connection
            .prepare_cached("UPDATE articles SET updated_at = max(updated_at, ?2) WHERE id = ?1")?
            .execute((article, At(at)))?;
    }
    if is_corrected {
        stories::compare_corrected(connection, article, at)?;
    } else {
        stories::compare_again(connection, article, at)?;
    }
    Ok(Teller {
        number: next,
        says_other,
    })
}

/// Returns what is compared of what was or is told: of what readers know no more is kept.
fn version(told: &Wording) -> Version<'_> {
    revisions::version(&told.title, &told.text)
}

/// Tells whether readers are told of what another feed says instead of what they know; not where that is but cut off.
fn is_edit(known: &Wording, other: &Wording) -> bool {
    let [known, other] = [known, other].map(version);
    let edit = dedupe::edit(known, other);
    edit.is_some_and(|edit| edit.title || !dedupe::is_cut(known.text, other.text))
}

/// Tells whether an entry says something else than readers know, as if it had said that before.
fn counts(connection: &Connection, entry: i64, known: &Wording, is_dated: bool) -> Result<bool> {
    let says = Says::stored(connection, entry)?;
    let how = Rewriting {
        languages: Languages::of(says.language.as_deref()),
        is_dated,
    };
    // Both are as long as what is kept of what readers know.
    let known = version(known);
    let [known, says] = [known, says.version()].map(Counted::new);
    Ok(Change::new(&known, &says, how).counts())
}

/// Has an article told again by those who had it before an entry did, whose page went on, where that had drifted away from what
/// it said first, and they have that. Else it is told on as it was: that is what readers have.
///
/// No date moves: a copy that comes and goes would move it without end.
pub(super) fn hand_back(
    connection: &Connection,
    (article, former): (i64, i64),
    at: Timestamp,
) -> Result<()> {
    let members = Members::read(connection, article, former)?;
    let eldest = members.standings.first().map(|it| it.number);
    let Some(eldest) = eldest.filter(|eldest| *eldest != former) else {
        return Ok(());
    };
    let Some(said) = revisions::first(connection, former)? else {
        return Ok(());
    };
    let has_it =
        |number| Ok::<_, rusqlite::Error>(dedupe::holds(&wording(connection, number)?, &said));
    if has_it(former)? {
        return Ok(());
    }
    let next = members.elect(connection, eldest)?.unwrap_or(eldest);
    if !has_it(next)? {
        return Ok(());
    }
    connection
        .prepare_cached("UPDATE entries SET leads = (id = ?2) WHERE id IN (?1, ?2)")?
        .execute((former, next))?;
    stories::compare_again(connection, article, at)
}

/// Returns the entry that tells an article to those who may be told some of its entries: the one that tells it to all,
/// where that is one of these, else the one that would if there were no others; `None` where there is none.
///
/// It is found anew each time, as if the oldest of them told the article now: the same entries give the same one.
pub(super) fn among(
    connection: &Connection,
    article: i64,
    told: &openly::Told,
) -> Result<Option<i64>> {
    let now = connection
        .prepare_cached(
            "SELECT id FROM entries INDEXED BY entries_by_article WHERE article = ?1 AND leads = 1",
        )?
        .query_row([article], |row| row.get(0))
        .optional()?;
    let openly::Told::These(told) = told else {
        return Ok(now);
    };
    let (Some(oldest), false) = (told.first(), now.is_some_and(|now| told.contains(&now))) else {
        return Ok(now.filter(|now| told.contains(now)));
    };
    let members = Members::read(connection, article, *oldest)?.of(told);
    let mut all = members.standings.iter().map(|it| it.number);
    let oldest = all
        .find(|it| !members.former.contains(it))
        .unwrap_or(*oldest);
    members.elect(connection, oldest)
}

/// Chooses the leads of one batch of articles again whose feeds have another role, weight or owner than when they
/// were chosen, and counts their outlets, then those of what is left of stories that the feeds reported. Returns how
/// many leads changed; `None` where all are chosen.
///
/// How far it came is stored with what it did: a daemon that is stopped goes on from there.
pub(super) fn choose_batch(connection: &Connection, at: Timestamp) -> Result<Option<u64>> {
    let next = |sql| -> Result<Option<(i64, i64)>> {
        let mut statement = connection.prepare_cached(sql)?;
        let found = statement.query_row([], |row| Ok((row.get(0)?, row.get(1)?)));
        found.optional()
    };
    if let Some(next) =
        next("SELECT id, chosen_to FROM feeds WHERE chosen_to IS NOT NULL ORDER BY id")?
    {
        return choose_after(connection, next, at).map(Some);
    }
    let Some(next) = next("SELECT id, gone_to FROM feeds WHERE gone_to IS NOT NULL ORDER BY id")?
    else {
        return Ok(None);
    };
    let last = carriers::recount_gone(connection, next, READ)?;
    connection
        .prepare_cached("UPDATE feeds SET gone_to = ?2 WHERE id = ?1")?
        .execute((next.0, last))?;
    Ok(Some(0))
}

/// Chooses those of one batch of entries of a feed.
fn choose_after(connection: &Connection, (feed, after): (i64, i64), at: Timestamp) -> Result<u64> {
    let (mut changed, mut read, mut last) = (0, 0, None);
    let mut counted = BTreeSet::new();
    for (entry, article) in entries_after(connection, feed, after)? {
        let members = Members::read(connection, article, entry)?;
        read += members.standings.len();
        if elect(connection, (article, false), &members, at)?.is_some() {
            changed += 1;
            // Stories may be others now, or have become one.
            counted.clear();
        }
        read += carriers::recount(connection, article, &mut counted)?;
        last = Some(entry);
        if read >= READ {
            break;
        }
    }
    connection
        .prepare_cached(
            "UPDATE feeds SET chosen_to = ?2, gone_to = iif(?2 IS NULL, ?3, gone_to) WHERE id = ?1",
        )?
        .execute((feed, last, i64::MIN))?;
    Ok(changed)
}

/// Returns the next entries of a feed that have an article, each with it.
fn entries_after(connection: &Connection, feed: i64, after: i64) -> Result<Vec<(i64, i64)>> {
    connection
        .prepare_cached(
            "SELECT id, article FROM entries INDEXED BY entries_by_feed
             WHERE feed = ?1 AND article IS NOT NULL AND id > ?2 ORDER BY id LIMIT ?3",
        )?
        .query_map((feed, after, BATCH), |row| Ok((row.get(0)?, row.get(1)?)))?
        .collect()
}

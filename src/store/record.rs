//! Writes one poll: asks `dedupe` what each entry is to what is stored, and carries the verdict out.
//!
//! The question is put inside the write transaction, entry by entry: only there is it certain what is
//! stored, so that two polls at a time, or two entries of one document, cannot both make an article of
//! the same page. What no key knows goes on to `fresh.rs`.

use super::by_name::{self, Named};
use super::edited::stored;
use super::keys::{self, Asked, Document, Found};
use super::labels::{self, Labelled};
use super::lead;
use super::noted::Noted;
use super::rows::At;
use super::writer::Pen;
use super::{asking, carriers, feeds, origin, published, revisions, rules, shares, texts};
use crate::dedupe::{self, Decision, Sign, Tally};
use crate::model::{
    Entry, EntryRecord, FeedId, GuidHealth, Key, Known, PollCounts, PollRecord, Reason, Rules,
    TopicMatch, Verdict, Withdrawal,
};
use jiff::{SignedDuration, Timestamp};
use rusqlite::{Connection, Result, params};
use std::collections::BTreeSet;
use std::mem;

/// How far `listed_at` may lag: rewriting each row at each poll would cost more than all else that a
/// poll without news does, and retention counts in days.
pub(super) const LISTED_LAG: SignedDuration = SignedDuration::from_hours(24);

/// Entries of one feed in one article, beyond which more copies are not stored. A publisher who gives a
/// page a new id with each edit has a few; one who does so at each poll would have as many as polls.
const COPIES_OF_A_FEED: i64 = 8;

/// Writes a poll.
pub(super) fn write(pen: &mut Pen<'_>, record: &PollRecord) -> Result<PollCounts> {
    let feeds::Saved {
        feed,
        polls,
        is_renamed,
        is_news,
    } = feeds::save_state(pen.connection, record)?;
    // Of a part of a document nothing follows for what it leaves out (P38), nor of an archive (P39), nor where it has more than
    // was read.
    let is_whole = record.profile.is_some() && !record.state.is_blank && !record.has_more;
    let document = Document::new(&record.entries, is_whole);
    let mut poll = Poll::new(pen, (feed, record.at), &document, &record.rules);
    poll.counts.renamed = is_renamed;
    poll.counts.source_changed = is_news;
    let profile = record.profile.as_ref();
    poll.source_updated_at = profile.and_then(|profile| profile.updated_at);
    let (mut counts, tally) = poll.take_all(&record.entries, &record.withdrawals)?;
    counts.guid_health = judge(pen.connection, feed, record, &tally)?;
    feeds::add_poll(pen.connection, (feed, polls), record, &counts)?;
    Ok(counts)
}

/// Writes what the entries told of their feed's ids, where that is anything, and returns what is thought
/// of these now.
fn judge(
    connection: &Connection,
    feed: i64,
    record: &PollRecord,
    tally: &Tally,
) -> Result<GuidHealth> {
    let (before, defect) = (record.state.guids, tally.defect());
    let guids = tally.judge(before);
    if guids != before || defect.is_some() {
        feeds::save_guids(connection, feed, guids, defect.as_ref())?;
    }
    Ok(guids.health)
}

/// Writes entries of the past without a poll: the feed's state and history stay as they are.
pub(super) fn import(
    pen: &mut Pen<'_>,
    (feed, at): (&FeedId, Timestamp),
    entries: &[EntryRecord],
    rules: &Rules,
) -> Result<PollCounts> {
    let feed = feeds::number(pen.connection, feed, at)?;
    let document = Document::new(entries, false);
    let (counts, _) = Poll::new(pen, (feed, at), &document, rules).take_all(entries, &[])?;
    Ok(counts)
}

/// A poll being written.
pub(super) struct Poll<'a, 'p> {
    pub(super) pen: &'a mut Pen<'p>,
    /// Number of the feed.
    pub(super) feed: i64,
    pub(super) at: Timestamp,
    /// What it brought.
    pub(super) document: &'a Document<'a>,
    /// What the feed says of its own last change.
    pub(super) source_updated_at: Option<Timestamp>,
    pub(super) counts: PollCounts,
    tally: Tally,
    /// By which rules its entries have their labels.
    rules: &'a Rules,
    /// What was compared with former versions.
    pub(super) compared: revisions::Compared,
    /// Labels whose articles changed.
    pub(super) labels: BTreeSet<String>,
    /// Stories of which all labels are among them.
    pub(super) noted: Noted,
    /// New entries with labels that a story may take from them.
    pub(super) wary: Vec<(i64, Labelled)>,
    /// The stored entries that the document has, and that the whole one before it had.
    pub(super) listed: BTreeSet<i64>,
    pub(super) listed_before: BTreeSet<i64>,
}

impl<'a, 'p> Poll<'a, 'p> {
    fn new(
        pen: &'a mut Pen<'p>,
        (feed, at): (i64, Timestamp),
        document: &'a Document<'a>,
        rules: &'a Rules,
    ) -> Self {
        Self {
            pen,
            feed,
            at,
            document,
            source_updated_at: None,
            counts: PollCounts::default(),
            tally: Tally::default(),
            rules,
            compared: revisions::Compared::default(),
            labels: BTreeSet::new(),
            noted: Noted::default(),
            wary: Vec::new(),
            listed: BTreeSet::new(),
            listed_before: BTreeSet::new(),
        }
    }

    fn take_all(
        mut self,
        entries: &[EntryRecord],
        withdrawals: &[Withdrawal],
    ) -> Result<(PollCounts, Tally)> {
        self.read_listed()?;
        for entry in entries {
            self.take(entry)?;
        }
        self.withdraw_all(withdrawals)?;
        self.tell_held()?;
        self.drop_unlisted()?;
        labels::withhold_unseen(self.pen, mem::take(&mut self.wary), self.rules)?;
        self.labels.extend(shares::stirred(self.pen.connection)?);
        let labels = rules::labels_of(self.pen.connection, &self.labels)?;
        self.counts.labels = labels.into_iter().collect();
        self.counts.unlabelled |= asking::waits(self.pen.connection)?;
        Ok((self.counts, self.tally))
    }

    /// Does with one entry what dedupe says.
    fn take(&mut self, record: &EntryRecord) -> Result<()> {
        self.counts.seen += 1;
        let entry = &record.entry;
        let (decision, found) = decide(self.pen.connection, entry, (self.at, self.document))?;
        let Decision {
            verdict,
            sign,
            retires,
        } = decision;
        self.tally.note(sign);
        let is_renamed = self.rename((&verdict, sign, retires), entry, &found)?;
        match verdict {
            Verdict::Unchanged { entry: stored } => {
                self.touch(&found, |known| known.entry == Some(stored))?;
                match &entry.given {
                    _ if is_renamed => self.find_by(stored, &entry.keys),
                    Some(given) if sign == Sign::Reused => self.find_by(stored, &[given.key]),
                    _ => Ok(()),
                }
            }
            // What another feed has dropped is not listed for being listed here.
            Verdict::Forgotten => {
                let is_own = |known: &Known| known.entry.is_none() && known.feed == entry.feed;
                let stands = |known: &Known| retires == Some(known.number);
                self.touch(&found, |known| is_own(known) || stands(known))?;
                if found.known.iter().any(is_own) {
                    Ok(())
                } else {
                    self.remember(entry)
                }
            }
            verdict if sign.is_reused() => {
                self.write((verdict, retires), &record.under_given_id(), &found)
            }
            verdict => self.write((verdict, retires), record, &found),
        }
    }

    /// Does what is to be written of an entry, which takes id and address of a row that it `retires`.
    fn write(
        &mut self,
        (verdict, retires): (Verdict, Option<i64>),
        record: &EntryRecord,
        found: &Found,
    ) -> Result<()> {
        match verdict {
            Verdict::Unchanged { .. } | Verdict::Forgotten => Ok(()),
            Verdict::Revision { entry, reason } => {
                if retires.is_none() {
                    return self.revise((entry, false), record, &reason);
                }
                self.retire(retires)?;
                match self.named(&record.entry)? {
                    Some(named) if named.article.is_some() => {
                        self.revise((named.number, false), record, &reason)
                    }
                    _ => {
                        self.revive(entry, &record.entry.entry_id)?;
                        self.revise((entry, true), record, &reason)
                    }
                }
            }
            Verdict::New(_) | Verdict::Copy { .. } if !record.keep => {
                self.touch(found, |known| retires == Some(known.number))?;
                self.remember(&record.entry)
            }
            Verdict::New(reason) => self.store_fresh(record, &reason, (&found.known, retires)),
            // Not even its keys are kept: there would be as many, and those of its likes find it. These
            // stand for it, so they are what is still listed, and what it was under its id.
            Verdict::Copy { article, .. } if self.is_full(article)? => self.touch(found, |known| {
                let is_former = retires == Some(known.number);
                let stands = known.article == Some(article) || is_former;
                stands && known.feed == record.entry.feed
            }),
            Verdict::Copy { article, reason } => {
                self.retire(retires)?;
                self.store(record, Some(article), &reason).map(drop)
            }
        }
    }

    /// Gives a stored entry the id that its publisher has for it now, where it is known by another one, and tells whether it did.
    /// Its article keeps the id by which readers know it (U2). What is about to be retired has it, too: by it what stood there is
    /// found (`retired.rs`).
    fn rename(
        &self,
        (verdict, sign, retires): (&Verdict, Sign, Option<i64>),
        entry: &Entry,
        found: &Found,
    ) -> Result<bool> {
        let stored = match verdict {
            Verdict::Unchanged { entry } | Verdict::Revision { entry, .. } => Some(*entry),
            _ => None,
        };
        let Some(number) = retires.or(stored).filter(|_| !entry.by_address) else {
            return Ok(false);
        };
        // By its id of now or before, and not by words, which two entries without addresses may share.
        let is_known = |it: &Known| sign == Sign::Renamed || Some(&it.key) == entry.keys.first();
        let is_other =
            |it: &Known| it.entry == Some(number) && it.entry_id != entry.entry_id && is_known(it);
        if sign.is_reused() || !found.known.iter().any(is_other) {
            return Ok(false);
        }
        self.pen
            .connection
            .prepare_cached("UPDATE OR IGNORE entries SET entry_id = ?2 WHERE id = ?1")?
            .execute((number, &entry.entry_id))?;
        Ok(true)
    }

    /// Makes a stored entry findable by other keys as well; where it has them all nothing is written.
    fn find_by(&self, number: i64, more: &[Key]) -> Result<()> {
        let connection = self.pen.connection;
        let former = stored(connection, number)?.keys;
        if more.iter().all(|key| keys::has(&former, key)) {
            return Ok(());
        }
        let all = keys::packed(more, &former);
        keys::remove(connection, number, &former)?;
        keys::insert(connection, number, &all)?;
        connection
            .prepare_cached("UPDATE entries SET keys = ?2 WHERE id = ?1")?
            .execute((number, all))?;
        Ok(())
    }

    /// Notes that stored entries, or what is left of them, are still listed: at most once a day.
    fn touch(&mut self, found: &Found, which: impl Fn(&Known) -> bool) -> Result<()> {
        for (known, number, listed_at) in found.rows().filter(|(known, ..)| which(known)) {
            if known.entry.is_some() {
                self.list(number)?;
            }
            if self.at.duration_since(listed_at) >= LISTED_LAG {
                self.pen
                    .connection
                    .prepare_cached("UPDATE entries SET listed_at = ?2 WHERE id = ?1")?
                    .execute((number, At(self.at)))?;
            }
        }
        Ok(())
    }

    /// Tells whether an article has all the entries of this feed that it may have.
    pub(super) fn is_full(&self, article: i64) -> Result<bool> {
        self.pen
            .connection
            .prepare_cached(
                "SELECT count(*) >= ?3 FROM entries INDEXED BY entries_by_article
                 WHERE article = ?1 AND feed = ?2",
            )?
            .query_row((article, self.feed, COPIES_OF_A_FEED), |row| row.get(0))
    }

    /// Remembers an entry by its keys alone.
    pub(super) fn remember(&mut self, entry: &Entry) -> Result<()> {
        if self.named(entry)?.is_none() {
            self.insert(entry, &keys::packed(&entry.keys, &[]), None)?;
        }
        Ok(())
    }

    /// Finds the row of an entry by its feed and id.
    fn named(&self, entry: &Entry) -> Result<Option<Named>> {
        by_name::find(self.pen.connection, self.feed, &entry.entry_id)
    }

    /// Stores an entry of an article that is there, or of a new one; returns the number of a new one.
    ///
    /// An entry id names one entry of a feed, whatever dedupe thinks of a publisher who uses one
    /// twice: what is stored under it is rewritten.
    pub(super) fn store(
        &mut self,
        record: &EntryRecord,
        article: Option<i64>,
        reason: &Reason,
    ) -> Result<Option<i64>> {
        let entry = &record.entry;
        let (mut former, mut former_id) = (Vec::new(), None);
        match self.named(entry)? {
            Some(named) if named.article.is_some() => {
                self.revise((named.number, false), record, reason)?;
                return Ok(None);
            }
            Some(tombstone) => {
                keys::forget(self.pen.connection, tombstone.number, &tombstone.keys)?;
                (former, former_id) = (tombstone.keys, tombstone.former_id);
            }
            None => {}
        }
        let keys = keys::packed(&entry.keys, &former);
        let leads = article.is_none();
        let arrival = published::Arrival {
            feed: self.feed,
            at: self.at,
            former_id,
        };
        let at = match article {
            Some(article) => labels::labelled(self.pen.connection, article)?,
            None => published::insert(self.pen, &arrival, record, self.rules)?,
        };
        let number = self.insert(entry, &keys, Some((at.article, leads)))?;
        if let Some(former_id) = &arrival.former_id {
            published::note(self.pen.connection, number, former_id)?;
        }
        texts::write(self.pen, number, entry, reason, self.source_updated_at)?;
        self.label(number, at, &record.topics)?;
        for found in &record.topics {
            *self.counts.matches.entry(found.topic.clone()).or_default() += 1;
        }
        let mut topics = record.topics.iter();
        if topics.any(|it| self.rules.excluding.contains(&it.topic)) {
            self.wary.push((number, at));
        }
        if leads {
            self.counts.new += 1;
        } else {
            self.counts.copies += 1;
            let by = reason.kind.name();
            *self.counts.copied_by.entry(by).or_default() += 1;
            carriers::count(self.pen.connection, at.article)?;
            self.note_story(at.article)?;
            let teller = lead::choose(self.pen.connection, (at.article, number), false, self.at)?;
            if teller.is_some() {
                self.note_story(at.article)?;
            }
        }
        self.note_labels(at.article)?;
        Ok(leads.then_some(at.article))
    }

    /// Notes that an article changed for all labels that it has, by itself and with its story.
    pub(super) fn note_labels(&mut self, article: i64) -> Result<()> {
        let connection = self.pen.connection;
        self.labels.extend(labels::of_article(connection, article)?);
        self.labels.extend(shares::taking(connection, article)?);
        Ok(())
    }

    /// Makes the row of an entry and its keys. `article` is the article and whether the entry leads it;
    /// none for what is only remembered.
    fn insert(&mut self, entry: &Entry, keys: &[u8], article: Option<(i64, bool)>) -> Result<i64> {
        let connection = self.pen.connection;
        let is_listed = article.is_some() && self.document.is_whole();
        let number = connection
            .prepare_cached(
                "INSERT INTO entries (feed, entry_id, article, leads, title, published_at,
                     first_seen_at, listed_at, content_digest, keys, origin, listed)
                 VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?7, ?8, ?9, ?10, ?11)",
            )?
            .insert(params![
                self.feed,
                entry.entry_id,
                article.map(|(article, _)| article),
                article.is_some_and(|(_, leads)| leads),
                entry.title,
                At(entry.published_at),
                At(self.at),
                entry.content_digest,
                keys,
                origin::of(connection, entry)?,
                is_listed.then_some(1),
            ])?;
        if is_listed {
            self.listed.insert(number);
        }
        keys::insert(connection, number, keys)?;
        Ok(number)
    }

    /// Gives a new entry its labels, and its article.
    fn label(&mut self, number: i64, at: Labelled, topics: &[TopicMatch]) -> Result<()> {
        let given = (topics, self.rules);
        self.counts.unlabelled |= labels::give(self.pen.connection, number, at, given)?;
        Ok(())
    }

    /// Gives a rewritten entry its labels; its article keeps those of its other entries. Where other rules hold,
    /// it keeps its labels until it is judged by them, and where its story is taken until it is judged with it.
    pub(super) fn relabel(
        &mut self,
        number: i64,
        at: Labelled,
        topics: &[TopicMatch],
    ) -> Result<()> {
        let connection = self.pen.connection;
        labels::remember(self.pen, number, self.rules)?;
        let before = labels::of_article(connection, at.article)?;
        if rules::hold(connection, self.rules)? && !asking::is_taken(connection, at.article)? {
            labels::remove_matches(connection, number)?;
        }
        self.label(number, at, topics)?;
        let after = labels::of_article(connection, at.article)?;
        labels::unlist(connection, at, before.difference(&after))?;
        self.labels.extend(before);
        self.labels.extend(after);
        self.labels.extend(shares::taking(connection, at.article)?);
        Ok(())
    }
}

/// Asks dedupe about an entry.
///
/// First with what its strongest key finds. Where that settles it, as for most entries of most polls,
/// dedupe looks at nothing else; otherwise it needs all keys, and that of the id under which the entry may
/// be stored already, should the publisher's be no id.
pub(super) fn decide(
    connection: &Connection,
    entry: &Entry,
    (at, document): (Timestamp, &Document<'_>),
) -> Result<(Decision, Found)> {
    let mut found = Found::default();
    let asked = &mut Asked {
        entry,
        at,
        document,
        origin: None,
    };
    let (strongest, others) = entry.keys.split_at(entry.keys.len().min(1));
    found.look_up(connection, asked, strongest.iter().copied())?;
    if !dedupe::is_settled(entry, &found.known) {
        asked.origin = origin::of(connection, entry)?;
        let given = entry.given.as_ref().map(|given| given.key);
        let others = others.iter().copied().filter(|key| given != Some(*key));
        found.look_up(connection, asked, given.into_iter().chain(others))?;
    }
    let decision = dedupe::decide(entry, &found.known);
    if origin::look_up(connection, asked, &decision, &mut found)? {
        return Ok((dedupe::decide(entry, &found.known), found));
    }
    Ok((decision, found))
}

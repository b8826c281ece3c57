//! By which rules stored entries have their labels, and how changed rules take the place of others.
//!
//! What changed rules find is written beside what the former found, under other names: the first part of the
//! work, [`Store::stage`], may take a minute and is done in small transactions. Which of the two readers see
//! is one row of `rules` for each label, so that [`Store::switch_rules`] is done in a moment and all at once.
//! What nobody reads any more is swept out afterwards. A kill at any time loses a batch at most.
//!
//! Entries that are written meanwhile, or by other rules than those that hold, wait in `relabel_queue`. They are
//! judged inside a write transaction: only there is it certain what they say.
//!
//! Rewriting the rows of a label in one transaction was rejected: a topic of fifty thousand among a million
//! entries kept the writer for seconds.

use super::labels::{self, Labelled};
use super::rows::count;
use super::writer::Pen;
use super::{Store, StoreError, asking, readable, retain, shares};
use crate::model::{Entry, Rules, TopicMatch};
use rusqlite::{Connection, OptionalExtension, Result};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// Entries that wait and are judged in one transaction: some milliseconds.
const QUEUED: i64 = 64;

/// Articles whose rows of a former label are removed in one transaction.
const SWEPT: i64 = 500;

/// What stands between a label and the number of its generation: no label holds it.
const GENERATION: char = '\u{1F}';

/// Judges an entry by the rules that are wanted, given the topics that take its story.
pub type Judge = Arc<dyn Fn(&Entry, &[String]) -> Vec<TopicMatch> + Send + Sync>;

/// What is left to be done until the rules that are wanted hold of everything stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Pending {
    /// Whether other rules hold.
    pub staged: bool,
    /// Labels whose rules are new or changed.
    pub changed: BTreeSet<String>,
    /// Entries up to this number have been read.
    pub read_to: i64,
    /// Entries up to this number are to be read.
    pub up_to: i64,
    /// Whether entries wait that were written meanwhile, or whose story changed.
    pub queued: bool,
    /// Labels of what was judged, those of before and those of now.
    pub judged: BTreeSet<String>,
    /// Whether rows are left that nobody reads.
    pub unswept: bool,
}

/// The digests of rules by their labels; of one that is not known none.
pub type RuleDigests = BTreeMap<String, Option<[u8; 16]>>;

/// The matches of entries by their numbers.
pub type Found = Vec<(i64, Vec<TopicMatch>)>;

impl Store {
    /// Says which rules are wanted, and returns what is to be done until they hold.
    ///
    /// Work of this kind that was begun for the same rules goes on where it was; that for others is given up. A
    /// store without entries takes the rules at once.
    pub async fn want_rules(&self, rules: Arc<Rules>) -> Result<Pending, StoreError> {
        self.write(move |pen| want(pen.connection, &rules)).await
    }

    /// Returns the digests of the rules by which labels were given, by label; of one that is not known none.
    pub fn rules(&self) -> Result<RuleDigests, StoreError> {
        self.pool.read(digests)
    }

    /// Tells whether there is anything that rules may find.
    pub fn has_articles(&self) -> Result<bool, StoreError> {
        let any = "SELECT EXISTS (SELECT 1 FROM articles)";
        self.pool
            .read(|connection| connection.query_row(any, [], |row| row.get(0)))
    }

    /// Returns how far changed rules are applied: the entries read and all that are to be read. `None` while
    /// none are.
    pub fn relabelling(&self) -> Result<Option<(u64, u64)>, StoreError> {
        let state = self.pool.read(state)?;
        let under_way = state.wanted.is_some();
        Ok(under_way.then(|| (count(state.read_to), count(state.up_to))))
    }

    /// Writes beside what readers see what changed rules found in the entries up to `read_to`. Returns whether
    /// these rules are still wanted.
    pub async fn stage(
        &self,
        rules: Arc<Rules>,
        found: Found,
        read_to: i64,
    ) -> Result<bool, StoreError> {
        self.write(move |pen| stage(pen.connection, &rules, &found, read_to))
            .await
    }

    /// Judges some of the entries that wait, and lets the wanted rules hold once all is read and none wait.
    /// Returns what is still to be done; `None` where others are wanted by now.
    pub async fn switch_rules(
        &self,
        rules: Arc<Rules>,
        judge: Judge,
    ) -> Result<Option<Pending>, StoreError> {
        self.write(move |pen| switch(pen, &rules, &judge)).await
    }

    /// Removes some of what nobody reads any more; returns whether there is more.
    pub async fn sweep_labels(&self) -> Result<bool, StoreError> {
        self.write(|pen| sweep(pen.connection)).await
    }
}

/// The one row of `relabelling`.
struct State {
    applied: Vec<u8>,
    wanted: Option<Vec<u8>>,
    read_to: i64,
    up_to: i64,
    generation: i64,
}

impl State {
    fn wants(&self, rules: &Rules) -> bool {
        self.wanted.as_deref() == Some(rules.whole.as_slice())
    }
}

fn state(connection: &Connection) -> Result<State> {
    connection
        .prepare_cached("SELECT applied, wanted, read_to, up_to, generation FROM relabelling")?
        .query_row([], |row| {
            Ok(State {
                applied: row.get(0)?,
                wanted: row.get(1)?,
                read_to: row.get(2)?,
                up_to: row.get(3)?,
                generation: row.get(4)?,
            })
        })
}

/// Tells whether labels that were given by these rules may be written as they are.
pub(super) fn hold(connection: &Connection, rules: &Rules) -> Result<bool> {
    if rules.of.is_empty() && rules.whole == [0; 16] {
        return Ok(true);
    }
    connection
        .prepare_cached("SELECT wanted IS NULL AND applied = ?1 FROM relabelling")?
        .query_row([rules.whole], |row| row.get(0))
}

/// Has an entry judged again, by the rules that will hold then.
pub(super) fn enqueue(connection: &Connection, entry: i64) -> Result<()> {
    connection
        .prepare_cached("INSERT OR IGNORE INTO relabel_queue (entry) VALUES (?1)")?
        .execute([entry])?;
    Ok(())
}

/// Returns under which name a label is stored that was given by these rules; `None` where another rule of that
/// label holds.
pub(super) fn stored_as(
    connection: &Connection,
    label: &str,
    rules: &Rules,
) -> Result<Option<String>> {
    let Some(digest) = rules.of.get(label) else {
        connection
            .prepare_cached(
                "INSERT OR IGNORE INTO rules (label, digest, stored_as) VALUES (?1, x'', ?1)",
            )?
            .execute([label])?;
        return name_of(connection, label);
    };
    connection
        .prepare_cached("SELECT stored_as FROM rules WHERE label = ?1 AND digest = ?2")?
        .query_row((label, digest), |row| row.get(0))
        .optional()
}

/// Returns under which name readers find a label.
pub(super) fn name_of(connection: &Connection, label: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT stored_as FROM rules WHERE label = ?1")?
        .query_row([label], |row| row.get(0))
        .optional()
}

/// Returns the label that readers know by a name.
pub(super) fn label_of(connection: &Connection, name: &str) -> Result<Option<String>> {
    connection
        .prepare_cached("SELECT label FROM rules WHERE stored_as = ?1")?
        .query_row([name], |row| row.get(0))
        .optional()
}

/// Returns the labels that readers know by these names.
pub(super) fn labels_of(
    connection: &Connection,
    names: impl IntoIterator<Item: AsRef<str>>,
) -> Result<BTreeSet<String>> {
    let names = names.into_iter();
    let names = names.map(|name| label_of(connection, name.as_ref()));
    names.filter_map(Result::transpose).collect()
}

/// Reads the digests of the rules by which labels were given.
pub(super) fn digests(connection: &Connection) -> Result<RuleDigests> {
    connection
        .prepare_cached("SELECT label, digest FROM rules")?
        .query_map([], |row| {
            let digest: Vec<u8> = row.get(1)?;
            Ok((row.get(0)?, digest.try_into().ok()))
        })?
        .collect()
}

fn want(connection: &Connection, rules: &Rules) -> Result<Pending> {
    let state = state(connection)?;
    if state.wants(rules) {
        return pending(connection);
    }
    give_up(connection)?;
    let known = digests(connection)?;
    note_asked(connection, rules, &known)?;
    if state.applied == rules.whole {
        return pending(connection);
    }
    let changed = rules.of.iter().filter(|(label, digest)| {
        let known = known.get(*label).copied().flatten();
        known != Some(**digest)
    });
    let generation = state.generation;
    let mut insert = connection.prepare_cached(
        "INSERT INTO staged_rules (label, digest, stored_as) VALUES (?1, ?2, ?3)",
    )?;
    let mut is_changed = false;
    for (label, digest) in changed {
        is_changed = true;
        let name = match generation {
            0 if !known.contains_key(label) => label.clone(),
            _ => format!("{label}{GENERATION}{generation}"),
        };
        insert.execute((label, digest, &name))?;
        if let Some(scope) = rules.pulls.get(label) {
            shares::begin(connection, &name, scope, rules.asked.contains(label))?;
        }
    }
    let newest: Option<i64> = connection.query_row(
        "SELECT max(id) FROM entries WHERE article IS NOT NULL",
        [],
        |row| row.get(0),
    )?;
    let up_to = newest.filter(|_| is_changed).unwrap_or_default();
    connection
        .prepare_cached(
            "UPDATE relabelling SET wanted = ?1, read_to = 0, up_to = ?2, generation = ?3",
        )?
        .execute((rules.whole, up_to, generation + 1))?;
    if newest.is_none() {
        take_over(connection, rules)?;
    }
    pending(connection)
}

/// Notes which labels other rules ask for now, of those whose own rules stay as they are.
fn note_asked(
    connection: &Connection,
    rules: &Rules,
    known: &BTreeMap<String, Option<[u8; 16]>>,
) -> Result<()> {
    for (label, scope) in &rules.pulls {
        let is_same = rules.of.get(label) == known.get(label).and_then(Option::as_ref);
        let name = if is_same {
            name_of(connection, label)?
        } else {
            None
        };
        if let Some(name) = name {
            shares::begin(connection, &name, scope, rules.asked.contains(label))?;
        }
    }
    Ok(())
}

/// Gives up what was begun for other rules.
fn give_up(connection: &Connection) -> Result<()> {
    connection.execute_batch(
        "INSERT INTO unread_labels (stored_as) SELECT stored_as FROM staged_rules;
         DELETE FROM staged_rules;
         UPDATE relabelling SET wanted = NULL, read_to = 0, up_to = 0;",
    )
}

fn pending(connection: &Connection) -> Result<Pending> {
    let state = state(connection)?;
    let texts = |sql: &str| -> Result<BTreeSet<String>> {
        let mut statement = connection.prepare_cached(sql)?;
        let texts = statement.query_map([], |row| row.get(0))?;
        texts.collect()
    };
    let any = |sql: &str| -> Result<bool> {
        let mut statement = connection.prepare_cached(sql)?;
        statement.query_row([], |row| row.get(0))
    };
    Ok(Pending {
        staged: state.wanted.is_some(),
        changed: texts("SELECT label FROM staged_rules")?,
        read_to: state.read_to,
        up_to: state.up_to,
        queued: any("SELECT EXISTS (SELECT 1 FROM relabel_queue)")?,
        unswept: any("SELECT EXISTS (SELECT 1 FROM unread_labels)")?,
        judged: BTreeSet::new(),
    })
}

fn stage(connection: &Connection, rules: &Rules, found: &Found, read_to: i64) -> Result<bool> {
    let state = state(connection)?;
    if !state.wants(rules) {
        return Ok(false);
    }
    asking::entries(connection, (state.read_to, read_to))?;
    let mut staged =
        connection.prepare_cached("SELECT stored_as FROM staged_rules WHERE label = ?1")?;
    for (entry, matches) in found {
        // It may have left since it was read.
        let Some(at) = labels::of_entry(connection, *entry)? else {
            continue;
        };
        for found in matches {
            let name: Option<String> = staged
                .query_row([&found.topic], |row| row.get(0))
                .optional()?;
            if let Some(name) = name {
                labels::write(connection, *entry, at, &name, found)?;
            }
        }
    }
    connection
        .prepare_cached("UPDATE relabelling SET read_to = max(read_to, ?1)")?
        .execute([read_to])?;
    Ok(true)
}

fn switch(pen: &mut Pen<'_>, rules: &Rules, judge: &Judge) -> Result<Option<Pending>> {
    let connection = pen.connection;
    let state = state(connection)?;
    let is_wanted = state.wants(rules);
    if !is_wanted && (state.wanted.is_some() || state.applied != rules.whole) {
        return Ok(None);
    }
    let waiting = retain::numbers(
        connection,
        "SELECT entry FROM relabel_queue ORDER BY entry LIMIT ?1",
        [QUEUED],
    )?;
    let names = names(connection, rules)?;
    let (mut judged, mut changed) = (BTreeSet::new(), BTreeSet::new());
    for entry in waiting {
        connection
            .prepare_cached("DELETE FROM relabel_queue WHERE entry = ?1")?
            .execute([entry])?;
        let (at, labels) = judge_again(connection, entry, &names, judge)?;
        changed.extend(at);
        judged.extend(labels);
    }
    judged.extend(shares::stirred(connection)?);
    judged.extend(asking::told_beside(connection, &changed)?);
    let pending = Pending {
        judged: labels_of(connection, judged)?,
        ..pending(connection)?
    };
    if is_wanted && !pending.queued && pending.read_to >= pending.up_to {
        take_over(connection, rules)?;
        let left = self::pending(connection)?;
        let judged = pending.judged;
        return Ok(Some(Pending { judged, ..left }));
    }
    Ok(Some(pending))
}

/// Returns under which names the rules that are wanted store their labels.
fn names(connection: &Connection, rules: &Rules) -> Result<BTreeMap<String, String>> {
    let mut names = BTreeMap::new();
    for table in [
        "SELECT label, digest, stored_as FROM rules",
        "SELECT label, digest, stored_as FROM staged_rules",
    ] {
        let mut statement = connection.prepare_cached(table)?;
        let mut rows = statement.query([])?;
        while let Some(row) = rows.next()? {
            let (label, digest): (String, Vec<u8>) = (row.get(0)?, row.get(1)?);
            if rules.of.get(&label).is_some_and(|wanted| digest == wanted) {
                names.insert(label, row.get(2)?);
            }
        }
    }
    Ok(names)
}

/// Gives an entry the labels that it has by the rules that are wanted; those of others stay. Returns its article where
/// that has others than before, and the names of those that this had and has, and of those that take its story.
fn judge_again(
    connection: &Connection,
    number: i64,
    names: &BTreeMap<String, String>,
    judge: &Judge,
) -> Result<(Option<i64>, BTreeSet<String>)> {
    let (Some(at), Some(entry)) = (
        labels::of_entry(connection, number)?,
        readable::one(connection, number)?,
    ) else {
        return Ok((None, BTreeSet::new()));
    };
    let with_story = asking::taking(connection, at.article, names)?;
    let before = labels::of_article(connection, at.article)?;
    for name in names.values() {
        labels::remove_match(connection, number, name)?;
    }
    for found in judge(&entry, &with_story) {
        if let Some(name) = names.get(&found.topic) {
            labels::write(connection, number, at, name, &found)?;
        }
    }
    let after = labels::of_article(connection, at.article)?;
    labels::unlist(connection, at, before.difference(&after))?;
    let taking = shares::taking(connection, at.article)?;
    let changed = (before != after).then_some(at.article);
    let labels = before.into_iter().chain(after).chain(taking);
    Ok((changed, labels.collect()))
}

/// Lets the rules that are wanted hold.
fn take_over(connection: &Connection, rules: &Rules) -> Result<()> {
    connection.execute_batch(
        "INSERT OR IGNORE INTO unread_labels (stored_as)
             SELECT r.stored_as FROM rules AS r JOIN staged_rules AS s ON s.label = r.label;
         INSERT OR REPLACE INTO rules (label, digest, stored_as)
             SELECT label, digest, stored_as FROM staged_rules;
         DELETE FROM staged_rules;",
    )?;
    for label in digests(connection)?.keys() {
        if !rules.of.contains_key(label) {
            connection
                .prepare_cached(
                    "INSERT OR IGNORE INTO unread_labels (stored_as)
                     SELECT stored_as FROM rules WHERE label = ?1",
                )?
                .execute([label])?;
            connection
                .prepare_cached("DELETE FROM rules WHERE label = ?1")?
                .execute([label])?;
        }
    }
    connection
        .prepare_cached(
            "UPDATE relabelling SET applied = ?1, wanted = NULL, read_to = 0, up_to = 0",
        )?
        .execute([rules.whole])?;
    Ok(())
}

/// Removes the rows of some articles under one name that nobody reads; returns whether there is more.
fn sweep(connection: &Connection) -> Result<bool> {
    let name: Option<String> = connection
        .prepare_cached("SELECT stored_as FROM unread_labels LIMIT 1")?
        .query_row([], |row| row.get(0))
        .optional()?;
    let Some(name) = name else {
        return Ok(false);
    };
    let listed: Vec<Labelled> = labels::listed(connection, &name, SWEPT)?;
    for at in &listed {
        labels::remove_of_article(connection, *at, &name)?;
    }
    if listed.is_empty() {
        connection
            .prepare_cached("DELETE FROM unread_labels WHERE stored_as = ?1")?
            .execute([&name])?;
        shares::end(connection, &name)?;
    }
    Ok(true)
}

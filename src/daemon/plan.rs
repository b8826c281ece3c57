//! What changed rules would change of what is stored. Only reads, so that it works beside a daemon.

use super::StartError;
use super::active::Active;
use super::judge::{self, Bench};
use crate::classify::takes_story;
use crate::config::Config;
use crate::model::{Rules, is_topic};
use crate::store::{Headline, Readable, Store, StoreError};
use futures_util::StreamExt as _;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::pin::pin;
use std::sync::Arc;

/// What would change.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Plan {
    /// Of each label whose rule is new, changed or gone; by name.
    pub changes: Vec<Change>,
    /// Labels whose rules stay as they are.
    pub same: usize,
    /// How many articles are stored.
    pub articles: usize,
    /// What is odd about how much rules match.
    pub remarks: Vec<Remark>,
}

/// A rule that matches nothing, or so much that it says little.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Remark {
    /// Its label.
    pub label: String,
    /// How many articles it matches.
    pub articles: usize,
}

/// With fewer articles stored nothing is odd: a day of a few feeds.
const JUDGED_FROM: usize = 100;

/// A topic that takes in more than this part of everything tells little: a word of its query is common, or one
/// alternative too many stands in it.
const MUCH: usize = 5;

/// What became of a rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fate {
    /// There was none.
    New,
    /// It is another.
    Changed,
    /// There is none any more.
    Removed,
}

/// What would change of one label.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    /// The label.
    pub label: String,
    /// What became of its rule.
    pub fate: Fate,
    /// Articles that would enter.
    pub enter: Side,
    /// Articles that would leave.
    pub leave: Side,
    /// How many would stay.
    pub stay: usize,
}

/// The articles that go one way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Side {
    /// How many they are.
    pub count: usize,
    /// The newest of them, newest first.
    pub newest: Vec<Headline>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// A configuration cannot be put in force.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// An article and when it was published: in the order in which outputs list them.
type Listed = BTreeSet<(Timestamp, i64)>;

/// Articles by label, before and after.
type Sets = BTreeMap<String, [Listed; 2]>;

/// Where a set of [`Sets`] stands.
const BEFORE: usize = 0;
const AFTER: usize = 1;

/// Works out what a configuration would change of what is stored: against another, or against the labels that are
/// stored. `newest` bounds the articles that are named on each side.
///
/// # Errors
///
/// When the database cannot be read, or a configuration cannot be compiled.
pub async fn plan(
    store: &Store,
    config: Config,
    against: Option<Config>,
    newest: usize,
) -> Result<Plan, PlanError> {
    let active = Arc::new(Active::new(config)?);
    let against = against.map(Active::new).transpose()?.map(Arc::new);
    let held = match &against {
        Some(old) => {
            let of = old.rules.of.iter();
            of.map(|(label, digest)| (label.clone(), Some(*digest)))
                .collect()
        }
        None => store.rules()?,
    };
    let fates = fates(&active, &held);
    let mut sets: Sets = fates
        .keys()
        .map(|label| (label.clone(), <[Listed; 2]>::default()))
        .collect();
    if against.is_none() {
        for (label, [before, _]) in &mut sets {
            before.extend(store.labelled(label)?);
        }
    }
    let is_stored = against.is_none();
    let labels = |but: Fate| -> BTreeSet<String> {
        let fates = fates.iter().filter(|(_, fate)| **fate != but);
        fates.map(|(label, _)| label.clone()).collect()
    };
    let rules = |active: &Arc<Active>| Arc::clone(&active.rules);
    let pulls = [against.as_ref().map(rules), Some(rules(&active))];
    let benches = [
        against.map(|old| Bench::new(old, labels(Fate::New))),
        Some(Bench::new(Arc::clone(&active), labels(Fate::Removed))),
    ];
    if !fates.is_empty() {
        let stories = judge_all(store, benches, &mut sets).await?;
        pull_all(store, &pulls, &stories, &mut sets)?;
    }
    let changes = fates.into_iter().map(|(label, fate)| {
        let [before, after] = sets.remove(&label).unwrap_or_default();
        Ok(Change {
            enter: side(store, after.difference(&before).copied(), newest)?,
            leave: side(store, before.difference(&after).copied(), newest)?,
            stay: before.intersection(&after).count(),
            label,
            fate,
        })
    });
    let changes: Vec<Change> = changes.collect::<Result<_, StoreError>>()?;
    let wanted = changes.iter().filter(|it| it.fate != Fate::Removed);
    let mut matched: BTreeMap<String, usize> = wanted
        .map(|it| (it.label.clone(), it.enter.count + it.stay))
        .collect();
    let same = active.rules.of.len().saturating_sub(matched.len());
    for label in active.rules.of.keys().filter(|_| is_stored) {
        if !matched.contains_key(label) {
            matched.insert(label.clone(), store.labelled(label)?.len());
        }
    }
    let articles = usize::try_from(store.totals()?.articles).unwrap_or(usize::MAX);
    Ok(Plan {
        changes,
        same,
        articles,
        remarks: remarks(matched, articles),
    })
}

/// Returns what is odd about how many of all articles rules match. The query of an output may well select everything.
fn remarks(matched: BTreeMap<String, usize>, of: usize) -> Vec<Remark> {
    let matched = matched.into_iter().filter(|_| of >= JUDGED_FROM);
    let remarks = matched.map(|(label, articles)| Remark { label, articles });
    let is_much = |it: &Remark| it.articles > of / MUCH && is_topic(&it.label);
    remarks
        .filter(|it| it.articles == 0 || is_much(it))
        .collect()
}

/// Returns what becomes of the rules that do not stay as they are.
fn fates(active: &Active, held: &BTreeMap<String, Option<[u8; 16]>>) -> BTreeMap<String, Fate> {
    let wanted = &active.rules.of;
    let changed = wanted.iter().filter_map(|(label, digest)| {
        let fate = match held.get(label) {
            None => Fate::New,
            Some(held) if *held == Some(*digest) => return None,
            Some(_) => Fate::Changed,
        };
        Some((label.clone(), fate))
    });
    let removed = held.keys().filter(|label| !wanted.contains_key(*label));
    let removed = removed.map(|label| (label.clone(), Fate::Removed));
    changed.chain(removed).collect()
}

/// Enters the stories that topics take whole by the rules of both sides.
fn pull_all(
    store: &Store,
    rules: &[Option<Arc<Rules>>; 2],
    stories: &BTreeMap<i64, i64>,
    sets: &mut Sets,
) -> Result<(), StoreError> {
    let mut sides = rules.iter().enumerate();
    sides.try_for_each(|(side, rules)| pull(store, (side, rules.as_deref()), stories, sets))
}

/// Enters the stories that topics take whole, on a side that was judged. `stories` are those of articles.
fn pull(
    store: &Store,
    (side, rules): (usize, Option<&Rules>),
    stories: &BTreeMap<i64, i64>,
    sets: &mut Sets,
) -> Result<(), StoreError> {
    for (label, scope) in rules.into_iter().flat_map(|rules| &rules.pulls) {
        let Some(listed) = sets.get_mut(label).and_then(|sets| sets.get_mut(side)) else {
            continue;
        };
        let mut members: BTreeMap<i64, u64> = BTreeMap::new();
        for story in listed
            .iter()
            .filter_map(|(_, article)| stories.get(article))
        {
            *members.entry(*story).or_default() += 1;
        }
        // Of a story without enough members, all would be too few.
        members.retain(|_, members| takes_story(*members, *members));
        for (story, members) in members {
            let (reports, held) = store.in_scope(story, scope)?;
            listed.extend(held.into_iter().filter(|_| takes_story(members, reports)));
        }
    }
    Ok(())
}

/// Judges everything stored by the rules of both sides, and enters what they find. Returns the stories of the articles
/// that any of them finds.
async fn judge_all(
    store: &Store,
    benches: [Option<Bench>; 2],
    sets: &mut Sets,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let find = move |read: &Readable| {
        let found: Vec<(usize, String)> = [BEFORE, AFTER]
            .into_iter()
            .zip(&benches)
            .filter_map(|(side, bench)| Some((side, bench.as_ref()?)))
            .flat_map(|(side, bench)| {
                let found = bench.judge(&read.entry).into_iter();
                found.map(move |found| (side, found.topic))
            })
            .collect();
        (!found.is_empty()).then_some(((read.published_at, read.article), read.story, found))
    };
    let mut stories = BTreeMap::new();
    let range = (0, store.newest_entry()?);
    let mut chunks = pin!(judge::each(store.clone(), range, Arc::new(find)));
    while let Some(chunk) = chunks.next().await {
        for (article, story, found) in chunk?.made {
            stories.extend(story.map(|story| (article.1, story)));
            for (side, label) in found {
                let set = sets.get_mut(&label).and_then(|sets| sets.get_mut(side));
                set.map(|set| set.insert(article));
            }
        }
    }
    Ok(stories)
}

/// Returns how many articles go one way, and names the newest.
fn side(
    store: &Store,
    articles: impl Iterator<Item = (Timestamp, i64)>,
    newest: usize,
) -> Result<Side, StoreError> {
    let articles: Vec<i64> = articles.map(|(_, article)| article).collect();
    let named = articles.iter().rev().take(newest);
    let named = named.filter_map(|article| store.headline(*article).transpose());
    Ok(Side {
        count: articles.len(),
        newest: named.collect::<Result<_, _>>()?,
    })
}

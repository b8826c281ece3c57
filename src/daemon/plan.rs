//! What changed rules would change of what is stored. Only reads, so that it works beside a daemon.

use super::StartError;
use super::active::Active;
use super::judge::{self, Bench};
use super::plan_stories;
use crate::config::Config;
use crate::model::{FeedId, Watch, is_topic};
use crate::publish::Output;
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

impl Plan {
    /// Tells whether the rule that selects the articles of an output stays as it is, if one does.
    pub fn is_same(&self, output: &Output) -> bool {
        let label = output.label();
        label.is_none_or(|label| self.changes.iter().all(|it| it.label != label))
    }
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
    /// It is another, or finds others for the language that a feed is said to be in.
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
pub(super) type Listed = BTreeSet<(Timestamp, i64)>;

/// Articles by label, before and after.
pub(super) type Sets = BTreeMap<String, [Listed; 2]>;

/// Where a set of [`Sets`] stands.
const BEFORE: usize = 0;
const AFTER: usize = 1;

/// Works out what a configuration would change of what is stored: against another, or against the labels that are
/// stored. `newest` bounds the articles that are named on each side; `watch` is told how many entries are judged.
///
/// # Errors
///
/// When the database cannot be read, or a configuration cannot be compiled.
pub async fn plan(
    store: &Store,
    config: Config,
    against: Option<Config>,
    newest: usize,
    watch: &Watch,
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
    let mut fates = fates(&active, &held);
    let rules_alone: BTreeSet<String> = fates.keys().cloned().collect();
    if speaks_otherwise(store, &active, against.as_deref())? {
        let others = active.rules.of.keys().cloned();
        let others: Vec<String> = others.filter(|it| !fates.contains_key(it)).collect();
        fates.extend(others.into_iter().map(|label| (label, Fate::Changed)));
    }
    let is_stored = against.is_none();
    let mut sets = sets((store, watch), &active, against, &fates).await?;
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
    let mut changes: Vec<Change> = changes.collect::<Result<_, StoreError>>()?;
    // Of languages, most rules do not ask.
    changes.retain(|it| rules_alone.contains(&it.label) || it.enter.count + it.leave.count > 0);
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

/// Tells whether a feed is said to be in another language than before: then rules may find others of what is stored.
fn speaks_otherwise(
    store: &Store,
    active: &Active,
    against: Option<&Active>,
) -> Result<bool, StoreError> {
    let before: BTreeMap<FeedId, Option<String>> = match against {
        Some(old) => {
            let feeds = old.config.feeds.iter();
            feeds
                .map(|feed| (feed.id.clone(), feed.language.clone()))
                .collect()
        }
        None => store.languages()?,
    };
    let mut feeds = active.config.feeds.iter();
    Ok(feeds.any(|feed| {
        before
            .get(&feed.id)
            .is_some_and(|before| *before != feed.language)
    }))
}

/// Finds the articles of the labels whose rules do not stay as they are, before and after, and of those that they ask for.
async fn sets(
    (store, watch): (&Store, &Watch),
    active: &Arc<Active>,
    against: Option<Arc<Active>>,
    fates: &BTreeMap<String, Fate>,
) -> Result<Sets, StoreError> {
    let mut sets = Sets::new();
    if fates.is_empty() {
        return Ok(sets);
    }
    let bench = |active: Arc<Active>, but: Fate| {
        let fates = fates.iter().filter(|(_, fate)| **fate != but);
        // What changed rules ask for of stories is to be known, too.
        let labels = fates.map(|(label, _)| label).chain(&active.rules.asked);
        let labels = labels.cloned().collect();
        Bench::new(active, labels)
    };
    let is_stored = against.is_none();
    let benches = Arc::new([
        against.map(|old| bench(old, Fate::New)),
        Some(bench(Arc::clone(active), Fate::Removed)),
    ]);
    let labels = benches.iter().flatten().flat_map(Bench::labels);
    for label in labels.chain(fates.keys()) {
        sets.entry(label.clone()).or_default();
    }
    for (label, [before, _]) in sets.iter_mut().filter(|_| is_stored) {
        before.extend(store.labelled(label)?);
    }
    let stories = judge_all((store, watch), &benches, &mut sets).await?;
    for (side, bench) in benches.iter().enumerate() {
        if let Some(bench) = bench {
            plan_stories::enter(store, (side, bench), stories.clone(), &mut sets)?;
        }
    }
    Ok(sets)
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

/// Judges everything stored by the rules of both sides, and enters what they find. Returns the stories of the articles
/// that any of them finds.
async fn judge_all(
    (store, watch): (&Store, &Watch),
    benches: &Arc<[Option<Bench>; 2]>,
    sets: &mut Sets,
) -> Result<BTreeMap<i64, i64>, StoreError> {
    let benches = Arc::clone(benches);
    let find = move |read: &Readable| {
        let found: Vec<(usize, String)> = [BEFORE, AFTER]
            .into_iter()
            .zip(benches.iter())
            .filter_map(|(side, bench)| Some((side, bench.as_ref()?)))
            .flat_map(|(side, bench)| {
                let found = bench.judge(&read.entry, &[]).into_iter();
                found.map(move |found| (side, found.topic))
            })
            .collect();
        (!found.is_empty()).then_some(((read.published_at, read.article), read.story, found))
    };
    let mut stories = BTreeMap::new();
    let newest = store.newest_entry()?;
    let told = |number: i64| u64::try_from(number).unwrap_or_default();
    let range = (0, newest);
    let mut chunks = pin!(judge::each(store.clone(), range, Arc::new(find)));
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk?;
        watch.tell(told(chunk.to), told(newest));
        for (article, story, found) in chunk.made {
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

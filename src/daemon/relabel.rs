//! Changed rules take effect on everything stored, while polls go on and readers see the old labels until the last
//! entry is done.

use super::Daemon;
use super::active::Active;
use super::chores::later;
use super::judge::{self, Bench};
use super::stale::Stale;
use crate::clock::Clock;
use crate::store::{Judge, Pending, Readable, Store, StoreError};
use futures_util::StreamExt as _;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::pin::pin;
use std::sync::Arc;
use std::time::Duration;
use tokio::task::JoinError;

/// How long it rests when a fault of ours broke it off.
const REST: SignedDuration = SignedDuration::from_hours(1);

/// What came of applying rules to what is stored.
#[derive(Debug)]
pub(super) enum Relabelled {
    /// Nothing was left to be done.
    Nothing,
    /// Other rules hold now, or entries are in another language.
    Changed,
    /// Entries that had waited were judged: these labels have others now.
    Judged(BTreeSet<String>),
    /// What nobody reads any more was removed.
    Swept,
    /// Others are wanted by now.
    GivenUp,
}

/// What it works with.
struct Work {
    store: Store,
    active: Arc<Active>,
    clock: Arc<dyn Clock>,
}

impl Daemon {
    /// Begins to apply the rules in force to what is stored, where that may be needed and is not under way.
    pub(super) fn start_relabelling(&mut self) {
        let chores = &mut self.chores;
        if !chores.relabelling.is_empty() || self.store_rests_until.is_some() {
            return;
        }
        let now = self.clock.now();
        if !chores.rules_are_due || chores.relabel_from > now {
            return;
        }
        chores.rules_are_due = false;
        let work = Work {
            store: self.store.clone(),
            active: Arc::clone(&self.active),
            clock: Arc::clone(&self.clock),
        };
        chores.relabelling.spawn(work.run());
    }

    /// Takes in what came of it.
    pub(super) fn finish_relabelling(&mut self, done: Result<Outcome, JoinError>) {
        match done {
            Ok(Ok(Relabelled::Nothing | Relabelled::Swept)) => {}
            Ok(Ok(Relabelled::GivenUp)) => self.chores.rules_are_due = true,
            Ok(Ok(Relabelled::Changed)) => {
                // What is left is to sweep out the old.
                self.chores.rules_are_due = true;
                self.chores.stale = Stale::everything();
            }
            Ok(Ok(Relabelled::Judged(labels))) => {
                let stale = &mut self.chores.stale;
                stale.changed = true;
                stale.labels.extend(labels);
                // What an earlier run left may still be to be swept out.
                self.chores.rules_are_due = true;
            }
            Ok(Err(error)) => {
                self.chores.rules_are_due = true;
                self.store_failed(error.kind(), &error.to_string());
            }
            Err(error) if error.is_cancelled() => {}
            Err(_) => {
                tracing::error!(
                    "applying changed rules to what is stored panicked: please report it"
                );
                self.chores.rules_are_due = true;
                self.chores.relabel_from = later(self.clock.now(), REST);
            }
        }
    }

    /// Applies the rules in force to what is stored, and waits for it: for who polls by hand.
    pub(super) async fn relabel_now(&mut self) {
        loop {
            self.start_relabelling();
            match self.chores.relabelling.join_next().await {
                Some(done) => self.finish_relabelling(done),
                None => return,
            }
        }
    }
}

/// How it ended.
pub(super) type Outcome = Result<Relabelled, StoreError>;

/// Applies the rules of a configuration to what is stored, all of it.
pub(super) async fn relabel(
    store: &Store,
    active: &Arc<Active>,
    clock: &Arc<dyn Clock>,
) -> Result<(), StoreError> {
    loop {
        let work = Work {
            store: store.clone(),
            active: Arc::clone(active),
            clock: Arc::clone(clock),
        };
        if matches!(work.run().await?, Relabelled::Nothing) {
            return Ok(());
        }
    }
}

impl Work {
    async fn run(self) -> Outcome {
        let rules = Arc::clone(&self.active.rules);
        let spoken = self.store.apply_languages().await?;
        if spoken > 0 {
            tracing::info!(
                "{spoken} entries are in another language, by `language` of their feeds"
            );
        }
        let pending = self.store.want_rules(Arc::clone(&rules)).await?;
        if !pending.staged && !pending.queued {
            return self.sweep(&pending).await;
        }
        let began = self.clock.uptime();
        let removed = self.removed()?;
        if pending.staged {
            log_begin(&pending, &removed);
        }
        let Some(found) = self.stage(&pending).await? else {
            return Ok(Relabelled::GivenUp);
        };
        let judge = self.judge_all();
        let mut judged = BTreeSet::new();
        loop {
            let judge = Arc::clone(&judge);
            let Some(left) = self.store.switch_rules(Arc::clone(&rules), judge).await? else {
                return Ok(Relabelled::GivenUp);
            };
            judged.extend(left.judged);
            if !left.staged && !left.queued {
                break;
            }
        }
        if !pending.staged && spoken == 0 {
            return Ok(Relabelled::Judged(judged));
        }
        if pending.staged {
            log_end(&pending, found, self.clock.uptime().saturating_sub(began));
        }
        Ok(Relabelled::Changed)
    }

    /// Writes beside what readers see what the changed rules find; returns in how many entries, `None` when
    /// other rules are wanted by now.
    async fn stage(&self, pending: &Pending) -> Result<Option<u64>, StoreError> {
        let bench = Bench::new(Arc::clone(&self.active), pending.changed.clone());
        let find = move |read: &Readable| {
            // What its story adds is judged when all of that is known: such entries wait in the queue.
            let found = bench.judge(&read.entry, &[]);
            (!found.is_empty()).then_some((read.number, found))
        };
        let range = (pending.read_to, pending.up_to);
        let mut chunks = pin!(judge::each(self.store.clone(), range, Arc::new(find)));
        let mut found = 0;
        while let Some(chunk) = chunks.next().await {
            let chunk = chunk?;
            found += u64::try_from(chunk.made.len()).unwrap_or_default();
            let rules = Arc::clone(&self.active.rules);
            if !self.store.stage(rules, chunk.made, chunk.to).await? {
                return Ok(None);
            }
        }
        Ok(Some(found))
    }

    /// Returns who judges entries by all rules.
    fn judge_all(&self) -> Judge {
        let labels = self.active.rules.of.keys().cloned().collect();
        let bench = Bench::new(Arc::clone(&self.active), labels);
        Arc::new(move |entry, with_story| bench.judge(entry, with_story))
    }

    async fn sweep(&self, pending: &Pending) -> Outcome {
        if !pending.unswept {
            return Ok(Relabelled::Nothing);
        }
        while self.store.sweep_labels().await? {}
        Ok(Relabelled::Swept)
    }

    /// Returns the labels that no rule gives any more.
    fn removed(&self) -> Result<BTreeSet<String>, StoreError> {
        let mut labels: BTreeSet<String> = self.store.rules()?.into_keys().collect();
        labels.retain(|label| !self.active.rules.of.contains_key(label));
        Ok(labels)
    }
}

fn log_begin(pending: &Pending, removed: &BTreeSet<String>) {
    let entries = pending.up_to.saturating_sub(pending.read_to);
    let mut what = named("changed", &pending.changed);
    let removed = named("removed", removed);
    if !what.is_empty() && !removed.is_empty() {
        what.push_str("; ");
    }
    what.push_str(&removed);
    tracing::info!(
        "applying rules to the {entries} entries stored; outputs stay as they are until it is done: {what}"
    );
}

fn log_end(pending: &Pending, found: u64, took: Duration) {
    let entries = pending.up_to.saturating_sub(pending.read_to);
    let seconds = took.as_secs_f64();
    tracing::info!(
        "rules were applied to the {entries} entries stored: {found} match those that changed, in {seconds:.1} s"
    );
}

/// Names some labels, and how many more there are.
fn named(what: &str, labels: &BTreeSet<String>) -> String {
    const NAMED: usize = 8;
    if labels.is_empty() {
        return String::new();
    }
    let mut names: Vec<&str> = labels.iter().take(NAMED).map(String::as_str).collect();
    let more = format!("{} more", labels.len().saturating_sub(NAMED));
    if labels.len() > NAMED {
        names.push(&more);
    }
    format!("{what} {}", names.join(", "))
}

//! What is known of outputs while changed rules are applied to what is stored.
//!
//! Until that is done a label stands for what the rule before found, or for nothing where it is new. What the rule before
//! found may have been for others: for those with a key that is asked for no more, or for readers of another output. So an
//! output whose rule does not hold yet is rendered only where the ledger of its archive says that its own readers had it by
//! that very rule. Any other stays as its readers have it, under the lock of before; where nothing of it is at hand, as at a start,
//! it is said that it comes. An output that is empty for a moment was rejected: readers drop what a feed lists no more,
//! and caches and hubs hand it on.
//!
//! Of an article that another output has, such a label is told on where everybody was told of it by that very rule, which
//! the store remembers (`store/named.rs`). To hide all of them was rejected: each edit of a query changed each output twice.

use super::active::Active;
use super::press::{Press, Printed, Told, keyed_path, page_path, paths_of};
use super::served::Served;
use super::stale::Stale;
use crate::model::{Rules, is_topic};
use crate::publish::{self, Card, Output, Selection};
use crate::store::{Openly, RuleDigests, Seen, StoreError};
use std::collections::BTreeSet;
use std::sync::Arc;

/// What is known of outputs at one moment.
#[derive(Debug)]
pub(super) struct Settled {
    /// The rules that are wanted.
    wanted: Arc<Rules>,
    /// The digests of those by which labels are stored, where these are others.
    stored: Option<RuleDigests>,
    /// The paths of outputs of which nobody knows what they have.
    pub(super) unknown: BTreeSet<String>,
    /// What outputs for everybody select, as far as that is known.
    pub(super) openly: Arc<Openly>,
    /// The labels of which nobody is told without a key.
    pub(super) hidden: Arc<BTreeSet<String>>,
}

impl Settled {
    /// Returns what is known where all rules hold.
    pub(super) fn of(active: &Active) -> Self {
        Self {
            wanted: Arc::clone(&active.rules),
            stored: None,
            unknown: BTreeSet::new(),
            openly: Arc::clone(&active.openly),
            hidden: Arc::clone(&active.locked),
        }
    }

    /// Tells whether an output was read by the rule of which this is told.
    pub(super) fn is_of(&self, output: &Output, seen: &Seen) -> bool {
        let label = output.label();
        label.is_none_or(|label| self.rule(label) == seen.rule())
    }

    /// Returns the digest of the rule by which a label is stored, where that is known.
    fn rule(&self, label: &str) -> Option<[u8; 16]> {
        match &self.stored {
            None => self.wanted.of.get(label).copied(),
            Some(stored) => stored.get(label).copied().flatten(),
        }
    }
}

impl Press {
    /// Finds out what is known of the outputs, by the rules by which labels are stored.
    pub(super) fn look(
        &self,
        stored: Option<RuleDigests>,
        stale: &Stale,
    ) -> Result<Settled, StoreError> {
        let active = &self.active;
        let mut settled = Settled {
            stored,
            ..Settled::of(active)
        };
        let wanted = active.rules.of.iter();
        let waits = wanted.filter(|(label, wanted)| settled.rule(label).as_ref() != Some(*wanted));
        let waits: BTreeSet<&str> = waits.map(|(label, _)| label.as_str()).collect();
        // Ledgers of outputs that are no more, or were for others, tell nothing.
        let is_told = (!stale.all && waits.is_empty()) || self.keep_apart();
        if !waits.is_empty() {
            self.hide(&mut settled, &waits)?;
            // Where nothing is stored, nothing is in any of them.
            if self.store.has_articles()? {
                self.find_unknown(&mut settled, (&waits, is_told))?;
            }
        }
        if stale.all {
            self.note_named(&settled);
        }
        Ok(settled)
    }

    /// Hides labels whose rules do not hold yet, but for those that everybody was told of as they are stored.
    fn hide(&self, settled: &mut Settled, waits: &BTreeSet<&str>) -> Result<(), StoreError> {
        let named = self.store.named()?;
        let is_named = |label: &str| {
            let rule = settled.rule(label);
            rule.is_some() && rule.as_ref() == named.get(label)
        };
        let topics = waits.iter().filter(|label| is_topic(label));
        let hidden = topics.filter(|label| !is_named(label));
        let hidden: BTreeSet<String> = hidden.map(|label| (*label).to_owned()).collect();
        if !hidden.is_empty() {
            Arc::make_mut(&mut settled.hidden).extend(hidden);
        }
        Ok(())
    }

    /// Notes which labels everybody is told of from now on, where that is remembered here. What could not be noted is not
    /// told while its rule is changed.
    fn note_named(&self, settled: &Settled) {
        if !self.stacks.are_ours {
            return;
        }
        // Where every output wants a key, nobody without one is told of anything.
        let is_told = self.open_outputs().next().is_some();
        let labels = self.active.rules.of.keys().filter(|_| is_told);
        let told = labels.filter(|label| is_topic(label) && !settled.hidden.contains(*label));
        let named = told.filter_map(|label| Some((label.clone(), settled.rule(label)?)));
        if let Err(error) = self.store.set_named(named.collect(), self.now) {
            tracing::warn!("which labels everybody is told of is not noted: {error}");
        }
    }

    /// Finds the outputs of which nobody knows what they have, of those whose rules do not hold yet.
    fn find_unknown(
        &self,
        settled: &mut Settled,
        (waits, is_told): (&BTreeSet<&str>, bool),
    ) -> Result<(), StoreError> {
        for output in &self.active.config.outputs {
            let Selection::Label(label) = &output.selection else {
                continue;
            };
            if waits.contains(label.as_str()) && !(is_told && self.is_as_noted(output)?) {
                settled.unknown.insert(output.path.clone());
            }
        }
        let is_known = |output: &&Output| !settled.unknown.contains(&output.path);
        settled.openly = Arc::new(Openly::of(&mut self.open_outputs().filter(is_known)));
        Ok(())
    }

    /// Tells whether the readers of an output were told last what the stored labels say.
    fn is_as_noted(&self, output: &Output) -> Result<bool, StoreError> {
        let basis = publish::basis(&self.active.config.site, output);
        Ok(output.archive && self.store.ledger(output, &basis)?.is_some())
    }

    /// Tells whether an output of which nothing is known was there for everybody: its place on the index stays. One that
    /// is new gets it with what it has, as nothing is there yet to which the index could lead.
    fn was_there(&self, served: &Served, output: &Output) -> bool {
        let page = page_path(output);
        if !self.stacks.are_ours {
            return self.files.contains_key(&page);
        }
        let shown = self.shelf.get(&page);
        shown.map_or_else(|| served.has(&page), |it| !it.is_protected())
    }

    /// Leaves an output as its readers have it, with its archive and on the terms of before, until it is known what it has.
    /// Where not all is rendered, its documents stay with all else that does.
    pub(super) fn hold(
        &self,
        printed: &mut Printed,
        (served, stale): (&Served, &Stale),
        output: &Output,
    ) {
        let held = self.shelf.all();
        let told = self.cards.get(&output.path);
        let told = told.filter(|told| told.is_protected == output.is_protected);
        let stories = told.iter().flat_map(|told| told.stories.iter().cloned());
        let paths = paths_of(output).chain([keyed_path(output)]).chain(stories);
        for path in paths.filter(|_| stale.all) {
            if let Some(document) = held.get(&path) {
                let documents = &mut printed.resources;
                documents
                    .entry(path)
                    .or_insert_with(|| Arc::clone(document));
            }
        }
        let was_there = !output.is_protected && self.was_there(served, output);
        let nothing = Told {
            card: Card::new(&[]),
            stories: BTreeSet::new(),
            is_protected: false,
        };
        let told = told.cloned().or(was_there.then(|| Arc::new(nothing)));
        printed
            .cards
            .extend(told.map(|told| (output.path.clone(), told)));
        let archive = self.shelf.archive(&output.path);
        let archive = archive.map(|it| (output.path.clone(), it));
        printed.archives.extend(archive);
    }
}

//! What is known of outputs while changed rules are applied to what is stored.
//!
//! Until that is done a label stands for what the rule before found, or for nothing where it is new. What the rule before
//! found may have been for others: for those with a key that is asked for no more, or for readers of another output. So an
//! output whose rule does not hold yet is rendered only where the ledger of its archive says that its own readers had it by
//! that very rule. Any other stays as its readers have it, under the lock of before; where nothing of it is at hand, as at a start,
//! it is said that it comes. An output that is empty for a moment was rejected: readers drop what a feed lists no more,
//! and caches and hubs hand it on.

use super::active::Active;
use super::press::{Press, Printed, keyed_path, paths_of};
use super::stale::Stale;
use crate::model::is_topic;
use crate::publish::{self, Output, Selection};
use crate::store::{Openly, Seen, StoreError};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What is known of outputs at one moment.
#[derive(Debug)]
pub(super) struct Settled {
    /// The digests of the rules by which labels are stored.
    stored: BTreeMap<String, Option<[u8; 16]>>,
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
            stored: BTreeMap::new(),
            unknown: BTreeSet::new(),
            openly: Arc::clone(&active.openly),
            hidden: Arc::clone(&active.locked),
        }
    }

    /// Tells whether an output was read by the rule of which this is told.
    pub(super) fn is_of(&self, output: &Output, seen: &Seen) -> bool {
        match &output.selection {
            Selection::All => true,
            Selection::Label(label) => self.stored.get(label).copied().flatten() == seen.rule(),
        }
    }
}

impl Press {
    /// Finds out what is known of the outputs.
    pub(super) fn look(&self, stale: &Stale) -> Result<Settled, StoreError> {
        let active = &self.active;
        let mut settled = Settled {
            stored: self.store.rules()?,
            ..Settled::of(active)
        };
        let holds = |label: &str| {
            let rule = settled.stored.get(label).copied().flatten();
            rule.is_some() && rule.as_ref() == active.rules.of.get(label)
        };
        let waits = active.rules.of.keys().map(String::as_str);
        let waits: BTreeSet<&str> = waits.filter(|label| !holds(label)).collect();
        // Ledgers of outputs that are no more, or were for others, tell nothing.
        let is_told = (!stale.all && waits.is_empty()) || self.keep_apart();
        // Where nothing is stored, nothing is in any of them.
        if waits.is_empty() || !self.store.has_articles()? {
            return Ok(settled);
        }
        let mut known = BTreeSet::new();
        for output in &active.config.outputs {
            let Selection::Label(label) = &output.selection else {
                continue;
            };
            if !waits.contains(label.as_str()) {
                continue;
            }
            if !is_told || !self.is_as_noted(output)? {
                settled.unknown.insert(output.path.clone());
            } else if !output.is_protected {
                known.insert(label.as_str());
            }
        }
        let is_known = |output: &&Output| !settled.unknown.contains(&output.path);
        settled.openly = Arc::new(Openly::of(&mut self.open_outputs().filter(is_known)));
        let topics = waits.difference(&known).filter(|label| is_topic(label));
        let topics = topics.map(|it| (*it).to_owned());
        Arc::make_mut(&mut settled.hidden).extend(topics);
        Ok(settled)
    }

    /// Tells whether the readers of an output were told last what the stored labels say.
    fn is_as_noted(&self, output: &Output) -> Result<bool, StoreError> {
        let basis = publish::basis(&self.active.config.site, output);
        Ok(output.archive && self.store.ledger(output, &basis)?.is_some())
    }

    /// Leaves an output as its readers have it, with its archive and on the terms of before, until it is known what it has.
    pub(super) fn hold(&self, printed: &mut Printed, output: &Output) {
        let held = self.shelf.all();
        let told = self.cards.get(&output.path);
        let told = told.filter(|told| told.is_protected == output.is_protected);
        let stories = told.iter().flat_map(|told| told.stories.iter().cloned());
        for path in paths_of(output).chain([keyed_path(output)]).chain(stories) {
            if let Some(document) = held.get(&path) {
                let documents = &mut printed.resources;
                documents
                    .entry(path)
                    .or_insert_with(|| Arc::clone(document));
            }
        }
        let told = told.map(|told| (output.path.clone(), Arc::clone(told)));
        printed.cards.extend(told);
        let archive = self.shelf.archive(&output.path);
        let archive = archive.map(|it| (output.path.clone(), it));
        printed.archives.extend(archive);
    }
}

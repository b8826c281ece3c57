//! What is to be remembered beside polls, in small: what hosts asked for, what hubs were told, and what operators were.

use super::chores::Done;
use crate::model::{HostPace, Transition};
use crate::store::{Digest, Store, StoreError};
use jiff::Timestamp;
use std::collections::BTreeMap;
use std::sync::Arc;

/// What is to be remembered of hosts; `None` forgets one.
type Hosts = BTreeMap<Arc<str>, Option<HostPace>>;

/// What is to be remembered of what hubs were told of; `None` forgets a path.
type Told = BTreeMap<String, Option<Digest>>;

/// What is to be remembered.
#[derive(Debug, Default)]
pub(super) struct Notes {
    /// Hosts of which something else is to be remembered than before.
    pub(super) hosts: Hosts,
    /// What hubs were told of, by path.
    pub(super) told: Told,
    /// All that operators are told, where that is another than before.
    pub(super) transitions: Option<Vec<Transition>>,
}

impl Notes {
    /// Tells whether there is nothing.
    pub(super) fn is_empty(&self) -> bool {
        self.hosts.is_empty() && self.told.is_empty() && self.transitions.is_none()
    }

    /// Adds what came later, which counts.
    pub(super) fn append(&mut self, mut later: Self) {
        self.hosts.append(&mut later.hosts);
        self.told.append(&mut later.told);
        self.transitions = later.transitions.or(self.transitions.take());
    }

    /// Writes all of it.
    pub(super) async fn save(&self, store: &Store, now: Timestamp) -> Result<(), StoreError> {
        let hosts = self
            .hosts
            .iter()
            .map(|(host, pace)| (Arc::clone(host), *pace));
        let hosts: Vec<_> = hosts.collect();
        if !hosts.is_empty() {
            store.save_hosts(hosts).await?;
        }
        let told = self.told.iter().map(|(path, mark)| (path.clone(), *mark));
        let told: Vec<_> = told.collect();
        if !told.is_empty() {
            store.set_told(told, now).await?;
        }
        if let Some(transitions) = &self.transitions {
            store.set_transitions(transitions.clone()).await?;
        }
        Ok(())
    }
}

/// Writes what is to be remembered, as a chore.
pub(super) async fn remember(store: Store, notes: Notes, now: Timestamp) -> Done {
    let saved = notes.save(&store, now).await;
    Done::Remembered(saved.map_err(|error| (error, notes)))
}

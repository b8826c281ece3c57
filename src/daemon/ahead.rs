//! States of feeds that are read before their polls.
//!
//! At the start, and at a reload, the states of all feeds are walked over for the agenda. A poll starts
//! from the same state, and reading it again is a tenth of what we do ourselves for a feed that has not
//! changed. So those that are walked over first are kept until their polls begin.

use crate::model::{FeedId, FeedState};
use crate::schedule::Turn;
use crate::store::{Store, StoreError};
use std::collections::HashMap;

/// States kept at most: those of a large configuration, in some 8 MB.
const MOST: usize = 8192;

/// States by the numbers of their feeds. Only a poll changes a state, and a poll begins by taking it out
/// of here: what is here is what is stored.
#[derive(Debug, Default)]
pub(super) struct Ahead(HashMap<usize, Box<FeedState>>);

impl Ahead {
    /// Keeps the state of a feed whose poll is not under way, while there is room.
    pub(super) fn keep(&mut self, feed: usize, state: FeedState) {
        if self.0.len() < MOST {
            self.0.insert(feed, Box::new(state));
        }
    }

    /// Takes out the states of feeds, in their order; those that are not here are read.
    pub(super) fn take<'a>(
        &mut self,
        turns: &[Turn],
        id_of: impl Fn(&Turn) -> Option<&'a FeedId>,
        store: &Store,
    ) -> Result<Vec<FeedState>, StoreError> {
        let missing = turns
            .iter()
            .filter(|turn| !self.0.contains_key(&turn.feed))
            .filter_map(id_of)
            .cloned();
        let missing: Vec<FeedId> = missing.collect();
        let mut read = match missing.as_slice() {
            [] => Vec::new(),
            missing => store.feed_states(missing)?,
        }
        .into_iter();
        let states = turns.iter().filter_map(|turn| {
            self.0
                .remove(&turn.feed)
                .map(|state| *state)
                .or_else(|| read.next())
        });
        Ok(states.collect())
    }

    /// Lets go of all: what is not due by now may not be for a day.
    pub(super) fn clear(&mut self) {
        self.0 = HashMap::new();
    }
}

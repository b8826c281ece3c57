//! THE SPINE: one poll, from what its requests brought (`leg`) to the record.
//!
//! fetch (`leg`) -> parse, normalize, classify (`reading`) -> schedule -> record (`gather`). Duplicates
//! are decided by the store while it writes, since only there is what is stored certain: two polls that
//! bring the same article at the same moment must not both make it.

use super::active::Active;
use super::gather::{Gather, Request};
use super::reading::{Reading, guids_after};
use super::report::{self, PollReport};
use super::{backfill, leg, moved, validators};
use crate::clock::Clock;
use crate::config::FeedSettings;
use crate::model::{Failure, FeedState, Fetched, Identity, Outcome, PollRecord, Validators};
use crate::schedule;
use jiff::Timestamp;
use std::mem;
use std::sync::Arc;
use tokio::sync::Semaphore;

/// What a poll needs beside its feed.
#[derive(Clone, Debug)]
pub(super) struct Spine {
    pub(super) active: Arc<Active>,
    pub(super) clock: Arc<dyn Clock>,
    /// Who we are: what we publish is not taken for news.
    pub(super) identity: Arc<Identity>,
    /// Lets so many documents be read at once.
    pub(super) readers: Arc<Semaphore>,
    /// Where polls that ended wait for each other.
    pub(super) gather: Arc<Gather>,
}

/// What a fetch brought.
#[derive(Debug)]
pub(super) struct Exchange {
    /// The number of its feed.
    pub(super) number: usize,
    pub(super) fetched: Fetched,
    /// Whether the host was asked for another feed shortly before.
    pub(super) crowded: bool,
}

/// A poll between its fetch and its record.
#[derive(Debug)]
struct Polled {
    at: Timestamp,
    fetched: Fetched,
    outcome: Outcome,
    reading: Option<Reading>,
    bytes: u64,
    /// BLAKE3 of the body, where there is a new one.
    digest: Option<[u8; 32]>,
    /// Whether the body holds only what is new (P38), or not all (P41).
    is_part: bool,
    /// Whether it was cut off.
    is_cut: bool,
}

impl Spine {
    /// Makes a record of what the fetch brought, and says that the feed is asked elsewhere from now on, if
    /// it is.
    pub(super) async fn record_of(
        &self,
        feed: &FeedSettings,
        mut before: FeedState,
        exchange: Exchange,
    ) -> (PollRecord, Option<String>) {
        let mut polled = self.polled(&before, exchange).await;
        let hops = &polled.fetched.hops;
        let moved = moved::follow(feed, &mut before, hops, &mut polled.outcome, polled.at);
        let state = polled.state_after(feed, before);
        (polled.record(feed, state), moved)
    }

    /// Makes a record of what a request for the feed's archive brought: its entries, and nothing that the
    /// feed's own polls go by.
    pub(super) async fn archive_record_of(
        &self,
        feed: &FeedSettings,
        before: FeedState,
        exchange: Exchange,
    ) -> PollRecord {
        let mut polled = self.polled(&before, exchange).await;
        polled.is_part = true;
        polled.is_cut = false;
        // What never changes tells of the past: the feed may have listed it again since.
        if let Some(reading) = &mut polled.reading {
            reading.withdrawals.clear();
        }
        let hints = polled.reading.as_ref().map(|reading| &reading.hints);
        let backfill = before.backfill.as_ref();
        let url = &polled.fetched.url;
        let rest = backfill.and_then(|it| backfill::rest(feed, it, &polled.outcome, hints, url));
        let state = FeedState {
            retry_after_at: backfill::refused_until(&polled.fetched, &polled.outcome, polled.at)
                .or(before.retry_after_at),
            backfill: rest,
            ..before
        };
        polled.record(feed, state)
    }

    /// Reads what the fetch brought, where that is a document that we do not have.
    async fn polled(&self, before: &FeedState, exchange: Exchange) -> Polled {
        let Exchange {
            number,
            mut fetched,
            crowded,
        } = exchange;
        let body = fetched.body.take().unwrap_or_default();
        let mut polled = Polled {
            at: self.clock.now(),
            outcome: leg::outcome(&fetched, crowded),
            is_part: validators::is_part(before, &fetched),
            is_cut: false,
            fetched,
            reading: None,
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            digest: None,
        };
        if polled.outcome == Outcome::Modified {
            polled.digest = Some(*blake3::hash(&body).as_bytes());
            if before.body_digest == polled.digest {
                polled.outcome = Outcome::NotModified;
            } else {
                let read = self.read(number, before, &polled.fetched, body, polled.at);
                polled.take(read.await);
            }
        }
        polled
    }

    /// Stores a record and tells what came of it. `request` is the one that it comes of, if there is one
    /// still.
    pub(super) async fn store(&self, record: PollRecord, request: Option<Request>) -> PollReport {
        let mut report = PollReport::of(&record);
        match self.gather.store(record, request).await {
            Ok(counts) => {
                report.guids_failed = Some(counts.guid_health).filter(|health| !health.is_good());
                report.counts = counts;
            }
            Err(error) => report::not_stored(&mut report, &error, self.clock.now()),
        }
        report
    }
}

impl Polled {
    /// Takes what reading the document came to.
    fn take(&mut self, read: Result<Reading, Failure>) {
        match read {
            Ok(reading) => {
                self.is_cut = reading.is_cut;
                self.is_part |= reading.is_cut;
                self.reading = Some(reading);
            }
            Err(failure) => self.outcome = Outcome::Failed(failure),
        }
    }

    /// Returns what the poll leaves behind for the next.
    ///
    /// Validators and digest move on only with what they stand for: after a failure, and after a part that came
    /// because the rest was cut off, the old ones stay, or the update would hide behind 304s for ever (P8). Where an archive is still
    /// to be read, none are kept of a document that withdraws: it is read once more behind what that brings (U35).
    fn state_after(&mut self, feed: &FeedSettings, before: FeedState) -> FeedState {
        let is_first = before.awaits_first();
        let mut state = before;
        state.is_blank = is_first && !self.is_whole();
        state.deaf_tags = validators::deaf_tags(&state, &self.fetched, &self.outcome);
        state.astray = validators::astray(&state, &self.fetched, &self.outcome);
        if self.outcome.is_success() && !self.is_cut {
            state.validators = mem::take(&mut self.fetched.validators);
        }
        if self.outcome == Outcome::Modified && !self.is_cut {
            state.body_digest = self.digest.filter(|_| !self.is_part);
        }
        match &self.reading {
            Some(part) if self.is_part => {
                state.rhythm = part.rhythm.or(state.rhythm);
                state.newest_at = part.newest_at.max(state.newest_at);
            }
            Some(reading) => {
                state.hints = reading.hints.clone();
                state.rhythm = reading.rhythm;
                state.newest_at = reading.newest_at;
                if is_first && !reading.entries.is_empty() {
                    state.backfill = backfill::first(feed, &reading.hints, &self.fetched.url);
                }
            }
            None => {}
        }
        if state.backfill.is_some() && self.withdraws() {
            (state.validators, state.body_digest) = (Validators::default(), None);
        }
        let found = self.reading.as_ref().map(|reading| reading.guid_health);
        state.guids = guids_after(feed.identity, state.guids, found.unwrap_or_default());
        let freshness = &self.fetched.freshness;
        let seed = feed.id.as_str();
        schedule::advance(state, &self.outcome, freshness, &feed.policy, seed, self.at)
    }

    /// Tells whether a document was read that withdraws something.
    fn withdraws(&self) -> bool {
        let reading = self.reading.as_ref();
        reading.is_some_and(|it| !it.withdrawals.is_empty())
    }

    /// Tells whether a whole document was read that has entries.
    fn is_whole(&self) -> bool {
        let has_entries = |reading: &Reading| !reading.entries.is_empty();
        !self.is_part && self.reading.as_ref().is_some_and(has_entries)
    }

    fn record(self, feed: &FeedSettings, state: FeedState) -> PollRecord {
        // Of a document that never closes no more will come.
        let is_beginning = self.is_cut && state.is_blank;
        let has_more = self.reading.as_ref().is_some_and(|it| it.has_more);
        let read = self.reading.map(|reading| {
            let tells = !self.is_part || is_beginning && reading.profile.title.is_some();
            let profile = tells.then_some(reading.profile);
            let brought = (reading.entries, reading.withdrawals);
            (profile, reading.defects, brought, reading.rules)
        });
        let (profile, mut defects, (entries, withdrawals), rules) = read.unwrap_or_default();
        // What a part leaves out is no fault of the document.
        if self.is_part && !self.is_cut {
            defects.clear();
        }
        PollRecord {
            feed: feed.id.clone(),
            at: self.at,
            state,
            profile,
            outcome: self.outcome,
            status: self.fetched.status,
            redirects: self.fetched.hops.iter().map(|hop| hop.status).collect(),
            retry_after: self.fetched.freshness.retry_after,
            bytes: self.bytes,
            elapsed: self.fetched.elapsed,
            defects,
            entries,
            withdrawals,
            has_more,
            rules,
        }
    }
}

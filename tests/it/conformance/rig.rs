//! The daemon in front of a publisher made of raw bytes.

use super::wire::Wire;
use crate::test_daemon::{START, TestDaemon};
use jiff::SignedDuration;
use merganser::clock::ManualClock;
use merganser::daemon::{Choice, PollReport};
use merganser::model::{FailureKind, FeedId, FeedState, Outcome};
use std::sync::Arc;

pub(super) const MINUTE: SignedDuration = SignedDuration::from_mins(1);
pub(super) const HOUR: SignedDuration = SignedDuration::from_hours(1);
pub(super) const DAY: SignedDuration = SignedDuration::from_hours(24);

/// One daemon, one publisher, one clock.
pub(super) struct Rig {
    pub(super) test: TestDaemon,
    pub(super) wire: Wire,
}

/// Returns the clock of a rig, for one that is put together by hand.
pub(super) fn clock() -> Arc<ManualClock> {
    Arc::new(ManualClock::new(START.parse().unwrap()))
}

/// Returns the `[[feed]]` named `id` at an address, with more lines if it has any.
pub(super) fn feed(id: &str, url: &str, more: &str) -> String {
    format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n{more}\n")
}

impl Rig {
    /// Starts one over feeds.toml text in which `WIRE` stands for the publisher's address. What comes before
    /// the first table belongs to `[fetch]`.
    pub(super) async fn start(config: &str) -> Self {
        let clock = clock();
        let wire = Wire::start("127.0.0.1", Arc::clone(&clock)).await;
        let config = format!(
            "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n{}",
            config.replace("WIRE", &wire.url(""))
        );
        let test = TestDaemon::under(clock, config).await;
        Self { test, wire }
    }

    /// Starts one with these feeds, `a` at `/a`, and no other setting.
    pub(super) async fn with_feeds(ids: &[&str]) -> Self {
        let feeds = ids.iter().map(|id| feed(id, &format!("WIRE/{id}"), ""));
        Self::start(&feeds.collect::<String>()).await
    }

    /// Polls what is due now and returns the one report.
    pub(super) async fn poll(&mut self) -> PollReport {
        let mut reports = self.test.run_due().await;
        assert_eq!(reports.len(), 1, "{reports:?}");
        reports.remove(0)
    }

    /// Polls all feeds as `merganser poll --all` does, in a daemon of its own.
    pub(super) async fn poll_by_hand(&mut self, force: bool) {
        self.test.restart().await;
        let choice = Choice {
            all: true,
            force,
            ..Choice::default()
        };
        let daemon = self.test.daemon();
        daemon.poll_now(&choice, &mut |_| {}).await.unwrap();
        self.test.restart().await;
    }

    /// Moves the clock to where something is due next, and polls it.
    pub(super) async fn poll_next(&mut self) -> Vec<PollReport> {
        let next = self.test.daemon().next_due_at().unwrap();
        self.test.clock.set(next.max(self.test.now()));
        self.test.run_due().await
    }

    /// Returns what the database remembers of a feed.
    pub(super) fn state(&mut self, id: &str) -> FeedState {
        let ids = [FeedId::new(id)];
        let states = self.test.daemon().store().feed_states(&ids);
        states.unwrap().remove(0)
    }

    /// Returns how long a feed waits after its last poll.
    pub(super) fn wait(&mut self, id: &str) -> SignedDuration {
        let state = self.state(id);
        let polled_at = state.last_poll_at.unwrap();
        state.next_due_at.unwrap().duration_since(polled_at)
    }

    /// Fails unless a feed waits for `span`, or up to a tenth of it longer (P13).
    #[track_caller]
    pub(super) fn waits(&mut self, id: &str, span: SignedDuration) {
        let wait = self.wait(id);
        assert!(wait >= span && wait <= span + span / 10, "{id}: {wait:?}");
    }

    /// Returns the merged output.
    pub(super) fn published(&mut self) -> String {
        self.test.output("/all.atom")
    }
}

/// Returns the kind of a failure and what is said of it.
#[track_caller]
pub(super) fn failure(report: &PollReport) -> (FailureKind, &str) {
    match &report.outcome {
        Outcome::Failed(failure) => (failure.kind, &failure.message),
        other => panic!("{}: {other:?}", report.feed),
    }
}

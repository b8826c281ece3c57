//! A poll request by request: it may have to wait for another host between two of them.

use super::poll::{Exchange, Spine};
use super::report::{EndedAt, PollReport};
use super::{backfill, moved, validators};
use crate::fetch::{Journey, Step};
use crate::model::{FailureKind, FeedState, Fetched, Outcome, PollRecord, Reached, Validators};
use jiff::Timestamp;

/// A poll between two of its requests.
#[derive(Debug)]
pub(super) struct Leg {
    /// The number of its feed, in the configuration that it began with.
    number: usize,
    before: FeedState,
    /// Whether it is not for the feed but for a document of its archive.
    is_backfill: bool,
    journey: Box<Journey>,
    spine: Spine,
}

/// How far a poll got with one request.
#[derive(Debug)]
pub(super) enum Ended {
    /// To its end.
    Polled(Box<PollReport>),
    /// To another host, which it has to wait for.
    Onward(Box<Leg>),
    /// Nobody was reached, which may be our own network's fault: nothing is stored yet. With when the request began, if one was made.
    InDoubt(Box<PollRecord>, Option<Timestamp>),
}

impl Leg {
    /// Gets ready to poll a feed; `None` for a number that no feed has.
    ///
    /// `for_archive`: whether the request may be for a document of the feed's archive.
    pub(super) fn first(
        spine: Spine,
        number: usize,
        mut before: FeedState,
        for_archive: bool,
    ) -> Option<Self> {
        let feed = spine.active.feed(number)?;
        let now = spine.clock.now();
        let fetcher = &spine.active.fetcher;
        let archive = backfill::target(feed, &before, now).filter(|_| for_archive);
        let journey = if let Some(target) = &archive {
            fetcher.set_out(target, &Validators::default())
        } else {
            before.validators.condition = validators::condition(&before, feed.id.as_str(), now);
            let target = moved::target(feed, before.moved.as_ref());
            fetcher.set_out(&target, &before.validators)
        };
        Some(Self {
            number,
            before,
            is_backfill: archive.is_some(),
            journey,
            spine,
        })
    }

    /// Sends the next request. `crowded`: whether the host was asked for another feed shortly before.
    pub(super) async fn go(self, crowded: bool) -> Option<Ended> {
        let Self {
            number,
            before,
            is_backfill,
            journey,
            spine,
        } = self;
        let feed = spine.active.feed(number)?;
        let request = spine.gather.request();
        // Most of what the task of a poll holds, and that is moved some times before it runs.
        let step = Box::pin(spine.active.fetcher.step(journey, spine.clock.as_ref()));
        let fetched = match step.await {
            Step::Arrived(fetched) => *fetched,
            Step::Onward(journey) => {
                return Some(Ended::Onward(Box::new(Self {
                    number,
                    before,
                    is_backfill,
                    journey,
                    spine,
                })));
            }
        };
        let (wire, reached, asked_at) = (fetched.wire, fetched.reached, fetched.asked_at);
        let ended_at = fetched.url.parse().ok().map(EndedAt);
        let were_good = before.guids.health.is_good();
        let exchange = Exchange {
            number,
            fetched,
            crowded,
        };
        let (record, moved) = if is_backfill {
            (spine.archive_record_of(feed, before, exchange).await, None)
        } else {
            spine.record_of(feed, before, exchange).await
        };
        // A proxy that cannot be reached says nothing of the network, nor of the host.
        if feed.target.route.proxy.is_none() && is_doubtful(&record) {
            return Some(Ended::InDoubt(Box::new(record), asked_at));
        }
        let mut report = spine.store(record, Some(request)).await;
        report.moved = moved;
        (report.wire, report.reached) = (wire, reached);
        report.ended_at = ended_at;
        report.guids_failed.take_if(|_| !were_good);
        Some(Ended::Polled(Box::new(report)))
    }

    /// Tells whether it is for the feed itself, and not for a document of its archive.
    pub(super) fn is_of_feed(&self) -> bool {
        !self.is_backfill
    }

    /// Returns when the host answered that was asked last, if it did.
    pub(super) fn reached(&self) -> Option<Reached> {
        self.journey.reached()
    }

    /// Returns whom the next request is for.
    pub(super) fn authority(&self) -> String {
        self.journey.authority()
    }
}

/// Tells whether a poll came to nothing in a way that may be our own network's fault: no name, or no
/// connection. With a host that is silent, or whose TLS fails, a connection was made.
fn is_doubtful(record: &PollRecord) -> bool {
    let Outcome::Failed(failure) = &record.outcome else {
        return false;
    };
    matches!(failure.kind, FailureKind::Dns | FailureKind::Connect)
}

/// Returns how a fetch ended; a 429 of a crowded host is not its feed's fault (P18).
pub(super) fn outcome(fetched: &Fetched, crowded: bool) -> Outcome {
    match fetched.outcome {
        Outcome::Throttled if crowded && fetched.status == Some(429) => Outcome::Crowded,
        _ => fetched.outcome.clone(),
    }
}

//! What became of a poll, for who waits for it and for the log.

use super::feed_needs;
use super::logs::events;
use crate::control::{InDoubt, Polled};
use crate::fetch::shown;
use crate::model::{
    Failure, FailureKind, FeedId, GuidHealth, Health, Outcome, PollCounts, PollRecord, Reached,
    Wire,
};
use crate::schedule::{self, End, Refusal};
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::fmt;
use std::time::Duration;
use url::Url;

/// What became of one poll.
#[derive(Clone, Debug)]
pub struct PollReport {
    /// The feed.
    pub feed: FeedId,
    /// How it ended; a record that could not be stored is a failure of kind [`FailureKind::Store`].
    pub outcome: Outcome,
    /// HTTP status.
    pub status: Option<u16>,
    /// Decoded body bytes.
    pub bytes: u64,
    /// Wall time of the fetch.
    pub elapsed: Duration,
    /// How that went.
    pub(super) wire: Wire,
    /// When the host answered that was asked last, if it did.
    pub(super) reached: Option<Reached>,
    /// What the entries became.
    pub counts: PollCounts,
    /// When the feed is due next; `None` when it is gone.
    pub next_due_at: Option<Timestamp>,
    /// Until when its origin wants it asked by nobody (P17), where it said so.
    pub retry_after_at: Option<Timestamp>,
    /// Why then.
    pub due_reason: String,
    /// What was found against the feed's ids, where nothing was before.
    pub guids_failed: Option<GuidHealth>,
    /// What it showed of its host.
    pub(super) end: End,
    /// How the feed fares by it.
    pub(super) health: Health,
    /// Polls that failed since its last success.
    pub(super) failures: u32,
    /// Date of the newest entry of its last document.
    pub(super) newest_at: Option<Timestamp>,
    /// Why it could not be stored, in a word.
    pub(super) unstored: Option<&'static str>,
    /// Median gap between its entries.
    pub(super) rhythm: Option<Duration>,
    /// The address that answered last; that which was asked where nobody answered.
    pub ended_at: Option<EndedAt>,
    /// Where it is asked because it moved there for good.
    pub(super) asked_at: Option<String>,
    /// Where permanent redirects led from there, as long as that is not believed (P22).
    pub moves_to: Option<String>,
    /// Whether its document was one of our outputs; none where none was read.
    pub(super) is_own_output: Option<bool>,
    /// That it is asked elsewhere from now on, in words that follow "feed ..".
    pub moved: Option<String>,
}

/// The address at which a poll ended, with the secrets in it: reports are printed, and it is not (S7).
#[derive(Clone)]
pub struct EndedAt(pub Url);

impl fmt::Debug for EndedAt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("EndedAt").finish_non_exhaustive()
    }
}

impl PollReport {
    /// Returns what a record tells by itself: nothing of what its entries became, nor of how it was stored.
    pub(super) fn of(record: &PollRecord) -> Self {
        Self {
            feed: record.feed.clone(),
            outcome: record.outcome.clone(),
            status: record.status,
            bytes: record.bytes,
            elapsed: record.elapsed,
            wire: Wire::default(),
            reached: None,
            counts: PollCounts::default(),
            next_due_at: next_due_at(record),
            retry_after_at: record.state.retry_after_at,
            due_reason: record.state.due_reason.clone(),
            guids_failed: None,
            end: end(record),
            health: record.state.health,
            failures: record.state.failures,
            newest_at: record.state.newest_at,
            rhythm: record.state.rhythm,
            unstored: None,
            ended_at: None,
            asked_at: feed_needs::asked_at(&record.state).map(ToOwned::to_owned),
            moves_to: feed_needs::moves_to(&record.state).map(ToOwned::to_owned),
            is_own_output: record
                .tells_defects()
                .then(|| feed_needs::is_own_output(&record.defects)),
            moved: None,
        }
    }

    /// Says what went wrong.
    pub fn words(&self) -> String {
        match &self.outcome {
            Outcome::Failed(failure) => failure.to_string(),
            Outcome::Gone if self.next_due_at.is_none() => {
                "410 Gone: polled no more; remove it, or try --force".to_owned()
            }
            Outcome::Gone => format!("410 Gone: {}", self.due_reason),
            Outcome::Throttled => format!("asks for patience: {}", self.due_reason),
            Outcome::Crowded => format!("its host asks for patience: {}", self.due_reason),
            Outcome::Modified | Outcome::NotModified => self.outcome.name().to_owned(),
        }
    }

    fn elapsed_ms(&self) -> u64 {
        u64::try_from(self.elapsed.as_millis()).unwrap_or(u64::MAX)
    }

    /// Returns the address that was asked last, without what is secret in it.
    fn url(&self) -> Option<String> {
        self.ended_at.as_ref().map(|EndedAt(url)| shown(url))
    }

    /// Returns it as commands print it, here and beside a daemon.
    pub fn told(&self) -> Polled {
        let failure = match &self.outcome {
            Outcome::Failed(failure) => Some(failure),
            _ => None,
        };
        Polled {
            feed: self.feed.to_string(),
            outcome: self.outcome.name().to_owned(),
            message: failure.map(|it| it.message.clone()),
            status: self.status,
            bytes: self.bytes,
            elapsed_ms: self.elapsed_ms(),
            new: self.counts.new,
            revised: self.counts.revised,
            copies: self.counts.copies,
            withdrawn: self.counts.withdrawn,
            next_due: self.next_due_at.map(|at| at.to_string()),
            reason: self.due_reason.clone(),
            words: self.words(),
            is_unreachable: failure.is_some_and(|it| it.kind.is_unreachable()),
            is_unstored: failure.is_some_and(|it| it.kind == FailureKind::Store),
        }
    }
}

/// Returns what is told of a poll that reached nobody while it is not known yet whose fault that is.
pub(super) fn doubted(record: &PollRecord) -> Polled {
    uncounted(
        record,
        &format!("not counted against the feed yet, {}", InDoubt::WHY),
    )
}

/// Returns what is told of a poll that reached nobody while the network is down.
pub(super) fn unreached(record: &PollRecord) -> Polled {
    uncounted(
        record,
        "not counted against the feed: no host can be reached, the network of the daemon is down",
    )
}

/// Returns what is told of a poll that is not counted, with why it is not.
fn uncounted(record: &PollRecord, not_yet: &str) -> Polled {
    // When it is due again is not known either.
    let report = PollReport {
        next_due_at: None,
        due_reason: not_yet.to_owned(),
        ..PollReport::of(record)
    };
    Polled {
        words: format!("{} ({not_yet})", report.words()),
        ..report.told()
    }
}

/// The status of a server that is in trouble.
const UNAVAILABLE: u16 = 503;

/// Returns what a poll showed of its host.
fn end(record: &PollRecord) -> End {
    let refused = |crowded| {
        End::Refused(Refusal {
            retry_after: record.retry_after,
            crowded,
            again: record.state.failures > 0,
        })
    };
    match &record.outcome {
        Outcome::Throttled => refused(false),
        Outcome::Crowded => refused(true),
        Outcome::Failed(_) if record.status == Some(UNAVAILABLE) => End::Troubled,
        Outcome::Failed(failure) if failure.kind.is_unreachable() => End::Nothing,
        Outcome::Failed(failure) if failure.kind == FailureKind::Blocked => End::Nothing,
        _ => End::Answered,
    }
}

/// Returns when something is to be asked of a feed next: at once while its archive is being read.
fn next_due_at(record: &PollRecord) -> Option<Timestamp> {
    if schedule::reads_archive(&record.state) {
        return Some(record.at);
    }
    record.state.next_due_at
}

/// How long a feed rests whose poll could not be stored (R5): its origin was asked for nothing.
pub(super) const STORE_RETRY: SignedDuration = SignedDuration::from_mins(5);

/// What the poll decided about the next holds all the same, a `Retry-After` above all, but for a feed
/// that would come sooner than its rest ends.
pub(super) fn not_stored(report: &mut PollReport, error: &StoreError, now: Timestamp) {
    report.unstored = Some(error.kind());
    report.outcome = Outcome::Failed(Failure::new(FailureKind::Store, error.to_string()));
    let earliest = now.saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
    report.next_due_at = report.next_due_at.map(|due_at| due_at.max(earliest));
    "what it brought could not be stored".clone_into(&mut report.due_reason);
}

/// Logs a poll: at info only where the feed's fortune turned, so that a quiet daemon is quiet. Each line
/// can be read alone.
pub(super) fn log(report: &PollReport, failed_before: bool) {
    let feed = &report.feed;
    let next = report
        .next_due_at
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let next = next.as_deref().unwrap_or("never");
    let kind = report.outcome.name();
    // What the poll was is for programs: people ask `why`.
    macro_rules! say {
        ($level:ident, $($words:tt)+) => {
            tracing::$level!(
                %feed, kind, url = report.url(), status = report.status,
                duration_ms = report.elapsed_ms(), items_new = report.counts.new, $($words)+
            )
        };
    }
    if let Some(health) = report.guids_failed {
        tracing::warn!(
            %feed,
            "feed {feed}: {}; addresses tell them apart from now on (`identity` in feeds.toml)",
            health.sentence()
        );
    }
    if let Some(moved) = &report.moved {
        tracing::info!(%feed, "feed {feed} {moved}");
    }
    let withdrawn = report.counts.withdrawn;
    if withdrawn > 0 {
        tracing::info!(%feed, "feed {feed} withdrew {withdrawn} of its entries (RFC 6721)");
    }
    match &report.outcome {
        Outcome::Failed(failure) if failure.kind == FailureKind::Store => {}
        // That is told of the proxy.
        outcome if outcome.is_of_proxy() => {}
        Outcome::Failed(failure) if !failed_before => {
            say!(
                warn,
                message_id = events::FEED_FAILS,
                "feed {feed} fails: {failure}; next poll {next}"
            );
        }
        Outcome::Gone if report.next_due_at.is_some() && !failed_before => {
            say!(
                warn,
                "feed {feed} says that it is gone (410), which is believed when it says so again; next poll {next}"
            );
        }
        Outcome::Gone if report.next_due_at.is_none() => {
            say!(
                warn,
                "feed {feed} is gone (410) and polled no more: remove it, or `merganser poll --force {feed}`"
            );
        }
        Outcome::Throttled | Outcome::Crowded if !failed_before => {
            say!(
                warn,
                "feed {feed} asks for patience: {}; next poll {next}",
                report.due_reason
            );
        }
        outcome if outcome.is_success() && failed_before => {
            say!(
                info,
                message_id = events::FEED_RECOVERED,
                "feed {feed} recovered; next poll {next}"
            );
        }
        _ => say!(debug, "feed {feed}: {kind}; next poll {next}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::daemon::logs::lines::Lines;
    use crate::model::FeedState;
    use std::sync::Arc;

    fn report(outcome: Outcome) -> PollReport {
        PollReport::of(&PollRecord {
            feed: FeedId::new("harbour"),
            at: Timestamp::UNIX_EPOCH,
            state: FeedState::default(),
            profile: None,
            outcome,
            status: None,
            redirects: Vec::new(),
            retry_after: None,
            has_more: false,
            bytes: 0,
            elapsed: Duration::ZERO,
            defects: Vec::new(),
            entries: Vec::new(),
            withdrawals: Vec::new(),
            rules: Arc::default(),
        })
    }

    /// Returns what is logged of a poll: each line with its fields behind it.
    fn logged(report: &PollReport, failed_before: bool) -> String {
        let lines = Lines::default();
        let told = lines.clone();
        let subscriber = tracing_subscriber::fmt()
            .with_max_level(tracing::Level::DEBUG)
            .with_ansi(false)
            .with_writer(move || told.clone())
            .finish();
        tracing::subscriber::with_default(subscriber, || log(report, failed_before));
        lines.text()
    }

    /// What a poll was is there for programs, without what is secret in its address.
    #[test]
    fn a_line_about_a_poll_has_what_it_was() {
        let url = "https://ann:canary@feeds.example/a?token=canary&page=2#canary";
        let polled = |outcome| PollReport {
            ended_at: Some(EndedAt(url.parse().unwrap())),
            status: Some(200),
            elapsed: Duration::from_millis(120),
            counts: PollCounts {
                new: 3,
                ..PollCounts::default()
            },
            ..report(outcome)
        };
        let failed = Outcome::Failed(Failure::new(FailureKind::Parse, "it is no feed"));
        for outcome in [Outcome::Modified, Outcome::Gone, Outcome::Throttled, failed] {
            for failed_before in [false, true] {
                let told = logged(&polled(outcome.clone()), failed_before);
                let fields = "url=\"https://feeds.example/a?token=***&page=2\" status=200 duration_ms=120 items_new=3";
                assert!(told.contains(fields), "{told}");
                assert!(!told.contains("canary"), "{told}");
            }
        }
    }

    /// Whoever asks the journal for a feed, as operating.md advises, sees all that is said of it.
    #[test]
    fn each_line_about_a_feed_has_its_name() {
        let later = PollReport {
            next_due_at: Some(Timestamp::UNIX_EPOCH),
            ..report(Outcome::Gone)
        };
        let ids = PollReport {
            guids_failed: Some(GuidHealth::Repeated),
            ..report(Outcome::Modified)
        };
        let moved = PollReport {
            moved: Some("moved for good".to_owned()),
            ..report(Outcome::Modified)
        };
        let failed = Outcome::Failed(Failure::new(FailureKind::Timeout, "it took too long"));
        for (report, failed_before, says, kind) in [
            (ids, false, "addresses tell them apart", None),
            (moved, false, "feed harbour moved for good", None),
            (later, false, "says that it is gone", Some("gone")),
            (report(Outcome::Gone), false, "polled no more", Some("gone")),
            (
                report(Outcome::Throttled),
                false,
                "patience",
                Some("throttled"),
            ),
            (report(Outcome::Crowded), false, "patience", Some("crowded")),
            (report(failed), false, "harbour fails", Some("timeout")),
            (report(Outcome::Modified), true, "harbour recovered", None),
            (
                report(Outcome::NotModified),
                false,
                "harbour: not-modified",
                Some("not-modified"),
            ),
        ] {
            let told = logged(&report, failed_before);
            let line = told.lines().find(|line| line.contains(says));
            let line = line.unwrap_or_else(|| panic!("{says} in {told}"));
            assert!(line.contains(" feed=harbour"), "{line}");
            let has_kind = |kind| line.contains(&format!(" kind=\"{kind}\""));
            assert!(kind.is_none_or(has_kind), "{line}");
            assert!(
                told.lines().all(|line| line.contains(" feed=harbour")),
                "{told}"
            );
        }
    }
}

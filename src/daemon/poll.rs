//! THE SPINE: one poll, from the request to the record.
//!
//! fetch -> parse -> normalize -> classify -> schedule -> record. Duplicates are decided by the store
//! while it writes, since only there is what is stored certain: two polls that bring the same article at
//! the same moment must not both make it.

use super::active::Active;
use super::gather::Gather;
use super::{backfill, leg, moved, validators};
use crate::clock::Clock;
use crate::config::FeedSettings;
use crate::fetch;
use crate::model::{
    Defect, EntryRecord, Failure, FailureKind, FeedId, FeedProfile, FeedState, Fetched, GuidHealth,
    Guids, Health, Hints, IdentityBy, Outcome, PollCounts, PollRecord,
};
use crate::normalize::{self, Normalized, Origin};
use crate::parse::{self, Document};
use crate::schedule::{self, End, Refusal};
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
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
    /// What the entries became.
    pub counts: PollCounts,
    /// When the feed is due next; `None` when it is gone.
    pub next_due_at: Option<Timestamp>,
    /// Why then.
    pub due_reason: String,
    /// What was found against the feed's ids, where nothing was before.
    pub guids_failed: Option<GuidHealth>,
    /// What it showed of its host.
    pub(super) end: End,
    /// How the feed fares by it.
    pub(super) health: Health,
    /// That it is asked elsewhere from now on, in words that follow "feed ..".
    pub moved: Option<String>,
}

/// What a poll needs beside its feed.
#[derive(Clone, Debug)]
pub(super) struct Spine {
    pub(super) active: Arc<Active>,
    pub(super) clock: Arc<dyn Clock>,
    /// Lets so many documents be read at once.
    pub(super) readers: Arc<Semaphore>,
    /// Where polls that ended wait for each other.
    pub(super) gather: Arc<Gather>,
}

/// What was read from a document.
#[derive(Debug)]
struct Reading {
    profile: FeedProfile,
    hints: Hints,
    rhythm: Option<Duration>,
    /// When the newest of its dated entries was published or changed.
    newest_at: Option<Timestamp>,
    defects: Vec<String>,
    /// What the document proves of its ids.
    guid_health: GuidHealth,
    entries: Vec<EntryRecord>,
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
    digest: [u8; 32],
    /// Whether the body holds only what is new (P38).
    is_part: bool,
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
        let hints = polled.reading.as_ref().map(|reading| &reading.hints);
        let backfill = before.backfill.as_ref();
        let rest = backfill.and_then(|it| backfill::rest(feed, it, &polled.outcome, hints));
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
            fetched,
            reading: None,
            bytes: u64::try_from(body.len()).unwrap_or(u64::MAX),
            digest: *blake3::hash(&body).as_bytes(),
        };
        if polled.outcome == Outcome::Modified {
            if before.body_digest == Some(polled.digest) {
                polled.outcome = Outcome::NotModified;
            } else {
                match self.read(number, before, &polled, body).await {
                    Ok(reading) => polled.reading = Some(reading),
                    Err(failure) => polled.outcome = Outcome::Failed(failure),
                }
            }
        }
        polled
    }

    /// Reads a document off the async threads: parsing is work, and the document may be hostile.
    async fn read(
        &self,
        number: usize,
        before: &FeedState,
        polled: &Polled,
        body: Vec<u8>,
    ) -> Result<Reading, Failure> {
        let active = Arc::clone(&self.active);
        let charset = polled.fetched.charset.clone();
        let url = base(&polled.fetched.url);
        let before = Before {
            first: before.last_success_at.is_none(),
            guid_health: before.guids.health,
        };
        let now = polled.at;
        let work = move || {
            let document = Document {
                bytes: &body,
                charset: charset.as_deref(),
                url: &url,
            };
            read(&active, number, &document, before, now)
        };
        // Nobody closes the semaphore.
        let _turn = self.readers.acquire().await.ok();
        #[expect(clippy::disallowed_methods, reason = "the one home of blocking work")]
        let reading = tokio::task::spawn_blocking(work);
        match tokio::time::timeout(READING, reading).await {
            Ok(Ok(read)) => read,
            Ok(Err(_)) => Err(Failure::new(FailureKind::Parse, "the reader panicked")),
            Err(_) => Err(Failure::new(
                FailureKind::Parse,
                format!("reading it took more than {} s", READING.as_secs()),
            )),
        }
    }

    /// Stores a record and tells what came of it.
    pub(super) async fn store(&self, record: PollRecord) -> PollReport {
        let mut report = PollReport {
            feed: record.feed.clone(),
            outcome: record.outcome.clone(),
            status: record.status,
            bytes: record.bytes,
            elapsed: record.elapsed,
            counts: PollCounts::default(),
            next_due_at: next_due_at(&record),
            due_reason: record.state.due_reason.clone(),
            guids_failed: None,
            end: end(&record),
            health: record.state.health,
            moved: None,
        };
        match self.gather.store(record).await {
            Ok(counts) => {
                report.guids_failed = Some(counts.guid_health).filter(|health| !health.is_good());
                report.counts = counts;
            }
            Err(error) => not_stored(&mut report, &error, self.clock.now()),
        }
        report
    }
}

/// Returns when something is to be asked of a feed next: at once while its archive is being read.
fn next_due_at(record: &PollRecord) -> Option<Timestamp> {
    if schedule::reads_archive(&record.state) {
        return Some(record.at);
    }
    record.state.next_due_at
}

/// Returns what a poll showed of its host.
fn end(record: &PollRecord) -> End {
    let refused = |crowded| {
        End::Refused(Refusal {
            retry_after: record.retry_after,
            crowded,
        })
    };
    match &record.outcome {
        Outcome::Throttled => refused(false),
        Outcome::Crowded => refused(true),
        Outcome::Failed(failure) if failure.kind.is_unreachable() => End::Nothing,
        Outcome::Failed(failure) if failure.kind == FailureKind::Blocked => End::Nothing,
        _ => End::Answered,
    }
}

/// How long reading one document may take (S12). All of it is linear: a second is for ten megabytes of the
/// worst that is known. A document that takes longer is a fault of ours, and must not keep others waiting.
const READING: Duration = Duration::from_secs(30);

/// How long polling rests when the database fails (R5).
pub(super) const STORE_RETRY: SignedDuration = SignedDuration::from_mins(5);

/// What the poll decided about the next holds all the same, a `Retry-After` above all, but for a feed
/// that would come sooner than the database may be tried again.
fn not_stored(report: &mut PollReport, error: &StoreError, now: Timestamp) {
    report.outcome = Outcome::Failed(Failure::new(FailureKind::Store, error.to_string()));
    let earliest = now.saturating_add(STORE_RETRY).unwrap_or(Timestamp::MAX);
    report.next_due_at = report.next_due_at.map(|due_at| due_at.max(earliest));
    "what it brought could not be stored".clone_into(&mut report.due_reason);
}

/// Returns an address as the base of relative ones: without userinfo, query and fragment, which no link
/// needs and which may be secret (S7).
pub(super) fn base(url: &str) -> String {
    let Ok(mut url) = Url::parse(url) else {
        return String::new();
    };
    url.set_query(None);
    url.set_fragment(None);
    fetch::shown(&url)
}

/// What reading goes by of what was there before.
#[derive(Clone, Copy, Debug)]
struct Before {
    /// Whether no poll of the feed has succeeded yet.
    first: bool,
    /// What is known of its ids.
    guid_health: GuidHealth,
}

/// The pure stages in a row: parse, normalize, classify.
fn read(
    active: &Active,
    number: usize,
    document: &Document<'_>,
    before: Before,
    now: Timestamp,
) -> Result<Reading, Failure> {
    let Some(feed) = active.feed(number) else {
        return Err(Failure::new(
            FailureKind::Parse,
            "the feed is not configured",
        ));
    };
    let parsed = parse::parse(document).map_err(|error| error.failure())?;
    let origin = Origin {
        feed: &feed.id,
        url: document.url,
        language: feed.language.as_deref(),
        now,
        identity: feed.identity.after(before.guid_health),
    };
    let Normalized { entries, ids } = normalize::normalize(&parsed, &origin);
    let with_date = || entries.iter().filter(|entry| entry.dated);
    let dates: Vec<Timestamp> = with_date().map(|entry| entry.published_at).collect();
    let newest_at = with_date().map(|entry| entry.updated_at).max();
    let label = |entry| {
        let topics = active.classifier.classify(&entry, &feed.topics);
        EntryRecord {
            entry,
            topics,
            keep: true,
        }
    };
    let mut entries: Vec<EntryRecord> = entries.into_iter().map(label).collect();
    if before.first {
        keep_newest(&mut entries, feed.first_poll_entries);
    }
    Ok(Reading {
        rhythm: schedule::rhythm(&dates),
        newest_at,
        profile: parsed.profile,
        hints: parsed.hints,
        defects: defects(&parsed.defects, ids.defect().as_ref()),
        guid_health: ids.health,
        entries,
    })
}

/// Lists the defects of a document as the store keeps them.
fn defects(read: &[Defect], of_ids: Option<&Defect>) -> Vec<String> {
    let all = read.iter().chain(of_ids);
    all.map(ToString::to_string).collect()
}

/// Returns what is known of a feed's ids after a poll whose document, if there was one, proves `found` of
/// them.
///
/// What is proven stays, until the operator says that the ids are to be believed: that holds from the next
/// poll on, whatever it brings.
fn guids_after(identity: IdentityBy, before: Guids, found: GuidHealth) -> Guids {
    match identity {
        IdentityBy::Guid => Guids::default(),
        IdentityBy::Auto if before.health.is_good() && !found.is_good() => Guids {
            health: found,
            suspicion: GuidHealth::Good,
        },
        _ => before,
    }
}

/// Keeps the newest entries of a backlog, so that a new feed never floods the outputs.
fn keep_newest(entries: &mut [EntryRecord], most: usize) {
    let mut newest: Vec<&mut EntryRecord> = entries.iter_mut().collect();
    newest.sort_by_key(|record| Reverse(record.entry.published_at));
    for record in newest.into_iter().skip(most) {
        record.keep = false;
    }
}

/// Logs a poll: at info only where the feed's fortune turned, so that a quiet daemon is quiet. Each line
/// can be read alone.
pub(super) fn log(report: &PollReport, failed_before: bool) {
    let feed = &report.feed;
    let next = report
        .next_due_at
        .map(|at| at.strftime("%Y-%m-%d %H:%M UTC").to_string());
    let next = next.as_deref().unwrap_or("never");
    if let Some(health) = report.guids_failed {
        tracing::warn!(
            "feed {feed}: {}; addresses tell them apart from now on (`identity` in feeds.toml)",
            health.sentence()
        );
    }
    if let Some(moved) = &report.moved {
        tracing::info!("feed {feed} {moved}");
    }
    match &report.outcome {
        Outcome::Failed(failure) if failure.kind == FailureKind::Store => {}
        Outcome::Failed(failure) if !failed_before => {
            tracing::warn!("feed {feed} began failing: {failure}; next poll {next}");
        }
        Outcome::Gone if report.next_due_at.is_some() && !failed_before => {
            tracing::warn!(
                "feed {feed} says that it is gone (410), which is believed when it says so again; next poll {next}"
            );
        }
        Outcome::Gone if report.next_due_at.is_none() => {
            tracing::warn!(
                "feed {feed} is gone (410) and polled no more: remove it, or `merganser poll --force {feed}`"
            );
        }
        Outcome::Throttled if !failed_before => {
            tracing::warn!(
                "feed {feed} asks for patience: {}; next poll {next}",
                report.due_reason
            );
        }
        outcome if outcome.is_success() && failed_before => {
            tracing::info!("feed {feed} recovered; next poll {next}");
        }
        outcome => tracing::debug!("feed {feed}: {}; next poll {next}", outcome.name()),
    }
}

impl Polled {
    /// Returns what the poll leaves behind for the next.
    ///
    /// Validators and digest move on only with what they stand for: after a failure the old ones stay,
    /// or the update would hide behind 304s for ever (P8).
    fn state_after(&self, feed: &FeedSettings, before: FeedState) -> FeedState {
        let is_first = before.last_success_at.is_none();
        let mut state = before;
        state.deaf_tags = validators::deaf_tags(&state, &self.fetched, &self.outcome);
        if self.outcome.is_success() {
            state.validators = self.fetched.validators.clone();
        }
        if self.outcome == Outcome::Modified {
            state.body_digest = (!self.is_part).then_some(self.digest);
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
                if is_first {
                    state.backfill = backfill::first(feed, &reading.hints, &self.fetched.url);
                }
            }
            None => {}
        }
        let found = self.reading.as_ref().map(|reading| reading.guid_health);
        state.guids = guids_after(feed.identity, state.guids, found.unwrap_or_default());
        let freshness = &self.fetched.freshness;
        let seed = feed.id.as_str();
        schedule::advance(
            &state,
            &self.outcome,
            freshness,
            &feed.policy,
            seed,
            self.at,
        )
    }

    fn record(self, feed: &FeedSettings, state: FeedState) -> PollRecord {
        let read = self.reading.map(|reading| {
            let profile = (!self.is_part).then_some(reading.profile);
            (profile, reading.defects, reading.entries)
        });
        let (profile, defects, entries) = read.unwrap_or_default();
        PollRecord {
            feed: feed.id.clone(),
            at: self.at,
            state,
            profile,
            outcome: self.outcome,
            status: self.fetched.status,
            retry_after: self.fetched.freshness.retry_after,
            bytes: self.bytes,
            elapsed: self.fetched.elapsed,
            defects,
            entries,
        }
    }
}

//! Reading a document: parse -> normalize -> classify, off the async threads.

use super::active::Active;
use super::poll::Spine;
use crate::config::standing;
use crate::fetch;
use crate::model::{
    Cut, Defect, Entry, EntryRecord, Failure, FailureKind, FeedProfile, FeedState, Fetched,
    GuidHealth, Guids, Hints, Identity, IdentityBy, ParsedFeed, Rules, Withdrawal,
};
use crate::normalize::{self, Normalized, Origin};
use crate::parse::{self, Document};
use crate::publish::{self, Site};
use crate::schedule;
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

/// What was read from a document.
#[derive(Debug)]
pub(super) struct Reading {
    pub(super) profile: FeedProfile,
    pub(super) hints: Hints,
    pub(super) rhythm: Option<Duration>,
    /// When the newest of its dated entries was published or changed.
    pub(super) newest_at: Option<Timestamp>,
    pub(super) defects: Vec<String>,
    /// What the document proves of its ids.
    pub(super) guid_health: GuidHealth,
    pub(super) entries: Vec<EntryRecord>,
    pub(super) withdrawals: Vec<Withdrawal>,
    /// Whether the document has more than were read.
    pub(super) has_more: bool,
    /// By which rules they have their labels.
    pub(super) rules: Arc<Rules>,
    /// Whether the document was cut off, as far as that can be told.
    pub(super) is_cut: bool,
}

/// How long reading one document may take (S12). All of it is linear: a second is for ten megabytes of the
/// worst that is known. A document that takes longer is a fault of ours, and must not keep others waiting.
const READING: Duration = Duration::from_secs(30);

/// What reading goes by of what was there before.
#[derive(Clone, Debug)]
struct Before {
    /// Who we are.
    identity: Arc<Identity>,
    /// Whether nothing was read of the feed yet but parts.
    first: bool,
    /// When the newest of those was published.
    newest_at: Option<Timestamp>,
    /// What is known of its ids.
    guid_health: GuidHealth,
    /// Whether nothing told where the document ends.
    open_ended: bool,
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

/// The pure stages in a row: parse, normalize, classify. Of an output of our own nothing is taken.
fn read(
    active: &Active,
    number: usize,
    document: &Document<'_>,
    before: &Before,
    now: Timestamp,
) -> Result<Reading, Failure> {
    let Some(feed) = active.feed(number) else {
        return Err(Failure::new(
            FailureKind::Parse,
            "the feed is not configured",
        ));
    };
    let mut parsed = parse::parse(document).map_err(|error| error.failure())?;
    refuse_own(
        &active.config.site,
        &before.identity,
        document.url,
        &mut parsed,
    );
    let is_cut = before.open_ended && leave_out_half(&mut parsed);
    let origin = Origin {
        feed: &feed.id,
        url: document.url,
        language: feed.language.as_deref(),
        now,
        identity: feed.identity.after(before.guid_health),
        url_rules: &active.config.url_rules,
    };
    let Normalized {
        entries,
        withdrawals,
        ids,
    } = normalize::normalize(&parsed, &origin);
    let with_date = entries.iter().filter(|entry| entry.dated);
    let dates: Vec<Timestamp> = with_date.map(|entry| entry.published_at).collect();
    let newest_at = newest_at(&entries, is_cut);
    let standing = standing(Some(feed));
    let label = |entry| {
        let topics = active.classifier.classify(&entry, &standing);
        EntryRecord {
            entry,
            topics,
            keep: true,
        }
    };
    let mut entries: Vec<EntryRecord> = entries.into_iter().map(label).collect();
    if before.first {
        let backlog = backlog(&mut entries, before.newest_at);
        keep_newest(backlog, feed.first_poll_entries);
    } else if parsed.has_more() {
        pass_over_old(&mut entries, before.newest_at);
    }
    Ok(Reading {
        has_more: parsed.has_more(),
        rhythm: schedule::rhythm(&dates),
        newest_at,
        profile: normalize::profile(parsed.profile),
        hints: parsed.hints,
        defects: defects(&parsed.defects, ids.defect().as_ref()),
        guid_health: ids.health,
        entries,
        withdrawals,
        rules: Arc::clone(&active.rules),
        is_cut,
    })
}

/// Returns when the newest of the dated entries was published or changed. Of a part what came since is told by when it was
/// published: an old entry that was edited makes nothing a backlog.
fn newest_at(entries: &[Entry], is_part: bool) -> Option<Timestamp> {
    let date = |entry: &Entry| {
        if is_part {
            entry.published_at
        } else {
            entry.updated_at
        }
    };
    entries.iter().filter(|it| it.dated).map(date).max()
}

/// Leaves out the entry that was open where a document ended too soon, and tells whether it did. Nothing but the
/// end of the connection told where it ends: what is left is true, and is not all (P41).
fn leave_out_half(parsed: &mut ParsedFeed) -> bool {
    if parsed.cut == Cut::Nowhere {
        return false;
    }
    if parsed.cut == Cut::InEntry {
        parsed.entries.pop();
    }
    parsed.defects.push(Defect {
        code: "cut-off",
        message:
            "the connection ended before the document did: what is left of it is asked for again"
                .to_owned(),
    });
    true
}

/// Takes the entries out of a document that is an output of ours, and says so: what we publish is no news. Of
/// others, what stands for a story of ours is passed over.
fn refuse_own(site: &Site, identity: &Identity, url: &str, parsed: &mut ParsedFeed) {
    let Some(output) = publish::own_output(site, identity, &parsed.profile, url) else {
        let is_own = |id: &String| publish::is_own_story(identity, id);
        parsed
            .entries
            .retain(|entry| !entry.id.as_ref().is_some_and(is_own));
        return;
    };
    parsed.entries = Vec::new();
    parsed.withdrawals = Vec::new();
    parsed.hints = Hints::default();
    let message = format!(
        "this is our own output {output}: nothing of it is taken; remove the feed from feeds.toml"
    );
    parsed.defects.push(Defect {
        code: "own-output",
        message,
    });
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
pub(super) fn guids_after(identity: IdentityBy, before: Guids, found: GuidHealth) -> Guids {
    match identity {
        IdentityBy::Guid => Guids::default(),
        IdentityBy::Auto if before.health.is_good() && !found.is_good() => Guids {
            health: found,
            suspicion: GuidHealth::Good,
        },
        _ => before,
    }
}

/// Returns the entries of a feed's first documents that are its backlog: all but what is dated after all that was read
/// of it. A document that never closes, and whose end nothing else tells, is a part at each poll, and what came since
/// the last one is news.
///
/// What is dated like the newest is news as well: some tell the day alone.
fn backlog(entries: &mut [EntryRecord], newest_at: Option<Timestamp>) -> Vec<&mut EntryRecord> {
    let is_news = |record: &EntryRecord| {
        let published_at = Some(record.entry.published_at);
        record.entry.dated && newest_at.is_some() && published_at >= newest_at
    };
    entries.iter_mut().filter(|it| !is_news(it)).collect()
}

/// How much older than the newest that was read before an entry of a document that has more than is read can be, and still
/// be news: what is told late, or under the date of the day before. Most of what was not read is months old.
const LATE: SignedDuration = SignedDuration::from_hours(48);

/// Passes over old entries of a document that has more than is read: where those that are read stand elsewhere in it than
/// before, nobody had read them, and they are no news.
fn pass_over_old(entries: &mut [EntryRecord], newest_at: Option<Timestamp>) {
    let Some(since) = newest_at.and_then(|it| it.checked_sub(LATE).ok()) else {
        return;
    };
    let is_old = |it: &&mut EntryRecord| it.entry.dated && it.entry.published_at < since;
    entries
        .iter_mut()
        .filter(is_old)
        .for_each(|record| record.keep = false);
}

/// Keeps the newest entries of a backlog, so that a new feed never floods the outputs.
fn keep_newest(mut backlog: Vec<&mut EntryRecord>, most: usize) {
    backlog.sort_by_key(|record| Reverse(record.entry.published_at));
    for record in backlog.into_iter().skip(most) {
        record.keep = false;
    }
}

impl Spine {
    /// Reads a document off the async threads: parsing is work, and the document may be hostile.
    pub(super) async fn read(
        &self,
        number: usize,
        before: &FeedState,
        fetched: &Fetched,
        body: Vec<u8>,
        now: Timestamp,
    ) -> Result<Reading, Failure> {
        let active = Arc::clone(&self.active);
        let charset = fetched.charset.clone();
        let url = base(&fetched.url);
        let before = Before {
            identity: Arc::clone(&self.identity),
            first: before.awaits_first(),
            newest_at: before.newest_at,
            guid_health: before.guids.health,
            open_ended: fetched.open_ended,
        };
        let work = move || {
            let document = Document {
                bytes: &body,
                charset: charset.as_deref(),
                url: &url,
            };
            read(&active, number, &document, &before, now)
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
}

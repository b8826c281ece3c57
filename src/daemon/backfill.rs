//! The archive of a new feed, document by document after its first poll (P39; RFC 5005).
//!
//! Each document is a request of its own in the turn of its host, so it is paced as all others are. What
//! the feed's own polls go by (validators, rhythm, hints, when it is due) stays as it is.

use crate::config::FeedSettings;
use crate::fetch::{self, Target};
use crate::model::{Backfill, FeedState, Fetched, Hints, Outcome};
use crate::schedule;
use crate::text;
use jiff::Timestamp;
use url::Url;

/// Returns what to ask for when the next request for a feed is for its archive: until its own poll is due.
pub(super) fn target(feed: &FeedSettings, state: &FeedState, now: Timestamp) -> Option<Target> {
    let backfill = state
        .backfill
        .as_ref()
        .filter(|_| schedule::reads_archive(state))?;
    let is_due = state.next_due_at.is_some_and(|due_at| due_at <= now);
    let url = Url::parse(&backfill.url).ok().filter(|_| !is_due)?;
    Some(feed.target.moved_to(&url))
}

/// Returns where the archive begins of a feed that was read for the first time at `url`.
pub(super) fn first(feed: &FeedSettings, hints: &Hints, url: &str) -> Option<Backfill> {
    next(feed, hints, url, url, 0)
}

/// Returns what is left of an archive after a request for one of its documents, which was answered at `url`
/// and said `hints`; `None` at its end, and after anything but a document, a refusal for now, or a proxy that was not
/// reached.
///
/// A refusal counts as a document, so that an archive that is always refused has an end.
pub(super) fn rest(
    feed: &FeedSettings,
    backfill: &Backfill,
    outcome: &Outcome,
    hints: Option<&Hints>,
    url: &str,
) -> Option<Backfill> {
    let pages = backfill.pages.saturating_add(1);
    match outcome {
        Outcome::Modified => next(feed, hints?, url, &backfill.url, pages),
        Outcome::Throttled | Outcome::Crowded if pages < feed.backfill => Some(Backfill {
            pages,
            ..backfill.clone()
        }),
        // It was not asked for.
        _ if outcome.is_of_proxy() => Some(backfill.clone()),
        _ => None,
    }
}

/// Returns until when an origin that refused a document, or was not reached by the feed's proxy, is left alone: it is
/// asked on after the feed's next own poll.
pub(super) fn refused_until(
    fetched: &Fetched,
    outcome: &Outcome,
    now: Timestamp,
) -> Option<Timestamp> {
    let is_refused = matches!(outcome, Outcome::Throttled | Outcome::Crowded);
    if !is_refused && !outcome.is_of_proxy() {
        return None;
    }
    let asked = fetched.freshness.retry_after.unwrap_or_default();
    now.saturating_add(asked.min(schedule::LONGEST_RETRY_AFTER))
        .ok()
}

/// Returns the document that follows the `pages`th, which was asked for at `asked` and answered at `answered`.
///
/// One that leads to itself or to the feed ends the archive; a longer circle ends with the number of
/// documents. A stranger, to whom a document was redirected or who has the archive, leads nowhere in the
/// feed's own origin: that would be asked with the feed's credentials (S6). Addresses that hold a secret by
/// its name are not kept (S7).
fn next(
    feed: &FeedSettings,
    hints: &Hints,
    answered: &str,
    asked: &str,
    pages: u32,
) -> Option<Backfill> {
    let next = hints.prev_archive.as_ref().or(hints.next_page.as_ref())?;
    let next = Url::parse(next).ok()?;
    let own = feed.target.url.origin();
    let is_trusted = next.origin() != own || Url::parse(answered).ok()?.origin() == own;
    let shown = fetch::shown(&next);
    let is_new = shown != asked && shown != answered && shown != fetch::shown(&feed.target.url);
    let is_plain = !text::has_secret_query(next.as_str());
    (pages < feed.backfill && is_trusted && is_new && is_plain)
        .then_some(Backfill { url: shown, pages })
}

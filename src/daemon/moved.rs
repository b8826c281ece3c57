//! A feed that moved for good is asked at its new address; `feeds.toml` keeps the old one (P22, P23).

use super::active::fingerprint;
use crate::config::FeedSettings;
use crate::fetch::{self, Target};
use crate::model::{Failure, FailureKind, FeedState, Hop, Moved, Outcome};
use crate::schedule;
use jiff::Timestamp;
use std::borrow::Cow;
use url::Url;

/// Returns what to ask for: the configured target, or that at the address the feed moved to.
pub(super) fn target<'a>(feed: &'a FeedSettings, moved: Option<&Moved>) -> Cow<'a, Target> {
    let url = address(moved).and_then(|url| Url::parse(url).ok());
    url.map_or(Cow::Borrowed(&feed.target), |url| {
        Cow::Owned(feed.target.moved_to(&url))
    })
}

/// Returns what a poll asks for, for who asks beside the daemon.
pub fn poll_target(feed: &FeedSettings, moved: Option<&Moved>) -> Target {
    target(feed, moved).into_owned()
}

/// Returns the host that a feed is asked at because it moved there for good.
pub(super) fn authority(state: &FeedState) -> Option<String> {
    let url = Url::parse(address(state.moved.as_ref())?).ok()?;
    Some(fetch::authority(&url))
}

/// Notes in `state` what the redirects of a poll tell, and returns what the log is to say of it.
///
/// A 410 where the feed had moved to is the end of that address and not of the feed: it becomes a failure,
/// after which the configured address is asked.
pub(super) fn follow(
    feed: &FeedSettings,
    state: &mut FeedState,
    hops: &[Hop],
    outcome: &mut Outcome,
    now: Timestamp,
) -> Option<String> {
    if hops.is_empty() && state.moved.is_none() {
        return None;
    }
    let before = state.moved.take();
    let configured = fetch::shown(&feed.target.url);
    let mut after = schedule::moved_after(before.as_ref(), &configured, hops, outcome, now);
    if let Some(adopted) = after.as_mut().and_then(|moved| moved.adopted.as_mut()) {
        let url = Url::parse(&adopted.seen.url).ok();
        adopted.fingerprint = url.map(|url| fingerprint(&feed.target.moved_to(&url)));
    }
    if *outcome == Outcome::Gone && address(before.as_ref()).is_some() {
        let message = "410 Gone where it had moved to: its configured address is asked again";
        *outcome = Outcome::Failed(Failure::new(FailureKind::Http, message));
    }
    let news = news(address(before.as_ref()), address(after.as_ref()));
    state.moved = after;
    news
}

fn address(moved: Option<&Moved>) -> Option<&str> {
    Some(&moved?.adopted.as_ref()?.seen.url)
}

/// Says that the feed is asked elsewhere from now on.
fn news(before: Option<&str>, after: Option<&str>) -> Option<String> {
    match (before, after) {
        (before, after) if before == after => None,
        (_, Some(url)) => Some(format!(
            "moved for good and is asked at {url} from now on; `merganser apply-redirects` writes that to feeds.toml"
        )),
        (before, None) => Some(format!(
            "is asked at its configured address again, no more at {}",
            before.unwrap_or_default()
        )),
    }
}

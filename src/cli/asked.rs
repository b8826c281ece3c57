//! How commands ask feeds by themselves: as a poll would, by what is stored of them.

use super::Places;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{must_not_be_asked, poll_target};
use crate::fetch;
use crate::model::{FeedId, FeedRow, FeedState};
use jiff::Timestamp;
use std::collections::BTreeMap;
use url::Url;

/// Whom no command asks, since it asked for patience that is not over (P17, P18).
#[derive(Debug, Default)]
pub(super) struct Held {
    /// Feeds, and why.
    feeds: BTreeMap<FeedId, String>,
    /// Hosts that rest, and until when.
    hosts: BTreeMap<String, Timestamp>,
}

impl Held {
    /// Says why a feed is not asked, or its host.
    pub(super) fn why(&self, feed: &str) -> Option<&str> {
        self.feeds.get(feed).map(String::as_str)
    }

    /// Says why the host of an address is not asked, whichever feed it is of.
    pub(super) fn why_at(&self, url: &Url) -> Option<String> {
        let host = fetch::authority(url);
        let until = self.hosts.get(&host)?.strftime("%Y-%m-%d %H:%M UTC");
        Some(format!(
            "its host {host} asked to be let rest until {until}"
        ))
    }
}

/// Gives each feed the address at which a poll asks it (P22), and returns whose origins asked for patience that is not over,
/// of that feed or of another one of the host.
///
/// What is stored counts for the address that a feed has in the file. Where no database can be read, nothing is stored:
/// a look needs none.
pub(super) fn as_a_poll_would(places: &Places, config: &mut Config) -> Held {
    let now = SystemClock.now();
    let store = places.store(&config.storage).ok();
    let stored = store.as_ref();
    let rows = stored.and_then(|store| store.feeds().ok());
    let rows = rows.unwrap_or_default().into_iter();
    let rows: BTreeMap<FeedId, FeedRow> = rows.map(|row| (row.id.clone(), row)).collect();
    let hosts = stored.and_then(|store| store.hosts().ok());
    let hosts = hosts.unwrap_or_default().into_iter();
    let rests = hosts.filter_map(|(host, pace)| Some((host, pace.rests_until?)));
    let mut resting: BTreeMap<String, Timestamp> =
        rests.filter(|(_, until)| *until > now).collect();
    let mut held = Held::default();
    for feed in &mut config.feeds {
        let row = rows.get(&feed.id);
        let Some(row) = row.filter(|row| row.url == fetch::shown(&feed.target.url)) else {
            continue;
        };
        // One that is gone may be looked at: it may be there again.
        if let Some(why) = must_not_be_asked(&row.state, true, now) {
            held.feeds.insert(feed.id.clone(), why);
        }
        feed.target = poll_target(feed, row.state.moved.as_ref());
        if let Some(until) = refused_until(&row.state).filter(|until| *until > now) {
            let rest = resting.entry(fetch::authority(&feed.target.url));
            let rest = rest.or_insert(until);
            *rest = until.max(*rest);
        }
    }
    held.hosts = resting;
    for feed in &config.feeds {
        if let Some(why) = held.why_at(&feed.target.url) {
            held.feeds.entry(feed.id.clone()).or_insert(why);
        }
    }
    held
}

/// Returns until when the host of a feed is left alone: what an origin that was well says is of that feed.
fn refused_until(state: &FeedState) -> Option<Timestamp> {
    state.retry_after_at.filter(|_| state.failures > 0)
}

//! How commands ask feeds by themselves: as a poll would, by what is stored of them.

use super::Places;
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{must_not_be_asked, poll_target};
use crate::fetch;
use crate::model::{FeedId, FeedRow, FeedState};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Gives each feed the address at which a poll asks it (P22), and returns those whose origins asked for patience that is
/// not over, of that feed or of another one of the host, with why (P17, P18).
///
/// What is stored counts for the address that a feed has in the file. Where no database can be read, nothing is stored:
/// a look needs none.
pub(super) fn as_a_poll_would(places: &Places, config: &mut Config) -> BTreeMap<FeedId, String> {
    let now = SystemClock.now();
    let rows = places.store(&config.storage).map(|store| store.feeds());
    let rows = rows.ok().and_then(Result::ok).unwrap_or_default();
    let rows: BTreeMap<FeedId, FeedRow> =
        rows.into_iter().map(|row| (row.id.clone(), row)).collect();
    let mut held = BTreeMap::new();
    let mut resting: BTreeMap<String, Timestamp> = BTreeMap::new();
    for feed in &mut config.feeds {
        let row = rows.get(&feed.id);
        let Some(row) = row.filter(|row| row.url == fetch::shown(&feed.target.url)) else {
            continue;
        };
        // One that is gone may be looked at: it may be there again.
        if let Some(why) = must_not_be_asked(&row.state, true, now) {
            held.insert(feed.id.clone(), why);
        }
        feed.target = poll_target(feed, row.state.moved.as_ref());
        if let Some(until) = refused_until(&row.state).filter(|until| *until > now) {
            let rest = resting.entry(fetch::authority(&feed.target.url));
            let rest = rest.or_insert(until);
            *rest = until.max(*rest);
        }
    }
    for feed in &config.feeds {
        let host = fetch::authority(&feed.target.url);
        if let Some(until) = resting.get(&host) {
            let until = until.strftime("%Y-%m-%d %H:%M UTC");
            let why = || format!("its host {host} asked to be let rest until {until}");
            held.entry(feed.id.clone()).or_insert_with(why);
        }
    }
    held
}

/// Returns until when the host of a feed is left alone: what an origin that was well says is of that feed.
fn refused_until(state: &FeedState) -> Option<Timestamp> {
    state.retry_after_at.filter(|_| state.failures > 0)
}

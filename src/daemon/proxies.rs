//! Proxies that cannot be reached.
//!
//! That is no fault of the feeds behind them, nor of their hosts, and the network may work well: so nothing is counted
//! against a feed whose proxy refuses, it is tried again after a short pause, and somebody is told of the proxy once. One
//! refused connection is proof enough; a proxy that is silent may wait for an origin, and is not told from one.

use super::Daemon;
use super::active::Active;
use super::report::PollReport;
use crate::fetch::Proxy;
use crate::schedule::End;
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};

/// What is known of the proxies that feeds go by.
#[derive(Debug, Default)]
pub(super) struct Proxies {
    /// Since when each of them is not reached, by its name.
    unreached: BTreeMap<String, Timestamp>,
    /// Whether one was asked since the start, or there is none: before that nobody knows how they are.
    pub(super) are_known: bool,
}

impl Proxies {
    /// Tells how many are not reached.
    pub(super) fn unreached(&self) -> usize {
        self.unreached.len()
    }

    /// Says which are not reached, and since when the first of them is not.
    pub(super) fn trouble(&self) -> Option<(Timestamp, String)> {
        let (first, since) = self.unreached.iter().min_by_key(|(_, since)| **since)?;
        let name = match self.unreached.len().saturating_sub(1) {
            0 => first.clone(),
            more => format!("{first}, and {more} more"),
        };
        Some((*since, name))
    }
}

impl Daemon {
    /// Takes in what a poll showed of the proxy of its feed, if it has one.
    pub(super) fn heed_proxy(&mut self, report: &PollReport) {
        let number = self.active.number(&report.feed);
        let feed = number.and_then(|number| self.active.feed(number));
        let Some(proxy) = feed.and_then(|feed| feed.target.route.proxy.as_ref()) else {
            return;
        };
        let name = proxy.place();
        if report.outcome.is_of_proxy() {
            let now = self.clock.now();
            self.proxies.are_known = true;
            self.proxies.unreached.entry(name).or_insert_with_key(|name| {
                tracing::warn!(
                    "the proxy {name} cannot be reached: feeds behind it are tried again every few minutes, and none of \
                     them counts as failing (feed {}: {})",
                    report.feed,
                    report.words()
                );
                now
            });
        } else if report.end != End::Nothing || report.outcome.proves_proxy() {
            self.proxies.are_known = true;
            if let Some(since) = self.proxies.unreached.remove(&name) {
                let since = since.strftime("%Y-%m-%d %H:%M UTC");
                tracing::info!("the proxy {name} is reached again; it was not since {since}");
            }
        }
    }

    /// Forgets the proxies that no feed goes by in a configuration that is taken up.
    pub(super) fn forget_proxies(&mut self, next: &Active) {
        let feeds = next.config.feeds.iter().filter(|feed| feed.enabled);
        let proxies = feeds.filter_map(|feed| feed.target.route.proxy.as_ref());
        let named: BTreeSet<String> = proxies.map(Proxy::place).collect();
        self.proxies.are_known |= named.is_empty();
        let unreached = &mut self.proxies.unreached;
        unreached.retain(|name, _| named.contains(name));
    }
}

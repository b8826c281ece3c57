//! Feeds that the address guard lets nobody ask: `add` refuses such an address, and in the file each poll of it would fail.

use super::networks::{lacking, listing};
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::settings::FeedSettings;
use crate::fetch::{Settings, refusal};
use std::ops::Range;

/// How a feed is written.
pub(super) struct Written {
    /// Where the host of its address stands.
    pub(super) host: Range<usize>,
    /// Whether its own table has `allow-networks`.
    pub(super) names_networks: bool,
}

impl Written {
    /// Warns of a feed that is polled at an address which no poll may reach, as far as that can be told without a resolver
    /// (S2, S3, S4). Says nothing while there are errors: the networks that may be asked may be among what could not be read.
    pub(super) fn warn(self, feed: &FeedSettings, fetch: &Settings, reading: &mut Reading<'_>) {
        if !feed.enabled || reading.has_errors() {
            return;
        }
        if let Some(why) = refusal(fetch, &feed.target.route, &feed.target.url) {
            let help = self.help(feed, fetch, &why);
            let message = format!("{why}: each poll of this feed is blocked");
            reading.report(self.host, Fault::new(Code::BlockedAddress, message, help));
        }
    }

    /// Says what to write. That is for this feed alone: where all may ask in a network, so may whoever redirects one of them.
    fn help(&self, feed: &FeedSettings, fetch: &Settings, why: &str) -> String {
        let lacking = lacking(why);
        if lacking.is_empty() {
            return "write the address of the feed, or ask its host itself: `proxy = \"none\"` beside this `url`"
                .to_owned();
        }
        let route = &feed.target.route;
        let key = listing(route.networks(&fetch.allow_networks), &lacking);
        let place = match &route.allow_networks {
            Some(_) if self.names_networks => "in the place of its own",
            Some(_) => "beside this `url`",
            None => "beside this `url`, or in `[fetch]` for all feeds",
        };
        format!("if it is to be polled, write `{key}` {place}")
    }
}

/// Returns the bytes of an address that name its host, without the port.
///
/// Looks at the text, not at a parsed address: there the host may be spelled otherwise.
pub(super) fn host(address: &str) -> Option<Range<usize>> {
    let scheme = address.find(':')? + 1;
    let rest = address.get(scheme..)?;
    let rest = rest.trim_start_matches(['/', '\\']);
    let start = address.len() - rest.len();
    let end = rest.find(['/', '?', '#', '\\']).unwrap_or(rest.len());
    let authority = rest.get(..end)?;
    let host = authority.rfind('@').map_or(0, |at| at + 1);
    let named = authority.get(host..)?;
    let length = match named.find(']') {
        Some(bracket) => bracket + 1,
        None => named.find(':').unwrap_or(named.len()),
    };
    (length > 0).then(|| start + host..start + host + length)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hosts_are_found_as_they_are_spelled() {
        for (address, expected) in [
            ("http://127.0.0.1:8080/feed", Some("127.0.0.1")),
            ("http://u:p@0x7F.1/", Some("0x7F.1")),
            ("http://[::1]", Some("[::1]")),
            ("http://u@[::1]:80?x@y", Some("[::1]")),
            ("http:\\\\localhost\\x", Some("localhost")),
            ("HTTP:LocalHost", Some("LocalHost")),
            ("http://", None),
            ("localhost", None),
        ] {
            let found = host(address).and_then(|span| address.get(span));
            assert_eq!(found, expected, "{address}");
        }
    }
}

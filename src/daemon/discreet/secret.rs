//! The addresses of feeds that nobody is to know, as publishers write them: in texts, in links, within other addresses.

use crate::config::FeedSettings;
use crate::text;
use std::collections::{BTreeMap, BTreeSet};

/// Addresses at a host with secret ones that are judged in a piece without blanks. Nobody writes more of them there but to
/// keep us busy, each being read to the end of all: such a piece is secret unread.
const MOST_JUDGED: usize = 64;

/// Bytes that are read of an address, at the end of which no more tells it from others.
const LONGEST: usize = 4096;

/// How often an address is taken out of another in which it is percent-encoded.
const DEEP: usize = 3;

/// What is no part of an address though it may be one, and what may follow it.
const ENDS: &str = "()[]{}|'\\*";
const DOTS: &str = "/.,;:!?";

/// The addresses, by their hosts.
#[derive(Debug, Default)]
pub(super) struct Secret(BTreeMap<String, Vec<Address>>);

/// What follows the host of an address.
#[derive(Debug)]
struct Address {
    /// Without slashes at its end.
    path: String,
    /// What it is asked with, but for what is masked.
    pairs: BTreeSet<String>,
    /// Whether its path is secret by itself, whatever is asked.
    is_drawn: bool,
}

impl Secret {
    /// Adds the address of a feed.
    pub(super) fn add(&mut self, feed: &FeedSettings) {
        let url = &feed.target.url;
        let Some((host, path)) = parted(url.as_str()) else {
            return;
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let address = Address {
            path: path.trim_end_matches('/').to_owned(),
            pairs: url.query().map(pairs).unwrap_or_default(),
            is_drawn: text::has_secret_path(path),
        };
        self.0.entry(host).or_default().push(address);
    }

    /// Tells whether there is none.
    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Tells whether one of them stands in a text, be it that of another address.
    pub(super) fn is_in(&self, text: &str) -> bool {
        if self.is_empty() {
            return false;
        }
        let mut text = text.to_owned();
        for _ in 0..DEEP {
            if self.begins_in(&text) {
                return true;
            }
            match decoded(&text) {
                Some(decoded) => text = decoded,
                None => return false,
            }
        }
        false
    }

    /// Tells whether one of them stands in a text as it is.
    fn begins_in(&self, text: &str) -> bool {
        text::cited(text).any(|(_, piece)| {
            let mut known = text::addresses(piece).filter_map(|address| self.at_host_of(address));
            let mut judged = known.by_ref().take(MOST_JUDGED);
            judged.any(|(known, rest)| known.iter().any(|it| it.begins(rest)))
                || known.next().is_some()
        })
    }

    /// Returns those of the host of an address, which may go on as a text, and what follows the host.
    fn at_host_of<'a>(&self, address: &'a str) -> Option<(&[Address], &'a str)> {
        let (host, rest) = parted(text::cut(address, LONGEST))?;
        Some((self.0.get(&host)?.as_slice(), rest))
    }
}

impl Address {
    /// Tells whether this is what follows a host.
    fn begins(&self, rest: &str) -> bool {
        let Some(rest) = rest.strip_prefix(&self.path) else {
            return false;
        };
        let rest = rest.split('#').next().unwrap_or_default();
        let shorter = rest.split(|c| ENDS.contains(c)).next().unwrap_or_default();
        [rest, shorter].into_iter().any(|rest| self.is_asked(rest))
    }

    /// Tells whether what follows the path is of this address.
    fn is_asked(&self, rest: &str) -> bool {
        let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
        let query = query.trim_end_matches(|c| DOTS.contains(c));
        // An address within another ends where that goes on with what it is asked besides.
        let path = path.split('&').next().unwrap_or_default();
        let is_whole = path.trim_matches(|c| DOTS.contains(c)).is_empty();
        let is_asked = match () {
            () if query.is_empty() => self.pairs.is_empty(),
            () if self.pairs.is_empty() => self.is_drawn,
            () => self.pairs.is_subset(&pairs(query)),
        };
        is_whole && is_asked
    }
}

/// Returns the host of an address, with the port that is none of the web's, and what follows.
fn parted(address: &str) -> Option<(String, &str)> {
    let (_, rest) = address.split_once("://")?;
    let end = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    let (authority, rest) = rest.split_at_checked(end)?;
    let host = authority.rsplit('@').next()?.to_ascii_lowercase();
    let host = host.trim_end_matches(|c| ENDS.contains(c) || DOTS.contains(c));
    let bare = host
        .strip_suffix(":443")
        .or_else(|| host.strip_suffix(":80"));
    let host = bare.unwrap_or(host).trim_end_matches('.');
    Some((host.to_owned(), rest))
}

/// Returns what an address is asked with, secrets masked: another's key is as secret as ours.
fn pairs(query: &str) -> BTreeSet<String> {
    let query = text::masked_query(query);
    let pairs = query
        .split('&')
        .map(|it| it.strip_prefix("amp;").unwrap_or(it));
    let pairs = pairs.filter(|it| !it.is_empty());
    pairs.map(str::to_owned).collect()
}

/// Returns a text with what is percent-encoded in it decoded; `None` where nothing is.
fn decoded(text: &str) -> Option<String> {
    let (head, rest) = text.split_once('%')?;
    let mut bytes = head.as_bytes().to_vec();
    let mut is_other = false;
    for part in rest.split('%') {
        let digits = part
            .get(..2)
            .filter(|it| it.bytes().all(|b| b.is_ascii_hexdigit()));
        let byte = digits.and_then(|it| u8::from_str_radix(it, 16).ok());
        match byte {
            Some(byte) => bytes.push(byte),
            None => bytes.extend([b'%']),
        }
        is_other |= byte.is_some();
        let from = if byte.is_some() { 2 } else { 0 };
        bytes.extend(part.bytes().skip(from));
    }
    is_other.then(|| String::from_utf8_lossy(&bytes).into_owned())
}

//! Failures in words: which of the many ways to fail it was, and where.
//!
//! A message is one line, names the host and never a path, a query or a credential (S7, S18): the
//! client's own errors print the whole address and are never shown.

use super::client::Unresolved;
use crate::model::{Failure, FailureKind};
use crate::text::is_bidi_control;
use std::error::Error;
use std::fmt;
use std::io;
use std::time::Duration;
use url::Url;

/// Longest piece of somebody else's words in a message, in characters.
const MAX_WORDS: usize = 200;

/// How hyper words a head that is over its limits (S9). Its type is not ours to name; a test holds
/// the words.
const HEAD_TOO_LARGE: &str = "message head is too large";

/// How rustls words that what came is no record of TLS: HTTP, mostly.
const NOT_A_RECORD: &str = "InvalidContentType";

/// How a failure ends of a host that answered in the clear.
pub const NO_TLS: &str = "speaks no TLS";

/// How the client words that what it goes through was not reached: of SOCKS it tells no cause, and its types are not ours
/// to name. A test holds the words.
const NO_WAY_THROUGH: &str = "failed to create underlying connection";

/// How the client words what a proxy answered that was to open a way with CONNECT, and how we do. Its type tells the status of
/// none but 407. A test holds the words.
const NO_TUNNEL: [(&str, &str); 3] = [
    (
        "tunnel error: proxy authorization required",
        "it answered 407 to CONNECT and wants a user with a password",
    ),
    (
        "tunnel error: unsuccessful",
        "it answered CONNECT with a refusal",
    ),
    (
        "tunnel error: unexpected end of file",
        "it hung up on CONNECT",
    ),
];

/// How long something may take, as messages tell it: with the part of `timeout` that it is, where it is one. Who wrote that
/// key finds another number in the message.
#[derive(Clone, Copy, Debug)]
pub(super) struct Limit {
    pub(super) time: Duration,
    /// What it is; nothing of what is as long for every poll.
    part: Option<&'static str>,
}

impl Limit {
    /// A time that no key of the operator's gives.
    pub(super) fn fixed(time: Duration) -> Self {
        Self { time, part: None }
    }

    /// A time that is this `part` of `timeout`.
    pub(super) fn of_timeout(time: Duration, part: &'static str) -> Self {
        let part = Some(part);
        Self { time, part }
    }
}

impl fmt::Display for Limit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.time)?;
        match self.part {
            Some(part) => write!(f, ", {part} of `timeout`"),
            None => Ok(()),
        }
    }
}

/// Names the host of an address as messages do: `name:port`. A name is the same with the dot of the root at its end
/// and without (P32).
pub(super) fn place(url: &Url) -> String {
    let host = url.host_str().unwrap_or("?");
    let host = host.strip_suffix('.').unwrap_or(host);
    let port = url.port_or_known_default().unwrap_or_default();
    format!("{host}:{port}")
}

/// Says why a request to `place`, which may take `limit` to connect, brought no response.
pub(super) fn of_request(error: &reqwest::Error, place: &str, limit: Limit) -> Failure {
    if let Some(unresolved) = chain(error).find_map(|cause| cause.downcast_ref::<Unresolved>()) {
        let kind = match unresolved {
            Unresolved::Refused(_) => FailureKind::Blocked,
            Unresolved::Failed { .. } => FailureKind::Dns,
        };
        return Failure::new(kind, words(&unresolved.to_string()));
    }
    if error.is_connect() {
        return of_connect(error, place, limit);
    }
    let cause = root_cause(error);
    if cause.contains(HEAD_TOO_LARGE) {
        return Failure::new(
            FailureKind::TooLarge,
            format!("the response head of {place} is over the limit"),
        );
    }
    Failure::new(
        FailureKind::Broken,
        format!("no usable response from {place}: {cause}"),
    )
}

/// Says that the proxy itself was not reached, where that is certain: it refused, nothing leads to it, or it has no
/// address. One that is silent may wait for the origin, and one that answers was reached.
pub(super) fn of_proxy(error: &reqwest::Error, proxy: &Url) -> Option<Failure> {
    let why = unreached(error, proxy)?;
    let message = format!("the proxy {} cannot be reached{why}", place(proxy));
    Some(Failure::new(FailureKind::Proxy, message))
}

/// Says that the proxy was reached and opens no way to the host of an address, where it said so.
pub(super) fn of_tunnel(error: &reqwest::Error, proxy: &Url, url: &Url) -> Option<Failure> {
    let cause = root_cause(error);
    let (_, why) = NO_TUNNEL.iter().find(|(words, _)| *words == cause)?;
    let (proxy, host) = (place(proxy), place(url));
    let message = format!("the proxy {proxy} opens no way to {host}: {why}");
    Some(Failure::new(FailureKind::Connect, message))
}

/// Tells whether a failure, none of [`of_proxy`], shows that whoever was asked is there: a silence shows nothing, and where
/// an address is not known nobody was asked.
pub(super) fn is_answer(error: &reqwest::Error) -> bool {
    let is_unasked = chain(error).any(<dyn Error>::is::<Unresolved>);
    !error.is_timeout() && !is_unasked
}

fn unreached(error: &reqwest::Error, proxy: &Url) -> Option<String> {
    if let Some(unresolved) = chain(error).find_map(|cause| cause.downcast_ref::<Unresolved>()) {
        let Unresolved::Failed { name, reason } = unresolved else {
            return None;
        };
        let host = proxy.host_str().unwrap_or_default();
        let is_its = host.trim_end_matches('.') == name.trim_end_matches('.');
        return is_its.then(|| format!(": {}", words(reason)));
    }
    if !error.is_connect() || error.is_timeout() {
        return None;
    }
    match chain(error).filter_map(io_kind).last() {
        Some(io::ErrorKind::ConnectionRefused) => Some(": refused".to_owned()),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            Some(": no route".to_owned())
        }
        Some(_) => None,
        None => root_cause(error).contains(NO_WAY_THROUGH).then(String::new),
    }
}

fn of_connect(error: &reqwest::Error, place: &str, limit: Limit) -> Failure {
    let failure = |kind, what: &str| Failure::new(kind, format!("connection to {place} {what}"));
    if error.is_timeout() {
        return failure(FailureKind::Connect, &format!("not made within {limit}"));
    }
    let cause = root_cause(error);
    match chain(error).filter_map(io_kind).last() {
        Some(io::ErrorKind::ConnectionRefused) => failure(FailureKind::Connect, "refused"),
        Some(io::ErrorKind::ConnectionReset) => failure(FailureKind::Connect, "reset"),
        Some(io::ErrorKind::NetworkUnreachable | io::ErrorKind::HostUnreachable) => {
            failure(FailureKind::Connect, "impossible: no route")
        }
        // TCP itself never fails in these two ways: it is the handshake that stands on it.
        Some(io::ErrorKind::InvalidData) if cause.contains(NOT_A_RECORD) => {
            Failure::new(FailureKind::Tls, format!("{place} {NO_TLS}"))
        }
        Some(io::ErrorKind::InvalidData | io::ErrorKind::UnexpectedEof) => Failure::new(
            FailureKind::Tls,
            format!("TLS with {place} failed: {cause}"),
        ),
        _ => failure(FailureKind::Connect, &format!("failed: {cause}")),
    }
}

/// Says that a host sent nothing for as long as it may be silent (P40).
pub(super) fn of_silence(what: &str, url: &Url, patience: Limit) -> Failure {
    let message = format!("{what} {} within {patience}", place(url));
    Failure::new(FailureKind::Timeout, message)
}

/// Says why the body of a response from `url` could not be read to its end (P41).
pub(super) fn of_body(error: &reqwest::Error, url: &Url) -> Failure {
    let (place, cause) = (place(url), root_cause(error));
    Failure::new(
        FailureKind::Broken,
        format!("the body from {place} broke off: {cause}"),
    )
}

/// Returns the innermost cause in its own words, fit for a message.
pub(super) fn root_cause(error: &(dyn Error + 'static)) -> String {
    chain(error)
        .last()
        .map_or_else(String::new, |cause| words(&cause.to_string()))
}

/// Makes somebody else's words fit for a line: no control characters, nothing that turns the line, not long (S18).
pub(super) fn words(text: &str) -> String {
    text.chars()
        .map(|c| {
            if c.is_control() || is_bidi_control(c) {
                ' '
            } else {
                c
            }
        })
        .take(MAX_WORDS)
        .collect()
}

/// Returns an error and what caused it, the innermost last.
pub(super) fn chain<'a>(
    error: &'a (dyn Error + 'static),
) -> impl Iterator<Item = &'a (dyn Error + 'static)> {
    std::iter::successors(Some(error), |&error| error.source())
}

/// Returns the kind of an I/O error; that of the one inside when libraries wrapped it again.
fn io_kind(error: &(dyn Error + 'static)) -> Option<io::ErrorKind> {
    let error = error.downcast_ref::<io::Error>()?;
    let inner = error.get_ref().and_then(|inner| io_kind(inner));
    Some(inner.unwrap_or_else(|| error.kind()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s18_words_of_others_are_one_line_that_nothing_turns() {
        let told = words("no\r\n\u{1B}[31mway \u{202E}back\u{9B}");
        assert_eq!(told, "no   [31mway  back ");
        assert_eq!(words(&"x".repeat(9000)).len(), MAX_WORDS);
    }
}

//! The HTTP client: reqwest without its conveniences.
//!
//! No redirects, no proxy of the environment's, no cookies, no Referer, no decoding: each of these would
//! reach or tell somebody behind the guard's back (S3, S6, P31), or hide from us what happened.
//!
//! A client keeps no connection, or one of each host for a while; which of the two a request goes by, says
//! `kept`. Every new connection is made through the guard. What does not live long needs no keep-alive
//! probes, nor the four system calls that ask for them. Nothing is sent a second time, but for what a kept
//! connection that is gone did not take any more: see [`is_stale`].

use super::failure::Limit;
use super::guard::{Guard, Refused, is_localhost};
use super::kept::IDLE;
use super::settings::Proxy;
use super::{coding, failure};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, CONNECTION, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder, Response, Version};
use rustls::ClientConfig;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

/// Feeds first, anything after: some origins refuse a bare `*/*` or answer it with a page (P30).
const ACCEPT_FEEDS: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
                            application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1";

/// Longest time for name, connection and TLS together (P40).
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// The part of a poll's time that connecting may take: less than a host may be silent for. Who is not connected
/// by then was not reached, which may be our own network's fault; who was and says nothing is to blame.
const CONNECT_SHARE: u32 = 3;
const CONNECT_PART: &str = "about a third";

/// What a time to connect is a multiple of: feeds whose time limits hardly differ share their clients, and there
/// are never more than forty clients of a kind.
const CONNECT_STEP: Duration = Duration::from_millis(250);

/// Largest header list over HTTP/2 in bytes (S9); hyper bounds the head of HTTP/1 by itself.
const MAX_HEADER_LIST: u32 = 64 * 1024;

/// What a client needs to know of the way that it goes.
#[derive(Debug)]
pub(super) struct Dialling {
    pub(super) guard: Arc<Guard>,
    pub(super) proxy: Option<Proxy>,
    pub(super) user_agent: HeaderValue,
    /// Longest time to connect.
    pub(super) connect_limit: Duration,
}

impl Dialling {
    /// Tells whether the proxy itself wants TLS, whatever is asked for through it.
    pub(super) fn is_proxy_secure(&self) -> bool {
        let proxy = self.proxy.as_ref();
        proxy.is_some_and(|proxy| proxy.url().scheme() == "https")
    }
}

/// Returns how long connecting may take in a poll that may take `limit`.
pub(super) fn connect_limit(limit: Duration) -> Duration {
    let share = (limit / CONNECT_SHARE).min(CONNECT_TIMEOUT);
    let steps = share.as_millis() / CONNECT_STEP.as_millis();
    CONNECT_STEP.saturating_mul(u32::try_from(steps).unwrap_or(1).max(1))
}

/// Returns the same of the limit on connecting for messages: where it is the longest there is, a longer `timeout` adds nothing.
pub(super) fn connecting(limit: Duration) -> Limit {
    if limit < CONNECT_TIMEOUT {
        Limit::of_timeout(limit, CONNECT_PART)
    } else {
        Limit::fixed(limit)
    }
}

/// Makes a client; one without `tls` can do none, and one that keeps connections keeps one of each host.
///
/// # Errors
///
/// Why there is none, in words that hold no secret: the proxy cannot be used.
pub(super) fn build(
    dialling: &Dialling,
    tls: Option<ClientConfig>,
    keeps: bool,
) -> Result<Client, String> {
    let mut builder = builder(dialling)
        .pool_max_idle_per_host(usize::from(keeps))
        .pool_idle_timeout(IDLE);
    if let Some(proxy) = &dialling.proxy {
        builder = builder.proxy(through(proxy)?);
    }
    builder = match tls {
        Some(settings) => builder.tls_backend_preconfigured(settings),
        None => builder.tls_certs_only([]),
    };
    builder.build().map_err(|error| failure::root_cause(&error))
}

/// Tells whether a kept connection broke before its response came: mostly one that the origin closed at
/// the moment we sent (RFC 9112, 9.3.1 and 9.5). One more request on a new connection is then all (P20).
///
/// What was answered, by whatever bytes, is not asked again. A request that was not even sent the client
/// tries again by itself, which nobody sees.
pub(super) fn is_stale(error: &reqwest::Error) -> bool {
    if error.is_connect() || error.is_timeout() {
        return false;
    }
    let causes = failure::chain(error);
    let mut broken = causes.filter_map(|cause| cause.downcast_ref::<hyper::Error>());
    broken.any(|error| !error.is_parse() && !error.is_user() && !error.is_timeout())
}

/// Tells whether the origin lets its connection stand after the response (RFC 9112, 9.3).
pub(super) fn stays_open(response: &Response) -> bool {
    let options = response.headers().get_all(CONNECTION);
    let says = |option: &str| {
        options
            .iter()
            .filter_map(|value| value.to_str().ok())
            .flat_map(|value| value.split(','))
            .any(|said| said.trim().eq_ignore_ascii_case(option))
    };
    match response.version() {
        Version::HTTP_09 | Version::HTTP_10 => says("keep-alive"),
        _ => !says("close"),
    }
}

/// Makes the client's proxy of ours.
fn through(proxy: &Proxy) -> Result<reqwest::Proxy, String> {
    let address = proxy.url().as_str();
    // The client passes over an address that is none by this type, and would dial the origin itself.
    let readable = address.parse::<hyper::Uri>().is_ok();
    let through = readable.then(|| reqwest::Proxy::all(address).ok());
    let unusable = || "the address of the proxy cannot be used".to_owned();
    through.flatten().ok_or_else(unusable)
}

fn builder(dialling: &Dialling) -> ClientBuilder {
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(ACCEPT_FEEDS)),
        (ACCEPT_ENCODING, HeaderValue::from_static(coding::ACCEPTED)),
    ]);
    Client::builder()
        .default_headers(headers)
        .user_agent(dialling.user_agent.clone())
        .dns_resolver(GuardedResolver {
            guard: Arc::clone(&dialling.guard),
        })
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(dialling.connect_limit)
        .retry(reqwest::retry::never())
        .tcp_keepalive(None)
        .tcp_keepalive_interval(None)
        .tcp_keepalive_retries(None)
        .http2_max_header_list_size(MAX_HEADER_LIST)
}

/// Asks the system's resolver and hands on only what the guard permits.
struct GuardedResolver {
    guard: Arc<Guard>,
}

/// Why a name gave no address to dial; reads as a message to the operator.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unresolved {
    /// The guard said no.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// The resolver said no.
    #[error("cannot resolve {name}: {reason}")]
    Failed {
        /// What was looked up.
        name: String,
        /// The resolver's words.
        reason: String,
    },
}

impl Resolve for GuardedResolver {
    fn resolve(&self, name: Name) -> Resolving {
        let guard = Arc::clone(&self.guard);
        Box::pin(async move {
            let addresses: Addrs = Box::new(look_up(&guard, name.as_str()).await?.into_iter());
            Ok(addresses)
        })
    }
}

/// Returns the addresses of a name, all of them and in the system's order: where there are some of both
/// families, the client tries the second 300 ms after the first (RFC 8305), so that a dead one costs no
/// more.
async fn look_up(guard: &Guard, name: &str) -> Result<Vec<SocketAddr>, Unresolved> {
    if guard.is_proxy(name) {
        // The operator's word, not a stranger's: it may be anywhere.
        return resolve(name).await;
    }
    if is_localhost(name) {
        return Ok(guard.localhost(name)?);
    }
    let answers = resolve(name).await?;
    Ok(guard.admit(name, answers)?)
}

/// Asks the system's resolver.
pub(super) async fn resolve(name: &str) -> Result<Vec<SocketAddr>, Unresolved> {
    let failed = |reason: String| Unresolved::Failed {
        name: name.to_owned(),
        reason,
    };
    let answers = tokio::net::lookup_host((name, 0)).await;
    let answers: Vec<SocketAddr> = answers.map_err(|e| failed(resolver_words(&e)))?.collect();
    if answers.is_empty() {
        return Err(failed("it has no address".to_owned()));
    }
    Ok(answers)
}

/// Drops the prefix that the standard library puts before the resolver's own words.
fn resolver_words(error: &std::io::Error) -> String {
    let words = error.to_string();
    words
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&words)
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Limit of a poll -> time to connect, in milliseconds.
    #[test]
    fn p40_connecting_ends_before_silence_does() {
        for (limit, expected) in [
            (3_600_000, 10_000),
            (30_000, 10_000),
            (20_000, 6_500),
            (6_000, 2_000),
            (1_000, 250),
            (10, 250),
            (0, 250),
        ] {
            let found = connect_limit(Duration::from_millis(limit));
            assert_eq!(found, Duration::from_millis(expected), "{limit}");
        }
    }

    /// A `timeout` that is longer than the default does not lengthen it.
    #[test]
    fn p40_a_limit_on_connecting_is_told_as_the_part_that_it_is() {
        for (timeout, expected) in [
            (5, "1.5s, about a third of `timeout`"),
            (20, "6.5s, about a third of `timeout`"),
            (30, "10s"),
            (90, "10s"),
        ] {
            let limit = connect_limit(Duration::from_secs(timeout));
            assert_eq!(connecting(limit).to_string(), expected, "{timeout}");
        }
    }
}

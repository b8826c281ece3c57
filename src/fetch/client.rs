//! The HTTP client: reqwest without its conveniences.
//!
//! No redirects, no proxy, no cookies, no Referer, no decoding: each of these would reach or tell
//! somebody behind the guard's back (S3, S6, P31), or hide from us what happened.
//!
//! No connection is kept either: most hosts are asked once an hour, so each request dials anew, through
//! the guard, and there is no stale connection to fall over (P20). Measured over 1,000 hosts on
//! loopback: a fifth less CPU and 12 MB at the peak instead of 28. What lives for one request needs no
//! keep-alive probes, nor the four system calls that ask for them, and nothing is sent a second time.
//!
//! There are two clients, for `http` and for `https`. The second is made when it is first needed:
//! reading the machine's CA certificates costs as much CPU as thirty polls, and a machine without any
//! can still fetch over plain HTTP.

use super::guard::{Guard, Refused, is_localhost};
use super::{FetchError, Settings, coding};
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::header::{ACCEPT, ACCEPT_ENCODING, HeaderMap, HeaderValue};
use reqwest::redirect::Policy;
use reqwest::{Client, ClientBuilder};
use std::net::SocketAddr;
use std::sync::{Arc, OnceLock};
use std::time::Duration;

/// Feeds first, anything after: some origins refuse a bare `*/*` or answer it with a page (P30).
const ACCEPT_FEEDS: &str = "application/atom+xml, application/rss+xml, application/feed+json, \
                            application/xml;q=0.9, text/xml;q=0.8, */*;q=0.1";

/// Longest time for name, connection and TLS together (P40).
pub(super) const CONNECT_TIMEOUT: Duration = Duration::from_secs(10);

/// Largest header list over HTTP/2 in bytes (S9); hyper bounds the head of HTTP/1 by itself.
const MAX_HEADER_LIST: u32 = 64 * 1024;

/// The clients of one configuration.
#[derive(Debug)]
pub(super) struct Clients {
    plain: Client,
    secure: OnceLock<Result<Client, String>>,
    guard: Arc<Guard>,
    user_agent: HeaderValue,
}

impl Clients {
    /// Makes the client for `http`; the one for `https` waits.
    ///
    /// # Errors
    ///
    /// The user agent is no header value, or the client cannot be set up.
    pub(super) fn new(settings: &Settings, guard: Arc<Guard>) -> Result<Self, FetchError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| FetchError::UserAgent(settings.user_agent.clone()))?;
        let plain = builder(Arc::clone(&guard), user_agent.clone()).tls_certs_only([]);
        Ok(Self {
            plain: plain.build().map_err(FetchError::Client)?,
            secure: OnceLock::new(),
            guard,
            user_agent,
        })
    }

    /// Returns the client for a scheme.
    ///
    /// # Errors
    ///
    /// Why there is no TLS on this machine, in words: it has no CA certificates.
    pub(super) fn of(&self, scheme: &str) -> Result<&Client, &str> {
        if scheme != "https" {
            return Ok(&self.plain);
        }
        let made = self.secure.get_or_init(|| {
            let client = builder(Arc::clone(&self.guard), self.user_agent.clone()).build();
            client.map_err(|error| super::failure::root_cause(&error))
        });
        made.as_ref().map_err(String::as_str)
    }
}

fn builder(guard: Arc<Guard>, user_agent: HeaderValue) -> ClientBuilder {
    let headers = HeaderMap::from_iter([
        (ACCEPT, HeaderValue::from_static(ACCEPT_FEEDS)),
        (ACCEPT_ENCODING, HeaderValue::from_static(coding::ACCEPTED)),
    ]);
    Client::builder()
        .default_headers(headers)
        .user_agent(user_agent)
        .dns_resolver(GuardedResolver { guard })
        .redirect(Policy::none())
        .no_proxy()
        .referer(false)
        .connect_timeout(CONNECT_TIMEOUT)
        .pool_max_idle_per_host(0)
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

async fn look_up(guard: &Guard, name: &str) -> Result<Vec<SocketAddr>, Unresolved> {
    if is_localhost(name) {
        return Ok(guard.localhost(name)?);
    }
    let failed = |reason: String| Unresolved::Failed {
        name: name.to_owned(),
        reason,
    };
    let answers = tokio::net::lookup_host((name, 0)).await;
    let answers: Vec<SocketAddr> = answers.map_err(|e| failed(resolver_words(&e)))?.collect();
    if answers.is_empty() {
        return Err(failed("it has no address".to_owned()));
    }
    Ok(guard.admit(name, answers)?)
}

/// Drops the prefix that the standard library puts before the resolver's own words.
fn resolver_words(error: &std::io::Error) -> String {
    let words = error.to_string();
    words
        .strip_prefix("failed to lookup address information: ")
        .unwrap_or(&words)
        .to_owned()
}

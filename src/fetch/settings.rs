//! What the operator may say about fetching.

use ipnet::IpNet;
use std::fmt;
use std::time::Duration;
use url::Url;

/// How to fetch, for all feeds: the table `[fetch]`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Settings {
    /// Exchanges under way at once, all hosts together.
    pub concurrency: usize,
    /// Least pause between the end of one request to a host and the start of the next (P32).
    pub host_gap: Duration,
    /// Longest time for one poll, redirects and body included; an origin may be silent for half of it
    /// (P40).
    pub timeout: Duration,
    /// Largest decoded body in bytes (S8).
    pub max_body: u64,
    /// What we call ourselves (P29).
    pub user_agent: String,
    /// Networks that may be reached although they are not public; empty: public addresses only (S2).
    pub allow_networks: Vec<IpNet>,
}

impl Settings {
    /// Exchanges under way at once unless the operator says otherwise: enough to hide the latency of
    /// slow origins, few enough for a home connection.
    pub const CONCURRENCY: usize = 16;
    /// One request a second is what publishers ask of crawlers that fetch several addresses of a host.
    pub const HOST_GAP: Duration = Duration::from_secs(1);
    /// P40.
    pub const TIMEOUT: Duration = Duration::from_secs(30);
    /// Ten mebibytes: the largest captured feed has under two; S8 names 10 to 15.
    pub const MAX_BODY: u64 = 10 * 1024 * 1024;
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            concurrency: Self::CONCURRENCY,
            host_gap: Self::HOST_GAP,
            timeout: Self::TIMEOUT,
            max_body: Self::MAX_BODY,
            user_agent: format!("merganser/{}", env!("CARGO_PKG_VERSION")),
            allow_networks: Vec::new(),
        }
    }
}

/// A header that one feed's requests carry. Its value may be a secret: it prints as `***` (S7).
#[derive(Clone, PartialEq, Eq)]
pub struct Header {
    /// Field name.
    pub name: String,
    /// Field value.
    pub value: String,
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ***", self.name)
    }
}

/// What to ask for: one feed's address and what goes with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Address; userinfo in it is a credential: sent as Basic authentication, never shown (S7).
    pub url: Url,
    /// Extra headers, dropped when a redirect leaves the origin (S6).
    pub headers: Vec<Header>,
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("url", &super::shown(&self.url))
            .field("headers", &self.headers)
            .finish()
    }
}

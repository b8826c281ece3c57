//! What the operator may say about fetching.

use super::failure::place;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
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
    /// Networks that may be reached although they are not public; empty: public addresses only (S2). A
    /// [`Route`] may say otherwise.
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

impl Header {
    /// Makes the header of Basic authentication (RFC 7617) of a user whose name has no `:`.
    pub fn basic(user: &str, password: &str) -> Self {
        let credentials = BASE64_STANDARD.encode(format!("{user}:{password}"));
        Self::authorization(format!("Basic {credentials}"))
    }

    /// Makes the header of a bearer token (RFC 6750).
    pub fn bearer(token: &str) -> Self {
        Self::authorization(format!("Bearer {token}"))
    }

    fn authorization(value: String) -> Self {
        Self {
            name: "authorization".to_owned(),
            value,
        }
    }
}

impl fmt::Debug for Header {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}: ***", self.name)
    }
}

/// How to get to an origin. Feeds of equal routes share their clients.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Route {
    /// What is asked in the origin's place; `None`: nobody.
    pub proxy: Option<Proxy>,
    /// Networks that may be reached although they are not public, in place of
    /// [`Settings::allow_networks`] and not beside them: what is said of one feed can take leave away
    /// as well as give it, and gives it to no other.
    pub allow_networks: Option<Vec<IpNet>>,
}

impl Route {
    /// Returns the networks that may be reached although they are not public; `by_default`: those of [`Settings`].
    pub fn networks<'n>(&'n self, by_default: &'n [IpNet]) -> &'n [IpNet] {
        self.allow_networks.as_deref().unwrap_or(by_default)
    }
}

/// A proxy, with its credentials if it wants any. They print as nothing (S7).
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Proxy(Url);

impl Proxy {
    /// Schemes of proxies. `socks5` leaves names to us, the others to the proxy.
    pub const SCHEMES: [&str; 4] = ["http", "https", "socks5", "socks5h"];

    /// Returns the proxy at an address, userinfo and all; `None` for one of another scheme or without a
    /// host.
    pub fn new(url: Url) -> Option<Self> {
        let usable = url.has_host() && Self::SCHEMES.contains(&url.scheme());
        usable.then_some(Self(url))
    }

    /// Gives it user and password, whatever characters they have.
    #[must_use]
    pub fn with_credentials(mut self, user: &str, password: &str) -> Self {
        // Both fail only for addresses without a host. A `%` would be left alone and read as an escape.
        let _ = self.0.set_username(&user.replace('%', "%25"));
        let _ = self.0.set_password(Some(&password.replace('%', "%25")));
        self
    }

    /// Names it as messages do: `name:port`.
    pub fn place(&self) -> String {
        place(&self.0)
    }

    /// Returns the address with its credentials.
    pub(super) fn url(&self) -> &Url {
        &self.0
    }
}

impl fmt::Debug for Proxy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&super::shown(&self.0))
    }
}

/// What to ask for: one feed's address and what goes with it.
#[derive(Clone, PartialEq, Eq)]
pub struct Target {
    /// Address; userinfo in it is a credential: sent as Basic authentication, never shown (S7).
    pub url: Url,
    /// Extra headers, dropped when a redirect leaves the origin (S6).
    pub headers: Vec<Header>,
    /// What follows [`Settings::user_agent`] after a space (P29). No secret: it goes wherever the feed's
    /// redirects lead.
    pub user_agent_suffix: Option<String>,
    /// Longest time of a poll, in place of [`Settings::timeout`].
    pub timeout: Option<Duration>,
    /// The way to its origin.
    pub route: Route,
}

impl Target {
    /// Returns an address to which nothing special applies.
    pub fn new(url: Url) -> Self {
        Self {
            url,
            headers: Vec::new(),
            user_agent_suffix: None,
            timeout: None,
            route: Route::default(),
        }
    }
}

impl Target {
    /// Returns what to ask for once the feed moved to `url`. What the operator gave for an origin goes to
    /// no other: another scheme, host or port gets neither credentials nor headers (S6).
    #[must_use]
    pub fn moved_to(&self, url: &Url) -> Self {
        let mut url = url.clone();
        let is_at_home = url.origin() == self.url.origin();
        if is_at_home {
            // Both fail only for addresses without a host, which the guard refuses.
            let _ = url.set_username(self.url.username());
            let _ = url.set_password(self.url.password());
        }
        let headers = self.headers.iter().filter(|_| is_at_home);
        Self {
            url,
            headers: headers.cloned().collect(),
            ..self.clone()
        }
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Target")
            .field("url", &super::shown(&self.url))
            .field("headers", &self.headers)
            .field("user_agent_suffix", &self.user_agent_suffix)
            .field("timeout", &self.timeout)
            .field("route", &self.route)
            .finish()
    }
}

//! Routes made ready: what may be reached on each, and the clients that go there.
//!
//! Feeds say how they are to be fetched, and most of them say the same. So there is one [`Way`] for each
//! [`Route`], made when the first feed goes it, and there are as many as the configuration has routes,
//! mostly one, times the limits on connecting that their feeds have (P40), mostly one as well. A table that is filled in beforehand was rejected: it would have to say what becomes of a
//! feed whose route is not in it.

use super::FetchError;
use super::client::{self, Dialling};
use super::failure::{self, Limit, place};
use super::guard::Guard;
use super::kept::{Connection, Kept};
use super::sessions;
use super::settings::{Proxy, Route, Settings};
use super::tls::Tls;
use crate::model::{Failure, FailureKind};
use ipnet::IpNet;
use reqwest::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use reqwest::{Client, Response};
use rustls::client::Resumption;
use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use tokio::time::Instant;
use url::Url;

/// The ways of one configuration.
#[derive(Debug)]
pub(super) struct Routes {
    user_agent: HeaderValue,
    allow_networks: Vec<IpNet>,
    pub(super) tls: Arc<Tls>,
    kept: Arc<Kept>,
    /// Those of a route differ in how long connecting may take.
    ways: Mutex<BTreeMap<Route, Vec<Arc<Way>>>>,
}

impl Routes {
    /// Gets ready; no client is made yet.
    ///
    /// # Errors
    ///
    /// The user agent is no header value.
    pub(super) fn new(settings: &Settings) -> Result<Self, FetchError> {
        let user_agent = HeaderValue::from_str(&settings.user_agent)
            .map_err(|_| FetchError::UserAgent(settings.user_agent.clone()))?;
        Ok(Self {
            user_agent,
            allow_networks: settings.allow_networks.clone(),
            tls: Arc::default(),
            kept: Arc::default(),
            ways: Mutex::default(),
        })
    }

    /// Returns the way of a route, for polls that may take `limit`.
    pub(super) fn way(&self, route: &Route, limit: Duration) -> Arc<Way> {
        let connect_limit = client::connect_limit(limit);
        let is_it = |way: &&Arc<Way>| way.dialling.connect_limit == connect_limit;
        let mut ways = self.ways.lock().unwrap_or_else(PoisonError::into_inner);
        let known = ways.get(route);
        if let Some(way) = known.and_then(|ways| ways.iter().find(is_it)) {
            return Arc::clone(way);
        }
        let sessions = known.and_then(|ways| Some(ways.first()?.sessions.clone()));
        let sessions = sessions.unwrap_or_else(sessions::memory);
        let way = Arc::new(self.prepare(route, connect_limit, sessions));
        ways.entry(route.clone())
            .or_default()
            .push(Arc::clone(&way));
        way
    }

    fn prepare(&self, route: &Route, connect_limit: Duration, sessions: Resumption) -> Way {
        let guard = Guard::new(route.networks(&self.allow_networks));
        let proxy = route.proxy.clone();
        let guard = Arc::new(guard.through(proxy.as_ref().map(Proxy::url)));
        let dialling = Dialling {
            guard: Arc::clone(&guard),
            proxy,
            user_agent: self.user_agent.clone(),
            connect_limit,
        };
        Way {
            guard,
            dialling,
            tls: Arc::clone(&self.tls),
            sessions,
            kept: Arc::clone(&self.kept),
            plain: Clients::default(),
            secure: Clients::default(),
        }
    }
}

/// A client, or why there is none.
type Made = OnceLock<Result<Client, String>>;

/// The clients for one scheme, each made when it is first needed.
#[derive(Default)]
struct Clients {
    /// Makes a connection for each request.
    single: Made,
    /// Keeps connections.
    keeping: Made,
}

/// One route made ready.
pub(super) struct Way {
    pub(super) guard: Arc<Guard>,
    dialling: Dialling,
    tls: Arc<Tls>,
    /// Of this route alone: origins would know again who comes by a proxy at times.
    sessions: Resumption,
    kept: Arc<Kept>,
    plain: Clients,
    secure: Clients,
}

impl Way {
    /// Returns who can ask for an address.
    ///
    /// `http` and `https` have clients of their own, so that a machine without CA certificates can still
    /// fetch over plain HTTP.
    ///
    /// # Errors
    ///
    /// There is no TLS on this machine: it has no CA certificates.
    pub(super) fn caller(&self, url: &Url) -> Result<Caller<'_>, Failure> {
        let is_https = url.scheme() == "https";
        Ok(Caller {
            single: self.client(is_https, false)?,
            way: self,
            is_https,
        })
    }

    fn client(&self, is_https: bool, keeps: bool) -> Result<&Client, Failure> {
        let clients = if is_https { &self.secure } else { &self.plain };
        let made = if keeps {
            &clients.keeping
        } else {
            &clients.single
        };
        let needs_tls = is_https || self.dialling.is_proxy_secure();
        let made = made.get_or_init(|| {
            let tls = needs_tls
                .then(|| self.tls.settings(&self.sessions))
                .transpose()?;
            client::build(&self.dialling, tls, keeps)
        });
        made.as_ref().map_err(|why| {
            let (kind, what) = if needs_tls {
                (FailureKind::Tls, "TLS")
            } else {
                (FailureKind::Connect, "connection")
            };
            Failure::new(kind, format!("no {what} on this machine: {why}"))
        })
    }

    /// Returns how long connecting may take here in a poll.
    pub(super) fn connecting(&self) -> Limit {
        client::connecting(self.dialling.connect_limit)
    }

    /// Says why a request for an address, which may take `limit` to connect, brought no response.
    pub(super) fn failure(&self, error: &reqwest::Error, url: &Url, limit: Limit) -> Failure {
        let proxy = self.dialling.proxy.as_ref();
        if let Some(failure) = proxy.and_then(|proxy| failure::of_proxy(error, proxy.url())) {
            return failure;
        }
        let tunnel = proxy.and_then(|proxy| failure::of_tunnel(error, proxy.url(), url));
        let failure = tunnel.unwrap_or_else(|| failure::of_request(error, &self.place(url), limit));
        Failure {
            proxy_answered: proxy.is_some() && failure::is_answer(error),
            ..failure
        }
    }

    /// Names the host of an address as messages do, and the proxy that is asked in its place.
    pub(super) fn place(&self, url: &Url) -> String {
        match &self.dialling.proxy {
            Some(proxy) => format!("{} by the proxy {}", place(url), place(proxy.url())),
            None => place(url),
        }
    }
}

/// The media type of a form.
const FORM: &str = "application/x-www-form-urlencoded";

/// Asks for addresses of one scheme.
pub(super) struct Caller<'w> {
    way: &'w Way,
    single: &'w Client,
    is_https: bool,
}

impl Caller<'_> {
    /// Sends a form on a connection of its own, and returns the response, of which the head has come.
    ///
    /// # Errors
    ///
    /// There is no response.
    pub(super) async fn post(&self, url: Url, form: String) -> reqwest::Result<Response> {
        let request = self.single.post(url).header(CONTENT_TYPE, FORM);
        request.body(form).send().await
    }

    /// Sends a request and returns the response, of which the head has come.
    ///
    /// # Errors
    ///
    /// There is no response. On a connection that had been kept and was gone, the request was sent once
    /// more on a new one (P20).
    pub(super) async fn get(&self, url: Url, headers: HeaderMap) -> reqwest::Result<Response> {
        let (place, kept) = (self.way.place(&url), &self.way.kept);
        let ask = |client: &Client, url, headers| client.get(url).headers(headers).send();
        let connection = kept.connection(&place, Instant::now());
        if connection == Connection::Single {
            return ask(self.single, url, headers).await;
        }
        // What made the one client makes the other.
        let keeping = self.way.client(self.is_https, true);
        let keeping = keeping.unwrap_or(self.single);
        let answer = ask(keeping, url.clone(), headers.clone()).await;
        match answer {
            Err(error) if connection == Connection::Reused && client::is_stale(&error) => {
                kept.closed(&place);
                ask(self.single, url, headers).await
            }
            Ok(response) if !client::stays_open(&response) => {
                kept.closed(&place);
                Ok(response)
            }
            answer => answer,
        }
    }
}

impl fmt::Debug for Way {
    /// Leaves out the clients, which are told the credentials of the proxy (S7).
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Way")
            .field("guard", &self.guard)
            .field("dialling", &self.dialling)
            .finish_non_exhaustive()
    }
}

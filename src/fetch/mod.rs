//! Asks origins for feeds, conditionally and politely: the only module that opens outgoing sockets.
//!
//! Knows addresses, validators and hosts; knows nothing of feeds beyond that, of schedules or of the
//! store. What happens on the wire comes back as a [`Fetched`], whatever it is.
//!
//! Invariants: nothing is dialled that the address guard does not permit (S1-S5); what the operator
//! gave for an origin goes to no other (S6); no secret is in a [`Fetched`] (S7); one poll is bounded in
//! time, bytes and hops. Nothing is spawned here, and a poll that is dropped leaves nothing behind
//! but, for a while, a connection that may be used again. Whose turn it is to be asked, the caller says, but of who
//! only looks ([`Fetcher::fetch`]).
//!
//! reqwest and its TLS are used, its conveniences are not: see `client`. One poll reads top to bottom
//! in `hops`.

mod answer;
mod ask;
mod client;
mod coding;
mod failure;
mod freshness;
mod guard;
mod hops;
mod kept;
mod ping;
mod ready;
mod route;
mod sessions;
mod settings;
#[cfg(test)]
mod tests;
mod tls;

pub use answer::OVER_LIMIT;
pub use coding::CODINGS;
pub use failure::NO_TLS;
pub use hops::{Journey, Step};
pub use ping::Unheard;
pub use ready::{certificates, resolves};
pub use settings::{Header, Proxy, Route, Settings, Target};

use crate::clock::Clock;
use crate::model::{Fetched, Validators};
use crate::text;
use guard::Guard;
use ipnet::IpNet;
use jiff::Timestamp;
use route::Routes;
use std::collections::BTreeMap;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::Semaphore;
use url::Url;

/// Why fetching cannot be set up.
#[derive(Debug, thiserror::Error)]
pub enum FetchError {
    /// `user-agent` holds characters that no header can carry.
    #[error("the user agent {0:?} cannot be sent in a header")]
    UserAgent(String),
}

/// Fetches feeds; shared by all polls of a process.
#[derive(Debug)]
pub struct Fetcher {
    settings: Settings,
    routes: Routes,
    /// Lets so many exchanges be under way at once.
    slots: Semaphore,
    /// When [`Self::fetch`] had asked which host last.
    asked_at: Mutex<BTreeMap<String, Timestamp>>,
}

/// For so long at the most a host is let rest for who looks at a feed: somebody waits for that, and an origin can make ten hops of one
/// look.
const LONGEST_PAUSE: Duration = Duration::from_secs(5);

impl Fetcher {
    /// Sets up fetching. Opens no socket and reads no certificates yet.
    ///
    /// # Errors
    ///
    /// See [`FetchError`]; no address or network can cause one.
    pub fn new(settings: &Settings) -> Result<Self, FetchError> {
        let slots = settings.concurrency.clamp(1, Semaphore::MAX_PERMITS);
        Ok(Self {
            routes: Routes::new(settings)?,
            slots: Semaphore::new(slots),
            settings: settings.clone(),
            asked_at: Mutex::default(),
        })
    }

    /// Gets ready to ask for a feed; nothing is sent. `validators` make the request conditional at the
    /// address that gave them (P25); empty ones make it unconditional.
    pub fn set_out(&self, target: &Target, validators: &Validators) -> Box<Journey> {
        Box::new(Journey::new(self, target, validators))
    }

    /// Sends the next request of a poll. Its host has to be free for it, which the caller sees to (P32).
    ///
    /// Never fails: what went wrong is the outcome. What comes back at the end:
    ///
    /// - `validators` are complete: to be stored as they are after a 200 (P5, P7), a 226 (P38) or a 304 (P6),
    ///   and empty after anything else, which must change nothing.
    /// - `freshness.retry_after` is that of a response that was no success, a redirect's included.
    /// - `body` is decoded, at most `max-body` long, and there exactly when `outcome` is `Modified`.
    /// - `elapsed` is the time of the exchanges, without the waiting; `wire` tells more of them.
    pub async fn step(&self, journey: Box<Journey>, clock: &dyn Clock) -> Step {
        journey.step(self, clock).await
    }

    /// Asks for a feed once and follows its redirects, for who looks at it and is nobody's agenda. A host that was asked in
    /// this way before, for whatever feed, is let rest first for as long as between two polls, five seconds at most (P32).
    ///
    /// What comes back is that of [`Self::step`].
    pub async fn fetch(
        &self,
        target: &Target,
        validators: &Validators,
        clock: &dyn Clock,
    ) -> Fetched {
        let mut journey = self.set_out(target, validators);
        loop {
            let host = journey.authority();
            if let Some(rested_at) = self.rested_at(&host, clock.now()) {
                clock.wait_until(rested_at).await;
            }
            let step = self.step(journey, clock).await;
            self.asked_at().insert(host, clock.now());
            match step {
                Step::Arrived(fetched) => return *fetched,
                Step::Onward(next) => journey = next,
            }
        }
    }

    /// Returns when a host that was asked has rested. Where that was after `now`, the clock was set back since.
    fn rested_at(&self, host: &str, now: Timestamp) -> Option<Timestamp> {
        let asked_at = self.asked_at().get(host).copied()?;
        let gap = self.settings.host_gap.min(LONGEST_PAUSE);
        asked_at.min(now).checked_add(gap).ok()
    }

    fn asked_at(&self) -> MutexGuard<'_, BTreeMap<String, Timestamp>> {
        self.asked_at.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Says why an address is never asked for on a route; `None` when its host may be reached, as far as that can be told
/// without a resolver (S1, S2, S4).
pub fn refusal(settings: &Settings, route: &Route, url: &Url) -> Option<String> {
    let guard = Guard::new(route.networks(&settings.allow_networks));
    let judged = guard
        .through(route.proxy.as_ref().map(Proxy::url))
        .check(url);
    judged.err().map(|refused| refused.to_string())
}

/// Tells whether an address may be reached where these networks may be, although they are not public.
pub fn permits(networks: &[IpNet], address: IpAddr) -> bool {
    Guard::new(networks).permits(address)
}

/// Returns the host of an address, as `name:port`: who is asked one request at a time (P32).
pub fn authority(url: &Url) -> String {
    failure::place(url)
}

/// Tells whether an address is one of the public internet, as far as it tells itself: a name may lead anywhere.
pub fn is_public(url: &Url) -> bool {
    guard::is_public(url)
}

/// Tells whether an address holds what is a credential, or one by its name: what [`shown`] leaves out of it.
pub fn has_secrets(url: &Url) -> bool {
    !url.username().is_empty() || url.password().is_some() || text::has_secret_query(url.as_str())
}

/// Returns an address fit for logs, the database and outputs (S7): without userinfo and fragment, and
/// with `***` for the values of query parameters that are secrets by their names.
pub fn shown(url: &Url) -> String {
    let mut shown = ask::bare(url);
    if let Some(query) = url.query() {
        shown.set_query(Some(&text::masked_query(query)));
    }
    shown.into()
}

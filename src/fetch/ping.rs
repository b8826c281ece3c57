//! Telling a hub that something it hands on has changed (W12).
//!
//! The hub is the operator's word, and its address is judged as any other: what an operator wrote a year ago
//! may lead elsewhere today. Redirects are not followed: a hub that moved is one to be written anew.

use super::failure::{self, Limit, place};
use super::{Fetcher, Route};
use crate::model::{Failure, FailureKind};
use reqwest::StatusCode;
use std::time::Duration;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

/// How long a hub may take to answer: it has only to note what it is told.
const PATIENCE: Duration = Duration::from_secs(10);

/// Why a hub may not have heard that there is news.
#[derive(Debug)]
pub struct Unheard {
    /// What it was.
    pub failure: Failure,
    /// Whether it answered that it will not hear of this topic, which says nothing of others.
    pub refuses_topic: bool,
}

impl From<Failure> for Unheard {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            refuses_topic: false,
        }
    }
}

impl Fetcher {
    /// Tells `hub` that there is news at `topic`, an address of ours.
    ///
    /// Takes none of the slots of polls, and is bounded in time: a hub that is dead costs nobody anything.
    ///
    /// # Errors
    ///
    /// Why the hub may not have heard it: it is not to be reached, or did not say 2xx.
    pub async fn tell_hub(&self, hub: &Url, topic: &str) -> Result<(), Unheard> {
        let way = self.routes.way(&Route::default(), PATIENCE);
        let blocked = |reason: String| Failure::new(FailureKind::Blocked, reason);
        way.guard
            .check(hub)
            .map_err(|refused| blocked(refused.to_string()))?;
        let caller = way.caller(hub)?;
        let form = form_urlencoded::Serializer::new(String::new())
            .append_pair("hub.mode", "publish")
            .append_pair("hub.url", topic)
            .finish();
        let response = timeout(PATIENCE, caller.post(hub.clone(), form))
            .await
            .map_err(|_| failure::of_silence("no response from", hub, Limit::fixed(PATIENCE)))?
            .map_err(|error| way.failure(&error, hub, Limit::fixed(way.connecting().time)))?;
        let peer = way.guard.check_peer(response.remote_addr());
        peer.map_err(|refused| blocked(refused.to_string()))?;
        heard(response.status(), hub)
    }
}

fn heard(status: StatusCode, hub: &Url) -> Result<(), Unheard> {
    if status.is_success() {
        return Ok(());
    }
    let message = format!("{} answered {}", place(hub), status.as_u16());
    Err(Unheard {
        failure: Failure::new(FailureKind::Http, message),
        refuses_topic: status.is_client_error() && !LATER.contains(&status),
    })
}

/// What a hub answers that wants to be asked later, whatever about.
const LATER: [StatusCode; 3] = [
    StatusCode::REQUEST_TIMEOUT,
    StatusCode::TOO_EARLY,
    StatusCode::TOO_MANY_REQUESTS,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn w12_a_hub_that_refuses_one_topic_may_hear_of_others() {
        let hub = "https://hub.example/".parse().unwrap();
        for (status, expected) in [
            (204, None),
            (302, Some(false)),
            (400, Some(true)),
            (404, Some(true)),
            (408, Some(false)),
            (429, Some(false)),
            (503, Some(false)),
        ] {
            let said = heard(StatusCode::from_u16(status).unwrap(), &hub);
            let refused = said.err().map(|unheard| unheard.refuses_topic);
            assert_eq!(refused, expected, "{status}");
        }
    }
}

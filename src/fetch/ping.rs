//! Telling a hub that something it hands on has changed (W12).
//!
//! The hub is the operator's word, and its address is judged as any other: what an operator wrote a year ago
//! may lead elsewhere today. Redirects are not followed: a hub that moved is one to be written anew.

use super::failure::{self, place};
use super::{Fetcher, Route};
use crate::model::{Failure, FailureKind};
use reqwest::StatusCode;
use std::time::Duration;
use tokio::time::timeout;
use url::{Url, form_urlencoded};

/// How long a hub may take to answer: it has only to note what it is told.
const PATIENCE: Duration = Duration::from_secs(10);

impl Fetcher {
    /// Tells `hub` that there is news at `topic`, an address of ours.
    ///
    /// Takes none of the slots of polls, and is bounded in time: a hub that is dead costs nobody anything.
    ///
    /// # Errors
    ///
    /// Why the hub may not have heard it: it is not to be reached, or did not say 2xx.
    pub async fn tell_hub(&self, hub: &Url, topic: &str) -> Result<(), Failure> {
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
            .map_err(|_| failure::of_silence("no response from", hub, PATIENCE))?
            .map_err(|error| way.failure(&error, hub))?;
        let peer = way.guard.check_peer(response.remote_addr());
        peer.map_err(|refused| blocked(refused.to_string()))?;
        heard(response.status(), hub)
    }
}

fn heard(status: StatusCode, hub: &Url) -> Result<(), Failure> {
    if status.is_success() {
        return Ok(());
    }
    let message = format!("{} answered {}", place(hub), status.as_u16());
    Err(Failure::new(FailureKind::Http, message))
}

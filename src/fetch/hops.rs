//! One poll on the wire: the redirects, each behind the guard.
//!
//! The client follows nothing by itself. Each hop is judged, recorded, and a step of its own, so that
//! whoever takes the steps can wait for the turn of the host that comes next. The time limits (P40: connecting, silence, the whole) count the hops and not the waiting between them,
//! and run on the runtime's own timer: sockets keep real time, whatever the [`Clock`] says.

use super::answer::{self, Answer, Asked};
use super::ask::{Ask, bare};
use super::failure::{self, Limit, place};
use super::freshness::{freshness, max_age};
use super::guard::Refused;
use super::route::{Caller, Way};
use super::{Fetcher, Target};
use crate::clock::Clock;
use crate::model::{
    Failure, FailureKind, Fetched, Freshness, Hop, Outcome, Reached, Validators, Wire,
};
use jiff::Timestamp;
use reqwest::Response;
use std::sync::Arc;
use std::time::Duration;
use std::{fmt, mem};
use tokio::time::{Instant, timeout};
use url::Url;

/// Redirects that are followed: real chains have up to five, browsers stop at twenty (P24).
const MAX_HOPS: usize = 10;

/// An origin may be silent for half of the time limit, before its response or in it: 15 s by default
/// (P40). Who has said nothing by then will not be done by the end.
const SILENCE_SHARE: u32 = 2;
const SILENCE_PART: &str = "half";

/// A poll on the wire, between two of its requests.
pub struct Journey {
    /// What is asked next, or why nothing can be.
    next: Result<Ask, Failure>,
    /// Where it began.
    start: Url,
    validators: Validators,
    /// The way to all of them.
    way: Arc<Way>,
    /// Longest time of all exchanges together (P40).
    limit: Duration,
    /// The last status seen.
    status: Option<u16>,
    /// The address that answered last, at first the configured one.
    url: String,
    hops: Vec<Hop>,
    /// The longest `Retry-After` of the redirects (P17).
    retry_after: Option<Duration>,
    /// Time spent in exchanges, without the waiting for turns.
    elapsed: Duration,
    /// That up to the head of the last response, where the last request had one.
    head_after: Option<Duration>,
    reached: Option<Reached>,
    asked_at: Option<Timestamp>,
}

impl fmt::Debug for Journey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Journey").field(&self.authority()).finish()
    }
}

/// What one request of a poll led to.
#[derive(Debug)]
pub enum Step {
    /// To the end of the poll.
    Arrived(Box<Fetched>),
    /// To another request.
    Onward(Box<Journey>),
}

/// What one response led to.
enum Led {
    ToAnswer(Box<Answer>),
    To(Url),
}

impl Journey {
    /// Gets ready; nothing is sent.
    pub(super) fn new(fetcher: &Fetcher, target: &Target, validators: &Validators) -> Self {
        let start = bare(&target.url);
        let limit = target.timeout.unwrap_or(fetcher.settings.timeout);
        Self {
            next: Ask::new(target, &fetcher.settings.user_agent),
            way: fetcher.routes.way(&target.route, limit),
            limit,
            url: start.as_str().to_owned(),
            start,
            validators: validators.clone(),
            status: None,
            hops: Vec::new(),
            retry_after: None,
            elapsed: Duration::ZERO,
            head_after: None,
            reached: None,
            asked_at: None,
        }
    }

    /// Returns when the host answered that was asked last, if it did.
    pub fn reached(&self) -> Option<Reached> {
        self.reached
    }

    /// Returns whom the next request is for: a host, as `name:port`.
    pub fn authority(&self) -> String {
        place(self.next.as_ref().map_or(&self.start, Ask::url))
    }

    /// Sends the next request.
    pub(super) async fn step(mut self: Box<Self>, fetcher: &Fetcher, clock: &dyn Clock) -> Step {
        let mut ask = match self.take_next() {
            Ok(ask) => ask,
            Err(failure) => return self.arrived(Answer::failed(failure)),
        };
        let answer = match self.hop(&ask, fetcher, clock).await {
            Ok(Led::To(next)) if next == self.start => Err(circle(&next)),
            Ok(Led::To(next)) => {
                ask.follow(&next);
                self.next = Ok(ask);
                return Step::Onward(self);
            }
            Ok(Led::ToAnswer(answer)) if answer.outcome == Outcome::Gone => self.gone(*answer),
            Ok(Led::ToAnswer(answer)) => Ok(*answer),
            Err(failure) => Err(failure),
        };
        self.arrived(answer.unwrap_or_else(Answer::failed))
    }

    fn take_next(&mut self) -> Result<Ask, Failure> {
        let taken = Failure::new(FailureKind::Broken, "the poll is over");
        mem::replace(&mut self.next, Err(taken))
    }

    fn arrived(self, answer: Answer) -> Step {
        Step::Arrived(Box::new(Fetched {
            outcome: answer.outcome,
            status: self.status,
            url: self.url,
            hops: self.hops,
            validators: answer.validators,
            freshness: Freshness {
                retry_after: answer.freshness.retry_after.max(self.retry_after),
                ..answer.freshness
            },
            charset: answer.charset,
            body: answer.body,
            open_ended: answer.open_ended,
            elapsed: self.elapsed,
            wire: Wire {
                head_after: self.head_after,
                coding: answer.coding,
            },
            reached: self.reached,
            asked_at: self.asked_at,
        }))
    }

    /// Sends one request and reads what it brings, when there is a slot for it.
    async fn hop(
        &mut self,
        ask: &Ask,
        fetcher: &Fetcher,
        clock: &dyn Clock,
    ) -> Result<Led, Failure> {
        let url = ask.url();
        let way = Arc::clone(&self.way);
        let refused = way.guard.check(url);
        refused.map_err(|refused| self.refuse(&refused))?;
        let caller = way.caller(url)?;
        // Fails only when the semaphore is closed, which nobody does.
        let _slot = fetcher.slots.acquire().await.ok();
        let limit = self.limit;
        let left = limit.saturating_sub(self.elapsed);
        let started_at = Instant::now();
        let led = timeout(left, self.exchange(&caller, ask, fetcher, clock)).await;
        self.elapsed += started_at.elapsed();
        led.unwrap_or_else(|_| Err(timed_out(url, limit)))
    }

    async fn exchange(
        &mut self,
        caller: &Caller<'_>,
        ask: &Ask,
        fetcher: &Fetcher,
        clock: &dyn Clock,
    ) -> Result<Led, Failure> {
        let url = ask.url();
        let patience = Limit::of_timeout(self.limit / SILENCE_SHARE, SILENCE_PART);
        (self.head_after, self.reached) = (None, None);
        self.asked_at = Some(clock.now());
        let began_at = Instant::now();
        let headers = ask.headers(&self.validators);
        let asking = caller.get(ask.url_with_credentials(), headers);
        let response = timeout(patience.time, asking)
            .await
            .map_err(|_| failure::of_silence("no response from", url, patience))?
            .map_err(|error| self.way.failure(&error, url, self.way.connecting()))?;
        self.head_after = Some(self.elapsed + began_at.elapsed());
        let peer = self.way.guard.check_peer(response.remote_addr());
        peer.map_err(|refused| self.refuse(&refused))?;
        let at = clock.now();
        self.reached = self.way.guard.reached(&response, at);
        self.status = Some(response.status().as_u16());
        url.as_str().clone_into(&mut self.url);
        if answer::is_redirect(&response) {
            return self.redirected(&response, url, at);
        }
        let conditional = ask.is_conditional(&self.validators);
        let asked = Asked {
            url,
            digest: ask.digest(),
            validators: conditional.then_some(&self.validators),
            max_body: fetcher.settings.max_body,
            patience,
            now: at,
        };
        let answer = answer::read(response, &asked).await?;
        Ok(Led::ToAnswer(Box::new(answer)))
    }

    fn redirected(
        &mut self,
        response: &Response,
        url: &Url,
        now: Timestamp,
    ) -> Result<Led, Failure> {
        let headers = response.headers();
        let freshness = freshness(headers, max_age(headers, None), now);
        self.retry_after = self.retry_after.max(freshness.retry_after);
        let next = answer::location(response, url)?;
        if self.hops.iter().any(|hop| hop.url == next.as_str()) {
            return Err(circle(&next));
        }
        if self.hops.len() == MAX_HOPS {
            let message = format!("more than {MAX_HOPS} redirects, the last by {}", place(url));
            return Err(Failure::new(FailureKind::Redirect, message));
        }
        self.hops.push(Hop {
            status: response.status().as_u16(),
            url: next.as_str().to_owned(),
        });
        Ok(Led::To(next))
    }

    /// Takes a 410 for the end of the feed only where its own address says so, or one it moved to for
    /// good: where it was sent for the time being, another thing may have gone (P21).
    fn gone(&self, answer: Answer) -> Result<Answer, Failure> {
        if self.hops.iter().all(|hop| matches!(hop.status, 301 | 308)) {
            return Ok(answer);
        }
        let message = "410 Gone behind a temporary redirect";
        Err(Failure::new(FailureKind::Http, message))
    }

    fn refuse(&self, refused: &Refused) -> Failure {
        let message = if self.hops.is_empty() {
            refused.to_string()
        } else {
            format!("redirect refused: {refused}")
        };
        Failure::new(FailureKind::Blocked, message)
    }
}

fn timed_out(url: &Url, limit: Duration) -> Failure {
    let message = format!("no complete response from {} within {limit:?}", place(url));
    Failure::new(FailureKind::Timeout, message)
}

fn circle(next: &Url) -> Failure {
    let message = format!("redirects lead in a circle, back to {}", place(next));
    Failure::new(FailureKind::Redirect, message)
}

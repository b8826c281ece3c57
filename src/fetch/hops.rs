//! One poll on the wire: the redirects, each behind the guard and in its host's turn.
//!
//! The client follows nothing by itself. Each hop is judged, waits for its host, and is recorded. The
//! time limits (P40: connecting, silence, the whole) count the hops and not the waiting between them,
//! and run on the runtime's own timer: sockets keep real time, whatever the [`Clock`] says.

use super::answer::{self, Answer, Asked};
use super::ask::{Ask, bare};
use super::failure::{self, place};
use super::freshness::freshness;
use super::guard::Refused;
use super::{Fetcher, Target};
use crate::clock::Clock;
use crate::model::{Failure, FailureKind, Fetched, Freshness, Hop, Outcome, Validators};
use reqwest::{Client, Response};
use std::time::Duration;
use tokio::time::{Instant, timeout};
use url::Url;

/// Redirects that are followed: real chains have up to five, browsers stop at twenty (P24).
const MAX_HOPS: usize = 10;

/// An origin may be silent for half of the time limit, before its response or in it: 15 s by default
/// (P40). Who has said nothing by then will not be done by the end.
const SILENCE_SHARE: u32 = 2;

/// What is known of a poll so far.
#[derive(Debug)]
pub(super) struct Journey<'a> {
    fetcher: &'a Fetcher,
    validators: &'a Validators,
    clock: &'a dyn Clock,
    /// The last status seen.
    status: Option<u16>,
    /// The address that answered last, at first the configured one.
    url: String,
    hops: Vec<Hop>,
    /// The longest `Retry-After` of the redirects (P17).
    retry_after: Option<Duration>,
    /// Time spent in exchanges, without the waiting for turns.
    elapsed: Duration,
}

/// What one request led to.
enum Step {
    Arrived(Box<Answer>),
    Redirected(Url),
}

impl<'a> Journey<'a> {
    /// Gets ready; nothing is sent.
    pub(super) fn new(
        fetcher: &'a Fetcher,
        validators: &'a Validators,
        clock: &'a dyn Clock,
    ) -> Self {
        Self {
            fetcher,
            validators,
            clock,
            status: None,
            url: String::new(),
            hops: Vec::new(),
            retry_after: None,
            elapsed: Duration::ZERO,
        }
    }

    /// Asks `target` and goes where it leads.
    pub(super) async fn run(mut self, target: &Target) -> Fetched {
        self.url = bare(&target.url).into();
        let answer = match Ask::new(target) {
            Ok(ask) => self.follow(ask).await,
            Err(failure) => Err(failure),
        };
        let answer = answer.unwrap_or_else(Answer::failed);
        Fetched {
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
            elapsed: self.elapsed,
        }
    }

    async fn follow(&mut self, mut ask: Ask) -> Result<Answer, Failure> {
        let start = ask.url().clone();
        loop {
            match self.hop(&ask).await? {
                Step::Arrived(answer) if answer.outcome == Outcome::Gone => {
                    return self.gone(*answer);
                }
                Step::Arrived(answer) => return Ok(*answer),
                Step::Redirected(next) if next == start => return Err(circle(&next)),
                Step::Redirected(next) => ask.follow(&next),
            }
        }
    }

    /// Sends one request in its host's turn; the turn ends with the response's last byte.
    async fn hop(&mut self, ask: &Ask) -> Result<Step, Failure> {
        let fetcher = self.fetcher;
        let url = ask.url();
        fetcher
            .guard
            .check(url)
            .map_err(|refused| self.refuse(&refused))?;
        let client = fetcher.clients.of(url.scheme()).map_err(no_tls)?;
        let _pass = fetcher.gate.enter(&place(url), self.clock).await;
        let left = fetcher.settings.timeout.saturating_sub(self.elapsed);
        let started_at = Instant::now();
        let step = timeout(left, self.exchange(client, ask)).await;
        self.elapsed += started_at.elapsed();
        step.unwrap_or_else(|_| Err(self.timed_out(url)))
    }

    async fn exchange(&mut self, client: &Client, ask: &Ask) -> Result<Step, Failure> {
        let url = ask.url();
        let patience = self.fetcher.settings.timeout / SILENCE_SHARE;
        let request = client
            .get(ask.url_with_credentials())
            .headers(ask.headers(self.validators));
        let response = timeout(patience, request.send())
            .await
            .map_err(|_| failure::of_silence("no response from", url, patience))?
            .map_err(|error| failure::of_request(&error, url))?;
        let peer = self.fetcher.guard.check_peer(response.remote_addr());
        peer.map_err(|refused| self.refuse(&refused))?;
        self.status = Some(response.status().as_u16());
        url.as_str().clone_into(&mut self.url);
        if answer::is_redirect(&response) {
            return self.redirected(&response, url);
        }
        let conditional = ask.is_conditional(self.validators);
        let asked = Asked {
            url,
            validators: conditional.then_some(self.validators),
            max_body: self.fetcher.settings.max_body,
            patience,
            now: self.clock.now(),
        };
        let answer = answer::read(response, &asked).await?;
        Ok(Step::Arrived(Box::new(answer)))
    }

    fn redirected(&mut self, response: &Response, url: &Url) -> Result<Step, Failure> {
        let freshness = freshness(response.headers(), self.clock.now());
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
        Ok(Step::Redirected(next))
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

    fn timed_out(&self, url: &Url) -> Failure {
        let limit = self.fetcher.settings.timeout;
        let message = format!("no complete response from {} within {limit:?}", place(url));
        Failure::new(FailureKind::Timeout, message)
    }
}

fn circle(next: &Url) -> Failure {
    let message = format!("redirects lead in a circle, back to {}", place(next));
    Failure::new(FailureKind::Redirect, message)
}

fn no_tls(why: &str) -> Failure {
    Failure::new(FailureKind::Tls, format!("no TLS on this machine: {why}"))
}

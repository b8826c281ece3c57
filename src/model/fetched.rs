//! What one HTTP exchange brought, and what it shows of who was asked.

use super::{Outcome, Validators};
use jiff::Timestamp;
use std::time::Duration;

/// How long a response says that it stays fresh (RFC 9111, 4.2).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Freshness {
    /// `max-age`, else `Expires` minus `Date`; `Age` subtracted; `None` when the response is silent.
    pub lifetime: Option<Duration>,
    /// `Retry-After`, either form, as a span from the response's own `Date` (P16, P17).
    pub retry_after: Option<Duration>,
}

/// One redirect that was followed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// The status: 301, 302, 303, 307 or 308.
    pub status: u16,
    /// Where it led, absolute.
    pub url: String,
}

/// That a host answered, which shows that there is a way to it.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Reached {
    /// When the head of its last answer came.
    pub at: Timestamp,
    /// Whether it is on this machine, in a network that is not public, or behind a proxy that may speak for itself: the way to
    /// others is not shown by it.
    pub is_near: bool,
}

/// How an exchange went, for operators to look at: nothing is decided by it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Wire {
    /// Time of the exchanges up to the head of the last response; `None` when the last request had none.
    pub head_after: Option<Duration>,
    /// In what coding the body came, by a name of few; `None` without one.
    pub coding: Option<&'static str>,
}

/// What one HTTP exchange (with its redirects) brought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fetched {
    /// How it ended. `Modified` here means: a 200 with a body; the caller compares the bytes.
    pub outcome: Outcome,
    /// The last status line seen.
    pub status: Option<u16>,
    /// The address that answered last; the configured one when nothing answered.
    pub url: String,
    /// The redirects on the way.
    pub hops: Vec<Hop>,
    /// Validators of this response, to be stored with what it brought (P5, P6, P7).
    pub validators: Validators,
    /// What it says about coming back.
    pub freshness: Freshness,
    /// `charset` of its `Content-Type`.
    pub charset: Option<String>,
    /// The decoded body of a 200 or a 226.
    pub body: Option<Vec<u8>>,
    /// Whether nothing but the end of the connection told where the body ends: it may have been cut off, and
    /// nobody can tell (P41).
    pub open_ended: bool,
    /// Wall time of the exchange.
    pub elapsed: Duration,
    /// How it went.
    pub wire: Wire,
    /// When the last request began, if one was made.
    pub asked_at: Option<Timestamp>,
    /// When the host answered that was asked last, if it did.
    pub reached: Option<Reached>,
}

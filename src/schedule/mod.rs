//! When a feed is due, and why then; and where it is to be asked for (`moved`).
//!
//! Knows what a poll leaves behind ([`FeedState`](crate::model::FeedState)), how it ended and what the
//! operator wants ([`Policy`]); knows no clock, no network and no store. Pure: the same arguments give
//! the same instant, and the jitter is a hash.
//!
//! Invariants, held by property tests: a feed is never due before its least interval, before its
//! schedule says, or before a `Retry-After` ends (P12, P15, P17); jitter only delays (P13); a failing
//! feed is never given up (P19); only a feed that is gone, or whose cron line fires no more, is never
//! due.
//!
//! Who has the say: `Retry-After` over everything; back-off over the schedule; then the operator's
//! `every` or cron line exactly as written, without jitter and whatever the publisher's hints, because
//! who writes a time wants that time (the pace of hosts spreads what falls together). Only `adaptive`
//! listens to rhythm, `ttl`, update period and freshness, and keeps the hours and days of rest that a feed
//! asks for (P35).

mod adaptive;
mod advance;
mod agenda;
mod backoff;
mod civil;
mod cron;
mod due;
mod jitter;
mod moved;
mod network;
mod pace;
mod periods;
mod policy;
mod rest;
mod rhythm;
#[cfg(test)]
mod tests;
mod words;

pub use advance::advance;
pub use agenda::{Agenda, End, Turn};
pub use backoff::LONGEST_RETRY_AFTER;
pub use cron::{CronError, CronLine};
pub use due::{
    decided_anew, due_after_crowd, due_after_proxy, due_as_let_in, due_at, due_in_doubt,
    reads_archive,
};
pub use moved::{moved_after, what_is_sure};
pub use network::{Attempt, Doubt, Network};
pub use pace::Refusal;
pub use periods::comes_round;
pub use policy::{FASTEST, Policy, Schedule};
pub use rhythm::rhythm;
pub use words::span;

//! The control socket: how a command asks the daemon that runs for something, and what it is answered.
//!
//! A unix socket, so that the file system says who may ask. A request is one line of JSON, and so is the
//! answer. Knows requests, answers and the socket; what a request means is the daemon's business.
//!
//! - `wire`: the two lines; `polled`: what polls came to, in an answer;
//! - `socket`: the daemon's end; the file is whole and closed to others from its first moment on;
//!   `waiting`: who has connected and said nothing yet;
//! - `ask`: the command's end.
//!
//! Invariants: a request is bounded in bytes and time, requests are bounded in number, and a client that says
//! nothing keeps nobody waiting, however many they are; an accept that fails ends nothing; a socket that a process listens at is never taken from it, one that a dead
//! process left is.
//!
//! HTTP over the listener for readers was weighed and rejected: whoever may read feeds is not whoever may
//! reload, and behind a proxy everybody comes from this machine.

mod ask;
mod polled;
mod socket;
#[cfg(test)]
mod tests;
mod waiting;
mod wire;

pub use ask::{AskError, ask, ask_soon, ask_telling, ask_within};
pub use polled::{Polled, Unpolled};
pub use socket::{Asked, BindError, Listener, NOT_UNDERSTOOD, serve};
pub use wire::{Answer, Awaited, InDoubt, Need, Queue, Request, Resting, Running, Verdict};

/// Name of the socket in its directory.
pub const SOCKET: &str = "control.sock";

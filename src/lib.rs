//! Merganser polls many feeds, keeps one copy of each article and publishes one merged feed and one
//! feed per topic.
//!
//! A poll runs through the stages in this order; each takes a value and returns a value, and no stage
//! knows another: `daemon::poll` hands on what one made to the next.
//!
//! 1. [`schedule`] says which feed is due, and after the poll, when it is due next and why.
//! 2. [`fetch`] asks the origin, conditionally and behind the address guard.
//! 3. [`parse`] turns bytes into a parsed feed and a list of defects.
//! 4. [`normalize`] makes entries of it: identity keys, clean HTML, honest times.
//! 5. [`classify`] says which topics an entry is in, with the evidence.
//! 6. [`dedupe`] decides what an entry is to what is stored: new, a revision, a copy.
//! 7. [`store`] takes the whole poll in one transaction.
//! 8. [`publish`] renders the outputs that changed, [`serve`] hands them out from memory, and [`mirror`]
//!    writes them as files where that is wanted.
//!
//! Which module may know which other is fixed in `ARCHITECTURE.md` and held by `tests/tidy.rs`.

pub mod classify;
pub mod cli;
pub mod clock;
pub mod config;
pub mod control;
pub mod daemon;
pub mod dedupe;
pub mod fetch;
pub mod mirror;
pub mod model;
pub mod normalize;
pub mod parse;
pub mod publish;
pub mod schedule;
pub mod serve;
pub mod store;
pub mod text;

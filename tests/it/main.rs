//! The whole daemon in process, stepped under a hand-moved clock against a scripted origin, the real
//! binary at its command line, and the corpus of documents. Nothing sleeps, nothing leaves this machine.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::panic,
    clippy::disallowed_methods,
    reason = "a test that fails panics; the scripted origin is spawned here"
)]

mod addresses;
mod archives;
mod asked;
mod backfill;
mod backups;
mod broken;
mod by_hand;
mod canary;
mod checking;
mod commands;
mod conformance;
mod control;
mod corpus;
mod crowds;
mod deltas;
mod demo;
mod displaced;
mod doctoring;
mod documented;
mod documents;
mod doubts;
mod editing;
mod file_links;
mod files;
mod forbidden;
mod hammered;
mod health;
mod hints;
mod hosts;
mod hubs;
mod hung;
mod identity;
mod late_entries;
mod leads;
mod lengths;
mod logging;
mod loops;
mod meanwhile;
mod mentions;
mod migrating;
mod mistaken;
mod moved;
mod needs;
mod notify;
mod opened;
mod operators;
mod origin;
mod outputs;
mod pages;
mod planned;
mod polling;
mod program;
mod protect;
mod proxies;
mod quiet;
mod readers;
mod relabel;
mod reload;
mod replays;
mod reported;
mod rescheduled;
mod restored;
mod revisions;
mod search;
mod serving;
mod shipped;
mod sockets;
mod storage;
mod stories;
mod story_pages;
mod stranger;
mod subscriptions;
mod terminal;
mod test_daemon;
mod texts;
mod told;
mod tombstones;
mod topics;
mod typed;
mod units;
mod unjudged;
mod wanted;
mod watching;
mod whole_stories;
mod why;
mod withheld;

//! Every promise of docs/protocol.md to origins (P) and every one about fetching (S1 to S9, S20), kept by
//! the whole daemon before a publisher that is made of raw bytes.
//!
//! A test's name begins with the id that it is for. What is looked at is what others can see: the bytes
//! that came to the publisher and when, what the database remembers, what is published. Cases by the dozen
//! stand with the code, in `src/fetch` and `src/schedule`; here each promise is kept once from end to end.

mod bodies;
mod freshness;
mod guard;
mod kroll;
mod manners;
mod pacing;
mod redirects;
mod rig;
mod secrets;
mod tls;
mod trap;
mod validators;
mod wire;

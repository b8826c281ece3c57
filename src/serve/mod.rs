//! The only module that listens: hands out rendered documents over HTTP/1.1 from memory.
//!
//! Knows a [`Shelf`] of documents by path, with the archives beside them, and the [`Vitals`] of the daemon; no
//! store, no templates, no files but those of archives. A request can read these and nothing else.
//!
//! - `resource`: one document with everything that a response needs, made once when it is rendered;
//!   `packed`: its compressed forms.
//! - `shelf`: what is served now, replaced as a whole (U27).
//! - `answer`: a request to its response, a pure function: 200, 304, 404, 405, 503.
//! - `report`: what operators alone are told; `traffic`: what is counted of the answers.
//! - `lock`: who may read a protected output.
//! - `archive`: documents that never change and are too many for the memory, read from files piece by piece;
//! - `preconditions` and `coding`: what the request's fields ask for.
//! - `connections`: sockets and the orderly end; `crowd`: who gives way when all places are taken;
//!   `limits`: what a client may cost.
//!
//! Invariants: paths are compared as they came, never decoded and never joined to anything (S19), and the name of
//! a file is made of what we know; what a
//! client sends is never echoed (S16); a client that is slow, silent or many holds a bounded share of
//! memory and is let go after a bounded time.

mod answer;
mod archive;
mod coding;
mod connections;
mod crowd;
mod limits;
mod lock;
mod packed;
mod preconditions;
mod report;
mod resource;
mod shelf;
#[cfg(test)]
mod tests;
mod traffic;

pub use archive::{ARCHIVE_SUFFIX, Archive, DISK_READERS, packed, unpacked};
pub use connections::{adopt, bind, serve};
pub use lock::Lock;
pub use report::Report;
pub use resource::{FILE_SUFFIXES, Resource, Terms, digest};
pub use shelf::{Expected, Shelf, Vitals};
pub use traffic::Traffic;

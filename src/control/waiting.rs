//! Clients that have connected and not said yet what they want.

use super::socket::Limits;
use futures_util::future::{AbortHandle, Abortable};
use futures_util::stream::{FuturesUnordered, StreamExt};
use std::collections::BTreeMap;
use std::io;
use std::pin::Pin;
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncReadExt, BufReader};
use tokio::net::UnixStream;
use tokio::time::timeout;

/// The longest request: a path has 4096 bytes at most, and six times that where each is escaped.
pub(super) const REQUEST_BYTES: u64 = 32 * 1024;

/// What a client said.
pub(super) struct Heard {
    pub(super) client: UnixStream,
    /// The line, or why there is none.
    pub(super) request: io::Result<String>,
}

/// Listens to one client; none where it said nothing in time.
type Hearing = Pin<Box<dyn Future<Output = (u64, Option<Heard>)> + Send>>;

/// Those who are listened to. When there is one more than there may be, the oldest gives way: whoever knows what
/// to say has said it by then.
#[derive(Default)]
pub(super) struct Waiting {
    hearings: FuturesUnordered<Abortable<Hearing>>,
    /// Ends them, by their numbers.
    places: BTreeMap<u64, AbortHandle>,
    entered: u64,
}

impl Waiting {
    /// Begins to listen to a client.
    pub(super) fn enter(&mut self, client: UnixStream, limits: Limits) {
        if self.places.len() >= limits.clients
            && let Some((_, oldest)) = self.places.pop_first()
        {
            oldest.abort();
        }
        self.entered = self.entered.wrapping_add(1);
        let (handle, registration) = AbortHandle::new_pair();
        let hearing: Hearing = Box::pin(hear(self.entered, client, limits.patience));
        self.hearings.push(Abortable::new(hearing, registration));
        self.places.insert(self.entered, handle);
    }

    /// Waits for the next who is listened to no more, and returns what it said; `None` where there is nobody.
    pub(super) async fn next(&mut self) -> Option<Option<Heard>> {
        let Ok((number, heard)) = self.hearings.next().await? else {
            return Some(None);
        };
        self.places.remove(&number);
        Some(heard)
    }
}

/// Reads one line.
async fn hear(number: u64, mut client: UnixStream, patience: Duration) -> (u64, Option<Heard>) {
    let mut line = String::new();
    let mut reader = BufReader::new((&mut client).take(REQUEST_BYTES));
    let read = timeout(patience, reader.read_line(&mut line)).await;
    let heard = read.ok().map(|read| Heard {
        request: read.map(|_| line),
        client,
    });
    (number, heard)
}

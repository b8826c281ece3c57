//! Polls that end about together are stored together.
//!
//! The writer is done with one poll before the next one ends, so left alone it makes a transaction of
//! each; starting and ending these, and waking each other, costs more than what is written. So a poll that
//! has ended waits a moment for others: until there are enough, or none that could come, or the moment is
//! over. While others are being stored more may come, since the next are asked for when these are done:
//! without waiting for that, groups that were once small would stay so.

use crate::model::{PollCounts, PollRecord};
use crate::store::{Store, StoreError};
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::oneshot::error::RecvError;
use tokio::sync::{oneshot, watch};
use tokio::time::timeout;

/// How long a poll waits for others at most: too short for a reader to notice, and long enough for a dozen
/// answers when thousands of feeds are polled.
const MOMENT: Duration = Duration::from_millis(10);

/// Polls that are enough: what one transaction takes.
const ENOUGH: usize = 64;

/// What became of a record.
type Stored = Result<PollCounts, StoreError>;

/// Where polls wait for each other.
#[derive(Debug)]
pub(super) struct Gather {
    store: Store,
    state: Mutex<State>,
    /// Groups that are being stored.
    groups: watch::Sender<usize>,
}

#[derive(Debug, Default)]
struct State {
    /// Requests under way: each may end in a poll to be stored.
    requests: usize,
    /// Polls that wait, and where each is told what became of it.
    waiting: Vec<(PollRecord, oneshot::Sender<Stored>)>,
}

/// A request under way; over when it is dropped.
#[derive(Debug)]
pub(super) struct Request {
    gather: Arc<Gather>,
}

impl Gather {
    /// Makes a place where nobody waits.
    pub(super) fn new(store: Store) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::default(),
            groups: watch::Sender::new(0),
        })
    }

    /// Stores what waits, and returns when all of it is stored that was here before.
    pub(super) async fn flush(self: &Arc<Self>) {
        self.let_go(&mut self.state());
        let mut groups = self.groups.subscribe();
        // Fails only when the sender is gone, which is here.
        drop(groups.wait_for(|groups| *groups == 0).await);
    }

    /// Says that a request begins.
    pub(super) fn request(self: &Arc<Self>) -> Request {
        self.state().requests += 1;
        Request {
            gather: Arc::clone(self),
        }
    }

    /// Stores a record with those of other polls, after a moment at most. `request` is the one that it
    /// comes of, which is over.
    ///
    /// Once it is here it is stored, whether or not the caller waits for that.
    pub(super) async fn store(
        self: &Arc<Self>,
        record: PollRecord,
        request: Option<Request>,
    ) -> Stored {
        let (reply, mut answer) = oneshot::channel();
        let is_first = {
            let mut state = self.state();
            state.waiting.push((record, reply));
            state.waiting.len() == 1
        };
        drop(request);
        self.let_go_if_enough(&mut self.state());
        // The first looks at the clock for all. Whoever drops it flushes.
        if is_first {
            match timeout(MOMENT, &mut answer).await {
                Ok(stored) => return self.answered(stored),
                Err(_) => self.let_go(&mut self.state()),
            }
        }
        self.answered(answer.await)
    }

    fn answered(&self, stored: Result<Stored, RecvError>) -> Stored {
        stored.unwrap_or_else(|_| Err(self.store.stopped()))
    }

    fn let_go_if_enough(self: &Arc<Self>, state: &mut State) {
        let none_can_come = state.requests == 0 && *self.groups.borrow() == 0;
        if state.waiting.len() >= ENOUGH || none_can_come {
            self.let_go(state);
        }
    }

    /// Stores what waits, in a task that does not end with any of the polls.
    fn let_go(self: &Arc<Self>, state: &mut State) {
        let group = mem::take(&mut state.waiting);
        if group.is_empty() {
            return;
        }
        // Without a runtime the daemon was dropped rather than stopped: as if it had been killed.
        let Ok(runtime) = Handle::try_current() else {
            return;
        };
        let stored = Storing::of(self);
        let gather = Arc::clone(self);
        drop(runtime.spawn(async move {
            let _stored = stored;
            let (records, replies): (Vec<_>, Vec<_>) = group.into_iter().unzip();
            // Without a writer no reply is sent, and each poll makes its own of that.
            let stored = gather.store.record(records).await.unwrap_or_default();
            for (reply, stored) in replies.into_iter().zip(stored) {
                // Whoever asked may have gone.
                drop(reply.send(stored));
            }
        }));
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A group that is being stored; is no more when it is dropped.
struct Storing(Arc<Gather>);

impl Storing {
    fn of(gather: &Arc<Gather>) -> Self {
        gather.groups.send_modify(|groups| *groups += 1);
        Self(Arc::clone(gather))
    }
}

impl Drop for Storing {
    fn drop(&mut self) {
        self.0.groups.send_modify(|groups| *groups -= 1);
    }
}

impl Drop for Request {
    fn drop(&mut self) {
        let mut state = self.gather.state();
        state.requests = state.requests.saturating_sub(1);
        self.gather.let_go_if_enough(&mut state);
    }
}

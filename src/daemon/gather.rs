//! Polls that end about together are stored together.
//!
//! The writer is done with one poll before the next one ends, so left alone it makes a transaction of
//! each; starting and ending these, and waking each other, costs more than what is written. So a poll that
//! has ended waits a moment for others: until there are enough, or none that could come, or the moment is
//! over.

use crate::model::{PollCounts, PollRecord};
use crate::store::{Store, StoreError};
use futures_util::future::join_all;
use std::mem;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::{oneshot, watch};

/// How long a poll waits for others at most: too short for a reader to notice, and long enough for a dozen
/// answers when thousands of feeds are polled.
const MOMENT: Duration = Duration::from_millis(10);

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

#[derive(Debug)]
struct State {
    /// So many are enough.
    enough: usize,
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
    /// Makes a place where `enough` polls are enough.
    pub(super) fn new(store: Store, enough: usize) -> Arc<Self> {
        Arc::new(Self {
            store,
            state: Mutex::new(State {
                enough,
                requests: 0,
                waiting: Vec::new(),
            }),
            groups: watch::Sender::new(0),
        })
    }

    /// Says how many are enough from now on.
    pub(super) fn set_enough(&self, enough: usize) {
        self.state().enough = enough;
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

    /// Stores a record with those of other polls, after a moment at most.
    ///
    /// Once it is here it is stored, whether or not the caller waits for that.
    pub(super) async fn store(self: &Arc<Self>, record: PollRecord) -> Stored {
        let (reply, mut answer) = oneshot::channel();
        {
            let mut state = self.state();
            state.waiting.push((record, reply));
            self.let_go_if_enough(&mut state);
        }
        let mut stored = tokio::time::timeout(MOMENT, &mut answer).await.ok();
        if stored.is_none() {
            self.let_go(&mut self.state());
            stored = Some(answer.await);
        }
        let stored = stored.and_then(Result::ok);
        stored.unwrap_or_else(|| Err(self.store.stopped()))
    }

    fn let_go_if_enough(self: &Arc<Self>, state: &mut State) {
        if state.waiting.len() >= state.enough || state.requests == 0 {
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
            // The writer wakes one task for all of them.
            let stored = join_all(
                records
                    .into_iter()
                    .map(|record| gather.store.record(record)),
            )
            .await;
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

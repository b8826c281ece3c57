//! Who writes in which directory, by whatever name: a link, a mount, and a path with `..` in it are other spellings of one
//! directory, and two threads in it would write over each other.

use crate::mirror::Identity;
use std::collections::BTreeSet;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The directories in which somebody writes.
#[derive(Clone, Debug, Default)]
pub(in crate::daemon) struct Claims(Arc<Held>);

#[derive(Debug, Default)]
struct Held {
    places: Mutex<BTreeSet<Identity>>,
    freed: Condvar,
}

/// A directory in which nobody else writes, as long as it lives.
#[derive(Debug)]
pub(in crate::daemon) struct Claim {
    claims: Claims,
    place: Identity,
}

impl Claims {
    /// Waits until nobody writes in a directory, and takes it. Only for a thread of its own.
    pub(in crate::daemon) fn claim(&self, place: Identity) -> Claim {
        let held = |places: &mut BTreeSet<Identity>| !places.insert(place);
        let taken = self.0.freed.wait_while(self.places(), held);
        drop(taken.unwrap_or_else(PoisonError::into_inner));
        Claim {
            claims: self.clone(),
            place,
        }
    }

    fn places(&self) -> MutexGuard<'_, BTreeSet<Identity>> {
        self.0.places.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Claim {
    fn drop(&mut self) {
        self.claims.places().remove(&self.place);
        self.claims.0.freed.notify_all();
    }
}

//! A poll that reached nobody, and what becomes of it.

use crate::model::PollRecord;
use crate::schedule::Attempt;
use jiff::{SignedDuration, Timestamp};
use std::sync::Arc;

/// For so long a poll that comes soon is waited for: its host may rest for hours, or be asked for others first.
const WAITED: SignedDuration = SignedDuration::from_mins(5);

/// Attempts that are no further apart are one: who polls by hand again at once learns nothing more of who is away for a moment.
const TOGETHER: SignedDuration = SignedDuration::from_secs(30);

/// A poll that reached nobody, while it is not known whose fault that is.
#[derive(Debug)]
pub(in crate::daemon) struct Doubtful {
    /// Of the last attempt.
    pub(in crate::daemon) record: PollRecord,
    /// The one that was not reached.
    pub(super) host: Arc<str>,
    /// By which it is decided.
    pub(super) first: Attempt,
    /// Attempts that came after it.
    pub(super) repeats: u32,
    /// Whether another is under way.
    pub(in crate::daemon) is_asked: bool,
    /// Until when nothing is decided before there was one: nor where others answered since, or are too few to tell.
    pub(super) waits_until: Option<Timestamp>,
}

impl Doubtful {
    /// Puts a record together with the host that was not reached, and when the request for it began, if one was made. `now`:
    /// what the clock says by now, which may have been set since.
    pub(in crate::daemon) fn new(
        mut record: PollRecord,
        host: Arc<str>,
        began_at: Option<Timestamp>,
        now: Timestamp,
    ) -> Self {
        record.at = record.at.min(now);
        let failed_at = record.at;
        let began_at = began_at.map_or(failed_at, |at| at.min(failed_at));
        Self {
            record,
            host,
            first: Attempt {
                began_at,
                failed_at,
            },
            repeats: 0,
            is_asked: false,
            waits_until: None,
        }
    }

    /// Makes it a repeat of another of the same feed, whichever host that was in doubt for: where redirects lead, publishers
    /// say, and may say anew each time.
    pub(super) fn after(mut self, before: Option<Self>) -> Self {
        if let Some(before) = before {
            let since = self.record.at.duration_since(before.first.failed_at);
            let is_repeat = since > TOGETHER;
            self.first = before.first;
            self.repeats = before.repeats.saturating_add(u32::from(is_repeat));
        }
        self
    }

    /// Returns when it could not be reached first.
    pub(in crate::daemon) fn failed_at(&self) -> Timestamp {
        self.first.failed_at
    }

    /// Returns the last attempt as the network is told of it: as of the first, others have answered beside it or not.
    pub(super) fn last(&self) -> Attempt {
        Attempt {
            failed_at: self.record.at,
            ..self.first
        }
    }

    /// Tells whether it is open what becomes of it until a poll that is under way ends, or comes soon.
    pub(super) fn is_pending(&self, now: Timestamp) -> bool {
        self.is_asked || self.waits_until.is_some_and(|until| until > now)
    }

    /// Has it wait for a poll that comes.
    pub(super) fn wait(&mut self, now: Timestamp) {
        self.waits_until = now.checked_add(WAITED).ok();
    }

    /// Moves every instant, since the clock was set.
    pub(in crate::daemon) fn shift(&mut self, moved: &dyn Fn(Timestamp) -> Timestamp) {
        self.waits_until = self.waits_until.map(moved);
        let (first, record) = (&mut self.first, &mut self.record);
        for at in [&mut first.began_at, &mut first.failed_at, &mut record.at] {
            *at = moved(*at);
        }
        let state = &mut record.state;
        for at in [
            &mut state.next_due_at,
            &mut state.last_poll_at,
            &mut state.retry_after_at,
        ] {
            *at = at.map(moved);
        }
    }
}

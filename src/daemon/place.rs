//! Whether database and lock are still the files at their paths: whoever restores a copy, or clears the state, and
//! forgets the daemon, has it write into a file that nobody will see again.

use super::Daemon;
use crate::control::{Answer, Asked, Need, Verdict};
use crate::store::StoreError;
use std::time::Duration;

/// How often that is looked at: what comes in half a minute comes again to the next daemon.
const EVERY: Duration = Duration::from_secs(30);

impl Daemon {
    /// Looks, where that is due, whether database and lock are still ours.
    ///
    /// # Errors
    /// When they are not: the daemon can only end then. It could keep nothing that comes, and one that is started finds
    /// what is in the place of the database now.
    pub fn heed_place(&mut self) -> Result<(), StoreError> {
        let now = self.clock.uptime();
        if self.place_from > now {
            return Ok(());
        }
        self.place_from = now.saturating_add(EVERY);
        self.check_place()
    }

    /// Looks before anything is answered that the daemon would do or tell by the wrong file; whoever asked is told then,
    /// and the loop ends with what it finds itself.
    pub(super) fn in_place(&mut self, asked: Asked) -> Option<Asked> {
        let Err(error) = self.check_place() else {
            return Some(asked);
        };
        self.place_from = Duration::ZERO;
        let why = format!("{error}; the daemon ends now");
        asked.answer(Answer {
            needs: vec![Need::new("database", why.clone(), self.clock.now())],
            ..Answer::new(Verdict::Unstored, why)
        });
        None
    }

    fn check_place(&self) -> Result<(), StoreError> {
        self.store.check_place()?;
        self.state.check_place()
    }
}

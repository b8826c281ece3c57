//! Proof of life, without which the watchdog is not fed (R16).
//!
//! The loop that feeds it proves the scheduler. Of the writer's thread and of whoever accepts readers it asks a
//! sign at each of its steps, and takes in what the last question came to. Whoever gave none for half the time
//! that systemd allows is not alive, and then nothing is said of the others either: a daemon that cannot store,
//! or cannot be read, is to be started anew.

use super::{Daemon, notify};
use std::collections::BTreeMap;
use std::time::Duration;
use tokio::task::JoinSet;

/// Who gives signs of life besides the loop.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Part {
    Writer,
    Listener,
}

impl Part {
    fn name(self) -> &'static str {
        match self {
            Self::Writer => "the writer of the database",
            Self::Listener => "the listener for readers",
        }
    }
}

/// When each part was heard of last, by how long the machine has been up.
#[derive(Debug, Default)]
struct Signs(BTreeMap<Part, Duration>);

impl Signs {
    /// Notes a sign; the first question counts as one, so that a part has time to answer it.
    fn note(&mut self, part: Part, is_sign: bool, now: Duration) {
        let last = self.0.entry(part).or_insert(now);
        if is_sign {
            *last = now;
        }
    }

    /// Returns who has been silent for half of what is allowed, or for longer.
    fn silent(&self, allowed: Duration, now: Duration) -> Option<Part> {
        let since = |last: &Duration| now.saturating_sub(*last);
        let mut parts = self.0.iter();
        parts
            .find(|(_, last)| since(last) >= allowed / 2)
            .map(|(part, _)| *part)
    }
}

/// Who is alive, as far as is known.
#[derive(Debug, Default)]
pub(super) struct Alive {
    signs: Signs,
    /// The question that the writer has not answered yet; it resolves with a sign.
    knock: JoinSet<bool>,
    /// How often the listener had answered when it was asked last.
    beats: u64,
    /// Who was silent when that was logged.
    silent: Option<Part>,
}

impl Daemon {
    /// Feeds the watchdog where there is one, if all that have to are alive, and asks them anew.
    pub(super) fn feed_watchdog(&mut self) {
        let Some(allowed) = notify::watchdog() else {
            return;
        };
        let now = self.clock.uptime();
        self.ask_for_signs(now);
        let silent = self.alive.signs.silent(allowed, now);
        if silent.is_none() {
            notify::alive();
        }
        if let Some(part) = silent.filter(|_| silent != self.alive.silent) {
            let name = part.name();
            tracing::error!(
                "{name} gives no sign of life: systemd is told nothing, and will restart us"
            );
        }
        self.alive.silent = silent;
    }

    fn ask_for_signs(&mut self, now: Duration) {
        let alive = &mut self.alive;
        let mut answered = false;
        while let Some(answer) = alive.knock.try_join_next() {
            answered |= answer.unwrap_or_default();
        }
        alive.signs.note(Part::Writer, answered, now);
        if alive.knock.is_empty() {
            let store = self.store.clone();
            alive
                .knock
                .spawn(async move { store.knock().await.is_ok() });
        }
        if self.server.is_some() {
            let beats = self.vitals.beats();
            let has_beaten = beats != alive.beats;
            alive.signs.note(Part::Listener, has_beaten, now);
            alive.beats = beats;
            self.vitals.ask_listener();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What each part said at each second; a minute is allowed.
    #[test]
    fn r16_whoever_is_silent_for_half_the_time_is_not_alive() {
        let allowed = Duration::from_mins(1);
        let second = Duration::from_secs;
        for (signs, at, silent) in [
            (vec![(Part::Writer, false, 0)], 29, None),
            (vec![(Part::Writer, false, 0)], 30, Some(Part::Writer)),
            (
                vec![(Part::Writer, false, 0), (Part::Writer, true, 20)],
                49,
                None,
            ),
            (
                vec![
                    (Part::Writer, false, 0),
                    (Part::Writer, true, 20),
                    (Part::Writer, false, 40),
                ],
                50,
                Some(Part::Writer),
            ),
            (
                vec![
                    (Part::Writer, true, 40),
                    (Part::Listener, false, 0),
                    (Part::Listener, false, 40),
                ],
                40,
                Some(Part::Listener),
            ),
            // No reader is served: nobody is asked for it.
            (vec![(Part::Writer, true, 1000)], 1000, None),
        ] {
            let mut all = Signs::default();
            for (part, is_sign, at) in &signs {
                all.note(*part, *is_sign, second(*at));
            }
            assert_eq!(all.silent(allowed, second(at)), silent, "{signs:?} at {at}");
        }
    }
}

//! A clock that was set while the daemon runs (R7).

use super::Daemon;
use crate::schedule::{self, Schedule};
use jiff::{SignedDuration, Timestamp};
use std::mem;
use std::sync::Arc;
use std::time::Duration;

/// A clock that differs by more than this from what passed was set; less is a correction of its pace.
const CLOCK_SET: SignedDuration = SignedDuration::from_mins(1);

impl Daemon {
    /// Looks whether the clock was set since it was looked at last: then as much real time is left until
    /// each poll as before, whatever the clock says, and only cron lines go by it (R7).
    pub(super) fn heed_clock(&mut self) {
        let (now, uptime) = (self.clock.now(), self.clock.uptime());
        let (then, uptime_then) = mem::replace(&mut self.looked_at, (now, uptime));
        let passed = SignedDuration::try_from(uptime.saturating_sub(uptime_then));
        let set_by = now.duration_since(then) - passed.unwrap_or_default();
        if set_by.abs() <= CLOCK_SET {
            return;
        }
        let leap = leap(set_by);
        tracing::warn!("the clock was set {leap}: feeds are polled as if it had not been");
        let active = Arc::clone(&self.active);
        let moved = |at: Timestamp| at.saturating_add(set_by).unwrap_or(at);
        let on_the_wall = |number, moved_at: Timestamp| {
            let Schedule::Cron(line) = &active.feed(number)?.policy.schedule else {
                return None;
            };
            let due_at = moved_at.saturating_sub(set_by).ok()?;
            // What was put off for another reason than its line comes no sooner for it.
            if line.next_after(then) == Some(due_at) {
                line.next_after(now)
            } else {
                line.first_from(moved_at)
            }
        };
        self.agenda.shift(set_by, &on_the_wall);
        self.wanted.shift(&|feed, at| {
            let number = active.number(feed);
            let at = moved(at);
            number.and_then(|it| on_the_wall(it, at)).unwrap_or(at)
        });
        self.network.shift(set_by);
        for doubtful in self.doubts.values_mut() {
            doubtful.shift(&moved);
        }
        self.doubts_changed = true;
        self.rests_changed = true;
        self.probe_from = moved(self.probe_from);
        self.chores.shift(set_by);
        if let Some(watcher) = &mut self.watcher {
            watcher.shift(set_by);
        }
        if let Some(until) = &mut self.store_rests_until {
            *until = until.saturating_add(set_by).unwrap_or(now);
        }
    }
}

/// Says which way a clock was set, and by how much to the minute: the two clocks are not read in one instant.
fn leap(set_by: SignedDuration) -> String {
    let way = if set_by.is_negative() {
        "back"
    } else {
        "forward"
    };
    let minutes = (set_by.unsigned_abs() + CLOCK_SET.unsigned_abs() / 2).as_secs() / 60;
    let span = schedule::span(Duration::from_mins(minutes));
    format!("{way} by {span}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_leap_is_told_as_other_spans_are() {
        let three_years = SignedDuration::new(94_607_999, 999_948_524);
        for (set_by, expected) in [
            (three_years, "forward by 1095 d"),
            (SignedDuration::new(-94_608_000, -40_689), "back by 1095 d"),
            (SignedDuration::from_secs(90), "forward by 2 min"),
            (SignedDuration::from_secs(-5_380), "back by 1 h 30 min"),
        ] {
            assert_eq!(leap(set_by), expected);
        }
    }
}

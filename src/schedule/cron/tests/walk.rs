//! The same firings by looking at the clock every minute, as a cron daemon does.

use super::*;

/// Returns the firings of two days, by a walk that knows of no changes: a minute that the clock has gone
/// past since the last look, and had not shown before, is due; and of a line for each hour one that it
/// shows.
fn walked(line: &CronLine, from: Timestamp) -> Vec<Timestamp> {
    const MINUTE: SignedDuration = SignedDuration::from_mins(1);
    let mut firings = Vec::new();
    let mut shown = line.zone.to_datetime(from);
    let mut at = from;
    let is_for_each_hour = line.text.split(' ').nth(1) == Some("*");
    for _ in 0..2 * 24 * 60 {
        at += MINUTE;
        let now = line.zone.to_datetime(at);
        let is_shown = line.next_civil(now - MINUTE) == Some(now);
        let is_due = line.next_civil(shown).is_some_and(|due| due <= now);
        if is_due || is_for_each_hour && is_shown {
            firings.push(at);
        }
        shown = shown.max(now);
    }
    firings
}

#[test]
fn a_walk_by_the_minute_finds_the_same() {
    for (zone, from) in [
        ("Europe/Paris", "2026-03-28T00:00:00Z"),
        ("Europe/Paris", "2026-10-24T00:00:00Z"),
        ("America/New_York", "2026-11-01T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-04-04T00:00:00Z"),
        ("Australia/Lord_Howe", "2026-10-03T00:00:00Z"),
        ("Antarctica/Troll", "2026-10-24T00:00:00Z"),
        ("America/Sao_Paulo", "2018-02-17T00:00:00Z"),
        ("America/Sao_Paulo", "2018-11-03T00:00:00Z"),
        ("Africa/Casablanca", "2026-02-14T00:00:00Z"),
        // For good, by half an hour back, and by a day forward.
        ("Asia/Pyongyang", "2015-08-14T00:00:00Z"),
        ("Pacific/Apia", "2011-12-29T12:00:00Z"),
    ] {
        for text in [
            "* * * * *",
            "*/15 * * * *",
            "7 * * * *",
            "7,40 * * * 0,6",
            "30 0-3 * * *",
            "*/10 2,23 * * *",
        ] {
            let (line, from) = (line(text, zone), instant(from));
            let expected = walked(&line, from);
            let last = *expected.last().unwrap();
            let firings = std::iter::successors(line.next_after(from), |at| line.next_after(*at));
            let firings: Vec<Timestamp> = firings.take_while(|at| *at <= last).collect();
            assert_eq!(firings, expected, "{line} from {from}");
        }
    }
}

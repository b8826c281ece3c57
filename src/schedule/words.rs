//! Spans and ordinals as an operator reads them.

use super::CronLine;
use std::time::Duration;

/// How a reason ends that the configuration gave.
pub(super) const BY_FILE: &str = "by feeds.toml";

/// Why a feed is due when a schedule had it that it has no more.
pub(super) const OF_BEFORE: &str = "by the schedule that it had before";

/// Why a feed is due at another instant than its last poll decided on, where no line of the file says which.
pub(super) const ANEW: &str = "as feeds.toml, or the clock, was changed since its last poll";

const UNITS: [(u64, &str); 4] = [(86_400, "d"), (3_600, "h"), (60, "min"), (1, "s")];

/// Writes a span in its two largest units: `2 h`, `1 d 12 h`, `45 s`; below a second `under 1 s`.
pub fn span(span: Duration) -> String {
    let mut rest = span.as_secs();
    let mut parts = Vec::new();
    for (size, name) in UNITS {
        let count = rest / size;
        rest %= size;
        if count > 0 {
            parts.push(format!("{count} {name}"));
        } else if !parts.is_empty() {
            break;
        }
        if parts.len() == 2 {
            break;
        }
    }
    if parts.is_empty() {
        return "under 1 s".to_owned();
    }
    parts.join(" ")
}

/// Says that a feed is polled at an interval.
pub(super) fn every(interval: Duration) -> String {
    format!("every {} {BY_FILE}", span(interval))
}

/// Says that a feed is polled by a cron line.
pub(super) fn by_line(line: &CronLine) -> String {
    format!("cron line {line} {BY_FILE}")
}

/// Says that it was, and is not any more.
pub(super) fn fires_no_more(line: &CronLine) -> String {
    format!("cron line {line} fires no more")
}

/// Writes `first`, `second`, `third`, `4th`, ... `21st`.
pub(super) fn ordinal(number: u32) -> String {
    let suffix = match (number % 10, number % 100) {
        (_, 11..=13) => "th",
        (1, _) => "st",
        (2, _) => "nd",
        (3, _) => "rd",
        _ => "th",
    };
    match number {
        1 => "first".to_owned(),
        2 => "second".to_owned(),
        3 => "third".to_owned(),
        _ => format!("{number}{suffix}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans() {
        for (seconds, expected) in [
            (0, "under 1 s"),
            (45, "45 s"),
            (900, "15 min"),
            (7200, "2 h"),
            (5400, "1 h 30 min"),
            (86_400, "1 d"),
            (129_600, "1 d 12 h"),
            (86_460, "1 d"),
            (3_661, "1 h 1 min"),
        ] {
            assert_eq!(span(Duration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn ordinals() {
        let of = |numbers: [u32; 8]| numbers.map(ordinal).join(" ");
        let expected = "first second third 4th 11th 13th 21st 102nd";
        assert_eq!(of([1, 2, 3, 4, 11, 13, 21, 102]), expected);
    }
}

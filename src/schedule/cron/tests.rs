//! Cron lines: what is read, and when they fire.

mod oracle;
mod walk;
mod zones;

use super::*;

/// Returns a zone by the rules that are built in: those of the machine may be of another year.
fn zone(name: &str) -> TimeZone {
    jiff::tz::TimeZoneDatabase::bundled().get(name).unwrap()
}

fn line(text: &str, zone_name: &str) -> CronLine {
    let line: CronLine = text.parse().unwrap();
    line.in_zone(zone(zone_name))
}

fn instant(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn next(line: &str, after: &str) -> String {
    let line: CronLine = line.parse().unwrap();
    line.next_after(after.parse().unwrap()).unwrap().to_string()
}

#[test]
fn five_fields_with_sunday_as_0_and_7() {
    // 2026-11-22 is a Sunday.
    for (line, after, expected) in [
        (
            "*/15 * * * *",
            "2026-11-22T10:01:00Z",
            "2026-11-22T10:15:00Z",
        ),
        (
            "0 6 * * 1-5",
            "2026-11-22T10:00:00Z",
            "2026-11-23T06:00:00Z",
        ),
        ("0 6 * * 0", "2026-11-23T10:00:00Z", "2026-11-29T06:00:00Z"),
        ("0 6 * * 7", "2026-11-23T10:00:00Z", "2026-11-29T06:00:00Z"),
        (
            "0 6 * * sun",
            "2026-11-23T10:00:00Z",
            "2026-11-29T06:00:00Z",
        ),
        (
            "0 6 * * 5-7",
            "2026-11-22T10:00:00Z",
            "2026-11-27T06:00:00Z",
        ),
        (
            "0 6 * * fri-sun",
            "2026-11-21T10:00:00Z",
            "2026-11-22T06:00:00Z",
        ),
        (
            "0 6 * * 3/2",
            "2026-11-25T10:00:00Z",
            "2026-11-27T06:00:00Z",
        ),
        (
            "0 6 * * 7/2",
            "2026-11-25T10:00:00Z",
            "2026-11-29T06:00:00Z",
        ),
        (
            "30 5 1 jan *",
            "2026-11-22T10:00:00Z",
            "2027-01-01T05:30:00Z",
        ),
        // Either the 13th or a Friday; a star on one side restricts nothing.
        ("0 6 13 * 5", "2026-11-22T10:00:00Z", "2026-11-27T06:00:00Z"),
        ("0 6 13 * 5", "2026-12-11T10:00:00Z", "2026-12-13T06:00:00Z"),
        (
            "0 6 13 * */1",
            "2026-11-22T10:00:00Z",
            "2026-12-13T06:00:00Z",
        ),
        (
            "0 6 * * mon,wed",
            "2026-11-23T10:00:00Z",
            "2026-11-25T06:00:00Z",
        ),
    ] {
        assert_eq!(next(line, after), expected, "{line}");
    }
}

#[test]
fn wrong_lines_name_the_field() {
    for (line, field) in [
        ("0 6 * *", None),
        ("0 0 6 * * *", None),
        ("61 * * * *", Some(0)),
        ("* 24 * * *", Some(1)),
        ("* * 32 * *", Some(2)),
        ("* * * smarch *", Some(3)),
        ("* * * * 8", Some(4)),
        ("* * * * 5-1", Some(4)),
        ("* * * * */0", Some(4)),
        ("* * * * +5", Some(4)),
        ("* * * * 1/+2", Some(4)),
        ("* * * * 1/99999999999999999999", Some(4)),
        ("* * * * ?", Some(4)),
        ("* * ? * 1", Some(2)),
        ("? * * * *", Some(0)),
    ] {
        assert_eq!(line.parse::<CronLine>().unwrap_err().field, field, "{line}");
    }
}

#[test]
fn lines_are_told_with_their_zone_unless_that_is_utc() {
    for (zone, expected) in [
        ("UTC", "`0 6 * * *`"),
        ("Europe/Paris", "`0 6 * * *` (Europe/Paris)"),
        ("Etc/GMT-2", "`0 6 * * *` (Etc/GMT-2)"),
    ] {
        assert_eq!(line("0  6 * * *", zone).to_string(), expected);
    }
}

#[test]
fn lines_of_two_zones_are_two() {
    assert_eq!(line("0 6 * * *", "UTC"), "0 6  * * *".parse().unwrap());
    assert_ne!(line("0 6 * * *", "UTC"), line("0 6 * * *", "Asia/Tokyo"));
    assert_ne!(line("0 6 * * *", "UTC"), line("0 7 * * *", "UTC"));
}

/// Clocks may be wrong by ages; the calendar of the crate has its ends.
#[test]
fn ends_of_time() {
    for (zone, after, expected) in [
        ("UTC", Timestamp::MIN, Some("1970-01-01T00:00:00Z")),
        ("Asia/Tokyo", Timestamp::MIN, Some("1969-12-31T15:00:00Z")),
        (
            "UTC",
            instant("1969-12-31T23:59:59.9Z"),
            Some("1970-01-01T00:00:00Z"),
        ),
        (
            "UTC",
            instant("2100-12-30T00:00:00Z"),
            Some("2100-12-31T00:00:00Z"),
        ),
        ("UTC", instant("2100-12-31T00:00:00Z"), None),
        ("Europe/Paris", instant("2100-12-30T23:00:00Z"), None),
        ("America/New_York", Timestamp::MAX, None),
    ] {
        let next = line("0 0 * * *", zone).next_after(after);
        assert_eq!(
            next.map(|at| at.to_string()).as_deref(),
            expected,
            "{zone} {after}"
        );
    }
}

/// As the clocks of the zone show them, also where they are changed.
#[test]
fn the_next_times_are_those_of_the_zone() {
    for (text, zone, after, expected) in [
        (
            "0 6 * * 1-5",
            "Europe/Paris",
            "2026-10-23T04:00:00Z",
            &["Mon 2026-10-26 06:00 CET", "Tue 2026-10-27 06:00 CET"][..],
        ),
        (
            "30 2 * * *",
            "Europe/Paris",
            "2026-03-28T00:00:00Z",
            &["Sat 2026-03-28 02:30 CET", "Sun 2026-03-29 03:00 CEST"],
        ),
        (
            "0 0 31 12 *",
            "UTC",
            "2100-01-01T00:00:00Z",
            &["Fri 2100-12-31 00:00 UTC"],
        ),
    ] {
        let line = line(text, zone);
        let firings = line.firings_after(instant(after)).take(2);
        let shown = firings.map(|at| at.strftime("%a %F %H:%M %Z").to_string());
        assert_eq!(shown.collect::<Vec<_>>(), expected, "{text} {zone}");
    }
}

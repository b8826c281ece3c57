//! Cron lines in zones whose clocks are changed.

use super::*;
use jiff::tz::TimeZoneDatabase;

/// Asserts the firings of lines in a zone: line, the time asked after, the firings that follow. Times are
/// in UTC and of one year.
fn check(zone: &str, year: i16, cases: &[(&str, &str, &str)]) {
    let at = |time: &str| instant(&format!("{year}-{time}Z"));
    for (text, after, expected) in cases {
        let line = line(text, zone);
        let expected: Vec<Timestamp> = expected.split(", ").map(at).collect();
        let firings = std::iter::successors(line.next_after(at(after)), |at| line.next_after(*at));
        let firings: Vec<Timestamp> = firings.take(expected.len()).collect();
        assert_eq!(firings, expected, "{line} after {after}");
    }
}

#[test]
fn times_are_those_of_the_zone() {
    check(
        "Europe/Paris",
        2026,
        &[
            ("0 6 * * *", "01-10 12:00", "01-11 05:00"),
            ("0 6 * * *", "07-10 12:00", "07-11 04:00"),
        ],
    );
    check(
        "Asia/Kolkata",
        2026,
        &[("30 5 * * *", "01-10 12:00", "01-11 00:00")],
    );
    // A Monday that is still a Sunday in UTC, and a December that is a January.
    check(
        "Pacific/Auckland",
        2026,
        &[("0 6 * * 1", "07-10 12:00", "07-12 18:00")],
    );
    check(
        "America/New_York",
        2027,
        &[("0 22 31 12 *", "01-01 00:00", "01-01 03:00")],
    );
}

/// What a gap leaves out comes at its end, once.
#[test]
fn a_gap_fires_once_after_it() {
    // 29 March: 02:00 is 03:00, at 01:00 UTC.
    check(
        "Europe/Paris",
        2026,
        &[
            (
                "30 2 * * *",
                "03-27 12:00",
                "03-28 01:30, 03-29 01:00, 03-30 00:30",
            ),
            (
                "*/20 2 * * *",
                "03-29 00:00",
                "03-29 01:00, 03-30 00:00, 03-30 00:20",
            ),
            // 03:00 stands at the end of the gap anyway.
            (
                "0,30 2,3 * * *",
                "03-29 00:00",
                "03-29 01:00, 03-29 01:30, 03-30 00:00",
            ),
            (
                "*/15 * * * *",
                "03-29 00:40",
                "03-29 00:45, 03-29 01:00, 03-29 01:15",
            ),
            (
                "30 2 * * *",
                "03-29 00:59:59.999999999",
                "03-29 01:00, 03-30 00:30",
            ),
            ("30 2 * * *", "03-29 01:00", "03-30 00:30"),
        ],
    );
    check(
        "America/New_York",
        2026,
        &[("30 2 8 3 *", "01-01 00:00", "03-08 07:00")],
    );
    // By half an hour: 02:00 is 02:30.
    check(
        "Australia/Lord_Howe",
        2026,
        &[(
            "15,30,45 2 * * *",
            "10-03 12:00",
            "10-03 15:30, 10-03 15:45, 10-04 15:15",
        )],
    );
    // By two: 01:00 is 03:00.
    check(
        "Antarctica/Troll",
        2026,
        &[(
            "0 1,2 * * *",
            "03-28 12:00",
            "03-29 01:00, 03-29 23:00, 03-30 00:00",
        )],
    );
}

/// What an overlap repeats comes the first time, of lines that name times of the day.
#[test]
fn an_overlap_fires_once() {
    // 25 October: 03:00 is 02:00, at 01:00 UTC.
    check(
        "Europe/Paris",
        2026,
        &[
            ("30 2 * * *", "10-24 12:00", "10-25 00:30, 10-26 01:30"),
            // Asked within the hour, the first time round and the second.
            ("30 2 * * *", "10-25 00:30", "10-26 01:30"),
            ("30 2 * * *", "10-25 01:00", "10-26 01:30"),
            ("30 2 * * *", "10-25 01:29", "10-26 01:30"),
            (
                "*/30 0-22 * * *",
                "10-25 00:10",
                "10-25 00:30, 10-25 02:00, 10-25 02:30",
            ),
            ("0 */2 * * *", "10-24 23:00", "10-25 00:00, 10-25 03:00"),
        ],
    );
    // By half an hour: 02:00 is 01:30.
    check(
        "Australia/Lord_Howe",
        2026,
        &[
            ("45 1 * * *", "04-04 12:00", "04-04 14:45, 04-05 15:15"),
            ("0 2 * * *", "04-04 12:00", "04-04 15:30"),
        ],
    );
    // For good, and not as the rule of the zone foresees it: jiff's `preceding` leaves it out.
    check(
        "America/Metlakatla",
        2019,
        &[
            ("30 1 * * *", "01-19 12:00", "01-20 09:30, 01-21 10:30"),
            ("*/30 0-22 * * *", "01-20 10:10", "01-20 11:00"),
        ],
    );
}

/// A line for each hour goes on in its rhythm where clocks are changed, either way.
#[test]
fn lines_for_each_hour_keep_their_rhythm() {
    check(
        "Europe/Berlin",
        2026,
        &[
            (
                "*/15 * * * *",
                "10-25 00:30",
                "10-25 00:45, 10-25 01:00, 10-25 01:15, 10-25 01:30, 10-25 01:45, 10-25 02:00",
            ),
            (
                "0 * * * *",
                "10-24 23:30",
                "10-25 00:00, 10-25 01:00, 10-25 02:00",
            ),
            (
                "30 0-23 * * *",
                "10-25 00:30",
                "10-25 01:30, 10-25 02:30, 10-25 03:30",
            ),
            ("* * * * *", "10-25 00:58", "10-25 00:59, 10-25 01:00"),
            ("* * * * *", "10-25 01:59:59.999999999", "10-25 02:00"),
            // Of one kind of days alone.
            ("40 * * * sun", "10-25 00:40", "10-25 01:40, 10-25 02:40"),
            ("40 * * * mon", "10-25 00:40", "10-25 23:40"),
            (
                "*/30 * * * *",
                "03-29 00:00",
                "03-29 00:30, 03-29 01:00, 03-29 01:30",
            ),
        ],
    );
    check(
        "America/New_York",
        2026,
        &[
            (
                "*/20 */1 * * *",
                "11-01 05:20",
                "11-01 05:40, 11-01 06:00, 11-01 06:20, 11-01 06:40, 11-01 07:00",
            ),
            (
                "0 * * * *",
                "11-01 04:30",
                "11-01 05:00, 11-01 06:00, 11-01 07:00",
            ),
            ("0 * * * *", "03-08 06:00", "03-08 07:00, 03-08 08:00"),
        ],
    );
    // By half an hour: 02:00 is 01:30.
    check(
        "Australia/Lord_Howe",
        2026,
        &[(
            "45 * * * *",
            "04-04 14:00",
            "04-04 14:45, 04-04 15:15, 04-04 16:15",
        )],
    );
}

#[test]
fn clocks_that_are_changed_at_midnight() {
    // 4 November: 00:00 is 01:00. 18 February: 00:00 is 23:00 of the day before.
    check(
        "America/Sao_Paulo",
        2018,
        &[
            ("0 0 * * *", "11-03 12:00", "11-04 03:00, 11-05 02:00"),
            ("0 0 4 11 *", "11-03 12:00", "11-04 03:00"),
            ("30 23 * * *", "02-17 12:00", "02-18 01:30, 02-19 02:30"),
            ("0 0 18 2 *", "02-17 12:00", "02-18 03:00"),
        ],
    );
    check(
        "Asia/Beirut",
        2024,
        &[("0 0 31 3 *", "03-30 12:00", "03-30 22:00")],
    );
    // The Friday begins at 01:00.
    check(
        "Africa/Cairo",
        2024,
        &[("0 0 * * fri", "04-25 12:00", "04-25 22:00, 05-02 21:00")],
    );
}

/// Samoa went over the date line without a 30 December.
#[test]
fn days_that_do_not_exist() {
    check(
        "Pacific/Apia",
        2011,
        &[
            (
                "0 12 * * *",
                "12-29 12:00",
                "12-29 22:00, 12-30 10:00, 12-30 22:00",
            ),
            ("*/5 * 30 12 *", "12-01 00:00", "12-30 10:00"),
            ("0 0 31 12 *", "12-01 00:00", "12-30 10:00"),
        ],
    );
}

/// Asserts that a line goes on around a change: later than asked, in order, and not for ever later.
fn check_goes_on(line: &CronLine, change: Timestamp) {
    /// A daily line, and a day that does not exist.
    const LONGEST: SignedDuration = SignedDuration::from_hours(49);
    let mut last = Timestamp::MIN;
    for minutes in [-70, -1, 0, 1, 29, 59, 70] {
        let at = change + SignedDuration::from_mins(minutes);
        let next = line.next_after(at).unwrap();
        assert!(next > at && next >= last, "{line} {at} {next}");
        assert!(next.duration_since(at) < LONGEST, "{line} {at} {next}");
        assert_eq!(line.first_from(next), Some(next), "{line} {at}");
        last = next;
    }
}

#[test]
fn no_zone_stands_still() {
    /// Changes of a zone that are looked at, since 2010: six years of a rule, or decades of whims.
    const CHANGES: usize = 12;
    let lines = ["*/7 * * * *", "30 2 * * *"];
    let mut changes = 0;
    for name in TimeZoneDatabase::bundled().available() {
        let zone = zone(name.as_str());
        let lines = lines.map(|text| line(text, name.as_str()));
        for change in zone
            .following(instant("2010-01-01T00:00:00Z"))
            .take(CHANGES)
        {
            changes += 1;
            for line in &lines {
                check_goes_on(line, change.timestamp());
            }
        }
    }
    assert!(changes > 2000, "{changes}");
}

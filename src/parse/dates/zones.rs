//! Zones: by name, and as distance from Greenwich.

use super::letters::{digits, is_number};
use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{Offset, TimeZone};

/// No zone is further from Greenwich, in hours: they reach from -12 to +14.
const MAX_HOURS: i32 = 15;

/// Where a time of day holds.
#[derive(Clone, Copy, Debug)]
pub(super) enum Zone {
    /// So far east of Greenwich.
    Fixed(Offset),
    /// By rules, in the form of POSIX.
    Ruled(&'static str),
}

impl Zone {
    /// Greenwich's, which is taken where none is named.
    pub(super) const UTC: Self = Self::Fixed(Offset::UTC);

    /// Returns the instant at which clocks of the zone show `civil`, the earlier one of two.
    pub(super) fn instant(self, civil: DateTime) -> Option<Timestamp> {
        match self {
            Self::Fixed(offset) => offset.to_timestamp(civil).ok(),
            Self::Ruled(rules) => TimeZone::posix(rules).ok()?.to_timestamp(civil).ok(),
        }
    }
}

/// Zones by name and their minutes east of Greenwich. `IST` is India's: that is who writes it; `BST` is
/// Britain's, `EST` and `CST` are America's (RFC 822). Its military letters but `Z` are not here: half of
/// those who write them have the sign wrong, so they count for nothing (RFC 2822, 4.3).
const ZONES: [(&str, i32); 33] = [
    ("Z UT UTC GMT WET", 0),
    ("WEST BST CET MET MEZ WAT", 60),
    ("CEST MEST MESZ EET SAST CAT", 120),
    ("EEST MSK мск TRT EAT IDT", 180),
    ("IRST", 210),
    ("MSD GST", 240),
    ("AFT", 270),
    ("PKT UZT YEKT", 300),
    ("IST", 330),
    ("NPT", 345),
    ("BDT", 360),
    ("MMT", 390),
    ("ICT WIB", 420),
    ("HKT SGT PHT AWST MYT WITA", 480),
    ("JST KST WIT", 540),
    ("ACST", 570),
    ("AEST", 600),
    ("ACDT", 630),
    ("AEDT", 660),
    ("NZST", 720),
    ("NZDT", 780),
    ("NDT", -150),
    ("ADT BRT ART", -180),
    ("NST", -210),
    ("EDT AST CLT", -240),
    ("EST CDT", -300),
    ("CST MDT", -360),
    ("MST PDT", -420),
    ("PST AKDT", -480),
    ("AKST HDT", -540),
    ("HST", -600),
    ("SST", -660),
    ("AOE", -720),
];

/// Zones of North America as its press writes them, whatever the season (`AT` is a word in English, and
/// is left out), and their rules: summer time
/// from the second Sunday of March to the first of November, as since 2007.
const SEASONAL: [(&str, &str); 4] = [
    ("et", "EST5EDT,M3.2.0,M11.1.0"),
    ("ct", "CST6CDT,M3.2.0,M11.1.0"),
    ("mt", "MST7MDT,M3.2.0,M11.1.0"),
    ("pt", "PST8PDT,M3.2.0,M11.1.0"),
];

/// Returns the zone of a name in any case.
pub(super) fn named(name: &str) -> Option<Zone> {
    let is_named = |names: &str| names.split(' ').any(|it| it.eq_ignore_ascii_case(name));
    let (_, minutes) = ZONES.iter().find(|(names, _)| is_named(names))?;
    Some(Zone::Fixed(Offset::from_seconds(minutes * 60).ok()?))
}

/// Returns the zone of a name that is a word elsewhere: believe it behind a whole date only.
pub(super) fn seasonal(name: &str) -> Option<Zone> {
    let found = SEASONAL.iter().find(|(it, _)| *it == name);
    found.map(|&(_, rules)| Zone::Ruled(rules))
}

/// Reads `+0530`, `+05:30`, `-5`, and returns what follows; `None` for what is no offset of any zone.
///
/// Behind the sign may be white space, before an offset that is written out.
pub(super) fn shift(text: &str) -> Option<(Offset, &str)> {
    let (sign, signless) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    let ahead = signless.trim_start();
    let (hours, minutes, rest) = hours_and_minutes(ahead)?;
    let is_short = ahead.len() - rest.len() < 4;
    if is_short && ahead.len() < signless.len() || goes_on(rest) {
        return None;
    }
    if hours > MAX_HOURS || minutes >= 60 {
        return None;
    }
    let offset = Offset::from_seconds(sign * (hours * 60 + minutes) * 60);
    Some((offset.ok()?, rest))
}

/// Tells whether what was read is but the beginning of a date or time.
fn goes_on(rest: &str) -> bool {
    is_number(rest.strip_prefix([':', '.', '-', '/']).unwrap_or(rest))
}

fn hours_and_minutes(text: &str) -> Option<(i32, i32, &str)> {
    let (run, rest) = digits(text);
    let (hours, minutes) = match run.len() {
        1 | 2 => (run, ""),
        length @ (3 | 4) => run.split_at_checked(length - 2)?,
        _ => return None,
    };
    let (minutes, rest) = match rest.strip_prefix(':').map(digits) {
        Some((behind, rest)) if minutes.is_empty() && behind.len() == 2 => (behind, rest),
        _ => (minutes, rest),
    };
    let minutes = if minutes.is_empty() { "0" } else { minutes };
    Some((hours.parse().ok()?, minutes.parse().ok()?, rest))
}

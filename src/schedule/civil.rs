//! The instant of a civil time in a time zone, also of one that the clocks there skip or show twice.
//!
//! A wall clock leaves out an hour in spring and shows one twice in autumn, and by treaty whole days.
//! What is meant for a civil time must come once all the same, and in order. So its instant is the first
//! at which the clock has come that far: what a gap leaves out comes at its end, all of it at one
//! instant, and what an overlap repeats comes the first time.
//!
//! Knows the rules of the zone that it is given, no name of one and no database.

use jiff::Timestamp;
use jiff::civil::DateTime;
use jiff::tz::{AmbiguousOffset, Offset, TimeZone};

/// Returns the first instant at which the clock of a zone shows a civil time or a later one; `None`
/// beyond the years that instants have. A later civil time has a later instant or the same.
pub(super) fn first_at(zone: &TimeZone, civil: DateTime) -> Option<Timestamp> {
    match zone.to_ambiguous_timestamp(civil).offset() {
        AmbiguousOffset::Unambiguous { offset }
        // The offset before the clock was put back: the first time round.
        | AmbiguousOffset::Fold { before: offset, .. } => offset.to_timestamp(civil).ok(),
        AmbiguousOffset::Gap { before, after } => end_of_gap(zone, civil, before, after),
    }
}

/// Returns the instant at which the clock jumps over `civil`.
fn end_of_gap(
    zone: &TimeZone,
    civil: DateTime,
    before: Offset,
    after: Offset,
) -> Option<Timestamp> {
    // By the new offset the time is before the jump, by the old one it is at the jump or later.
    let (earlier, later) = (after.to_timestamp(civil), before.to_timestamp(civil));
    let (earlier, later) = (earlier.ok()?, later.ok()?);
    let jump = zone
        .following(earlier)
        .take_while(|change| change.timestamp() <= later)
        .find(|change| change.offset() == after);
    Some(jump.map_or(later, |change| change.timestamp()))
}

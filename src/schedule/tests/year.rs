//! Years that are played through: what a feed costs, and how late its news is.

use super::*;

/// P37: a year of a feed, the requests it costs and how late its news is.
#[test]
fn a_year_played_through() {
    for (what, gap, polls, latest) in [
        ("hourly", HOUR, 7900..=8760, 67 * MINUTE),
        ("daily", DAY, 690..=731, 13 * HOUR),
        ("weekly", 7 * DAY, 350..=366, 25 * HOUR),
    ] {
        let end = now() + 365 * DAY;
        let (mut at, mut count) = (now(), 0);
        let (mut state, mut longest) = (with_rhythm(gap), Duration::ZERO);
        while at < end {
            state = advance(
                &state,
                &Outcome::NotModified,
                &Freshness::default(),
                &adaptive(),
                what,
                at,
            );
            let next = state.next_due_at.unwrap();
            longest = longest.max(Duration::try_from(next.duration_since(at)).unwrap());
            at = next;
            count += 1;
        }
        assert!(polls.contains(&count), "{what}: {count} polls");
        assert!(longest <= latest, "{what}: {longest:?} between two");
    }
}

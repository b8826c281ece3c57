//! What a host that refuses wants: how far apart its requests, and how long it is left alone (P18).
//!
//! Many feeds may stand on one host, and a refusal of one of them says as much about the others: that
//! all of them together come too fast. The pause between two requests grows until the host refuses no
//! more, and shrinks again only when it has not refused for long.

use super::backoff::{CROWDED, THROTTLED};
use crate::model::HostPace;
use jiff::Timestamp;
use std::time::Duration;

/// The unit in which hosts count requests most often. A refusal that names no time asks for it, and one
/// that names a longer time counts requests by the hour or day, which a pause between two cannot follow.
const MINUTE: Duration = Duration::from_mins(1);

/// Longest pause that is learnt: with it, a host of two dozen feeds is asked for each once a day.
const LONGEST_GAP: Duration = Duration::from_hours(1);

/// What is added to a pause that a host named, as a part of it: hosts count in whole seconds, and from
/// another instant than we do.
const MARGIN: u32 = 20;

/// Pauses up to this are taken from what the host said; longer ones are felt for by doubling.
const NAMED: Duration = Duration::from_secs(90);

/// Pause between two requests to a host that is in trouble (503 without a word about when), doubled with each such
/// answer in a row: a restart is over by then, and all feeds of a host in maintenance need not find out.
const TROUBLE: Duration = Duration::from_mins(1);

/// Longest such pause: who comes back is asked for the others soon, since each of its feeds backs off by itself.
const LONGEST_TROUBLE: Duration = Duration::from_mins(15);

/// Doublings after which it is the longest.
const MAX_DOUBLINGS: u8 = 4;

/// A host that has not refused for so long is asked as any other again: at worst it refuses once a week.
const FORGIVEN_AFTER: Duration = Duration::from_hours(7 * 24);

/// A refusal as seen from the host.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// What the host asked for.
    pub retry_after: Option<Duration>,
    /// Whether another feed's request came so shortly before that the pace may be to blame.
    pub crowded: bool,
    /// Whether the feed had come to nothing the last time, too, or it alone is refused time after time: the pace is not to
    /// blame then, and the feed's siblings need not be asked ever more slowly for it.
    pub again: bool,
}

/// Returns what a host is believed to want after a refusal at `now`.
///
/// `gap` is the pause in force between its requests, `learnt` as much of it as it was believed to want
/// before: the rest is the operator's, who may want another tomorrow. `since_answer` is how long ago it
/// last gave an answer that was no refusal.
pub(super) fn refused(
    refusal: Refusal,
    gap: Duration,
    learnt: Duration,
    since_answer: Option<Duration>,
    now: Timestamp,
) -> HostPace {
    let rest = match (refusal.retry_after, refusal.crowded) {
        (Some(asked), _) => asked.min(THROTTLED),
        (None, true) => CROWDED,
        (None, false) => THROTTLED,
    };
    let gap = if refusal.crowded && !refusal.again {
        slower(refusal.retry_after, gap, since_answer).max(learnt)
    } else {
        learnt
    };
    HostPace {
        gap,
        rests_until: now.saturating_add(rest).ok(),
        refused_at: now,
    }
}

/// Returns a pause longer than `gap`, up to the longest that is learnt: what the host named, if that can be
/// told, else the double.
fn slower(
    retry_after: Option<Duration>,
    gap: Duration,
    since_answer: Option<Duration>,
) -> Duration {
    let named = retry_after.map(|rest| rest.saturating_add(since_answer.unwrap_or_default()));
    let grown = match named.filter(|named| *named <= NAMED && *named > gap) {
        Some(named) => named,
        None => gap.saturating_mul(2).max(MINUTE),
    };
    grown.saturating_add(grown / MARGIN).min(LONGEST_GAP)
}

/// Returns the pause between two requests to a host that was in trouble at so many answers in a row.
pub(super) fn in_trouble(answers: u8) -> Duration {
    let doublings = answers.saturating_sub(1).min(MAX_DOUBLINGS);
    let pause = TROUBLE.saturating_mul(1 << doublings).min(LONGEST_TROUBLE);
    if answers == 0 { Duration::ZERO } else { pause }
}

/// Tells whether a host that answers at `now` is asked as any other again.
pub(super) fn is_forgiven(pace: &HostPace, now: Timestamp) -> bool {
    let since = now.duration_since(pace.refused_at);
    Duration::try_from(since).is_ok_and(|since| since >= FORGIVEN_AFTER)
}

/// Tells whether nothing is left of a refusal at `now`: its rest is over, and it was so long ago that the
/// next answer would be the last that it is remembered to.
pub(super) fn is_past(pace: &HostPace, now: Timestamp) -> bool {
    is_forgiven(pace, now) && pace.rests_until.is_none_or(|until| until <= now)
}

#[cfg(test)]
mod tests {
    use super::*;

    const fn seconds(seconds: u64) -> Duration {
        Duration::from_secs(seconds)
    }

    /// Asked-for rest and whether others came before; the pause, what of it was learnt, and the answer
    /// before it; the learnt pause and the rest that come of it, in seconds.
    #[test]
    fn p18_what_a_refusal_makes_of_a_host() {
        let hours = |hours: u64| hours * 3600;
        for (retry_after, crowded, (gap, learnt), since_answer, expected) in [
            // One request a minute, told to the second: 1 + 59, and a little.
            (Some(59), true, (1, 0), Some(1), (63, 59)),
            // It counts by the hour: the pause is felt for.
            (Some(3400), true, (1, 0), Some(1), (63, 3400)),
            (Some(3400), true, (63, 63), Some(63), (132, 3400)),
            // Not a word.
            (None, true, (1, 0), Some(1), (63, 900)),
            (None, true, (63, 63), Some(64), (132, 900)),
            (None, true, (3600, 3600), Some(3600), (3600, 900)),
            // It had long been left alone: its pace is not the matter, and the operator's no news.
            (None, false, (1, 0), None, (0, hours(4))),
            (None, false, (600, 0), None, (0, hours(4))),
            (None, false, (600, 63), None, (63, hours(4))),
            (Some(120), false, (63, 63), Some(9000), (63, 120)),
            // The operator's pause is too short, and longer than any that is learnt.
            (None, true, (600, 63), Some(600), (1260, 900)),
            (None, true, (7200, 0), Some(7200), (3600, 900)),
            // A feed waits as long as it is asked to, its siblings no longer than without a word.
            (Some(hours(72)), false, (1, 0), None, (0, hours(4))),
            // "Now" is no time.
            (Some(0), true, (1, 0), Some(1), (63, 0)),
        ] {
            let refusal = Refusal {
                retry_after: retry_after.map(seconds),
                crowded,
                again: false,
            };
            let now = Timestamp::UNIX_EPOCH;
            let since = since_answer.map(seconds);
            let pace = refused(refusal, seconds(gap), seconds(learnt), since, now);
            let rest = pace.rests_until.unwrap().as_second();
            let found = (pace.gap.as_secs(), u64::try_from(rest).unwrap());
            assert_eq!(found, expected, "{refusal:?} {gap} {since_answer:?}");
            // The same feed again: the host rests as long, and what was learnt of it stays.
            let again = Refusal {
                again: true,
                ..refusal
            };
            let kept = refused(again, seconds(gap), seconds(learnt), since, now);
            let expected = HostPace {
                gap: seconds(learnt),
                ..pace
            };
            assert_eq!(kept, expected, "{refusal:?}");
        }
    }

    #[test]
    fn a_host_in_trouble_is_asked_ever_more_slowly() {
        let minutes = [0, 1, 2, 3, 4, 5, 6, u8::MAX].map(|it| in_trouble(it).as_secs() / 60);
        assert_eq!(minutes, [0, 1, 2, 4, 8, 15, 15, 15]);
    }

    #[test]
    fn a_week_of_answers_is_forgiven() {
        let pace = HostPace {
            gap: seconds(63),
            rests_until: None,
            refused_at: Timestamp::UNIX_EPOCH,
        };
        let day = |day: i64| Timestamp::from_second(day * 86_400).unwrap();
        assert!(!is_forgiven(&pace, day(6)));
        assert!(is_forgiven(&pace, day(7)));
        assert!(!is_forgiven(&pace, day(-8)), "the clock was set back");
    }
}

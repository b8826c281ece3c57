//! The interval of a feed that is polled by its own rhythm and the publisher's hints.

use super::backoff::MOST_REFUSALS;
use super::jitter::later;
use super::policy::{FASTEST, Policy};
use super::{periods, words};
use crate::model::{FeedState, Freshness, Hints};
use jiff::Timestamp;
use std::time::Duration;

/// Polling twice per gap finds an entry, on average, a quarter of a gap after it came out, and rarely
/// misses one in a feed that shows few (P37).
const POLLS_PER_GAP: u32 = 2;

/// A feed of which each poll costs the whole document is asked half as often as another: once per gap, and
/// the least interval is so many times the usual one. Publishers who measure ask for a day (P12), and a
/// feed of a few texts a week gets that; newsrooms list the entries of some hours, which a day would lose.
const COSTLY: u32 = 2;

/// Each refusal that is not forgiven makes the interval longer by this over [`REFUSED_UNDER`] (P18): two
/// bring an hour to more than two.
const REFUSED_OVER: u32 = 3;

/// See [`REFUSED_OVER`].
const REFUSED_UNDER: u32 = 2;

/// The ladder of silence: a feed that published nothing for so long is polled at so many times
/// `max-interval`'s pace (P37). Its rhythm tells of when it spoke; what falls silent mostly stays so, and
/// news after weeks is as new an hour later.
const SILENCES: [(Duration, u32, &str); 3] = [
    (Duration::from_hours(30 * 24), 1, "max-interval"),
    (Duration::from_hours(14 * 24), 2, "half of max-interval"),
    (Duration::from_hours(7 * 24), 4, "a quarter of max-interval"),
];

/// A wait, and why so long.
type Wait = (Duration, String);

/// Returns how long to wait after a poll at `now` that succeeded, between `min-interval` and
/// `max-interval`, and why.
///
/// Half the feed's rhythm; `min-interval` while it is unknown; longer when it fell silent. The feed's `ttl` (P34), its update period
/// (P36), the response's freshness (P15) and refusals (P18) only lengthen it, but where the longest of them is less than
/// an hour, that is leave to ask a quick feed so often (P12).
pub(super) fn interval(
    state: &FeedState,
    freshness: &Freshness,
    policy: &Policy,
    now: Timestamp,
) -> Wait {
    let mut best = by_rhythm(state, freshness, policy);
    let silence = by_silence(state.newest_at, policy, now);
    if let Some(silence) = silence.filter(|it| it.0 > best.0) {
        best = silence;
    }
    let hints = [
        (state.hints.ttl, "the feed's ttl is"),
        (
            freshness.lifetime,
            "the publisher says that it stays fresh for",
        ),
    ];
    for (hint, said) in hints {
        if let Some(hint) = longer(hint, &best, policy) {
            best = by_hint(hint, said, policy);
        }
    }
    if let Some(period) = longer(state.hints.update_period, &best, policy) {
        best = by_period(period, &state.hints, best.0, policy, now);
    }
    lengthened(best, state.refusals, policy)
}

/// Returns the hint where it asks for more than `best`, as far as it counts.
fn longer(hint: Option<Duration>, best: &Wait, policy: &Policy) -> Option<Duration> {
    hint.filter(|hint| (*hint).min(policy.max_interval) > best.0)
}

/// Lengthens a wait by the refusals that are not forgiven, up to `max-interval`: an origin that asked for
/// patience found the feed's interval too short (P18).
fn lengthened((span, reason): Wait, refusals: u32, policy: &Policy) -> Wait {
    let longer = |span: Duration| span.saturating_mul(REFUSED_OVER) / REFUSED_UNDER;
    let count = refusals.min(MOST_REFUSALS);
    let grown = (0..count).fold(span, |span, _| longer(span));
    let grown = grown.min(policy.max_interval);
    if grown <= span {
        return (span, reason);
    }
    let refused = match count {
        1 => "a refusal makes".to_owned(),
        _ => format!("{count} refusals make"),
    };
    let grown_said = words::span(grown);
    (grown, format!("{reason}; {refused} that {grown_said}"))
}

/// Returns how long the publisher says that a copy is good for: the longest of the spans that it names.
/// `None` when it is silent; a lifetime of nothing ("ask each time") names none.
fn named(state: &FeedState, freshness: &Freshness) -> Option<Duration> {
    let hints = &state.hints;
    let named = [hints.ttl, hints.update_period, freshness.lifetime];
    named.into_iter().flatten().filter(|it| !it.is_zero()).max()
}

/// Documents in a row for which the validators were of no use, before a feed is taken for one that has none: one
/// comes of a feed that moved.
const ASTRAY: u32 = 2;

/// Tells whether each poll of a feed costs its publisher the whole document: nothing makes a request
/// conditional, or what does is never for the address that answers, and nothing says how often to come.
fn is_costly(state: &FeedState, freshness: &Freshness) -> bool {
    let is_useless = state.validators.is_empty() || state.astray >= ASTRAY;
    is_useless && named(state, freshness).is_none()
}

fn by_rhythm(state: &FeedState, freshness: &Freshness, policy: &Policy) -> Wait {
    let longest = policy.max_interval;
    let costly = is_costly(state, freshness);
    let Some(rhythm) = state.rhythm else {
        let (shortest, why) = least(None, costly, policy);
        return (shortest, format!("its rhythm is unknown: {why}"));
    };
    let (polls, but) = if costly {
        (1, " and has no validators")
    } else {
        (POLLS_PER_GAP, "")
    };
    let said = format!("the feed publishes about every {}", words::span(rhythm));
    let wanted = rhythm / polls;
    let (shortest, why) = least(named(state, freshness), costly, policy);
    // `min` wins over `max` when the operator has them crossed.
    if wanted < shortest || longest < shortest {
        return (shortest, format!("{said}: {why}"));
    }
    if wanted > longest {
        let longest_said = words::span(longest);
        return (longest, format!("{said}: max-interval is {longest_said}"));
    }
    (wanted, said + but)
}

/// Returns the wait for a feed that fell silent, if it did.
fn by_silence(newest_at: Option<Timestamp>, policy: &Policy, now: Timestamp) -> Option<Wait> {
    let silence = Duration::try_from(now.duration_since(newest_at?)).ok()?;
    let mut steps = SILENCES.iter();
    let (_, pace, said) = steps.find(|(least, _, _)| silence >= *least)?;
    let silence = words::span(silence);
    let reason = format!("the newest entry is {silence} old: {said}");
    Some((policy.max_interval / *pace, reason))
}

/// Returns the least interval, and why it is that one; `named` is the publisher's word for a feed that is
/// quick enough to want less than an hour.
fn least(named: Option<Duration>, costly: bool, policy: &Policy) -> Wait {
    let usual = policy.least_interval();
    let (least, why) = match named {
        _ if policy.min_interval.is_some() => (usual, "min-interval is"),
        _ if costly => {
            let least = (usual * COSTLY).min(policy.max_interval).max(usual);
            (least, "without validators the least is")
        }
        Some(named) if named < usual => (named.max(FASTEST), "its publisher allows a poll every"),
        _ => (usual, "the least is"),
    };
    (least, format!("{why} {}", words::span(least)))
}

fn by_hint(hint: Duration, said: &str, policy: &Policy) -> Wait {
    let said = format!("{said} {}", words::span(hint));
    let longest = policy.max_interval;
    if hint > longest {
        return (
            longest,
            format!("{said}: max-interval is {}", words::span(longest)),
        );
    }
    (hint, said)
}

/// Waits as long as the feed says that it stays as it is; with a base, until the first period begins at
/// which it is allowed again, `least` from now: what it brings is then found when it is new, and not
/// somewhere in the period.
///
/// Where `least` reaches beyond the next start, the one after it is too far: the period alone counts then.
/// Jitter brings the feed to a start in time.
fn by_period(
    period: Duration,
    hints: &Hints,
    least: Duration,
    policy: &Policy,
    now: Timestamp,
) -> Wait {
    let start = hints
        .update_base
        .map(|base| periods::next(later(now, least), base, period));
    let wait = start.and_then(|start| Duration::try_from(start.duration_since(now)).ok());
    match wait.filter(|wait| *wait <= period.min(policy.max_interval)) {
        Some(wait) => {
            let period = words::span(period);
            let reason = format!("the next of the feed's update periods of {period} begins");
            (wait, reason)
        }
        None => by_hint(period, "the feed's update period is", policy),
    }
}

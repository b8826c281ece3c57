//! Many feeds on a host that allows few requests, played through (P18, P32).

use super::*;
use crate::model::{FeedState, Freshness, Outcome, Validators};
use crate::schedule::backoff::is_refused_again;
use crate::schedule::{Policy, advance};

const MINUTE: Duration = Duration::from_mins(1);
const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

const FEEDS: usize = 100;

/// How long an exchange takes.
const EXCHANGE: Duration = Duration::from_millis(300);

/// How a host counts requests.
#[derive(Clone, Copy, Debug)]
enum Limit {
    /// One in any minute since the last that it took, in milliseconds.
    Spacing,
    /// One in each minute of its clock.
    Window,
}

/// A host that allows one request a minute.
struct Host {
    limit: Limit,
    /// Whether it says how long to wait.
    tells: bool,
    taken_at: Option<Timestamp>,
}

impl Host {
    /// Takes a request or says how long it refuses the next.
    fn ask(&mut self, now: Timestamp) -> Result<(), Duration> {
        let free_at = self.taken_at.map(|at| match self.limit {
            Limit::Spacing => at + MINUTE,
            Limit::Window => Timestamp::from_second((at.as_second() / 60 + 1) * 60).unwrap(),
        });
        if let Some(free_at) = free_at.filter(|free_at| *free_at > now) {
            return Err(Duration::try_from(free_at.duration_since(now)).unwrap());
        }
        self.taken_at = Some(now);
        Ok(())
    }
}

/// What the host saw: when it refused, and when it served each feed.
#[derive(Default)]
struct Log {
    refused: Vec<Timestamp>,
    served: BTreeMap<usize, Vec<Timestamp>>,
}

fn start() -> Timestamp {
    "2026-11-01T12:00:00Z".parse().unwrap()
}

fn asked(retry_after: Option<Duration>) -> Freshness {
    Freshness {
        lifetime: None,
        retry_after,
    }
}

/// Plays feeds of an hour's interval through a day.
fn play(mut host: Host) -> Log {
    let start = start();
    let mut agenda = Agenda::new(vec![Arc::from("host:443"); FEEDS], Duration::from_secs(1));
    let validated = FeedState {
        validators: Validators {
            etag: Some(b"\"1\"".to_vec()),
            ..Validators::default()
        },
        ..FeedState::default()
    };
    let mut states = vec![validated; FEEDS];
    for feed in 0..FEEDS {
        agenda.put(feed, start);
    }
    let mut log = Log::default();
    let mut clock = start;
    while clock < start + DAY {
        let Some(turn) = agenda.take(clock, clock) else {
            clock = agenda
                .next_at()
                .unwrap()
                .max(clock + Duration::from_millis(1));
            continue;
        };
        let answer = host.ask(clock);
        let asked_at = clock;
        clock += EXCHANGE;
        let (outcome, freshness, end) = match answer {
            Ok(()) => {
                log.served.entry(turn.feed).or_default().push(asked_at);
                (Outcome::NotModified, Freshness::default(), End::Answered)
            }
            Err(wait) => {
                log.refused.push(asked_at);
                // In whole seconds, as hosts do.
                let retry_after = host.tells.then(|| Duration::from_secs(wait.as_secs()));
                let outcome = if turn.crowded {
                    Outcome::Crowded
                } else {
                    Outcome::Throttled
                };
                let refusal = Refusal {
                    retry_after,
                    crowded: turn.crowded,
                    again: is_refused_again(&states[turn.feed]),
                };
                let freshness = asked(retry_after);
                (outcome, freshness, End::Refused(refusal))
            }
        };
        agenda.finish(turn.feed, end, clock);
        let seed = format!("feed-{}", turn.feed);
        let before = states[turn.feed].clone();
        let state = advance(
            before,
            &outcome,
            &freshness,
            &Policy::default(),
            &seed,
            clock,
        );
        agenda.put(turn.feed, state.next_due_at.unwrap());
        states[turn.feed] = state;
    }
    log
}

/// Returns the longest that a feed waits for its turn once the state is steady.
fn longest_wait(log: &Log, steady: Timestamp) -> Duration {
    let waits = log.served.values().flat_map(|served| {
        let mut instants = vec![steady];
        instants.extend(served.iter().filter(|at| **at >= steady));
        instants.push(start() + DAY);
        let pairs = instants.windows(2);
        let waits = pairs.map(|pair| Duration::try_from(pair[1].duration_since(pair[0])).unwrap());
        waits.collect::<Vec<_>>()
    });
    waits.max().unwrap()
}

/// A hundred feeds, one request a minute: no refusal after two hours, and nobody waits for more than 110
/// minutes.
#[test]
fn p18_a_crowded_host_reaches_a_steady_state() {
    for limit in [Limit::Spacing, Limit::Window] {
        for tells in [true, false] {
            let log = play(Host {
                limit,
                tells,
                taken_at: None,
            });
            let steady = start() + 2 * HOUR;
            let of = format!("{limit:?}, tells: {tells}, refused {:?}", log.refused);
            assert!(log.refused.iter().all(|at| *at < steady), "{of}");
            assert!(log.refused.len() < 10, "{of}");
            assert_eq!(log.served.len(), FEEDS, "{of}");
            let longest = longest_wait(&log, steady);
            assert!(longest <= 110 * MINUTE, "{of}, waits {longest:?}");
        }
    }
}

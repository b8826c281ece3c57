//! Who waits for which verdict, under storms and with a file that hangs.

use super::*;
use proptest::prelude::*;
use std::collections::BTreeMap;

const SECOND: Duration = Duration::from_secs(1);

fn ask(docket: &mut Docket, by: By, now: Duration) {
    docket.enter(Asker::silent(by), now);
}

/// Whoever asks while a verdict is under way shares the next; however many they are, there is one to come.
#[test]
fn one_is_under_way_and_one_to_come() {
    let mut docket = Docket::default();
    ask(&mut docket, By::Signal, Duration::ZERO);
    assert_eq!(docket.next_at(true), Some(Duration::ZERO));
    assert!(docket.begin(Duration::ZERO).is_some());
    assert!(docket.hears_signals(), "it may be for a newer text");
    for second in 1..10 {
        for by in [By::Signal, By::Command, By::Watch, By::Force] {
            ask(&mut docket, by, SECOND * second);
        }
        assert!(!docket.hears_signals());
    }
    assert_eq!(docket.end().unwrap().ways(), BTreeSet::from([By::Signal]));
    docket.rest(Duration::ZERO, SECOND * 10);
    assert!(docket.begin(SECOND * 10).is_none(), "a pause");
    let begins_at = docket.next_at(true).unwrap();
    assert_eq!(begins_at, SECOND * 10 + PAUSE);
    let next = docket.begin(begins_at).unwrap();
    assert_eq!(next.askers.len(), 4, "one of each kind");
    docket.end();
    assert!(docket.is_empty() && docket.next_at(true).is_none());
}

/// A verdict that takes long is followed by a longer pause, up to what is waited for.
#[test]
fn the_pause_goes_by_what_a_verdict_takes() {
    for (took, pause) in [
        (Duration::ZERO, PAUSE),
        (PAUSE / SHARE, PAUSE),
        (SECOND, SECOND * SHARE),
        (SECOND * 60, LONGEST_PAUSE),
    ] {
        let mut docket = Docket::default();
        docket.rest(took, SECOND * 100);
        ask(&mut docket, By::Command, SECOND * 100);
        assert_eq!(docket.next_at(true), Some(SECOND * 100 + pause), "{took:?}");
    }
}

/// A file that does not answer is given up for who waits for it, and later for who came after.
#[test]
fn what_hangs_is_given_up() {
    let mut docket = Docket::default();
    ask(&mut docket, By::Command, Duration::ZERO);
    docket.begin(Duration::ZERO);
    ask(&mut docket, By::Signal, SECOND * 5);
    assert_eq!(docket.next_at(false), Some(PATIENCE));
    assert!(docket.overdue(false, SECOND * 19).is_empty());
    let given_up = docket.overdue(false, PATIENCE);
    assert_eq!(given_up.len(), 1);
    assert!(given_up[0].is_begun && given_up[0].has(By::Command));
    assert_eq!(docket.next_at(false), Some(PATIENCE + SECOND * 5));
    let given_up = docket.overdue(false, PATIENCE + SECOND * 5);
    assert!(!given_up[0].is_begun && given_up[0].has(By::Signal));
    assert!(docket.end().is_none(), "what comes too late is for nobody");
    // What may begin is begun, however late.
    ask(&mut docket, By::Watch, SECOND * 100);
    assert!(docket.overdue(true, SECOND * 200).is_empty());
    assert!(docket.begin(SECOND * 200).unwrap().is_unasked());
}

/// What happens at an instant.
#[derive(Clone, Debug)]
enum Event {
    Asks(By),
    /// The thread is back, if it is away, and the verdict takes so many milliseconds.
    Returns(u64),
    Passes(u64),
}

fn event() -> impl Strategy<Value = Event> {
    prop_oneof![
        prop_oneof![
            Just(By::Signal),
            Just(By::Command),
            Just(By::Force),
            Just(By::Watch)
        ]
        .prop_map(Event::Asks),
        (0..3000_u64).prop_map(Event::Returns),
        (0..8000_u64).prop_map(Event::Passes),
    ]
}

/// Who waits, since when, and whether for what is under way.
#[derive(Debug, Default)]
struct World {
    docket: Docket,
    now: Duration,
    is_away: bool,
    /// The last verdict ended then.
    ended_at: Option<Duration>,
    waiting: BTreeMap<By, Duration>,
    under_way: BTreeMap<By, Duration>,
}

impl World {
    /// Does what the loop does at each step.
    fn step(&mut self) {
        for case in self.docket.overdue(!self.is_away, self.now) {
            let waiting = if case.is_begun {
                &mut self.under_way
            } else {
                &mut self.waiting
            };
            for by in case.ways() {
                assert!(waiting.remove(&by).is_some(), "{by:?} was told twice");
            }
        }
        if self.is_away {
            return;
        }
        let Some(case) = self.docket.begin(self.now) else {
            return;
        };
        self.is_away = true;
        assert!(self.under_way.is_empty(), "two are under way");
        assert!(
            self.ended_at.is_none_or(|at| self.now >= at + PAUSE),
            "no pause"
        );
        self.under_way = std::mem::take(&mut self.waiting);
        assert_eq!(case.ways(), self.under_way.keys().copied().collect());
    }

    fn take(&mut self, event: &Event) {
        match event {
            Event::Asks(by) => {
                ask(&mut self.docket, *by, self.now);
                self.waiting.entry(*by).or_insert(self.now);
            }
            Event::Returns(took) if self.is_away => {
                self.is_away = false;
                let ended = self.docket.end();
                assert_eq!(ended.is_none(), self.under_way.is_empty());
                if ended.is_some() {
                    self.now += Duration::from_millis(*took);
                    self.docket.rest(Duration::from_millis(*took), self.now);
                    self.ended_at = Some(self.now);
                    self.under_way.clear();
                }
            }
            Event::Returns(_) => {}
            Event::Passes(passed) => {
                // The loop wakes whenever there is something to do.
                let until = self.now + Duration::from_millis(*passed);
                while let Some(at) = self.docket.next_at(!self.is_away).filter(|at| *at <= until) {
                    assert!(at >= self.now || !self.is_away, "it would never sleep");
                    self.now = self.now.max(at);
                    self.step();
                }
                self.now = until;
            }
        }
        self.step();
        let longest = PATIENCE * 2 + LONGEST_PAUSE + SECOND * 3;
        for since in self.waiting.values().chain(self.under_way.values()) {
            assert!(self.now <= *since + longest, "somebody waits for ever");
        }
    }
}

proptest! {
    /// Whoever asks is told once, of a text that was read after that; never are two under way, there is a pause
    /// between two, and nobody waits for ever.
    #[test]
    fn everybody_gets_a_verdict_that_is_not_older(events in prop::collection::vec(event(), 1..60)) {
        let mut world = World::default();
        for event in &events {
            world.take(event);
        }
    }
}

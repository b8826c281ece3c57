//! What holds whatever happens in whatever order.

use super::*;
use proptest::collection::vec;
use proptest::prelude::*;

const NAMES: [&str; 4] = ["a", "b", "c", "d"];
const FEEDS: usize = 6;

/// Something that happens, to a feed and a host, and a number of seconds.
#[derive(Clone, Copy, Debug)]
enum Event {
    Put(usize, i64),
    Take,
    Finish(usize, Option<(u64, bool)>),
    GoOn(usize, usize),
    Divert(usize),
    Occupy(usize, usize),
    Withdraw(usize),
    Rehost(usize, usize),
    Succeed,
    Shift(i64),
    Wait(i64),
}

fn event() -> impl Strategy<Value = Event> {
    let (feed, host) = (0..FEEDS, 0..NAMES.len());
    let refused = proptest::option::of((0..20_u64, any::<bool>()));
    prop_oneof![
        4 => (feed.clone(), -5..20_i64).prop_map(|(feed, wait)| Event::Put(feed, wait)),
        4 => Just(Event::Take),
        4 => (feed.clone(), refused).prop_map(|(feed, end)| Event::Finish(feed, end)),
        3 => (feed.clone(), host.clone()).prop_map(|(feed, host)| Event::GoOn(feed, host)),
        1 => host.clone().prop_map(Event::Divert),
        1 => (feed.clone(), host.clone()).prop_map(|(feed, host)| Event::Occupy(feed, host)),
        1 => feed.clone().prop_map(Event::Withdraw),
        1 => (feed, host).prop_map(|(feed, host)| Event::Rehost(feed, host)),
        1 => Just(Event::Succeed),
        1 => (-50..50_i64).prop_map(Event::Shift),
        4 => (0..10_i64).prop_map(Event::Wait),
    ]
}

/// What an observer knows.
struct World {
    agenda: Agenda,
    now: Timestamp,
    homes: Vec<Arc<str>>,
    /// Feeds that were entered and not taken.
    entered: BTreeSet<usize>,
    /// Feeds that were taken, and where.
    out: BTreeMap<usize, Arc<str>>,
    /// When hosts may be asked again.
    free: BTreeMap<Arc<str>, Timestamp>,
}

impl World {
    fn new() -> Self {
        let homes: Vec<Arc<str>> = (0..FEEDS).map(|feed| NAMES[feed % 2].into()).collect();
        Self {
            agenda: Agenda::new(homes.clone(), GAP),
            now: at(0),
            homes,
            entered: BTreeSet::new(),
            out: BTreeMap::new(),
            free: BTreeMap::new(),
        }
    }

    fn enter(&mut self, feed: usize) {
        self.out.remove(&feed);
        self.entered.insert(feed);
    }

    /// Takes what may go, and finds everything as it was promised.
    fn take(&mut self) -> Option<Turn> {
        let next_at = self.agenda.next_at();
        let turn = self.agenda.take(self.now, self.now)?;
        assert!(next_at.unwrap() <= self.now, "it would have slept on");
        assert!(self.entered.remove(&turn.feed), "it was not there");
        let host = Arc::clone(&turn.host);
        assert!(self.out.values().all(|busy| *busy != host), "two at a time");
        let free = self.free.get(&host);
        assert!(free.is_none_or(|free| *free <= self.now), "too soon");
        self.out.insert(turn.feed, host);
        Some(turn)
    }

    fn finish(&mut self, feed: usize, end: End) {
        let changed = self.agenda.finish(feed, end, self.now);
        let Some(host) = self.out.remove(&feed) else {
            assert_eq!(changed, None);
            return;
        };
        let pace = self.agenda.hosts[&host].pace;
        let gap = pace.map_or(GAP, |pace| pace.gap.max(GAP));
        let rests_until = pace.and_then(|pace| pace.rests_until).unwrap_or(self.now);
        self.free.insert(host, rests_until.max(self.now + gap));
    }

    /// Another agenda follows, as after a reload.
    fn succeed(&mut self) {
        let before = std::mem::take(&mut self.agenda);
        self.agenda = Agenda::new(self.homes.clone(), GAP);
        self.agenda.succeed(&before, &Some);
        for (feed, host) in &self.out {
            self.agenda.occupy(*feed, host);
        }
        for feed in &self.entered {
            self.agenda.put(*feed, self.now);
        }
    }

    fn happen(&mut self, event: Event) {
        match event {
            Event::Put(feed, wait) => {
                self.agenda
                    .put(feed, self.now + SignedDuration::from_secs(wait));
                self.enter(feed);
            }
            Event::Take => drop(self.take()),
            Event::Finish(feed, None) => self.finish(feed, End::Answered),
            Event::Finish(feed, Some((rest, crowded))) => {
                self.finish(feed, refusal(Some(rest), crowded));
            }
            Event::GoOn(feed, host) => {
                self.agenda.go_on(feed, NAMES[host], self.now);
                self.enter(feed);
            }
            Event::Divert(host) => {
                if let Some(turn) = self.take() {
                    self.agenda.divert(&turn, NAMES[host], self.now);
                    self.enter(turn.feed);
                }
            }
            Event::Occupy(feed, host) => {
                let host: Arc<str> = NAMES[host].into();
                if self.out.values().all(|busy| *busy != host) {
                    self.agenda.occupy(feed, &host);
                    self.entered.remove(&feed);
                    self.out.insert(feed, host);
                }
            }
            Event::Withdraw(feed) => {
                self.agenda.withdraw(feed);
                self.entered.remove(&feed);
            }
            Event::Rehost(feed, host) => {
                self.agenda.rehost(feed, NAMES[host]);
                self.homes[feed] = NAMES[host].into();
            }
            Event::Succeed => self.succeed(),
            Event::Shift(span) => {
                let span = SignedDuration::from_secs(span);
                self.agenda.shift(span, &|_, _| None);
                self.now += span;
                self.free.values_mut().for_each(|free| *free += span);
            }
            Event::Wait(seconds) => self.now += SignedDuration::from_secs(seconds),
        }
    }

    /// Finds each feed that was entered in one place, and nobody else.
    fn is_sound(&self) {
        let due = self.agenda.due.iter().map(|(_, feed)| *feed);
        let queued = self.agenda.hosts.values().flat_map(Host::waiting);
        let mut found: Vec<usize> = due.chain(queued).collect();
        found.sort_unstable();
        assert_eq!(self.agenda.due_by(Timestamp::MAX), found.len());
        let entered: Vec<usize> = self.entered.iter().copied().collect();
        assert_eq!(found, entered);
        let hosts = self.agenda.hosts.iter();
        let busy = hosts.filter_map(|(name, host)| Some((host.busy?, Arc::clone(name))));
        assert_eq!(busy.collect::<BTreeMap<_, _>>(), self.out);
        let hosts = self.agenda.hosts.iter();
        let ready = hosts.filter_map(|(name, host)| {
            let (at, feed) = host.next(GAP)?;
            Some((at, feed, Arc::clone(name)))
        });
        assert_eq!(ready.collect::<BTreeSet<_>>(), self.agenda.ready);
    }

    /// Lets time go on until everybody had its turn.
    fn drain(&mut self) {
        for feed in 0..FEEDS {
            self.finish(feed, End::Answered);
        }
        for _ in 0..2 * FEEDS {
            while let Some(turn) = self.take() {
                self.finish(turn.feed, End::Answered);
            }
            self.now = self
                .agenda
                .next_at()
                .map_or(self.now, |at| at.max(self.now));
        }
        assert_eq!(self.entered, BTreeSet::new(), "lost");
        assert_eq!(self.agenda.next_at(), None);
    }
}

proptest! {
    /// Each feed is there once and is never lost, a host is asked one thing at a time and never before it
    /// is free, and nobody sleeps past a turn.
    #[test]
    fn p32_whatever_happens_everybody_has_its_turn(events in vec(event(), 0..80)) {
        let mut world = World::new();
        for event in events {
            world.happen(event);
            world.is_sound();
        }
        world.drain();
        world.is_sound();
    }
}

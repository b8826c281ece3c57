//! Polls that reached nobody, while it is not known whose fault that is: their feeds are asked again soon.

use crate::hosts::{states, with_hosts};
use crate::origin::{Origin, Reply};
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use merganser::control::{self, Answer, Listener, Request, SOCKET};
use merganser::model::{FeedId, FeedState, Health};
use tokio::sync::oneshot;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);

/// Six hosts with one feed each; that of the last was just polled again, and reached nobody. `first`: how often that of the
/// first is.
async fn start(first: &str) -> (TestDaemon, Vec<Origin>) {
    let (mut test, origins) = with_hosts(6).await;
    let ids = ["first-xml", "m1", "m2", "m3", "m4", "m5"];
    let spans = [first, "3h", "3h", "3h", "3h", "5m"];
    for (id, span) in ids.into_iter().zip(spans) {
        let id = format!("id = \"{id}\"\n");
        let polled = format!("{id}schedule = \"every {span}\"\n");
        test.config = test.config.replace(&id, &polled);
    }
    test.restart().await;
    test.run_due().await;
    origins[5].down().await;
    let due_at = test.daemon().next_due_at().unwrap();
    test.clock.advance(due_at.duration_since(test.now()));
    assert!(test.run_due().await.is_empty(), "it is in doubt");
    (test, origins)
}

fn state(test: &mut TestDaemon, id: &str) -> FeedState {
    let rows = test.daemon().store().feeds().unwrap();
    let row = rows.into_iter().find(|row| row.id == FeedId::new(id));
    row.unwrap().state
}

/// Lets others go on.
async fn a_while() {
    for _ in 0..50 {
        tokio::task::yield_now().await;
    }
}

fn assert_well(test: &mut TestDaemon) {
    for (feed, health, failures) in states(test) {
        assert_eq!((health, failures), (Health::Ok, 0), "{feed}");
    }
}

/// A host that is away for a moment is asked a minute later, and nothing of it is counted.
#[tokio::test]
async fn a_moment_away_costs_a_minute() {
    let (mut test, origins) = start("3h").await;
    origins[5].up().await;
    let at = test.now() + MINUTE;
    assert_eq!(test.daemon().next_due_at(), Some(at));
    test.clock.advance(MINUTE);
    let reports = test.run_due().await;
    assert_eq!((reports.len(), reports[0].feed.as_str()), (1, "m5"));
    assert_well(&mut test);
    // That another host answers now changes nothing of it.
    test.run_for(HOUR * 2).await;
    assert_well(&mut test);
    test.finish().await;
}

/// Another host that answers within that minute shows that the network works, and has nothing counted before the feed was asked
/// once more: its next poll would be an hour later for a restart of its server.
#[tokio::test]
async fn a_moment_away_beside_others_costs_no_more() {
    for is_back in [true, false] {
        let (mut test, origins) = start("3h").await;
        test.clock.advance(MINUTE / 4);
        let answer = poll_by_hand(&mut test, "first-xml", false).await;
        assert!(!answer.polled[0].is_unreachable, "{answer:?}");
        test.clock.advance(MINUTE / 2);
        assert!(test.run_due().await.is_empty());
        assert_well(&mut test);
        if is_back {
            origins[5].up().await;
        }
        test.clock.advance(MINUTE / 4);
        assert_eq!(test.run_due().await.len(), 1);
        let m5 = state(&mut test, "m5");
        assert_eq!(m5.failures, u32::from(!is_back));
        test.finish().await;
    }
}

/// Of two hosts nobody can tell whose fault it is, and so a failure counts: once the feed was asked again, as with more of them.
#[tokio::test]
async fn of_two_hosts_one_that_is_away_for_a_moment_is_asked_once_more() {
    for is_back in [true, false] {
        let (mut test, origins) = with_hosts(2).await;
        test.run_due().await;
        origins[1].down().await;
        let told = poll_by_hand(&mut test, "m1", false).await;
        assert!(told.polled[0].words.contains("not counted"), "{told:?}");
        assert_well(&mut test);
        assert_eq!(test.daemon().next_due_at(), Some(test.now() + MINUTE));
        if is_back {
            origins[1].up().await;
        }
        test.clock.advance(MINUTE);
        assert_eq!(test.run_due().await.len(), 1);
        assert_eq!(state(&mut test, "m1").failures, u32::from(!is_back));
        if !is_back {
            // Of one that fails each failure counts.
            let next = test.daemon().next_due_at().unwrap();
            test.clock.advance(next.duration_since(test.now()));
            assert_eq!(test.run_due().await.len(), 1);
            assert_eq!(state(&mut test, "m1").failures, 2);
        }
        test.finish().await;
    }
}

/// Of two hosts one that never answered is no host that is away for a moment.
#[tokio::test]
async fn who_is_new_and_away_fails_at_once() {
    let (mut test, origins) = with_hosts(2).await;
    origins[1].down().await;
    assert_eq!(test.run_due().await.len(), 2);
    assert_eq!(state(&mut test, "m1").failures, 1);
    test.finish().await;
}

/// Who polls by hand looks once more: a failure counts then as it does by the repeat, and not before half a minute has passed.
#[tokio::test]
async fn a_poll_by_hand_is_a_second_one() {
    for hosts in [2, 6] {
        let (mut test, origins) = with_hosts(hosts).await;
        let id = format!("m{}", hosts - 1);
        test.run_due().await;
        test.clock.advance(MINUTE);
        origins[hosts - 1].down().await;
        poll_by_hand(&mut test, &id, false).await;
        test.clock.advance(MINUTE / 4);
        if hosts > 2 {
            poll_again_by_hand(&mut test, "first-xml", false).await;
        }
        let soon = poll_again_by_hand(&mut test, &id, false).await;
        assert!(soon.polled[0].words.contains("not counted"), "{soon:?}");
        test.clock.advance(MINUTE * 2 / 3);
        let later = poll_again_by_hand(&mut test, &id, false).await;
        assert!(!later.polled.is_empty(), "{later:?}");
        test.run_due().await;
        assert_eq!(
            state(&mut test, &id).failures,
            1,
            "{hosts} hosts: {later:?}"
        );
        test.finish().await;
    }
}

/// The repeat of a feed may have to wait for its host, which rests for hours since another feed of it was refused: the failure
/// waits no longer for it than some minutes.
#[tokio::test]
async fn a_failure_does_not_wait_for_a_host_that_rests() {
    for hosts in [2, 6] {
        let (mut test, origins) = with_hosts(hosts).await;
        let there = &origins[1];
        let refusal = Reply::status(429).header("retry-after", "14400");
        there.say("/other.xml", refusal);
        // A host that no feed has for its own.
        let moved = Reply::status(302).header("location", "http://127.0.0.1:9/feed.xml");
        there.say("/feed.xml", moved);
        let other = there.url("/other.xml");
        let other = format!("[[feed]]\nid = \"other\"\nurl = \"{other}\"\n");
        test.config.push_str(&other);
        test.restart().await;
        test.run_for(MINUTE * 10).await;
        let m1 = state(&mut test, "m1");
        assert_eq!(m1.failures, 1, "{hosts} hosts: {m1:?}");
        test.finish().await;
    }
}

/// R7: a clock that is set while a feed is in doubt leaves the minute as long as it was.
#[tokio::test]
async fn r7_the_minute_is_as_long_when_the_clock_is_set() {
    for jump in [HOUR * 24, -HOUR * 24] {
        let (mut test, origins) = start("3h").await;
        test.clock.advance(MINUTE / 2);
        test.clock.jump(jump);
        assert!(test.run_due().await.is_empty(), "after {jump:#}");
        assert_eq!(test.daemon().next_due_at(), Some(test.now() + MINUTE / 2));
        assert_well(&mut test);
        origins[5].up().await;
        test.clock.advance(MINUTE / 2);
        assert_eq!(test.run_due().await.len(), 1, "after {jump:#}");
        assert_well(&mut test);
        test.finish().await;
    }
}

/// One that stays away is asked less and less, and after an hour that is one failure.
#[tokio::test]
async fn who_stays_away_is_asked_less_and_less() {
    let (mut test, _origins) = start("3h").await;
    let begun = test.now();
    let mut asked_at = Vec::new();
    while state(&mut test, "m5").failures == 0 {
        let next = test.daemon().next_due_at().unwrap();
        test.clock.advance(next.duration_since(test.now()));
        asked_at.push(next.duration_since(begun).as_mins());
        let reports = test.run_due().await;
        assert!(reports.iter().all(|it| it.feed.as_str() == "m5"));
    }
    assert_eq!(asked_at, [1, 3, 7, 15, 30, 45, 60]);
    let failed = state(&mut test, "m5");
    assert_eq!((failed.health, failed.failures), (Health::Failing, 1));
    test.finish().await;
}

/// Hosts that were dead beside others that answered are asked again, all in the same minute: that is no outage.
#[tokio::test]
async fn that_the_dead_do_not_answer_again_is_no_outage() {
    let (mut test, origins) = with_hosts(10).await;
    let all = test.config.clone();
    for (n, origin) in origins.iter().enumerate().skip(5) {
        origin.down().await;
        let id = format!("id = \"m{n}\"\n");
        let off = format!("{id}enabled = false\n");
        test.config = test.config.replace(&id, &off);
    }
    test.restart().await;
    assert_eq!(test.run_due().await.len(), 5);
    test.clock.advance(SignedDuration::from_millis(500));
    test.config = all;
    test.reload().await;
    assert!(test.run_due().await.is_empty(), "they are in doubt");
    for minutes in [1, 2, 4, 8] {
        test.clock.advance(MINUTE * minutes);
        assert!(test.run_due().await.is_empty(), "they are in doubt still");
        let status = test.daemon().status();
        assert!(!status.contains("DOWN"), "{status}");
    }
    test.finish().await;
}

/// What is in doubt waits for the poll that is under way: another host answers meanwhile, and then this one does.
#[tokio::test]
async fn the_poll_under_way_decides() {
    let (mut test, origins) = start("6m").await;
    origins[5].up().await;
    origins[5].hold("/feed.xml");
    // The first is due as well.
    test.clock.advance(MINUTE * 2);
    let now = test.now();
    while state(&mut test, "first-xml").last_poll_at != Some(now) {
        tokio::select! {
            reports = test.run_due() => panic!("it was held: {reports:?}"),
            () = a_while() => {}
        }
    }
    origins[5].release();
    test.run_due().await;
    assert_well(&mut test);
    let m5 = FeedId::new("m5");
    let polls = test.daemon().store().polls(&m5, 9).unwrap().into_iter();
    let outcomes: Vec<_> = polls.map(|poll| poll.outcome).collect();
    assert_eq!(outcomes, ["not-modified", "modified"]);
    test.finish().await;
}

/// A feed that is led from a host which answers to one that does not is in doubt for the second alone.
#[tokio::test]
async fn the_answer_of_the_first_host_of_two_counts_nothing() {
    let (mut test, origins) = with_hosts(6).await;
    let far = origins[5].url("/feed.xml");
    origins[4].say("/feed.xml", Reply::status(302).header("location", &far));
    origins[5].down().await;
    assert!(
        test.run_due()
            .await
            .iter()
            .all(|it| it.feed.as_str() != "m4")
    );
    origins[5].up().await;
    test.clock.advance(MINUTE);
    let reports = test.run_due().await;
    let m4 = reports.iter().find(|it| it.feed.as_str() == "m4");
    assert_eq!(
        m4.map(|it| it.outcome.is_success()),
        Some(true),
        "{reports:?}"
    );
    test.finish().await;
}

/// A reload leaves when a feed in doubt is asked again as it is, and what operators are told of it.
#[tokio::test]
async fn a_reload_leaves_the_minute_as_it_is() {
    let (mut test, _origins) = start("3h").await;
    let at = test.now() + MINUTE;
    test.clock.advance(MINUTE / 2);
    let more = "[[feed]]\nid = \"more\"\nurl = \"https://more.example/\"\nenabled = false\n";
    test.config.push_str(more);
    test.reload().await;
    assert_eq!(test.daemon().config().feeds.len(), 7);
    assert_eq!(test.daemon().next_due_at(), Some(at));
    test.clock.advance(MINUTE / 2);
    test.run_due().await;
    assert_eq!(state(&mut test, "m5").failures, 0);
    assert_eq!(test.daemon().next_due_at(), Some(at + MINUTE * 2));
    test.finish().await;
}

/// Has the daemon poll a feed for somebody, who is told what came of it.
async fn poll_by_hand(test: &mut TestDaemon, id: &str, force: bool) -> Answer {
    let listener = Listener::bind(&test.state().join(SOCKET)).unwrap();
    test.daemon().listen_for_commands(listener);
    poll_again_by_hand(test, id, force).await
}

/// The same where it listens.
async fn poll_again_by_hand(test: &mut TestDaemon, id: &str, force: bool) -> Answer {
    let order = Request::Poll {
        config: None,
        feeds: vec![id.to_owned()],
        all: false,
        force,
    };
    let path = test.state().join(SOCKET);
    let (tell, told) = oneshot::channel();
    std::thread::spawn(move || drop(tell.send(control::ask(&path, &order).unwrap())));
    let source = test.source();
    test.daemon().heed_order(&source).await;
    test.run_due().await;
    told.await.unwrap()
}

/// Somebody wanted everything of the feed: so its repeat asks without validators, too.
#[tokio::test]
async fn who_wanted_everything_gets_it_by_the_repeat() {
    let (mut test, origins) = start("3h").await;
    test.clock.advance(MINUTE / 2);
    let told = poll_by_hand(&mut test, "m5", true).await;
    assert!(told.polled[0].words.contains("not counted"), "{told:?}");
    origins[5].up().await;
    test.clock.advance(MINUTE);
    assert_eq!(test.run_due().await.len(), 1);
    let asked = origins[5].asked();
    assert!(!asked.last().unwrap().is_conditional(), "{asked:?}");
    test.finish().await;
}

/// A feed that is switched off is asked by hand alone: in doubt, too, and has no next poll then.
#[tokio::test]
async fn who_is_switched_off_is_not_asked_again() {
    let (mut test, origins) = with_hosts(6).await;
    let id = "id = \"m5\"\n";
    test.config = test.config.replace(id, &format!("{id}enabled = false\n"));
    test.restart().await;
    test.run_due().await;
    test.clock.advance(MINUTE);
    origins[5].down().await;
    let told = poll_by_hand(&mut test, "m5", false).await;
    assert!(told.polled[0].words.contains("not counted"), "{told:?}");
    let counts_at = test.now() + HOUR;
    let next = test.daemon().next_due_at().unwrap();
    assert!(
        next > test.now() + MINUTE * 15 && next <= counts_at,
        "{next}"
    );
    test.finish().await;
}

/// A poll by a cron line that reached nobody is repeated when the line says so next (P15), and not a minute later.
#[tokio::test]
async fn a_cron_line_says_when_a_feed_in_doubt_is_asked_again() {
    let (mut test, origins) = with_hosts(6).await;
    let id = "id = \"m5\"\n";
    let by_line = format!("{id}schedule = \"*/20 * * * *\"\n");
    test.config = test.config.replace(id, &by_line);
    test.restart().await;
    test.run_due().await;
    origins[5].down().await;
    test.clock.advance(MINUTE * 20);
    assert!(test.run_due().await.is_empty(), "it is in doubt");
    let next = test.daemon().next_due_at().unwrap();
    assert_eq!(next.to_string(), "2026-11-24T06:40:00Z");
    origins[5].up().await;
    test.clock.advance(MINUTE * 20);
    assert_eq!(test.run_due().await.len(), 1);
    assert_well(&mut test);
    test.finish().await;
}

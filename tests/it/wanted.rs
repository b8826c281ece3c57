//! Polls that commands ask for at the control socket of a daemon that is stepped: what is asked of publishers, what is
//! stored, and what who waits is told.

use crate::origin::{Asked, Origin, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::control::{Answer, Listener, Request, SOCKET, Verdict};
use merganser::model::{FeedId, FeedState, Health};
use std::sync::Arc;
use tokio::sync::oneshot::Receiver;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

fn document(items: &[(&str, &str, u32)]) -> Reply {
    Reply::feed(rss("a", items))
}

const ONE: &[(&str, &str, u32)] = &[("one", "First", 5)];
const TWO: &[(&str, &str, u32)] = &[("two", "Second", 5), ("one", "First", 5)];

/// A daemon that can be asked, with feeds `a` and `b` of one host, `off` that is off, and one at each of two more hosts.
pub(crate) async fn start() -> (TestDaemon, Vec<Origin>) {
    let mut test = TestDaemon::start(
        "host-gap = \"0s\"\n[[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n\
         [[feed]]\nid = \"b\"\nurl = \"ORIGIN/b.xml\"\n\
         [[feed]]\nid = \"off\"\nurl = \"ORIGIN/off.xml\"\nenabled = false\n",
    )
    .await;
    for path in ["/a.xml", "/b.xml", "/off.xml"] {
        test.origin.say(path, document(ONE));
    }
    let origins = add(&mut test, &["c", "d"]).await;
    (test, origins)
}

/// Adds feeds, each at an origin of its own, and starts the daemon with them.
async fn add(test: &mut TestDaemon, ids: &[&str]) -> Vec<Origin> {
    let mut origins = Vec::new();
    for id in ids {
        let origin = Origin::start(Arc::clone(&test.clock)).await;
        origin.say("/feed.xml", document(ONE));
        let url = origin.url("/feed.xml");
        let feed = format!("[[feed]]\nid = \"{id}\"\nurl = \"{url}\"\n");
        test.config.push_str(&feed);
        origins.push(origin);
    }
    test.restart().await;
    let listener = Listener::bind(&test.state().join(SOCKET)).unwrap();
    test.daemon().listen_for_commands(listener);
    origins
}

/// Asks for polls as the command does, of all feeds where none is named; the daemon has taken it on, and the answer is to come.
pub(crate) async fn ask(test: &mut TestDaemon, feeds: &[&str], force: bool) -> Receiver<Answer> {
    let request = Request::Poll {
        config: None,
        feeds: feeds.iter().map(|id| (*id).to_owned()).collect(),
        all: feeds.is_empty(),
        force,
    };
    test.asked(request).await
}

/// Steps the daemon until a path is asked for that is held back.
async fn until_asked(test: &mut TestDaemon, path: &str) {
    let origin = test.origin.clone();
    tokio::select! {
        reports = test.run_due() => panic!("{path} was held: {reports:?}"),
        () = origin.arrival(path) => {}
    }
}

/// Steps the daemon while something is held back, until who waits is answered.
async fn answer_meanwhile(test: &mut TestDaemon, told: Receiver<Answer>) -> Answer {
    tokio::select! {
        reports = test.run_due() => panic!("nothing was held: {reports:?}"),
        told = told => told.unwrap(),
    }
}

fn state(test: &mut TestDaemon, id: &str) -> FeedState {
    let rows = test.daemon().store().feeds().unwrap();
    let row = rows.into_iter().find(|row| row.id == FeedId::new(id));
    row.unwrap().state
}

fn unpolled(answer: &Answer) -> (&str, bool) {
    assert!(answer.polled.is_empty(), "{answer:?}");
    assert_eq!(answer.unpolled.len(), 1, "{answer:?}");
    (&answer.unpolled[0].why, answer.unpolled[0].is_open)
}

/// Who cannot be reached is told at once; what was in doubt then is not stored over the success that came after.
#[tokio::test]
async fn a_feed_in_doubt_is_polled_anew() {
    let (mut test, origins) = start().await;
    test.run_due().await;
    test.clock.advance(MINUTE);
    origins[0].down().await;
    let told = ask(&mut test, &["c"], false).await;
    assert!(test.run_due().await.is_empty(), "it is in doubt");
    let answer = told.await.unwrap();
    let polled = &answer.polled[0];
    assert!(polled.is_unreachable, "{polled:?}");
    assert!(polled.words.contains("not counted"), "{polled:?}");
    assert_eq!(state(&mut test, "c").failures, 0);

    test.clock.advance(MINUTE);
    origins[0].up().await;
    origins[0].say("/feed.xml", document(TWO));
    let told = ask(&mut test, &["c"], false).await;
    test.run_due().await;
    assert_eq!(told.await.unwrap().polled[0].new, 1);
    let fresh = state(&mut test, "c");
    assert_eq!((fresh.health, fresh.failures), (Health::Ok, 0));
    // Another host answers: what was in doubt would count now.
    test.clock.advance(MINUTE);
    let told = ask(&mut test, &["d"], false).await;
    test.run_due().await;
    assert_eq!(told.await.unwrap().polled.len(), 1);
    test.run_due().await;
    assert_eq!(state(&mut test, "c"), fresh);
    test.finish().await;
}

/// By force it is asked for once more, without validators, when the poll under way is over; who forces nothing is told
/// what that one brings.
#[tokio::test]
async fn what_is_forced_follows_the_poll_under_way() {
    let (mut test, _origins) = start().await;
    test.run_due().await;
    test.origin.hold("/b.xml");
    let first = ask(&mut test, &["b"], false).await;
    let before = test.origin.asked_for("/b.xml").len();
    let origin = test.origin.clone();
    let asked_again = async {
        while origin.asked_for("/b.xml").len() == before {
            tokio::task::yield_now().await;
        }
    };
    tokio::select! {
        reports = test.run_due() => panic!("it was held: {reports:?}"),
        () = asked_again => {}
    }
    let also = ask(&mut test, &["b"], false).await;
    let forced = ask(&mut test, &["b"], true).await;
    test.origin.release();
    test.run_due().await;
    for told in [first, also] {
        assert_eq!(told.await.unwrap().polled[0].outcome, "not-modified");
    }
    assert_eq!(forced.await.unwrap().polled[0].outcome, "modified");
    let asked = test.origin.asked_for("/b.xml");
    let conditional = asked[before..].iter().map(Asked::is_conditional);
    assert_eq!(conditional.collect::<Vec<_>>(), [true, false]);
    test.finish().await;
}

/// Whether a publisher wants to be left alone cannot be read: that is no word of the publisher's.
#[tokio::test]
async fn a_database_that_cannot_be_read_is_told() {
    let (mut test, _origins) = start().await;
    test.origin.hold("/a.xml");
    until_asked(&mut test, "/a.xml").await;
    let forced = ask(&mut test, &["a"], true).await;
    let database = rusqlite::Connection::open(test.database()).unwrap();
    let spoil = "UPDATE feeds SET retry_after_at = 9e15, moved = 'nonsense' WHERE name = 'off'";
    assert_eq!(database.execute(spoil, []).unwrap(), 1);
    test.origin.release();
    test.run_due().await;
    let answer = forced.await.unwrap();
    let (why, is_open) = unpolled(&answer);
    assert!(is_open && why.contains("cannot be read"), "{why}");
    let mend = "UPDATE feeds SET retry_after_at = NULL, moved = NULL WHERE name = 'off'";
    assert_eq!(database.execute(mend, []).unwrap(), 1);
    test.finish().await;
}

/// A reload that changes or drops a feed is told to who waits for it, and what it leaves alone is polled as asked, one
/// that is off, too.
#[tokio::test]
async fn a_reload_is_told_to_who_waits() {
    let (mut test, _origins) = start().await;
    test.origin.hold("/a.xml");
    until_asked(&mut test, "/a.xml").await;
    let begun = ask(&mut test, &["a"], false).await;
    let waits = ask(&mut test, &["b"], true).await;
    let off = ask(&mut test, &["off"], false).await;
    let entered = test.config.clone();
    test.config = entered.replace("/a.xml", "/elsewhere.xml");
    test.reload().await;
    let answer = begun.await.unwrap();
    let (why, is_open) = unpolled(&answer);
    assert!(is_open && why.contains("other settings"), "{why}");

    let b = test.config.find("[[feed]]\nid = \"b\"").unwrap();
    let end = test.config.find("[[feed]]\nid = \"off\"").unwrap();
    test.config.replace_range(b..end, "");
    test.reload().await;
    let answer = waits.await.unwrap();
    let (why, is_open) = unpolled(&answer);
    assert!(is_open && why.contains("lacks it now"), "{why}");
    test.origin.release();
    test.run_due().await;
    assert_eq!(off.await.unwrap().polled[0].status, Some(200));
    assert!(test.origin.asked_for("/b.xml").is_empty());
    test.finish().await;
}

/// What no one may wait for is told at once: that the host rests by its own word. Nothing of it is asked for by that wish
/// later, and each feed is due when it was.
#[tokio::test]
async fn a_host_that_rests_is_told_at_once() {
    let (mut test, _origins) = start().await;
    test.run_due().await;
    let due_at = state(&mut test, "b").next_due_at.unwrap();
    test.clock.advance(MINUTE);
    test.origin
        .say("/a.xml", Reply::status(429).header("retry-after", "600"));
    let waits = ask(&mut test, &["b", "off"], true).await;
    let refused = ask(&mut test, &["a"], false).await;
    test.run_due().await;
    assert_eq!(refused.await.unwrap().polled[0].status, Some(429));
    let first = waits.await.unwrap();
    assert_eq!((first.polled.len(), first.unpolled.len()), (0, 2));
    for unpolled in &first.unpolled {
        assert!(unpolled.why.contains("is let rest until"), "{unpolled:?}");
        assert!(!unpolled.is_open, "{unpolled:?}");
    }
    let told = ask(&mut test, &["off"], false).await;
    let answer = told.await.unwrap();
    let (why, is_open) = unpolled(&answer);
    assert!(!is_open && why.contains("is let rest until"), "{why}");
    test.run_for(MINUTE * 120).await;
    let asked = test.origin.asked_for("/b.xml");
    assert!(asked.len() > 1 && asked[1].at >= due_at, "{asked:?}");
    assert!(asked[1].is_conditional(), "{asked:?}");
    assert!(test.origin.asked_for("/off.xml").is_empty());
    test.finish().await;
}

/// Of many that rest some are named and the others counted: an answer has an end.
#[tokio::test]
async fn many_that_rest_are_counted() {
    let (mut test, _origins) = start().await;
    for number in 0..120 {
        let url = test.origin.url("/b.xml");
        let feed = format!("[[feed]]\nid = \"m{number}\"\nurl = \"{url}?{number}\"\n");
        test.config.push_str(&feed);
    }
    test.restart().await;
    let listener = Listener::bind(&test.state().join(SOCKET)).unwrap();
    test.daemon().listen_for_commands(listener);
    test.origin
        .say("/a.xml", Reply::status(429).header("retry-after", "1800"));
    test.run_due().await;
    let answer = ask(&mut test, &[], false).await.await.unwrap();
    assert_eq!(answer.verdict, Verdict::Accepted, "{answer:?}");
    assert_eq!(answer.entered, 2, "{}", answer.message);
    let told = (answer.unpolled.len(), answer.more_unpolled);
    assert_eq!(told, (100, 22));
    test.finish().await;
}

/// After a while who waits is told what there is: that the poll is under way, or that its turn has not come.
#[tokio::test]
async fn who_has_waited_long_is_told_how_far_it_is() {
    let (mut test, _origins) = start().await;
    test.origin.hold("/a.xml");
    until_asked(&mut test, "/a.xml").await;
    let begun = ask(&mut test, &["a"], false).await;
    let queued = ask(&mut test, &["b"], false).await;
    test.clock.advance(MINUTE * 2);
    let answer = answer_meanwhile(&mut test, begun).await;
    assert_eq!(
        unpolled(&answer),
        (
            "its poll is not over yet: `merganser why a` tells what came of it",
            true
        )
    );
    let answer = answer_meanwhile(&mut test, queued).await;
    assert!(unpolled(&answer).0.contains("its turn has not come yet"));
    test.origin.release();
    test.run_due().await;
    test.finish().await;
}

/// Has the network go down under all that was polled.
async fn fall_offline(test: &mut TestDaemon, origins: &[Origin]) {
    test.run_due().await;
    test.clock.advance(MINUTE);
    test.origin.down().await;
    for origin in origins {
        origin.down().await;
    }
    let told = ask(test, &["a", "c", "d"], false).await;
    test.run_due().await;
    let answer = told.await.unwrap();
    assert_eq!(answer.polled.len(), 3, "{answer:?}");
    assert!(!answer.is_offline, "that is not known yet");
    test.clock.advance(MINUTE);
    test.run_due().await;
    assert!(is_offline(test), "{}", test.daemon().status());
}

fn is_offline(test: &mut TestDaemon) -> bool {
    test.daemon().status().contains("the network is DOWN")
}

fn failures(test: &mut TestDaemon) -> u32 {
    let rows = test.daemon().store().feeds().unwrap();
    rows.iter().map(|row| row.state.failures).sum()
}

/// While the network is down, what is named is tried all the same: who waits is told what came of it, the daemon makes its
/// own attempts when it would have, and one answer ends it all.
#[tokio::test]
async fn what_is_named_is_tried_while_the_network_is_down() {
    let (mut test, origins) = start().await;
    fall_offline(&mut test, &origins).await;
    let next = test.daemon().next_due_at();
    assert!(next > Some(test.now()), "the daemon itself waits");
    for _ in 0..3 {
        let told = ask(&mut test, &["b", "c", "off"], false).await;
        assert!(test.run_due().await.is_empty(), "none is counted");
        let answer = told.await.unwrap();
        assert!(answer.is_offline, "{answer:?}");
        assert_eq!(answer.polled.len(), 3, "{answer:?}");
        let words = &answer.polled[0].words;
        assert!(words.contains("network of the daemon is down"), "{words}");
        assert_eq!(test.daemon().next_due_at(), next);
    }

    origins[0].up().await;
    let told = ask(&mut test, &["b", "c"], true).await;
    test.run_due().await;
    let answer = told.await.unwrap();
    assert!(!answer.is_offline, "{answer:?}");
    let brought = answer.polled.iter().find(|polled| polled.feed == "c");
    assert_eq!(brought.and_then(|it| it.status), Some(200), "{answer:?}");
    assert!(!is_offline(&mut test));
    assert_eq!(failures(&mut test), 0);
    test.finish().await;
}

/// Of all feeds one at each of a few hosts is tried, and the others when one of these answers.
#[tokio::test]
async fn all_are_polled_as_soon_as_one_host_answers() {
    let (mut test, origins) = start().await;
    fall_offline(&mut test, &origins).await;
    let next = test.daemon().next_due_at();
    let answer = ask(&mut test, &[], false).await.await.unwrap();
    assert_eq!(answer.verdict, Verdict::Accepted, "{answer:?}");
    let words = "as soon as one host answers";
    assert!(answer.message.contains(words), "{}", answer.message);
    assert!(test.run_due().await.is_empty());
    assert!(is_offline(&mut test));
    assert_eq!(test.daemon().next_due_at(), next);

    test.origin.up().await;
    let answer = ask(&mut test, &[], false).await.await.unwrap();
    assert_eq!(answer.entered, 4, "{answer:?}");
    let reports = test.run_due().await;
    for id in ["a", "b"] {
        let report = reports.iter().find(|it| it.feed.as_str() == id);
        assert!(report.is_some_and(|it| it.outcome.is_success()), "{id}");
    }
    assert!(!is_offline(&mut test));
    test.finish().await;
}

/// A reload has the feeds tried at once that it brings, or leads elsewhere, and these alone.
#[tokio::test]
async fn what_a_reload_brings_is_tried_while_the_network_is_down() {
    for is_new in [true, false] {
        let (mut test, origins) = start().await;
        fall_offline(&mut test, &origins).await;
        let next = test.daemon().next_due_at();
        test.config.push_str("title = \"Another name\"\n");
        test.reload().await;
        test.run_due().await;
        assert_eq!(test.daemon().next_due_at(), next, "nothing to try is new");

        let origin = Origin::start(Arc::clone(&test.clock)).await;
        origin.say("/feed.xml", document(ONE));
        let url = origin.url("/feed.xml");
        test.config = if is_new {
            format!("{}[[feed]]\nid = \"e\"\nurl = \"{url}\"\n", test.config)
        } else {
            test.config.replace(&origins[1].url("/feed.xml"), &url)
        };
        test.reload().await;
        let status = test.daemon().status();
        let words = ", tried again at 06:02 UTC";
        assert!(status.ends_with(words), "{status}");
        test.run_due().await;
        assert_eq!(origin.asked().len(), 1, "{is_new}");
        assert!(!is_offline(&mut test), "{is_new}");
        assert_eq!(failures(&mut test), 0, "{is_new}");
        test.finish().await;
    }
}

/// What was tried in vain is evidence of the next outage as it was of the last.
#[tokio::test]
async fn what_was_tried_in_vain_is_evidence_of_the_next_outage() {
    let (mut test, mut origins) = start().await;
    origins.extend(add(&mut test, &["e", "f", "g", "h", "i", "j", "k"]).await);
    test.run_due().await;
    test.clock.advance(MINUTE);
    test.origin.down().await;
    for origin in &origins {
        origin.down().await;
    }
    drop(ask(&mut test, &["a", "c", "d", "e", "f"], false).await);
    test.run_due().await;
    test.clock.advance(MINUTE);
    test.run_due().await;
    assert!(is_offline(&mut test));
    for _ in 0..3 {
        drop(ask(&mut test, &["g", "h", "i", "j", "k"], false).await);
        assert!(test.run_due().await.is_empty());
        drop(ask(&mut test, &[], false).await);
        assert!(test.run_due().await.is_empty());
    }

    origins[0].hold("/feed.xml");
    origins[0].up().await;
    drop(ask(&mut test, &["c"], false).await);
    let (origin, clock) = (origins[0].clone(), Arc::clone(&test.clock));
    tokio::join!(test.run_due(), async {
        origin.arrival("/feed.xml").await;
        clock.advance(SignedDuration::from_secs(1));
        origin.release();
    });
    assert!(!is_offline(&mut test), "one answered");
    test.clock.advance(MINUTE);
    origins[0].down().await;
    drop(ask(&mut test, &["c"], false).await);
    test.run_due().await;
    test.run_for(MINUTE).await;
    assert!(is_offline(&mut test), "five cannot be reached again");
    test.finish().await;
}

/// Who is known to be dead is no evidence of an outage when somebody looks again, and that is not held against it either.
#[tokio::test]
async fn the_dead_that_are_asked_again_make_no_outage() {
    let (mut test, _origins) = start().await;
    let ids = ["e", "f", "g", "h", "i"];
    let dead = add(&mut test, &ids).await;
    test.run_due().await;
    for (id, origin) in ids.iter().zip(&dead) {
        origin.down().await;
        for id in [id, "c"] {
            test.clock.advance(SignedDuration::from_secs(1));
            drop(ask(&mut test, &[id], false).await);
            test.run_due().await;
        }
    }
    test.run_for(MINUTE).await;
    assert_eq!(failures(&mut test), 5);
    drop(ask(&mut test, &ids, false).await);
    test.run_due().await;
    test.run_for(MINUTE).await;
    assert!(!is_offline(&mut test));
    assert_eq!(failures(&mut test), 5);
    test.finish().await;
}

/// Who wants everything of all feeds gets it when the network is back, of those as well that were tried in vain.
#[tokio::test]
async fn what_was_tried_in_vain_is_fetched_whole_later() {
    let (mut test, origins) = start().await;
    fall_offline(&mut test, &origins).await;
    drop(ask(&mut test, &[], true).await.await.unwrap());
    assert!(test.run_due().await.is_empty());
    test.origin.up().await;
    for origin in &origins {
        origin.up().await;
    }
    test.clock.advance(MINUTE * 20);
    test.run_due().await;
    assert!(!is_offline(&mut test));
    for origin in [&test.origin, &origins[0], &origins[1]] {
        let asked = origin.asked();
        assert!(asked.len() > 1 && !asked.last().unwrap().is_conditional());
    }
    test.finish().await;
}

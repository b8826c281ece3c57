//! When an origin is asked again: never too early, later where it refuses or fails (P10 to P13, P17 to
//! P21, P32).

use super::freshness::rhythmic;
use super::rig::{DAY, HOUR, MINUTE, Rig, clock, failure, feed};
use super::wire::{Answer, Request, Wire};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use merganser::model::{FailureKind, Health, Outcome};
use std::sync::Arc;

const SECOND: SignedDuration = SignedDuration::from_secs(1);

fn document() -> Answer {
    Answer::new("200 OK\netag: \"1\"", rss("a", &[("one", "First", 5)]))
}

/// Returns the pauses between requests.
fn gaps(requests: &[Request]) -> Vec<SignedDuration> {
    let pairs = requests.windows(2);
    pairs
        .map(|pair| pair[1].at.duration_since(pair[0].at))
        .collect()
}

/// See `kroll` for a month of it, with feeds of all habits.
#[tokio::test]
async fn p10_one_unconditional_request_ever() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say("/a", document());
    for _ in 0..5 {
        rig.test.run_for(HOUR * 9).await;
        rig.test.restart().await;
    }
    let requests = rig.wire.requests();
    assert!(requests.len() > 20, "{} requests", requests.len());
    let conditional = requests.iter().map(Request::is_conditional);
    assert_eq!(conditional.filter(|it| !it).count(), 1);
    assert!(!requests[0].is_conditional());
    rig.test.finish().await;
}

#[tokio::test]
async fn p11_a_start_polls_nothing_ahead_of_its_time() {
    let mut rig = Rig::with_feeds(&["a", "b"]).await;
    for path in ["/a", "/b"] {
        rig.wire.say(path, document());
    }
    rig.test.run_due().await;
    for turn in 0..8 {
        rig.test.clock.advance(MINUTE * 7);
        if turn % 2 == 0 {
            rig.test.restart().await;
        } else {
            rig.test.kill().await;
        }
        assert!(rig.test.run_due().await.is_empty(), "after start {turn}");
    }
    assert_eq!(rig.wire.requests().len(), 2);
    rig.test.run_for(HOUR).await;
    assert_eq!(rig.wire.requests().len(), 4);
    rig.test.finish().await;
}

/// By the operator's word less; by the publisher's leave a quarter, where there is as much news; two hours where
/// nothing makes a request conditional.
#[tokio::test]
async fn p12_an_hour_lies_between_two_requests() {
    let feeds = ["a", "quick", "hurried", "costly"].map(|id| feed(id, &format!("WIRE/{id}"), ""));
    let often = feed("often", "WIRE/often", "schedule = \"every 20m\"");
    let mut rig = Rig::start(&format!("{}{often}", feeds.concat())).await;
    rig.wire.say("/a", document());
    rig.wire.say("/often", document());
    let news = || rhythmic(MINUTE * 10);
    rig.wire
        .say("/quick", Answer::new("200 OK\netag: \"1\"", news()));
    let leave = "200 OK\netag: \"1\"\ncache-control: max-age=60";
    rig.wire.say("/hurried", Answer::new(leave, news()));
    rig.wire.say("/costly", Answer::ok(news()));
    rig.test.run_for(HOUR - SECOND).await;
    assert_eq!(rig.wire.requests_for("/a").len(), 1, "within an hour");
    assert_eq!(rig.wire.requests_for("/often").len(), 3, "by the operator");
    rig.test.run_for(DAY).await;
    for (path, least) in [
        ("/a", HOUR),
        ("/quick", HOUR),
        ("/hurried", MINUTE * 15),
        ("/costly", HOUR * 2),
    ] {
        let gaps = gaps(&rig.wire.requests_for(path));
        let reach = least..least + least / 5;
        assert!(
            gaps.len() > 9 && gaps.iter().all(|gap| reach.contains(gap)),
            "{path}: {gaps:?}"
        );
    }
    rig.test.finish().await;
}

/// A redirect to an address that is another each time makes the validators of no use; one that is so once does not.
#[tokio::test]
async fn p12_validators_that_can_never_be_sent_are_none() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    for turn in 0..4 {
        rig.wire.say(&format!("/doc?sig={turn}"), document());
    }
    let signed = (0..4).map(|turn| Answer::redirect(302, &format!("/doc?sig={turn}")));
    rig.wire.say_each("/a", signed);
    for hours in [1, 1, 2, 2] {
        rig.poll_next().await;
        rig.waits("a", HOUR * hours);
        rig.test.restart().await;
    }
    rig.test.finish().await;

    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say("/else", document());
    rig.wire
        .say_each("/a", [document(), Answer::redirect(302, "/else")]);
    for is_conditional in [false, false, true, true] {
        rig.poll_next().await;
        rig.waits("a", HOUR);
        let requests = rig.wire.requests();
        assert_eq!(requests.last().unwrap().is_conditional(), is_conditional);
    }
    rig.test.finish().await;
}

/// Twenty feeds that are polled together go apart, by the same delays on every run.
#[tokio::test]
async fn p13_jitter_delays_and_is_the_same_on_every_run() {
    let ids: Vec<String> = (0..20).map(|n| format!("f{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut runs = Vec::new();
    for _ in 0..2 {
        let mut rig = Rig::with_feeds(&ids).await;
        for id in &ids {
            rig.wire.say(&format!("/{id}"), document());
        }
        rig.test.run_due().await;
        let waits: Vec<SignedDuration> = ids.iter().map(|id| rig.wait(id)).collect();
        assert!(waits.iter().all(|wait| *wait >= HOUR), "{waits:?}");
        assert!(
            waits.iter().all(|wait| *wait <= HOUR + HOUR / 10),
            "{waits:?}"
        );
        runs.push(waits);
        rig.test.finish().await;
    }
    assert_eq!(runs[0], runs[1]);
    let mut delays = runs.remove(0);
    delays.sort();
    delays.dedup();
    assert!(delays.len() > 15, "{delays:?}");
}

/// Seconds, the three forms of a date: by hand too, and after a restart. What is neither is ignored: a 503 is
/// then a failure like any other, and the rest after a 429 is ours (P18).
#[tokio::test]
async fn p17_retry_after_holds_even_a_poll_by_hand() {
    let date = "Tue, 24 Nov 2026 06:00:00 GMT";
    for (status, value, span) in [
        (429, "18000", HOUR * 5),
        (503, "18000", HOUR * 5),
        (503, "Tue, 24 Nov 2026 11:00:00 GMT", HOUR * 5),
        (503, "Tuesday, 24-Nov-26 11:00:00 GMT", HOUR * 5),
        (429, "Tue Nov 24 11:00:00 2026", HOUR * 5),
        (429, "60", HOUR),
        (429, "99999999999", DAY * 31),
    ] {
        let mut rig = refused(&format!("{status} X\nretry-after: {value}\ndate: {date}")).await;
        rig.waits("a", span);
        for force in [true, false] {
            rig.poll_by_hand(force).await;
            assert_eq!(rig.wire.requests().len(), 1, "{value}");
        }
        rig.test.run_for(span - SECOND).await;
        assert_eq!(rig.wire.requests().len(), 1, "{value}");
        rig.test.run_for(MINUTE * 31).await;
        assert_eq!(rig.wire.requests().len(), 2, "{value}");
        rig.test.finish().await;
    }
    for value in ["soon", "-5", "1.5", ""] {
        let mut rig = refused(&format!("429 X\nretry-after: {value}")).await;
        rig.waits("a", HOUR * 4);
        rig.test.finish().await;
        let mut rig = Rig::with_feeds(&["a"]).await;
        let failed = Answer::new(format!("503 X\nretry-after: {value}"), "");
        rig.wire.say_each("/a", [failed, document()]);
        assert_eq!(failure(&rig.poll().await).0, FailureKind::Http, "{value}");
        rig.waits("a", HOUR);
        rig.poll_by_hand(false).await;
        assert_eq!(rig.wire.requests().len(), 2, "{value}");
        rig.test.finish().await;
    }
}

/// Polls a feed that answers so at first.
async fn refused(head: &str) -> Rig {
    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say_each("/a", [Answer::new(head, ""), document()]);
    assert_eq!(rig.poll().await.outcome, Outcome::Throttled, "{head}");
    rig
}

/// The feed itself is left alone, for hours and then for longer, and asked less afterwards, until good polls
/// earn its interval back, one refusal in three days.
#[tokio::test]
async fn p18_a_429_without_a_word_means_hours_and_then_more() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let refusal = || Answer::new("429 Too Many Requests", "");
    rig.wire
        .say_each("/a", [refusal(), refusal(), refusal(), document()]);
    for span in [HOUR * 4, HOUR * 8, HOUR * 16] {
        let reports = rig.poll_next().await;
        assert_eq!(reports[0].outcome, Outcome::Throttled);
        rig.waits("a", span);
        rig.test.restart().await;
    }
    rig.poll_next().await;
    let refused = |times| (0..times).fold(HOUR, |span, _| span * 3 / 2);
    rig.waits("a", refused(3));
    rig.test.run_for(DAY * 4).await;
    let left = i32::try_from(rig.state("a").refusals).unwrap();
    assert!((1..3).contains(&left), "{left}");
    rig.waits("a", refused(left));
    rig.test.run_for(DAY * 6).await;
    assert_eq!(rig.state("a").refusals, 0);
    rig.test.finish().await;
}

#[tokio::test]
async fn p19_failures_back_off_and_recover() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    rig.wire.say("/a", Answer::new("500 Oops", ""));
    for hours in [1, 2, 4, 8, 16, 24, 24, 24] {
        rig.poll_next().await;
        rig.waits("a", HOUR * hours);
    }
    rig.test.run_for(DAY * 30).await;
    let tried = rig.wire.requests().len();
    assert!(tried > 30, "given up after {tried}");
    // News of yesterday, or the feed would be asked less for its silence (P37).
    let yesterday = (rig.test.now() - DAY).strftime("%a, %d %b %Y").to_string();
    let news = rss("a", &[("one", "First", 5)]).replace("Tue, 24 Nov 2026", &yesterday);
    rig.wire.say("/a", Answer::new("200 OK\netag: \"1\"", news));
    rig.test.run_for(DAY + HOUR * 3).await;
    let state = rig.state("a");
    assert_eq!((state.failures, state.health), (0, Health::Ok));
    rig.waits("a", HOUR);
    assert!(rig.published().contains("First"));
    rig.test.finish().await;
}

/// Hung up on, broken off, refused: one connection each.
#[tokio::test]
async fn p20_a_failed_exchange_is_not_repeated() {
    for (bytes, kind) in [
        ("", FailureKind::Broken),
        ("HTTP/1.1 2", FailureKind::Broken),
        (
            "HTTP/1.1 200 OK\r\ncontent-length: 99\r\n\r\n<rss",
            FailureKind::Broken,
        ),
        ("HTTP/1.1 503 X\r\n\r\n", FailureKind::Http),
        ("HTTP/1.1 408 X\r\n\r\n", FailureKind::Http),
        ("HTTP/1.1 421 X\r\n\r\n", FailureKind::Http),
        ("HTTP/1.1 425 X\r\n\r\n", FailureKind::Http),
    ] {
        let mut rig = Rig::with_feeds(&["a"]).await;
        rig.wire.say("/a", Answer::raw(bytes));
        let report = rig.poll().await;
        assert_eq!(failure(&report).0, kind, "{bytes:?}");
        rig.test.run_for(HOUR - SECOND).await;
        let seen = (rig.wire.connections(), rig.wire.requests().len());
        assert_eq!(seen, (1, 1), "{bytes:?}");
        rig.test.finish().await;
    }
}

/// It keeps what is stored, shows in `status`, and a 410 where the feed was sent for a while is none of it.
#[tokio::test]
async fn p21_a_feed_that_is_gone_rests_until_it_is_forced() {
    let mut rig = Rig::with_feeds(&["a", "moved"]).await;
    rig.wire
        .say_each("/a", [document(), Answer::new("410 Gone", "")]);
    rig.wire.say("/moved", Answer::redirect(302, "/gone"));
    rig.wire.say("/gone", Answer::new("410 Gone", ""));
    rig.test.run_for(HOUR * 20).await;
    assert_eq!(rig.state("a").health, Health::Failing, "seen once");
    rig.test.run_for(HOUR * 10).await;
    assert_eq!(rig.state("a").health, Health::Gone);
    assert_eq!(rig.state("moved").health, Health::Failing);
    rig.test.run_for(DAY * 5).await;
    rig.test.restart().await;
    rig.test.run_for(DAY * 5).await;
    assert_eq!(rig.wire.requests_for("/a").len(), 3);
    assert!(rig.wire.requests_for("/moved").len() > 10);
    assert!(rig.published().contains("First"));
    rig.poll_by_hand(true).await;
    let forced = rig.state("a");
    assert_eq!((forced.health, forced.failures), (Health::Failing, 1));
    let back = Answer::ok(rss("a", &[("two", "Back", 5)]));
    rig.wire.say("/a", back);
    rig.poll_by_hand(true).await;
    assert_eq!(rig.state("a").health, Health::Ok);
    rig.test.run_due().await;
    assert!(rig.published().contains("Back"));
    rig.test.finish().await;
}

/// Six feeds of one publisher that is given half a minute between two requests, each added with a restart.
#[tokio::test]
async fn p32_a_pause_outlives_a_restart() {
    let first = feed("a", "WIRE/a", "");
    let mut rig = Rig::start(&format!("host-gap = \"30s\"\n{first}")).await;
    rig.wire.say("/a", document());
    rig.test.run_due().await;
    for id in ["b", "c", "d", "e", "f"] {
        rig.wire.say(&format!("/{id}"), document());
        let url = rig.wire.url(&format!("/{id}"));
        rig.test.config.push_str(&feed(id, &url, ""));
        rig.test.restart().await;
        rig.test.run_due().await;
    }
    let gaps = gaps(&rig.wire.requests());
    assert!(
        gaps.len() == 5 && gaps.iter().all(|gap| *gap >= SECOND * 30),
        "{gaps:?}"
    );
    rig.test.finish().await;
}

/// Twenty feeds of one publisher and twenty publishers: a second between two requests of one, and none
/// waits for another.
#[tokio::test]
async fn p32_one_request_at_a_time_per_host() {
    let clock = clock();
    let mut config = "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n".to_owned();
    let mut wires = Vec::new();
    for host in 0..20 {
        let wire = Wire::start("127.0.0.1", Arc::clone(&clock)).await;
        let feeds = if host == 0 { 20 } else { 1 };
        for n in 0..feeds {
            let path = format!("/{n}");
            wire.say(&path, document());
            config.push_str(&feed(&format!("h{host}-{n}"), &wire.url(&path), ""));
        }
        wires.push(wire);
    }
    let mut test = TestDaemon::under(clock, config).await;
    assert_eq!(test.run_due().await.len(), 39);
    let requests = wires[0].requests();
    assert_eq!(requests.len(), 20);
    let gaps = gaps(&requests);
    assert!(gaps.iter().all(|gap| *gap >= SECOND), "{gaps:?}");
    for wire in &wires {
        assert_eq!(wire.most_under_way(), 1);
    }
    test.finish().await;
}

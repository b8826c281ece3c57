//! Hosts that are asked for too many feeds (P18).

use crate::hosts::{document, states};
use crate::origin::Reply;
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use merganser::model::Health;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);
const HOUR: SignedDuration = SignedDuration::from_hours(1);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// P18: a host that says "too many" when two of its feeds come close together is asked more slowly, and
/// no feed is blamed for it.
#[tokio::test]
async fn p18_a_crowded_host_is_asked_more_slowly_and_no_feed_is_blamed() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
    test.origin.say("/a.xml", document("a"));
    test.origin
        .say("/b.xml", Reply::status(429).header("retry-after", "58"));
    test.run_due().await;
    test.origin.say("/b.xml", document("b"));
    test.run_for(HOUR / 4 - MINUTE).await;
    let asked = |test: &TestDaemon| test.origin.asked_for("/b.xml").len();
    assert_eq!(asked(&test), 1, "a quarter of an hour is the least");
    test.run_for(MINUTE * 4).await;
    assert_eq!(asked(&test), 2, "asked again when the host had rested");
    test.run_for(DAY).await;
    assert!(
        states(&mut test)
            .iter()
            .all(|(_, health, failures)| { (*health, *failures) == (Health::Ok, 0) })
    );
    let asked = test.origin.asked();
    for pair in asked[2..].windows(2) {
        let gap = pair[1].at.duration_since(pair[0].at);
        assert!(gap >= SignedDuration::from_secs(60), "{gap:#}");
    }
    test.finish().await;
}

/// P18: a feed that is refused however slowly its host is asked is asked less and less, and told to be failing; its
/// siblings fare well.
#[tokio::test]
async fn p18_who_is_refused_again_and_again_backs_off() {
    let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml", "/c.xml"]).await;
    for path in ["/a.xml", "/c.xml"] {
        test.origin.say(path, document("well"));
    }
    let refusal = Reply::status(429).header("retry-after", "1");
    test.origin.say("/b.xml", refusal);
    test.run_for(DAY).await;
    let asked = test.origin.asked_for("/b.xml");
    for (pair, mins) in asked.windows(2).zip([15, 30, 60, 120, 240]) {
        let gap = pair[1].at.duration_since(pair[0].at);
        let pause = MINUTE * mins;
        assert!(
            gap >= pause && gap <= pause * 5 / 4,
            "{gap:#}, not {pause:#}"
        );
    }
    assert!((6..9).contains(&asked.len()), "{} requests", asked.len());
    for (feed, health, failures) in states(&mut test) {
        let fails = feed.as_str() == "b-xml";
        assert_eq!(health == Health::Failing, fails, "{feed}");
        assert_eq!(failures > 3, fails, "{feed}: {failures}");
    }
    test.finish().await;
}

/// P11, P18: the pause of a feed whose host was asked for too many outlasts a restart, whatever its schedule.
#[tokio::test]
async fn p18_the_pause_for_a_crowd_outlasts_a_restart() {
    for schedule in ["every 1m", "every 2d", "0 6 * * *", "adaptive"] {
        let mut test = TestDaemon::with_feeds(&["/a.xml", "/b.xml"]).await;
        let url = test.origin.url("/b.xml");
        let line = format!("url = \"{url}\"\nschedule = \"{schedule}\"\n");
        test.config = test.config.replace(&format!("url = \"{url}\"\n"), &line);
        test.restart().await;
        test.origin.say("/a.xml", document("a"));
        let refusal = Reply::status(429).header("retry-after", "58");
        test.origin.say("/b.xml", refusal);
        test.run_due().await;
        test.origin.say("/b.xml", document("b"));
        test.run_for(MINUTE * 3).await;
        test.restart().await;
        let asked = |test: &TestDaemon| test.origin.asked_for("/b.xml").len();
        test.run_for(MINUTE * 11).await;
        assert_eq!(asked(&test), 1, "{schedule}: a quarter of an hour");
        test.run_for(MINUTE * 4).await;
        assert!(asked(&test) > 1, "{schedule}: when it was over");
        test.finish().await;
    }
}

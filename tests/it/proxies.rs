//! A proxy that cannot be reached is blamed on no feed (P19), and somebody is told of it once.

use crate::origin::{Origin, Reply};
use crate::program::Place;
use crate::test_daemon::{START, TestDaemon, rss};
use jiff::SignedDuration;
use merganser::clock::ManualClock;
use merganser::model::{FeedId, Health};
use merganser::publish::OutputFormat;
use std::sync::Arc;

const HOUR: SignedDuration = SignedDuration::from_hours(1);
const MINUTE: SignedDuration = SignedDuration::from_mins(1);

/// Two feeds behind a proxy, and one that is asked without.
fn config(proxy: &Origin, direct: &Origin) -> String {
    format!(
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[group.far]\nproxy = \"{}\"\n\
         [[feed]]\nid = \"a\"\ngroup = \"far\"\nurl = \"http://a.invalid/a.xml\"\n\
         [[feed]]\nid = \"b\"\ngroup = \"far\"\nurl = \"http://b.invalid/b.xml\"\n\
         [[feed]]\nid = \"near\"\nurl = \"{}\"\n",
        proxy.url(""),
        direct.url("/near.xml")
    )
}

fn states(test: &mut TestDaemon) -> Vec<(Health, u32)> {
    let ids = ["a", "b", "near"].map(FeedId::new);
    let states = test.daemon().store().feed_states(&ids).unwrap();
    states.iter().map(|it| (it.health, it.failures)).collect()
}

/// A night without the proxy costs its feeds nothing, and minutes after it is back they are asked.
#[tokio::test]
async fn p19_a_night_without_the_proxy_is_held_against_no_feed() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let proxy = Origin::start(Arc::clone(&clock)).await;
    let direct = Origin::start(Arc::clone(&clock)).await;
    let behind = ["http://a.invalid/a.xml", "http://b.invalid/b.xml"];
    let news = || Reply::feed(rss("a", &[("one", "First", 5)]));
    for url in behind {
        proxy.say(url, news());
    }
    direct.say("/near.xml", news());
    let mut test = TestDaemon::under(clock, config(&proxy, &direct)).await;
    test.run_for(HOUR * 2).await;
    let well = [(Health::Ok, 0); 3];
    assert_eq!(states(&mut test), well);
    assert!(proxy.asked().len() >= 2);
    assert!(!test.daemon().status().contains("proxy"));

    proxy.down().await;
    let before = direct.asked().len();
    test.run_for(HOUR * 10).await;
    assert_eq!(states(&mut test), well);
    assert!(direct.asked().len() > before, "others are polled");
    let status = test.daemon().status();
    let name = proxy.url("").replace("http://", "");
    let told = format!("; the proxy {name} is NOT reached since 0");
    assert!(status.contains(&told), "{status}");
    let health = test.daemon().health(OutputFormat::Atom).unwrap();
    let health = String::from_utf8(health.body().to_vec()).unwrap();
    assert_eq!(health.matches("The proxy cannot be reached").count(), 1);
    assert!(!health.contains("feed a"), "{health}");

    // A restart knows nothing of it until it is tried, which is when it would have been (P11).
    test.restart().await;
    assert!(!test.daemon().status().contains("proxy"));
    test.run_for(MINUTE * 6).await;
    assert_eq!(states(&mut test), well);
    assert!(test.daemon().status().contains("is NOT reached"));

    proxy.up().await;
    let before = proxy.asked().len();
    test.run_for(MINUTE * 6).await;
    assert_eq!(proxy.asked().len(), before + 2, "both are asked at once");
    assert_eq!(states(&mut test), well);
    assert!(!test.daemon().status().contains("proxy"));
    let health = test.daemon().health(OutputFormat::Atom).unwrap();
    let health = String::from_utf8(health.body().to_vec()).unwrap();
    assert!(health.contains("The proxy is reached again"), "{health}");
    test.finish().await;
}

/// One that answers is there, though what it answers is that the origin is not.
#[tokio::test]
async fn a_proxy_that_answers_for_a_dead_origin_is_reached() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let proxy = Origin::start(Arc::clone(&clock)).await;
    proxy.down().await;
    let direct = Origin::start(Arc::clone(&clock)).await;
    direct.say("/near.xml", Reply::feed(rss("near", &[])));
    // Nobody makes a tunnel here.
    let config = config(&proxy, &direct).replace("http://a.", "https://a.");
    let config = config.replace("http://b.", "https://b.");
    let mut test = TestDaemon::under(clock, config).await;
    test.run_for(HOUR).await;
    assert!(test.daemon().status().contains("is NOT reached"));
    proxy.up().await;
    test.run_for(HOUR).await;
    let status = test.daemon().status();
    assert!(!status.contains("proxy"), "{status}");
    let failures = states(&mut test);
    assert!(failures[0].1 > 0 && failures[1].1 > 0, "{failures:?}");
    test.finish().await;
}

/// One that no feed goes by any more is nobody's trouble.
#[tokio::test]
async fn a_proxy_that_is_named_no_more_is_forgotten() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let proxy = Origin::start(Arc::clone(&clock)).await;
    proxy.down().await;
    let direct = Origin::start(Arc::clone(&clock)).await;
    direct.say("/near.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    let mut test = TestDaemon::under(clock, config(&proxy, &direct)).await;
    test.run_due().await;
    assert!(test.daemon().status().contains("is NOT reached"));
    test.config = test
        .config
        .replace("group = \"far\"\n", "enabled = false\n");
    test.reload().await;
    let status = test.daemon().status();
    assert!(!status.contains("proxy"), "{status}");
    test.finish().await;
}

/// By hand it is told which proxy it is, and that nothing came: as where the network is down.
#[tokio::test(flavor = "multi_thread")]
async fn a_poll_by_hand_tells_of_the_proxy() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let proxy = Origin::start(Arc::clone(&clock)).await;
    proxy.down().await;
    let direct = Origin::start(clock).await;
    direct.say("/near.xml", Reply::feed(rss("a", &[("one", "First", 5)])));
    let place = Place::new(&config(&proxy, &direct));
    let output = place.run(&["poll"]);
    let told = String::from_utf8(output.stdout).unwrap();
    let errors = String::from_utf8(output.stderr).unwrap();
    assert_eq!(output.status.code(), Some(1), "{told}{errors}");
    let name = proxy.url("").replace("http://", "");
    let line = told.lines().find(|line| line.starts_with("a "));
    let why = format!("the proxy {name} cannot be reached: refused");
    assert!(line.is_some_and(|line| line.ends_with(&why)), "{told}");
    assert!(told.contains("2 failed (2 unreachable)"), "{told}");
    assert!(errors.contains("2 feeds could not be asked"), "{errors}");
    let told = place.print(&["status"]);
    assert!(!told.contains("needs you"), "{told}");
    assert!(told.contains("tried again after 5 min"), "{told}");
    let told = place.print(&["why", "a"]);
    assert!(told.contains("see that its proxy runs"), "{told}");
    // Nothing of it stands in the way of the others.
    let told = place.print(&["poll", "near"]);
    assert!(told.contains("1 feed: "), "{told}");
}

/// Of one that answers for the origin it is told that it was the proxy, and where to look then.
#[tokio::test(flavor = "multi_thread")]
async fn what_a_proxy_refuses_is_looked_for_at_the_proxy() {
    let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
    let proxy = Origin::start(Arc::clone(&clock)).await;
    let direct = Origin::start(clock).await;
    let config = config(&proxy, &direct).replace("http://a.", "https://a.");
    let place = Place::new(&config);
    for (id, url, status, advice) in [
        ("a", "a.invalid:443", 403, "look at its proxy"),
        ("b", "http://b.invalid/b.xml", 502, "or its proxy does not"),
        ("b", "http://b.invalid/b.xml", 403, "the rules of its proxy"),
    ] {
        proxy.say(url, Reply::status(status));
        let output = place.run(&["poll", id]);
        let told = String::from_utf8(output.stdout).unwrap();
        let name = proxy.url("").replace("http://", "");
        let opens = format!("the proxy {name} opens no way to a.invalid:443");
        assert!(id == "b" || told.contains(&opens), "{told}");
        let told = place.print(&["why", id]);
        assert!(told.contains(advice), "{told}");
        assert!(!told.contains("network of this machine"), "{told}");
    }
}

//! What a publisher says of when to come back (P14 to P16, P34 to P37).

use super::rig::{DAY, HOUR, MINUTE, Rig, feed};
use super::wire::Answer;
use crate::test_daemon::rss;
use jiff::{SignedDuration, Timestamp};
use merganser::model::Hints;
use std::time::Duration;

const DATE: &str = "date: Tue, 24 Nov 2026 06:00:00 GMT\n";
const IN_3_HOURS: &str = "expires: Tue, 24 Nov 2026 09:00:00 GMT\n";

fn document() -> String {
    rss("a", &[("one", "First", 5)])
}

/// Polls one feed for each of these heads of a 200, and checks how long it waits then. All have a tag, so that
/// an hour is the least (P12).
async fn check(cases: &[(&str, SignedDuration)]) {
    let ids: Vec<String> = (0..cases.len()).map(|n| format!("f{n}")).collect();
    let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
    let mut rig = Rig::with_feeds(&ids).await;
    for (id, (fields, _)) in ids.iter().zip(cases) {
        let head = format!("200 OK\netag: \"1\"\n{}", fields.trim_end());
        let answer = Answer::new(head, document());
        rig.wire.say(&format!("/{id}"), answer);
    }
    rig.test.run_due().await;
    for (id, (fields, span)) in ids.iter().zip(cases) {
        let wait = rig.wait(id);
        let fits = wait >= *span && wait <= *span + *span / 10;
        assert!(fits, "{fields}: {wait:?}, not {span:?}");
    }
    rig.test.finish().await;
}

#[tokio::test]
async fn p14_freshness_is_reckoned_by_the_book() {
    let both = |fields: &str| format!("{DATE}{IN_3_HOURS}{fields}");
    check(&[
        ("cache-control: max-age=7200", HOUR * 2),
        ("Cache-Control: public, MAX-AGE=\"7200\"", HOUR * 2),
        ("cache-control: max-age=10800\nage: 3600", HOUR * 2),
        ("cache-control: max-age=7200\nage: 9999", HOUR),
        (
            "cache-control: no-cache=\"Set-Cookie\", max-age=7200",
            HOUR * 2,
        ),
        ("cache-control: s-maxage=7200", HOUR),
        ("cache-control: max-age=7200, no-cache", HOUR),
        ("cache-control: max-age=tomorrow", HOUR),
        (&both(""), HOUR * 3),
        (&both("age: 3600"), HOUR * 2),
        (&both("cache-control: max-age=7200"), HOUR * 2),
        (&format!("{DATE}expires: 0"), HOUR),
        (
            &format!("{DATE}expires: Mon, 23 Nov 2026 06:00:00 GMT"),
            HOUR,
        ),
    ])
    .await;
}

/// By a 200 and by a 304, up to `max-interval`; fixed schedules stay.
#[tokio::test]
async fn p15_a_fresh_document_is_not_asked_for_again() {
    let ids = ["said", "confirmed", "for-ever", "fixed", "cron"];
    let schedules = [
        "",
        "",
        "",
        "schedule = \"every 1h\"",
        "schedule = \"0 * * * *\"",
    ];
    let feeds = ids.iter().zip(schedules);
    let feeds = feeds.map(|(id, more)| feed(id, &format!("WIRE/{id}"), more));
    let mut rig = Rig::start(&feeds.collect::<String>()).await;
    let fresh = "\ncache-control: max-age=18000";
    for id in ids {
        rig.wire.say(
            &format!("/{id}"),
            Answer::new(format!("200 OK\netag: \"1\"{fresh}"), document()),
        );
    }
    let stale = Answer::new("200 OK\netag: \"1\"", document());
    let confirmed = Answer::new(format!("304 X{fresh}"), "");
    rig.wire.say_each("/confirmed", [stale, confirmed]);
    let for_ever = "200 OK\ncache-control: max-age=31536000, immutable";
    rig.wire.say("/for-ever", Answer::new(for_ever, document()));
    rig.test.run_due().await;
    rig.waits("said", HOUR * 5);
    rig.waits("for-ever", DAY);
    assert_eq!(rig.wait("fixed"), HOUR);
    rig.waits("confirmed", HOUR);
    rig.test.run_for(HOUR * 5 - MINUTE).await;
    let asked = ids.map(|id| rig.wire.requests_for(&format!("/{id}")).len());
    assert_eq!(asked, [1, 2, 1, 5, 5]);
    rig.waits("confirmed", HOUR * 5);
    rig.test.finish().await;
}

/// What a 200 said of freshness stands across 304s that say nothing of it, and restarts, until one does.
#[tokio::test]
async fn p15_freshness_stands_until_a_304_says_otherwise() {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let fresh = Answer::new(
        "200 OK\netag: \"1\"\ncache-control: max-age=18000",
        document(),
    );
    let silent = || Answer::new("304 X\netag: \"1\"", "");
    let aged = Answer::new("304 X\nage: 3600", "");
    let shorter = Answer::new("304 X\ncache-control: max-age=7200", "");
    let over = Answer::new("304 X\ncache-control: public", "");
    rig.wire
        .say_each("/a", [fresh, silent(), aged, shorter, silent(), over]);
    rig.poll().await;
    for hours in [5, 5, 4, 2, 2, 1] {
        rig.waits("a", HOUR * hours);
        rig.test.restart().await;
        rig.poll_next().await;
    }
    rig.test.finish().await;
}

/// Three hours ahead, or years behind: the span between the two dates is what is meant.
#[tokio::test]
async fn p16_an_origins_wrong_clock_does_no_harm() {
    let ahead = "date: Tue, 24 Nov 2026 09:00:00 GMT\n";
    let behind = "date: Thu, 01 Jan 1998 00:00:00 GMT\n";
    check(&[
        (
            &format!("{ahead}expires: Tue, 24 Nov 2026 11:00:00 GMT"),
            HOUR * 2,
        ),
        (
            &format!("{behind}expires: Thu, 01 Jan 1998 02:00:00 GMT"),
            HOUR * 2,
        ),
        (&format!("{ahead}{IN_3_HOURS}"), HOUR),
    ])
    .await;

    let mut rig = Rig::with_feeds(&["a"]).await;
    let refusal = format!("503 X\n{behind}retry-after: Thu, 01 Jan 1998 05:00:00 GMT");
    rig.wire.say("/a", Answer::new(refusal, ""));
    rig.poll().await;
    rig.waits("a", HOUR * 5);
    rig.test.finish().await;
}

/// Polls a feed whose channel holds these elements, and returns it with what is kept of them.
async fn hinted(elements: &str) -> (Rig, Hints) {
    let mut rig = Rig::with_feeds(&["a"]).await;
    let namespace = "<rss xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\"";
    let hinted = document()
        .replace("<rss", namespace)
        .replace("<description>news", &format!("{elements}<description>news"));
    rig.wire.say_each(
        "/a",
        [
            Answer::new("200 OK\netag: \"1\"", hinted),
            Answer::new("304 X", ""),
        ],
    );
    rig.poll().await;
    let hints = rig.state("a").hints;
    (rig, hints)
}

/// A 304 in between forgets nothing of it.
#[tokio::test]
async fn p34_ttl_lengthens_the_interval_within_bounds() {
    for (minutes, span) in [
        ("180", HOUR * 3),
        ("5", HOUR),
        ("99999", DAY),
        ("0", HOUR),
        ("often", HOUR),
    ] {
        let (mut rig, _) = hinted(&format!("<ttl>{minutes}</ttl>")).await;
        rig.waits("a", span);
        rig.test.restart().await;
        rig.poll_next().await;
        rig.waits("a", span);
        rig.test.finish().await;
    }
}

/// What is said is remembered.
#[tokio::test]
async fn p35_hours_and_days_to_skip_are_kept() {
    let hours = "<skipHours><hour>3</hour><hour>24</hour></skipHours>";
    let days = "<skipDays><day>Sunday</day></skipDays>";
    let (mut rig, hints) = hinted(&format!("{hours}{days}")).await;
    assert_eq!(hints.skip_hours, [0, 3]);
    assert_eq!(hints.skip_days, [jiff::civil::Weekday::Sunday]);
    rig.test.restart().await;
    rig.poll_next().await;
    assert_eq!(rig.state("a").hints, hints);
    rig.test.finish().await;
}

/// What is said is remembered.
#[tokio::test]
async fn p36_the_period_of_updates_is_kept() {
    let period = "<sy:updatePeriod>daily</sy:updatePeriod>";
    let frequency = "<sy:updateFrequency>2</sy:updateFrequency>";
    let (mut rig, hints) = hinted(&format!("{period}{frequency}")).await;
    assert_eq!(hints.update_period, Some(Duration::from_hours(12)));
    rig.test.restart().await;
    rig.poll_next().await;
    assert_eq!(rig.state("a").hints, hints);
    rig.test.finish().await;
}

/// A document of six entries, the newest an hour old, one every so often.
pub(super) fn rhythmic(every: SignedDuration) -> String {
    let newest: Timestamp = "2026-11-24T05:00:00Z".parse().unwrap();
    let item = |n: i32| {
        let at = (newest - every * n).strftime("%a, %d %b %Y %H:%M:%S GMT");
        format!(
            "<item><guid isPermaLink=\"false\">n{n}</guid><title>Report {n}</title>\
             <pubDate>{at}</pubDate></item>"
        )
    };
    let items: String = (0..6).map(item).collect();
    rss("rhythmic", &[]).replace("</channel>", &format!("{items}</channel>"))
}

/// Between the two intervals; what the publisher asks for lengthens it and never shortens it.
#[tokio::test]
async fn p37_the_interval_follows_the_feed() {
    let cases = [
        ("busy", MINUTE * 10, "", HOUR),
        ("steady", HOUR * 8, "", HOUR * 4),
        ("calm", DAY * 5, "", DAY),
        ("asking", HOUR * 8, "cache-control: max-age=21600", HOUR * 6),
        ("hasty", HOUR * 8, "cache-control: max-age=60", HOUR * 4),
    ];
    let mut rig = Rig::with_feeds(&cases.map(|(id, ..)| id)).await;
    for (id, every, field, _) in cases {
        let head = format!("200 OK\netag: \"1\"\n{field}");
        let answer = Answer::new(head.trim_end(), rhythmic(every));
        rig.wire.say(&format!("/{id}"), answer);
    }
    rig.test.run_due().await;
    for (id, _, _, span) in cases {
        rig.waits(id, span);
    }
    rig.test.finish().await;
}

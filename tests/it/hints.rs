//! What a feed asks of those who poll it, seen from the publisher. Names cite docs/protocol.md.

use crate::origin::{Asked, Reply};
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;
use jiff::civil::Weekday;
use jiff::tz::TimeZone;

fn day(day: i64) -> SignedDuration {
    SignedDuration::from_hours(24 * day)
}

/// Four reports an hour apart, so that an hour is what the feed's rhythm asks for, in a document that says
/// `hints` of itself.
fn hourly(hints: &str) -> String {
    let items = [
        ("one", "First", 2),
        ("two", "Second", 3),
        ("three", "Third", 4),
        ("four", "Fourth", 5),
    ];
    let before = "<description>news</description>";
    rss("hints", &items).replacen(before, &format!("{before}{hints}"), 1)
}

/// Returns the hour and the day, in UTC, of a request.
fn hour_and_day(asked: &Asked) -> (i8, Weekday) {
    let at = asked.at.to_zoned(TimeZone::UTC);
    (at.hour(), at.weekday())
}

/// P35: no request in the hours and on the days that a feed names, restarts included, unless the operator
/// named the time.
#[tokio::test]
async fn p35_a_feed_is_left_alone_when_it_asks_to_be() {
    let feed = |id: &str, schedule: &str| {
        format!("[[feed]]\nid = \"{id}\"\nurl = \"ORIGIN/{id}.xml\"\nschedule = \"{schedule}\"\n")
    };
    let config = [feed("rests", "adaptive"), feed("by-order", "every 1h")].concat();
    let mut test = TestDaemon::start(&config).await;
    let hours: Vec<String> = (8..20).map(|hour| format!("<hour>{hour}</hour>")).collect();
    let hours = hours.concat();
    let hints = format!("<skipHours>{hours}</skipHours><skipDays><day>Thursday</day></skipDays>");
    for path in ["/rests.xml", "/by-order.xml"] {
        test.origin.say(path, Reply::feed(hourly(&hints)));
    }
    for _ in 0..4 {
        test.run_for(day(2)).await;
        test.restart().await;
        test.clock.set(test.now() + SignedDuration::from_hours(5));
    }
    let asked = test.origin.asked_for("/rests.xml");
    for asked in &asked {
        let (hour, day) = hour_and_day(asked);
        assert!(!(8..20).contains(&hour), "asked at {}", asked.at);
        assert_ne!(day, Weekday::Thursday, "asked at {}", asked.at);
    }
    assert!(asked.len() > 40, "{} requests", asked.len());
    let by_order = test.origin.asked_for("/by-order.xml");
    assert!(by_order.iter().any(|asked| hour_and_day(asked).0 == 12));
    test.finish().await;
}

/// P36: a feed that says when it changes is asked then, not by its rhythm.
#[tokio::test]
async fn p36_a_feed_that_changes_twice_a_day_is_asked_twice_a_day() {
    let mut test = TestDaemon::with_feeds(&["/plain.xml", "/based.xml"]).await;
    let period = "<sy:updatePeriod xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">daily\
                  </sy:updatePeriod>\
                  <sy:updateFrequency xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">2\
                  </sy:updateFrequency>";
    let base = "<sy:updateBase xmlns:sy=\"http://purl.org/rss/1.0/modules/syndication/\">\
                2000-01-01T03:00+00:00</sy:updateBase>";
    test.origin.say("/plain.xml", Reply::feed(hourly(period)));
    let based = hourly(&[period, base].concat());
    test.origin.say("/based.xml", Reply::feed(based));
    test.run_for(day(6)).await;
    let asked = test.origin.asked_for("/plain.xml");
    assert!((11..=13).contains(&asked.len()), "{} requests", asked.len());
    for pair in asked.windows(2) {
        let gap = pair[1].at.duration_since(pair[0].at);
        assert!(gap >= SignedDuration::from_hours(12), "{gap:?}");
    }
    let asked = test.origin.asked_for("/based.xml");
    assert!((12..=14).contains(&asked.len()), "{} requests", asked.len());
    for asked in &asked[1..] {
        let minutes = asked.at.as_second() / 60 % (12 * 60);
        assert!((180..=215).contains(&minutes), "asked at {}", asked.at);
    }
    test.finish().await;
}

/// P37: a feed whose newest entry is weeks old is asked once a day, whatever its rhythm was; news brings it
/// back.
#[tokio::test]
async fn p37_a_feed_that_fell_silent_is_asked_less() {
    let mut test = TestDaemon::with_feeds(&["/a.xml"]).await;
    let quick = "<ttl>15</ttl>";
    test.origin.say("/a.xml", Reply::feed(hourly(quick)));
    let mut polls = Vec::new();
    for _ in 0..40 {
        let asked = test.origin.asked().len();
        test.run_for(day(1)).await;
        polls.push(test.origin.asked().len() - asked);
    }
    assert!(polls[..6].iter().all(|polls| *polls >= 22), "{polls:?}");
    assert!(polls[8..13].iter().all(|polls| *polls <= 4), "{polls:?}");
    assert!(polls[32..].iter().all(|polls| *polls <= 1), "{polls:?}");

    let date = test.now().strftime("%a, %d %b %Y %H:%M:%S GMT");
    let news = format!("<item><guid>new</guid><title>News</title><pubDate>{date}</pubDate></item>");
    let document = hourly(quick).replacen("<item>", &format!("{news}<item>"), 1);
    test.origin.say("/a.xml", Reply::feed(document));
    test.run_for(day(2)).await;
    let asked = test.origin.asked().len();
    test.run_for(day(1)).await;
    assert!(test.origin.asked().len() - asked >= 22);
    test.finish().await;
}

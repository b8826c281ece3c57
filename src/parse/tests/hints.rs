//! What documents ask of those who poll them.

use super::*;
use crate::model::{Cloud, Hints};
use jiff::civil::Weekday;

fn asked(channel: &str) -> Hints {
    read(&format!(
        "<rss version='2.0'><channel>{channel}{RSS_ITEM}</channel></rss>"
    ))
    .hints
}

#[test]
fn p34_p35_rss_says_when_not_to_come() {
    for (channel, expected) in [
        (
            "<ttl> 90 </ttl>",
            Hints {
                ttl: Some(Duration::from_mins(90)),
                ..Hints::default()
            },
        ),
        (
            "<skipHours><hour>23</hour><hour>24</hour><hour>0</hour><hour>7</hour></skipHours>",
            Hints {
                skip_hours: vec![0, 7, 23],
                ..Hints::default()
            },
        ),
        (
            "<skipDays><day>Sunday</day><day>sat</day><day>Sunday</day></skipDays>",
            Hints {
                skip_days: vec![Weekday::Saturday, Weekday::Sunday],
                ..Hints::default()
            },
        ),
    ] {
        assert_eq!(asked(channel), expected, "{channel}");
    }
    let all: String = (0..24)
        .map(|hour| format!("<hour>{hour}</hour>"))
        .collect::<Vec<_>>()
        .concat();
    for nothing in [
        "<ttl>0</ttl>",
        "<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>1000</sy:updateFrequency>",
        "<ttl>soon</ttl>",
        "<ttl>-5</ttl>",
        "<skipHours/>",
        "<skipHours><hour>25</hour><hour>x</hour></skipHours>",
        &format!("<skipHours>{all}</skipHours>"),
        "<skipDays><day>Someday</day><day>é</day></skipDays>",
        "<item><ttl>5</ttl></item>",
    ] {
        assert_eq!(asked(nothing), Hints::default(), "{nothing}");
    }
}

#[test]
fn p36_the_syndication_module_names_a_period() {
    let period = |fields: &str| asked(fields).update_period;
    let hours = |hours| Some(Duration::from_hours(hours));
    for (fields, expected) in [
        ("<sy:updatePeriod>hourly</sy:updatePeriod>", hours(1)),
        (
            "<sy:updateFrequency>2</sy:updateFrequency><sy:updatePeriod> Daily </sy:updatePeriod>",
            hours(12),
        ),
        (
            "<syn:updatePeriod>weekly</syn:updatePeriod><syn:updateFrequency>0</syn:updateFrequency>",
            None,
        ),
        ("<sy:updatePeriod>sometimes</sy:updatePeriod>", None),
        ("<sy:updateFrequency>2</sy:updateFrequency>", None),
        (
            "<sy:updatePeriod>yearly</sy:updatePeriod><sy:updateFrequency>4294967295</sy:updateFrequency>",
            None,
        ),
    ] {
        assert_eq!(period(fields), expected, "{fields}");
    }
    let base = asked("<sy:updateBase>2000-01-01T12:00+00:00</sy:updateBase>").update_base;
    assert_eq!(base.unwrap().to_string(), "2000-01-01T12:00:00Z");
}

#[test]
fn feeds_say_where_more_is_to_be_had() {
    let links = "<atom:link rel='hub' href='/hub'/><atom:link rel='hub' href='https://hub.example/'/>\
        <atom:link rel='hub' href='/hub'/><atom:link rel='hub' href='javascript:x'/>\
        <atom:link rel='http://www.iana.org/assignments/relation/prev-archive' href='old'/>\
        <atom:link rel='next' href='?page=2'/>\
        <cloud domain='cloud.example' port='5337' path='/rsscloud/pleaseNotify' registerProcedure='' protocol='HTTP-POST'/>";
    let hints = asked(links);
    assert_eq!(
        hints.hubs,
        ["https://news.example/hub", "https://hub.example/"]
    );
    assert_eq!(
        hints.prev_archive.as_deref(),
        Some("https://news.example/old")
    );
    assert_eq!(
        hints.next_page.as_deref(),
        Some("https://news.example/feed?page=2")
    );
    let cloud = Cloud {
        url: "http://cloud.example:5337/rsscloud/pleaseNotify".to_owned(),
        protocol: "http-post".to_owned(),
        procedure: String::new(),
    };
    assert_eq!(hints.cloud, Some(cloud));
    let twice = asked("<skipHours><hour>1</hour></skipHours><skipHours/>");
    assert_eq!(twice.skip_hours, [1]);
    for none in [
        "<cloud/>",
        "<cloud domain='a.example/x?y=' port='80' protocol='soap'/>",
        "<cloud domain='a.example' port='99999' protocol='soap'/>",
    ] {
        assert_eq!(asked(none).cloud, None, "{none}");
    }
    let many = asked(
        &(0..20)
            .map(|n| format!("<atom:link rel='hub' href='/{n}'/>"))
            .collect::<Vec<_>>()
            .concat(),
    );
    assert_eq!(many.hubs.len(), 8);

    let json = read(
        r#"{"hubs":[{"type":"WebSub","url":"https://hub.example/"},{"url":null},"x"],"next_url":"?page=2","items":[{"id":"1"}]}"#,
    );
    assert_eq!(json.hints.hubs, ["https://hub.example/"]);
    assert_eq!(
        json.hints.next_page.as_deref(),
        Some("https://news.example/feed?page=2")
    );
}

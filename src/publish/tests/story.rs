//! Pages of stories.

use super::pages::{is_balanced, tags};
use super::{article, output, site};
use crate::model::{Article, Copy, Story, StoryMark, StoryReport};
use crate::publish::page::PAGE_BYTES;
use crate::publish::{Output, Selection, paged_stories, story, story_page_name};
use jiff::SignedDuration;

fn report(number: u32) -> StoryReport {
    StoryReport {
        title: format!("Report {number}"),
        feed_title: format!("Outlet {number}"),
        url: Some(format!("https://outlet{number}.example/")),
        language: Some("en".to_owned()),
        published_at: article(number).published_at,
    }
}

fn told() -> Story {
    Story {
        founder: "https://news.example.com/1".to_owned(),
        first: article(1),
        reports: vec![report(1), report(2)],
        more: 0,
        outlets: Some(2),
        topics: Vec::new(),
    }
}

/// An output of a topic.
fn of_topic() -> Output {
    Output {
        path: "world".to_owned(),
        selection: Selection::Label("geopolitics".to_owned()),
        ..output()
    }
}

/// The page of a story after `change`.
fn page(change: impl FnOnce(&mut Story)) -> String {
    let mut told = told();
    change(&mut told);
    let page = String::from_utf8(story(&site(), &[&of_topic()], &told)).unwrap();
    is_balanced(&page);
    assert!(page.len() <= PAGE_BYTES, "{}", page.len());
    page
}

#[test]
fn u25_the_page_of_a_story_is_for_people() {
    let words = vec!["New Delhi".to_owned(), "Modi & Putin".to_owned()];
    let page = page(|story| {
        story.more = 3;
        story.first.first = Some(Copy {
            feed_title: "The <Wire>".to_owned(),
            url: "https://wire.example/a".to_owned(),
        });
        story.topics = vec![
            ("geopolitics".to_owned(), words),
            ("unknown".to_owned(), Vec::new()),
        ];
    });
    for expected in [
        "<title>Story 1</title>",
        "<a href=\"../\" dir=\"auto\">Planet</a>",
        "<h1 lang=\"en\" dir=\"auto\">Story 1</h1>",
        "5 reports, told by 2 independent outlets, from <time datetime=\"2026-11-01T10:00:00Z\">",
        "First published by <a href=\"https://wire.example/a\" rel=\"noreferrer\"><bdi>The &lt;Wire&gt;</bdi></a>",
        "<p lang=\"en\" dir=\"auto\">In short</p>",
        "<li><a href=\"../world.html\"><bdi>Geo &amp; Politics</bdi></a><br><small>It says <q><bdi>New Delhi</bdi></q>, <q><bdi>Modi &amp; Putin</bdi></q>.</small>",
        "<a href=\"https://outlet2.example/\" rel=\"noreferrer\" lang=\"en\" dir=\"auto\">Report 2</a>",
        "<small><bdi>Outlet 2</bdi> · <time datetime=\"2026-11-02T10:00:00Z\">2 Nov 2026, 10:00 UTC</time>",
        "And 3 more.",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    assert!(!page.contains("unknown"));
}

/// Neither a minute nor a day is told twice.
#[test]
fn u25_the_span_of_a_story_is_told_once() {
    let hour = SignedDuration::from_hours(1);
    let second = SignedDuration::from_secs(1);
    for (after, expected) in [
        (
            second,
            "outlets, all of <time datetime=\"2026-11-01T10:00:00Z\">1 Nov 2026, 10:00 UTC</time></p>",
        ),
        (
            hour,
            "10:00 UTC</time> to <time datetime=\"2026-11-01T11:00:00Z\">11:00 UTC</time></p>",
        ),
        (
            hour * 24,
            "10:00 UTC</time> to <time datetime=\"2026-11-02T10:00:00Z\">2 Nov 2026, 10:00 UTC</time></p>",
        ),
    ] {
        let page = page(|story| {
            story.reports[1].published_at = story.reports[0].published_at + after;
        });
        assert!(page.contains(expected), "{expected}\n{page}");
    }
}

#[test]
fn s16_what_reports_say_is_text() {
    let page = page(|story| {
        let wild = "<script>alert(1)</script>\" onload=\"x".to_owned();
        story.first.title.clone_from(&wild);
        story.reports[1].title.clone_from(&wild);
        story.reports[1].feed_title.clone_from(&wild);
        story.reports[1].language = Some("en\" onload=\"x".to_owned());
        story.reports[0].url = Some("javascript:alert(1)".to_owned());
        story.reports[0].title.clear();
        story.topics = vec![("geopolitics".to_owned(), vec![wild])];
    });
    let all = tags(&page).join("\n");
    assert!(!all.contains("script") && !all.contains(" on"), "{all}");
    assert!(
        page.contains("<span lang=\"en\" dir=\"auto\">Outlet 1</span>"),
        "{page}"
    );
}

#[test]
fn u25_the_page_of_a_story_stays_small() {
    let page = page(|story| {
        let long = "a long headline about rain & wind ".repeat(60);
        story.reports = (0..30)
            .map(|_| StoryReport {
                title: long.clone(),
                feed_title: long.clone(),
                ..report(3)
            })
            .collect();
        story.outlets = None;
    });
    assert!(page.contains("<p>30 reports, all of "));
    assert!(page.contains(" more.</p>"));
}

/// The address goes by what the story began with, and by nothing else.
#[test]
fn u25_the_address_of_a_story_is_a_name_of_a_file() {
    let name = story_page_name("https://news.example.com/1");
    assert_eq!(name, story_page_name("https://news.example.com/1"));
    assert_ne!(name, story_page_name("https://news.example.com/2"));
    let hex = name.strip_prefix("stories/").unwrap();
    let hex = hex.strip_suffix(".html").unwrap();
    assert!(hex.len() == 32 && hex.chars().all(|c| c.is_ascii_hexdigit()));
}

#[test]
fn u25_pages_of_stories_are_bounded_in_number() {
    let in_story = |number: i64| Article {
        story: Some(StoryMark {
            number,
            founder: number.to_string(),
        }),
        ..article(1)
    };
    let mut articles: Vec<Article> = vec![article(1), in_story(7), in_story(7)];
    articles.extend((100..400).map(in_story));
    for (outputs, expected) in [(0, 50), (1, 50), (20, 50), (100, 10), (1000, 4)] {
        let stories = paged_stories(&articles, outputs);
        assert_eq!(stories.len(), expected, "{outputs}");
        assert_eq!(stories[..2], [7, 100]);
    }
}

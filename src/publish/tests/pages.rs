//! Pages for people, and lists of feeds.

use super::{article, output, site};
use crate::model::{Article, Copy};
use crate::publish::page::{LEAD_CHARS, PAGE_BYTES};
use crate::publish::{Beside, Card, Listing, Output, Unit, index, reading};
use jiff::SignedDuration;

fn page(articles: &[Article]) -> String {
    String::from_utf8(reading(&site(), &output(), articles, &Beside::default())).unwrap()
}

/// What stands between the angle brackets of a page.
pub(super) fn tags(page: &str) -> Vec<&str> {
    let parts = page.split('<').skip(1);
    parts
        .filter_map(|part| part.split_once('>'))
        .map(|(tag, _)| tag)
        .collect()
}

/// Elements are closed in the order in which they were opened, but for those that have no end.
pub(super) fn is_balanced(page: &str) {
    const VOID: [&str; 5] = ["meta", "link", "br", "wbr", "!doctype"];
    let mut open = Vec::new();
    for tag in tags(page) {
        let name = tag.split([' ', '\n']).next().unwrap();
        match name.strip_prefix('/') {
            Some(name) => assert_eq!(open.pop(), Some(name), "{page}"),
            None if VOID.contains(&name) => {}
            None => open.push(name),
        }
    }
    assert!(open.is_empty(), "{open:?}");
}

#[test]
fn u25_the_page_of_an_output_is_for_people() {
    let mut first = article(3);
    first.topics = vec!["geopolitics".to_owned(), "unknown".to_owned()];
    first.language = Some("hi".to_owned());
    let copy = |title: &str, url: &str| Copy {
        feed_title: title.to_owned(),
        url: url.to_owned(),
    };
    first.copies = vec![
        copy("The <Wire>", "https://wire.example/a"),
        copy("Bad", "javascript:alert(1)"),
    ];
    first.first = Some(copy("The Herald", "https://herald.example/a"));
    let page = page(&[first, article(2)]);
    is_balanced(&page);
    for expected in [
        "<title>Everything</title>",
        "<a href=\"./\" dir=\"auto\">Planet</a>",
        "<h1 dir=\"auto\">Everything</h1>",
        "<p>All articles of Planet</p>",
        "<link rel=\"icon\" href=\"favicon.ico\">",
        " <a href=\"all.atom?raw\" aria-label=\"Source: Atom\">Source</a></dd>",
        "<code class=\"address\">https://feeds.example.org/<wbr>all.atom</code>",
        "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"Everything (RSS)\" href=\"all.rss\">",
        "<h3 lang=\"hi\" dir=\"auto\"><a href=\"https://news.example.com/3\" rel=\"noreferrer\">Story 3</a></h3>",
        "<bdi>Example News</bdi> · <time datetime=\"2026-11-03T10:00:00Z\">3 Nov 2026, 10:00 UTC</time> · <bdi>Geo &amp; Politics</bdi></p>",
        "<p lang=\"hi\" dir=\"auto\">In short</p>",
        "First published by <a href=\"https://herald.example/a\" rel=\"noreferrer\"><bdi>The Herald</bdi></a>",
        "Also in <a href=\"https://wire.example/a\" rel=\"noreferrer\"><bdi>The &lt;Wire&gt;</bdi></a>",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    for absent in ["<script", "javascript:", "style=", "unknown", "<img"] {
        assert!(!page.contains(absent), "{absent}");
    }
    let empty = self::page(&[]);
    is_balanced(&empty);
    assert!(empty.contains("No articles yet."));
}

/// What is cut off says so, behind a sentence that has its end with a space, and behind no comma.
#[test]
fn u25_first_words_end_well() {
    for (end, expected) in [
        ("money.", "money. …</p>"),
        ("(money!)", "(money!) …</p>"),
        ("money,", "money…</p>"),
        ("money", "money…</p>"),
    ] {
        let mut long = article(3);
        let before = "x".repeat(LEAD_CHARS - 20);
        long.summary = Some(format!("<p>{before} {end} {}</p>", "y".repeat(40)));
        let page = page(&[long]);
        assert!(page.contains(expected), "{expected} in\n{page}");
    }
}

#[test]
fn u25_pages_say_what_an_output_is_in_the_words_of_its_operator() {
    let output = Output {
        description: Some("Gas & \"oil\".".to_owned()),
        ..output()
    };
    let articles: Vec<Article> = (1..=5).map(article).collect();
    let own = "<bdi>Gas &amp; &quot;oil&quot;.</bdi> (about ";
    let page = reading(&site(), &output, &articles, &Beside::default());
    let page = String::from_utf8(page).unwrap();
    is_balanced(&page);
    let meta = "<meta name=\"description\" content=\"Gas &amp; &quot;oil&quot;.\">\n";
    for expected in [meta, &format!("<p>{own}")] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    let card = Card::new(&articles);
    let listing = Listing {
        output: &output,
        card: &card,
    };
    let index = String::from_utf8(index(&site(), &[listing], false)).unwrap();
    assert!(
        index.contains(&format!("<p class=\"about\">{own}")),
        "{index}"
    );
    assert!(!self::page(&articles).contains("name=\"description\""));
}

#[test]
fn s16_what_articles_say_is_text() {
    let mut wild = article(3);
    wild.title = "<script>alert(1)</script>\" onload=\"x".to_owned();
    wild.summary = Some("<p onclick=\"x\">a &lt;script&gt; b</p>".to_owned());
    wild.source.title = "</article><h1>".to_owned();
    wild.language = Some("en\" onload=\"x".to_owned());
    let page = page(&[wild]);
    is_balanced(&page);
    let all = tags(&page).join("\n");
    assert!(!all.contains("script") && !all.contains(" on"), "{all}");
    assert_eq!(page.matches("<h1").count(), 1);
}

/// The page leads on to the newest document of the archive, with the key for who has it; and nowhere where there is none.
#[test]
fn u28_a_page_leads_to_what_it_lists_no_more() {
    let output = output();
    let older = crate::publish::page_link(
        &output,
        crate::publish::Page {
            generation: "0123abcd4567",
            number: 7,
        },
    );
    for (older, key, expected) in [
        (None, "", ""),
        (None, "?key=canary", ""),
        (
            older.clone(),
            "",
            "<p>For feed readers: <a href=\"all/0123abcd4567/7.atom\">older entries (Atom)</a></p>",
        ),
        (
            older,
            "?key=canary",
            "<a href=\"all/0123abcd4567/7.atom?key=canary\">older entries (Atom)</a>",
        ),
    ] {
        let beside = Beside {
            key: key.to_owned(),
            older,
            ..Beside::default()
        };
        let page = String::from_utf8(reading(&site(), &output, &[article(1)], &beside)).unwrap();
        is_balanced(&page);
        assert_eq!(page.contains("older entries"), !expected.is_empty());
        assert!(page.contains(expected), "{expected} in {page}");
    }
}

/// A name that is written from right to left turns neither the date after it nor the words before it.
#[test]
fn u25_names_turn_nothing_around_them() {
    let name = "\u{5d7}\u{5d3}\u{5e9}\u{5d5}\u{5ea} 24";
    let mut article = article(1);
    article.source.title = name.to_owned();
    article.copies = vec![Copy {
        feed_title: name.to_owned(),
        url: "https://copy.example/".to_owned(),
    }];
    let page = page(&[article]);
    is_balanced(&page);
    let isolated = format!("<bdi>{name}</bdi>");
    assert_eq!(page.matches(name).count(), 2, "{page}");
    assert!(
        page.contains(&format!("<p class=\"whence\">{isolated} · <time")),
        "{page}"
    );
    assert!(page.contains(&format!(
        "Also in <a href=\"https://copy.example/\" rel=\"noreferrer\">{isolated}</a>"
    )));
    assert!(page.contains("<h1 dir=\"auto\">"));
}

/// The first words of an article tell what it is about; where all of them would take the room of other articles, fewer do.
#[test]
fn u25_the_first_words_are_as_many_as_there_is_room_for() {
    let told = |word: &str, number: usize| {
        let mut article = article(1);
        article.title = format!("Story {number}");
        article.url = Some(format!("https://news.example.com/{}", "a".repeat(150)));
        article.summary = Some(format!("<p>{}</p>", format!("{word} ").repeat(100)));
        article
    };
    // In letters of four bytes.
    let wide = "\u{11015}\u{1103a}\u{1102d}\u{1103a}\u{11026}";
    for (word, number, expected) in [
        ("rains", 1, 33),
        ("rains", 100, 33),
        (wide, 10, 33),
        (wide, 100, 13),
    ] {
        let articles: Vec<Article> = (0..number).map(|it| told(word, it)).collect();
        let page = page(&articles);
        let lead = format!(">{}…</p>", vec![word; expected].join(" "));
        let shown = number.min(50);
        assert_eq!(page.matches(&lead).count(), shown, "{word} {number}");
        assert!(page.len() <= PAGE_BYTES, "{}", page.len());
    }
}

/// A note without a title is read on below its first words, and not told twice.
#[test]
fn u25_what_a_title_took_of_the_text_is_followed_by_the_rest() {
    let words = |from: u8, to: u8| {
        let words: Vec<String> = (from..to).map(|it| format!("word{it:02}")).collect();
        words.join(" ")
    };
    for (title, text, lead) in [
        ("", words(0, 5), String::new()),
        ("", words(0, 11), String::new()),
        ("", words(0, 20), format!("…{}", words(11, 20))),
        ("", words(0, 90), format!("…{}…", words(11, 40))),
        ("", "One…".to_owned(), String::new()),
        ("word00 word01", words(0, 2), String::new()),
        ("Another", words(0, 2), words(0, 2)),
        ("", "x".repeat(100), format!("…{}", "x".repeat(20))),
        // Of what parts two blocks nothing is left at the cut.
        (
            "",
            format!("{}</p><p>then", words(0, 11)),
            "…then".to_owned(),
        ),
        ("", format!("{}</p><p>then", words(0, 2)), String::new()),
    ] {
        let mut article = article(1);
        article.title = title.to_owned();
        article.summary = Some(format!("<p>{text}</p>"));
        article.language = None;
        let page = page(&[article]);
        is_balanced(&page);
        let (_, found) = page
            .split_once("</p>\n<p dir=\"auto\">")
            .unwrap_or_default();
        let found = found.split('<').next().unwrap();
        assert_eq!(found, lead, "{text}");
    }
}

#[test]
fn an_output_of_stories_says_so() {
    let output = Output {
        unit: Unit::Story,
        ..output()
    };
    let page = reading(&site(), &output, &[article(1)], &Beside::default());
    let page = String::from_utf8(page).unwrap();
    assert!(page.contains("<p>All stories of Planet</p>"), "{page}");
}

#[test]
fn u25_pages_stay_small() {
    let long = |number: usize| {
        let mut article = article(1);
        article.title = format!(
            "{number} {}",
            "a long headline about rain & wind ".repeat(20)
        );
        article.copies = (0..20)
            .map(|it| Copy {
                feed_title: "A name of a newspaper ".repeat(10),
                url: format!("https://copy.example/{number}/{it}"),
            })
            .collect();
        article
    };
    let articles: Vec<Article> = (0..200).map(long).collect();
    let page = page(&articles);
    is_balanced(&page);
    assert!(page.len() <= PAGE_BYTES, "{}", page.len());

    let card = Card::new(&articles);
    let outputs: Vec<Output> = (0..60)
        .map(|number| Output {
            path: format!("output-{number}"),
            ..output()
        })
        .collect();
    let listings: Vec<Listing<'_>> = outputs
        .iter()
        .map(|output| Listing {
            output,
            card: &card,
        })
        .collect();
    let page = String::from_utf8(index(&site(), &listings, true)).unwrap();
    is_balanced(&page);
    assert!(page.len() <= PAGE_BYTES, "{}", page.len());
    for output in &outputs {
        assert!(page.contains(&format!("href=\"{}.html\"", output.path)));
    }
}

/// Of many outputs less is said of each, and of hundreds the page has names alone; where these are too many, it says so.
#[test]
fn u24_the_list_of_outputs_stays_small() {
    let articles: Vec<Article> = (1..9).map(article).collect();
    let card = Card::new(&articles);
    for (number, has_articles, has_addresses, left) in [
        (20, true, true, false),
        (200, false, true, false),
        (400, false, false, false),
        (2000, false, false, true),
    ] {
        let outputs: Vec<Output> = (0..number)
            .map(|number| Output {
                path: format!("output-{number}"),
                title: format!("What happens in place {number}"),
                ..output()
            })
            .collect();
        let listing = |output| Listing {
            output,
            card: &card,
        };
        let listings: Vec<Listing<'_>> = outputs.iter().map(listing).collect();
        let page = String::from_utf8(index(&site(), &listings, true)).unwrap();
        is_balanced(&page);
        assert!(page.len() <= PAGE_BYTES, "{number}: {}", page.len());
        assert_eq!(page.contains("<ol>"), has_articles, "{number}");
        assert_eq!(page.contains("<code"), has_addresses, "{number}");
        let named = outputs.iter();
        let named = named.filter(|it| page.contains(&format!("href=\"{}.html\"", it.path)));
        let named = named.count();
        let others = format!("And {} more: all of them", number - named);
        assert_eq!((named < number, page.contains(&others)), (left, left));
        assert!(named >= 400.min(number), "{named} of {number}");
    }
}

#[test]
fn rates_are_told_by_what_there_is() {
    for (hours, number, expected) in [
        (1, 2, ""),
        (0, 50, ""),
        (8, 6, ""),
        (24, 25, ""),
        (47, 49, ""),
        (12, 50, "; about 98 a day</p>"),
        (48, 49, "; about 24 a day</p>"),
        (24 * 7, 8, "; about 7 a week</p>"),
        (24 * 30, 4, "; about 3 a month</p>"),
        (24 * 365, 3, "; about one a month or fewer</p>"),
    ] {
        let spread = |index: i64| {
            let mut article = article(1);
            let step = SignedDuration::from_hours(hours) / i32::try_from(number - 1).unwrap();
            article.published_at += step * i32::try_from(index).unwrap();
            article
        };
        let articles: Vec<Article> = (0..number).map(spread).collect();
        let page = page(&articles);
        let about = format!(
            "<p>All articles of Planet{}",
            if expected.is_empty() {
                "</p>"
            } else {
                expected
            }
        );
        assert!(page.contains(&about), "{hours} {number}: {page}");
    }
}

/// One article of years ago is no rhythm, nor is what a feed had when it was first polled.
#[test]
fn rates_are_those_of_late() {
    let day = SignedDuration::from_hours(24);
    for (old, expected) in [(1, "; about 11 a day</p>"), (40, "; about 11 a day</p>")] {
        let dated = |index: i32| {
            let mut article = article(1);
            article.published_at -= day * index / 11;
            article
        };
        let ancient = (0..old).map(|index| dated(11 * 3000 + 11 * 30 * index));
        let articles: Vec<Article> = (0..100).map(dated).chain(ancient).collect();
        assert!(page(&articles).contains(expected), "{old}");
    }
}

/// What was old when it came is the backlog of a feed, and no rhythm against which news speaks.
#[test]
fn a_backlog_is_no_rhythm_where_news_comes() {
    let hour = SignedDuration::from_hours(1);
    let dated = |(step, number): (i32, i32)| {
        let at = move |index: i32| {
            let mut article = article(20);
            article.published_at -= hour * step * index;
            article
        };
        (0..number).map(at)
    };
    // The days between the articles of a backlog, the hours between those that came as news, and how many of each.
    for (backlog, news, expected) in [
        ((30, 40), (2, 3), ""),
        ((30, 40), (2, 2), "; about one a month or fewer</p>"),
        ((14, 40), (1, 1), "; about 2 a month</p>"),
        ((1, 40), (12, 4), "; about 8 a week</p>"),
        ((30, 40), (24, 10), "; about 7 a week</p>"),
        ((30, 2), (1, 3), ""),
    ] {
        let mut news: Vec<Article> = dated(news).collect();
        for article in &mut news {
            article.first_seen_at = article.published_at + hour;
        }
        let old = dated((24 * backlog.0, backlog.1 + 1)).skip(1);
        let articles: Vec<Article> = news.into_iter().chain(old).collect();
        let page = page(&articles);
        let about = page.split("All articles of Planet").nth(1).unwrap();
        let about = about.split('\n').next().unwrap();
        let expected = if expected.is_empty() {
            "</p>"
        } else {
            expected
        };
        assert_eq!(about, expected, "{backlog:?}");
    }
}

/// What another feed had at the same address is the same to a reader: it leads to where they are.
#[test]
fn an_article_is_nowhere_else_at_its_own_address() {
    let mut article = article(1);
    let own = Copy {
        feed_title: "The former name".to_owned(),
        url: article.url.clone().unwrap(),
    };
    let other = Copy {
        feed_title: "The Herald".to_owned(),
        url: "https://herald.example/a".to_owned(),
    };
    let slash = |copy: &Copy| Copy {
        url: format!("{}/", copy.url.replace("https:", "http:")),
        ..copy.clone()
    };
    let tracked = |feed_title: &str| Copy {
        feed_title: feed_title.to_owned(),
        url: format!("{}?utm_source=x#top", own.url),
    };
    article.first = Some(own.clone());
    article.copies = vec![
        own.clone(),
        slash(&own),
        other.clone(),
        slash(&other),
        other.clone(),
    ];
    let told = page(&[article.clone()]);
    assert!(!told.contains("The former name"), "{told}");
    assert_eq!(told.matches("Also in").count(), 1, "{told}");
    // Of the outlet itself what a link gathered on its way makes no other place; another outlet may go by that.
    for (feed_title, expected) in [("Example News", 0), ("The Mirror", 1)] {
        article.first = Some(tracked(feed_title));
        article.copies = vec![tracked(feed_title)];
        let told = page(&[article.clone()]);
        assert_eq!(
            told.matches("First published by").count(),
            expected,
            "{told}"
        );
        assert!(!told.contains("Also in"), "{told}");
    }
}

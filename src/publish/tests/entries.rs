//! What both formats say of one article.

use super::super::view::MAX_COPIES;
use super::*;

#[test]
fn u2_ids_are_written_as_stored() {
    for id in [
        "tag:example.org,2005:1",
        "https://example.in/ख़बर",
        "urn:isbn:0451450523",
    ] {
        let (entry, item) = both(|article| article.atom_id = id.to_owned());
        assert_eq!(entry.told("id"), id);
        assert_eq!(item.told("guid"), id);
        assert_eq!(item.one("guid").attribute("isPermaLink"), "false");
    }
}

#[test]
fn u15_a_guid_is_a_permalink_only_when_it_is_the_address() {
    let (_, item) = both(|_| {});
    assert_eq!(item.told("guid"), item.told("link"));
    assert_eq!(item.one("guid").attribute("isPermaLink"), "");
    let (_, item) = both(|article| article.url = None);
    assert_eq!(item.one("guid").attribute("isPermaLink"), "false");
}

#[test]
fn u3_of_two_with_one_id_the_first_counts() {
    let mut second = article(1);
    second.title = "Impostor".to_owned();
    let feed = atom(&[article(1), second, article(2)]);
    let titles: Vec<&str> = feed.all("entry").map(|entry| entry.told("title")).collect();
    assert_eq!(titles, ["Story 1", "Story 2"]);
}

#[test]
fn u6_somebody_is_the_author() {
    type Change = fn(&mut Article);
    let cases: [(Change, &str); 5] = [
        (|_| {}, "Ann"),
        (
            |article| {
                article.authors = vec![person(" \u{1} ")];
                article.source.authors = vec![person("Newsroom <news@example.com>")];
            },
            "Newsroom (news@example.com)",
        ),
        (|article| article.authors.clear(), "Example News"),
        (
            |article| {
                article.authors.clear();
                article.source.title.clear();
            },
            "The Desk",
        ),
        (|article| article.authors.push(person("")), "Ann"),
    ];
    for (change, expected) in cases {
        let (entry, item) = both(change);
        assert_eq!(entry.one("author").told("name"), expected);
        assert_eq!(item.told("dc:creator"), expected);
    }
    assert_eq!(atom(&[]).one("author").told("name"), "The Desk");
    assert_eq!(atom(&[]).one("author").told("email"), "desk@example.org");
}

#[test]
fn s15_addresses_of_authors_are_checked() {
    let (entry, _) = both(|article| {
        article.authors = vec![Person {
            name: "Ann".to_owned(),
            email: Some("ann at example".to_owned()),
            url: Some("javascript:alert(1)".to_owned()),
        }];
    });
    assert_eq!(entry.one("author").children.len(), 1);
}

#[test]
fn u10_of_many_copies_the_first_are_told() {
    let (entry, _) = both(|article| {
        let copy = |number| Copy {
            feed_title: String::new(),
            url: format!("https://wire.example.com/{}", number / 2),
        };
        article.copies = (0..100).map(copy).collect();
    });
    let related = entry.links("related");
    assert_eq!(related.len(), MAX_COPIES);
    let last = related[MAX_COPIES - 1].attribute("href");
    assert_eq!(last, "https://wire.example.com/19");
}

#[test]
fn u10_links_are_what_they_should_be() {
    let copy = |feed: &str, url: &str| Copy {
        feed_title: feed.to_owned(),
        url: url.to_owned(),
    };
    let (entry, _) = both(|article| {
        article.copies = vec![
            copy("Wire", "https://wire.example.com/a b"),
            copy("Wire again", "https://wire.example.com/a%20b"),
            copy("Itself", "https://news.example.com/1"),
            copy("", "https://other.example.com/"),
            copy("Bad", "javascript:alert(1)"),
            copy("First", "https://first.example.com/"),
        ];
        article.first = Some(copy("First", "https://first.example.com/"));
    });
    let alternate = entry.links("alternate");
    assert_eq!(alternate.len(), 1);
    assert_eq!(alternate[0].attribute("href"), "https://news.example.com/1");
    let related: Vec<_> = entry
        .links("related")
        .into_iter()
        .map(|link| (link.attribute("title"), link.attribute("href")))
        .collect();
    assert_eq!(
        related,
        [
            ("Wire", "https://wire.example.com/a%20b"),
            ("", "https://other.example.com/")
        ]
    );
    let via = entry.links("via");
    assert_eq!(via.len(), 1);
    assert_eq!(via[0].attribute("title"), "First");
    assert_eq!(via[0].attribute("href"), "https://first.example.com/");
    let (entry, _) = both(|article| {
        article.first = Some(copy("Lead", "https://news.example.com/1"));
    });
    assert!(entry.links("via").is_empty(), "it is the alternate");
    let feed = atom(&[]);
    assert_eq!(
        feed.links("self")[0].attribute("href"),
        "https://feeds.example.org/all.atom"
    );
    assert_eq!(
        feed.links("alternate")[0].attribute("href"),
        "https://feeds.example.org/all.html"
    );
    let own = rss(&[]).one("atom:link").attribute("href").to_owned();
    assert_eq!(own, "https://feeds.example.org/all.rss");
}

#[test]
fn u10_enclosures_say_type_and_length_where_known() {
    let enclosure = |url: &str, media_type: Option<&str>, length| Enclosure {
        url: url.to_owned(),
        media_type: media_type.map(str::to_owned),
        length,
    };
    let (entry, item) = both(|article| {
        article.enclosures = vec![
            enclosure("http://localhost/a.mp3", None, None),
            enclosure(
                "https://cdn.example.com/b.mp3",
                Some("audio/mpeg; x=1"),
                Some(12),
            ),
            enclosure("https://cdn.example.com/b.mp3", None, None),
            enclosure("ftp://cdn.example.com/c", None, None),
        ];
    });
    let links = entry.links("enclosure");
    assert_eq!(links.len(), 2);
    assert_eq!(
        links[0].attributes.len(),
        2,
        "neither type nor length known"
    );
    assert_eq!(links[1].attribute("type"), "audio/mpeg");
    assert_eq!(links[1].attribute("length"), "12");
    let only = item.one("enclosure");
    assert_eq!(only.attribute("url"), "https://cdn.example.com/b.mp3");
    assert_eq!(only.attribute("length"), "12");
    let (_, item) = both(|article| {
        article.enclosures = vec![enclosure("https://cdn.example.com/d", None, None)];
    });
    assert_eq!(
        item.one("enclosure").attribute("type"),
        "application/octet-stream"
    );
    assert_eq!(item.one("enclosure").attribute("length"), "0");
}

#[test]
fn u10_rss_tells_media_beyond_the_first_as_media_rss() {
    let enclosure = |name: &str, media_type: Option<&str>, length| Enclosure {
        url: format!("https://cdn.example.com/{name}"),
        media_type: media_type.map(str::to_owned),
        length,
    };
    let (_, item) = both(|article| {
        article.content = Some("<img src=\"https://cdn.example.com/c.jpg\" alt=\"\">".to_owned());
        article.enclosures = vec![
            enclosure("a.mp3", Some("audio/mpeg"), Some(12)),
            enclosure("b.mp4", Some("video/mp4"), Some(0)),
            enclosure("c.jpg", Some("image/jpeg"), Some(7)),
        ];
    });
    let names = ["url", "type", "fileSize", "medium", "isDefault"];
    let told = item.all("media:content");
    let told: Vec<_> = told
        .map(|it| names.map(|name| it.attribute(name)))
        .collect();
    assert_eq!(
        told,
        [
            ["https://cdn.example.com/b.mp4", "video/mp4", "", "", ""],
            [
                "https://cdn.example.com/c.jpg",
                "image/jpeg",
                "7",
                "image",
                "true"
            ],
        ]
    );
}

#[test]
fn u13_the_first_picture_of_the_text_stands_for_the_entry() {
    let picture = "<p>x <img src=\"https://cdn.example.com/a b.jpg\" alt=\"\"></p>";
    for (summary, content, expected) in [
        (None, Some(picture), "https://cdn.example.com/a%20b.jpg"),
        (Some(picture), None, "https://cdn.example.com/a%20b.jpg"),
        (Some(picture), Some("<p>none here</p>"), ""),
        (None, Some("<img src=\"data:,x\">"), ""),
    ] {
        let mut article = article(1);
        article.summary = summary.map(str::to_owned);
        article.content = content.map(str::to_owned);
        let feed = json(&[article.clone()]);
        let told = feed["items"][0].get("image");
        assert_eq!(
            told.and_then(|it| it.as_str()).unwrap_or_default(),
            expected
        );
        let (entry, item) = both(|it| *it = article);
        for element in [entry, item] {
            let told = element.all("media:content");
            let told: String = told.map(|it| it.attribute("url")).collect();
            assert_eq!(told, expected);
        }
    }
}

#[test]
fn u11_topics_and_labels_are_categories() {
    let category = |term: &str, scheme: Option<&str>, label: Option<&str>| Category {
        term: term.to_owned(),
        scheme: scheme.map(str::to_owned),
        label: label.map(str::to_owned),
    };
    let (entry, item) = both(|article| {
        article.topics = ["geopolitics", "output:own", "retired"]
            .map(str::to_owned)
            .to_vec();
        article.categories = vec![
            category("World", Some("/categories"), None),
            category("World", None, Some("again")),
            category(
                "World",
                Some("https://news.example.com/topics"),
                Some("The World"),
            ),
            category(" ", None, None),
            // It would pass for a topic of ours.
            category("nightjar", Some("tag:example.org,2026:topics"), None),
        ];
    });
    let scheme = "tag:example.org,2026:topics";
    let told: Vec<_> = entry
        .all("category")
        .map(|category| ["term", "scheme", "label"].map(|name| category.attribute(name)))
        .collect();
    assert_eq!(
        told,
        [
            ["geopolitics", scheme, "Geo & Politics"],
            ["retired", scheme, "retired"],
            ["World", "", ""],
            ["World", "https://news.example.com/topics", "The World"],
            ["nightjar", "", ""],
        ]
    );
    let terms: Vec<_> = item
        .all("category")
        .map(|category| (&*category.text, category.attribute("domain")))
        .collect();
    assert_eq!(terms[0], ("geopolitics", scheme));
    assert_eq!(terms.len(), told.len());
}

#[test]
fn u12_titles_are_plain_text_in_both_formats() {
    for (title, expected) in [
        ("AT&T", "AT&T"),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        ("a — b", "a — b"),
        ("a <b>bold</b> claim", "a <b>bold</b> claim"),
        ("\u{202E}x\u{0}\u{85}\n y", "x y"),
    ] {
        let (entry, item) = both(|article| article.title = title.to_owned());
        // What proves to readers of XML that all of it is markup.
        let in_xml = expected.replace("</b>", "</b >");
        assert_eq!(entry.told("title"), in_xml);
        assert_eq!(entry.one("title").attribute("type"), "");
        assert_eq!(item.told("title"), in_xml);
        let mut titled = article(1);
        titled.title = title.to_owned();
        let document = bytes(OutputFormat::Json, &[titled]);
        let document: serde_json::Value = serde_json::from_slice(&document).unwrap();
        assert_eq!(document["items"][0]["title"], expected);
    }
    let document = String::from_utf8(bytes(OutputFormat::Rss, &[])).unwrap();
    assert!(!document.contains("&amp;") && !document.contains("&lt;"));
}

#[test]
fn u12_articles_without_title_get_their_first_words() {
    let without = |change: fn(&mut Article)| {
        let (entry, item) = both(|article| {
            article.title.clear();
            change(article);
        });
        assert_eq!(entry.told("title"), item.told("title"));
        entry.told("title").to_owned()
    };
    assert_eq!(without(|_| {}), "In short");
    assert_eq!(
        without(|article| article.summary = None),
        "At length & more"
    );
    let silent = |article: &mut Article| {
        article.summary = None;
        article.content = Some("<img src=\"https://x.example/\">".to_owned());
    };
    assert_eq!(without(silent), "Example News");
    let nothing = |article: &mut Article| {
        article.summary = None;
        article.content = None;
        article.source = Source::default();
    };
    assert_eq!(without(nothing), "Untitled");
}

#[test]
fn s13_every_character_of_the_basic_plane_may_come() {
    let all: String = (0..=0xFFFF).filter_map(char::from_u32).collect();
    let (entry, item) = both(|article| {
        article.title.clone_from(&all);
        article.content = Some(all.clone());
        article.atom_id.clone_from(&all);
        article.authors = vec![person(&all)];
    });
    let expected: String = all.chars().filter(|&c| text::is_allowed(c)).collect();
    assert_eq!(entry.told("id"), expected);
    assert_eq!(item.told("guid"), expected);
    assert_eq!(item.told("title"), entry.told("title"));
    assert!(entry.told("content").len() > 150_000);
}

#[test]
fn bodies_are_html_and_told_once() {
    let html = Some("<p>x</p>");
    let other = Some("<p>y</p>");
    for (summary, content, url, expected_summary, expected_content) in [
        (html, other, true, html, other),
        (html, html, true, None, html),
        (None, html, true, None, html),
        (html, None, true, html, None),
        (html, None, false, None, html),
        (None, None, true, None, Some("Story &lt;1")),
        (Some(" \n"), Some("\u{1}"), false, None, Some("Story &lt;1")),
    ] {
        let (entry, item) = both(|article| {
            article.title = "Story <1".to_owned();
            article.summary = summary.map(str::to_owned);
            article.content = content.map(str::to_owned);
            article.url = article.url.take().filter(|_| url);
        });
        let told = |name: &str| entry.all(name).next().map(|element| element.text.as_str());
        assert_eq!(told("summary"), expected_summary);
        assert_eq!(told("content"), expected_content);
        for body in entry.all("summary").chain(entry.all("content")) {
            assert_eq!(body.attribute("type"), "html");
        }
        let description = expected_summary.or(expected_content).unwrap();
        assert_eq!(item.told("description"), description);
        let full = item
            .all("content:encoded")
            .next()
            .map(|element| element.text.as_str());
        assert_eq!(full, expected_summary.and(expected_content));
    }
}

//! What is told of addresses, and what is not.

use super::*;
use crate::config;
use crate::model::{Category, Copy, Enclosure, Report, StoryReport};
use jiff::Timestamp;

const CONFIG: &str = r#"
    [server]
    public-url = "PUBLIC"
    [fetch]
    allow-networks = ["10.0.0.0/8", "127.0.0.0/8"]
    [[feed]]
    id = "open"
    url = "https://news.example/feed"
    [[feed]]
    id = "token"
    url = "https://news.example/feed?token=canary"
    [[feed]]
    id = "bearer"
    url = "https://canary.example/feed"
    auth = { bearer = "word" }
    [[feed]]
    id = "inner"
    url = "https://canary-2.example/feed"
    allow-networks = ["10.1.0.0/16"]
    [[feed]]
    id = "kept"
    url = "https://kept.example/few/canary/feed"
    tell-address = false
    [[feed]]
    id = "drawn"
    url = "https://drawn.example/5d41d8cd98f00b204e98/feed"
    [[feed]]
    id = "near"
    url = "http://10.2.3.4/feed"
    [[feed]]
    id = "here"
    url = "http://127.0.0.1:81/feed"
"#;

fn discreet(public_url: &str) -> Discreet {
    let text = CONFIG.replace("PUBLIC", public_url);
    let loaded = config::read(&text, &|_| None).unwrap();
    Discreet::new(&loaded.config)
}

/// What is left of a source with this address, id and home page.
fn left(discreet: &Discreet, address: &str, id: &str, home: &str) -> String {
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    let mut source = Source {
        id: id.to_owned(),
        title: "Title".to_owned(),
        self_url: some(address),
        home_url: some(home),
        ..Source::default()
    };
    discreet.hush_source(&mut source, None, &mut Judged::default());
    assert_eq!(source.title, "Title");
    let parts = [Some(source.id), source.self_url, source.home_url];
    parts.map(Option::unwrap_or_default).join(" ")
}

#[test]
fn s7_addresses_that_are_not_for_everybody_are_left_out() {
    let home = "https://news.example/";
    let tag = "tag:news.example,2026:feed";
    let discreet = discreet("https://feeds.example/");
    for (address, id, home, expected) in [
        (
            "https://news.example/feed",
            "https://news.example/feed",
            home,
            "https://news.example/feed https://news.example/feed https://news.example/",
        ),
        (
            "https://news.example/feed?token=***",
            "https://news.example/feed?token=***",
            home,
            "feed-named:token  https://news.example/",
        ),
        (
            "https://news.example/feed?token=***",
            tag,
            home,
            "tag:news.example,2026:feed  https://news.example/",
        ),
        (
            "https://canary.example/feed",
            "https://canary.example/feed",
            "https://canary.example/feed",
            "feed-named:bearer  ",
        ),
        (
            "https://canary-2.example/feed",
            "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a",
            home,
            "urn:uuid:1225c695-cfb8-4ebb-aaaa-80da344efa6a  https://news.example/",
        ),
        (
            "http://10.2.3.4/feed",
            "http://10.2.3.4/",
            "http://10.2.3.4/",
            "feed-named:near  ",
        ),
        (
            "HTTP://10.2.3.4/feed",
            "HTTP://10.2.3.4/",
            "Http://10.2.3.4/",
            "feed-named:Title  ",
        ),
        (
            "https://news.example/feed",
            " HTTPS://10.2.3.4/canary",
            home,
            "feed-named:Title https://news.example/feed https://news.example/",
        ),
        ("http://127.0.0.1:81/feed", "x", "", "x  "),
    ] {
        assert_eq!(
            left(&discreet, address, id, home),
            expected,
            "{address} {id}"
        );
    }
}

/// By the operator's word, or as it looks drawn by lot.
#[test]
fn s7_an_address_that_few_are_to_know_is_left_out() {
    let discreet = discreet("https://feeds.example/");
    for (address, expected) in [
        ("https://kept.example/few/canary/feed", "feed-named:kept  "),
        (
            "https://drawn.example/5d41d8cd98f00b204e98/feed",
            "feed-named:drawn  ",
        ),
    ] {
        assert_eq!(left(&discreet, address, address, ""), expected);
    }
}

/// What an aggregator says of its sources is none of ours, either.
#[test]
fn s7_what_no_file_names_is_judged_by_its_address() {
    let (home, tag) = ("https://news.example/", "tag:news.example,2026:feed");
    let discreet = discreet("https://feeds.example/");
    for (address, id, home, expected) in [
        (
            "http://192.168.1.1/feed",
            "http://192.168.1.1/feed",
            home,
            "feed-named:Title  https://news.example/",
        ),
        (
            "http://intranet/feed",
            "http://intranet/",
            "http://desk.local/",
            "feed-named:Title  ",
        ),
        (
            "https://ann:pw@news.example/",
            tag,
            "",
            "tag:news.example,2026:feed  ",
        ),
        (
            "",
            "https://news.example/",
            home,
            "https://news.example/  https://news.example/",
        ),
        (
            "",
            "http://[::1]/",
            home,
            "feed-named:Title  https://news.example/",
        ),
    ] {
        let left = left(&discreet, address, id, home);
        assert_eq!(left, expected, "{address} {id}");
    }
}

/// What is masked is the one thing in which two addresses differ, and they are two sources all the same.
#[test]
fn s7_feeds_that_differ_by_a_key_are_two_sources() {
    let other = "[[feed]]\nid = \"other\"\nurl = \"https://news.example/feed?token=canary-2\"\n";
    let text = CONFIG.replace("PUBLIC", "https://feeds.example/") + other;
    let loaded = config::read(&text, &|_| None).unwrap();
    let discreet = Discreet::new(&loaded.config);
    let address = "https://news.example/feed?token=***";
    for (feed, expected) in [
        (Some("token"), "feed-named:token"),
        (Some("other"), "feed-named:other"),
        // It is named no more.
        (Some("former"), "feed-named:former"),
        (None, "feed-named:Title"),
    ] {
        let mut source = Source {
            id: address.to_owned(),
            title: "Title".to_owned(),
            self_url: Some(address.to_owned()),
            ..Source::default()
        };
        let feed = feed.map(FeedId::new);
        discreet.hush_source(&mut source, feed.as_ref(), &mut Judged::default());
        assert_eq!((source.id.as_str(), source.self_url), (expected, None));
    }
}

/// Publishers name their feed's address in many places.
#[test]
fn s7_an_address_is_left_out_wherever_it_is_said() {
    let discreet = discreet("https://feeds.example/");
    let secret = "https://news.example/feed?token=canary";
    let said = || Person {
        name: format!("Ann ({secret})"),
        url: Some(secret.to_owned()),
        ..Person::default()
    };
    let mut source = Source {
        title: format!("News at {secret}"),
        rights: Some(format!("All of <{secret}>")),
        authors: vec![said()],
        ..Source::default()
    };
    let mut people = vec![said()];
    let mut judged = Judged::default();
    discreet.hush_source(&mut source, Some(&FeedId::new("token")), &mut judged);
    discreet.hush_people(&mut people, &mut judged);
    let told = format!("{source:?} {people:?}");
    assert!(!told.contains("canary"), "{told}");
    assert_eq!(source.title, "News at (an address that is not told)");
    assert_eq!(people, source.authors);
}

/// Whatever stands around it, and in whatever it stands.
#[test]
fn s7_an_address_is_left_out_of_whatever_it_stands_in() {
    let discreet = discreet("https://feeds.example/");
    for (secret, is_known) in [
        ("https://news.example/feed?token=canary", true),
        ("HTTPS://News.example:443/feed?a=1&amp;token=canary#b", true),
        ("feed://news.example/feed/?token=canary", true),
        ("https://ann:pw@canary.example/feed", true),
        ("http://kept.example/few/canary/feed", true),
        ("https://kept.example/few/can%61ry/feed", true),
        (
            "https://a.example/?u=https%3A%2F%2Fkept.example%2Ffew%2Fcanary%2Ffeed&b",
            true,
        ),
        ("https://other.example/?token=canary", false),
        ("http://canary.lan/", false),
    ] {
        for around in [
            "_", "Ann [_]", "Ann =_", "via:_.", "See._", "(_)", "_|b", "«_»", "‘_’", "_, b",
        ] {
            let said = around.replace('_', secret);
            let told = discreet.cleared(&said);
            let has_it = told.contains("canary") || told.contains("can%61ry");
            assert!(!has_it, "{said}: {told}");
            let known = discreet.secret.is_in(&said);
            assert_eq!(known, is_known, "{said}");
        }
    }
    for told in [
        "https://news.example/feed",
        "https://news.example/feed.xml?b=canary",
        "https://news.example/feeds?token=",
        "https://canary.example/feed/1",
        "https://canary.example/feed?p=1",
        "https://canary.example/",
        "https://drawn.example/feed",
        "news.example/feed",
    ] {
        assert!(!discreet.secret.is_in(told), "{told}");
    }
}

/// An article that says a text, an address, and a page, wherever it may.
fn article(text: &str, url: &str, html: &str) -> Article {
    let copy = || Copy {
        feed_title: text.to_owned(),
        url: url.to_owned(),
    };
    let person = || Person {
        name: text.to_owned(),
        url: Some(url.to_owned()),
        email: None,
    };
    Article {
        atom_id: "tag:news.example,2026:1".to_owned(),
        url: Some(url.to_owned()),
        title: text.to_owned(),
        summary: Some(html.to_owned()),
        content: Some(html.to_owned()),
        authors: vec![person()],
        categories: vec![Category {
            term: text.to_owned(),
            scheme: Some(url.to_owned()),
            label: Some(text.to_owned()),
        }],
        topics: Vec::new(),
        enclosures: vec![Enclosure {
            url: url.to_owned(),
            ..Enclosure::default()
        }],
        language: None,
        published_at: Timestamp::UNIX_EPOCH,
        first_seen_at: Timestamp::UNIX_EPOCH,
        known_at: None,
        updated_at: Timestamp::UNIX_EPOCH,
        source: Source {
            id: url.to_owned(),
            title: text.to_owned(),
            home_url: Some(url.to_owned()),
            self_url: Some(url.to_owned()),
            updated_at: None,
            authors: vec![person()],
            rights: Some(text.to_owned()),
        },
        feed: None,
        copies: vec![copy()],
        first: Some(copy()),
        reports: vec![Report {
            title: text.to_owned(),
            feed_title: text.to_owned(),
            url: url.to_owned(),
            published_at: Timestamp::UNIX_EPOCH,
            is_backdated: false,
        }],
        story: None,
    }
}

fn hushed(discreet: &Discreet, article: &Article) -> Article {
    let mut told = article.clone();
    discreet.hush(&mut told, &mut Judged::default());
    told
}

#[test]
fn s7_no_part_of_an_article_tells_a_secret_address() {
    let discreet = discreet("https://feeds.example/");
    let secret = "https://news.example/feed?a=1&token=canary";
    let said = format!("News [{secret}]");
    let html = format!("<p>a <a href=\"{secret}\">b</a> {secret}</p>").replace('&', "&amp;");
    let article = article(&said, secret, &html);
    let told = hushed(&discreet, &article);
    assert!(!format!("{told:?}").contains("canary"), "{told:?}");
    assert_eq!(
        told.content.as_deref(),
        Some("<p>a <a>b</a> (an address that is not told)</p>")
    );
    assert_eq!(told.title, "News [(an address that is not told)]");
    assert_eq!((told.url.as_ref(), told.copies.len()), (None, 0));
    // A story is told as its first article is.
    let report = StoryReport {
        title: said.clone(),
        feed_title: said,
        url: Some(secret.to_owned()),
        language: None,
        published_at: Timestamp::UNIX_EPOCH,
    };
    let mut story = Story {
        founder: String::new(),
        first: article,
        reports: vec![report],
        more: 0,
        outlets: None,
        topics: Vec::new(),
    };
    discreet.hush_story(&mut story);
    assert!(!format!("{story:?}").contains("canary"), "{story:?}");
}

/// Some make the ids of their entries of the address of their feed, with the key of who asks.
#[test]
fn s7_an_id_that_has_a_secret_address_is_one_of_ours() {
    let discreet = discreet("https://feeds.example/");
    let told = |id: &str| {
        let mut told = id.to_owned();
        discreet.hush_id("feeds.example", &mut told);
        told
    };
    let secret = told("https://news.example/feed?id=1&token=canary#a");
    assert!(
        secret.starts_with("tag:feeds.example,2026:entry:"),
        "{secret}"
    );
    assert_eq!(told(&secret), secret);
    assert_ne!(
        told("https://news.example/feed?id=2&token=canary#a"),
        secret
    );
    let open = "https://news.example/1225c695-cfb8-4ebb-aaaa-80da344efa6a";
    assert_eq!(told(open), open);
}

/// A number in the link of an article looks drawn by lot, and is no secret.
#[test]
fn what_an_article_links_to_is_told() {
    let link = "https://other.example/1225c695-cfb8-4ebb-aaaa-80da344efa6a?key=1";
    let html = format!("<p>a <a href=\"{link}\">b</a> {link}</p>");
    for discreet in [
        discreet("https://feeds.example/"),
        Discreet::new(&config::read("", &|_| None).unwrap().config),
    ] {
        let mut article = article("Words", "https://news.example/1", &html);
        article.url = Some(link.to_owned());
        article.title = link.to_owned();
        assert_eq!(hushed(&discreet, &article), article);
    }
}

/// Addresses that fill a text without a blank are not read each to the end of all.
#[test]
fn s7_a_piece_of_many_addresses_is_secret_unread() {
    let discreet = discreet("https://feeds.example/");
    for (number, is_told) in [(64, true), (65, false), (20_000, false)] {
        let html = format!("<p>{}</p>", "https://news.example/feed,".repeat(number));
        let article = article("Words", "https://news.example/1", &html);
        let told = hushed(&discreet, &article);
        assert_eq!(told.content == article.content, is_told, "{number}");
    }
}

#[test]
fn readers_on_this_machine_know_where_it_is() {
    let discreet = discreet("http://127.0.0.1:8420/");
    let here = "http://127.0.0.1:81/feed";
    assert_eq!(left(&discreet, here, here, ""), format!("{here} {here} "));
    assert_eq!(left(&discreet, "http://10.2.3.4/feed", "x", ""), "x  ");
}

//! Documents as a reader's XML parser sees them.

mod archives;
mod element;
mod entries;
mod feeds;
mod json;
mod opml;
mod pages;
mod parity;
mod properties;
mod reports;
mod story;

use super::view::MAX_COPIES;
use super::*;
use crate::model::{Category, Copy, Enclosure, Person, Report, Source, StoryMark};
use element::{Element, parse};
use url::Url;

fn site() -> Site {
    Site {
        title: "Planet".to_owned(),
        author: "The Desk".to_owned(),
        contact: Some("desk@example.org".to_owned()),
        public_url: Url::parse("https://feeds.example.org/").unwrap(),
        topics: vec![("geopolitics".to_owned(), "Geo & Politics".to_owned())],
    }
}

fn identity() -> Identity {
    Identity {
        authority: "example.org".to_owned(),
        created_at: "2026-01-02T03:04:05Z".parse().unwrap(),
    }
}

pub(super) fn output() -> Output {
    Output::new("all", "Everything", Selection::All)
}

pub(super) fn article(number: u32) -> Article {
    let at = format!("2026-11-{number:02}T10:00:00Z");
    Article {
        atom_id: format!("https://news.example.com/{number}"),
        url: Some(format!("https://news.example.com/{number}")),
        title: format!("Story {number}"),
        summary: Some("<p>In short</p>".to_owned()),
        content: Some("<p>At length &amp; more</p>".to_owned()),
        authors: vec![person("Ann")],
        categories: Vec::new(),
        topics: Vec::new(),
        enclosures: Vec::new(),
        language: Some("en".to_owned()),
        published_at: at.parse().unwrap(),
        first_seen_at: at.parse().unwrap(),
        known_at: Some(at.parse().unwrap()),
        updated_at: at.parse().unwrap(),
        source: Source {
            id: "https://news.example.com/".to_owned(),
            title: "Example News".to_owned(),
            home_url: Some("https://news.example.com/".to_owned()),
            self_url: Some("https://news.example.com/feed".to_owned()),
            ..Source::default()
        },
        feed: None,
        copies: Vec::new(),
        first: None,
        reports: Vec::new(),
        story: None,
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        ..Person::default()
    }
}

/// Renders a document in one format.
fn render(format: OutputFormat, publication: &Publication<'_>, articles: &[Article]) -> Vec<u8> {
    Draft::new(publication, articles).document(format)
}

fn bytes(format: OutputFormat, articles: &[Article]) -> Vec<u8> {
    bytes_of(format, &output(), articles)
}

/// Renders the document of an output.
fn bytes_of(format: OutputFormat, output: &Output, articles: &[Article]) -> Vec<u8> {
    let (site, identity) = (site(), identity());
    let publication = Publication {
        site: &site,
        identity: &identity,
        output,
        place: Place::default(),
        deleted: &[],
    };
    render(format, &publication, articles)
}

#[track_caller]
fn atom(articles: &[Article]) -> Element {
    parse(&bytes(OutputFormat::Atom, articles))
}

/// The channel of the RSS document.
#[track_caller]
fn rss(articles: &[Article]) -> Element {
    let mut root = parse(&bytes(OutputFormat::Rss, articles));
    assert_eq!(root.attribute("version"), "2.0");
    root.children.retain(|child| child.name == "channel");
    root.children.remove(0)
}

/// The JSON document, which is one of JSON Feed 1.1.
#[track_caller]
fn json(articles: &[Article]) -> serde_json::Value {
    json::parse(&bytes(OutputFormat::Json, articles))
}

/// The entry and the item that one article becomes, after `change`.
#[track_caller]
fn both(change: impl FnOnce(&mut Article)) -> (Element, Element) {
    let mut article = article(1);
    change(&mut article);
    let only = |root: Element, name: &str| {
        let mut children = root.children;
        children.retain(|child| child.name == name);
        assert_eq!(children.len(), 1);
        children.remove(0)
    };
    let articles = [article];
    (only(atom(&articles), "entry"), only(rss(&articles), "item"))
}

#[test]
fn u8_rendering_twice_gives_the_same_bytes() {
    let articles = [article(2), article(1)];
    for format in OutputFormat::ALL {
        assert_eq!(bytes(format, &articles), bytes(format, &articles));
    }
}

#[test]
fn u28_a_document_holds_so_many_and_so_much() {
    let many: Vec<_> = (1..=20).map(article).collect();
    let few = Output {
        items: 3,
        ..output()
    };
    assert_eq!(window(&few, &many).len(), 15);
    let fewer = Output {
        stay: std::time::Duration::ZERO,
        ..few
    };
    assert_eq!(window(&fewer, &many).len(), 3);
    let mut long = many.clone();
    long[0].content = Some("x".repeat(DOCUMENT_BYTES * 2));
    assert_eq!(window(&output(), &long).len(), 1, "the first always fits");
    long.swap(0, 10);
    assert_eq!(window(&output(), &long).len(), 19, "the others stay");
    let copy = Copy {
        feed_title: "Wire".to_owned(),
        url: "x".repeat(DOCUMENT_BYTES / MAX_COPIES / 4),
    };
    let mut copied = many;
    for article in &mut copied {
        article.copies = vec![copy.clone(); 10 * MAX_COPIES];
    }
    assert_eq!(window(&output(), &copied).len(), 3, "copies weigh, too");
}

/// A report of which there is little to say.
fn brief(number: usize) -> Report {
    Report {
        title: "R".to_owned(),
        feed_title: "W".to_owned(),
        url: format!("https://w.example/{number}"),
        published_at: Timestamp::UNIX_EPOCH,
        is_backdated: false,
    }
}

/// One feed names hundreds of authors with addresses as long as may be.
#[test]
fn u28_no_feed_makes_a_document_that_nobody_reads() {
    let long = |length| "&".repeat(length);
    let wordy = Person {
        name: long(900),
        email: Some(format!("{}@example.org", "a".repeat(200))),
        url: Some(format!("https://example.org/?{}", long(3000))),
    };
    let mut many: Vec<_> = (1..=30).map(article).collect();
    for (number, article) in many.iter_mut().enumerate() {
        article.atom_id = format!("https://example.org/{number}?{}", long(2000));
        article.authors.clear();
        article.source.authors = vec![wordy.clone(); 50];
        article.categories = vec![Category::default(); 50];
    }
    // What is short is markup most of all.
    let mut short: Vec<_> = (0..2000).map(|_| article(1)).collect();
    for (number, article) in short.iter_mut().enumerate() {
        article.atom_id = format!("https://a.example/{number}");
        article.reports = (0..MAX_COPIES).map(brief).collect();
        article.topics = vec!["t".to_owned(); 20];
        article.authors = vec![person("A"); 20];
    }
    // What is one byte of a text is five of HTML in a document.
    let mut escaped: Vec<_> = (1..=20).map(article).collect();
    for article in &mut escaped {
        article.content = Some(format!("<p>{}</p>", "'".repeat(360_000)));
    }
    let output = |unit| Output {
        items: 5000,
        unit,
        ..output()
    };
    for (format, unit) in OutputFormat::ALL
        .into_iter()
        .flat_map(|it| [(it, Unit::Article), (it, Unit::Story)])
    {
        for articles in [&many, &escaped, &short] {
            let bytes = bytes_of(format, &output(unit), articles).len();
            assert!(bytes < 5_000_000, "{format:?}: {bytes}");
        }
    }
}

#[test]
fn u9_u24_the_index_lists_every_document() {
    let mut wild = article(2);
    wild.title = "<script>alert(1)</script> & \"more\"".to_owned();
    wild.url = Some("javascript:alert(1)".to_owned());
    let articles: Vec<_> = [wild].into_iter().chain((3..9).map(article)).collect();
    let output = Output {
        title: "All \"the\" <news>".to_owned(),
        ..output()
    };
    let card = Card::new(&articles);
    let listing = Listing {
        output: &output,
        card: &card,
    };
    let page = String::from_utf8(index(&site(), &[listing], true)).unwrap();
    for expected in [
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"All &quot;the&quot; &lt;news&gt; (Atom)\" href=\"all.atom\">",
        "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"All &quot;the&quot; &lt;news&gt; (RSS)\" href=\"all.rss\">",
        "&lt;script&gt;alert(1)&lt;/script&gt; &amp; &quot;more&quot;",
        "<a href=\"https://news.example.com/5\" rel=\"noreferrer\" lang=\"en\" dir=\"auto\">Story 5</a>",
        "<a href=\"all.html\" dir=\"auto\">",
        "<a href=\"feeds.opml\">",
        "<code class=\"address\">https://feeds.example.org/<wbr>all.atom</code>",
        "mailto:desk@example.org",
    ] {
        assert!(page.contains(expected), "{expected}\n{page}");
    }
    for absent in ["<script", "javascript:", "Story 6", "style=", " on"] {
        let tags: String = page
            .split('<')
            .filter_map(|tag| tag.split_once('>'))
            .map(|(tag, _)| tag)
            .collect();
        let text = if absent.starts_with(' ') {
            &tags
        } else {
            &page
        };
        assert!(!text.contains(absent), "{absent}");
    }
    let empty = index(&site(), &[], true);
    assert!(String::from_utf8(empty).unwrap().ends_with("</html>\n"));
}

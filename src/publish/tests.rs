//! Documents as a reader's XML parser sees them.

use super::*;
use crate::model::{Category, Copy, Enclosure, Person, Source};
use proptest::prelude::*;
use quick_xml::XmlVersion;
use quick_xml::events::{BytesRef, BytesStart, Event};
use std::collections::BTreeMap;
use url::Url;

/// An element with what is inside it.
#[derive(Debug, Default)]
struct Element {
    name: String,
    attributes: BTreeMap<String, String>,
    text: String,
    children: Vec<Element>,
}

impl Element {
    fn start(start: &BytesStart<'_>) -> Self {
        let attribute = |attribute: Result<quick_xml::events::attributes::Attribute<'_>, _>| {
            let attribute = attribute.unwrap();
            let value = attribute.normalized_value(XmlVersion::Explicit1_0).unwrap();
            (attribute.key.as_ref().to_owned(), value.into_owned())
        };
        Self {
            name: start.name().as_ref().to_owned(),
            attributes: start.attributes().map(attribute).collect(),
            ..Self::default()
        }
    }

    fn all(&self, name: &str) -> std::vec::IntoIter<&Element> {
        let named = self.children.iter().filter(|child| child.name == name);
        named.collect::<Vec<_>>().into_iter()
    }

    /// The only child of that name.
    #[track_caller]
    fn one(&self, name: &str) -> &Element {
        let found: Vec<_> = self.all(name).collect();
        assert_eq!(found.len(), 1, "{name} in {self:#?}");
        found[0]
    }

    #[track_caller]
    fn told(&self, name: &str) -> &str {
        &self.one(name).text
    }

    fn attribute(&self, name: &str) -> &str {
        self.attributes.get(name).map_or("", String::as_str)
    }

    /// The links with that relation.
    fn links(&self, rel: &str) -> Vec<&Element> {
        self.all("link")
            .filter(|link| link.attribute("rel") == rel)
            .collect()
    }

    /// This element and everything below it.
    fn walk(&self, each: &mut dyn FnMut(&Element)) {
        each(self);
        self.children.iter().for_each(|child| child.walk(each));
    }
}

/// Reads a document; panics where it is not well-formed or holds what S13 forbids.
#[track_caller]
fn parse(bytes: &[u8]) -> Element {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(text.chars().all(text::is_allowed), "forbidden character");
    assert!(text.starts_with("<?xml version=\"1.0\" encoding=\"utf-8\"?>"));
    let mut reader = quick_xml::Reader::from_str(text);
    let mut open = vec![Element::default()];
    loop {
        match reader.read_event().unwrap() {
            Event::Start(start) => open.push(Element::start(&start)),
            Event::Empty(start) => open
                .last_mut()
                .unwrap()
                .children
                .push(Element::start(&start)),
            Event::End(_) => {
                let closed = open.pop().unwrap();
                open.last_mut().unwrap().children.push(closed);
            }
            Event::Text(text) => open.last_mut().unwrap().text += &text.xml10_content(),
            Event::CData(text) => open.last_mut().unwrap().text += &text.xml10_content(),
            Event::GeneralRef(reference) => {
                open.last_mut().unwrap().text.push(resolved(&reference));
            }
            Event::Decl(_) => {}
            Event::Eof => break,
            other => panic!("unexpected {other:?}"),
        }
    }
    let mut root = open.pop().unwrap();
    assert!(open.is_empty());
    assert_eq!(root.children.len(), 1);
    root.children.remove(0)
}

fn resolved(reference: &BytesRef<'_>) -> char {
    if let Some(c) = reference.resolve_char_ref().unwrap() {
        return c;
    }
    let name = reference.xml10_content();
    let text = quick_xml::escape::resolve_predefined_entity(&name).unwrap();
    text.chars().next().unwrap()
}

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

fn output() -> Output {
    Output {
        path: "all".to_owned(),
        title: "Everything".to_owned(),
        selection: Selection::All,
        items: Output::ITEMS,
        formats: OutputFormat::ALL.to_vec(),
    }
}

fn article(number: u32) -> Article {
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
        updated_at: at.parse().unwrap(),
        source: Source {
            id: "https://news.example.com/".to_owned(),
            title: "Example News".to_owned(),
            home_url: Some("https://news.example.com/".to_owned()),
            self_url: Some("https://news.example.com/feed".to_owned()),
            ..Source::default()
        },
        copies: Vec::new(),
    }
}

fn person(name: &str) -> Person {
    Person {
        name: name.to_owned(),
        ..Person::default()
    }
}

fn bytes(format: OutputFormat, articles: &[Article]) -> Vec<u8> {
    let (site, identity, output) = (site(), identity(), output());
    let publication = Publication {
        site: &site,
        identity: &identity,
        output: &output,
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
fn u4_the_feed_id_outlives_a_move() {
    let (site, identity, output) = (site(), identity(), output());
    let moved = Site {
        public_url: Url::parse("http://[::1]:8420/planet/").unwrap(),
        ..site.clone()
    };
    let feed = |site: &Site| {
        let publication = Publication {
            site,
            identity: &identity,
            output: &output,
        };
        parse(&render(OutputFormat::Atom, &publication, &[]))
    };
    assert_eq!(feed(&site).told("id"), feed(&moved).told("id"));
    assert_eq!(feed(&site).told("id"), "tag:example.org,2026:output:all");
    let own = feed(&moved).links("self")[0].attribute("href").to_owned();
    assert_eq!(own, "http://[::1]:8420/planet/all.atom");
}

#[test]
fn u5_every_entry_names_its_source() {
    let (entry, item) = both(|article| {
        article.source.rights = Some("© Example".to_owned());
        article.source.authors = vec![person("Newsroom")];
        article.source.updated_at = Some("2026-10-31T00:00:00.9Z".parse().unwrap());
    });
    let source = entry.one("source");
    assert_eq!(source.told("id"), "https://news.example.com/");
    assert_eq!(source.told("title"), "Example News");
    assert_eq!(source.told("updated"), "2026-10-31T00:00:00Z");
    assert_eq!(source.told("rights"), "© Example");
    assert_eq!(source.one("author").told("name"), "Newsroom");
    let href = |rel| source.links(rel)[0].attribute("href").to_owned();
    assert_eq!(href("self"), "https://news.example.com/feed");
    assert_eq!(href("alternate"), "https://news.example.com/");
    assert_eq!(item.told("source"), "Example News");
    assert_eq!(
        item.one("source").attribute("url"),
        "https://news.example.com/feed"
    );
}

#[test]
fn u5_a_source_without_anything_is_complete_all_the_same() {
    let (entry, item) = both(|article| article.source = Source::default());
    let source = entry.one("source");
    assert!(
        source
            .told("id")
            .starts_with("tag:example.org,2026:source:")
    );
    assert_eq!(source.told("title"), "Unknown source");
    assert_eq!(source.told("updated"), entry.told("updated"));
    assert_eq!(item.all("source").count(), 0);
}

#[test]
fn u7_implausible_dates_of_sources_are_not_passed_on() {
    for at in [
        "1970-01-01T00:00:00Z",
        "1989-12-31T23:59:59Z",
        "2026-11-01T10:00:01Z",
    ] {
        let (entry, _) = both(|article| article.source.updated_at = Some(at.parse().unwrap()));
        assert_eq!(
            entry.one("source").told("updated"),
            "2026-11-01T10:00:00Z",
            "{at}"
        );
    }
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
fn u7_the_feed_is_as_new_as_its_newest_entry() {
    let mut revised = article(3);
    revised.updated_at = "2026-11-20T00:00:00.999Z".parse().unwrap();
    let articles = [article(5), revised, article(1)];
    assert_eq!(atom(&articles).told("updated"), "2026-11-20T00:00:00Z");
    assert_eq!(
        rss(&articles).told("lastBuildDate"),
        "Fri, 20 Nov 2026 00:00:00 GMT"
    );
    assert_eq!(updated_at(&identity(), &articles), articles[1].updated_at);
    assert_eq!(updated_at(&identity(), &[]), identity().created_at);
    let (entry, item) = both(|_| {});
    assert_eq!(entry.told("published"), "2026-11-01T10:00:00Z");
    assert_eq!(item.told("pubDate"), "Sun, 01 Nov 2026 10:00:00 GMT");
}

#[test]
fn u8_rendering_twice_gives_the_same_bytes() {
    let articles = [article(2), article(1)];
    for format in OutputFormat::ALL {
        assert_eq!(bytes(format, &articles), bytes(format, &articles));
    }
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
        ];
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
    let feed = atom(&[]);
    assert_eq!(
        feed.links("self")[0].attribute("href"),
        "https://feeds.example.org/all.atom"
    );
    assert_eq!(
        feed.links("alternate")[0].attribute("href"),
        "https://feeds.example.org/"
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
fn u12_titles_are_plain_text_in_both_formats() {
    for (title, expected) in [
        ("AT&T", "AT&T"),
        ("&amp;lt;b&amp;gt;", "&amp;lt;b&amp;gt;"),
        ("a — b", "a — b"),
        ("a <b>bold</b> claim", "a <b>bold</b > claim"),
        ("\u{202E}x\u{0}\u{85}\n y", "x y"),
    ] {
        let (entry, item) = both(|article| article.title = title.to_owned());
        assert_eq!(entry.told("title"), expected);
        assert_eq!(entry.one("title").attribute("type"), "");
        assert_eq!(item.told("title"), expected);
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

#[test]
fn u13_generator_and_language() {
    let feed = atom(&[]);
    assert_eq!(feed.told("generator"), "merganser");
    assert_eq!(
        feed.one("generator").attribute("version"),
        env!("CARGO_PKG_VERSION")
    );
    for (language, expected) in [(Some("hi_IN"), "hi-IN"), (Some("klingon"), ""), (None, "")] {
        let (entry, _) = both(|article| article.language = language.map(str::to_owned));
        assert_eq!(entry.attribute("xml:lang"), expected);
    }
}

#[test]
fn u27_an_output_without_entries_is_a_document() {
    let feed = atom(&[]);
    assert_eq!(feed.told("updated"), "2026-01-02T03:04:05Z");
    assert_eq!(feed.told("title"), "Everything");
    assert_eq!(feed.all("entry").count(), 0);
    let channel = rss(&[]);
    assert_eq!(channel.told("link"), "https://feeds.example.org/");
    assert_eq!(channel.told("description"), "Planet: Everything");
    assert_eq!(channel.all("item").count(), 0);
}

#[test]
fn u28_a_document_holds_so_many_and_so_much() {
    let many: Vec<_> = (1..=20).map(article).collect();
    let few = Output {
        items: 3,
        ..output()
    };
    assert_eq!(window(&few, &many).len(), 3);
    let mut long = many.clone();
    long[0].content = Some("x".repeat(DOCUMENT_BYTES * 2));
    assert_eq!(window(&output(), &long).len(), 1, "the first always fits");
    long.swap(0, 10);
    assert_eq!(window(&output(), &long).len(), 10);
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
    let listing = Listing {
        output: &output,
        articles: &articles,
    };
    let page = String::from_utf8(index(&site(), &[listing])).unwrap();
    for expected in [
        "<link rel=\"alternate\" type=\"application/atom+xml\" title=\"All &quot;the&quot; &lt;news&gt; (Atom)\" href=\"all.atom\">",
        "<link rel=\"alternate\" type=\"application/rss+xml\" title=\"All &quot;the&quot; &lt;news&gt; (RSS)\" href=\"all.rss\">",
        "&lt;script&gt;alert(1)&lt;/script &gt; &amp; &quot;more&quot;",
        "<a href=\"https://news.example.com/5\" rel=\"noreferrer\">Story 5</a>",
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
    let empty = index(&site(), &[]);
    assert!(String::from_utf8(empty).unwrap().ends_with("</html>\n"));
}

fn any_text() -> impl Strategy<Value = String> {
    let wild = proptest::collection::vec(any::<char>(), 0..12)
        .prop_map(|chars| chars.into_iter().collect::<String>());
    let pieces = proptest::sample::select(vec![
        "<b>",
        "</b>",
        "&amp;",
        "&",
        "]]>",
        "<![CDATA[",
        "\u{0}",
        "\u{FFFE}",
        "\u{85}",
        "\"",
        "'",
        "a b",
        "https://example.org/",
        "http://",
        "tag:x,2005:",
        "%zz",
        "\r\n",
        "é",
        "<!--",
        "--",
    ]);
    let mixed = proptest::collection::vec(pieces, 0..6).prop_map(|pieces| pieces.concat());
    prop_oneof![wild, mixed]
}

prop_compose! {
    fn any_article()(
        texts in proptest::collection::vec(any_text(), 16),
        seconds in -100_000_000_000i64..200_000_000_000,
        length in any::<Option<u64>>(),
    ) -> Article {
        let text = |index: usize| texts[index].clone();
        let at = Timestamp::from_second(seconds).unwrap();
        let person = Person { name: text(0), email: Some(text(1)), url: Some(text(2)) };
        Article {
            atom_id: text(3),
            url: Some(text(4)),
            title: text(5),
            summary: Some(text(6)),
            content: Some(text(7)),
            authors: vec![person.clone()],
            categories: vec![Category { term: text(8), scheme: Some(text(9)), label: Some(text(10)) }],
            topics: vec![text(11)],
            enclosures: vec![Enclosure { url: text(12), media_type: Some(text(13)), length }],
            language: Some(text(14)),
            published_at: at,
            updated_at: at,
            source: Source {
                id: text(15),
                title: text(0),
                home_url: Some(text(2)),
                self_url: Some(text(4)),
                updated_at: Some(at),
                authors: vec![person],
                rights: Some(text(6)),
            },
            copies: vec![Copy { feed_title: text(8), url: text(12) }],
        }
    }
}

/// Every address of a document, wherever Atom and RSS have one.
fn addresses(root: &Element) -> Vec<String> {
    let mut found = Vec::new();
    root.walk(&mut |element| {
        let attributes = ["href", "url"].map(|name| element.attribute(name));
        let text = matches!(&*element.name, "uri" | "link").then_some(element.text.trim());
        found.extend(
            attributes
                .into_iter()
                .chain(text)
                .filter(|url| !url.is_empty())
                .map(str::to_owned),
        );
    });
    found
}

proptest! {
    /// U1, U9, S13: whatever an article holds, the documents are well-formed, hold nothing forbidden and
    /// no address that is not absolute, and the texts come back as they were decided.
    #[test]
    fn any_article_makes_sound_documents(articles in proptest::collection::vec(any_article(), 0..4)) {
        for format in OutputFormat::ALL {
            let root = parse(&bytes(format, &articles));
            for address in addresses(&root) {
                let url = Url::parse(&address).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https"), "{}", address);
                prop_assert!(address.is_ascii() && !address.contains(' '));
            }
        }
        let feed = atom(&articles);
        let window = window(&output(), &articles);
        prop_assert_eq!(feed.all("entry").count(), window.len());
        for (entry, article) in feed.all("entry").zip(window) {
            prop_assert_eq!(entry.told("title"), view::title(article));
            prop_assert!(!entry.told("title").is_empty());
            prop_assert!(entry.all("summary").chain(entry.all("content")).count() > 0);
            prop_assert!(entry.all("author").all(|author| !author.told("name").is_empty()));
        }
    }

    #[test]
    fn any_id_is_kept_whole_or_minted_soundly(id in any_text(), authority in any_text()) {
        if let Some(kept) = entry_atom_id(&id) {
            prop_assert_eq!(&kept, &id);
        }
        let minted = minted_atom_id(&authority, &crate::model::FeedId::new("wire"), &id);
        prop_assert_eq!(entry_atom_id(&minted), Some(minted.clone()));
        let output = output_atom_id(&authority, &id);
        prop_assert_eq!(entry_atom_id(&output), Some(output.clone()));
    }
}

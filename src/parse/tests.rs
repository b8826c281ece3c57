//! The whole stage: one small document for each fault and each dialect.

mod families;
mod faults;
mod fields;
mod hints;
mod pages;
mod properties;
mod withdrawals;

use super::{Document, MAX_ENTRIES, MAX_WITHDRAWALS, MOST_PASSED, ParseError, json_item, parse};
use crate::model::{Cut, FailureKind, Format, ParsedEntry, ParsedFeed, TextKind};
use std::time::Duration;

const URL: &str = "https://news.example/feed";

fn try_bytes(bytes: &[u8], charset: Option<&str>) -> Result<ParsedFeed, ParseError> {
    parse(&Document {
        bytes,
        charset,
        url: URL,
    })
}

fn read(text: &str) -> ParsedFeed {
    try_bytes(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refusal(text: &str) -> String {
    let error = try_bytes(text.as_bytes(), None).unwrap_err();
    assert_eq!(error.failure().kind, FailureKind::NotAFeed);
    error.failure().message
}

/// The only entry of an RSS item.
fn item(fields: &str) -> ParsedEntry {
    let text = format!("<rss version='2.0'><channel><item>{fields}</item></channel></rss>");
    only(&read(&text))
}

/// The only entry of an Atom entry.
fn entry(fields: &str) -> ParsedEntry {
    let text = format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{fields}</entry></feed>");
    only(&read(&text))
}

fn only(feed: &ParsedFeed) -> ParsedEntry {
    assert_eq!(feed.entries.len(), 1, "{feed:?}");
    feed.entries[0].clone()
}

fn codes(feed: &ParsedFeed) -> Vec<&str> {
    feed.defects.iter().map(|it| it.code).collect()
}

const RSS_ITEM: &str = "<item><title>T</title><link>https://news.example/1</link></item>";
const ATOM_ENTRY: &str = "<entry><title>T</title><link href='https://news.example/1'/></entry>";

/// Reads a document made of `before`, the one entry above of that family, and `after`.
fn check_dialect(format: Format, before: &str, after: &str) {
    let entry = match format {
        Format::Atom => ATOM_ENTRY,
        _ => RSS_ITEM,
    };
    let document = format!("{before}{entry}{after}");
    let feed = read(&document);
    assert_eq!(feed.format, format, "{document}");
    let entry = only(&feed);
    assert_eq!(entry.title.value, "T", "{document}");
    let url = entry.url.as_deref();
    assert_eq!(url, Some("https://news.example/1"), "{document}");
}

#[test]
fn s13_no_forbidden_character_comes_through() {
    for c in (0..0x20).chain([0xFFFE, 0xFFFF]).filter_map(char::from_u32) {
        let raw = item(&format!("<title>a{c}b</title>")).title.value;
        let reference = item(&format!("<title>a&#{};b</title>", u32::from(c)))
            .title
            .value;
        let json = json_item(&format!(r#"{{"title":"a\u{:04x}b"}}"#, u32::from(c)))
            .unwrap()
            .title
            .value;
        for value in [raw, reference, json] {
            assert!(
                !value.contains(|c: char| c.is_control() && !c.is_whitespace()),
                "{c:?}"
            );
            assert!(
                !value.contains(['\u{FFFE}', '\u{FFFF}', '\u{B}', '\u{C}']),
                "{c:?}"
            );
        }
    }
}

#[test]
fn s10_declared_entities_are_expanded_once() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>";
    let feed = read(&format!(
        "{bomb}<rss><channel><item><title>&b;&x;</title></item></channel></rss>"
    ));
    assert_eq!(only(&feed).title.value, "&a;&a;&a;&x;");
}

/// A document of so many entries, dated by the minute where `step` is not zero, in XML and in JSON.
fn documents(count: usize, step: i32) -> [String; 2] {
    let date = |at: usize| {
        let minute = i32::try_from(at).unwrap() * step;
        let start: jiff::Timestamp = "2026-01-01T00:00:00Z".parse().unwrap();
        (step != 0).then(|| start + jiff::SignedDuration::from_mins(minute.into()))
    };
    let item = |at: usize| {
        let dated = date(at).map_or_else(String::new, |it| format!("<dc:date>{it}</dc:date>"));
        format!("<item><guid>{at}</guid><title>Title {at}</title>{dated}<link>/{at}</link></item>")
    };
    let items: String = (0..count).map(item).collect();
    let object = |at: usize| {
        let dated = date(at).map_or_else(String::new, |it| format!(r#","date_published":"{it}""#));
        format!(r#"{{"id":"{at}","title":"Title {at}","url":"/{at}"{dated}}}"#)
    };
    let objects: Vec<String> = (0..count).map(object).collect();
    [
        format!("<rss><channel>{items}<title>News</title></channel></rss>"),
        format!(r#"{{"items":[{}],"title":"News"}}"#, objects.join(",")),
    ]
}

/// Most documents begin with what is new, but not all: of one that has too much the end with the newest is read.
#[test]
fn s12_of_too_many_entries_the_newest_are_read() {
    for (count, step) in [
        (MAX_ENTRIES, 1),
        (MAX_ENTRIES + 1, 0),
        (MAX_ENTRIES + 1, 1),
        (2 * MAX_ENTRIES, 1),
        (2 * MAX_ENTRIES + 1, -1),
        (2 * MAX_ENTRIES + 1, 1),
        (5555, 1),
    ] {
        let from = if step > 0 { count - MAX_ENTRIES } else { 0 };
        let wanted = (from..from + MAX_ENTRIES).map(|at| format!("{at} Title {at} {at}"));
        let wanted: Vec<String> = wanted.collect();
        for text in documents(count, step) {
            let feed = read(&text);
            let entry = |it: &ParsedEntry| {
                let page = it.url.as_deref().and_then(|it| it.rsplit('/').next());
                let id = it.id.as_deref().unwrap();
                format!("{id} {} {}", it.title.value, page.unwrap())
            };
            let entries: Vec<String> = feed.entries.iter().map(entry).collect();
            assert!(entries == wanted, "{count} {step}: {text:.30}");
            // What stands behind what is read is not.
            let is_read = count <= MAX_ENTRIES || step > 0;
            let title = feed.profile.title.as_deref();
            assert!(title == Some("News") || !is_read, "{title:?}");
            let codes = codes(&feed);
            assert_eq!(codes.is_empty(), count <= MAX_ENTRIES, "{codes:?}");
        }
    }
    // One that is pinned, or dated wrongly, does not turn it.
    for step in [1, -1] {
        let [xml, _] = documents(MAX_ENTRIES + 9, step);
        let pinned = xml.replacen("2026-01-01", "2027-01-01", 1);
        let first = read(&pinned).entries.first().and_then(|it| it.id.clone());
        assert_eq!(first.unwrap(), if step > 0 { "9" } else { "0" });
    }
    // What is no object counts as well.
    let [_, json] = documents(2500, 0);
    let with_null = json.replacen('[', "[null,", 1);
    assert_eq!(codes(&read(&with_null)), ["too-many-entries"]);
    let [xml, _] = documents(MOST_PASSED + 10, 1);
    let many = read(&xml).entries;
    let last = many.last().and_then(|it| it.id.clone());
    assert_eq!(
        (many.len(), last),
        (MAX_ENTRIES, Some((MOST_PASSED - 1).to_string()))
    );
}

#[test]
fn s12_limits_hold() {
    let many = read(&format!(
        "<rss><channel>{}</channel></rss>",
        "<item><guid>1</guid></item>".repeat(MAX_ENTRIES + 1)
    ));
    assert_eq!(many.entries.len(), MAX_ENTRIES);
    assert_eq!(codes(&many), ["too-many-entries"]);
    let whole = read(&format!(
        "<rss><channel>{}</channel></rss>",
        "<item><guid>1</guid></item>".repeat(MAX_ENTRIES)
    ));
    assert_eq!(codes(&whole), Vec::<&str>::new());
    let items = r#"{"id":"1"},"#.repeat(MAX_ENTRIES);
    let json = read(&format!(r#"{{"items":[{items}{{"id":"2"}}]}}"#));
    assert_eq!(
        (json.entries.len(), codes(&json)),
        (MAX_ENTRIES, vec!["too-many-entries"])
    );

    let long = "ж".repeat(400_000);
    let entry = item(&format!(
        "<title>{long}</title><description>{long}</description><guid>{long}</guid><link>https://a.example/{long}</link>"
    ));
    assert_eq!(entry.title.value.len(), 1024);
    assert_eq!(entry.summary.unwrap().value.len(), 512 * 1024);
    assert_eq!((entry.id, entry.url), (None, None));
    let parts = item(&"<category>a</category><enclosure url='/a'/>".repeat(1000));
    assert_eq!((parts.categories.len(), parts.enclosures.len()), (64, 1));
    let podcast = format!(
        "<rss><channel><item><itunes:keywords>{}</itunes:keywords><enclosure url='/a.mp3'/></item></channel></rss>",
        "a,".repeat(100)
    );
    let podcast = read(&podcast);
    assert_eq!(codes(&podcast), ["too-many-parts", "no-id"]);
    assert_eq!(
        only(&podcast).enclosures.len(),
        1,
        "labels take no room from media"
    );
    let sources = self::entry(&format!(
        "<source><id>s</id><title>S</title>{}</source>",
        "<author>a</author>".repeat(1000)
    ));
    assert_eq!(sources.source.unwrap().authors.len(), 64);
    let long = "a".repeat(6000);
    let about = read(&format!(
        "<rdf:RDF><item rdf:about='{long}' xml:lang='{long}'><title>T</title></item></rdf:RDF>"
    ));
    assert_eq!((only(&about).id, only(&about).language), (None, None));
    let lists = read(&format!(
        r#"{{"items":[[{}1],{{"id":"1","tags":[["a"],"b"]}}]}}"#,
        "0,".repeat(5000)
    ));
    assert_eq!(only(&lists).categories.len(), 1);
    assert_eq!(item(&"<a>".repeat(100_000)).title.value, "");
}

#[test]
fn a_panic_is_an_error() {
    let caught = super::guarded::<()>(|| panic!("at {}", 7));
    assert_eq!(caught, Err(ParseError::Panicked("at 7".to_owned())));
    assert_eq!(caught.unwrap_err().failure().kind, FailureKind::Parse);
}

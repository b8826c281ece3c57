mod ids;
mod rules;
mod url;
mod withdrawals;

use super::*;
use crate::model::{Category, Cut, Enclosure, FeedProfile, Format, Hints, KeyKind, Text};
use proptest::prelude::*;

const NOW: &str = "2026-01-10T12:00:00Z";

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn with_origin<T>(work: impl FnOnce(&Origin<'_>) -> T) -> T {
    let feed = FeedId::new("a");
    work(&Origin {
        feed: &feed,
        url: "https://example.org/feed",
        language: Some("en"),
        now: at(NOW),
        identity: IdentityBy::Auto,
        url_rules: &UrlRules::default(),
    })
}

fn one(parsed: &ParsedEntry) -> Entry {
    with_origin(|origin| entry(parsed, origin))
}

fn all(entries: Vec<ParsedEntry>) -> Vec<Entry> {
    let parsed = document(entries);
    with_origin(|origin| normalize(&parsed, origin).entries)
}

fn document(entries: Vec<ParsedEntry>) -> ParsedFeed {
    ParsedFeed {
        format: Format::Rss,
        profile: FeedProfile::default(),
        hints: Hints::default(),
        entries,
        withdrawals: Vec::new(),
        defects: Vec::new(),
        cut: Cut::default(),
    }
}

/// An entry in short: id, address, title; empty texts are none.
fn item(id: &str, url: &str, title: &str) -> ParsedEntry {
    let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
    ParsedEntry {
        id: some(id),
        url: some(url),
        title: Text::html(title),
        ..ParsedEntry::default()
    }
}

fn ids(entries: &[Entry]) -> Vec<&str> {
    entries
        .iter()
        .map(|entry| entry.entry_id.as_str())
        .collect()
}

fn kinds(entry: &Entry) -> Vec<KeyKind> {
    entry.keys.iter().map(|key| key.kind).collect()
}

#[test]
fn an_entry_is_cleaned_in_every_field() {
    let made = one(&ParsedEntry {
        id: Some(" guid\t1 ".to_owned()),
        url: Some("http://www.example.org/world/a?id=1&utm_source=rss".to_owned()),
        title: Text::html("AT&amp;T &mdash; <b>deal</b>"),
        summary: Some(Text::html("<p>In <em>short</em></p>")),
        content: Some(Text::html(
            "<p>At <a href=\"/x\">length</a></p><script>x</script>",
        )),
        categories: vec![Category {
            term: "<i>World</i>".to_owned(),
            scheme: Some("javascript:x".to_owned()),
            label: None,
        }],
        language: Some("<x>".to_owned()),
        ..ParsedEntry::default()
    });
    assert_eq!(made.entry_id, " guid\t1 ", "byte for byte");
    assert_eq!(
        made.url.as_deref(),
        Some("http://www.example.org/world/a?id=1")
    );
    assert_eq!(made.title, "AT&T — deal");
    assert_eq!(made.summary.as_deref(), Some("<p>In <em>short</em></p>"));
    assert_eq!(made.summary_text, "In short");
    assert_eq!(
        made.content.as_deref(),
        Some(
            "<p>At <a href=\"http://www.example.org/x\" rel=\"noopener noreferrer\">length</a></p>"
        )
    );
    assert_eq!(made.content_text, "At length");
    assert_eq!(made.categories[0].term, "World");
    assert_eq!(made.categories[0].scheme, None);
    assert_eq!(made.language.as_deref(), Some("en"));
    assert_eq!((made.published_at, made.dated), (at(NOW), false));
    assert_eq!(kinds(&made), [KeyKind::Guid, KeyKind::Url]);
}

#[test]
fn the_publishers_link_goes_before_that_of_a_service() {
    let counted = "https://feeds.example/~r/news/~3/AbC/";
    for (original, expected) in [
        (
            "https://example.org/a?utm_source=feedburner",
            "https://example.org/a",
        ),
        ("http://", counted),
    ] {
        let made = one(&ParsedEntry {
            original_url: Some(original.to_owned()),
            ..item("1", counted, "t")
        });
        assert_eq!(made.url.as_deref(), Some(expected));
    }
}

#[test]
fn u9_addresses_in_markup_have_the_nearest_base() {
    for (base, url, expected) in [
        (
            Some("https://b.org/c/"),
            "https://e.org/f",
            "https://b.org/c/x",
        ),
        (None, "https://e.org/f", "https://e.org/x"),
        (None, "", "https://example.org/x"),
        (None, "urn:x", "https://example.org/x"),
    ] {
        let made = one(&ParsedEntry {
            content: Some(Text::html("<img src=x>")),
            base_url: base.map(str::to_owned),
            ..item("1", url, "t")
        });
        assert_eq!(made.content, Some(format!("<img src=\"{expected}\">")));
    }
}

#[test]
fn u9_the_query_of_a_feed_address_is_in_no_base() {
    let feed = FeedId::new("a");
    let origin = Origin {
        feed: &feed,
        url: "https://example.org/feed?token=S#top",
        language: None,
        now: at(NOW),
        identity: IdentityBy::Auto,
        url_rules: &UrlRules::default(),
    };
    for (url, expected) in [
        ("https://e.org/f?id=1", "https://e.org/f?id=1#n"),
        ("", "https://example.org/feed#n"),
    ] {
        let parsed = ParsedEntry {
            content: Some(Text::html("<a href='#n'>1</a>")),
            ..item("1", url, "t")
        };
        let content = entry(&parsed, &origin).content.unwrap();
        assert!(content.contains(&format!("\"{expected}\"")), "{content}");
    }
}

#[test]
fn s15_an_address_that_runs_is_dropped() {
    let made = one(&item("1", "javascript:alert(1)", "t"));
    assert_eq!(made.url, None);
    assert_eq!(kinds(&made), [KeyKind::Guid, KeyKind::Guid]);
}

#[test]
fn a_summary_that_repeats_the_content_is_dropped() {
    let both = |summary: &str, content: &str| {
        one(&ParsedEntry {
            summary: Some(Text::html(summary)),
            content: Some(Text::html(content)),
            ..item("1", "", "t")
        })
    };
    let same = both("<p>a b</p>", "<p>a b</p>");
    assert_eq!(
        (same.summary, same.content.as_deref()),
        (None, Some("<p>a b</p>"))
    );
    let same = both("a b", "<div>a <b>b</b></div>");
    assert_eq!((same.summary, same.summary_text.as_str()), (None, ""));
    assert_eq!(both("a", "<p>a b</p>").summary.as_deref(), Some("a"));
    assert_eq!(both("a", "").summary.as_deref(), Some("a"));
    assert_eq!(both("", "").content, None);
}

#[test]
fn without_an_id_address_and_title_are_the_id_and_then_the_words() {
    let made = one(&item("", "http://www.example.org/a/?utm_source=x", "Été"));
    assert_eq!(made.entry_id, "https://example.org/a ete");
    let made = one(&item("  ", "https://example.org/", "t"));
    assert_eq!(made.entry_id.len(), 32);
    assert_eq!(
        made.entry_id,
        one(&item("", "https://example.org/", "t")).entry_id
    );
    assert_ne!(
        made.entry_id,
        one(&item("", "https://example.org/", "u")).entry_id
    );
}

#[test]
fn ids_that_a_document_disproves_are_not_believed() {
    // One id for different articles.
    let made = all(vec![
        item("x", "https://example.org/1", "one"),
        item("x", "https://example.org/2", "two"),
        item("y", "https://example.org/3", "three"),
    ]);
    assert_eq!(
        ids(&made),
        [
            "https://example.org/1 one",
            "https://example.org/2 two",
            "y"
        ]
    );
    // The other way round the ids are the same: position plays no part.
    let turned = all(vec![
        item("x", "https://example.org/2", "two"),
        item("x", "https://example.org/1", "one"),
    ]);
    assert_eq!(
        ids(&turned),
        ["https://example.org/2 two", "https://example.org/1 one"]
    );
    // Without addresses the titles tell.
    assert_eq!(
        all(vec![item("x", "", "one"), item("x", "", "two")]).len(),
        2
    );
}

#[test]
fn one_page_for_many_entries_identifies_none() {
    let made = all(vec![
        item("1", "https://example.org/changes#1", "one"),
        item("2", "https://example.org/changes#2", "two"),
    ]);
    assert_eq!(ids(&made), ["1", "2"]);
    // The id, and the one that is given.
    let expected = [KeyKind::Guid, KeyKind::Guid];
    assert!(made.iter().all(|entry| kinds(entry) == expected));
    assert_eq!(
        made[0].url.as_deref(),
        Some("https://example.org/changes#1")
    );
    // Without ids, too, and when all have one id.
    let list = |id| {
        all(["a", "b", "c"]
            .map(|title| item(id, "https://example.org/list", title))
            .to_vec())
    };
    assert_eq!(list("").len(), 3);
    assert_eq!(list("x").len(), 3);
}

#[test]
fn a_given_id_stays_while_the_list_on_a_page_grows_and_shrinks() {
    let list = |titles: &[&str]| {
        let items = titles
            .iter()
            .map(|title| item("", "https://example.org/list", title));
        all(items.collect())
    };
    let one = list(&["a"]);
    let two = list(&["b", "a"]);
    assert_eq!(two[1].entry_id, one[0].entry_id);
    assert_eq!(ids(&list(&["c", "b"]))[1], two[0].entry_id);
}

#[test]
fn of_an_entry_that_stands_twice_the_latest_stays() {
    let version = |title: &str, updated: &str| ParsedEntry {
        updated_at: Some(at(updated)),
        ..item("x", "https://example.org/1", title)
    };
    let made = all(vec![
        version("old", "2026-01-01T00:00:00Z"),
        item("y", "https://example.org/2", "between"),
        version("new", "2026-01-02T00:00:00Z"),
    ]);
    assert_eq!(ids(&made), ["x", "y"]);
    assert_eq!(made[0].title, "new");
    let twice = all(vec![item("", "", "same"), item("", "", "same")]);
    assert_eq!(twice.len(), 1);
}

#[test]
fn the_digest_follows_what_a_reader_sees() {
    let made = |content: &str| {
        one(&ParsedEntry {
            content: Some(Text::html(content)),
            ..item("1", "https://example.org/1", "t")
        })
    };
    let first = made("<p>a b</p>");
    assert_eq!(
        first.content_digest,
        made("<p class=\"x\">a  <b>b</b></p>").content_digest
    );
    assert_ne!(first.content_digest, made("<p>a c</p>").content_digest);
    let heard = |url: &str| {
        one(&ParsedEntry {
            content: Some(Text::html("<p>a b</p>")),
            enclosures: vec![Enclosure {
                url: url.to_owned(),
                ..Enclosure::default()
            }],
            ..item("1", "https://example.org/1", "t")
        })
    };
    let audio = heard("https://example.org/1.mp3?token=a").content_digest;
    assert_ne!(first.content_digest, audio);
    assert_eq!(
        audio,
        heard("https://example.org/1.mp3?token=b").content_digest
    );
}

#[test]
fn keys_find_the_entry_by_any_form_of_its_link() {
    let made = one(&item(
        "1",
        "http://www.example.org/world/one-two-three-four-five-1234567.html",
        "t",
    ));
    let found = url_keys(
        "https://m.example.org/world/one-two-three-four-five-1234567.html?fbclid=1",
        &UrlRules::default(),
    );
    assert_eq!(found, made.keys[1..]);
    assert_eq!(found.len(), 3);
}

proptest! {
    #[test]
    fn any_document_gives_unique_clean_entries(
        entries in prop::collection::vec(("[ab]{0,1}", "(https://example.org/[ab]?)?", "\\PC{0,12}", "(\\PC|[<>&\u{0}-\u{20}]){0,40}"), 0..8)
    ) {
        let parsed: Vec<ParsedEntry> = entries
            .iter()
            .map(|(id, url, title, text)| ParsedEntry {
                content: Some(Text::html(text)),
                summary: Some(Text::plain(text)),
                ..item(id, url, title)
            })
            .collect();
        let made = all(parsed);
        let unique: std::collections::BTreeSet<_> = ids(&made).into_iter().collect();
        prop_assert_eq!(unique.len(), made.len());
        for entry in made {
            prop_assert!(entry.updated_at >= entry.published_at);
            prop_assert_eq!(entry.keys[0].kind, KeyKind::Guid);
            prop_assert!(entry.keys.is_sorted_by_key(|key| key.kind));
        }
    }
}

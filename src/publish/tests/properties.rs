//! What holds whatever an article holds.

use super::super::ids::output_atom_id;
use super::*;
use proptest::prelude::*;

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
        seconds in -62_000_000_000i64..200_000_000_000,
        length in any::<Option<u64>>(),
    ) -> Article {
        let text = |index: usize| texts[index].clone();
        let at = Timestamp::from_second(seconds).unwrap();
        let person = Person { name: text(0), email: Some(text(1)), url: Some(text(2)) };
        Article {
            atom_id: format!("tag:x,2005:{}", text(3)),
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
            first_seen_at: at,
            known_at: Some(at),
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
            feed: None,
            copies: vec![Copy { feed_title: text(8), url: text(12) }],
            first: Some(Copy { feed_title: text(9), url: text(13) }),
            reports: vec![Report { title: text(5), feed_title: text(10), url: text(4), published_at: at, is_backdated: false }],
            story: Some(StoryMark { number: 1, founder: text(3) }),
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
    fn u1_any_article_makes_sound_documents(articles in proptest::collection::vec(any_article(), 0..4)) {
        for format in [OutputFormat::Atom, OutputFormat::Rss] {
            let root = parse(&bytes(format, &articles));
            for address in addresses(&root) {
                let url = Url::parse(&address).unwrap();
                prop_assert!(matches!(url.scheme(), "http" | "https"), "{}", address);
                prop_assert!(address.is_ascii() && !address.contains(' '));
            }
        }
        parity::check(&articles);
        let feed = atom(&articles);
        let window = window(&output(), &articles);
        prop_assert_eq!(feed.all("entry").count(), window.len());
        for (entry, article) in feed.all("entry").zip(window) {
            let title = view::title(article);
            prop_assert_eq!(entry.told("title"), text::in_xml(&title));
            prop_assert!(!entry.told("title").is_empty());
            prop_assert!(entry.all("summary").chain(entry.all("content")).count() > 0);
            prop_assert!(entry.all("author").all(|author| !author.told("name").is_empty()));
        }
    }

    #[test]
    fn any_id_is_kept_whole_or_minted_soundly(id in any_text(), authority in any_text(), path in "[a-z0-9-]{1,64}") {
        if let Some(kept) = entry_atom_id(&id) {
            prop_assert_eq!(&kept, &id);
        }
        let minted = minted_atom_id(&authority, &crate::model::FeedId::new("wire"), &id);
        prop_assert_eq!(entry_atom_id(&minted), Some(minted.clone()));
        let output = output_atom_id(&authority, &path);
        prop_assert_eq!(entry_atom_id(&output), Some(output.clone()));
    }
}

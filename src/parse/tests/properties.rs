//! What holds of any document.

use super::*;
use crate::parse::{dates, references};
use proptest::prelude::*;

/// Pieces of feeds, whole and broken, of which the fuzzed documents are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "<rss>",
            "<channel>",
            "<item>",
            "</item>",
            "<entry>",
            "</entry>",
            "<feed xmlns='http://www.w3.org/2005/Atom'>",
            "<title>",
            "</title>",
            "<title type='xhtml'>",
            "<link>",
            "<link href='/a' rel=enclosure>",
            "</link>",
            "<guid>",
            "<![CDATA[",
            "]]>",
            "]]]]>",
            "<!--",
            "-->",
            "<?",
            "<!",
            "&",
            "&amp;",
            "&#x",
            ";",
            "<",
            ">",
            "\"",
            "'",
            "=",
            "<author>",
            "a@b.example",
            "</author>",
            "<a:b xmlns:a='x' xml:base='::'>",
            "</a:b>",
            "<source url='x'>",
            "<media:content url='http://a.example/b'>",
            "<pubDate>",
            "2024-07-22",
            "</pubDate>",
            "<div>",
            "</div>",
            "/",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

proptest! {
    #[test]
    fn parsing_is_total_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let result = try_bytes(&bytes, None);
        prop_assert!(matches!(result, Ok(_) | Err(ParseError::NotAFeed(_))), "{result:?}");
    }

    #[test]
    fn parsing_is_total_on_broken_feeds(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = format!("<rss>{}", pieces.concat());
        let result = try_bytes(text.as_bytes(), None);
        prop_assert!(result.is_ok(), "{result:?}");
        prop_assert_eq!(result, try_bytes(text.as_bytes(), None));
    }

    #[test]
    fn titles_come_through_as_they_were_written(title in "[^\u{0}-\u{1f}\u{80}-\u{ff}\u{fffe}\u{ffff}]{1,40}") {
        let title = title.trim();
        let mut escaped = String::new();
        references::push_escaped(title, &mut escaped);
        prop_assert_eq!(&item(&format!("<title>{escaped}</title>")).title.value, title);
        prop_assert_eq!(&entry(&format!("<title>{escaped}</title>")).title.value, title);
    }

    #[test]
    fn dates_are_total(text in "\\PC{0,40}|[0-9:+TZ .,/-]{0,30}") {
        dates::parse(&text);
    }
}

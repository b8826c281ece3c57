//! Other addresses for some feeds of a `feeds.toml`, and every other byte as it was.

use crate::model::FeedId;
use std::collections::BTreeMap;
use std::ops::Range;
use toml::Spanned;
use toml::de::{DeTable, DeValue};
use url::Url;

/// Keys of a feed or of its group whose values were given for the origin of its address (S6).
const OF_ORIGIN: [&str; 2] = ["auth", "headers"];

/// Returns the text with other addresses for these feeds.
///
/// Only the strings after `url` change, each in the quotes that it has where the address allows that:
/// comments, order, blanks and line ends are the operator's. Feeds that the text does not name are not
/// added. A text that [`read`](super::read()) refuses gives nothing of use.
pub fn with_addresses(text: &str, addresses: &BTreeMap<FeedId, Url>) -> String {
    let mut edits: Vec<(Range<usize>, String)> = Vec::new();
    let (document, _) = DeTable::parse_recoverable(text);
    each_feed(document.get_ref(), |id, feed| {
        let (Some(url), Some(value)) = (addresses.get(&FeedId::new(id)), feed.get("url")) else {
            return;
        };
        let span = value.span();
        let before = text.get(span.clone()).unwrap_or_default();
        edits.push((span, quoted(url.as_str(), before)));
    });
    edits.sort_by_key(|(span, _)| span.start);
    let mut edited = String::with_capacity(text.len());
    let mut end = 0;
    for (span, value) in edits {
        edited.push_str(text.get(end..span.start).unwrap_or_default());
        edited.push_str(&value);
        end = span.end;
    }
    edited.push_str(text.get(end..).unwrap_or_default());
    edited
}

/// Returns the feeds of the text that have something which was given for the origin of their address, and
/// which another address would give to another origin (S6).
///
/// What a group has, each of its feeds counts as having: a feed that says "none" itself is written by hand.
pub fn with_secrets_of_origin(text: &str) -> Vec<FeedId> {
    let (document, _) = DeTable::parse_recoverable(text);
    let groups = value(document.get_ref(), "group").and_then(DeValue::as_table);
    let has_secret = |table: &DeTable<'_>| OF_ORIGIN.iter().any(|key| table.contains_key(*key));
    let group_of = |feed: &DeTable<'_>| {
        let name = value(feed, "group")?.as_str()?;
        value(groups?, name)?.as_table()
    };
    let mut feeds = Vec::new();
    each_feed(document.get_ref(), |id, feed| {
        if has_secret(feed) || group_of(feed).is_some_and(has_secret) {
            feeds.push(FeedId::new(id));
        }
    });
    feeds
}

/// Returns the value of a key.
pub(super) fn value<'t, 'i>(table: &'t DeTable<'i>, key: &str) -> Option<&'t DeValue<'i>> {
    table.get(key).map(Spanned::get_ref)
}

/// Hands each `[[feed]]` that has an id to `each`.
pub(super) fn each_feed(document: &DeTable<'_>, each: impl FnMut(&str, &DeTable<'_>)) {
    each_of(document, ("feed", "id"), each);
}

/// Hands each table of an array to `each` that has a name under this key.
pub(super) fn each_of(
    document: &DeTable<'_>,
    (array, key): (&str, &str),
    mut each: impl FnMut(&str, &DeTable<'_>),
) {
    let tables = value(document, array).and_then(DeValue::as_array);
    for table in tables.into_iter().flatten() {
        let Some(table) = table.get_ref().as_table() else {
            continue;
        };
        if let Some(name) = value(table, key).and_then(DeValue::as_str) {
            each(name, table);
        }
    }
}

/// Tells whether a value is an array of tables, and of nothing else.
pub(super) fn are_tables(value: &DeValue<'_>) -> bool {
    let elements = value.as_array().map(|array| array.iter());
    elements.is_some_and(|mut elements| {
        elements.len() > 0 && elements.all(|element| element.get_ref().is_table())
    })
}

/// Writes an address as a TOML string, in the quotes of the one before it where that needs no escapes.
fn quoted(url: &str, before: &str) -> String {
    if before.starts_with('\'') && !url.contains('\'') {
        return format!("'{url}'");
    }
    // A parsed address holds no control characters, and quotes only where they are escaped already.
    let escaped = url.replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{escaped}\"")
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn edited(text: &str, addresses: &[(&str, &str)]) -> String {
        let addresses = addresses
            .iter()
            .map(|(id, url)| (FeedId::new(*id), url.parse().unwrap()));
        with_addresses(text, &addresses.collect())
    }

    /// P23: what is not an address of a feed that moved is the operator's.
    #[test]
    fn p23_only_the_addresses_change() {
        let text = "\u{feff}# my feeds\r\n[[feed]] # one\r\n  id = 'a' \r\nurl   =  'http://a.example/old'   # 'old'\r\n\
            title=\"http://a.example/old\"\r\n\r\n[[feed]]\nurl = \"http://b.example/old\"\nid=\"b\"\n\
            [[feed]]\nid = \"c\"\nurl = \"\"\"\nhttp://c.example/old\"\"\" # tail\n[feed.headers]\nx = \"http://c.example/old\"\n\
            [[feed]]\nurl='''http://d.example/old'''\nid = \"d\"";
        let expected = text
            .replace("'http://a.example/old' ", "'https://a.example/new' ")
            .replace(
                "\"\"\"\nhttp://c.example/old\"\"\"",
                "\"https://c.example/new\"",
            )
            .replace("'''http://d.example/old'''", "'https://d.example/new'");
        let new = [
            ("a", "https://a.example/new"),
            ("c", "https://c.example/new"),
            ("d", "https://d.example/new"),
            ("nobody", "https://e.example/"),
        ];
        assert_eq!(edited(text, &new), expected);
        assert_eq!(edited(text, &[]), text);
        assert_eq!(edited("feed = 1\n", &new), "feed = 1\n");
        assert_eq!(edited("not TOML [", &new), "not TOML [");
        assert_eq!(with_secrets_of_origin(text), [FeedId::new("c")]);
        let inline = "feed = [{ id = \"a\", url = \"http://a.example/\" }, {id='b',url='http://b.example/'}]";
        assert_eq!(
            edited(inline, &[("b", "http://b.example/it's")]),
            inline.replace("'http://b.example/'", "\"http://b.example/it's\"")
        );
    }

    /// S6: a feed's own, and its group's, wherever that stands and however it is written.
    #[test]
    fn s6_what_a_group_has_its_feeds_have() {
        for (feed, has) in [
            ("", false),
            ("auth = \"none\"", true),
            ("headers = {}", true),
            ("group = \"open\"", false),
            ("group = \"paid\"", true),
            ("group = 'dotted'", true),
            ("group = \"paid\"\nauth = \"none\"", true),
            ("group = \"nobody\"", false),
            ("group = 1", false),
        ] {
            let feed = format!("[[feed]]\nid = \"a\"\nurl = \"http://a.example/\"\n{feed}\n");
            let paid = "[group.paid]\nauth = { bearer = { env = \"X\" } }\n";
            let others = "[group.open]\ntopics = []\n[group]\ndotted.auth.bearer.env = \"X\"\n";
            let (last, first) = (
                format!("{feed}{paid}{others}"),
                format!("{paid}{others}{feed}"),
            );
            let expected: Vec<FeedId> = has.then(|| FeedId::new("a")).into_iter().collect();
            assert_eq!(with_secrets_of_origin(&last), expected, "{last}");
            assert_eq!(with_secrets_of_origin(&first), expected, "{first}");
        }
    }

    #[test]
    fn quotes_stay_where_they_can() {
        for (url, before, expected) in [
            ("http://a/", "\"x\"", "\"http://a/\""),
            ("http://a/", "'x'", "'http://a/'"),
            ("http://a/'", "'x'", "\"http://a/'\""),
            ("http://a/?\\", "'x'", "'http://a/?\\'"),
            ("http://a/?\\", "\"x\"", "\"http://a/?\\\\\""),
        ] {
            assert_eq!(quoted(url, before), expected);
        }
    }

    proptest! {
        /// Whatever else the file holds, only that string changes, and it is read as the new address.
        #[test]
        fn p23_the_rest_is_kept_byte_for_byte(
            comment in "#[^\\x00-\\x08\\x0a-\\x1f\\x7f]{0,20}", blanks in "[ \t]{0,4}", line in "\r?\n",
            quote in prop::sample::select(vec!["\"", "'"]), query in "[a-z0-9=&~'\\\\%é]{0,12}",
        ) {
            let new: Url = format!("https://new.example/it?{query}").parse().unwrap();
            let head = format!("{comment}{line}[[feed]]{line}id = \"a\"{blanks}{comment}{line}url{blanks}={blanks}");
            let tail = format!("{blanks}{comment}{line}{line}[[feed]]{line}id = \"b\"{line}url = \"https://b.example/\"{comment}");
            let text = format!("{head}{quote}http://old.example/{quote}{tail}");
            let edited = edited(&text, &[("a", new.as_str())]);
            prop_assert!(edited.starts_with(&head) && edited.ends_with(&tail), "{edited}");
            let config = super::super::read_without_secrets(&edited).unwrap().config;
            prop_assert_eq!(&config.feeds[0].target.url, &new);
            prop_assert_eq!(config.feeds[1].target.url.as_str(), "https://b.example/");
        }
    }
}

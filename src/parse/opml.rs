//! Lists of subscriptions (OPML 1.0 to 2.0), as feed readers write them.
//!
//! Read with the tolerant tokenizer, since half of them are written by hand or by programs that forget to
//! escape `&`. An outline with an address is a feed, one without is a folder; what OPML holds beside that
//! (other lists, notes) is passed over.

use super::ParseError;
use super::address::MAX_BASE;
use super::markup::{Scanner, Tag, Token, local_name};
use super::page;
use super::texts::line;
use crate::model::Subscription;

/// How many feeds of one list are read: more than anybody polls, few enough for the memory of any machine.
pub const MAX_SUBSCRIPTIONS: usize = 50_000;

/// How deep folders are told apart; readers have two levels at most, and what is deeper is in the last.
const MAX_DEPTH: usize = 8;

/// How deep outlines may lie at all before their ends are no longer matched with their begins.
const MAX_OPEN: usize = 10_000;

/// What a list holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct List {
    /// The feeds in the order of the list.
    pub feeds: Vec<Subscription>,
    /// Feeds that are too many.
    pub dropped: usize,
}

/// Reads the characters of a list.
pub(super) fn read(text: &str) -> Result<List, ParseError> {
    let mut scanner = Scanner::new(text);
    let mut outlines = Outlines::default();
    while let Some(token) = scanner.next_tag() {
        match token {
            Token::Open(tag) => outlines.open(&tag),
            Token::Close(name) => outlines.close(name),
        }
    }
    if outlines.is_list || !outlines.list.feeds.is_empty() {
        return Ok(outlines.list);
    }
    Err(page::refuse(text, None))
}

/// What has been read so far, and which folders are open.
#[derive(Debug, Default)]
struct Outlines {
    list: List,
    /// Whether the root says that it is one.
    is_list: bool,
    folders: Vec<String>,
    /// Of each outline that is open, whether it is one of `folders`.
    open: Vec<bool>,
}

impl Outlines {
    fn open(&mut self, tag: &Tag<'_>) {
        let name = local_name(tag.name);
        self.is_list |= name.eq_ignore_ascii_case("opml");
        if !name.eq_ignore_ascii_case("outline") {
            return;
        }
        let address = address(tag);
        if let Some(url) = &address {
            self.add(tag, url);
        }
        if tag.empty || self.open.len() >= MAX_OPEN {
            return;
        }
        let title = title(tag);
        let is_folder = address.is_none() && !title.is_empty() && self.folders.len() < MAX_DEPTH;
        if is_folder {
            self.folders.push(title);
        }
        self.open.push(is_folder);
    }

    fn close(&mut self, name: &str) {
        if local_name(name).eq_ignore_ascii_case("outline") && self.open.pop() == Some(true) {
            self.folders.pop();
        }
    }

    fn add(&mut self, tag: &Tag<'_>, url: &str) {
        if self.list.feeds.len() >= MAX_SUBSCRIPTIONS {
            self.list.dropped += 1;
            return;
        }
        let id = tag.attribute("merganser:id").map(|id| line(&id));
        // What has no title is listed by its address; in a list of ours by its id or by what it calls itself, and what has one
        // says so besides.
        let title = match &id {
            Some(_) => tag.attribute("title").map(|title| line(&title)),
            None => Some(title(tag)).filter(|title| title != url),
        };
        let enabled = tag.attribute("merganser:enabled");
        let folders = match self.folders.as_slice() {
            [] => category(tag),
            folders => folders.to_vec(),
        };
        self.list.feeds.push(Subscription {
            id,
            url: url.to_owned(),
            title: title.unwrap_or_default(),
            folders,
            is_off: enabled.as_deref() == Some("false"),
        });
    }
}

/// Returns the address of the feed that an outline is; one that is too long to be asked is none.
fn address(tag: &Tag<'_>) -> Option<String> {
    /// Longest address, in bytes: four times that of a base, for queries.
    const MAX_ADDRESS: usize = 4 * MAX_BASE;
    let is_feed = || {
        let kind = tag.attribute("type").unwrap_or_default();
        ["rss", "atom"]
            .iter()
            .any(|it| kind.eq_ignore_ascii_case(it))
    };
    let address = tag.attribute("xmlUrl");
    let address = address.or_else(|| is_feed().then(|| tag.attribute("url")).flatten())?;
    // Lists are broken into lines, and no address has a line in it.
    let address: String = address.lines().map(str::trim).collect();
    (!address.is_empty() && address.len() <= MAX_ADDRESS).then_some(address)
}

fn title(tag: &Tag<'_>) -> String {
    let title = tag.attribute("title").map(|title| line(&title));
    let text = || tag.attribute("text").map(|text| line(&text));
    let title = title.filter(|title| !title.is_empty());
    title.or_else(text).unwrap_or_default()
}

/// Returns the folders that a flat list names: the first of `category="/news/world,/later"` (OPML 2.0).
fn category(tag: &Tag<'_>) -> Vec<String> {
    let category = tag.attribute("category").unwrap_or_default();
    let first = category.split(',').next().unwrap_or_default();
    let names = first.split('/').map(line).filter(|name| !name.is_empty());
    names.take(MAX_DEPTH).collect()
}

#[cfg(test)]
mod tests {
    use crate::model::Subscription;
    use crate::parse::subscriptions;

    /// Reads a list as lines: folders, title and address.
    fn read(bytes: &[u8]) -> Vec<String> {
        let list = subscriptions(bytes).unwrap();
        let feeds = list.feeds.iter();
        feeds
            .map(|feed| format!("{}|{}|{}", feed.folders.join("/"), feed.title, feed.url))
            .collect()
    }

    #[test]
    fn lists_as_readers_write_them() {
        for (text, expected) in [
            (
                "<opml version=\"2.0\"><body><outline text=\"News\"><outline text=\"World &amp; more\" title=\"\">\
                 <outline type=\"rss\" text=\"A &lt;b&gt;\" xmlUrl=\"https://a.example/?a=1&amp;b=2\"/></outline>\
                 <outline text=\"B\" xmlUrl=\"https://b.example/\"></outline></outline>\
                 <outline title=\"C\" text=\"c\" xmlurl='https://c.example/'/></body></opml>",
                vec![
                    "News/World & more|A <b>|https://a.example/?a=1&b=2",
                    "News|B|https://b.example/",
                    "|C|https://c.example/",
                ],
            ),
            // Bare `&`, an address in place of a title, other lists, ends that lack.
            (
                "<OPML><outline text='F'><outline text='https://a.example/?x&y' xmlUrl=' https://a.example/?x\n  &y\n'/>\
                 <outline type='link' url='https://other.example/list.opml'/>\
                 <outline type='rss' url='https://b.example/a feed' text='&eacute;t&#233;'/>",
                vec![
                    "F||https://a.example/?x&y",
                    "F|été|https://b.example/a feed",
                ],
            ),
            (
                "<opml><body><outline text='A' xmlUrl='https://a.example/' category='/news/world,/x'/>\
                 <outline text='Feed'><outline text='in' xmlUrl=''/></outline></outline></outline>\
                 <outline xmlUrl='https://b.example/'><outline text='B' xmlUrl='https://c.example/'/></outline></body></opml>",
                vec![
                    "news/world|A|https://a.example/",
                    "||https://b.example/",
                    "|B|https://c.example/",
                ],
            ),
            // One of ours: what is given a title has it, though it is the id.
            (
                "<opml><body><outline text='a' title='a' xmlUrl='https://a.example/' merganser:id='a'/>\
                 <outline text='b' xmlUrl='https://b.example/' merganser:id='b'/></body></opml>",
                vec!["|a|https://a.example/", "||https://b.example/"],
            ),
            ("<opml><body/></opml>", vec![]),
        ] {
            assert_eq!(read(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn encodings_are_found_out() {
        let latin = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?><opml><outline text=\"\xe9t\xe9\" xmlUrl=\"https://a.example/\"/></opml>";
        assert_eq!(read(latin), ["|été|https://a.example/"]);
        let wide: Vec<u8> = "\u{feff}<opml><outline text='é' xmlUrl='https://a.example/'/></opml>"
            .encode_utf16()
            .flat_map(u16::to_le_bytes)
            .collect();
        assert_eq!(read(&wide), ["|é|https://a.example/"]);
    }

    #[test]
    fn what_is_no_list_is_named() {
        for (text, what) in [
            ("", "without any markup"),
            ("<rss><channel/></rss>", "rss"),
            ("{\"a\": 1}", "without any markup"),
        ] {
            let error = subscriptions(text.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(what), "{text}: {error}");
        }
    }

    /// S10: hostile lists are bounded in depth, number and what entities make of them.
    #[test]
    fn s10_hostile_lists_are_bounded() {
        let deep = format!(
            "<opml>{}<outline xmlUrl='https://a.example/'/>",
            "<outline text='f'>".repeat(200_000)
        );
        let list = subscriptions(deep.as_bytes()).unwrap();
        assert_eq!(list.feeds[0].folders.len(), super::MAX_DEPTH);
        let many = format!(
            "<opml>{}",
            "<outline xmlUrl='https://a.example/'/>".repeat(super::MAX_SUBSCRIPTIONS + 3)
        );
        let list = subscriptions(many.as_bytes()).unwrap();
        assert_eq!(
            (list.feeds.len(), list.dropped),
            (super::MAX_SUBSCRIPTIONS, 3)
        );
        let entity = |n: u32| format!("<!ENTITY e{} \"{}\">", n + 1, format!("&e{n};").repeat(10));
        let laughs: String = (0..12).map(entity).collect();
        let bomb = format!(
            "<!DOCTYPE opml [<!ENTITY e0 \"lol\">{laughs}]><opml><outline text='&e12;' xmlUrl='https://a.example/'/></opml>"
        );
        let list = subscriptions(bomb.as_bytes()).unwrap();
        assert!(list.feeds[0].title.len() < 1000);
        let outside = "<!DOCTYPE opml [<!ENTITY e SYSTEM \"file:///etc/hostname\">]><opml><outline text='&e;' xmlUrl='https://a.example/'/></opml>";
        let list = subscriptions(outside.as_bytes()).unwrap();
        assert_eq!(
            list.feeds[0],
            Subscription {
                title: "&e;".to_owned(),
                url: "https://a.example/".to_owned(),
                ..Subscription::default()
            }
        );
        let long = format!(
            "<opml><outline xmlUrl='https://a.example/{}'/></opml>",
            "x".repeat(5000)
        );
        assert!(subscriptions(long.as_bytes()).unwrap().feeds.is_empty());
    }
}

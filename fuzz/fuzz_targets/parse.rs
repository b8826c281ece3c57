//! Any bytes are a feed or none, the same each time, and nothing in it is over its limit.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use merganser::model::{FeedId, IdentityBy};
use merganser::normalize::{Origin, UrlRules, normalize};
use merganser::parse::{Document, MAX_ENTRIES, ParseError, parse};

/// The instant of the poll.
const NOW: Timestamp = Timestamp::constant(1_764_000_000, 0);

/// Longest text that is taken; title, summary and content may each have it.
const MAX_TEXT: usize = 512 * 1024;

/// Longest title.
const MAX_SHORT: usize = 1024;

/// Longest id or address as written, and what a base and its escapes may make of it.
const MAX_ADDRESS: usize = 3 * 4096 + 512;

/// Longest list.
const MAX_PARTS: usize = 64;

fuzz_target!(|bytes: &[u8]| {
    let document = Document {
        bytes,
        charset: None,
        url: "https://news.example/feed",
    };
    let feed = match parse(&document) {
        Ok(feed) => feed,
        Err(error) => {
            assert!(matches!(error, ParseError::NotAFeed(_)), "{error}");
            return;
        }
    };
    assert_eq!(parse(&document), Ok(feed.clone()));
    assert!(feed.entries.len() <= MAX_ENTRIES);
    for entry in &feed.entries {
        let texts = [&entry.summary, &entry.content];
        let longest = texts.into_iter().flatten().map(|it| it.value.len()).max();
        assert!(longest.unwrap_or_default() <= MAX_TEXT);
        assert!(entry.title.value.len() <= MAX_SHORT);
        let source = entry
            .source
            .iter()
            .flat_map(|it| [Some(&it.id), it.self_url.as_ref()]);
        let addresses = [&entry.id, &entry.url, &entry.image]
            .into_iter()
            .map(Option::as_ref);
        let longest = addresses.chain(source).flatten().map(String::len).max();
        assert!(longest.unwrap_or_default() <= MAX_ADDRESS);
        let parts = [
            entry.authors.len(),
            entry.categories.len(),
            entry.enclosures.len(),
        ];
        assert!(parts.into_iter().all(|it| it <= MAX_PARTS));
    }
    let id = FeedId::new("fuzz");
    let origin = Origin {
        feed: &id,
        url: document.url,
        language: None,
        now: NOW,
        identity: IdentityBy::Auto,
        url_rules: &UrlRules::default(),
    };
    assert!(normalize(&feed, &origin).entries.len() <= feed.entries.len());
});

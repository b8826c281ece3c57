//! Any bytes are a feed or none, the same each time, and nothing in it is over its limit.
#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use merganser::model::{FeedId, IdentityBy};
use merganser::normalize::{Origin, normalize};
use merganser::parse::{Document, MAX_ENTRIES, ParseError, parse};

/// The instant of the poll.
const NOW: Timestamp = Timestamp::constant(1_764_000_000, 0);

/// Longest text that is taken; title, summary and content may each have it.
const MAX_TEXT: usize = 512 * 1024;

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
    }
    let id = FeedId::new("fuzz");
    let origin = Origin {
        feed: &id,
        url: document.url,
        language: None,
        now: NOW,
        identity: IdentityBy::Auto,
    };
    assert!(normalize(&feed, &origin).entries.len() <= feed.entries.len());
});

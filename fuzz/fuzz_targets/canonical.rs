//! Whatever is written becomes a document that feed-rs reads, or is no feed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::parse::fuzzing::canonical;
use merganser::parse::{Document, ParseError, parse};

fuzz_target!(|text: &str| {
    let Ok(xml) = canonical(text) else { return };
    let document = Document {
        bytes: xml.as_bytes(),
        charset: None,
        url: "",
    };
    let again = parse(&document);
    assert!(
        !matches!(again, Err(ParseError::Broken(_) | ParseError::Panicked(_))),
        "{again:?}"
    );
});

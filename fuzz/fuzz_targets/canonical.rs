//! Whatever is written becomes a document that feed-rs reads as it stands, or is no feed.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::parse::fuzzing::canonical;

fuzz_target!(|text: &str| {
    let Ok(xml) = canonical(text) else { return };
    let parser = feed_rs::parser::Builder::new()
        .sanitize_content(false)
        .id_generator(|_, _, _| String::new())
        .build();
    let read = parser.parse(xml.as_bytes());
    assert!(read.is_ok(), "{read:?}: {xml:?}");
});

//! Any bytes, under any charset that HTTP may name, are characters that XML allows.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::parse::fuzzing::characters;
use merganser::text::is_forbidden_in_xml;

/// What the response may say, by the first byte of the input.
const CHARSETS: [Option<&str>; 8] = [
    None,
    Some("utf-8"),
    Some("utf_8"),
    Some("windows-1251"),
    Some("cp1252"),
    Some("shift_jis"),
    Some("iso-2022-jp"),
    Some("utf-16le"),
];

fuzz_target!(|input: (u8, &[u8])| {
    let (choice, bytes) = input;
    let http = CHARSETS[usize::from(choice) % CHARSETS.len()];
    let text = characters(bytes, http);
    assert!(!text.contains(is_forbidden_in_xml));
    assert_eq!(text, characters(bytes, http));
    // What is UTF-8 and says nothing else is read as it stands: twice is once.
    assert_eq!(text, characters(text.as_bytes(), Some("utf-8")));
});

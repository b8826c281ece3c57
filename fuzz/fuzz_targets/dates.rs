//! Any text is a date or none, and a date that is read is read again as it is written.
#![no_main]

use libfuzzer_sys::fuzz_target;
use merganser::parse::fuzzing::date;

fuzz_target!(|text: &str| {
    if let Some(instant) = date(text) {
        assert_eq!(date(&instant.to_string()), Some(instant), "{text:?}");
        let year = instant.to_string();
        assert!(year.starts_with("19") || year.starts_with("20") || year.starts_with("2100"));
    }
});

//! Texts and what they say.

mod forms;
mod languages;
mod nonsense;
mod properties;

use super::*;

/// Checks each text against the instant that it names, in RFC 3339.
fn check(table: &[(&str, &str)]) {
    for (text, expected) in table {
        let read = parse(text).map(|it| it.to_string());
        assert_eq!(read.as_deref(), Some(*expected), "{text}");
    }
}

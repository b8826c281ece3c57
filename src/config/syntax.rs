//! Faults of text that is not TOML.

use super::problem::{Code, Fault};
use super::reading::Reading;
use toml::de::Error;

/// Reports what the TOML parser found wrong. What a value was meant to be is not repeated: it may be a
/// secret (S7).
pub(super) fn report(errors: &[Error], text: &str, reading: &mut Reading<'_>) {
    for error in errors {
        let span = error.span().unwrap_or_default();
        let help = if is_unquoted(text, span.start) {
            "put text in quotes: `key = \"text\"`"
        } else {
            "the rest of the file is checked once all of it is TOML"
        };
        reading.report(span, Fault::new(Code::Syntax, error.message(), help));
    }
}

/// Tells whether the value around `offset` looks like a string whose quotes were forgotten.
fn is_unquoted(text: &str, offset: usize) -> bool {
    /// Lines longer than that are not looked at whole, so that many faults in one cost little.
    const WINDOW: usize = 200;
    let from = text.floor_char_boundary(offset.saturating_sub(WINDOW));
    let to = text.floor_char_boundary(offset.saturating_add(WINDOW));
    let before = text.get(from..offset).unwrap_or_default();
    let after = text.get(offset..to).unwrap_or_default();
    let start = before.rfind('\n').map_or(from, |end| from + end + 1);
    let end = after.find(['\r', '\n']).map_or(to, |end| offset + end);
    let line = text.get(start..end).unwrap_or_default();
    let value = line.split_once('=').map(|(_, value)| value.trim());
    let plain = |c: char| c.is_alphanumeric() || "-.:/*@ ".contains(c);
    value.is_some_and(|value| !value.is_empty() && value.chars().all(plain))
}

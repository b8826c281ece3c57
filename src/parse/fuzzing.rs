//! The inner steps of this stage, each for its fuzz target in `fuzz/`. No part of the interface.

use super::defects::Defects;
use super::{ParseError, charset, dates, doctype, guarded, repair};
use jiff::Timestamp;

/// Returns the characters of a document.
pub fn characters(bytes: &[u8], http: Option<&str>) -> String {
    charset::decode(bytes, http, &mut Defects::default()).into_owned()
}

/// Returns the document that feed-rs is given in place of `text`.
///
/// # Errors
/// As [`super::parse`].
pub fn canonical(text: &str) -> Result<String, ParseError> {
    guarded(|| {
        let defects = &mut Defects::default();
        let text = doctype::resolve(text, defects);
        repair::repair(&text, None, defects).map(|repaired| repaired.xml)
    })
}

/// Returns the instant that a text names.
pub fn date(text: &str) -> Option<Timestamp> {
    dates::parse(text)
}

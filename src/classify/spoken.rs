//! The language that rules take an entry to be in.
//!
//! What the entry or its feed says, or else feeds.toml of its feed; where none of them says one, what its words tell
//! ([`guess_language`]). That is told anew whenever somebody asks, and not kept: so an entry is judged alike when it
//! comes and when rules change, whatever version stored it, and readers are told of no language that nobody said.

use crate::model::Entry;
use crate::text::guess_language;
use std::fmt;

/// Tag of a text that says that its language is not known.
const UNDETERMINED: &str = "und";

/// A language and who says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spoken<'e> {
    /// Its tag; `None` where nothing tells it.
    pub tag: Option<&'e str>,
    /// Whether only the words of the entry tell it.
    pub is_guessed: bool,
}

/// Returns a tag that says a language.
pub fn said(tag: Option<&str>) -> Option<&str> {
    tag.filter(|tag| !tag.is_empty() && !tag.eq_ignore_ascii_case(UNDETERMINED))
}

/// Returns the language that an entry is in.
pub fn spoken(entry: &Entry) -> Spoken<'_> {
    said_or(entry, || guess(entry))
}

/// Returns the language that an entry is in, given how to find out what its words tell.
pub(super) fn said_or(entry: &Entry, guess: impl FnOnce() -> Option<&'static str>) -> Spoken<'_> {
    let tag = said(entry.language.as_deref());
    if tag.is_some() {
        return Spoken {
            tag,
            is_guessed: false,
        };
    }
    let tag = guess();
    Spoken {
        tag,
        is_guessed: tag.is_some(),
    }
}

/// Returns the language that the words of an entry tell.
pub(super) fn guess(entry: &Entry) -> Option<&'static str> {
    guess_language(&entry.title, body(entry))
}

/// Returns the text of an entry beside its title, the longer where there are two.
fn body(entry: &Entry) -> &str {
    let (summary, content) = (&entry.summary_text, &entry.content_text);
    if summary.len() > content.len() {
        summary
    } else {
        content
    }
}

impl fmt::Display for Spoken<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.tag.unwrap_or("none that it says or its words tell"))?;
        if self.is_guessed {
            f.write_str(", guessed from its words")?;
        }
        Ok(())
    }
}

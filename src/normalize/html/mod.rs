//! Safe HTML and its plain text, from whatever a publisher sent (S14, U9).
//!
//! Two readers, one writer:
//!
//! - `read.rs` reads markup that is plainly well formed: elements of the allow-list, nested as a browser
//!   would nest them. That is most of what feeds carry, and costs a few microseconds.
//! - All else goes through `ammonia`, a full HTML parser, first; what it gives is read the same way.
//! - `write.rs` alone writes output, element by element and attribute by attribute, from the table in
//!   `allow.rs`. So every `<` in it is ours, and neither reader can let anything past the table.
//!
//! Pictures are made plain while they are written: `lazy.rs` puts the address in its place that waits for
//! a script, `noscript.rs` reads what stands there for those without scripts, `pictures.rs` shows either
//! of both once, and `pixel.rs` knows those that are there to count readers.
//!
//! For markup that the strict reader takes, both ways give the same bytes (a property test holds it).
//! Sanitising once more changes nothing. `bound.rs` keeps markup that would cost a full parser more than
//! linear time away from it; of such a text only the plain text is kept.
//!
//! Rejected: a sanitiser of our own for everything (mending tag soup as browsers do is a large standard),
//! and `ammonia` for everything (slower, for the same bytes).

mod allow;
mod base;
mod bound;
mod lazy;
mod noscript;
mod pictures;
mod pixel;
mod read;
mod source_set;
mod write;

use super::chars::{push_collapsed, without_unwanted};
use super::plain::{self, after_end, is_named};
use crate::model::{Text, TextKind};
use crate::text::cut;
use allow::{AMMONIA, WITH_CONTENT};
pub(super) use base::Base;
use read::Nesting;
use write::{Writer, push_escaped};

/// Longer texts are cut (S12): books are not entries, and one feed must not fill the store.
const MAX_SOURCE_BYTES: usize = 512 * 1024;

/// How often markup goes through the full parser to settle.
const MAX_PARSES: usize = 3;

/// A text in both forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup {
    /// Sanitised HTML, balanced, with absolute addresses; a fragment of flow content.
    pub(super) html: String,
    /// Its plain text, white space collapsed.
    pub(super) text: String,
}

/// Returns a publisher's text as safe HTML and as plain text.
///
/// A plain text becomes escaped HTML, its blank lines paragraphs. At most 512 KiB are looked at.
pub(super) fn sanitise(text: &Text, base: &Base<'_>) -> Markup {
    let source = without_unwanted(cut(&text.value, MAX_SOURCE_BYTES));
    match text.kind {
        TextKind::Plain => from_plain(&source),
        TextKind::Html => from_html(&source, base),
    }
}

/// Sanitises markup by the cheapest reader that is right for it.
fn from_html(source: &str, base: &Base<'_>) -> Markup {
    if let Some(markup) = read(source, base, Nesting::strict()) {
        return markup;
    }
    if bound::is_costly(source) {
        return text_only(source);
    }
    by_ammonia(source, base).unwrap_or_else(|| text_only(source))
}

/// Sanitises by the full parser.
///
/// What links and tables make of each other may be read otherwise the second time: such markup settles
/// by being parsed until its order is one that no parser changes, or as often as is reasonable.
fn by_ammonia(source: &str, base: &Base<'_>) -> Option<Markup> {
    let mut clean = AMMONIA.clean(&noscript::marked(source)).to_string();
    for _ in 1..MAX_PARSES {
        if let Some(markup) = read_parsed(&clean, base, Nesting::settled()) {
            return Some(markup);
        }
        clean = AMMONIA.clean(&noscript::unmarked(&clean)).to_string();
    }
    read_parsed(&clean, base, Nesting::any())
}

/// Reads what the parser gave, without the characters that it brought back from references.
fn read_parsed(clean: &str, base: &Base<'_>, nesting: Nesting) -> Option<Markup> {
    read(&without_unwanted(clean), base, nesting)
}

/// Reads markup in the strict grammar and writes it anew.
fn read(source: &str, base: &Base<'_>, nesting: Nesting) -> Option<Markup> {
    let mut writer = Writer::new(base, source.len());
    read::read(source, nesting, &mut writer)?;
    Some(writer.finish())
}

/// Keeps only the text of markup that is not worth a parser.
fn text_only(source: &str) -> Markup {
    from_plain(&plain::text(&without_unseen(source)))
}

/// Returns markup without the elements whose content is no text, such as scripts; one that is not closed
/// takes the rest with it, as in a browser.
fn without_unseen(source: &str) -> String {
    let mut seen = String::with_capacity(source.len());
    let mut rest = source;
    while let Some((before, tag)) = rest.split_once('<') {
        seen.push_str(before);
        let unseen = WITH_CONTENT.iter().find(|name| is_named(tag, name));
        rest = unseen.map_or(tag, |name| after_end(tag, name).unwrap_or_default());
        seen.push(if unseen.is_some() { ' ' } else { '<' });
    }
    seen.push_str(rest);
    seen
}

/// Makes HTML of characters that stand for themselves.
fn from_plain(source: &str) -> Markup {
    let source = source.trim();
    let mut markup = Markup::default();
    source
        .chars()
        .for_each(|c| push_collapsed(c, &mut markup.text));
    if !source.contains('\n') {
        push_escaped(source, &mut markup.html);
        return markup;
    }
    for paragraph in source
        .split("\n\n")
        .map(str::trim)
        .filter(|p| !p.is_empty())
    {
        markup.html.push_str("<p>");
        for (at, line) in paragraph.lines().enumerate() {
            markup.html.push_str(if at > 0 { "<br>" } else { "" });
            push_escaped(line, &mut markup.html);
        }
        markup.html.push_str("</p>");
    }
    markup
}

#[cfg(test)]
mod tests;

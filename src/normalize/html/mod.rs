//! Safe HTML and its plain text, from whatever a publisher sent (S14, U9).
//!
//! Two readers, one writer:
//!
//! - `read.rs` reads markup that is plainly well formed: elements of the allow-list, nested as a browser
//!   would nest them. That is most of what feeds carry, and costs a few microseconds.
//! - All else goes through `ammonia`, a full HTML parser, first; what it gives is read the same way
//!   (`settle.rs`).
//! - `write.rs` alone writes output, element by element and attribute by attribute, from the table in
//!   `allow.rs`. So every `<` in it is ours, and neither reader can let anything past the table.
//!
//! Pictures are made plain while they are written: `lazy.rs` puts the address in its place that waits for
//! a script, `noscript.rs` reads what stands there for those without scripts, `pictures.rs` shows either
//! of both once, and `pixel.rs` knows those that are there to count readers.
//!
//! For markup that the strict reader takes, both ways give the same bytes (a property test holds it).
//! Sanitising once more changes nothing. `bound.rs` keeps markup that would cost a full parser more than
//! linear time away from it, and `Writer` ends where a field is full; of such a text only the plain text is
//! kept.
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
mod settle;
mod source_set;
mod write;

use super::chars::{push_collapsed, without_unwanted};
use super::plain::{self, after_end, is_named};
use crate::model::{Text, TextKind};
use crate::text::cut;
use allow::WITH_CONTENT;
pub(super) use base::Base;
use read::Nesting;
use write::{Writer, push_escaped};

/// Longer texts are cut, before they are read and after they are written (S12): books are not entries, and
/// one feed must not fill the store. One limit for both, so that what was written is read as a whole.
pub(super) const MAX_BYTES: usize = 512 * 1024;

/// What it takes to write one character at worst, in bytes: `&amp;`.
const MAX_CHARACTER_BYTES: usize = 5;

/// A text in both forms.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Markup {
    /// Sanitised HTML, balanced, with absolute addresses; a fragment of flow content.
    pub(super) html: String,
    /// Its plain text, white space collapsed.
    pub(super) text: String,
}

/// Returns a publisher's text as safe HTML and as plain text, at most 512 KiB of each.
///
/// A plain text becomes escaped HTML, its blank lines paragraphs. At most 512 KiB are looked at; of markup
/// that would become longer only the text is kept, for a cut might part what belongs together.
pub(super) fn sanitise(text: &Text, base: &Base<'_>) -> Markup {
    sanitise_within(MAX_BYTES, text, base)
}

/// As [`sanitise`], with `limit` bytes for 512 KiB.
fn sanitise_within(limit: usize, text: &Text, base: &Base<'_>) -> Markup {
    let source = without_unwanted(cut(&text.value, limit));
    base.begin(source.len());
    match text.kind {
        TextKind::Plain => from_plain(&source, limit),
        TextKind::Html => from_html(&source, base, limit),
    }
}

/// Sanitises markup by the cheapest reader that is right for it.
fn from_html(source: &str, base: &Base<'_>, limit: usize) -> Markup {
    let parsed = match read(source, base, Nesting::strict(), limit) {
        Ok(markup) => return markup,
        Err(Refusal::Length) => None,
        Err(Refusal::Grammar) if bound::is_costly(source) => None,
        Err(Refusal::Grammar) => settle::by_ammonia(source, base, limit),
    };
    parsed.unwrap_or_else(|| text_only(source, limit))
}

/// Why markup was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Refusal {
    /// It is not in the grammar, or not in the order that was asked for.
    Grammar,
    /// What is written of it is too long.
    Length,
}

/// Reads markup in the strict grammar and writes it anew.
fn read(source: &str, base: &Base<'_>, nesting: Nesting, limit: usize) -> Result<Markup, Refusal> {
    let mut writer = Writer::new(base, source.len(), limit);
    let done = read::read(source, nesting, &mut writer);
    if writer.is_full() {
        return Err(Refusal::Length);
    }
    done.ok_or(Refusal::Grammar)?;
    Ok(writer.finish())
}

/// Keeps only the text of markup that is not worth a parser.
fn text_only(source: &str, limit: usize) -> Markup {
    from_plain(&plain::text(&without_unseen(source)), limit)
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

/// Makes HTML of characters that stand for themselves, as many as there is room for.
fn from_plain(source: &str, limit: usize) -> Markup {
    let source = cut_to_write(source.trim(), limit).trim_end();
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

/// Returns the beginning of a plain text that surely has room when it is written as HTML.
fn cut_to_write(source: &str, limit: usize) -> &str {
    let mut room = limit.saturating_sub("<p></p>".len());
    if source.len() <= room / MAX_CHARACTER_BYTES {
        return source;
    }
    let full = source.char_indices().find(|&(_, c)| {
        let left = room.checked_sub(match c {
            '&' => MAX_CHARACTER_BYTES,
            // `&lt;`; `<br>`, and for two of them `</p><p>`.
            '<' | '>' | '\n' => 4,
            _ => c.len_utf8(),
        });
        room = left.unwrap_or_default();
        left.is_none()
    });
    full.map_or(source, |(at, _)| cut(source, at))
}

#[cfg(test)]
mod tests;

//! Character data as it is written to the characters that it means.
//!
//! CDATA sections are unwrapped, comments dropped, references resolved once. What is no reference stays
//! as it stands, so a bare `&` harms nothing. Named references are those of HTML: feeds use `&nbsp;`
//! without declaring it. Entities that a DTD declares were resolved before (`doctype.rs`).

use crate::text::{is_forbidden_in_xml, reference, surrogate_pair};
use encoding_rs::WINDOWS_1252;
use memchr::{memchr2, memmem};
use std::borrow::Cow;
use std::ops::RangeInclusive;

/// Bytes that begin a sequence of several bytes in UTF-8 (RFC 3629, 4).
const UTF_8_LEADS: RangeInclusive<u8> = 0xC2..=0xF4;

/// Bytes that go on with one.
const UTF_8_CONTINUATIONS: RangeInclusive<u8> = 0x80..=0xBF;

/// Returns the characters of raw XML content, trimmed, and put right where they were encoded twice; tags
/// in it stay as they are.
pub(super) fn decode(raw: &str) -> Cow<'_, str> {
    let text = unwrapped(literal(raw));
    if text.is_ascii() {
        return text;
    }
    match twice_encoded(&text) {
        Some(text) => Cow::Owned(text),
        None => text,
    }
}

/// Takes away a CDATA section that was escaped as if it were text.
fn unwrapped(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(sole_section(text).map_or(text, str::trim)),
        Cow::Owned(text) => match sole_section(&text) {
            Some(inside) => Cow::Owned(inside.trim().to_owned()),
            None => Cow::Owned(text),
        },
    }
}

/// Returns the characters of raw XML content, trimmed: an id, which is what its publisher wrote, however
/// odd it looks. White space around it is the layout of the markup.
pub(super) fn literal(raw: &str) -> Cow<'_, str> {
    characters(raw.trim())
}

/// UTF-8 that somebody took for Latin-1 or windows-1252 and encoded once more (`Ã©` for `é`, `â€“` for
/// `–`), put right.
///
/// All of it must be UTF-8, byte for byte, and some of it must be more than a capital before a quote: words
/// end in `É’` and `Ã…`, too, and each is a character of UTF-8 by chance.
fn twice_encoded(text: &str) -> Option<String> {
    // Most texts are settled by their first character beyond ASCII and the one after it.
    let mut first = text.chars().skip_while(char::is_ascii).map(single_byte);
    let begins =
        |byte: Option<u8>, range: RangeInclusive<u8>| byte.is_some_and(|it| range.contains(&it));
    if !begins(first.next()?, UTF_8_LEADS) || !begins(first.next()?, UTF_8_CONTINUATIONS) {
        return None;
    }
    let bytes: Option<Vec<u8>> = text.chars().map(single_byte).collect();
    let mended = String::from_utf8(bytes?).ok()?;
    let is_sound = !mended.contains(is_forbidden_in_xml) && is_telling(text);
    is_sound.then_some(mended)
}

/// What stands behind a word in any language.
const PUNCTUATION: &str = "’‘“”„‚…™®©»«\u{a0}–—ºª·:,";

/// Tells whether a sequence of some twice encoded text is one that nobody writes: a letter before another
/// than punctuation, or one of those that stand for the marks and accents of half of Europe (`Â`, `Ã`, `â`).
/// Of these only `Ã` ends words, in Portuguese, and only in capitals it is written so.
fn is_telling(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let at = |index: usize| chars.get(index).copied();
    (0..chars.len()).any(|index| {
        let (Some(lead), Some(next)) = (at(index), at(index + 1)) else {
            return false;
        };
        if lead.is_ascii() || next.is_ascii() {
            return false;
        }
        let before = index.checked_sub(1).and_then(at);
        let ends_capitals = before.is_some_and(char::is_uppercase)
            && !at(index + 2).is_some_and(char::is_alphabetic);
        let is_customary = matches!(lead, 'Â' | 'â') || (lead == 'Ã' && !ends_capitals);
        is_customary || !PUNCTUATION.contains(next)
    })
}

/// Returns the byte that a character is in windows-1252, or in Latin-1 where that has none (C1).
fn single_byte(c: char) -> Option<u8> {
    u8::try_from(c).ok().or_else(|| {
        let mut utf_8 = [0; 4];
        let (bytes, _, is_lossy) = WINDOWS_1252.encode(c.encode_utf8(&mut utf_8));
        bytes.first().copied().filter(|_| !is_lossy)
    })
}

fn characters(raw: &str) -> Cow<'_, str> {
    if let Some(text) = sole_section(raw) {
        return Cow::Borrowed(text.trim());
    }
    if memchr2(b'<', b'&', raw.as_bytes()).is_none() {
        return Cow::Borrowed(raw);
    }
    let mut text = String::with_capacity(raw.len());
    push_content(raw, &mut text);
    match text.trim() {
        trimmed if trimmed.len() == text.len() => Cow::Owned(text),
        trimmed => Cow::Owned(trimmed.to_owned()),
    }
}

/// Returns raw XHTML content as HTML source: references stay, CDATA becomes references.
pub(super) fn markup(raw: &str) -> Cow<'_, str> {
    let raw = raw.trim();
    let Some((before, section)) = raw.split_once("<![CDATA[") else {
        return Cow::Borrowed(raw);
    };
    let mut text = before.to_owned();
    for (nth, part) in section.split("<![CDATA[").enumerate() {
        let (inside, outside) = part.split_once("]]>").unwrap_or((part, ""));
        if nth == 0 && before.is_empty() {
            text.push_str(inside); // the whole of it was wrapped: it is the markup itself
        } else {
            push_escaped(inside, &mut text);
        }
        text.push_str(outside);
    }
    Cow::Owned(text)
}

/// Returns the characters of a short HTML text without its tags, for a title of a feed.
pub(super) fn plain(html: &str) -> String {
    let mut parts = html.split('<');
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        match part.split_once('>') {
            Some((tag, outside)) if tag.starts_with(is_tag_start) => {
                text.push_str(outside);
            }
            _ => {
                text.push('<');
                text.push_str(part);
            }
        }
    }
    decode(&text).into_owned()
}

/// Tells whether a `<` before `c` begins a tag, a declaration or an instruction.
fn is_tag_start(c: char) -> bool {
    c.is_alphabetic() || matches!(c, '/' | '!' | '?')
}

/// Tells whether raw content is markup: holds tags that are not wrapped in CDATA, and no fewer of them than
/// of escaped ones, beside which a stray `<br/>` means nothing.
pub(super) fn has_tags(raw: &str) -> bool {
    if raw.trim_start().starts_with("<![CDATA[") {
        return false; // as most do; what may follow the section is not worth a look at all of it
    }
    let is_name = |it: &str| it.starts_with(|c: char| c.is_ascii_alphabetic());
    let mut tags = 0;
    let mut rest = raw;
    while let Some((_, markup)) = rest.split_once('<') {
        tags += usize::from(is_name(markup));
        let past = |end| markup.split_once(end).map_or("", |(_, after)| after);
        rest = match markup {
            _ if markup.starts_with("![CDATA[") => past("]]>"),
            _ if markup.starts_with("!--") => past("-->"),
            _ => markup,
        };
    }
    tags > 0 && raw.split("&lt;").skip(1).filter(|it| is_name(it)).count() <= tags
}

/// Returns plain text with its references by number resolved: of five JSON feeds that were captured two have some in their
/// titles, which the specification has as plain text. Nobody but a lesson of HTML writes one to be read as it stands; `&amp;` and
/// its like may be told of.
pub(super) fn without_numbers(text: &str) -> Cow<'_, str> {
    if !text.contains("&#") {
        return Cow::Borrowed(text);
    }
    let mut out = String::with_capacity(text.len());
    push_references_of(text, |after| after.starts_with('#'), &mut out);
    Cow::Owned(out)
}

/// Appends `text` with `&`, `<`, `>` and `"` as references.
pub(super) fn push_escaped(text: &str, out: &mut String) {
    const SPECIAL: [char; 4] = ['&', '<', '>', '"'];
    for part in text.split_inclusive(SPECIAL) {
        out.push_str(part.strip_suffix(SPECIAL).unwrap_or(part));
        out.push_str(match part.chars().next_back() {
            Some('&') => "&amp;",
            Some('<') => "&lt;",
            Some('>') => "&gt;",
            Some('"') => "&quot;",
            _ => "",
        });
    }
}

/// The content of a text that is one CDATA section and nothing else.
fn sole_section(raw: &str) -> Option<&str> {
    let inside = raw.strip_prefix("<![CDATA[")?.strip_suffix("]]>")?;
    memmem::find(inside.as_bytes(), b"]]>")
        .is_none()
        .then_some(inside)
}

/// Sections cannot be nested (XML 1.0, 2.7), and are: the end of an inner one, left over, is no text.
fn push_content(raw: &str, out: &mut String) {
    let mut rest = raw;
    let mut left_over = 0;
    while let Some((text, after)) = rest.split_once('<') {
        push_outside(text, &mut left_over, out);
        rest = after;
        if let Some(section) = after.strip_prefix("![CDATA[") {
            let (inside, outside) = section.split_once("]]>").unwrap_or((section, ""));
            for (nth, part) in inside.split("<![CDATA[").enumerate() {
                left_over += usize::from(nth > 0);
                out.push_str(part);
            }
            rest = outside;
        } else if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->").map_or("", |(_, outside)| outside);
        } else {
            out.push('<');
        }
    }
    push_outside(rest, &mut left_over, out);
}

/// Appends text outside sections, without so many ends of sections as are left over.
fn push_outside(text: &str, left_over: &mut usize, out: &mut String) {
    let mut rest = text;
    while *left_over > 0
        && let Some((before, after)) = rest.split_once("]]>")
    {
        *left_over -= 1;
        push_references(before, out);
        rest = after;
    }
    push_references(rest, out);
}

fn push_references(text: &str, out: &mut String) {
    push_references_of(text, |_| true, out);
}

/// The same with those references alone of which `is_one` tells so by what follows their `&`.
fn push_references_of(text: &str, is_one: impl Fn(&str) -> bool, out: &mut String) {
    let mut rest = text;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        if let Some((c, after)) = surrogate_pair(after).filter(|_| is_one(after)) {
            out.push(c);
            rest = after;
            continue;
        }
        let Some(found) = reference(after).filter(|_| is_one(after)) else {
            out.push('&');
            rest = after;
            continue;
        };
        out.extend(found.first.into_iter().chain(found.second));
        rest = found.rest;
    }
    out.push_str(rest);
}

//! What may stand in a published text, and how it is escaped.
//!
//! Articles come clean from `normalize`, yet this is the last wall before readers whose XML parser gives
//! up at one bad byte: whatever is written passes [`clean`] (S13), here or inside the writers.

use crate::text::{is_bidi_control, is_unwanted};
use std::borrow::Cow;

/// Tells whether a document may hold `c`.
///
/// Out are those that XML forbids or no reader wants, U+FFFD, which validators take for an encoding gone
/// wrong, and CR, which no parser hands on as it was written.
pub(super) fn is_allowed(c: char) -> bool {
    // Most are: that is seen at once.
    matches!(c, ' '..='~') || !is_unwanted(c) && !matches!(c, '\r' | '\u{FFFD}')
}

/// Returns `text` without the characters that no document may hold.
pub(super) fn clean(text: &str) -> Cow<'_, str> {
    if all_bytes(text, is_printable_or_break) || text.chars().all(is_allowed) {
        Cow::Borrowed(text)
    } else {
        Cow::Owned(text.chars().filter(|&c| is_allowed(c)).collect())
    }
}

/// Returns `text` as one line: clean, white space collapsed, no control of writing direction (S13).
pub(super) fn line(text: &str) -> String {
    // Most are one line already: that is seen at once.
    let inner = text.trim_matches(' ');
    if all_bytes(inner, is_printable) && !inner.contains("  ") {
        return inner.to_owned();
    }
    let mut line = String::with_capacity(text.len());
    let mut is_apart = false;
    for c in text.chars() {
        if c.is_whitespace() {
            is_apart = true;
        } else if is_allowed(c) && !is_bidi_control(c) {
            if is_apart && !line.is_empty() {
                line.push(' ');
            }
            is_apart = false;
            line.push(c);
        }
    }
    line
}

/// Returns a person's name as one line without angle brackets: `Ann <ann@example.org>` would be taken
/// for markup or for a mail address in the wrong place.
pub(super) fn name(text: &str) -> String {
    line(&text.replace('<', "(").replace('>', ")"))
}

/// Returns the first words of sanitised HTML as one line of at most so many characters; empty when there are none.
pub(super) fn excerpt(html: &str, most: usize) -> String {
    // Bytes are counted before references are read and blanks made one: a character has four at most, a reference six.
    // Whoever writes more blanks than words has fewer words shown.
    shortened(&words(html, most * 8, BETWEEN), most)
}

/// Returns the words of sanitised HTML as one line.
pub(super) fn plain(html: &str) -> String {
    words(html, usize::MAX, " ")
}

/// What stands between two blocks of an excerpt, such as a heading and what it is above, where no mark parts them already.
const BETWEEN: &str = " · ";

/// Returns the first words of sanitised HTML as one line, from its beginning up to about so many bytes. Blocks are parted
/// by `between` where no mark of theirs does it.
fn words(html: &str, most: usize, between: &str) -> String {
    let (mut text, mut read, mut is_parted) = (String::new(), 0_usize, false);
    for (index, piece) in html.split('<').enumerate() {
        // Tags separate words. Sanitised HTML has no `<` or `>` but around its tags.
        let (tag, words) = if index == 0 {
            ("", piece)
        } else {
            piece.split_once('>').unwrap_or_default()
        };
        is_parted |= is_of_block(tag);
        let words = line(&decoded(words));
        // Editors write empty paragraphs with characters that nobody sees: nothing is parted from them.
        if !words.chars().all(is_unseen) {
            let joint = match (text.is_empty(), is_parted) {
                (true, _) => "",
                (false, true) => mark(&text, &words, between),
                (false, false) => " ",
            };
            text.extend([joint, &words]);
            is_parted = false;
        }
        read = read.saturating_add(piece.len());
        if read > most {
            break;
        }
    }
    text
}

/// Returns what stands between two blocks.
fn mark<'a>(text: &str, words: &str, between: &'a str) -> &'a str {
    if ends_with_mark(text) || begins_with_mark(words) {
        " "
    } else {
        between
    }
}

/// Tells whether a character shows nothing: spaces, soft hyphens, and what joins, parts or turns letters.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{AD}' | '\u{34F}' | '\u{200B}'..='\u{200F}' | '\u{2060}'..='\u{2064}')
        || c.is_whitespace()
}

/// Tells whether a tag begins or ends a block, or is a rule between two.
fn is_of_block(tag: &str) -> bool {
    let tag = tag.strip_prefix('/').unwrap_or(tag);
    let name = tag.split([' ', '/']).next().unwrap_or_default();
    BLOCKS.contains(&name)
}

/// Those that hold words; one that holds only such is parted by them.
const BLOCKS: [&str; 29] = [
    "address",
    "article",
    "aside",
    "blockquote",
    "caption",
    "dd",
    "details",
    "div",
    "dt",
    "figcaption",
    "figure",
    "footer",
    "h1",
    "h2",
    "h3",
    "h4",
    "h5",
    "h6",
    "header",
    "hr",
    "li",
    "nav",
    "p",
    "pre",
    "section",
    "summary",
    "td",
    "th",
    "tr",
];

/// Marks that part what follows from what comes before, at the end of the one as at the beginning of the other.
const BULLETS: [char; 10] = ['·', '•', '‣', '◦', '▪', '●', '■', '–', '—', '―'];

/// Tells whether a text ends with a mark that parts it from what follows.
fn ends_with_mark(text: &str) -> bool {
    let text = text.trim_end_matches(is_unseen);
    ends_sentence(text) || text.ends_with([',', ';', ':', '：']) || text.ends_with(BULLETS)
}

/// Tells whether a text begins with a mark that parts it from what comes before, as where a list was typed by hand.
fn begins_with_mark(text: &str) -> bool {
    let text = text.trim_start_matches(is_unseen);
    // A minus belongs to its number.
    text.starts_with(BULLETS) || text.starts_with("- ") || text.starts_with("* ")
}

/// Tells whether a text ends as a sentence does.
pub(super) fn ends_sentence(text: &str) -> bool {
    // “ and ‘ end a quotation in German, « and ‹ do where it points inwards.
    const CLOSING: [char; 13] = [
        '"', '”', '“', '’', '‘', '»', '«', '›', '‹', '」', '』', ')', ']',
    ];
    const ENDS: [char; 9] = ['.', '!', '?', '…', '。', '！', '？', '।', '؟'];
    text.trim_end_matches(CLOSING).ends_with(ENDS)
}

/// Returns the addresses of the pictures in sanitised HTML, in order.
pub(super) fn pictures(html: &str) -> impl Iterator<Item = String> {
    let tags = html.split('<').skip(1);
    tags.filter_map(|tag| {
        let tag = tag.strip_prefix("img ")?.split('>').next()?;
        let source = tag.strip_prefix("src=\"");
        let source = source.or_else(|| Some(tag.split_once(" src=\"")?.1))?;
        Some(decoded(source.split_once('"')?.0))
    })
}

/// Cuts after so many characters at a word where there is one.
fn shortened(line: &str, most: usize) -> String {
    let Some((cut, _)) = line.char_indices().nth(most) else {
        return line.to_owned();
    };
    let head = line.get(..cut).unwrap_or(line);
    let words = head.rsplit_once(' ').map_or(head, |(words, _)| words);
    let words = words.strip_suffix(BETWEEN.trim_end()).unwrap_or(words);
    format!("{words}…")
}

/// Undoes the escapes that an HTML serialiser writes; sanitised HTML has no others.
fn decoded(html: &str) -> String {
    html.replace("&nbsp;", " ")
        .replace("&lt;", "<")
        .replace("&gt;", ">")
        .replace("&quot;", "\"")
        .replace("&amp;", "&")
}

/// Returns a line as Atom, RSS and OPML have it: with a space in what looks like an end tag, `</b >` for `</b>` (U12).
///
/// Titles are plain text, and one about HTML keeps its tags as characters. In these formats an end tag is what the W3C
/// validator and feedparser take as proof that the whole title is markup after all; with the space neither does, and a reader
/// still sees the tag. JSON Feed and pages say themselves what is text, so there it stands as it was written.
pub(super) fn in_xml(line: &str) -> Cow<'_, str> {
    // Hardly any has one: a character is found faster than two.
    if !line.contains('<') {
        return Cow::Borrowed(line);
    }
    let mut parts = line.split("</");
    let mut text = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        text.push_str("</");
        match part.split_once('>') {
            Some((tag, rest)) if is_tag_name(tag) => text.extend([tag, " >", rest]),
            _ => text.push_str(part),
        }
    }
    Cow::Owned(text)
}

fn is_tag_name(text: &str) -> bool {
    !text.is_empty() && text.chars().all(|c| c.is_alphanumeric() || c == '_')
}

/// How a character is written where it would be markup; `None` when it stands for itself.
pub(super) type Escapes = fn(char) -> Option<&'static str>;

/// Escapes for plain text and attributes of XML.
///
/// Numeric, because the RSS profile asks for `&#x26;` and `&#x3C;` in titles: the named ones are what
/// publishers write who mean HTML, so readers guess wrong.
pub(super) fn numeric(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&#x26;"),
        '<' => Some("&#x3C;"),
        '>' => Some("&#x3E;"),
        '"' => Some("&#x22;"),
        _ => None,
    }
}

/// Escapes for HTML inside XML, and for the text and attributes of HTML itself: short, as there are many.
pub(super) fn named(c: char) -> Option<&'static str> {
    match c {
        '&' => Some("&amp;"),
        '<' => Some("&lt;"),
        '>' => Some("&gt;"),
        '"' => Some("&quot;"),
        '\'' => Some("&#39;"),
        _ => None,
    }
}

/// Appends `text` to `out`, escaped, without what no document may hold.
pub(super) fn escape_into(out: &mut String, text: &str, escapes: Escapes) {
    let mut plain = 0;
    let mut at = 0;
    while let Some(run) = plain_run(text, at) {
        at += run;
        let Some(c) = text.get(at..).and_then(|rest| rest.chars().next()) else {
            break;
        };
        let next = at + c.len_utf8();
        let escape = escapes(c);
        if escape.is_some() || !is_allowed(c) {
            // Runs of what stands for itself are long, and copied whole.
            out.push_str(text.get(plain..at).unwrap_or_default());
            out.push_str(escape.unwrap_or_default());
            plain = next;
        }
        at = next;
    }
    out.push_str(text.get(plain..).unwrap_or_default());
}

/// Bytes that are looked at together: pieces of a fixed length are looked through five times as fast as bytes one by one.
const AT_ONCE: usize = 32;

/// Tells whether all bytes of a text are such.
fn all_bytes(text: &str, is_such: impl Fn(u8) -> bool) -> bool {
    let (pieces, rest) = text.as_bytes().as_chunks::<AT_ONCE>();
    let mut pieces = pieces.iter();
    pieces.all(|piece| piece.iter().fold(true, |all, it| all & is_such(*it)))
        && rest.iter().all(|it| is_such(*it))
}

/// Tells whether a byte is a character of ASCII that is seen, or a space.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are asked in one step"
)]
const fn is_printable(byte: u8) -> bool {
    (byte >= b' ') & (byte <= b'~')
}

/// Tells whether a byte is that, or ends a line.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are asked in one step"
)]
const fn is_printable_or_break(byte: u8) -> bool {
    is_printable(byte) | (byte == b'\n')
}

/// Returns how many bytes from `at` on stand for themselves whatever the escapes; `None` where all the rest does. Most of a
/// text in Latin letters does.
fn plain_run(text: &str, at: usize) -> Option<usize> {
    let rest = text.as_bytes().get(at..)?;
    // In most scripts one character after the other is looked at by itself.
    if rest.first().is_some_and(|it| !is_plain(*it)) {
        return Some(0);
    }
    let (pieces, _) = rest.as_chunks::<AT_ONCE>();
    let is_whole = |piece: &&[u8; AT_ONCE]| piece.iter().fold(true, |all, it| all & is_plain(*it));
    let begin = pieces.iter().take_while(is_whole).count() * AT_ONCE;
    let run = rest.get(begin..)?.iter().position(|it| !is_plain(*it))?;
    Some(begin + run)
}

/// Tells whether a byte stands for itself whatever the escapes.
#[expect(
    clippy::needless_bitwise_bool,
    reason = "without a branch many bytes are asked in one step"
)]
const fn is_plain(byte: u8) -> bool {
    is_printable(byte)
        & (byte != b'&')
        & (byte != b'<')
        & (byte != b'>')
        & (byte != b'"')
        & (byte != b'\'')
}

#[cfg(test)]
mod tests;

//! Text constructs: what type says a text is, and how long it may be.

use super::defects::Defects;
use super::markup::{Scanner, Tag, Token};
use super::references::{decode, has_tags, markup};
use super::vocabulary::{Prefixes, Slot};
use crate::model::TextKind;
use crate::text::{cut, is_forbidden_in_xml, one_line};
use base64::Engine as _;
use base64::alphabet::STANDARD;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use std::borrow::Cow;

/// Longest title, rights statement, name or label, in bytes (S12).
pub(super) const MAX_SHORT: usize = 1024;

/// Longest summary or content, in bytes (S12).
const MAX_CONTENT: usize = 512 * 1024;

/// Longest address or id, in bytes: longer ones are left out, because a cut one would be another's.
pub(super) const MAX_ADDRESS: usize = 4096;

/// More authors, labels or media than this are left out of one entry (S12).
pub(super) const MAX_PARTS: usize = 64;

/// Holds `text` to the limit of its slot: cuts what can be cut, else returns `None`.
pub(super) fn cap<'a>(
    slot: Slot,
    text: Cow<'a, str>,
    defects: &mut Defects,
) -> Option<Cow<'a, str>> {
    let (max, can_be_cut) = match slot {
        Slot::Title | Slot::Rights => (MAX_SHORT, true),
        Slot::Summary | Slot::Content => (MAX_CONTENT, true),
        Slot::Id | Slot::Link | Slot::OriginalLink | Slot::OwnLink | Slot::Image => {
            (MAX_ADDRESS, false)
        }
        Slot::Published | Slot::Updated | Slot::Language => (MAX_SHORT, false),
    };
    if text.len() <= max {
        return Some(text);
    }
    let fate = if can_be_cut { "cut" } else { "left out" };
    defects.note("too-long", || {
        format!("a {slot:?} of {} bytes was {fate}", text.len())
    });
    let text = match text {
        Cow::Borrowed(text) => Cow::Borrowed(cut(text, max)),
        Cow::Owned(text) => Cow::Owned(cut(&text, max).to_owned()),
    };
    can_be_cut.then_some(text)
}

/// Returns at most the first [`MAX_SHORT`] bytes of a text.
pub(super) fn short(text: &str) -> &str {
    cut(text, MAX_SHORT)
}

/// Returns somebody else's text as one line, of at most a kilobyte: white space as single spaces, no control
/// characters. What a terminal obeys must not reach the operator's in a title or a fault.
pub fn line(text: &str) -> String {
    one_line(short(text))
}

/// Returns the text of an element and how to read it; `None` for content that is no text.
///
/// `type` and `mode` are those of Atom 1.0 and 0.3, spelled as leniently as they are written.
/// `untyped` is what a text without a type is, `prefixes` are those of the document.
pub(super) fn construct<'a>(
    tag: &Tag<'a>,
    raw: &'a str,
    untyped: TextKind,
    prefixes: &Prefixes<'_>,
) -> Option<(Cow<'a, str>, TextKind)> {
    let mode = tag.attribute("mode").unwrap_or_default();
    let is_inline = !mode.eq_ignore_ascii_case("escaped") && has_tags(raw);
    let declared = tag.attribute("type").unwrap_or_default();
    let declared = declared.split(';').next().unwrap_or_default().trim();
    let declared = declared.to_ascii_lowercase();
    if is_medium(&declared) {
        return None;
    }
    if mode.eq_ignore_ascii_case("base64") || is_coded(&declared) {
        let kind = match declared.as_str() {
            "text/plain" => TextKind::Plain,
            _ => TextKind::Html,
        };
        return Some((Cow::Owned(from_base64(&decode(raw))?), kind));
    }
    let kind = match declared.as_str() {
        "" if is_inline => TextKind::Html,
        "" => return Some((decode(raw), untyped)),
        markup if markup.ends_with("html") || markup.ends_with("xml") => TextKind::Html,
        _ => TextKind::Plain,
    };
    let text = match kind {
        TextKind::Html if is_inline || declared.ends_with("xhtml") => {
            as_html(unwrapped(markup(raw)), prefixes)
        }
        _ => decode(raw),
    };
    Some((text, kind))
}

/// Tells whether content of a type is for eyes or ears and no text.
fn is_medium(media_type: &str) -> bool {
    let family = media_type.split_once('/').map(|(family, _)| family);
    family.is_some_and(|it| ["image", "audio", "video", "font", "model"].contains(&it))
}

/// Tells whether content of a type is written in Base64: neither text nor XML (RFC 4287, 4.1.3.3).
fn is_coded(media_type: &str) -> bool {
    let is_other = media_type.contains('/') && !media_type.starts_with("text/");
    let is_markup = media_type.ends_with("xml") || media_type.ends_with("html");
    media_type == "base64" || (is_other && !is_markup)
}

/// Reads Base64 as it is written, wrapped and with its padding or without.
const BASE64: GeneralPurpose = GeneralPurpose::new(
    &STANDARD,
    GeneralPurposeConfig::new()
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true),
);

/// Returns the text that `raw` is in Base64; `None` when it is none, or something else than text.
fn from_base64(raw: &str) -> Option<String> {
    let coded: String = raw.split_ascii_whitespace().collect();
    let text = String::from_utf8(BASE64.decode(coded).ok()?).ok()?;
    let text = text.trim();
    (!text.is_empty() && !text.contains(is_forbidden_in_xml)).then(|| text.to_owned())
}

/// Takes the `div` away that Atom puts around XHTML (RFC 4287, 3.1.1.3), and the prefix that it and the
/// elements in it may carry.
fn unwrapped(markup: Cow<'_, str>) -> Cow<'_, str> {
    let Some(inner) = inside_div(&markup) else {
        return markup;
    };
    match inner {
        ("", inner) => Cow::Owned(inner.trim().to_owned()),
        (prefix, inner) => {
            let inner = inner.replace(&format!("<{prefix}:"), "<");
            Cow::Owned(
                inner
                    .replace(&format!("</{prefix}:"), "</")
                    .trim()
                    .to_owned(),
            )
        }
    }
}

/// Elements that have no content, and no end tag in HTML (WHATWG HTML, 13.1.2). A `</br>` would be another `br`.
const VOID: [&str; 14] = [
    "area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "param", "source",
    "track", "wbr",
];

/// Writes XHTML as HTML has it: without the prefix by which XML says that an element is one of it, with the end tag of each
/// that XML ends in its start tag (`<iframe/>` has none in HTML, where all that follows would be in it), and without that of
/// `<br></br>`, which would be another `br`.
fn as_html<'m>(markup: Cow<'m, str>, prefixes: &Prefixes<'_>) -> Cow<'m, str> {
    let mut html = String::new();
    let mut copied = 0;
    let mut scanner = Scanner::new(&markup);
    let mut prefixes = prefixes.clone();
    // Where the tag before this one ends, if that is a `br` without an end.
    let mut after_br: Option<usize> = None;
    while let Some(token) = scanner.next_tag() {
        let at = markup.len() - scanner.left();
        let written = markup.get(copied..at).unwrap_or_default();
        // What looks like the beginning of one in quotes ends a tag, so the last is its own.
        let begin = written.rfind('<').unwrap_or_default();
        let (text, written) = written.split_at_checked(begin).unwrap_or_default();
        let before = after_br.take().and_then(|begin| markup.get(begin..at));
        let changed = match token {
            Token::Open(tag) => {
                prefixes.declare(&tag);
                let local = prefixes.local_of_xhtml(tag.name);
                let is_open_br = !tag.empty && local.eq_ignore_ascii_case("br");
                after_br = is_open_br.then_some(at);
                opened(written, tag.name, local)
            }
            Token::Close(name) => {
                let local = prefixes.local_of_xhtml(name);
                let ends_it = before.is_some_and(|it| it.trim_start().starts_with("</"));
                if ends_it && local.eq_ignore_ascii_case("br") {
                    Some(String::new())
                } else {
                    (name != local).then(|| format!("</{local}>"))
                }
            }
        };
        if let Some(changed) = changed {
            html.extend([text, &changed]);
            copied = at;
        }
    }
    if copied == 0 {
        return markup;
    }
    html.push_str(markup.get(copied..).unwrap_or_default());
    Cow::Owned(html)
}

/// Returns a start tag under the name that its element has in HTML, and with an end tag where it ends with it; `None` where
/// it is that already.
fn opened(tag: &str, name: &str, local: &str) -> Option<String> {
    let rest = tag.strip_prefix('<').and_then(|it| it.strip_prefix(name));
    let rest = rest.filter(|_| name != local);
    let named = rest.map(|rest| format!("<{local}{rest}"));
    ended(named.as_deref().unwrap_or(tag), local).or(named)
}

/// Returns a start tag that ends its element with an end tag; `None` where it needs none.
fn ended(tag: &str, local: &str) -> Option<String> {
    let start = tag.strip_suffix("/>")?;
    let needs_none = VOID.iter().any(|it| it.eq_ignore_ascii_case(local)) || ends_in_value(start);
    (!needs_none).then(|| format!("{start}></{local}>"))
}

/// Tells whether the slash after a start tag belongs to a value without quotes, as in `<a href=/x/>`.
fn ends_in_value(start: &str) -> bool {
    let last = start.rsplit(char::is_whitespace).next();
    last.is_some_and(|last| last.contains('=') && !last.ends_with(['"', '\'']))
}

fn inside_div(markup: &str) -> Option<(&str, &str)> {
    let (start, rest) = markup.strip_prefix('<')?.split_once('>')?;
    let name = start.split_ascii_whitespace().next()?;
    let (prefix, local) = name.split_once(':').unwrap_or(("", name));
    let inner = rest
        .trim_end()
        .strip_suffix('>')?
        .strip_suffix(name)?
        .strip_suffix("</")?;
    (local == "div" && is_balanced(inner, name)).then_some((prefix, inner))
}

/// Tells whether no more elements `name` end in `markup` than begin, at any place.
fn is_balanced(markup: &str, name: &str) -> bool {
    let mut depth = 0_usize;
    for part in markup.split('<').skip(1) {
        let is_named = |it: &str| {
            let after = it.strip_prefix(name);
            after.is_some_and(|it| !it.starts_with(|c: char| c.is_alphanumeric()))
        };
        if is_named(part) {
            depth += 1;
        } else if part.strip_prefix('/').is_some_and(is_named) {
            let Some(outer) = depth.checked_sub(1) else {
                return false;
            };
            depth = outer;
        }
    }
    true
}

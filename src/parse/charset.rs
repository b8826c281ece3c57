//! Bytes to characters: which encoding a document is in, whatever it says.
//!
//! The order is the measured one: byte order mark, the NULs of UTF-32 and UTF-16, valid UTF-8 whatever
//! is declared (`twice` undoes what was encoded once more), UTF-8 with a few wrong bytes, then the HTTP
//! charset, the XML declaration, and a guess.
//! Declarations come late because they lie more often than well-formed UTF-8 happens by chance.
//! Characters that XML 1.0 forbids are dropped here, so that no later stage meets one (S13).

use super::defects::Defects;
use super::twice;
use crate::text::{is_forbidden_in_xml, windows_1252};
use chardetng::{EncodingDetector, Iso2022JpDetection, Utf8Detection};
use encoding_rs::{Encoding, ISO_2022_JP, UTF_8, UTF_16BE, UTF_16LE, WINDOWS_1252};
use memchr::memchr2_iter;
use std::borrow::Cow;

/// How many well-formed multi-byte characters must stand against one wrong byte for a document to be
/// UTF-8 with an accident (a text cut in the middle of a character) and not another encoding.
const MULTIBYTE_PER_WRONG_BYTE: usize = 4;

/// How many wrong bytes one such character outweighs where the document or the response says that it is
/// UTF-8. Latin letters in another encoding hardly ever look like one; Chinese does at every ninth.
const WRONG_BYTES_PER_MULTIBYTE: usize = 4;

/// An XML declaration stands at the very start; junk before it is rarely longer than this.
const DECLARATION_WITHIN: usize = 1024;

/// Returns the characters of `bytes`, without those that XML forbids.
///
/// `http` is the `charset` of the response. Never fails: what cannot be decoded becomes U+FFFD.
pub(super) fn decode<'a>(
    bytes: &'a [u8],
    http: Option<&str>,
    defects: &mut Defects,
) -> Cow<'a, str> {
    let text = characters(bytes, http, defects);
    without_marks(if may_be_bad(&text) {
        cleaned(text, defects)
    } else {
        text
    })
}

/// Drops what XML forbids and puts the rest right.
fn cleaned<'a>(text: Cow<'a, str>, defects: &mut Defects) -> Cow<'a, str> {
    let text = unix_line_ends(text);
    let clean: String = text.chars().filter_map(meant).collect();
    if clean == text {
        return text;
    }
    defects.note("bad-character", || {
        "control characters were dropped, or read as windows-1252 where they stand for a sign"
            .to_owned()
    });
    Cow::Owned(clean)
}

/// Drops byte order marks at the start; documents put together of files have several.
fn without_marks(text: Cow<'_, str>) -> Cow<'_, str> {
    match text {
        Cow::Borrowed(text) => Cow::Borrowed(text.trim_start_matches('\u{FEFF}')),
        Cow::Owned(text) if text.starts_with('\u{FEFF}') => {
            Cow::Owned(text.trim_start_matches('\u{FEFF}').to_owned())
        }
        clean @ Cow::Owned(_) => clean,
    }
}

/// Makes every line end one line feed (XML 1.0, 2.11).
fn unix_line_ends(text: Cow<'_, str>) -> Cow<'_, str> {
    if text.contains('\r') {
        return Cow::Owned(text.replace("\r\n", "\n").replace('\r', "\n"));
    }
    text
}

/// Returns what a character of a document stands for. C1 controls are signs of windows-1252 that
/// somebody took for Latin-1: dropped, they would take the apostrophe out of `don't`.
fn meant(c: char) -> Option<char> {
    match c {
        '\u{80}'..='\u{9F}' => windows_1252(c.into()).or(Some(c)),
        _ => Some(c).filter(|&c| !is_forbidden_in_xml(c)),
    }
}

fn characters<'a>(bytes: &'a [u8], http: Option<&str>, defects: &mut Defects) -> Cow<'a, str> {
    if let Some(text) = utf_32(bytes) {
        return Cow::Owned(text);
    }
    if let Some((encoding, mark)) = Encoding::for_bom(bytes).filter(|&(it, _)| it != UTF_8) {
        let body = bytes.get(mark..).unwrap_or_default();
        return encoding.decode_without_bom_handling(body).0;
    }
    if let Some(encoding) = utf_16(bytes) {
        return encoding.decode_without_bom_handling(bytes).0;
    }
    let claimed = claims(bytes, http);
    if claimed.contains(&Some(ISO_2022_JP)) && bytes.contains(&0x1B) {
        return ISO_2022_JP.decode_without_bom_handling(bytes).0;
    }
    if let Ok(text) = std::str::from_utf8(bytes) {
        let unmarked = text.trim_start_matches('\u{FEFF}');
        let Some(text) = twice::decoded(unmarked) else {
            return Cow::Borrowed(text);
        };
        defects.note("encoded-twice", || {
            "the text had been encoded as UTF-8 twice, and was decoded twice".to_owned()
        });
        return Cow::Owned(text);
    }
    not_utf_8(bytes, claimed, defects)
}

fn not_utf_8<'a>(bytes: &'a [u8], claimed: Claims, defects: &mut Defects) -> Cow<'a, str> {
    if let Some(text) = nearly_utf_8(bytes, claimed.contains(&Some(UTF_8))) {
        defects.note("bad-utf-8", || {
            "bytes that are not UTF-8 were read as windows-1252".to_owned()
        });
        return Cow::Owned(text);
    }
    let is_possible = |it: &&'static Encoding| ![UTF_8, UTF_16LE, UTF_16BE].contains(it);
    let claimed = claimed.into_iter().flatten().find(is_possible);
    let encoding = claimed.unwrap_or_else(|| guess(bytes));
    if claimed.is_none() {
        defects.note("wrong-charset", || {
            format!("declared no charset that fits, read as {}", encoding.name())
        });
    }
    encoding.decode_without_bom_handling(bytes).0
}

/// UTF-8 with single wrong bytes, each read as windows-1252; `None` where there are too many of them. A
/// document that begins with the mark of UTF-8 is nothing else.
fn nearly_utf_8(bytes: &[u8], is_claimed: bool) -> Option<String> {
    let wrong: usize = bytes.utf8_chunks().map(|it| it.invalid().len()).sum();
    let is_lead = |byte: &u8| *byte >= 0xC0;
    let valid = bytes.utf8_chunks().flat_map(|it| it.valid().bytes());
    let multibyte = valid.filter(is_lead).count();
    let is_nearly = if is_claimed {
        wrong <= multibyte.saturating_mul(WRONG_BYTES_PER_MULTIBYTE)
    } else {
        wrong.saturating_mul(MULTIBYTE_PER_WRONG_BYTE) <= multibyte
    };
    if !is_nearly && !bytes.starts_with(b"\xEF\xBB\xBF") {
        return None;
    }
    let mut text = String::with_capacity(bytes.len());
    for chunk in bytes.utf8_chunks() {
        text.push_str(chunk.valid());
        text.push_str(&WINDOWS_1252.decode_without_bom_handling(chunk.invalid()).0);
    }
    Some(text)
}

fn guess(bytes: &[u8]) -> &'static Encoding {
    let mut detector = EncodingDetector::new(Iso2022JpDetection::Deny);
    detector.feed(bytes, true);
    detector.guess(None, Utf8Detection::Deny)
}

/// The encodings that the response and the document name.
type Claims = [Option<&'static Encoding>; 2];

/// Returns what is claimed, the response first; where it cannot be true the document is believed.
fn claims(bytes: &[u8], http: Option<&str>) -> Claims {
    let declared = declared(bytes).and_then(|label| labelled(&label));
    [http.and_then(labelled), declared]
}

fn labelled(label: &str) -> Option<&'static Encoding> {
    let label = label.trim().trim_matches(['"', '\'']);
    let known = |label: &str| Encoding::for_label_no_replacement(label.as_bytes());
    // `utf_8` is none of the labels there are, `ks_c_5601-1987` is.
    known(label).or_else(|| known(&label.replace('_', "-")))
}

/// The label in `<?xml ... encoding="label"?>`.
fn declared(bytes: &[u8]) -> Option<String> {
    let head = bytes.get(..DECLARATION_WITHIN).unwrap_or(bytes);
    let head = String::from_utf8_lossy(head);
    let (declaration, _) = head.split_once("<?xml")?.1.split_once("?>")?;
    let value = declaration.split_once("encoding")?.1.trim_start();
    let value = value.strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    value.split(quote).nth(1).map(str::to_owned)
}

/// UTF-16 without a mark, told by the NUL beside the first character that is no blank.
fn utf_16(bytes: &[u8]) -> Option<&'static Encoding> {
    let (units, _) = bytes.as_chunks::<2>();
    let is_blank = |unit: &&[u8; 2]| {
        matches!(
            unit,
            [b' ' | b'\t' | b'\r' | b'\n', 0] | [0, b' ' | b'\t' | b'\r' | b'\n']
        )
    };
    match units.iter().find(|it| !is_blank(it))? {
        [b'<' | b'{', 0] => Some(UTF_16LE),
        [0, b'<' | b'{'] => Some(UTF_16BE),
        _ => None,
    }
}

/// UTF-32, told by its mark or by the NULs around the first `<` or `{`; no other crate decodes it.
fn utf_32(bytes: &[u8]) -> Option<String> {
    let value: fn([u8; 4]) -> u32 = match bytes {
        [0xFF, 0xFE, 0, 0, ..] | [b'<' | b'{', 0, 0, 0, ..] => u32::from_le_bytes,
        [0, 0, 0xFE, 0xFF, ..] | [0, 0, 0, b'<' | b'{', ..] => u32::from_be_bytes,
        _ => return None,
    };
    let (units, _) = bytes.as_chunks::<4>();
    let chars = units
        .iter()
        .map(|&unit| char::from_u32(value(unit)).unwrap_or(char::REPLACEMENT_CHARACTER));
    Some(chars.filter(|&c| c != '\u{FEFF}').collect())
}

/// Tells whether a text may hold a control character or another that XML forbids. Looks at many bytes
/// at a time, as `fold` can and `any` cannot, and closer only where a C1 control or U+FFFE may begin.
fn may_be_bad(text: &str) -> bool {
    let bytes = text.as_bytes();
    let is_control = |byte: u8| byte < 0x20 && !matches!(byte, b'\t' | b'\n');
    let controls = bytes
        .iter()
        .fold(false, |found, &byte| found | is_control(byte));
    let is_bad = |at: usize| {
        matches!(
            bytes.get(at..),
            Some([0xC2, ..0xA0, ..] | [0xEF, 0xBF, 0xBE..=0xBF, ..])
        )
    };
    controls || memchr2_iter(0xC2, 0xEF, bytes).any(is_bad)
}

//! The document type declaration: taken away, and the entities it declares put in their places.
//!
//! Some feeds declare names for characters, or a word that their ids begin with, and use them; read
//! without, such an id is another. Only what hardly grows is done (S10): internal general entities, one
//! level deep, so that what an entity holds is never looked through for others, and of all of them
//! together no more than a fixed size is put in. Nothing outside the document is ever read.

use super::defects::Defects;
use crate::text::{cut, reference};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// More declarations than this are not read; XHTML's own, the largest in use, has 253.
const MAX_ENTITIES: usize = 256;

/// Longer values are none: an entity is a name for characters or words.
const MAX_VALUE: usize = 4096;

/// A declaration is not looked at beyond this: name, value and the blanks between them.
const MAX_DECLARATION: usize = MAX_NAME + 2 * MAX_VALUE;

/// How much all entities together may put in, in bytes. One name of 4 KiB used in a document of the
/// largest size would make gigabytes of it.
const MAX_GROWTH: usize = 1024 * 1024;

/// Longer names are none, in bytes.
const MAX_NAME: usize = 256;

/// What every XML processor knows; a declaration does not change it (XML 1.0, 4.6).
const PREDEFINED: [&str; 5] = ["amp", "lt", "gt", "quot", "apos"];

/// The entities of one document: values by name.
type Entities<'a> = BTreeMap<&'a str, String>;

/// Returns `text` with the entities that its document type declaration declares; the declaration goes.
/// Without any the text stays as it is.
pub(super) fn resolve<'a>(text: &'a str, defects: &mut Defects) -> Cow<'a, str> {
    let Some((before, rest)) = declaration(text).and_then(|at| text.split_at_checked(at)) else {
        return Cow::Borrowed(text);
    };
    let (entities, body) = subset(rest);
    if entities.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut resolved = before.to_owned();
    if !expand(body, &entities, &mut resolved) {
        defects.note("entities-too-large", || {
            format!("entities beyond {MAX_GROWTH} bytes in all stay as they are written")
        });
    }
    Cow::Owned(resolved)
}

/// Returns where the document type declaration begins: after blanks, instructions and comments.
fn declaration(text: &str) -> Option<usize> {
    let mut rest = text;
    loop {
        rest = rest.get(rest.find('<')?..)?;
        if rest.starts_with("<?") {
            rest = past(rest, ">"); // as the scanner does: some forget the question mark
        } else if rest.starts_with("<!--") {
            rest = past(rest, "-->");
        } else {
            let start = rest.get(.."<!DOCTYPE".len())?;
            let is_it = start.eq_ignore_ascii_case("<!DOCTYPE");
            return is_it.then_some(text.len() - rest.len());
        }
    }
}

/// Reads the declaration that `text` begins with; returns its entities and what follows it.
fn subset(text: &str) -> (Entities<'_>, &str) {
    let mut entities = Entities::new();
    let mut is_inside = false;
    let mut rest = text.get(1..).unwrap_or_default();
    while let Some((found, after)) = next(rest, &['[', ']', '<', '>', '"', '\'']) {
        rest = match found {
            '>' if !is_inside => return (entities, after),
            '[' | ']' => {
                is_inside = found == '[';
                after
            }
            '"' | '\'' => past_quote(after, found),
            '<' if after.starts_with("!--") => past(after, "-->"),
            '<' if after.starts_with('?') => past(after, ">"),
            '<' if after.starts_with('!') => entity(after, &mut entities),
            // The root begins: the declaration never ended.
            '<' => {
                return (
                    entities,
                    rest.get(rest.len() - after.len() - 1..).unwrap_or(after),
                );
            }
            _ => after,
        };
    }
    (entities, rest)
}

/// Takes in the declaration after a `<` if it is that of an internal general entity; returns what
/// follows it. Of several with one name the first counts (XML 1.0, 4.2).
fn entity<'a>(text: &'a str, entities: &mut Entities<'a>) -> &'a str {
    let head = cut(text, MAX_DECLARATION);
    let Some((name, value, after)) = declared(head) else {
        return past(text, ">");
    };
    if value.len() <= MAX_VALUE && entities.len() < MAX_ENTITIES && !PREDEFINED.contains(&name) {
        entities.entry(name).or_insert_with(|| replacement(value));
    }
    past(
        text.get(head.len() - after.len()..).unwrap_or_default(),
        ">",
    )
}

/// Splits `!ENTITY name "value"` and what follows.
fn declared(text: &str) -> Option<(&str, &str, &str)> {
    let rest = text.strip_prefix("!ENTITY")?;
    let rest = rest.strip_prefix(char::is_whitespace)?.trim_start();
    let end = rest.find(|c: char| c.is_whitespace() || "<>\"'".contains(c))?;
    let (name, literal) = rest.split_at_checked(end)?;
    let literal = literal.trim_start();
    let quote = literal.chars().next().filter(|c| matches!(c, '"' | '\''))?;
    let (value, after) = literal.get(1..)?.split_once(quote)?;
    Some((name, value, after))
}

/// Returns what is put in for a value: its numeric references count where it is declared (XML 1.0, 4.4.5),
/// and its quotes end no attribute.
fn replacement(value: &str) -> String {
    let text = numbers(value);
    text.replace('"', "&quot;").replace('\'', "&#39;")
}

/// Resolves numeric references.
fn numbers(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    while let Some((before, after)) = rest.split_once('&') {
        out.push_str(before);
        let found = reference(after).filter(|_| after.starts_with('#'));
        if let Some(found) = found {
            out.extend(found.first);
            rest = found.rest;
        } else {
            out.push('&');
            rest = after;
        }
    }
    out.push_str(rest);
    out
}

/// Appends `text` with the entities in their places, but for CDATA and comments; `false` when there
/// were too many of them.
fn expand(text: &str, entities: &Entities<'_>, out: &mut String) -> bool {
    let mut room = MAX_GROWTH;
    let mut fits = true;
    let mut rest = text;
    while let Some((found, after)) = next(rest, &['&', '<']) {
        let (before, _) = rest
            .split_at_checked(rest.len() - after.len() - 1)
            .unwrap_or((rest, ""));
        out.push_str(before);
        let value = (found == '&').then(|| value(after, entities)).flatten();
        rest = match value {
            Some((value, after)) if value.len() <= room => {
                room -= value.len();
                out.push_str(value);
                after
            }
            _ => {
                fits &= value.is_none();
                let literal = [("![CDATA[", "]]>"), ("!--", "-->")]
                    .iter()
                    .find(|(opening, _)| found == '<' && after.starts_with(opening));
                let end = literal.map_or(after, |(_, terminator)| past(after, terminator));
                out.push(found);
                out.push_str(after.get(..after.len() - end.len()).unwrap_or(after));
                end
            }
        };
    }
    out.push_str(rest);
    fits
}

/// Returns the value of the entity whose `&` stands before `text`, and what follows it.
fn value<'t, 'e>(text: &'t str, entities: &'e Entities<'_>) -> Option<(&'e str, &'t str)> {
    let (name, after) = cut(text, MAX_NAME).split_once(';')?;
    let value = entities.get(name)?;
    let rest = text.get(text.len().min(name.len() + 1)..);
    Some((value, rest.unwrap_or(after)))
}

/// Finds the first of some ASCII characters; returns it and what follows it.
fn next<'a>(text: &'a str, wanted: &[char]) -> Option<(char, &'a str)> {
    let at = text.find(wanted)?;
    let found = text.get(at..)?;
    Some((found.chars().next()?, found.get(1..)?))
}

/// Returns what follows the first `end`, or nothing.
fn past<'a>(text: &'a str, end: &str) -> &'a str {
    text.split_once(end).map_or("", |(_, after)| after)
}

/// Returns what follows the closing quote; a quote that is not closed before the next markup is none.
fn past_quote(text: &str, quote: char) -> &str {
    match next(text, &[quote, '<']) {
        Some((found, after)) if found == quote => after,
        _ => text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &str) {
        assert_eq!(resolve(text, &mut Defects::default()), expected, "{text}");
    }

    #[test]
    fn internal_entities_stand_for_their_values() {
        for (subset, body, expected) in [
            ("<!ENTITY a \"b\">", "&a;c", "bc"),
            ("<!ENTITY a 'b\"'>\n<!ENTITY c 'd'>", "&a;&c;", "b&quot;d"),
            ("<!ENTITY a 'b'><!ENTITY a 'c'>", "&a;", "b"),
            ("<!ENTITY a '&#169;&#38;&#60;'>", "&a;", "\u{a9}&<"),
            ("<!-- <!ENTITY a 'x'> --><!ENTITY a 'b]>'>", "&a;", "b]>"),
            (
                "<?x <!ENTITY a 'x'> ?><!ELEMENT e (f)>\n<!ENTITY é 'b'>",
                "&é;",
                "b",
            ),
            (
                "<!ENTITY a 'b'>",
                "&c;&a &a;<![CDATA[&a;]]>&a;<!--&a;-->&a;",
                "&c;&a b<![CDATA[&a;]]>b<!--&a;-->b",
            ),
            ("<!ENTITY a 'b'>", "<![CDATA[&a;", "<![CDATA[&a;"),
            // one level, however it is nested
            ("<!ENTITY a '&b;'><!ENTITY b 'c'>", "&a;", "&b;"),
            ("<!ENTITY a '&amp;'>", "&a;", "&amp;"),
        ] {
            check(
                &format!("<?xml?>\n<!DOCTYPE rss [{subset}]>{body}"),
                &format!("<?xml?>\n{expected}"),
            );
        }
    }

    #[test]
    fn s10_what_is_not_in_the_document_is_not_read() {
        for text in [
            "<!DOCTYPE rss SYSTEM 'file:///etc/passwd'>&a;",
            "<!DOCTYPE rss [<!ENTITY a SYSTEM 'file:///etc/passwd'>]>&a;",
            "<!DOCTYPE rss [<!ENTITY % a 'b'> %a;]>&a;",
            "<!DOCTYPE rss [<!ENTITY amp 'b'>]>&amp;",
            "<!DOCTYPE rss [<!ENTITY a \"b]>&a;",
            "<rss><!DOCTYPE rss [<!ENTITY a 'b'>]>&a;",
            "<!DOCTYPE rss [<!ENTITYa 'b'><!ENTITY a><!ENTITY>]>&a;",
            "<!DOCTYPE",
            "<!DOCTYPÉ [<!ENTITY a 'b'>",
            "",
        ] {
            check(text, text);
        }
    }

    #[test]
    fn a_declaration_that_does_not_end_takes_no_root_with_it() {
        check("<!DOCTYPE rss [<!ENTITY a 'b'><rss>&a;", "<rss>b");
        check("<!DOCTYPE rss \"x [<!ENTITY a 'b'>]><rss>&a;", "<rss>b");
    }

    #[test]
    fn s10_entities_hardly_grow() {
        let value = "x".repeat(MAX_VALUE);
        let text = format!(
            "<!DOCTYPE r [<!ENTITY a '{value}'>]>{}",
            "&a;".repeat(100_000)
        );
        let mut defects = Defects::default();
        let resolved = resolve(&text, &mut defects);
        assert!(resolved.len() <= text.len() + MAX_GROWTH);
        assert_eq!(defects.into_vec()[0].code, "entities-too-large");
        let many = (0..300).map(|n| format!("<!ENTITY e{n} '{n}'>"));
        let many = many.collect::<Vec<_>>().concat();
        check(&format!("<!DOCTYPE r [{many}]>&e255;&e256;"), "255&e256;");
        let long = format!("<!DOCTYPE r [<!ENTITY a '{value}x'>]>&a;");
        check(&long, &long);
    }
}

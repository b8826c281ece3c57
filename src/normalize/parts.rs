//! The small parts of an entry: people, labels, media, the feed it was taken from (S15).

use super::plain::{name, optional_name};
use super::url::{MAX_URL_BYTES, http_url};
use crate::model::{Category, Enclosure, Person, Source};
use crate::text::is_spelled;

/// Longest list of one kind that is kept: papers have hundreds of authors, and readers do not.
const MAX_PARTS: usize = 50;

/// Bytes of such a list: fifty authors with an address and a mail address each have a third of it. With the longest
/// names and addresses they would have two hundred and fifty kilobytes.
const MAX_LIST_BYTES: usize = 16 * 1024;

/// Bytes of the people whom a feed names as its own: they are written again with each of its entries.
const MAX_SOURCE_LIST_BYTES: usize = 2 * 1024;

/// Longest e-mail address (RFC 5321, 4.5.3.1) and longest media type that is believed.
const MAX_TOKEN_BYTES: usize = 254;

/// Returns the people that have a name, an address standing in for a missing one.
pub(super) fn people(people: &[Person]) -> Vec<Person> {
    let people = people.iter().filter_map(person);
    within(people, MAX_LIST_BYTES, |it| bytes(it.texts()))
}

/// Returns as many of the people whom a feed names for all that it has as may be written with each entry.
pub(super) fn of_source(people: Vec<Person>) -> Vec<Person> {
    within(people.into_iter(), MAX_SOURCE_LIST_BYTES, |it| {
        bytes(it.texts())
    })
}

/// Cleans one person; `None` without name and address.
fn person(person: &Person) -> Option<Person> {
    let email = person.email.as_deref().and_then(email);
    let name = optional_name(Some(&person.name)).or_else(|| email.clone())?;
    Some(Person {
        name,
        email,
        url: person.url.as_deref().and_then(address),
    })
}

/// Returns the labels that say something.
pub(super) fn categories(categories: &[Category]) -> Vec<Category> {
    let categories = categories
        .iter()
        .map(|category| Category {
            term: name(&category.term),
            scheme: category.scheme.as_deref().and_then(address),
            label: optional_name(category.label.as_deref()),
        })
        .filter(|category| !category.term.is_empty());
    within(categories, MAX_LIST_BYTES, |it| bytes(it.texts()))
}

/// Returns the media that can be fetched from the web.
pub(super) fn enclosures(enclosures: &[Enclosure]) -> Vec<Enclosure> {
    let enclosures = enclosures.iter().filter_map(|enclosure| {
        Some(Enclosure {
            url: address(&enclosure.url)?,
            media_type: enclosure.media_type.as_deref().and_then(media_type),
            length: enclosure.length,
        })
    });
    within(enclosures, MAX_LIST_BYTES, |it| it.url.len())
}

/// Cleans what an entry says of the feed that it was taken from; `None` when that feed has no name at
/// all (U5).
pub(super) fn source(source: &Source) -> Option<Source> {
    let home_url = source.home_url.as_deref().and_then(address);
    let self_url = source.self_url.as_deref().and_then(address);
    let id = optional_name(Some(&source.id))
        .filter(|id| has_scheme(id))
        .or_else(|| self_url.clone())
        .or_else(|| home_url.clone())?;
    Some(Source {
        title: optional_name(Some(&source.title)).unwrap_or_else(|| id.clone()),
        id,
        home_url,
        self_url,
        updated_at: source.updated_at,
        authors: of_source(people(&source.authors)),
        rights: optional_name(source.rights.as_deref()),
    })
}

/// Tells whether an id is an IRI that names something, and nothing that runs.
fn has_scheme(id: &str) -> bool {
    ["http:", "https:", "urn:", "tag:"].iter().any(|scheme| {
        id.get(..scheme.len())
            .is_some_and(|s| s.eq_ignore_ascii_case(scheme))
    }) && !id.contains(' ')
}

/// Returns an absolute http(s) address, spelled so that it needs no escape; `None` for any other.
pub(super) fn address(text: &str) -> Option<String> {
    let text = text.trim();
    if text.len() > MAX_URL_BYTES {
        return None;
    }
    if is_spelled(text) {
        return Some(text.to_owned());
    }
    http_url(text).map(Into::into)
}

/// Returns an e-mail address that has the shape of one.
fn email(text: &str) -> Option<String> {
    let text = text.trim();
    let text = text.strip_prefix("mailto:").unwrap_or(text);
    let (local, host) = text.split_once('@')?;
    let is_address = !local.is_empty()
        && host.contains('.')
        && text.len() <= MAX_TOKEN_BYTES
        && text
            .bytes()
            .all(|b| b.is_ascii_graphic() && !matches!(b, b'<' | b'>' | b'"' | b'\'' | b'&'));
    is_address.then(|| text.to_owned())
}

/// Returns a media type, `type/subtype` in lower case without parameters (RFC 9110, 8.3.1).
fn media_type(text: &str) -> Option<String> {
    let essence = text.split(';').next()?.trim().to_ascii_lowercase();
    let (main, sub) = essence.split_once('/')?;
    let is_token = |part: &str| {
        !part.is_empty()
            && part
                .bytes()
                .all(|b| b.is_ascii_alphanumeric() || b"!#$&-^_.+".contains(&b))
    };
    (is_token(main) && is_token(sub) && essence.len() <= MAX_TOKEN_BYTES).then_some(essence)
}

fn bytes<'a, I: Iterator<Item = &'a String>>(texts: I) -> usize {
    texts.map(String::len).sum()
}

/// Gathers parts, each once, as many as fit; one that is too long is left out, and not those after it.
fn within<T: PartialEq>(
    parts: impl Iterator<Item = T>,
    most: usize,
    bytes: impl Fn(&T) -> usize,
) -> Vec<T> {
    let mut room = most;
    let mut kept = Vec::new();
    for part in parts.take(MAX_PARTS) {
        let bytes = bytes(&part);
        if bytes <= room && !kept.contains(&part) {
            room -= bytes;
            kept.push(part);
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn s15_addresses_are_of_the_web_or_nothing() {
        for (text, expected) in [
            ("https://a.org/x", Some("https://a.org/x")),
            (" http://a.org/é ", Some("http://a.org/%C3%A9")),
            ("javascript:alert(1)", None),
            ("data:text/html,x", None),
            ("/x", None),
        ] {
            assert_eq!(address(text).as_deref(), expected, "{text}");
        }
    }

    #[test]
    fn s15_people_and_labels_are_plain() {
        let found = people(&[
            Person {
                name: "<b>Ann</b> &amp; Co\u{202E}".to_owned(),
                email: Some("ann@a.org".to_owned()),
                url: Some("javascript:x".to_owned()),
            },
            Person {
                email: Some("bob@a.org".to_owned()),
                ..Person::default()
            },
            Person {
                email: Some("\"<x>\"@a.org".to_owned()),
                ..Person::default()
            },
        ]);
        assert_eq!(found.len(), 2);
        assert_eq!(found[0].name, "Ann & Co");
        assert_eq!(found[0].email.as_deref(), Some("ann@a.org"));
        assert_eq!(found[0].url, None);
        assert_eq!(found[1].name, "bob@a.org");
        let label = |term: &str| Category {
            term: term.to_owned(),
            ..Category::default()
        };
        let labels = categories(&[label("<i>World</i>"), label(" "), label("World")]);
        assert_eq!(labels, [label("World")]);
    }

    #[test]
    fn s15_media_have_a_type_or_none() {
        let medium = |url: &str, media_type: &str| Enclosure {
            url: url.to_owned(),
            media_type: Some(media_type.to_owned()),
            length: Some(1),
        };
        let found = enclosures(&[
            medium("https://a.org/a.mp3", "Audio/MPEG; x=y"),
            medium("file:///etc/passwd", "audio/mpeg"),
            medium("https://a.org/b.mp3", "<mp3>"),
        ]);
        let types: Vec<_> = found.iter().map(|e| e.media_type.as_deref()).collect();
        assert_eq!(types, [Some("audio/mpeg"), None]);
    }

    #[test]
    fn a_source_needs_a_name() {
        assert_eq!(source(&Source::default()), None);
        let named = source(&Source {
            id: "javascript:x".to_owned(),
            self_url: Some("https://a.org/feed".to_owned()),
            ..Source::default()
        })
        .unwrap();
        assert_eq!(named.id, "https://a.org/feed");
        assert_eq!(named.title, "https://a.org/feed");
    }
}

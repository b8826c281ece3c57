//! The feed that an entry was taken from: `atom:source` and the `source` of RSS.

use super::address::joined;
use super::dates;
use super::markup::{Scanner, Tag, Token, local_name};
use super::people::person;
use super::references::{decode, plain};
use super::texts::{MAX_ADDRESS, MAX_PARTS, construct, line};
use super::vocabulary::Prefixes;
use crate::model::{Source, TextKind};
use url::Url;

/// Returns what a source element tells; `None` when it does not even name the feed.
///
/// `base` is what addresses in it are relative to.
pub(super) fn read(tag: &Tag<'_>, raw: &str, base: Option<&Url>) -> Option<Source> {
    let source = match tag.attribute("url") {
        Some(url) if url.len() <= MAX_ADDRESS => Source {
            id: url.to_string(),
            title: line(&decode(raw)),
            self_url: Some(url.into_owned()),
            ..Source::default()
        },
        Some(_) => return None,
        None => parts(raw, base),
    };
    let is_named = !source.title.is_empty() && !source.id.is_empty();
    is_named.then_some(source)
}

fn parts(raw: &str, base: Option<&Url>) -> Source {
    let mut scanner = Scanner::new(raw);
    let mut source = Source::default();
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        match &*local_name(tag.name).to_ascii_lowercase() {
            "id" => source.id = line(&decode(scanner.leaf(&tag, "id"))),
            "title" => source.title = text(&tag, scanner.leaf(&tag, "title")),
            "rights" => source.rights = Some(text(&tag, scanner.leaf(&tag, "rights"))),
            "updated" => source.updated_at = dates::parse(&decode(scanner.leaf(&tag, "updated"))),
            "author" => {
                let person = person(scanner.leaf(&tag, "author"));
                source
                    .authors
                    .extend(person.filter(|_| source.authors.len() < MAX_PARTS));
            }
            "link" => link(&tag, base, &mut source),
            _ => {}
        }
    }
    source
}

/// A text construct as one plain line.
fn text(tag: &Tag<'_>, raw: &str) -> String {
    match construct(tag, raw, TextKind::Plain, &Prefixes::default()) {
        Some((text, TextKind::Plain)) => line(&text),
        Some((html, TextKind::Html)) => line(&plain(&html)),
        None => String::new(),
    }
}

fn link(tag: &Tag<'_>, base: Option<&Url>, source: &mut Source) {
    let href = tag
        .attribute("href")
        .map(|it| joined(base, it).into_owned());
    let href = href.filter(|it| it.len() <= MAX_ADDRESS);
    match tag.attribute("rel").as_deref() {
        Some("self") => source.self_url = href,
        None | Some("alternate") => source.home_url = href,
        Some(_) => {}
    }
}

//! The feed that an entry was taken from: `atom:source` and the `source` of RSS.

use super::dates;
use super::markup::{Scanner, Tag, Token, local_name};
use super::people::person;
use super::references::decode;
use super::texts::{line, short};
use crate::model::Source;

/// Returns what a source element tells; `None` when it does not even name the feed.
pub(super) fn read(tag: &Tag<'_>, raw: &str) -> Option<Source> {
    let source = match tag.attribute("url") {
        Some(url) => Source {
            id: short(&url).to_owned(),
            title: text(raw),
            self_url: Some(short(&url).to_owned()),
            ..Source::default()
        },
        None => parts(raw),
    };
    let is_named = !source.title.is_empty() && !source.id.is_empty();
    is_named.then_some(source)
}

fn parts(raw: &str) -> Source {
    let mut scanner = Scanner::new(raw);
    let mut source = Source::default();
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        match local_name(tag.name) {
            "id" => source.id = text(scanner.leaf(&tag, "id")),
            "title" => source.title = text(scanner.leaf(&tag, "title")),
            "rights" => source.rights = Some(text(scanner.leaf(&tag, "rights"))),
            "updated" => source.updated_at = dates::parse(&decode(scanner.leaf(&tag, "updated"))),
            "author" => source.authors.extend(person(scanner.leaf(&tag, "author"))),
            "link" => link(&tag, &mut source),
            _ => {}
        }
    }
    source
}

fn text(raw: &str) -> String {
    line(&decode(raw))
}

fn link(tag: &Tag<'_>, source: &mut Source) {
    let href = tag.attribute("href").map(|it| short(&it).to_owned());
    match tag.attribute("rel").as_deref() {
        Some("self") => source.self_url = href,
        None | Some("alternate") => source.home_url = href,
        Some(_) => {}
    }
}

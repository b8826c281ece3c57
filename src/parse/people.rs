//! Authors as they are written: parts in elements, or name and address in one text.

use super::markup::{Scanner, Token, local_name};
use super::references::{decode, plain};
use crate::model::Person;

/// Returns the person that the raw content of an author element names.
///
/// Atom and FOAF have child elements; RSS has `a@b.example (Name)`, `Name <a@b.example>`, or a name alone.
/// A person who gives only an address is named by it.
pub(super) fn person(raw: &str) -> Option<Person> {
    let person = if raw.contains('<') { parts(raw) } else { None };
    person.or_else(|| contact(&decode(raw)))
}

fn parts(raw: &str) -> Option<Person> {
    let mut scanner = Scanner::new(raw);
    let mut person = Person::default();
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        let local = local_name(tag.name);
        if local.eq_ignore_ascii_case("name") {
            person.name = plain(scanner.leaf(&tag, "name"));
        } else if local.eq_ignore_ascii_case("email") {
            person.email = non_empty(scanner.leaf(&tag, "email"));
        } else if ["uri", "url", "homepage"].contains(&local) {
            person.url = non_empty(scanner.leaf(&tag, "uri"));
        }
    }
    if person.name.is_empty() {
        person.name = person.email.clone()?;
    }
    Some(person)
}

fn non_empty(raw: &str) -> Option<String> {
    Some(decode(raw).into_owned()).filter(|it| !it.is_empty())
}

fn contact(text: &str) -> Option<Person> {
    let around = |c: char| c.is_whitespace() || "()<>[],;:\"'（）＜＞".contains(c);
    let email = text.split(around).find(|word| is_email(word));
    let beside = email.map(|email| text.replacen(email, "", 1).replacen("mailto:", "", 1));
    let name = match &beside {
        Some(beside) => beside.trim_matches(around),
        None => text.trim(),
    };
    let name = if name.is_empty() { email? } else { name };
    Some(Person {
        name: name.to_owned(),
        email: email.map(str::to_owned),
        url: None,
    })
}

fn is_email(word: &str) -> bool {
    let domain = |(name, domain): (&str, &str)| !name.is_empty() && domain.contains('.');
    word.is_ascii() && word.split_once('@').is_some_and(domain)
}

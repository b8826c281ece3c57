//! Authors as they are written: parts in elements, or name and address in one text.

use super::markup::{Scanner, Token, local_name};
use super::references::{decode, markup, plain};
use super::texts::{MAX_ADDRESS, short};
use crate::model::Person;

/// Returns the person that the raw content of an author element names.
///
/// Atom and FOAF have child elements; RSS has `a@b.example (Name)`, `Name <a@b.example>`, or a name alone.
/// A person who gives only an address is named by it.
pub(super) fn person(raw: &str) -> Option<Person> {
    let person = if raw.contains('<') { parts(raw) } else { None };
    let person = person.or_else(|| contact(&decode(raw)))?;
    let fits = |address: &String| address.len() <= MAX_ADDRESS;
    Some(Person {
        name: short(&person.name).to_owned(),
        email: person.email.filter(fits),
        url: person.url.filter(fits),
    })
}

fn parts(raw: &str) -> Option<Person> {
    let mut scanner = Scanner::new(raw);
    let mut person = Person::default();
    while let Some(token) = scanner.next_tag() {
        let Token::Open(tag) = token else { continue };
        let local = &*local_name(tag.name).to_ascii_lowercase();
        if local.eq_ignore_ascii_case("name") {
            person.name = plain(&markup(scanner.leaf(&tag, "name")));
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

/// Name and address in one text; writers of Chinese and Japanese put nothing between them.
fn contact(text: &str) -> Option<Person> {
    let email = email(text);
    let around = |c: char| !c.is_alphanumeric() && c != '.' && c != '!';
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

/// The first e-mail address in a text: what stands around an `@` of the letters that addresses have.
fn email(text: &str) -> Option<&str> {
    let is_local = |c: char| c.is_ascii_alphanumeric() || "._%+-".contains(c);
    let is_domain = |c: char| c.is_ascii_alphanumeric() || ".-".contains(c);
    let mut start = 0;
    while let Some(at) = text.get(start..)?.find('@') {
        let (before, after) = text.split_at_checked(start + at)?;
        let local = before.len() - before.trim_end_matches(is_local).len();
        let domain = after.get(1..)?;
        let end = domain.find(|c| !is_domain(c)).unwrap_or(domain.len());
        let host = domain.get(..end)?.trim_end_matches(['.', '-']);
        if local > 0 && host.contains('.') {
            return text.get(before.len() - local..before.len() + 1 + host.len());
        }
        start = before.len() + 1;
    }
    None
}

//! Lazy pictures: those whose address waits in `data-src` until a script puts it in its place (U9).
//!
//! Readers run no scripts, so it is put there here. An address that the publisher shows to everybody is
//! believed first: a waiting one takes the place of none, and of a placeholder.

use super::allow::{self, Value};
use super::base::Base;
use super::pictures::file;
use super::source_set;
use super::write::Attribute;
use std::borrow::Cow;

/// Attributes in which addresses wait, and for which attribute: each library and plugin has its own.
///
/// Where several wait for one, the first of this list is taken. Those that name the picture as it is to
/// be shown come before its original, which may be very large; what may also name a page comes last.
const WAITING: &[(&str, &str)] = &[
    ("data-src", "src"),
    ("data-lazy-src", "src"),
    ("data-original", "src"),
    ("data-original-src", "src"),
    ("data-lazy", "src"),
    ("data-lazyload", "src"),
    ("data-lazyload-src", "src"),
    ("data-pagespeed-lazy-src", "src"),
    ("data-flickity-lazyload", "src"),
    ("data-delayed-src", "src"),
    ("data-deferred-src", "src"),
    ("data-actualsrc", "src"),
    ("data-real-src", "src"),
    ("data-image-src", "src"),
    ("data-img-src", "src"),
    ("data-ezsrc", "src"),
    ("data-cfsrc", "src"),
    ("data-opt-src", "src"),
    ("data-breeze", "src"),
    ("data-echo", "src"),
    ("data-normal", "src"),
    ("data-default-src", "src"),
    ("data-hi-res-src", "src"),
    ("data-orig-src", "src"),
    ("data-orig", "src"),
    ("data-large-file", "src"),
    ("data-medium-file", "src"),
    ("data-orig-file", "src"),
    ("data-image", "src"),
    ("data-url", "src"),
    ("data-srcset", "srcset"),
    ("data-lazy-srcset", "srcset"),
    ("data-original-srcset", "srcset"),
    ("data-original-set", "srcset"),
    ("data-pagespeed-lazy-srcset", "srcset"),
    ("data-ezsrcset", "srcset"),
    ("data-poster", "poster"),
    ("data-lazy-poster", "poster"),
];

/// Names among them that may also hold the address of a page.
const VAGUE: [&str; 2] = ["data-image", "data-url"];

/// How the files of pictures end.
const PICTURE_ENDINGS: [&str; 7] = ["jpg", "jpeg", "png", "gif", "webp", "avif", "svg"];

/// What the name of a file says that only keeps a place. A waiting address is at hand when it is asked,
/// so that a photograph of a loading dock may be called so: its waiting form is shown instead.
const PLACEHOLDER_WORDS: &[&str] = &[
    "1x1",
    "blank",
    "clear.",
    "dummy",
    "empty",
    "gray.",
    "grey.",
    "lazy",
    "loader",
    "loading",
    "pixel",
    "placeholder",
    "preload",
    "spacer",
    "spinner",
    "trans.",
    "transparent",
];

/// Returns the attribute for which an address waits in the attribute `name`.
pub(super) fn target(name: &str) -> Option<&'static str> {
    rank(name).map(|(_, target)| target)
}

/// Returns the names of all attributes in which addresses wait.
pub(super) fn names() -> impl Iterator<Item = &'static str> {
    WAITING.iter().map(|(name, _)| *name)
}

/// Puts waiting addresses in their places; tells whether one waited for what the element shows.
///
/// An image that shows something by its `src` keeps its `srcset`, too. Where only a set of images waits,
/// the first is the `src` as well, for readers that know no sets.
pub(super) fn unveil(element: &str, attributes: &mut Vec<Attribute<'_>>, base: &Base<'_>) -> bool {
    if !attributes.iter().any(is_waiting) {
        return false;
    }
    fill("poster", element, attributes, base);
    if is_shown("src", attributes, base) {
        return false;
    }
    let has_set = fill("srcset", element, attributes, base);
    let has_one = fill("src", element, attributes, base);
    if has_set && !has_one && element == "img" {
        take_first_of_set(attributes, base);
    }
    has_set || has_one
}

fn is_waiting(attribute: &Attribute<'_>) -> bool {
    attribute.kind == Value::Hint && attribute.name.starts_with("data-")
}

/// Puts what waits for the attribute `name` there, where an element has no other; tells whether it did.
fn fill(
    name: &'static str,
    element: &str,
    attributes: &mut Vec<Attribute<'_>>,
    base: &Base<'_>,
) -> bool {
    if allow::attribute(element, name).is_none() || is_shown(name, attributes, base) {
        return false;
    }
    let value = waiting(name, attributes, base);
    value.map(|value| put(name, value, attributes)).is_some()
}

/// Tells whether an element has an address of its own, and not only a placeholder.
fn is_shown(name: &str, attributes: &[Attribute<'_>], base: &Base<'_>) -> bool {
    let own = attributes.iter().find(|it| it.name == name);
    own.is_some_and(|own| {
        let address = address(own, base);
        address.is_some_and(|address| !is_placeholder(&address))
    })
}

/// Returns the address that a value holds, of a set the first.
fn address<'v>(attribute: &'v Attribute<'_>, base: &Base<'_>) -> Option<Cow<'v, str>> {
    if is_set(attribute.name) {
        return source_set::first(&attribute.value, base);
    }
    base.resolve(&attribute.value, Value::Resource)
}

/// Tells whether an attribute holds a set, or one that waits.
fn is_set(name: &str) -> bool {
    name == "srcset" || target(name) == Some("srcset")
}

/// Returns what waits for the attribute `name`.
fn waiting<'a>(name: &str, attributes: &[Attribute<'a>], base: &Base<'_>) -> Option<Cow<'a, str>> {
    let waiting = attributes.iter().filter(|it| {
        is_waiting(it)
            && target(it.name) == Some(name)
            && (is_set(name) || may_be_address(&it.value))
            && (!VAGUE.contains(&it.name) || names_picture(&it.value))
            && address(it, base).is_some()
    });
    let first = waiting.min_by_key(|it| rank(it.name).map(|(rank, _)| rank));
    first.map(|it| it.value.clone())
}

/// Makes the first of a set the one that is shown where sets are not known.
fn take_first_of_set(attributes: &mut Vec<Attribute<'_>>, base: &Base<'_>) {
    let set = attributes.iter().find(|it| it.name == "srcset");
    let first = set.and_then(|set| source_set::first(&set.value, base));
    if let Some(first) = first.map(Cow::into_owned) {
        put("src", Cow::Owned(first), attributes);
    }
}

/// Sets an attribute.
fn put<'a>(name: &'static str, value: Cow<'a, str>, attributes: &mut Vec<Attribute<'a>>) {
    let kind = if is_set(name) {
        Value::Resources
    } else {
        Value::Resource
    };
    attributes.retain(|it| it.name != name);
    attributes.push(Attribute { name, value, kind });
}

/// Returns where a name stands in the list, and for which attribute it waits.
fn rank(name: &str) -> Option<(usize, &'static str)> {
    let rank = WAITING.iter().position(|(known, _)| *known == name)?;
    WAITING.get(rank).map(|&(_, target)| (rank, target))
}

/// Tells whether a value may be an address: numbers, words, templates and JSON wait under these names,
/// too, and each would be one relative to the page.
fn may_be_address(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or_default();
    let is_data = value.contains(['{', '}', '[', '<', '>', '"']);
    !is_data && (path.contains('/') || has_extension(path))
}

/// Tells whether an address is that of a picture by its ending.
fn names_picture(value: &str) -> bool {
    let path = value.split(['?', '#']).next().unwrap_or_default();
    let ending = path.trim_ascii().rsplit_once('.').map(|(_, ending)| ending);
    let is_it = |it: &str| ending.is_some_and(|ending| ending.eq_ignore_ascii_case(it));
    PICTURE_ENDINGS.iter().any(|it| is_it(it))
}

/// Tells whether a path ends as the name of a file does.
fn has_extension(path: &str) -> bool {
    path.trim_ascii().rsplit_once('.').is_some_and(|(_, end)| {
        (2..=5).contains(&end.len())
            && end.bytes().all(|b| b.is_ascii_alphanumeric())
            && !end.bytes().all(|b| b.is_ascii_digit())
    })
}

/// Tells whether the file that an address names only keeps a place.
fn is_placeholder(address: &str) -> bool {
    let file = file(address).to_ascii_lowercase();
    PLACEHOLDER_WORDS.iter().any(|word| file.contains(word))
}

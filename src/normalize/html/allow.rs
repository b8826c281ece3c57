//! What may stand in our HTML (S14): one table for both readers, the strict one and `ammonia`.

use super::{lazy, noscript};
use ammonia::{Builder, UrlRelative};
use std::collections::{HashMap, HashSet};
use std::sync::LazyLock;

/// How an element stands among others, as far as the strict reader needs to know.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Model {
    /// Within a line; may hold anything.
    Phrase,
    /// `a`: as `Phrase`, but never within itself.
    Anchor,
    /// Within a line, without content.
    Void,
    /// `p`: holds no block.
    Paragraph,
    /// `h1` to `h6`: a block, never within itself.
    Heading,
    /// `hr`: a block without content.
    Rule,
    /// Any other block.
    Block,
    /// `li`: stands in a list only.
    ListItem,
    /// `dt`, `dd`: stand in a `dl` only.
    Definition,
    /// Tables, media and ruby: their places follow rules that only a full parser knows.
    Intricate,
    /// As `Intricate`, without content.
    IntricateVoid,
    /// `noscript`: read as a `Phrase`, and never written. What it holds is meant for readers like ours.
    Unwrapped,
}

impl Model {
    /// Tells whether the element has no content and no end tag.
    pub(super) fn is_void(self) -> bool {
        matches!(self, Self::Void | Self::Rule | Self::IntricateVoid)
    }

    /// Tells whether words before and after it are two words in plain text.
    pub(super) fn parts_words(self, name: &str) -> bool {
        let is_inline = matches!(
            self,
            Self::Phrase | Self::Anchor | Self::Void | Self::Unwrapped
        );
        !is_inline || name == "br"
    }
}

/// The elements that stay, and `noscript`; sorted. All others go and leave their content, but see
/// [`WITH_CONTENT`].
pub(super) const ELEMENTS: &[(&str, Model)] = &[
    ("a", Model::Anchor),
    ("abbr", Model::Phrase),
    ("address", Model::Block),
    ("article", Model::Block),
    ("aside", Model::Block),
    ("audio", Model::Intricate),
    ("b", Model::Phrase),
    ("bdi", Model::Phrase),
    ("bdo", Model::Phrase),
    ("blockquote", Model::Block),
    ("br", Model::Void),
    ("caption", Model::Intricate),
    ("cite", Model::Phrase),
    ("code", Model::Phrase),
    ("col", Model::IntricateVoid),
    ("colgroup", Model::Intricate),
    ("dd", Model::Definition),
    ("del", Model::Phrase),
    ("details", Model::Block),
    ("dfn", Model::Phrase),
    ("div", Model::Block),
    ("dl", Model::Block),
    ("dt", Model::Definition),
    ("em", Model::Phrase),
    ("figcaption", Model::Block),
    ("figure", Model::Block),
    ("footer", Model::Block),
    ("h1", Model::Heading),
    ("h2", Model::Heading),
    ("h3", Model::Heading),
    ("h4", Model::Heading),
    ("h5", Model::Heading),
    ("h6", Model::Heading),
    ("header", Model::Block),
    ("hr", Model::Rule),
    ("i", Model::Phrase),
    ("img", Model::Void),
    ("ins", Model::Phrase),
    ("kbd", Model::Phrase),
    ("li", Model::ListItem),
    ("mark", Model::Phrase),
    ("nav", Model::Block),
    (noscript::NAME, Model::Unwrapped),
    ("ol", Model::Block),
    ("p", Model::Paragraph),
    ("picture", Model::Intricate),
    ("pre", Model::Intricate),
    ("q", Model::Phrase),
    ("rp", Model::Intricate),
    ("rt", Model::Intricate),
    ("ruby", Model::Intricate),
    ("s", Model::Phrase),
    ("samp", Model::Phrase),
    ("section", Model::Block),
    ("small", Model::Phrase),
    ("source", Model::IntricateVoid),
    ("span", Model::Phrase),
    ("strong", Model::Phrase),
    ("sub", Model::Phrase),
    ("summary", Model::Block),
    ("sup", Model::Phrase),
    ("table", Model::Intricate),
    ("tbody", Model::Intricate),
    ("td", Model::Intricate),
    ("tfoot", Model::Intricate),
    ("th", Model::Intricate),
    ("thead", Model::Intricate),
    ("time", Model::Phrase),
    ("tr", Model::Intricate),
    ("u", Model::Phrase),
    ("ul", Model::Block),
    ("var", Model::Phrase),
    ("video", Model::Intricate),
    ("wbr", Model::Void),
];

/// The elements that go with all that they hold: what is in them is no text for readers.
pub(super) const WITH_CONTENT: &[&str] = &[
    "script", "style", "iframe", "noembed", "noframes", "object", "svg", "math", "template",
    "title", "textarea", "select",
];

/// How the value of an attribute is checked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Value {
    /// Any text.
    Text,
    /// An address that a reader may follow: http, https, mailto.
    Link,
    /// An address that a reader's program fetches: http, https.
    Resource,
    /// A list of those, `srcset`.
    Resources,
    /// Read and never written: it tells what a picture is (`lazy.rs`, `pixel.rs`).
    Hint,
}

/// Attributes that any element may have.
const COMMON_ATTRIBUTES: &[&str] = &["dir", "lang", "title"];

/// Attributes of single elements.
const ATTRIBUTES: &[(&str, &str, Value)] = &[
    ("a", "href", Value::Link),
    ("img", "src", Value::Resource),
    ("img", "alt", Value::Text),
    ("img", "width", Value::Text),
    ("img", "height", Value::Text),
    ("img", "srcset", Value::Resources),
    ("img", "sizes", Value::Text),
    ("img", "style", Value::Hint),
    ("source", "src", Value::Resource),
    ("source", "srcset", Value::Resources),
    ("source", "sizes", Value::Text),
    ("source", "media", Value::Text),
    ("source", "type", Value::Text),
    ("video", "src", Value::Resource),
    ("video", "poster", Value::Resource),
    ("video", "width", Value::Text),
    ("video", "height", Value::Text),
    ("video", "controls", Value::Text),
    ("audio", "src", Value::Resource),
    ("audio", "controls", Value::Text),
    ("blockquote", "cite", Value::Link),
    ("q", "cite", Value::Link),
    ("del", "cite", Value::Link),
    ("del", "datetime", Value::Text),
    ("ins", "cite", Value::Link),
    ("ins", "datetime", Value::Text),
    ("time", "datetime", Value::Text),
    ("details", "open", Value::Text),
    ("ol", "start", Value::Text),
    ("ol", "reversed", Value::Text),
    ("li", "value", Value::Text),
    ("col", "span", Value::Text),
    ("colgroup", "span", Value::Text),
    ("td", "colspan", Value::Text),
    ("td", "rowspan", Value::Text),
    ("th", "colspan", Value::Text),
    ("th", "rowspan", Value::Text),
    ("th", "scope", Value::Text),
];

/// The elements whose addresses may wait for a script (`lazy.rs`).
const LAZY_ELEMENTS: &[&str] = &["audio", "img", "source", "video"];

/// Returns the model of an element that stays; names in lower case.
pub(super) fn element(name: &str) -> Option<(&'static str, Model)> {
    let at = ELEMENTS
        .binary_search_by(|(known, _)| known.cmp(&name))
        .ok()?;
    ELEMENTS.get(at).copied()
}

/// Returns how an attribute that stays is checked; names in lower case.
pub(super) fn attribute(element: &str, name: &str) -> Option<Value> {
    if COMMON_ATTRIBUTES.contains(&name) {
        return Some(Value::Text);
    }
    if name.starts_with("data-") {
        return (may_wait(element) && lazy::target(name).is_some()).then_some(Value::Hint);
    }
    ATTRIBUTES
        .iter()
        .find(|(of, known, _)| *known == name && *of == element)
        .map(|&(.., value)| value)
}

/// Tells whether addresses of an element may wait for a script.
pub(super) fn may_wait(element: &str) -> bool {
    LAZY_ELEMENTS.contains(&element)
}

/// The full sanitiser, set up once: it copies its tables when it is built.
///
/// Relative addresses pass: `write.rs`, which reads all that it gives, makes them absolute.
pub(super) static AMMONIA: LazyLock<Builder<'static>> = LazyLock::new(|| {
    let mut attributes: HashMap<&str, HashSet<&str>> = HashMap::new();
    for (element, name, _) in ATTRIBUTES {
        attributes.entry(element).or_default().insert(name);
    }
    for element in LAZY_ELEMENTS {
        attributes.entry(element).or_default().extend(lazy::names());
    }
    let names = ELEMENTS.iter().map(|(name, _)| *name);
    let mut builder = Builder::empty();
    builder
        .tags(names.chain([noscript::MARKED]).collect())
        .clean_content_tags(WITH_CONTENT.iter().copied().collect())
        .generic_attributes(COMMON_ATTRIBUTES.iter().copied().collect())
        .tag_attributes(attributes)
        .url_schemes(["http", "https", "mailto"].into())
        .url_relative(UrlRelative::PassThrough)
        .link_rel(None);
    builder
});

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_elements_are_sorted_for_the_search() {
        assert!(ELEMENTS.is_sorted_by_key(|(name, _)| *name));
    }

    #[test]
    fn s14_nothing_that_runs_or_frames_is_allowed() {
        for name in [
            "script", "style", "svg", "math", "iframe", "form", "object", "embed", "base", "meta",
            "link", "input", "button", "textarea", "template", "frameset", "track", "image",
        ] {
            assert_eq!(element(name), None, "{name}");
        }
        for name in [
            "onerror",
            "onload",
            "class",
            "id",
            "srcdoc",
            "formaction",
            "longdesc",
            "data-sizes",
        ] {
            assert_eq!(attribute("img", name), None, "{name}");
        }
        for (element, name) in [("p", "style"), ("a", "data-src"), ("iframe", "data-src")] {
            assert_eq!(attribute(element, name), None, "{element} {name}");
        }
        assert_eq!(
            element(noscript::NAME),
            Some(("noscript", Model::Unwrapped))
        );
        for name in ["style", "data-src", "data-lazy-srcset"] {
            assert_eq!(attribute("img", name), Some(Value::Hint), "{name}");
        }
    }
}

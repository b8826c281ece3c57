//! Which entries a topic may hold, whatever they say: by feed, group and language.

use crate::model::{FeedId, Feeds, Scope};
use std::fmt;

/// What keeps an entry out of a topic.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bar<'a> {
    /// Its feed is none of those that the topic takes from.
    NoFeed,
    /// Its feed, or a group that this is in, is left out.
    Feed(Option<&'a str>),
    /// It is in none of the languages.
    NoLanguage,
    /// It is in a language that is left out, by this tag.
    Language(&'a str),
}

/// Returns what keeps an entry of a feed and a language out of a scope.
///
/// What is left out is, even if it is taken in by another name. An entry of which no language is known is in
/// none: a topic of certain languages cannot hold it, and one that leaves some out does. A text of no feed, which
/// somebody tries a topic on, is in any feed, and where it names no language in any.
pub fn bar<'a>(scope: &'a Scope, feed: &FeedId, language: Option<&str>) -> Option<Bar<'a>> {
    let is_tried = feed.as_str().is_empty();
    let holds = |feeds: &&Feeds| feeds.feeds.contains(feed);
    let is_tag = |tag: &&String| is_language(tag, language);
    if let Some(out) = scope.not_feeds.iter().find(holds) {
        return Some(Bar::Feed(out.group.as_deref()));
    }
    if !is_tried && !scope.feeds.is_empty() && !scope.feeds.iter().any(|feeds| holds(&feeds)) {
        return Some(Bar::NoFeed);
    }
    if let Some(out) = scope.not_languages.iter().find(is_tag) {
        return Some(Bar::Language(out));
    }
    let is_any = scope.languages.is_empty() || is_tried && language.is_none();
    (!is_any && !scope.languages.iter().any(|tag| is_tag(&tag))).then_some(Bar::NoLanguage)
}

/// Tells whether a scope goes by languages: where it does not, nobody need know that of an entry.
pub fn names_languages(scope: &Scope) -> bool {
    !scope.languages.is_empty() || !scope.not_languages.is_empty()
}

/// Tells whether a language is the one of a tag, or a kind of it: `en-GB` is `en`.
fn is_language(tag: &str, language: Option<&str>) -> bool {
    let Some(language) = language else {
        return false;
    };
    let (mut parts, mut wanted) = (language.split('-'), tag.split('-'));
    wanted.all(|wanted| {
        parts
            .next()
            .is_some_and(|part| part.eq_ignore_ascii_case(wanted))
    })
}

impl fmt::Display for Bar<'_> {
    /// Says it as a reason for being out, with the key of `feeds.toml` that decides.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NoFeed => f.write_str("its feed is none of `include-feeds` and `include-groups`"),
            Self::Feed(None) => f.write_str("its feed is left out by `exclude-feeds`"),
            Self::Feed(Some(group)) => {
                write!(f, "its group `{group}` is left out by `exclude-groups`")
            }
            Self::NoLanguage => f.write_str("its language is none of `include-languages`"),
            Self::Language(tag) => {
                write!(
                    f,
                    "its language, `{tag}`, is left out by `exclude-languages`"
                )
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Arc;

    fn feeds(group: Option<&str>, names: &[&str]) -> Feeds {
        Feeds {
            group: group.map(str::to_owned),
            feeds: Arc::new(names.iter().map(FeedId::new).collect()),
        }
    }

    #[test]
    fn a_scope_says_why_an_entry_is_out() {
        let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
        let some = Scope {
            feeds: vec![feeds(None, &["a"]), feeds(Some("press"), &["b", "c"])],
            not_feeds: vec![feeds(None, &["c"]), feeds(Some("hobby"), &["d"])],
            languages: tags(&["en", "pt-BR"]),
            not_languages: tags(&["en-AU"]),
        };
        for (scope, feed, language, expected) in [
            (&Scope::default(), "a", None, ""),
            (&some, "a", Some("en"), ""),
            (&some, "", None, ""),
            (&some, "", Some("en"), ""),
            (
                &some,
                "",
                Some("ru"),
                "its language is none of `include-languages`",
            ),
            (&some, "a", Some("EN-gb"), ""),
            (&some, "b", Some("pt-br"), ""),
            (
                &some,
                "a",
                Some("pt"),
                "its language is none of `include-languages`",
            ),
            (
                &some,
                "a",
                Some("eng"),
                "its language is none of `include-languages`",
            ),
            (
                &some,
                "a",
                None,
                "its language is none of `include-languages`",
            ),
            (
                &some,
                "a",
                Some("en-AU"),
                "its language, `en-AU`, is left out by `exclude-languages`",
            ),
            (
                &some,
                "c",
                Some("en"),
                "its feed is left out by `exclude-feeds`",
            ),
            (
                &some,
                "d",
                Some("en"),
                "its group `hobby` is left out by `exclude-groups`",
            ),
            (
                &some,
                "e",
                Some("en"),
                "its feed is none of `include-feeds` and `include-groups`",
            ),
        ] {
            let bar = bar(scope, &FeedId::new(feed), language);
            let says = bar.map(|bar| bar.to_string()).unwrap_or_default();
            assert_eq!(says, expected, "{feed} {language:?}");
        }
    }

    #[test]
    fn who_leaves_out_some_languages_holds_what_has_none() {
        let scope = Scope {
            not_languages: vec!["ru".to_owned()],
            ..Scope::default()
        };
        assert_eq!(bar(&scope, &FeedId::new("a"), None), None);
    }
}

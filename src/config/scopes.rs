//! Warns of topics that can hold nothing, whatever their query finds: for their feeds, groups and languages.

use super::membership::{IN, Membership, OUT};
use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::settings::FeedSettings;
use crate::classify::{Bar, bar};
use crate::model::Scope;
use std::ops::Range;

/// Warns where a topic of this scope can hold nothing.
pub(super) fn warn(
    membership: &Membership<'_>,
    scope: &Scope,
    feeds: &[FeedSettings],
    reading: &mut Reading<'_>,
) {
    of_feeds(membership, scope, feeds, reading);
    of_languages(membership, scope, feeds, reading);
    let groups = membership.groups.iter().flatten();
    for text in groups {
        let is_in = |feed: &FeedSettings| feed.group.as_deref() == Some(&*text.value);
        if !feeds.iter().any(is_in) {
            let group = shown(&text.value);
            let message = format!("no feed is in the group `{group}`");
            let help =
                format!("write `group = \"{group}\"` in a `[[feed]]`, or leave the name out");
            never(text.span.clone(), message, help, reading);
        }
    }
}

fn never(span: Range<usize>, message: String, help: impl Into<String>, reading: &mut Reading<'_>) {
    reading.report(span, Fault::new(Code::NeverMatches, message, help));
}

/// Tells whether a feed may stand in a topic, whatever language it is in.
fn is_admitted(scope: &Scope, feed: &FeedSettings) -> bool {
    let any_language = Scope {
        languages: Vec::new(),
        not_languages: Vec::new(),
        ..scope.clone()
    };
    bar(&any_language, &feed.id, None).is_none()
}

/// Warns where every feed that is taken is left out.
fn of_feeds(
    membership: &Membership<'_>,
    scope: &Scope,
    feeds: &[FeedSettings],
    reading: &mut Reading<'_>,
) {
    let named = |side: usize| {
        let all = [&membership.feeds, &membership.groups];
        all.map(|all| all.get(side))
            .into_iter()
            .flatten()
            .flatten()
            .next()
    };
    let out = named(OUT).filter(|_| !feeds.is_empty());
    let Some(out) = out.filter(|_| !feeds.iter().any(|feed| is_admitted(scope, feed))) else {
        return;
    };
    // Where the feeds that are taken are none, that is said of their groups.
    let is_taken = |feed: &FeedSettings| {
        scope
            .feeds
            .iter()
            .any(|feeds| feeds.feeds.contains(&feed.id))
    };
    match named(IN) {
        Some(taken) if feeds.iter().any(is_taken) => {
            let message = "every feed that the topic takes is left out again: it holds nothing";
            let help = "take a name out of `exclude-feeds` or `exclude-groups`";
            never(taken.span.clone(), message.to_owned(), help, reading);
        }
        Some(_) => {}
        None => {
            let message = "every feed is left out: the topic holds nothing";
            let help = "take a name out of `exclude-feeds` or `exclude-groups`";
            never(out.span.clone(), message.to_owned(), help, reading);
        }
    }
}

/// Warns of languages that are left out again, and of those that no feed which the topic takes is said to be in.
fn of_languages(
    membership: &Membership<'_>,
    scope: &Scope,
    feeds: &[FeedSettings],
    reading: &mut Reading<'_>,
) {
    let nowhere = Scope {
        not_languages: scope.not_languages.clone(),
        ..Scope::default()
    };
    let taken: Vec<&FeedSettings> = feeds
        .iter()
        .filter(|feed| is_admitted(scope, feed))
        .collect();
    for tag in membership.languages.get(IN).into_iter().flatten() {
        let (span, tag) = (tag.span(), tag.get_ref());
        let of_tag = Scope {
            languages: vec![tag.clone()],
            ..Scope::default()
        };
        let is_in =
            |feed: &&&FeedSettings| bar(&of_tag, &feed.id, feed.language.as_deref()).is_none();
        let is_out = taken
            .first()
            .and_then(|feed| bar(&nowhere, &feed.id, Some(tag)));
        if let Some(Bar::Language(out)) = is_out {
            let message = format!("the language `{tag}` is left out again by `{out}`");
            let help = "take it out of `include-languages` or of `exclude-languages`";
            never(span, message, help, reading);
        } else if !taken.is_empty()
            && taken.iter().all(|feed| feed.language.is_some())
            && taken.iter().find(is_in).is_none()
        {
            let message = format!("no feed that the topic takes is in `{tag}`");
            let help = format!(
                "write `language = \"{tag}\"` in the `[[feed]]` that is, or leave the tag out"
            );
            never(span, message, help, reading);
        }
    }
}

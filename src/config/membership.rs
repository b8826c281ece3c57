//! What a `[[topic]]` takes beside what its query finds, and what it may not hold: feeds, groups, languages, whole
//! stories.

use super::groups::Group;
use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::{Reading, Text};
use super::settings::FeedSettings;
use super::table::{Table, understood};
use super::values::language;
use crate::classify::Rule;
use crate::model::{FeedId, Feeds, Scope};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use toml::Spanned;

/// What it says, as written.
pub(super) struct Membership<'a> {
    pub(super) feeds: [Vec<Text<'a>>; 2],
    pub(super) groups: [Vec<Text<'a>>; 2],
    pub(super) languages: [Vec<Spanned<String>>; 2],
    pulls: bool,
    /// The topics that it takes from.
    pub(super) inherits: Vec<Text<'a>>,
}

/// Where what is taken in stands in a pair, and what is left out.
pub(super) const IN: usize = 0;
pub(super) const OUT: usize = 1;

/// Reads the keys of one topic.
pub(super) fn read<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Membership<'a> {
    let feeds = [
        named(table, "include-feeds", "bbc-world", reading),
        table.strings("exclude-feeds", "bbc-world", reading),
    ];
    let groups = [
        named(table, "include-groups", "world", reading),
        table.strings("exclude-groups", "world", reading),
    ];
    let languages = [
        named(table, "include-languages", "en", reading),
        table.strings("exclude-languages", "en", reading),
    ];
    Membership {
        feeds: feeds.map(Option::unwrap_or_default),
        groups: groups.map(Option::unwrap_or_default),
        languages: languages.map(|tags| tags_of(&tags.unwrap_or_default(), reading)),
        pulls: table.boolean("story-pull", reading).unwrap_or_default(),
        inherits: table
            .strings("inherits", "geopolitics", reading)
            .unwrap_or_default(),
    }
}

/// Reads what a topic takes from; a list of nothing is hardly meant.
fn named<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    example: &str,
    reading: &mut Reading<'a>,
) -> Option<Vec<Text<'a>>> {
    let item = table.take(key)?;
    let span = item.span.clone();
    let named = super::table::strings(item, example, reading)?;
    if named.is_empty() {
        let message = format!("a topic with an empty `{key}` holds nothing");
        let help = format!("write `{key} = [\"{example}\"]`, or leave the key out");
        reading.report(span, Fault::new(Code::BadValue, message, help));
    }
    Some(named)
}

fn tags_of(texts: &[Text<'_>], reading: &mut Reading<'_>) -> Vec<Spanned<String>> {
    let tags = texts.iter();
    tags.filter_map(|text| understood(text, language, reading))
        .collect()
}

/// The feeds and groups that there are.
pub(super) struct Known {
    feeds: BTreeSet<FeedId>,
    groups: BTreeMap<String, Arc<BTreeSet<FeedId>>>,
}

impl Known {
    pub(super) fn new(feeds: &[FeedSettings], groups: &BTreeMap<String, Group>) -> Self {
        let mut members: BTreeMap<&str, BTreeSet<FeedId>> = BTreeMap::new();
        for feed in feeds {
            if let Some(group) = &feed.group {
                members.entry(group).or_default().insert(feed.id.clone());
            }
        }
        let group = |name: &String| {
            let members = members.remove(name.as_str()).unwrap_or_default();
            (name.clone(), Arc::new(members))
        };
        Self {
            feeds: feeds.iter().map(|feed| feed.id.clone()).collect(),
            groups: groups.keys().map(group).collect(),
        }
    }

    fn feed(&self, text: &Text<'_>, reading: &mut Reading<'_>) -> Option<Feeds> {
        let id = FeedId::new(&text.value);
        if self.feeds.contains(&id) {
            return Some(Feeds {
                group: None,
                feeds: Arc::new(BTreeSet::from([id])),
            });
        }
        let names = self.feeds.iter().map(FeedId::as_str);
        let help = match reading.suggestion(&text.value, names) {
            none if none.is_empty() => {
                "write a `[[feed]]` of that id, or leave the name out".to_owned()
            }
            help => help,
        };
        let message = format!("there is no feed `{}`", shown(&text.value));
        let fault = Fault::new(Code::UnknownFeed, message, help);
        reading.report(text.span.clone(), fault);
        None
    }

    fn group(&self, text: &Text<'_>, reading: &mut Reading<'_>) -> Option<Feeds> {
        if let Some(feeds) = self.groups.get(text.value.as_ref()) {
            return Some(Feeds {
                group: Some(text.value.to_string()),
                feeds: Arc::clone(feeds),
            });
        }
        let names = self.groups.keys().map(String::as_str);
        let help = match reading.suggestion(&text.value, names) {
            none if none.is_empty() => {
                format!(
                    "write `[group.{}]`, or leave the name out",
                    shown(&text.value)
                )
            }
            help => help,
        };
        let message = format!("there is no group `{}`", shown(&text.value));
        let fault = Fault::new(Code::UnknownGroup, message, help);
        reading.report(text.span.clone(), fault);
        None
    }
}

impl Membership<'_> {
    /// Adds what the topic says to its rule; feeds and groups that are not there are reported.
    pub(super) fn add_to(&self, rule: Rule, known: &Known, reading: &mut Reading<'_>) -> Rule {
        let mut of = |side: usize| -> Vec<Feeds> {
            let (feeds, groups) = (self.feeds.get(side), self.groups.get(side));
            let mut found: Vec<Feeds> = Vec::new();
            for text in feeds.into_iter().flatten() {
                found.extend(known.feed(text, reading));
            }
            for text in groups.into_iter().flatten() {
                found.extend(known.group(text, reading));
            }
            found
        };
        let (feeds, not_feeds) = (of(IN), of(OUT));
        let tags =
            |tags: &Vec<Spanned<String>>| tags.iter().map(|it| it.get_ref().clone()).collect();
        let [languages, not_languages] = self.languages.each_ref().map(tags);
        Rule {
            scope: Scope {
                feeds,
                not_feeds,
                languages,
                not_languages,
            },
            pulls: self.pulls,
            inherits: self
                .inherits
                .iter()
                .map(|text| text.value.to_string())
                .collect(),
            ..rule
        }
    }
}

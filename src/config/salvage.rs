//! What can be read of a `feeds.toml` with mistakes, for who asks what is stored: never for who polls or publishes by it.

use super::blocks::quoted;
use super::reading::{Reading, Secrets};
use super::settings::{Config, FeedSettings};
use super::table::Table;
use super::unclosed::{unclosed, without};
use super::walk;
use crate::classify::{Alias, Classifier, Place, Rule};
use crate::model::FeedId;
use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};
use toml::de::DeTable;

/// What is in force as the store has it, whatever the file says by now.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct InForce {
    /// The feeds, each with its address.
    pub feeds: Vec<(FeedId, String)>,
    /// The names of the topics.
    pub topics: Vec<String>,
}

/// Returns a configuration with the feeds and topics that are in force. What else there is to know of them, and everything
/// else, is what can be read of the text: where that is nothing, what holds without it.
pub fn salvage(text: &str, in_force: &InForce) -> Config {
    let mut config = read(text);
    let known: BTreeSet<&FeedId> = config.feeds.iter().map(|feed| &feed.id).collect();
    let unknown = in_force.feeds.iter().filter(|(id, _)| !known.contains(id));
    let bare: Vec<String> = unknown.map(|(id, url)| bare(id.as_str(), url)).collect();
    let feeds = read(&bare.concat()).feeds.into_iter().chain(config.feeds);
    let mut feeds: BTreeMap<FeedId, FeedSettings> =
        feeds.map(|feed| (feed.id.clone(), feed)).collect();
    for id in switched_off(text) {
        if let Some(feed) = feeds.get_mut(&FeedId::new(id)) {
            feed.enabled = false;
        }
    }
    let kept = in_force.feeds.iter();
    config.feeds = kept.filter_map(|(id, _)| feeds.remove(id)).collect();
    let titles: BTreeMap<String, String> = config.site.topics.into_iter().collect();
    let topics = in_force.topics.iter();
    config.site.topics = topics
        .map(|name| (name.clone(), titles.get(name).unwrap_or(name).clone()))
        .collect();
    compilable(&mut config.aliases, &mut config.rules);
    config
}

/// Returns a feed of which no more is known, as it would be written.
fn bare(id: &str, url: &str) -> String {
    format!("[[feed]]\nid = {}\nurl = {}\n", quoted(id), quoted(url))
}

/// Returns the ids of feeds that are switched off by lines of a text, whatever else is wrong around them: in the header, the
/// address, or what is said of `enabled`, which nobody writes to have a feed polled.
fn switched_off(text: &str) -> Vec<String> {
    let value = |line: &str, key: &str| {
        let rest = line.trim_start().strip_prefix(key)?.trim_start();
        let value = rest.strip_prefix('=')?.split('#').next()?.trim();
        Some(value.to_owned())
    };
    let mut off = Vec::new();
    let (mut id, mut is_off) = (None, false);
    for line in text.lines().chain(["["]) {
        if line.trim_start().starts_with('[') {
            off.extend(id.take().filter(|_| is_off));
            is_off = false;
        }
        if let Some(named) = value(line, "id") {
            id = Some(named.trim_matches(['"', '\'']).to_owned());
        }
        is_off |= value(line, "enabled").is_some_and(|it| it != "true");
    }
    off
}

/// Returns a text without what nothing closes in it, so that the rest can be read; as it is where it is TOML, in which a
/// text may look like that.
pub(super) fn readable(text: &str) -> Cow<'_, str> {
    let (_, errors) = DeTable::parse_recoverable(text);
    if errors.is_empty() {
        return Cow::Borrowed(text);
    }
    without(&unclosed(text), text)
}

/// Reads what can be read; nothing is said of the rest.
fn read(text: &str) -> Config {
    let text = readable(text);
    let (document, _) = DeTable::parse_recoverable(&text);
    let mut reading = Reading::new(&text, &|_| None, Secrets::Ignored);
    walk(Table::new("", 0..0, document.into_inner()), &mut reading)
}

/// Leaves out the aliases and rules that do not compile, and those that do not without them.
fn compilable(aliases: &mut Vec<Alias>, rules: &mut Vec<Rule>) {
    while let Err(problems) = Classifier::compile(aliases, rules) {
        let places: Vec<Place> = problems.into_iter().map(|problem| problem.place).collect();
        let all = aliases.len() + rules.len();
        aliases.retain(|alias| !places.iter().any(|place| is_in(place, &alias.name)));
        let mut at = 0;
        rules.retain(|_| {
            at += 1;
            !places.iter().any(|place| rule(place) == Some(at - 1))
        });
        if aliases.len() + rules.len() == all {
            // Of another place than these: by packs alone everything compiles.
            aliases.clear();
            rules.clear();
        }
    }
}

fn is_in(place: &Place, alias: &str) -> bool {
    matches!(place, Place::Alias { name, .. } if name == alias)
}

fn rule(place: &Place) -> Option<usize> {
    match place {
        Place::Rule { rule } | Place::Inherited { rule, .. } => Some(*rule),
        Place::Alias { .. } => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn in_force() -> InForce {
        let feed = |id: &str| (FeedId::new(id), format!("https://{id}.example/rss"));
        InForce {
            feeds: vec![feed("a"), feed("b")],
            topics: vec!["ports".to_owned(), "ships".to_owned()],
        }
    }

    #[test]
    fn what_is_in_force_is_there_whatever_the_file_says() {
        let feed =
            |id: &str| format!("[[feed]]\nid = \"{id}\"\nurl = \"https://{id}.example/rss\"\n");
        let topic = "[[topic]]\nname = \"ports\"\ntitle = \"Ports\"\nquery = \"@mine port\"\n";
        let good = format!(
            "{}enabled = false\n{topic}[alias]\nmine = [\"quay\"]\n",
            feed("a")
        );
        for (text, is_off, title, rules) in [
            (String::new(), false, "ports", 0),
            ("[[".to_owned(), false, "ports", 0),
            (format!("{good}x = [\"y\"\n[server]\n"), true, "Ports", 1),
            (
                format!("{}shedule = 1\n{good}", feed("c")),
                true,
                "Ports",
                1,
            ),
            (
                format!("{good}[[topic]]\nname = \"t\"\nquery = \"(\"\n"),
                true,
                "Ports",
                1,
            ),
            (good.replace("quay\"", "(\""), true, "Ports", 0),
        ] {
            let config = salvage(&text, &in_force());
            let ids: Vec<&str> = config.feeds.iter().map(|feed| feed.id.as_str()).collect();
            assert_eq!(ids, ["a", "b"], "{text}");
            assert_eq!(
                config.feeds.first().map(|feed| !feed.enabled),
                Some(is_off),
                "{text}"
            );
            let topics: Vec<&str> = config.site.topics.iter().map(|it| it.1.as_str()).collect();
            assert_eq!(topics, [title, "ships"], "{text}");
            assert_eq!(config.rules.len(), rules, "{text}");
        }
        // A feed that is switched off is so where its table cannot be read.
        for (was, is) in [
            ("[[feed]]", "[[feed]"),
            ("[[feed]]", "[[feeed]]"),
            ("url = \"", "url = "),
            ("https://a", "htps:/a"),
            ("= false\n", "= flase # for now\n"),
            ("enabled = false", "shedule = 1\n  enabled=false"),
        ] {
            let text = format!("{}{}", feed("b"), good.replacen(was, is, 1));
            let config = salvage(&text, &in_force());
            let on: Vec<bool> = config.feeds.iter().map(|feed| feed.enabled).collect();
            assert_eq!(on, [false, true], "{text}");
        }
        // An address without what is secret in it need not be one.
        let odd = InForce {
            feeds: vec![(FeedId::new("a"), "https://***@a.example/\"\n".to_owned())],
            topics: Vec::new(),
        };
        assert_eq!(salvage("", &odd).feeds.len(), 1);
    }
}

//! What can be read of a `feeds.toml` with mistakes, for who asks what is stored: never for who polls or publishes by it.

use super::blocks::{feed_lines, quoted};
use super::outline::{header, short_string};
use super::reading::{Reading, Secrets};
use super::settings::{Config, FeedSettings};
use super::table::Table;
use super::unclosed::{is_table, unclosed, without};
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

/// Returns a configuration with the feeds and topics that are in force, the feeds in the order of the text, last those that
/// are not found in it. What else there is to know of them, and everything else, is what can be read of the text: where that
/// is nothing, what holds without it.
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
    let lines = feed_lines(&readable(text));
    let place = |feed: &FeedSettings| lines.get(feed.id.as_str()).copied();
    config
        .feeds
        .sort_by_key(|feed| place(feed).unwrap_or(usize::MAX));
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
/// address, or in how `false` is spelled.
fn switched_off(text: &str) -> Vec<String> {
    let mut off = Vec::new();
    let mut open = vec![Named::default()];
    for line in text.lines() {
        // Also where nothing closes the brackets.
        if is_table(&format!("{}]", header(line))) {
            off.extend(ended(&mut open));
        }
        for part in parts(line) {
            match part {
                "{" => open.push(Named::default()),
                "}" if open.len() > 1 => off.extend(open.pop().and_then(Named::off)),
                key => open
                    .iter_mut()
                    .next_back()
                    .into_iter()
                    .for_each(|it| it.read(key)),
            }
        }
    }
    off.extend(ended(&mut open));
    off
}

/// What the keys of a table say of a feed.
#[derive(Default)]
struct Named {
    id: Option<String>,
    is_off: bool,
}

impl Named {
    fn read(&mut self, key: &str) {
        let value = |name: &str| {
            let rest = key.trim_start().strip_prefix(name)?.trim_start();
            Some(rest.strip_prefix('=')?.trim().trim_matches(['"', '\'']))
        };
        if let Some(id) = value("id") {
            self.id = Some(id.to_owned());
        }
        self.is_off |= value("enabled").is_some_and(means_off);
    }

    /// Returns the id of one that is switched off.
    fn off(self) -> Option<String> {
        self.id.filter(|_| self.is_off)
    }
}

/// Tells whether a value means `false`, however it is spelled (`flase`, `False`, "no"); of any other the feed may be polled.
fn means_off(value: &str) -> bool {
    let value = value.to_lowercase();
    ["f", "n", "of", "0"].iter().any(|it| value.starts_with(it))
}

/// Ends a table with the inline ones within it that nothing closed, whose keys are its own where they have no id; returns the
/// ids of feeds that are switched off.
fn ended(open: &mut Vec<Named>) -> Vec<String> {
    let mut off = Vec::new();
    let mut is_off = false;
    while let Some(mut named) = open.pop() {
        named.is_off |= is_off;
        is_off = named.is_off && named.id.is_none();
        off.extend(named.off());
    }
    open.push(Named::default());
    off
}

/// Returns what stands in a line between commas and the braces of inline tables, and these braces; without the comment.
fn parts(line: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    while let Some(rest) = line.get(at..)
        && let Some(c) = rest.chars().next()
    {
        let length = match c {
            '#' => break,
            '"' | '\'' => short_string(rest).0,
            _ => c.len_utf8(),
        };
        if "{},".contains(c) {
            parts.extend(line.get(start..at));
            parts.extend(rest.get(..length).filter(|it| *it != ","));
            start = at + length;
        }
        at += length;
    }
    parts.extend(line.get(start..at));
    parts
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
            ("[[feed]]", "[[feed # a"),
            ("[[feed]]", "[[feeed]]"),
            ("url = \"", "url = "),
            ("https://a", "htps:/a"),
            ("= false\n", "= flase # for now\n"),
            ("enabled = false", "shedule = 1\n  enabled=false"),
            ("= false", "= False"),
            ("= false", "= \"no\""),
            ("enabled", "topics = [\n[\"x\"],\n[1, 2\n]\nenabled"),
            ("enabled", "auth = { bearer = \"x\"\nenabled"),
            ("enabled", "headers = { x = \"}\", id = \"b\" }\nenabled"),
        ] {
            let text = format!("{}{}", feed("b"), good.replacen(was, is, 1));
            let config = salvage(&text, &in_force());
            let feeds = config.feeds.iter();
            let on: Vec<(&str, bool)> = feeds.map(|it| (it.id.as_str(), it.enabled)).collect();
            assert_eq!(on, [("b", true), ("a", false)], "{text}");
        }
        // An address without what is secret in it need not be one.
        let odd = InForce {
            feeds: vec![(FeedId::new("a"), "https://***@a.example/\"\n".to_owned())],
            topics: Vec::new(),
        };
        assert_eq!(salvage("", &odd).feeds.len(), 1);
    }

    #[test]
    fn what_means_off_switches_off() {
        let list = "feed = [\n{ id = \"b\", url = \"x\" },\n{ id = 'a', url = h:, enabled = false, shedule = 1 },\n]\n";
        for text in [
            list.to_owned(),
            list.replace('\n', ""),
            list.replace("x\"", "x"),
        ] {
            assert_eq!(switched_off(&text), ["a"], "{text}");
        }
        // What does not mean off has no say, nor what stands in a comment or in the table within a feed.
        for is in [
            "= True",
            "= yes",
            "= \"true\"",
            "= ture",
            "= # false",
            "= {enabled = false}",
            "= 1 # enabled = false",
        ] {
            let text = format!("x = (\n[[feed]]\nid = \"a\"\nenabled {is}\n");
            assert_eq!(switched_off(&text), [""; 0], "{text}");
        }
    }
}

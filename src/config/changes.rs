//! What becomes of the addresses that readers have, from one configuration to the next.

use super::settings::Config;
use crate::model::{FeedId, is_topic, output_label};
use crate::publish::{Output, OutputFormat, Selection};
use std::collections::{BTreeMap, BTreeSet};

/// Returns in one line which outputs go, come, or select something else, have other formats or another key than before;
/// `None` where none does.
///
/// Who writes the first `[[output]]` takes all those away that were made without one. What a topic finds is the topic's
/// change.
pub fn outputs_changed(before: &Config, now: &Config) -> Option<String> {
    let had = outputs_of(before);
    let has = outputs_of(now);
    let (asked, asks) = (queries_of(before), queries_of(now));
    let gone = had.keys().filter(|path| !has.contains_key(*path));
    let new = has.keys().filter(|path| !had.contains_key(*path));
    let other = has.iter().filter_map(|(path, output)| {
        let former = had.get(path)?;
        let label = output_label(path);
        let has_other_query = asked.get(label.as_str()) != asks.get(label.as_str());
        let selects = (former.selection != output.selection || has_other_query)
            .then(|| held(&output.selection));
        let locks = (before.locks.get(*path), now.locks.get(*path));
        let locked = match locks {
            (None, Some(_)) => Some("wants a key now".to_owned()),
            (Some(_), None) => Some("is for everybody now".to_owned()),
            (before, now) if before != now => Some("has another key now".to_owned()),
            _ => None,
        };
        let formats = formats_changed(&former.formats, &output.formats);
        let words = selects.into_iter().chain(formats).chain(locked);
        let words: Vec<String> = words.collect();
        (!words.is_empty()).then(|| format!("~ /{path} ({})", words.join(", ")))
    });
    told(gone.copied(), new.copied(), other)
}

/// Returns in one line which feeds got another id beside the address that they had; `None` where none did.
///
/// What is stored goes by the id, keys of entries by which they are recognised among it, and so it stays behind.
pub fn feeds_renamed(before: &Config, now: &Config) -> Option<String> {
    let ids = |config: &Config| -> BTreeSet<FeedId> {
        config.feeds.iter().map(|feed| feed.id.clone()).collect()
    };
    let (had, has) = (ids(before), ids(now));
    let left = before.feeds.iter().filter(|feed| !has.contains(&feed.id));
    let left: BTreeMap<&str, &FeedId> = left
        .map(|feed| (feed.target.url.as_str(), &feed.id))
        .collect();
    let renamed = now.feeds.iter().filter_map(|feed| {
        let former = left.get(feed.target.url.as_str())?;
        (!had.contains(&feed.id)).then(|| format!("{} (was {former})", feed.id))
    });
    let renamed: Vec<String> = renamed.collect();
    (!renamed.is_empty()).then(|| {
        format!(
            "feeds under another id: {}: each begins anew, and its entries and polls stay under the id of before, which \
             goes on where you write it again; `title` is what readers see",
            renamed.join(", ")
        )
    })
}

/// Returns as [`outputs_changed`] which outputs go and come, where all that is known of before is at which paths
/// (`/all.atom`) something was served; `None` where nothing was.
pub fn outputs_unserved(served: &[&str], now: &Config) -> Option<String> {
    let had = served.iter().filter_map(|path| output_at(path));
    let had: BTreeSet<&str> = had.collect();
    if had.is_empty() {
        return None;
    }
    let has: BTreeSet<&str> = outputs_of(now).into_keys().collect();
    let (gone, new) = (&had - &has, &has - &had);
    told(gone.into_iter(), new.into_iter(), std::iter::empty())
}

fn outputs_of(config: &Config) -> BTreeMap<&str, &Output> {
    let outputs = config.outputs.iter();
    outputs
        .map(|output| (output.path.as_str(), output))
        .collect()
}

/// Returns the queries that outputs have of their own, by their labels.
fn queries_of(config: &Config) -> BTreeMap<&str, &str> {
    let rules = config.rules.iter().filter(|rule| !is_topic(&rule.name));
    rules
        .map(|rule| (rule.name.as_str(), rule.query.as_str()))
        .collect()
}

/// Says which formats an output has no more, and which now.
fn formats_changed(had: &[OutputFormat], has: &[OutputFormat]) -> Option<String> {
    let gone = had.iter().filter(|format| !has.contains(format));
    let new = has.iter().filter(|format| !had.contains(format));
    let gone = gone.map(|format| format!("no {} now (404)", format.name()));
    let new = new.map(|format| format!("{} now, too", format.name()));
    let words: Vec<String> = gone.chain(new).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Returns the output that has a document at a path.
fn output_at(path: &str) -> Option<&str> {
    let (name, format) = path.strip_prefix('/')?.rsplit_once('.')?;
    let mut formats = OutputFormat::ALL.into_iter();
    let is_output = formats.any(|it| it.name() == format) && !name.contains('/');
    is_output.then_some(name)
}

fn held(selection: &Selection) -> String {
    match selection {
        Selection::All => "holds everything now".to_owned(),
        Selection::Label(label) if is_topic(label) => format!("holds the topic `{label}` now"),
        Selection::Label(_) => "holds what its query finds now".to_owned(),
    }
}

fn told<'a>(
    gone: impl Iterator<Item = &'a str>,
    new: impl Iterator<Item = &'a str>,
    other: impl Iterator<Item = String>,
) -> Option<String> {
    let gone = gone.map(|path| format!("- /{path} (404)"));
    let new = new.map(|path| format!("+ /{path}"));
    let words: Vec<String> = gone.chain(new).chain(other).collect();
    (!words.is_empty()).then(|| format!("outputs: {}", words.join(", ")))
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    fn config(outputs: &str) -> Config {
        let text = format!(
            "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic]]\nname = \"b\"\nquery = \"y\"\n{outputs}"
        );
        read(&text, &|_| Some("a-key-of-the-desk-7f3a".to_owned()))
            .unwrap()
            .config
    }

    #[test]
    fn what_becomes_of_outputs_is_said() {
        let lock = "protect = { env = \"K\" }\n";
        for (before, now, expected) in [
            (String::new(), String::new(), None),
            (
                String::new(),
                format!("[[output]]\npath = \"a\"\n{lock}"),
                Some(
                    "outputs: - /all (404), - /b (404), ~ /a (holds everything now, wants a key now)",
                ),
            ),
            (
                format!("[[output]]\npath = \"a\"\nselect = \"x y\"\n{lock}"),
                "[[output]]\npath = \"a\"\nselect = \"topic:b\"\n[[output]]\npath = \"c\"\n"
                    .to_owned(),
                Some("outputs: + /c, ~ /a (holds the topic `b` now, is for everybody now)"),
            ),
            (
                "[[output]]\npath = \"a\"\nselect = \"x OR y\"\nformats = [\"atom\", \"rss\"]\n"
                    .to_owned(),
                "[[output]]\npath = \"a\"\nselect = \"x OR z\"\nformats = [\"json\", \"atom\"]\n"
                    .to_owned(),
                Some(
                    "outputs: ~ /a (holds what its query finds now, no rss now (404), json now, too)",
                ),
            ),
        ] {
            let told = outputs_changed(&config(&before), &config(&now));
            assert_eq!(told.as_deref(), expected, "{now}");
        }
    }

    #[test]
    fn a_feed_that_is_renamed_is_told() {
        let config = |ids: [&str; 2]| {
            let feed = |(id, path): (&str, &str)| {
                format!("[[feed]]\nid = \"{id}\"\nurl = \"https://feeds.example.org/{path}\"\n")
            };
            config(
                &ids.into_iter()
                    .zip(["a", "b"])
                    .map(feed)
                    .collect::<String>(),
            )
        };
        let before = config(["one", "two"]);
        for (ids, expected) in [
            (["one", "two"], None),
            (["two", "one"], None),
            (
                ["one", "three"],
                Some("feeds under another id: three (was two): "),
            ),
        ] {
            let told = feeds_renamed(&before, &config(ids));
            let told = told.as_deref().map(|it| it.split_inclusive(": ").take(2));
            assert_eq!(told.map(Iterator::collect::<String>).as_deref(), expected);
        }
    }

    #[test]
    fn what_was_served_tells_which_outputs_go_and_come() {
        let now = config("[[output]]\npath = \"a\"\n[[output]]\npath = \"c\"\n");
        let served = [
            "/a.atom",
            "/all.atom",
            "/all.rss",
            "/index.html",
            "/story/5.json",
        ];
        for (served, expected) in [
            (&served[..], Some("outputs: - /all (404), + /c")),
            (&[], None),
            (&["/a.atom", "/c.json"], None),
        ] {
            let told = outputs_unserved(served, &now);
            assert_eq!(told.as_deref(), expected, "{served:?}");
        }
    }
}

//! What becomes of the addresses that readers have, from one configuration to the next.

use super::settings::{Config, FeedSettings};
use crate::fetch;
use crate::model::{FeedId, FeedRow, is_topic, output_label};
use crate::publish::{Output, OutputFormat, Selection, basis};
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

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
            (Some(_), None) | (None, Some(_)) => Some(locked(locks.1.is_some()).to_owned()),
            (before, now) if before != now => Some("has another key now".to_owned()),
            _ => None,
        };
        let formats = formats_changed(&former.formats, &output.formats);
        changed(path, selects.into_iter().chain(formats).chain(locked))
    });
    told(gone.copied(), new.copied(), other)
}

/// Returns in one line which feeds got another id beside the address that they had; `None` where none did.
///
/// What is stored goes by the id, keys of entries by which they are recognised among it, and so it stays behind.
pub fn feeds_renamed(before: &Config, now: &Config) -> Option<String> {
    let address = |feed: &FeedSettings| feed.target.url.to_string();
    let before = before.feeds.iter().map(|feed| (&feed.id, address(feed)));
    renamed(&before.collect(), now, &address)
}

/// Returns the same, where all that is known of before is what is stored: until the feed is polled under its new id.
pub fn feeds_unstored(stored: &[FeedRow], now: &Config) -> Option<String> {
    let stored = stored.iter().map(|row| (&row.id, row.url.clone()));
    let address = |feed: &FeedSettings| fetch::shown(&feed.target.url);
    renamed(&stored.collect(), now, &address)
}

fn renamed(
    before: &BTreeMap<&FeedId, String>,
    now: &Config,
    address: &dyn Fn(&FeedSettings) -> String,
) -> Option<String> {
    let has: BTreeSet<&FeedId> = now.feeds.iter().map(|feed| &feed.id).collect();
    let left = before.iter().filter(|(id, _)| !has.contains(*id));
    let left: BTreeMap<&str, &FeedId> = left.map(|(id, address)| (&**address, *id)).collect();
    let renamed = now.feeds.iter().filter_map(|feed| {
        let former = left.get(&*address(feed))?;
        (!before.contains_key(&feed.id)).then(|| format!("{} (was {former})", feed.id))
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

/// Returns in one line which feeds go, come, or are polled or not polled from now on; `None` where none does. Of what got
/// another id, [`feeds_renamed`] tells.
pub fn feeds_changed(before: &Config, now: &Config) -> Option<String> {
    /// More are counted: a reload that takes a list of thousands is no place for their names.
    const NAMED: usize = 8;
    let feeds = |config: &'_ Config| -> BTreeMap<FeedId, (String, bool)> {
        let feeds = config.feeds.iter();
        feeds
            .map(|feed| {
                let told = (feed.target.url.to_string(), feed.enabled);
                (feed.id.clone(), told)
            })
            .collect()
    };
    let (had, has) = (feeds(before), feeds(now));
    let not_in = |one: &BTreeMap<FeedId, (String, bool)>,
                  other: &BTreeMap<FeedId, (String, bool)>| {
        let ids = one.iter().filter(|(id, _)| !other.contains_key(*id));
        let ids = ids.map(|(id, (url, _))| (url.clone(), id.to_string()));
        ids.collect::<BTreeMap<String, String>>()
    };
    let (gone, new) = (not_in(&had, &has), not_in(&has, &had));
    let left = gone.iter().filter(|(url, _)| !new.contains_key(*url));
    let left = left.map(|(_, id)| format!("- {id}"));
    let came = new.iter().filter(|(url, _)| !gone.contains_key(*url));
    let came = came.map(|(_, id)| format!("+ {id}"));
    let switched = has.iter().filter_map(|(id, (_, is_on))| {
        let (_, was_on) = had.get(id)?;
        let how = if *is_on {
            "switched on"
        } else {
            "switched off"
        };
        (was_on != is_on).then(|| format!("~ {id} ({how})"))
    });
    let words: Vec<String> = left.chain(came).chain(switched).collect();
    let more = words.len().saturating_sub(NAMED);
    let more = (more > 0).then(|| format!("and {more} more"));
    let told: Vec<String> = words.into_iter().take(NAMED).chain(more).collect();
    (!told.is_empty()).then(|| format!("feeds: {}", told.join(", ")))
}

/// Returns as [`outputs_changed`] which outputs go and come, and which have other formats or are for others, where all that is
/// known of before is at which paths (`/all.atom`) something was served and under which names archives are kept
/// ([`Output::ledger`]); `None` where nothing was served.
pub fn outputs_unserved(
    served: &[&str],
    ledgers: &BTreeSet<String>,
    now: &Config,
) -> Option<String> {
    let mut had: BTreeMap<&str, Vec<OutputFormat>> = BTreeMap::new();
    for (path, format) in served.iter().filter_map(|path| output_at(path)) {
        had.entry(path).or_default().push(format);
    }
    if had.is_empty() {
        return None;
    }
    let has = outputs_of(now);
    let gone = had.keys().filter(|path| !has.contains_key(*path));
    let new = has.keys().filter(|path| !had.contains_key(*path));
    let other = has.iter().filter_map(|(path, output)| {
        let formats = formats_changed(had.get(path)?, &output.formats);
        let is_for_others = ledgers.contains(&output.other_ledger());
        let locked = is_for_others.then(|| locked(output.is_protected).to_owned());
        changed(path, formats.into_iter().chain(locked))
    });
    told(gone.copied(), new.copied(), other)
}

/// Returns in one line that readers find all at another address than before; `None` where it is the same.
pub fn address_changed(before: &Config, now: &Config) -> Option<String> {
    let (before, now) = (&before.site.public_url, &now.site.public_url);
    (before != now).then(|| {
        format!(
            "public-url: {before} -> {now}: all that is published leads there from now on, and who subscribed at the one of \
             before has news as long as that leads here"
        )
    })
}

/// Returns in one line which archives begin anew, but for those of which the topic alone is another; `None` where none does.
/// `goes_on`: whether that of an output had ended, and is as it is to be.
pub fn archives_ended(
    before: &Config,
    now: &Config,
    goes_on: impl Fn(&Output) -> bool,
) -> Option<String> {
    let had = outputs_of(before);
    let is_another = |output: &&Output| {
        let former = had.get(output.path.as_str());
        former.is_some_and(|former| {
            let basis = |config: &Config, output| basis(&config.site, output);
            former.archive
                && (former.selection != output.selection
                    || basis(before, former) != basis(now, output))
                && !goes_on(output)
        })
    };
    let kept = now.outputs.iter().filter(|output| output.archive);
    archives_anew(&kept.filter(is_another).collect::<Vec<_>>())
}

/// Returns that line of the outputs whose archives these are.
pub fn archives_anew(outputs: &[&Output]) -> Option<String> {
    let paths: Vec<String> = outputs.iter().map(|it| format!("/{}", it.path)).collect();
    let verb = match paths.len() {
        0 => return None,
        1 => "begins",
        _ => "begin",
    };
    Some(format!(
        "archives: {} {verb} anew: the addresses of the documents of before answer 410, and all is in new ones",
        paths.join(", ")
    ))
}

/// Returns in one line that a `publish-dir` of before, in a state directory, is another's or nobody's now; `None` where it is
/// as it was, and where there was none.
///
/// Nothing is removed there: who moves it lets a web server follow, which has the files of before until then.
pub fn files_left(state: &Path, before: Option<&Path>, now: Option<&Path>) -> Option<String> {
    let absolute = |directory: &Path| {
        let directory = state.join(directory);
        std::path::absolute(&directory).unwrap_or(directory)
    };
    let before = absolute(before?);
    let now: Option<PathBuf> = now.map(absolute);
    if now.as_deref() == Some(before.as_path()) {
        return None;
    }
    let becomes = now.map_or_else(|| "none".to_owned(), |now| now.display().to_string());
    let before = before.display();
    Some(format!(
        "publish-dir: {before} -> {becomes}: what stands in {before} is left there as it is and kept up no more, and what \
         gets a `protect` stays open there: remove it by hand once nobody is to read it (`.merganser-files` lists it)"
    ))
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
    let of = |one: &[OutputFormat], other: &[OutputFormat]| {
        let is_in = |it: &OutputFormat| one.contains(it) && !other.contains(it);
        OutputFormat::ALL
            .into_iter()
            .filter(is_in)
            .collect::<Vec<_>>()
    };
    let (gone, new) = (of(had, has), of(has, had));
    let (gone, new) = (gone.iter(), new.iter());
    let gone = gone.map(|format| format!("no {} now (404)", format.name()));
    let new = new.map(|format| format!("{} now, too", format.name()));
    let words: Vec<String> = gone.chain(new).collect();
    (!words.is_empty()).then(|| words.join(", "))
}

/// Says for whom an output is that was for others.
fn locked(is_protected: bool) -> &'static str {
    if is_protected {
        "wants a key now"
    } else {
        "is for everybody now"
    }
}

/// Says what is another thing about an output; nothing where nothing is.
fn changed(path: &str, words: impl Iterator<Item = String>) -> Option<String> {
    let words: Vec<String> = words.collect();
    (!words.is_empty()).then(|| format!("~ /{path} ({})", words.join(", ")))
}

/// Returns the output that has a document at a path, and in which format.
fn output_at(path: &str) -> Option<(&str, OutputFormat)> {
    let (name, format) = path.strip_prefix('/')?.rsplit_once('.')?;
    let mut formats = OutputFormat::ALL.into_iter();
    let format = formats.find(|it| it.name() == format)?;
    (!name.contains('/')).then_some((name, format))
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
    fn archives_that_begin_anew_are_told() {
        let with = |address: &str, outputs: &str| {
            let server = format!("[server]\npublic-url = \"{address}\"\n");
            config(&format!("{outputs}{server}"))
        };
        let (one, two) = ("https://one.example/", "https://two.example/");
        let outputs = "[[output]]\npath = \"a\"\n[[output]]\npath = \"b\"\narchive = false\n";
        let before = with(one, outputs);
        assert_eq!(address_changed(&before, &with(one, "")), None);
        let told = address_changed(&before, &with(two, "")).unwrap();
        assert!(
            told.starts_with(&format!("public-url: {one} -> {two}: ")),
            "{told}"
        );
        let items = outputs.replace("\"a\"\n", "\"a\"\nitems = 7\n");
        let topic = outputs.replace("\"a\"\n", "\"a\"\nselect = \"topic:b\"\n");
        for (now, expected) in [
            (with(one, outputs), None),
            (with(one, &items), None),
            (with(one, &topic), Some("archives: /a begins anew: ")),
            (with(two, outputs), Some("archives: /a begins anew: ")),
            (
                with(two, &outputs.replace("false", "true")),
                Some("archives: /a begins anew: "),
            ),
        ] {
            let told = archives_ended(&before, &now, |_| false);
            assert_eq!(archives_ended(&before, &now, |_| true), None);
            let begins = |it: &str| told.as_deref().is_some_and(|told| told.starts_with(it));
            assert!(expected.map_or(told.is_none(), begins), "{told:?}");
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
            let stored = before.feeds.iter().map(|feed| FeedRow {
                id: feed.id.clone(),
                url: fetch::shown(&feed.target.url),
                ..FeedRow::default()
            });
            let stored: Vec<FeedRow> = stored.collect();
            let now = config(ids);
            let told = feeds_renamed(&before, &now);
            assert_eq!(feeds_unstored(&stored, &now), told);
            assert_eq!(feeds_unstored(&[], &now), None);
            let told = told.as_deref().map(|it| it.split_inclusive(": ").take(2));
            assert_eq!(told.map(Iterator::collect::<String>).as_deref(), expected);
        }
    }

    #[test]
    fn feeds_that_go_and_come_are_told() {
        let config = |feeds: &[(&str, &str, bool)]| {
            let feed = |(id, path, is_on): &(&str, &str, bool)| {
                format!(
                    "[[feed]]\nid = \"{id}\"\nurl = \"https://feeds.example.org/{path}\"\nenabled = {is_on}\n"
                )
            };
            config(&feeds.iter().map(feed).collect::<String>())
        };
        let before = config(&[("one", "a", true), ("two", "b", true)]);
        for (now, expected) in [
            (&[("one", "a", true), ("two", "b", true)][..], None),
            (
                &[("two", "b", true), ("new", "c", true)],
                Some("feeds: - one, + new"),
            ),
            (
                &[("one", "a", false), ("two", "b", true)],
                Some("feeds: ~ one (switched off)"),
            ),
            (&[], Some("feeds: - one, - two")),
            // Told as one under another id.
            (&[("one", "a", true), ("three", "b", true)], None),
        ] {
            let told = feeds_changed(&before, &config(now));
            assert_eq!(told.as_deref(), expected, "{now:?}");
        }
        let ids: Vec<String> = (0..12).map(|at| format!("f{at:02}")).collect();
        let many: Vec<(&str, &str, bool)> = ids
            .iter()
            .map(|id| (id.as_str(), id.as_str(), true))
            .collect();
        let told = feeds_changed(&config(&[]), &config(&many)).unwrap();
        assert!(
            told.starts_with("feeds: + f00, ") && told.ends_with("+ f07, and 4 more"),
            "{told}"
        );
    }

    #[test]
    fn a_directory_of_files_that_is_left_is_told() {
        let told = |before: Option<&str>, now: Option<&str>| {
            let [before, now] = [before, now].map(|it| it.map(Path::new));
            let told = files_left(Path::new("/state"), before, now)?;
            told.split(": what").next().map(str::to_owned)
        };
        for (before, now, expected) in [
            (None, None, None),
            (None, Some("www"), None),
            (Some("www"), Some("/state/www"), None),
            (
                Some("www"),
                Some("/srv"),
                Some("publish-dir: /state/www -> /srv"),
            ),
            (Some("/srv"), None, Some("publish-dir: /srv -> none")),
        ] {
            assert_eq!(told(before, now).as_deref(), expected);
        }
    }

    #[test]
    fn what_was_served_tells_which_outputs_go_come_and_change() {
        let now = config(
            "[[output]]\npath = \"a\"\nformats = [\"atom\"]\n\
             [[output]]\npath = \"c\"\nformats = [\"json\"]\nprotect = { env = \"K\" }\n",
        );
        let served = [
            "/a.atom",
            "/all.atom",
            "/all.rss",
            "/index.html",
            "/story/5.json",
        ];
        let [a, c] = [0, 1].map(|at: usize| now.outputs.get(at).unwrap());
        let (own, other) = (
            [a.ledger(), c.ledger()],
            [a.other_ledger(), c.other_ledger()],
        );
        for (served, ledgers, expected) in [
            (&served[..], &own, Some("outputs: - /all (404), + /c")),
            (&[], &own, None),
            (&["/a.atom", "/c.json"], &own, None),
            (
                &["/a.atom", "/a.rss", "/c.json"],
                &own,
                Some("outputs: ~ /a (no rss now (404))"),
            ),
            (
                &["/a.rss", "/c.json"],
                &other,
                Some(
                    "outputs: ~ /a (no rss now (404), atom now, too, is for everybody now), ~ /c (wants a key now)",
                ),
            ),
        ] {
            let ledgers = ledgers.iter().cloned().collect();
            let told = outputs_unserved(served, &ledgers, &now);
            assert_eq!(told.as_deref(), expected, "{served:?}");
        }
    }
}

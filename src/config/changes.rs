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

/// Returns in one line which feeds got another id beside the address that they had; `None` where none did, but for one that
/// is stored under the id of now, which goes on.
///
/// What is stored goes by the id, keys of entries by which they are recognised among it, and so it stays behind.
pub fn feeds_renamed(
    before: &Config,
    now: &Config,
    is_stored: impl Fn(&FeedId) -> bool,
) -> Option<String> {
    let address = |feed: &FeedSettings| feed.target.url.to_string();
    let before = before.feeds.iter().map(|feed| (&feed.id, address(feed)));
    let before: BTreeMap<&FeedId, String> = before.collect();
    let is_new = |id: &FeedId| !before.contains_key(id) && !is_stored(id);
    renamed(&before, now, address, is_new)
}

/// Returns the same, where all that is known of before is what is stored: until the feed is polled under its new id.
pub fn feeds_unstored(stored: &[FeedRow], now: &Config) -> Option<String> {
    let stored = stored.iter().map(|row| (&row.id, row.url.clone()));
    let address = |feed: &FeedSettings| fetch::shown(&feed.target.url);
    let stored: BTreeMap<&FeedId, String> = stored.collect();
    let is_new = |id: &FeedId| !stored.contains_key(id);
    renamed(&stored, now, address, is_new)
}

fn renamed(
    before: &BTreeMap<&FeedId, String>,
    now: &Config,
    address: impl Fn(&FeedSettings) -> String,
    is_new: impl Fn(&FeedId) -> bool,
) -> Option<String> {
    let has: BTreeSet<&FeedId> = now.feeds.iter().map(|feed| &feed.id).collect();
    let left = before.iter().filter(|(id, _)| !has.contains(*id));
    let left: BTreeMap<&str, &FeedId> = left.map(|(id, address)| (&**address, *id)).collect();
    let renamed = now.feeds.iter().filter_map(|feed| {
        let former = left.get(&*address(feed))?;
        is_new(&feed.id).then(|| format!("{} (was {former})", feed.id))
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
    let all = OutputFormat::ALL.into_iter();
    let (gone, new) = (all.clone(), all);
    let gone = gone.filter(|it| had.contains(it) && !has.contains(it));
    let new = new.filter(|it| has.contains(it) && !had.contains(it));
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
mod tests;

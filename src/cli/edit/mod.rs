//! What the commands have in common that write `feeds.toml`, which nothing does but what is typed (P23).
//!
//! The text is edited, read again as `check` reads it, and only then put in the place of the file, whole or not
//! at all. A file with errors is not edited: what is wrong comes first.

mod address;
mod feeds;
mod file;

pub(super) use address::address;
pub(super) use feeds::{Ids, disable, enable, remove};

use super::exit::{Code, Failure, say};
use super::places::environment;
use super::status::told::by_daemon;
use super::{Places, check};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, ConfigError, EditError, Loaded, Problem};
use crate::fetch;
use crate::store;
use anyhow::{Context as _, anyhow};
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use url::Url;

/// A configuration that is to be edited.
pub(super) struct Editing {
    /// Where it is.
    pub(super) path: PathBuf,
    /// What stands there; empty where nothing does yet.
    pub(super) text: String,
    /// What that says.
    pub(super) config: Config,
    /// What is doubtful in it already.
    warnings: Vec<Problem>,
    /// Whether there is no file yet.
    pub(super) is_new: bool,
}

/// How a file begins, as the shipped one does: by what this names, editors complete and check it.
const BEGINNING: &str = "#:schema /usr/share/merganser/feeds.schema.json\n";

impl Editing {
    /// Reads the file, which must be there and good.
    pub(super) fn open(places: &Places) -> Result<Self, Failure> {
        let text = places.text()?;
        Self::of(places.config(), text, false)
    }

    /// Reads the file, or begins one where there is none.
    pub(super) fn open_or_begin(places: &Places) -> Result<Self, Failure> {
        let path = places.config();
        match config::text(&path) {
            Ok(text) => Self::of(path, text, false),
            Err(ConfigError::Missing { .. }) => Self::of(path, BEGINNING.to_owned(), true),
            Err(error) => Err(error.into()),
        }
    }

    fn of(path: PathBuf, text: String, is_new: bool) -> Result<Self, Failure> {
        let loaded = config::check(&text, &environment)
            .map_err(|problems| check::refused(&path, &text, &problems))?;
        let Loaded { config, warnings } = loaded;
        Ok(Self {
            path,
            text,
            config,
            warnings,
            is_new,
        })
    }

    /// Returns what an edited text says; one that is no configuration is refused with all its problems.
    pub(super) fn read(&self, edited: &str) -> Result<Loaded, Failure> {
        config::check(edited, &environment)
            .map_err(|problems| check::refused(&self.path, edited, &problems))
    }

    /// Refuses a file that nobody may write, before anybody is asked for what will not be written.
    pub(super) fn refuse_read_only(&self) -> Result<(), Failure> {
        if self.is_new {
            return Ok(());
        }
        let metadata = fs::metadata(&self.path);
        let refused = metadata.and_then(|it| file::refuse_read_only(&it));
        refused.with_context(|| format!("{} cannot be written", self.path.display()))?;
        Ok(())
    }

    /// Puts an edited text, which [`Self::read`] has taken, in the place of the file.
    pub(super) fn write(&self, edited: &str) -> Result<(), Failure> {
        if !self.is_new {
            return replace(&self.path, &self.text, edited);
        }
        let has_secrets = config::holds_secrets(edited);
        let path = self.path.display();
        let written = file::begin(&self.path, edited, has_secrets);
        written.with_context(|| format!("{path} cannot be written"))?;
        if has_secrets {
            say(&format!(
                "{path} holds a credential, so you alone may read it: let the service's group, too \
                 (`chgrp merganser {path}; chmod 640 {path}`)"
            ));
        }
        Ok(())
    }

    /// Returns the problems of an edited text that it had not before, as people read them.
    pub(super) fn news(&self, edited: &str, warnings: Vec<Problem>) -> String {
        let is_new = |problem: &Problem| {
            let mut before = self.warnings.iter();
            !before.any(|it| it.code == problem.code && it.message == problem.message)
        };
        let news: Vec<Problem> = warnings.into_iter().filter(is_new).collect();
        check::rendered(&self.path, edited, &news)
    }

    /// Returns the failure of an edit.
    pub(super) fn refused(&self, error: EditError) -> Failure {
        let path = self.path.display();
        Failure::new(Code::Found, anyhow!("{path} is left as it is: {error}"))
    }
}

/// How often the file is read and edited anew that others wrote meanwhile: each time one of them was done with it,
/// and a script that starts more of these at once can name their feeds in one.
const TRIES: usize = 100;

/// Does an edit again, from what the file holds by then, as often as somebody else was done with the file before.
pub(super) fn again<T>(mut edit: impl FnMut() -> Result<T, Failure>) -> Result<T, Failure> {
    for _ in 1..TRIES {
        match edit() {
            Err(failure) if failure.is_of(file::is_changed) => {}
            done => return done,
        }
    }
    edit()
}

/// Returns the failure of a command that is given a feed which is not there.
pub(super) fn no_feed(id: &str) -> Failure {
    Failure::found(format!(
        "no feed `{id}` in feeds.toml: `merganser list` lists the ids"
    ))
}

/// Returns the same with the feed that may be meant, of these ids.
pub(super) fn no_feed_among(id: &str, ids: &[&str]) -> Failure {
    match meant_among(id, ids) {
        Some(meant) => Failure::found(format!(
            "no feed `{id}` in feeds.toml: {meant} `merganser list` lists the ids"
        )),
        None => no_feed(id),
    }
}

/// Returns what may be meant by an id that is not there, for the middle of a sentence.
fn meant_among(id: &str, ids: &[&str]) -> Option<String> {
    if id.contains(',') {
        return Some("ids stand apart by spaces,".to_owned());
    }
    match ids_with(id, ids).as_slice() {
        [] => config::nearest(id, ids.iter().copied()).map(|it| format!("did you mean `{it}`?")),
        named => Some(format!("did you mean {}?", named.join(" or "))),
    }
}

/// Returns the ids of which what was typed is the beginning or a whole word: who typed less than an id typed that. None where
/// there are so many that it tells nothing.
fn ids_with(typed: &str, ids: &[&str]) -> Vec<String> {
    /// More than that nobody chooses from in a sentence.
    const NAMED: usize = 3;
    let typed = typed.to_lowercase();
    let has = |id: &&&str| id.starts_with(&typed) || id.split('-').any(|word| word == typed);
    let named: Vec<String> = ids.iter().filter(has).map(|id| format!("`{id}`")).collect();
    if typed.is_empty() || named.len() > NAMED {
        return Vec::new();
    }
    named
}

/// Refuses a group that is not there; one that no feed is in is.
pub(super) fn refuse_unknown_group(places: &Places, group: &str) -> Result<(), Failure> {
    let groups = config::group_names(&places.text()?);
    if groups.contains(group) {
        return Ok(());
    }
    let there = groups_there(group, &groups);
    Err(Failure::found(format!(
        "no group `{group}` in feeds.toml: {there}"
    )))
}

/// Returns the failure of a command that is to do something with all feeds of a group which has none.
pub(super) fn no_feed_of(group: &str) -> Failure {
    Failure::found(format!("no feed of group `{group}` is enabled"))
}

/// Returns what there is in the place of a group that is not, for the end of a sentence: the one that may be meant,
/// else all.
pub(super) fn groups_there(group: &str, groups: &BTreeSet<String>) -> String {
    if let Some(meant) = config::nearest(group, groups.iter().map(String::as_str)) {
        return format!("did you mean `{meant}`?");
    }
    let listed: Vec<&str> = groups.iter().map(String::as_str).collect();
    match listed.as_slice() {
        [] => "there is no group at all".to_owned(),
        [only] => format!("there is {only}"),
        all => format!("there are {}", all.join(", ")),
    }
}

/// Puts `after` in the place of the file that held `before`.
pub(super) fn replace(path: &Path, before: &str, after: &str) -> Result<(), Failure> {
    let written = file::replace(path, before, after);
    let path = path.display();
    if !written.with_context(|| format!("{path} cannot be written"))? {
        say(&format!(
            "{path} is yours now, since you may not give it back to its owner; its group and mode are as they were"
        ));
    }
    Ok(())
}

/// Says why a feed that has something for its own origin does not get an address at another one (S6).
pub(super) fn sent_to_another(new: &Url) -> String {
    format!(
        "what it or its group has for its own host (`headers`, `auth`) would be sent to another, {}",
        fetch::shown(new)
    )
}

/// Says how a daemon gets to know of a file that was `before`, or that it does not since it runs another.
pub(super) fn next_step(places: &Places, before: &Config) -> String {
    let told = by_daemon(places, SystemClock.now());
    if let Some((pid, theirs)) = told.of_another_file(&places.config()) {
        return format!(
            "nobody puts that in force: the daemon that runs, pid {pid}, has {}, not this file",
            theirs.display()
        );
    }
    if let Some((pid, theirs)) = told.of_unseen_file(&places.config()) {
        return format!(
            "the daemon that runs, pid {pid}, has {}, which is not to be seen from here: unless that is this file, nobody \
             puts it in force",
            theirs.display()
        );
    }
    // Where no state directory is known, no daemon of it is either.
    let holder = places.state().ok().and_then(|state| store::holder(&state));
    match holder {
        Some(pid) if before.server.watch => {
            format!("the daemon, pid {pid}, takes that up by itself")
        }
        Some(pid) => {
            format!("`merganser reload --wait` puts that in force in the daemon, pid {pid}")
        }
        None => "the next start puts that in force".to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ids are typed in part, with commas, and wrong.
    #[test]
    fn an_id_that_is_not_there_leads_to_one_that_is() {
        let ids = ["harbour-wire", "bbc-news", "bbc-world", "coast"];
        for (typed, expected) in [
            ("harbour", Some("did you mean `harbour-wire`?")),
            ("Wire", Some("did you mean `harbour-wire`?")),
            ("bbc", Some("did you mean `bbc-news` or `bbc-world`?")),
            ("harbor-wire", Some("did you mean `harbour-wire`?")),
            ("coast,bbc-news", Some("ids stand apart by spaces,")),
            ("zzz", None),
        ] {
            assert_eq!(meant_among(typed, &ids).as_deref(), expected, "{typed}");
        }
    }
}

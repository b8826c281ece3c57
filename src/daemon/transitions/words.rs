//! Title and text of an entry: what turned, and what to do about it.

use crate::model::{About, Transition, Turn};

/// How it came that no files fail to be written any more.
pub(super) const NO_FILES: &str = "feeds.toml names no `publish-dir` any more";

/// How it comes that they fail where another merganser keeps their directory.
pub(super) const KEPT: &str = "kept";

/// What an entry says.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Words {
    pub(super) title: String,
    /// A paragraph each, as plain text.
    pub(super) text: Vec<String>,
}

/// Returns what is said of a turn. Where the address of its feed is not for readers, nothing is said that may have it.
pub(super) fn of(told: &Transition, is_quiet: bool) -> Words {
    let detail = if is_quiet { "" } else { told.detail.as_str() };
    let (title, then) = match &told.about {
        About::Feed(feed) => of_feed(feed.as_str(), told),
        about => of_us(about, told),
    };
    let detail = Some(sentence(detail)).filter(|it| !it.is_empty());
    let text = detail.into_iter().chain([then]).collect();
    Words { title, text }
}

fn of_feed(id: &str, told: &Transition) -> (String, String) {
    let why = format!("`merganser why {id}` tells how it came to that");
    let what = &told.what;
    match told.turn {
        Turn::Failing | Turn::Refused | Turn::Many => (
            format!("{id} began failing: {what}"),
            format!(
                "It failed several times in a row, and is asked again after growing pauses, a day at most. {why}; \
                 `merganser preview {id}` asks it now. Nothing is to be done where its publisher mends it."
            ),
        ),
        Turn::NotAFeed => (
            format!("{id} is not a feed any more"),
            format!(
                "Something else is at its address by now, such as a page. `merganser add` with the address of the site \
                 finds the feed that it has now; {why}."
            ),
        ),
        Turn::Gone => (
            format!("{id} is gone (410)"),
            format!(
                "Its publisher has ended it, and it is not asked any more. `merganser remove {id}` takes it out of \
                 feeds.toml; `merganser poll --force {id}` asks once more."
            ),
        ),
        Turn::Silent => (
            format!("{id} has been silent since {what}"),
            format!(
                "It answers, and has had nothing new for longer than it used to: it may have ended, or moved without a \
                 word. See whether its site has news that the feed has not; {why}."
            ),
        ),
        Turn::Moved => (
            format!("{id} moved for good"),
            format!(
                "It is asked at its new address. `merganser apply-redirects` writes that to feeds.toml, before the old \
                 one stops leading there. {why}."
            ),
        ),
        Turn::Returned => (
            format!("{id} is asked at its own address again"),
            format!("What it had moved to did not answer well. {why}."),
        ),
        Turn::Well if *what == Turn::Silent.name() => (
            format!("{id} has news again"),
            "Nothing is to be done.".to_owned(),
        ),
        Turn::Well => (
            format!("{id} recovered"),
            "It answers as it should. Nothing is to be done.".to_owned(),
        ),
    }
}

fn of_us(about: &About, told: &Transition) -> (String, String) {
    let is_well = told.turn == Turn::Well;
    let (title, then) = match about {
        About::Database if is_well => (
            "The database works again",
            "Polls go on, and what readers get is brought up to date. Nothing is to be done.",
        ),
        About::Database => (
            "The database fails",
            "Nothing is polled until it works, which is tried each minute; readers are served what they were served \
             before. `merganser status` tells how it is by now, `merganser doctor` looks at disk and permissions.",
        ),
        About::Network | About::Proxies => of_ways(about, is_well),
        About::File if is_well => (
            "feeds.toml is in force again",
            "The file as it is now was taken up. Nothing is to be done.",
        ),
        About::File if told.what.is_empty() => (
            "feeds.toml was refused",
            "The configuration before stays in force. `merganser check` tells all that is wrong with the file; a save, \
             or `merganser reload --wait`, has it read again.",
        ),
        About::File => (
            "feeds.toml could not be taken up",
            "The configuration before stays in force, for no fault of the file. `merganser reload --wait` tries again \
             and tells what hinders it.",
        ),
        About::Files if is_well && told.detail == NO_FILES => {
            ("publish-dir is no more", "Nothing is to be done.")
        }
        About::Files if is_well => (
            "publish-dir is up to date again",
            "Its files are what merganser itself serves. Nothing is to be done.",
        ),
        About::Files if told.what == KEPT => (
            "publish-dir is another's",
            "Nothing is written there; who asks merganser itself is served as ever, and feeds are polled. It is tried each \
             minute. `publish-dir` in [server] names another.",
        ),
        About::Files => (
            "publish-dir is not up to date",
            "Who reads its files gets what was there before; who asks merganser itself is served as ever, and feeds are \
             polled. See that the directory is mounted and answers, has room, and may be written by the user of \
             merganser: what failed is tried each minute, and what does not answer when it does. `publish-dir` in [server] names \
             another.",
        ),
        About::Archives if is_well => (
            "The archives are up to date again",
            "Nothing is to be done.",
        ),
        About::Archives => (
            "An archive is not up to date",
            "Its output is served as ever; what leaves it is put into the archive when that can be written, which is tried \
             each minute. See that `archive` in the state directory has room and belongs to the user of merganser.",
        ),
        About::Feeds | About::Feed(_) => (
            "Many feeds turned at once",
            "There are more than are told one by one. `merganser status --failing` lists them all; when most of them \
             fail in one way, the cause is rather here than there.",
        ),
    };
    (title.to_owned(), then.to_owned())
}

/// The same of what leads to origins.
fn of_ways(about: &About, is_well: bool) -> (&'static str, &'static str) {
    match (about, is_well) {
        (About::Network, true) => (
            "The network works again",
            "Feeds that were not reached are asked now, and none of them counts as failing. Nothing is to be done.",
        ),
        (About::Network, false) => (
            "The network is down",
            "No host can be reached. Polls are put off until one answers, which is tried at growing pauses, a quarter of an \
             hour at most, and no feed counts as failing. See whether \
             this machine reaches others: route, resolver, firewall, proxy.",
        ),
        (_, true) => (
            "The proxy is reached again",
            "Feeds behind it are asked within minutes, and none of them counts as failing for it. Nothing is to be done.",
        ),
        (_, false) => (
            "The proxy cannot be reached",
            "Feeds behind it bring nothing. They are tried again every few minutes, and none of them counts as failing. See \
             that it runs, and what `proxy` in feeds.toml says.",
        ),
    }
}

/// Ends a text as a sentence does. It may begin with the name of a file, which has no capital.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let is_ended = text.is_empty() || text.ends_with(['.', '!', '?']);
    format!("{text}{}", if is_ended { "" } else { "." })
}

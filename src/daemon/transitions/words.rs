//! Title and text of an entry: what turned, and what to do about it.

use crate::model::{About, FailureKind, Transition, Turn};

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
    let detail = match told.turn {
        // What comes of a move is said in our words.
        Turn::Moved | Turn::Returned => moved(detail),
        _ => sentence(detail),
    };
    let detail = Some(detail).filter(|it| !it.is_empty());
    let text = detail.into_iter().chain([then]).collect();
    Words { title, text }
}

fn of_feed(id: &str, told: &Transition) -> (String, String) {
    let why = format!("`merganser why {id}` tells how it came to that");
    let what = &told.what;
    match told.turn {
        Turn::Failing | Turn::Refused | Turn::Many => (
            match how(what) {
                "" => format!("{id} fails"),
                how => format!("{id} fails: {how}"),
            },
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
                "`merganser apply-redirects` writes its new address to feeds.toml, before the old one stops leading \
                 there. {why}."
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

/// Says in words what sort of failure it is, by the name of its kind; empty for a name of none.
fn how(kind: &str) -> &'static str {
    match FailureKind::ALL.into_iter().find(|it| it.name() == kind) {
        Some(FailureKind::Dns) => "its host is not found",
        Some(FailureKind::Connect) => "its host takes no connection",
        Some(FailureKind::Proxy) => "its proxy is not reached",
        Some(FailureKind::Tls) => "its host is not trusted",
        Some(FailureKind::Timeout) => "it does not answer in time",
        Some(FailureKind::Blocked) => "its address may not be reached",
        Some(FailureKind::Http) => "its host answers with an error",
        Some(FailureKind::Redirect) => "its redirects lead nowhere",
        Some(FailureKind::TooLarge) => "it is too large",
        Some(FailureKind::Broken) => "its answer is empty or damaged",
        Some(FailureKind::NotAFeed) => "it is not a feed",
        Some(FailureKind::Parse) => "it cannot be read",
        Some(FailureKind::Store) => "it cannot be stored",
        None => "",
    }
}

/// Says where a feed is asked, as a poll noted it, without the advice behind it.
fn moved(detail: &str) -> String {
    let (where_to, _) = detail.split_once("; `").unwrap_or((detail, ""));
    match where_to {
        "" => String::new(),
        it => sentence(&format!("it {it}")),
    }
}

/// Makes a sentence of a text. One that begins with the name of a file, or with an address, has no capital.
fn sentence(text: &str) -> String {
    let text = text.trim();
    let is_ended = text.is_empty() || text.ends_with(['.', '!', '?']);
    let end = if is_ended { "" } else { "." };
    let is_word = |word: &str| word.chars().all(|c| c.is_ascii_lowercase());
    let first = text.split(' ').next().filter(|word| is_word(word));
    match first.and_then(|word| word.chars().next()) {
        Some(letter) => {
            let rest = text.get(1..).unwrap_or_default();
            format!("{}{rest}{end}", letter.to_ascii_uppercase())
        }
        None => format!("{text}{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::FeedId;

    fn told(turn: Turn, what: &str, detail: &str) -> Transition {
        Transition {
            about: About::Feed(FeedId::new("a")),
            turn,
            what: what.to_owned(),
            detail: detail.to_owned(),
            at: "2026-11-24T06:00:00Z".parse().unwrap(),
        }
    }

    #[test]
    fn r20_titles_are_words_and_texts_are_sentences() {
        for kind in FailureKind::ALL {
            let title = of(&told(Turn::Failing, kind.name(), ""), false).title;
            let how = title.strip_prefix("a fails: it");
            assert!(how.is_some_and(|it| it.contains(' ')), "{title}");
        }
        assert_eq!(of(&told(Turn::Refused, "", ""), false).title, "a fails");
        for (detail, expected) in [
            (
                "an empty body from 127.0.0.1",
                "An empty body from 127.0.0.1.",
            ),
            ("404 Not Found", "404 Not Found."),
            ("feeds.toml:3: no such key", "feeds.toml:3: no such key."),
            ("/srv/www is another's", "/srv/www is another's."),
            ("", ""),
        ] {
            assert_eq!(sentence(detail), expected);
        }
    }

    /// A move is told once, with its address; where that is not told, what to do is.
    #[test]
    fn r20_a_move_is_told_once() {
        let detail = "moved for good and is asked at https://b.example/f from now on; `merganser apply-redirects` \
                      writes that to feeds.toml";
        let text = of(&told(Turn::Moved, "", detail), false).text.join(" ");
        assert!(
            text.starts_with(
                "It moved for good and is asked at https://b.example/f from now on. `merganser"
            ),
            "{text}"
        );
        assert_eq!(text.matches("apply-redirects").count(), 1, "{text}");
        assert_eq!(text.matches(" asked at ").count(), 1, "{text}");
        let quiet = of(&told(Turn::Moved, "", detail), true).text.join(" ");
        assert!(
            quiet.starts_with("`merganser apply-redirects` writes"),
            "{quiet}"
        );
    }
}

//! `merganser add URL`: a new feed, looked at before it is written.

mod allow;
mod beside;
mod look;
mod seen;

use super::Places;
use super::asked::as_a_poll_would;
use super::edit::{Editing, address, again, next_step, sent_to_another};
use super::exit::{Failure, say};
use super::run::{block_on, log};
use super::table::shown_address;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, FeedSettings, NewFeed};
use crate::fetch;
use crate::model::FeedId;
use beside::refuse_emptied;
use jiff::Timestamp;
use look::{Choice, Looked};
use seen::Seen;
use std::collections::BTreeSet;
use std::io::{Write as _, stdout};
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The address of a feed, or of a page that has one
    #[arg(value_name = "URL")]
    address: String,
    /// Its id [default: made of its title or host]
    #[arg(long)]
    id: Option<String>,
    /// The group that it goes into; one that feeds.toml does not have is made
    #[arg(long)]
    group: Option<String>,
    /// A title to show in place of its own
    #[arg(long)]
    title: Option<String>,
    /// Which of the feeds of a page, as they are numbered; else a terminal asks
    #[arg(
        long,
        value_name = "N",
        conflicts_with = "no_fetch",
        allow_negative_numbers = true
    )]
    pick: Option<usize>,
    /// Do not ask the origin: write the address as it is; a daemon is not told either
    #[arg(long)]
    no_fetch: bool,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log("error");
    let editing = Editing::open_or_begin(places)?;
    let adding = Adding {
        editing: &editing,
        options,
    };
    let address = address(&options.address).map_err(Failure::found)?;
    adding.refuse_known(&address)?;
    adding.refuse_faults()?;
    adding.refuse_options()?;
    if !options.dry_run {
        editing.refuse_read_only()?;
        refuse_emptied(&editing, places)?;
    }
    let (address, seen) = if options.no_fetch {
        (address, None)
    } else {
        let looked = adding.look(places, &address)?;
        (looked.address.clone(), Some(looked))
    };
    let since = SystemClock.now();
    let title = seen
        .as_ref()
        .and_then(|seen| seen.feed.profile.title.as_deref());
    // What was found stays so, whoever edits the file meanwhile.
    let (added, config) = again(|| Added::of(places, options, &address, title))?;
    if let Some(looked) = &seen {
        let settings = settings_of(&config, &added.feed.id);
        let seen = Seen {
            looked,
            config: &config,
            settings,
            store: places.store(&config.storage).ok(),
        };
        seen.print(&mut stdout().lock())?;
    }
    added.print(places, options, since)
}

/// A feed that is in the file, or would be.
struct Added {
    /// The file before.
    editing: Editing,
    feed: NewFeed,
    /// The groups that it is made with: its own, where the file does not have that yet.
    groups: Vec<String>,
    edited: String,
}

impl Added {
    /// Writes the file, unless it is only to be shown, and returns what it says then.
    fn of(
        places: &Places,
        options: &Options,
        address: &Url,
        title: Option<&str>,
    ) -> Result<(Self, Config), Failure> {
        let editing = Editing::open_or_begin(places)?;
        let adding = Adding {
            editing: &editing,
            options,
        };
        adding.refuse_known(address)?;
        adding.refuse_options()?;
        let feed = adding.feed(address, title);
        let (edited, config) = adding.edited(&feed)?;
        if options.no_fetch {
            refuse_network(&editing, &config, &feed.id, address)?;
        }
        if !options.dry_run {
            editing.write(&edited)?;
        }
        let groups = adding.groups();
        let added = Self {
            editing,
            feed,
            groups,
            edited,
        };
        Ok((added, config))
    }

    /// Says what was written, or shows what would be.
    fn print(&self, places: &Places, options: &Options, since: Timestamp) -> Result<(), Failure> {
        let (editing, edited) = (&self.editing, &self.edited);
        let mut out = stdout().lock();
        let path = editing.path.display();
        let line = config::feed_line(edited, &self.feed.id).unwrap_or(1);
        if options.dry_run {
            let shown = NewFeed {
                url: shown_address(&self.feed.url),
                ..self.feed.clone()
            };
            let block = config::with_feeds("", &self.groups, &[shown]);
            let block = block.map_err(|error| editing.refused(error))?;
            writeln!(out, "{path}:{line}: nothing is written; this would be:")?;
            write!(out, "{block}")?;
            return Ok(());
        }
        let warnings = editing.read(edited)?.warnings;
        let news = editing.news(edited, warnings);
        if !news.is_empty() {
            say(news.trim_end());
        }
        let group = self.groups.first();
        let group = group.map_or_else(String::new, |group| format!(" and the group `{group}`"));
        writeln!(out, "{path}:{line}: added `{}`{group}", self.feed.id)?;
        // Who wants nobody asked wants that of the daemon, too.
        let next = if options.no_fetch {
            next_step(places, &editing.config)
        } else {
            out.flush()?;
            self.put_in_force(places, since)?
        };
        writeln!(out, "{next}")?;
        Ok(())
    }
}

/// Refuses an address that no poll would reach, with what its group says of networks: nobody has asked there.
fn refuse_network(
    editing: &Editing,
    config: &Config,
    id: &str,
    address: &Url,
) -> Result<(), Failure> {
    let route = settings_of(config, id).map(|it| it.target.route.clone());
    let route = route.unwrap_or_default();
    match fetch::refusal(&config.fetch, &route, address) {
        None => Ok(()),
        Some(why) => {
            let file = (&*editing.path, &*editing.text);
            let next = allow::to_allow(file, &route, &why);
            Err(Failure::found(format!("{why}{next}")))
        }
    }
}

/// One feed on its way into the file.
struct Adding<'a> {
    editing: &'a Editing,
    options: &'a Options,
}

impl Adding<'_> {
    /// Refuses an address that the file has, whatever its spelling.
    fn refuse_known(&self, address: &Url) -> Result<(), Failure> {
        let Some(place) = config::feed_at(&self.editing.text, address) else {
            return Ok(());
        };
        let (path, shown) = (self.editing.path.display(), fetch::shown(&place.url));
        Err(Failure::found(format!(
            "{path}:{}: feed `{}` has this address already: {shown}",
            place.line, place.id
        )))
    }

    /// Refuses what can be no id and no title by the name of its option: the line is in no file yet.
    fn refuse_faults(&self) -> Result<(), Failure> {
        let (id, title) = (self.options.id.as_deref(), self.options.title.as_deref());
        let group = self.options.group.as_deref();
        let faults = [
            ("--id", id.and_then(config::name_fault)),
            ("--group", group.and_then(config::name_fault)),
            ("--title", title.and_then(config::line_fault)),
        ];
        match faults
            .into_iter()
            .find_map(|(option, fault)| Some((option, fault?)))
        {
            None => Ok(()),
            Some((option, fault)) => Err(Failure::found(format!(
                "{option}: {fault}; nothing is written"
            ))),
        }
    }

    /// Refuses an id that is taken and a group with a slip, before anybody is asked.
    fn refuse_options(&self) -> Result<(), Failure> {
        let text = &self.editing.text;
        let path = self.editing.path.display();
        if let Some(id) = &self.options.id
            && let Some(line) = config::feed_line(text, id)
        {
            return Err(Failure::found(format!(
                "{path}:{line}: there is a feed `{id}` already"
            )));
        }
        let groups = config::group_names(text);
        for group in self.groups() {
            let known = groups.iter().map(String::as_str);
            let known = known.filter(|known| may_be_meant(&group, known));
            if let Some(meant) = config::nearest(&group, known) {
                return Err(Failure::found(format!(
                    "there is no group `{group}` in {path}: did you mean `{meant}`? If not, a line `[group.{group}]` at its end makes it"
                )));
            }
        }
        Ok(())
    }

    /// Returns the group that is wanted, where the file does not have it.
    fn groups(&self) -> Vec<String> {
        let there = config::group_names(&self.editing.text);
        let wanted = self.options.group.iter();
        wanted.filter(|it| !there.contains(*it)).cloned().collect()
    }

    /// Asks for the address, and for the feed that a page leads to.
    fn look(&self, places: &Places, address: &Url) -> Result<Looked, Failure> {
        // What its group says of proxies, networks and credentials holds for this feed, too.
        let probe = self.feed(address, None);
        let (text, mut config) = self.edited(&probe)?;
        let held = as_a_poll_would(places, &mut config);
        if let Some(why) = held.why(&probe.id) {
            return Err(look::not_asked(address, why));
        }
        let choice = Choice {
            pick: self.options.pick,
            refuse_known: &|url| self.refuse_known(url),
            held: &held,
            file: (&self.editing.path, &self.editing.text),
        };
        let mut target = settings_of(&config, &probe.id).map_or_else(
            || fetch::Target::new(address.clone()),
            |settings| settings.target.clone(),
        );
        target.url = address.clone();
        let looked = block_on(look::look(&config.fetch, target, &choice))?;
        self.refuse_known(&looked.address)?;
        let has_secrets = config::with_secrets_of_origin(&text).contains(&FeedId::new(&probe.id));
        if has_secrets && looked.address.origin() != address.origin() {
            return Err(Failure::found(format!(
                "{}: add that address itself if they are meant for it, or leave out the group",
                sent_to_another(&looked.address)
            )));
        }
        Ok(looked)
    }

    fn feed(&self, address: &Url, title: Option<&str>) -> NewFeed {
        let taken: BTreeSet<&str> = self
            .editing
            .config
            .feeds
            .iter()
            .map(|feed| feed.id.as_str())
            .collect();
        let id = self.options.id.clone();
        let free = || {
            let name = name_of(title.unwrap_or_default(), address);
            free_id(&name, &mut 1, &|id| taken.contains(id))
        };
        NewFeed {
            id: id.unwrap_or_else(free),
            url: address.to_string(),
            group: self.options.group.clone(),
            title: self.options.title.clone(),
            is_off: false,
        }
    }

    /// Returns the file with the feed, and what it says then.
    fn edited(&self, feed: &NewFeed) -> Result<(String, Config), Failure> {
        let feeds = std::slice::from_ref(feed);
        let edited = config::with_feeds(&self.editing.text, &self.groups(), feeds);
        let edited = edited.map_err(|error| self.editing.refused(error))?;
        let config = self.editing.read(&edited)?.config;
        Ok((edited, config))
    }
}

/// Tells whether one name may be written for another by a slip: not where both are short (`us`, `uk`), or but for numbers the
/// same (`2025`, `2026`).
fn may_be_meant(name: &str, other: &str) -> bool {
    /// Letters of names that differ by one for good.
    const SHORT: usize = 3;
    let words = |name: &str| name.replace(|c: char| c.is_ascii_digit(), "");
    name.len().max(other.len()) > SHORT && words(name) != words(other)
}

fn settings_of<'c>(config: &'c Config, id: &str) -> Option<&'c FeedSettings> {
    config.feeds.iter().find(|feed| feed.id.as_str() == id)
}

/// Words that lead on to another, in the languages of most feeds.
const LEADING_ON: [&str; 34] = [
    "a", "an", "the", "of", "by", "and", "or", "in", "on", "for", "to", "at", "from", "with", "de",
    "du", "des", "la", "le", "les", "et", "el", "los", "las", "y", "del", "di", "der", "die",
    "das", "und", "von", "aus", "im",
];

/// What parts of papers are called, which name no paper.
const SECTIONS: [&str; 24] = [
    "all",
    "arts",
    "blog",
    "business",
    "culture",
    "economy",
    "europe",
    "health",
    "home",
    "india",
    "latest",
    "latest-news",
    "media",
    "news",
    "opinion",
    "politics",
    "rss",
    "science",
    "sport",
    "sports",
    "tech",
    "technology",
    "top-stories",
    "world",
];

/// Makes a name of a feed's title, or of its address where the title has no letter that an id can hold.
pub(super) fn name_of(title: &str, address: &Url) -> String {
    /// Words of a title that make an id: more are a sentence, and who types them?
    const WORDS: usize = 4;
    let title = title.replace(" - ", "|");
    let mut parts = title.split([':', '|', '–', '—', '»']);
    let mut words = config::possible_name(parts.next().unwrap_or_default());
    // `World – The Indian Express`: each paper has one.
    if SECTIONS.contains(&&*words)
        && let Some(paper) = parts.map(config::possible_name).find(|it| !it.is_empty())
    {
        words = format!("{paper}-{words}");
    }
    let mut words: Vec<&str> = words.split('-').collect();
    if words.len() > WORDS {
        let leads_on = |word: &&&str| LEADING_ON.contains(*word);
        // What the title went on with is not there.
        let stops = |end: usize| {
            words
                .get(end.saturating_sub(1))
                .is_some_and(|it| !leads_on(&it))
        };
        let mut end = (1..=WORDS).rev().find(|end| stops(*end)).unwrap_or(WORDS);
        // `A Garden by the Sea` is no garden alone.
        if words.iter().take(end).filter(|it| !leads_on(it)).count() < 2 {
            end = (WORDS..=WORDS + 2).find(|end| stops(*end)).unwrap_or(end);
        }
        words.truncate(end);
    }
    let name = words.join("-");
    if !name.is_empty() {
        return name;
    }
    let host = address.host_str().unwrap_or_default();
    match config::possible_name(host.trim_start_matches("www.")) {
        none if none.is_empty() => "feed".to_owned(),
        name => name,
    }
}

/// Returns the name as an id that is free, with a number after the `last` one where the name itself is taken.
pub(super) fn free_id(name: &str, last: &mut u32, is_taken: &dyn Fn(&str) -> bool) -> String {
    /// Leaves room for the number: an id has 64 characters at most.
    const STEM: usize = 50;
    let mut id = name.to_owned();
    while is_taken(&id) {
        *last = last.saturating_add(1);
        let stem: String = name.chars().take(STEM).collect();
        id = format!("{stem}-{last}");
    }
    id
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_names_and_numbers_are_no_slips() {
        for (name, other, expected) in [
            ("wier", "wire", true),
            ("wires", "wire", true),
            ("us", "uk", false),
            ("bbc", "abc", false),
            ("de", "dev", false),
            ("2025", "2026", false),
            ("region-1", "region-2", false),
        ] {
            assert_eq!(may_be_meant(name, other), expected, "{name} {other}");
        }
    }

    #[test]
    fn ids_are_made_of_titles_and_hosts() {
        let taken = ["taken", "taken-2"];
        for (title, address, expected) in [
            ("The Delhi Ledger", "https://a.example/", "the-delhi-ledger"),
            ("Volga: news of the day", "https://a.example/", "volga"),
            (
                "One two three four five",
                "https://a.example/",
                "one-two-three-four",
            ),
            (
                "A Garden by the Sea",
                "https://a.example/",
                "a-garden-by-the-sea",
            ),
            (
                "Journal of the American Medical Association",
                "https://a.example/",
                "journal-of-the-american",
            ),
            (
                "World – The Indian Express",
                "https://a.example/",
                "the-indian-express-world",
            ),
            (
                "News | The Delhi Ledger of the East",
                "https://a.example/",
                "the-delhi-ledger",
            ),
            ("Sport", "https://a.example/", "sport"),
            ("World: ", "https://a.example/", "world"),
            ("News of the", "https://a.example/", "news-of-the"),
            ("Küste & Meer", "https://a.example/", "kuste-meer"),
            ("गंगा दर्पण", "https://www.ganga.example/rss", "ganga-example"),
            ("", "https://[2001:db8::1]/", "2001-db8-1"),
            ("Taken - and more", "https://a.example/", "taken-3"),
        ] {
            let name = name_of(title, &address.parse().unwrap());
            let id = free_id(&name, &mut 1, &|id| taken.contains(&id));
            assert_eq!(id, expected, "{title}");
        }
    }
}

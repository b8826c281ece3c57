//! `merganser preview`: what is read from a feed, without storing anything.

use super::asked::as_a_poll_would;
use super::edit::no_feed;
use super::exit::Failure;
use super::run::{block_on, log};
use super::table::{Table, count, cut, instant, shown_address};
use super::{Format, Places, hints};
use crate::classify::Classifier;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, name_fault, nearest, standing};
use crate::fetch::{self, Fetcher, Target};
use crate::model::{
    Category, Enclosure, FeedId, IdentityBy, Outcome, ParsedEntry, ParsedFeed, Person, TopicMatch,
    Validators,
};
use crate::normalize::{self, Origin};
use crate::parse::{self, Document, Found, NotAFeed, ParseError};
use crate::text::is_bidi_control;
use anyhow::Context as _;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::fs::File;
use std::io::{self, Read as _, Write, stdout};
use std::sync::Arc;
use std::time::Duration;
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The address of a feed, the id of one that is configured, or a file (`./NAME` where an id is the same)
    #[arg(value_name = "URL|ID|FILE", value_hint = clap::ValueHint::AnyPath)]
    place: String,
    /// How to print the entries
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

/// A document with where it came from; a file came from nowhere.
struct Source {
    /// For messages: without credentials (S7).
    name: String,
    bytes: Vec<u8>,
    charset: Option<String>,
    url: String,
}

/// The largest file that is read: beyond it is no feed, and a device has no end.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log("error");
    let wanted = places.config.is_some() || places.config().exists();
    let config = wanted.then(|| places.load_without_secrets()).transpose()?;
    let feeds = config.iter().flat_map(|config| &config.feeds);
    let known = feeds.clone().find(|feed| feed.id.as_str() == options.place);
    let source = match (Url::parse(&options.place), known) {
        (Ok(url), _) if matches!(url.scheme(), "http" | "https") => {
            block_on(get(Target::new(url), config.as_ref()))?
        }
        (_, Some(feed)) => block_on(get(target(places, &feed.id)?, config.as_ref()))?,
        _ => open(&options.place, config.as_ref())?,
    };
    let document = Document {
        bytes: &source.bytes,
        charset: source.charset.as_deref(),
        url: &source.url,
    };
    let feed = parse::parse(&document).map_err(|error| refusal(&source.name, &error))?;
    let rules = config.as_ref().map(|it| Arc::clone(&it.url_rules));
    let nobody = FeedId::new("preview");
    let origin = Origin {
        feed: known.map_or(&nobody, |feed| &feed.id),
        url: &source.url,
        language: known.and_then(|feed| feed.language.as_deref()),
        now: SystemClock.now(),
        identity: known.map_or_else(IdentityBy::default, |feed| feed.identity),
        url_rules: &rules.unwrap_or_default(),
    };
    let mut out = stdout().lock();
    match options.format {
        Format::Json => writeln!(out, "{}", tame(&object(&feed, &origin).to_string()))?,
        Format::Text => print(&mut out, &feed, &origin, config.as_ref())?,
    }
    Ok(())
}

/// Says what a document is that is no feed, and lists the feeds that it leads to.
fn refusal(name: &str, error: &ParseError) -> Failure {
    let (found, feeds) = match error {
        ParseError::NotAFeed(NotAFeed::Page { found, feeds }) if *found != Found::Guessed => {
            (found, feeds)
        }
        _ => return Failure::found(format!("{name}: {error}")),
    };
    let mut message = format!("{name}: {found}:");
    let addresses: Vec<String> = feeds.iter().map(|feed| shown_address(&feed.url)).collect();
    let widths = addresses.iter().map(|it| it.chars().count());
    let width = widths.max().unwrap_or(0);
    for (feed, address) in feeds.iter().zip(&addresses) {
        let title = feed.title.as_deref().unwrap_or_default();
        let row = format!("\n  {address:width$}  {title}");
        message.push_str(row.trim_end());
    }
    Failure::found(message)
}

/// Returns how a feed is asked: with the credentials that it needs, where they can be seen from here, and where it moved
/// to for good.
fn target(places: &Places, id: &FeedId) -> Result<Target, Failure> {
    let mut config = places.load()?.config;
    if let Some(why) = as_a_poll_would(places, &mut config).why(id.as_str()) {
        return Err(Failure::found(format!("{id} is not asked: {why}")));
    }
    let feed = config.feeds.into_iter().find(|feed| feed.id == *id);
    // The file may have been saved between two looks.
    feed.map(|feed| feed.target)
        .ok_or_else(|| no_feed(id.as_str()))
}

async fn get(target: Target, config: Option<&Config>) -> Result<Source, Failure> {
    let settings = config
        .map(|config| config.fetch.clone())
        .unwrap_or_default();
    let name = fetch::shown(&target.url);
    let fetcher = Fetcher::new(&settings)?;
    let answer = fetcher
        .fetch(&target, &Validators::default(), &SystemClock)
        .await;
    match (answer.outcome, answer.body) {
        (Outcome::Modified, Some(bytes)) => Ok(Source {
            name,
            bytes,
            charset: answer.charset,
            url: answer.url,
        }),
        (Outcome::Failed(failure), _) => Err(Failure::found(format!("{name}: {failure}"))),
        (outcome, _) => {
            let why = unanswered(&outcome, answer.status, answer.freshness.retry_after);
            Err(Failure::found(format!("{name}: {why}")))
        }
    }
}

/// Says what an origin answered that sends neither a feed nor a failure.
pub(super) fn unanswered(
    outcome: &Outcome,
    status: Option<u16>,
    retry_after: Option<Duration>,
) -> String {
    match outcome {
        Outcome::Throttled | Outcome::Crowded => {
            let at = retry_after.and_then(|it| SystemClock.now().checked_add(it).ok());
            patience(status, at)
        }
        Outcome::Gone => "410 Gone: its publisher ended the feed".to_owned(),
        outcome => outcome.name().to_owned(),
    }
}

/// Says that an origin asks for patience, and until when, where it told that; nobody who takes no more than a look waits for it.
pub(super) fn patience(status: Option<u16>, until: Option<Timestamp>) -> String {
    let status = status.unwrap_or_default();
    let when = until.map_or_else(
        || "it does not say for how long, an hour will do".to_owned(),
        |at| format!("ask again after {}", instant(at)),
    );
    format!("its origin asks for patience ({status}): {when}")
}

fn open(path: &str, config: Option<&Config>) -> Result<Source, Failure> {
    let mut bytes = Vec::new();
    let read = File::open(path).and_then(|file| file.take(LARGEST_FILE).read_to_end(&mut bytes));
    if read.as_ref().is_err_and(is_not_found) && name_fault(path).is_none() {
        return Err(no_such(path, config));
    }
    read.with_context(|| {
        format!("cannot read the file {path} (an address begins with http:// or https://)")
    })?;
    Ok(Source {
        name: path.to_owned(),
        bytes,
        charset: None,
        url: String::new(),
    })
}

fn is_not_found(error: &io::Error) -> bool {
    error.kind() == io::ErrorKind::NotFound
}

/// Says of what might be the id of a feed that it is none, and no file either.
fn no_such(place: &str, config: Option<&Config>) -> Failure {
    let feeds = config.into_iter().flat_map(|config| &config.feeds);
    let meant = nearest(place, feeds.map(|feed| feed.id.as_str()));
    let meant = meant
        .map(|meant| format!("did you mean `{meant}`? "))
        .unwrap_or_default();
    Failure::found(format!(
        "`{place}` is no feed of feeds.toml, and no file: {meant}`merganser list` lists the ids, and an address begins \
         with http:// or https://"
    ))
}

fn object(feed: &ParsedFeed, origin: &Origin<'_>) -> Value {
    json!({
        "format": feed.format.to_string(),
        "title": feed.profile.title,
        "entries": feed.entries.iter().map(|entry| entry_object(entry, origin)).collect::<Vec<_>>(),
        "hints": hints::object(&feed.hints),
        "guid_health": normalize::normalize(feed, origin).ids.health.name(),
        "defects": feed.defects.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn entry_object(parsed: &ParsedEntry, origin: &Origin<'_>) -> Value {
    let entry = normalize::entry(parsed, origin);
    let published = parsed.published_at.or(parsed.updated_at);
    json!({
        "id": parsed.id,
        "url": parsed.url,
        "title": entry.title,
        "summary": entry.summary,
        "content": entry.content,
        "published": published.map(|at| at.to_string()),
        "updated": parsed.updated_at.map(|at| at.to_string()),
        "authors": entry.authors.iter().map(person).collect::<Vec<_>>(),
        "categories": entry.categories.iter().map(category).collect::<Vec<_>>(),
        "image": parsed.image,
        "enclosures": parsed.enclosures.iter().map(enclosure).collect::<Vec<_>>(),
    })
}

/// Escapes what JSON need not and a terminal obeys: an id is shown byte for byte.
fn tame(json: &str) -> String {
    json.chars()
        .map(|c| match c {
            '\u{7F}'..='\u{9F}' => format!("\\u{:04x}", u32::from(c)),
            c if is_bidi_control(c) => format!("\\u{:04x}", u32::from(c)),
            c => c.to_string(),
        })
        .collect()
}

fn person(person: &Person) -> Value {
    json!({ "name": person.name, "email": person.email, "url": person.url })
}

fn category(category: &Category) -> Value {
    json!({ "term": category.term, "scheme": category.scheme, "label": category.label })
}

fn enclosure(enclosure: &Enclosure) -> Value {
    json!({ "url": enclosure.url, "type": enclosure.media_type, "length": enclosure.length })
}

/// Longest title that is shown in a table.
const TITLE_WIDTH: usize = 90;

fn print(
    out: &mut dyn Write,
    feed: &ParsedFeed,
    origin: &Origin<'_>,
    config: Option<&Config>,
) -> io::Result<()> {
    let title = feed
        .profile
        .title
        .as_deref()
        .unwrap_or("a feed without title");
    let entries = feed.entries.len();
    let noun = if entries == 1 { "entry" } else { "entries" };
    writeln!(out, "{title} ({}, {entries} {noun})", feed.format)?;
    let ids = normalize::normalize(feed, origin).ids;
    if !ids.health.is_good() {
        writeln!(
            out,
            "ids: {}: {ids}; identity by address",
            ids.health.name()
        )?;
    }
    let classifier =
        config.and_then(|config| Classifier::compile(&config.aliases, &config.rules).ok());
    let feeds = config.into_iter().flat_map(|config| &config.feeds);
    let standing = standing(feeds.clone().find(|feed| feed.id == *origin.feed));
    let mut table = Table::default();
    for parsed in &feed.entries {
        let entry = normalize::entry(parsed, origin);
        let labels = classifier
            .as_ref()
            .map(|classifier| classifier.classify(&entry, &standing));
        let labels = labels.unwrap_or_default().into_iter();
        let topics = labels.filter(TopicMatch::is_topic).map(|label| label.topic);
        let topics: Vec<String> = topics.collect();
        let date = parsed.published_at.or(parsed.updated_at);
        table.row(&[
            date.map_or_else(|| "no date".to_owned(), instant),
            cut(&entry.title, TITLE_WIDTH),
            topics.join(" "),
        ]);
    }
    table.print_on_screen(&[1, 2], out)?;
    if let Some(asked) = hints::words(&feed.hints) {
        writeln!(out, "asks: {asked}")?;
    }
    if !feed.defects.is_empty() {
        writeln!(
            out,
            "{}",
            count(
                u64::try_from(feed.defects.len()).unwrap_or(u64::MAX),
                "defect"
            )
        )?;
    }
    for defect in &feed.defects {
        writeln!(out, "  {defect}")?;
    }
    Ok(())
}

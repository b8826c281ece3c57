//! What the topics of the feeds.toml at hand say of an entry, and why.

use super::Format;
use super::exit::Failure;
use super::table::Table;
use crate::classify::{GIVEN, Standing, TAKES_STORY, Verdict, spoken, why};
use crate::config::{Config, as_said, standing};
use crate::daemon::topics_in_force;
use crate::model::{
    Entry, Evidence, FeedId, IdentityBy, ParsedEntry, Share, StoredEntry, Text, TopicMatch,
};
use crate::normalize::{self, Origin};
use crate::parse::{self, Document};
use crate::store::{Store, StoreError};
use anyhow::{Context as _, anyhow};
use jiff::Timestamp;
use serde_json::{Value, json};
use std::io::{self, Write};
use std::path::Path;

/// The fields that have words.
const TEXTS: [&str; 3] = ["title", "summary", "content"];

/// Where the entries of a file are said to stand: nowhere, so that no topic leaves them out for it.
const OF_A_FILE: &str = "";

/// A topic of which a file with mistakes does not tell the rule that is in force: what is stored is all that is known.
pub(super) struct Unread {
    /// Its name.
    topic: String,
    /// Why no more is known.
    why: &'static str,
}

impl Unread {
    /// Tells whether a verdict is of this topic.
    pub(super) fn is_of(&self, verdict: &Verdict) -> bool {
        self.topic == verdict.label
    }
}

/// Returns the topics, or this one, of which a file with mistakes does not tell the rule in force.
pub(super) fn unread(
    config: &Config,
    store: &Store,
    topic: Option<&str>,
) -> Result<Vec<Unread>, StoreError> {
    let in_force = topics_in_force(store, config)?;
    let topics = config.site.topics.iter().map(|(name, _)| name);
    let unread = topics
        .filter(|name| topic.is_none_or(|it| it == *name))
        .filter(|name| !in_force.contains(*name))
        .map(|name| {
            let is_there = config.rules.iter().any(|rule| rule.name == *name);
            Unread {
                topic: name.clone(),
                why: if is_there {
                    "the rule that can be read of feeds.toml is not the one in force"
                } else {
                    "its rule cannot be read"
                },
            }
        });
    Ok(unread.collect())
}

/// Returns what each topic, or this one, says of an entry, in the order of the file. What its feed gives, it has; `shares`
/// tell which topics have it with its story.
pub(super) fn of(
    config: &Config,
    entry: &Entry,
    shares: &[Share],
    topic: Option<&str>,
) -> Vec<Verdict> {
    let feed = config.feeds.iter().find(|feed| feed.id == entry.feed);
    let is_topic = |verdict: &Verdict| {
        let mut topics = config.site.topics.iter();
        let is_meant = topic.is_none_or(|topic| verdict.label == topic);
        is_meant && topics.any(|(name, _)| *name == verdict.label)
    };
    let taking = shares.iter().filter(|share| share.takes);
    let taking: Vec<String> = taking.map(|share| share.topic.clone()).collect();
    let standing = Standing {
        with_story: &taking,
        ..standing(feed)
    };
    let entry = as_said(entry, feed);
    let verdicts = why(&config.aliases, &config.rules, &entry, &standing);
    verdicts.into_iter().filter(is_topic).collect()
}

/// Returns the language that the topics take an entry to be in, and who says it.
pub(super) fn language(config: &Config, entry: &Entry) -> Language {
    let feed = config.feeds.iter().find(|feed| feed.id == entry.feed);
    let entry = as_said(entry, feed);
    let spoken = spoken(&entry);
    Language {
        shown: spoken.to_string(),
        object: json!({ "tag": spoken.tag, "guessed": spoken.is_guessed }),
    }
}

/// The language of an entry as `explain` tells it.
pub(super) struct Language {
    /// For people.
    pub(super) shown: String,
    /// For programs.
    pub(super) object: Value,
}

/// Prints what each topic says, and where that is not what is stored. Of a file with mistakes `unread` has those that say
/// nothing.
pub(super) fn print(
    out: &mut dyn Write,
    verdicts: &[Verdict],
    stored: Option<&StoredEntry>,
    unread: Option<&[Unread]>,
) -> io::Result<()> {
    if verdicts.is_empty() && unread.is_none_or(<[Unread]>::is_empty) {
        let none = unread.map_or("feeds.toml has no `[[topic]]`", |_| "none is in force");
        return writeln!(out, "topics: none; {none}");
    }
    let more = unread.map_or(
        "by other rules or languages than those of this file: `merganser plan` tells more",
        |_| "by what is in force, of which not all can be read of this file: see `merganser check`",
    );
    writeln!(out, "topics")?;
    for verdict in verdicts {
        print_one(
            out,
            verdict,
            stored.and_then(|stored| share(stored, verdict)),
        )?;
        let was = stored.map(|stored| stored.topics.iter().any(|it| it.topic == verdict.label));
        if let Some(was) = was.filter(|was| *was != verdict.holds) {
            let was = if was { "in" } else { "out" };
            writeln!(out, "    stored as {was}, {more}")?;
        }
    }
    for unread in unread.unwrap_or_default() {
        print_unread(out, unread, stored)?;
    }
    Ok(())
}

/// Prints what is stored of a topic that says nothing by itself.
fn print_unread(
    out: &mut dyn Write,
    unread: &Unread,
    stored: Option<&StoredEntry>,
) -> io::Result<()> {
    let own = stored.and_then(|stored| own(stored, unread));
    let share = stored.and_then(|stored| share_in(stored, &unread.topic));
    let share = share.filter(|share| own.is_none() && share.takes);
    let state = match (own, share) {
        (Some(own), _) => format!("in, score {:.1}", own.score),
        (None, Some(share)) => format!("in, {}", of_story(share)),
        (None, None) => "out".to_owned(),
    };
    writeln!(out, "  {}: {state}, as is stored", unread.topic)?;
    writeln!(out, "    {}: see `merganser check`", unread.why)?;
    let mut table = Table::default();
    for evidence in own.map_or(&[][..], |own| &own.evidence) {
        table.row(&row(evidence, ""));
    }
    table.print(out)
}

/// Returns the label of a topic as an entry has it itself.
fn own<'s>(stored: &'s StoredEntry, unread: &Unread) -> Option<&'s TopicMatch> {
    stored.topics.iter().find(|it| it.topic == unread.topic)
}

/// Returns how much of an entry's story is in a topic that takes whole stories.
fn share<'s>(stored: &'s StoredEntry, verdict: &Verdict) -> Option<&'s Share> {
    share_in(stored, &verdict.label)
}

fn share_in<'s>(stored: &'s StoredEntry, topic: &str) -> Option<&'s Share> {
    let mut shares = stored.shares.iter();
    shares.find(|share| share.topic == topic)
}

fn print_one(out: &mut dyn Write, verdict: &Verdict, share: Option<&Share>) -> io::Result<()> {
    let state = if verdict.holds { "in" } else { "out" };
    let score = verdict.score.filter(|_| verdict.holds);
    let score = score.map_or(String::new(), |score| format!(", score {score:.1}"));
    match share.filter(|_| !verdict.holds) {
        Some(share) if share.takes => {
            writeln!(out, "  {}: in, {}", verdict.label, of_story(share))?;
        }
        Some(share) => {
            writeln!(out, "  {}: {state}", verdict.label)?;
            if verdict.barred.is_none() {
                writeln!(out, "    {}: {TAKES_STORY}", of_story(share))?;
            }
        }
        None => writeln!(out, "  {}: {state}{score}", verdict.label)?,
    }
    let why_out = verdict.barred.iter().chain(&verdict.missing);
    for why in why_out.filter(|_| !verdict.holds) {
        writeln!(out, "    {why}")?;
    }
    let mut table = Table::default();
    for evidence in &verdict.evidence {
        table.row(&row(evidence, ""));
    }
    for evidence in &verdict.excluded {
        table.row(&row(evidence, " (excluded)"));
    }
    table.print(out)
}

fn of_story(share: &Share) -> String {
    let Share {
        members, reports, ..
    } = share;
    format!("{members} of {reports} reports of its story are in this topic")
}

fn row(evidence: &Evidence, remark: &str) -> [String; 5] {
    if evidence.term == GIVEN {
        let given = format!("    given by {} {}", evidence.field, evidence.text);
        return [
            given,
            String::new(),
            String::new(),
            String::new(),
            remark.to_owned(),
        ];
    }
    let alias = evidence.alias.as_ref().map(|alias| format!("@{alias}"));
    // Of what is no text there is nothing to count.
    let is_text = TEXTS.contains(&evidence.field.as_str());
    let word = is_text.then(|| format!("word {}", evidence.position + 1));
    [
        format!("    {}", evidence.field),
        word.unwrap_or_default(),
        evidence.text.clone(),
        evidence.term.clone(),
        format!("{}{remark}", alias.unwrap_or_default()),
    ]
}

/// Returns the verdicts as `explain --format json` prints them, with what is stored where a topic says nothing.
pub(super) fn objects(
    verdicts: &[Verdict],
    stored: Option<&StoredEntry>,
    unread: Option<&[Unread]>,
) -> Vec<Value> {
    let object = |verdict: &Verdict| {
        let share = stored.and_then(|stored| share(stored, verdict));
        json!({
            "topic": verdict.label,
            "in": verdict.holds || share.is_some_and(|share| share.takes),
            "story": share.map(story),
            "unread": null,
            "barred": verdict.barred,
            "score": verdict.score,
            "min_score": verdict.min_score,
            "evidence": verdict.evidence,
            "excluded": verdict.excluded,
            "missing": verdict.missing,
        })
    };
    let of_unread = unread.unwrap_or_default().iter();
    let of_unread = of_unread.map(|unread| unread_object(unread, stored));
    verdicts.iter().map(object).chain(of_unread).collect()
}

fn unread_object(unread: &Unread, stored: Option<&StoredEntry>) -> Value {
    let own = stored.and_then(|stored| own(stored, unread));
    let share = stored.and_then(|stored| share_in(stored, &unread.topic));
    json!({
        "topic": unread.topic,
        "in": own.is_some() || share.is_some_and(|share| share.takes),
        "story": share.map(story),
        "unread": unread.why,
        "barred": null,
        "score": own.map(|own| own.score),
        "min_score": null,
        "evidence": own.map_or(&[][..], |own| &own.evidence),
        "excluded": [],
        "missing": [],
    })
}

fn story(share: &Share) -> Value {
    json!({ "members": share.members, "reports": share.reports })
}

/// Tells what the topics, or one of them, say of the entries of a file: a feed document, an item of JSON Feed, or a text whose first
/// line is the title.
pub(super) fn explain_file(
    out: &mut dyn Write,
    config: &Config,
    (path, topic): (&Path, Option<&str>),
    format: Format,
) -> Result<(), Failure> {
    let bytes = std::fs::read(path).with_context(|| format!("cannot read {}", path.display()))?;
    for entry in entries(config, &bytes)? {
        let verdicts = of(config, &entry, &[], topic);
        match format {
            Format::Text => {
                writeln!(out, "{}", entry.title)?;
                writeln!(out, "  language  {}", language(config, &entry).shown)?;
                print(out, &verdicts, None, None)?;
                writeln!(out)?;
            }
            Format::Json => {
                let object = json!({
                    "title": entry.title,
                    "language": language(config, &entry).object,
                    "verdicts": objects(&verdicts, None, None),
                });
                writeln!(out, "{object}")?;
            }
        }
    }
    Ok(())
}

fn entries(config: &Config, bytes: &[u8]) -> Result<Vec<Entry>, Failure> {
    let origin = Origin {
        feed: &FeedId::new(OF_A_FILE),
        url: "",
        language: None,
        // No date of a file is looked at.
        now: Timestamp::UNIX_EPOCH,
        identity: IdentityBy::default(),
        url_rules: &config.url_rules,
    };
    let text = String::from_utf8_lossy(bytes);
    let shown = text.trim_start_matches('\u{feff}').trim_start();
    if !shown.starts_with(['<', '{']) {
        return Ok(vec![normalize::entry(&article(shown), &origin)]);
    }
    let document = Document {
        bytes,
        charset: None,
        url: "",
    };
    let failure = match parse::parse(&document) {
        Ok(parsed) => return Ok(normalize::normalize(&parsed, &origin).entries),
        Err(error) => error.failure(),
    };
    match parse::json_item(shown) {
        Ok(item) if shown.starts_with('{') => Ok(vec![normalize::entry(&item, &origin)]),
        _ => Err(Failure::from(anyhow!("{failure}"))),
    }
}

/// Makes an entry of a plain text: its first line is the title.
fn article(text: &str) -> ParsedEntry {
    let (title, body) = text.split_once('\n').unwrap_or((text, ""));
    ParsedEntry {
        title: Text::plain(title.trim()),
        content: Some(Text::plain(body.trim())),
        ..ParsedEntry::default()
    }
}

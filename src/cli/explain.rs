//! `merganser explain`: why an entry is where it is, and what a code means.

use super::codes;
use super::coverage::{self, Names, first};
use super::exit::Failure;
use super::export::object;
use super::places::Known;
use super::table::{Table, instant};
use super::verdicts::{Language, Unread};
use super::{Format, Places, edits, near, tombstone, verdicts};
use crate::classify::Verdict;
use crate::config::nearest;
use crate::dedupe::COMPARED_AGE;
use crate::model::{FormerVersion, Key, StoredEntry, is_retired, publishers_id};
use crate::normalize::{self, UrlRules};
use crate::publish::Output;
use crate::store::Store;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write, stdout};
use std::path::PathBuf;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The address of the article, the id that its feed gives it, the id that we publish, or the number of it (`a12`) or
    /// of its story (`s3`); or a code: of a problem of feeds.toml, of how a poll ended, of a defect of a document
    #[arg(value_name = "URL|CODE", required_unless_present = "file")]
    name: Option<String>,
    /// Tell what the topics say of a file: a feed, an item of JSON Feed, or a text whose first line is the title
    #[arg(long, value_name = "FILE", conflicts_with = "name")]
    file: Option<PathBuf>,
    /// Tell of the topics this one alone
    #[arg(long, value_name = "NAME")]
    topic: Option<String>,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let mut out = stdout().lock();
    // A file that has the problem cannot be read.
    let code = options.name.as_deref().filter(|_| options.topic.is_none());
    if let Some(told) = code.and_then(codes::of) {
        return Ok(told.print(&mut out, options.format)?);
    }
    // What the topics would say of a file, they have to say whole.
    let known = match &options.file {
        Some(_) => Known {
            config: places.load_without_secrets()?,
            mistakes: None,
        },
        None => places.known()?,
    };
    let topic = options.topic.as_deref();
    if let Some(topic) = topic {
        refuse_unknown(&known, topic)?;
    }
    if let Some(file) = &options.file {
        return verdicts::explain_file(&mut out, &known.config, (file, topic), options.format);
    }
    let name = options.name.as_deref().unwrap_or_default();
    explain(places, &known, (name, topic), options.format, &mut out)
}

/// Refuses a topic that feeds.toml has not, with the one that may be meant.
fn refuse_unknown(known: &Known, topic: &str) -> Result<(), Failure> {
    let config = &known.config;
    let mut topics = config.site.topics.iter().map(|(name, _)| name.as_str());
    if topics.clone().any(|name| name == topic) {
        return Ok(());
    }
    let there = match (nearest(topic, topics.clone()), topics.next()) {
        (Some(meant), _) => format!("did you mean `{meant}`?"),
        (None, Some(_)) => "`merganser topics` lists them".to_owned(),
        (None, None) => "there is no `[[topic]]` at all".to_owned(),
    };
    let place = known
        .mistakes
        .as_ref()
        .map_or("in feeds.toml", |_| "in force");
    Err(Failure::found(format!(
        "no topic `{topic}` {place}: {there}"
    )))
}

/// Tells of the entries that go by a name, and what all topics or one say of them.
fn explain(
    places: &Places,
    known: &Known,
    (name, topic): (&str, Option<&str>),
    format: Format,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let config = &known.config;
    let store = places.store(&config.storage)?;
    let unread = unread(known, &store, topic)?;
    let (keys, is_ruled) = all_keys(name, &config.url_rules);
    let mut entries = store.find(name, &keys)?;
    let left = store.tombstones(name, &keys)?;
    if entries.is_empty() && left.is_empty() {
        entries = by_number(&store, name)?;
    }
    if entries.is_empty() && left.is_empty() {
        return Err(nothing(name, is_ruled, &near::addresses(&store, name)?));
    }
    if is_ruled && format == Format::Text {
        writeln!(out, "note: {RULED}\n")?;
    }
    let names = Names::by(config);
    let mut told = BTreeSet::new();
    let mut stories = BTreeMap::new();
    // The entries of one article are told once, by the one that leads it where it was found.
    let (leads, others): (Vec<_>, Vec<_>) = entries.iter().partition(|entry| entry.leads);
    for entry in leads.into_iter().chain(others) {
        if !told.insert(entry.article) {
            continue;
        }
        let members = store.members(entry.article)?;
        if let Some(story) = entry.story
            && !stories.contains_key(&story)
        {
            stories.insert(story, store.reports(story)?);
        }
        let reports = entry.story.and_then(|story| stories.get(&story));
        let read = store.readable_entry(entry.feed.as_str(), &entry.entry_id)?;
        let told = Told {
            entry,
            language: read
                .as_ref()
                .map(|read| verdicts::language(config, &read.entry)),
            verdicts: read.map_or_else(Vec::new, |read| {
                let verdicts = verdicts::of(config, &read.entry, &entry.shares, topic);
                read_alone(verdicts, unread.as_deref())
            }),
            unread: unread.as_deref(),
            history: store.history(&entry.feed, &entry.entry_id)?,
            members,
            reports: reports.map_or(&[], Vec::as_slice),
            outputs: &config.outputs,
            names: &names,
        };
        match format {
            Format::Text => print(out, &told)?,
            Format::Json => writeln!(out, "{}", told.object())?,
        }
    }
    for left in &left {
        match format {
            Format::Text => tombstone::print(out, left, &names)?,
            Format::Json => writeln!(out, "{}", json!({ "tombstone": tombstone::object(left) }))?,
        }
    }
    Ok(())
}

/// Returns the topics of which a file with mistakes does not tell the rule in force; `None` of a file without.
fn unread(
    known: &Known,
    store: &Store,
    topic: Option<&str>,
) -> Result<Option<Vec<Unread>>, Failure> {
    let of_mistaken = known.mistakes.as_ref();
    let unread = of_mistaken.map(|_| verdicts::unread(&known.config, store, topic));
    Ok(unread.transpose()?)
}

/// Leaves out what a topic says by a rule that is not the one in force.
fn read_alone(mut verdicts: Vec<Verdict>, unread: Option<&[Unread]>) -> Vec<Verdict> {
    let unread = unread.unwrap_or_default();
    verdicts.retain(|verdict| !unread.iter().any(|it| it.is_of(verdict)));
    verdicts
}

/// Returns the failure of a name that nothing goes by, with the addresses that are nearly it.
fn nothing(name: &str, is_ruled: bool, near: &[String]) -> Failure {
    let ruled = if is_ruled {
        format!("; {RULED}")
    } else {
        String::new()
    };
    if !near.is_empty() {
        let near = near.join("\n  ");
        return Failure::found(format!(
            "nothing is stored under `{name}`{ruled}; near it is\n  {near}"
        ));
    }
    Failure::found(format!(
        "nothing is stored under `{name}`: give the address as the feed has it, or its id; \
         `merganser search --format plain WORDS` finds addresses{ruled}"
    ))
}

/// Returns the entries of an article by the number that we call it by, `a12`, or the report that tells a story best, `s3`.
fn by_number(store: &Store, name: &str) -> Result<Vec<StoredEntry>, Failure> {
    let number = |letter| {
        name.strip_prefix(letter)
            .and_then(|it| it.parse::<i64>().ok())
    };
    if let Some(article) = number('a') {
        return Ok(store.members(article)?);
    }
    let Some(of_story) = number('s') else {
        return Ok(Vec::new());
    };
    let reports = store.reports(of_story)?;
    Ok(coverage::best(&reports).cloned().into_iter().collect())
}

/// What is to be known of an address of which a rule drops something.
const RULED: &str = "a rule for addresses (`[[url-rule]]`, `url-rules-file`) concerns it; what was stored before the rule goes by the \
     address as it was";

/// Returns the keys of an address by rules and as it is written, and whether these are not the same: what was stored before
/// a rule goes by the address as it was written then.
fn all_keys(name: &str, rules: &UrlRules) -> (Vec<Key>, bool) {
    let mut keys = keys(name, rules);
    let as_written = self::keys(name, &UrlRules::default());
    let is_ruled = keys != as_written;
    keys.extend(as_written.into_iter().filter(|_| is_ruled));
    (keys, is_ruled)
}

/// Returns the keys of an address by rules, also where it stands as a browser shows it: without the scheme.
fn keys(name: &str, rules: &UrlRules) -> Vec<Key> {
    let mut keys = normalize::url_keys(name, rules);
    keys.extend(normalize::url_keys(&format!("https://{name}"), rules));
    keys
}

/// All that is told of an entry.
struct Told<'a> {
    entry: &'a StoredEntry,
    /// The language that the topics take it to be in; `None` of what they do not judge.
    language: Option<Language>,
    /// What the topics say of it.
    verdicts: Vec<Verdict>,
    /// The topics that say nothing, where the file has mistakes.
    unread: Option<&'a [Unread]>,
    /// What it said before.
    history: Vec<FormerVersion>,
    /// The entries of its article, itself among them.
    members: Vec<StoredEntry>,
    /// The entries that tell the articles of its story; none where it has no story.
    reports: &'a [StoredEntry],
    /// All outputs.
    outputs: &'a [Output],
    names: &'a Names<'a>,
}

impl Told<'_> {
    /// Returns it as `explain --format json` prints it.
    fn object(&self) -> Value {
        let copies = copies_of(self.entry, &self.members);
        json!({
            "entry": object(self.entry),
            "language": self.language.as_ref().map(|it| &it.object),
            "history": self.history.iter().map(edits::version).collect::<Vec<_>>(),
            "copies": copies.map(object).collect::<Vec<_>>(),
            "first": first(&self.members).map(coverage::credit),
            "outlets": coverage::outlets(&self.members),
            "story": coverage::story(self.entry, self.reports),
            "carried_by": self.entry.outlets,
            "verdicts": verdicts::objects(&self.verdicts, Some(self.entry), self.unread),
        })
    }
}

/// Returns the other entries of the article.
fn copies_of<'m>(
    entry: &StoredEntry,
    members: &'m [StoredEntry],
) -> impl Iterator<Item = &'m StoredEntry> {
    members
        .iter()
        .filter(|other| (&other.feed, &other.entry_id) != (&entry.feed, &entry.entry_id))
}

fn print(out: &mut dyn Write, told: &Told<'_>) -> io::Result<()> {
    let entry = told.entry;
    writeln!(out, "{}", entry.title)?;
    let mut facts = Table::default();
    facts.row(&["  feed", &told.names.of(&entry.feed)]);
    facts.row(&["  address", entry.url.as_deref().unwrap_or("none")]);
    let id = publishers_id(&entry.entry_id);
    facts.row(&["  id", &id.escape_debug().to_string()]);
    facts.row(&["  published", &instant(entry.published_at)]);
    facts.row(&["  first seen", &instant(entry.first_seen_at)]);
    if let Some(language) = &told.language {
        facts.row(&["  language", &language.shown]);
    }
    facts.print(out)?;
    if id.len() < entry.entry_id.len() {
        writeln!(out, "  its id and address have gone on to other news since")?;
    }
    edits::print(out, entry, &told.history)?;
    print_article(out, told)?;
    coverage::print_story(out, entry, (&told.members, told.reports), told.names)?;
    coverage::print_sources(out, entry, told.outputs)?;
    verdicts::print(out, &told.verdicts, Some(entry), told.unread)?;
    writeln!(out)
}

fn print_article(out: &mut dyn Write, told: &Told<'_>) -> io::Result<()> {
    let (entry, members, names) = (told.entry, &told.members, told.names);
    let tells = if entry.leads {
        ", told by this entry"
    } else {
        ", told by another entry"
    };
    writeln!(out, "article a{}{tells}", entry.article)?;
    writeln!(out, "  published as {}", entry.atom_id)?;
    writeln!(out, "  {}: {}", entry.reason.kind.name(), entry.reason.text)?;
    if !coverage::is_compared(entry) {
        writeln!(
            out,
            "  likenesses were not looked for: it came more than {} d after its date",
            COMPARED_AGE.as_hours() / 24
        )?;
    }
    coverage::print(out, members, names)?;
    for other in copies_of(entry, members) {
        let lead = match other.leads {
            true => " (tells the article)",
            false if is_retired(&other.entry_id) => " (its page has gone on to other news)",
            false => "",
        };
        let feed = names.of(&other.feed);
        writeln!(out, "  also in {feed}{lead}: {}", other.title)?;
        writeln!(
            out,
            "    {}: {}",
            other.reason.kind.name(),
            other.reason.text
        )?;
    }
    Ok(())
}

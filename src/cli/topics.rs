//! `merganser topics`: how much each topic of feeds.toml holds, and what it shares with others.

use super::exit::Failure;
use super::list::store_if_any;
use super::places::Known;
use super::status::needs::warn_of_another_file;
use super::table::{Table, ago};
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::Config;
use crate::daemon::{Topic, topics};
use crate::store::{Holding, Store};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use std::io::{self, Write, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// How to print them [default: table on a terminal, else plain]
    #[arg(long, value_enum)]
    format: Option<Form>,
}

/// How many of the topics are named that one shares most articles with: who shares a few with all tells nothing.
const NAMED: usize = 2;

/// Returns when what came in the last day begins.
pub(super) fn a_day_before(now: Timestamp) -> Timestamp {
    let day = SignedDuration::from_hours(24);
    now.saturating_sub(day).unwrap_or(Timestamp::MIN)
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let Known { config, mistakes } = places.known()?;
    warn_of_another_file(places, mistakes.is_some());
    let store = store_if_any(places, &config)?;
    let now = SystemClock.now();
    let mut topics = match &store {
        Some(store) => topics(store, &config, a_day_before(now))?,
        None => unstored(&config),
    };
    // What is in force has been applied, and is not compared with what can be read of the file.
    for topic in topics.iter_mut().filter(|_| mistakes.is_some()) {
        topic.is_applied = true;
    }
    let mut out = stdout().lock();
    match options.format.unwrap_or_else(Form::usual) {
        Form::Table if topics.is_empty() => {
            let none = "no topic in feeds.toml: a `[[topic]]` with a name and a query is one";
            writeln!(out, "{none}")?;
        }
        Form::Table => {
            print(&mut out, &topics, now)?;
            print_remark(&mut out, store.as_ref(), &topics)?;
        }
        Form::Plain => {
            for topic in &topics {
                writeln!(out, "{}", plain(topic))?;
            }
        }
        Form::Json => {
            for topic in &topics {
                writeln!(out, "{}", object(topic))?;
            }
        }
    }
    Ok(())
}

/// Returns the topics of a configuration by which nothing was ever stored.
fn unstored(config: &Config) -> Vec<Topic> {
    let topics = config.site.topics.iter();
    let topics = topics.map(|(name, title)| Topic {
        name: name.clone(),
        title: title.clone(),
        holding: Holding::default(),
        shared: Vec::new(),
        is_applied: false,
    });
    topics.collect()
}

fn print(out: &mut dyn Write, topics: &[Topic], now: Timestamp) -> io::Result<()> {
    let mut table = Table::new(&[
        "topic",
        "title",
        "articles",
        "last day",
        "newest",
        "shares most with",
    ]);
    for topic in topics {
        let holding = &topic.holding;
        table.row(&[
            topic.name.clone(),
            topic.title.clone(),
            holding.articles.to_string(),
            holding.lately.to_string(),
            ago(holding.newest_at, now),
            match shared(topic) {
                none if none.is_empty() => "-".to_owned(),
                shared => shared,
            },
        ]);
    }
    table.print_on_screen(&[5, 1, 0], out)
}

/// Says which rules are not those by which it was counted, and what applies them.
fn print_remark(
    out: &mut dyn Write,
    store: Option<&Store>,
    topics: &[Topic],
) -> Result<(), Failure> {
    let Some(store) = store else {
        writeln!(
            out,
            "\nnothing is stored yet: `merganser run` or `merganser poll` begins"
        )?;
        return Ok(());
    };
    let waiting = topics.iter().filter(|topic| !topic.is_applied);
    let waiting: Vec<String> = waiting.map(|topic| format!("`{}`", topic.name)).collect();
    if waiting.is_empty() {
        return Ok(());
    }
    let names = waiting.join(", ");
    let next = match store.relabelling()? {
        Some((read, all)) => {
            let percent = read.saturating_mul(100).checked_div(all).unwrap_or(100);
            format!("a daemon is at it, {percent} % is read")
        }
        None => "a start does, and `merganser reload --wait` where a daemon runs".to_owned(),
    };
    writeln!(
        out,
        "\nthe rules that feeds.toml has now are not applied to what is stored yet: {names}. {next}; until then the \
         counts are those of before"
    )?;
    Ok(())
}

/// Names the topics that it shares most articles with, each with how many.
fn shared(topic: &Topic) -> String {
    let most = topic.shared.iter().take(NAMED);
    let most = most.map(|(name, number)| format!("{name} {number}"));
    most.collect::<Vec<_>>().join(", ")
}

/// Returns the line for programs that read lines: cells between tabs, instants in full.
fn plain(topic: &Topic) -> String {
    let holding = &topic.holding;
    let newest = holding
        .newest_at
        .map_or_else(String::new, |at| at.to_string());
    let state = if topic.is_applied {
        "applied"
    } else {
        "waiting"
    };
    [
        &topic.name,
        &topic.title,
        &holding.articles.to_string(),
        &holding.lately.to_string(),
        &newest,
        &shared(topic),
        state,
    ]
    .join("\t")
}

fn object(topic: &Topic) -> Value {
    let holding = &topic.holding;
    let shared = topic.shared.iter().take(NAMED);
    let shared = shared.map(|(name, number)| json!({ "topic": name, "articles": number }));
    json!({
        "topic": topic.name,
        "title": topic.title,
        "articles": holding.articles,
        "articles_last_day": holding.lately,
        "newest": holding.newest_at.map(|at| at.to_string()),
        "shared": shared.collect::<Vec<_>>(),
        "applied": topic.is_applied,
    })
}

//! `merganser plan`: what an edited feeds.toml would change of what is stored.

use super::exit::{Code, Failure};
use super::progress::Bar;
use super::run::{block_on, log};
use super::status::told::by_daemon_at_once;
use super::table::{Table, count, instant, reading_width};
use super::{Format, Places, check};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, ConfigError};
use crate::daemon::{Fate, Plan, PlanError, Remark, Side, plan};
use crate::publish::{self, Output};
use crate::store::{Headline, Store, StoreError};
use anyhow::anyhow;
use serde_json::{Value, json};
use std::io::{self, Write, stdout};
use std::path::{Path, PathBuf};

/// Articles that are named on each side unless all are asked for: as many as are read in a moment.
const NAMED: usize = 10;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// Compare with this configuration, and not with what is stored
    #[arg(long, value_name = "OLD.toml")]
    against: Option<PathBuf>,
    /// Name all articles, and not only the newest
    #[arg(long)]
    all: bool,
    /// How to print it
    #[arg(long, value_enum, default_value_t)]
    format: Format,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log("error");
    let config = places.load_for_queries()?;
    let against = options.against.as_deref().map(load).transpose()?;
    let store = places.store(&config.storage)?;
    let before = against.clone();
    let now = config.clone();
    let named = if options.all { usize::MAX } else { NAMED };
    let bar = Bar::begin("judging what is stored");
    let watch = bar.watch();
    let plan = block_on(async { Ok(plan(&store, config, against, named, &watch).await?) })?;
    bar.clear();
    let beside = Beside::of((places, &store), before.as_ref(), &now, &plan)?;
    let mut out = stdout().lock();
    match options.format {
        Format::Text => {
            print(&mut out, &plan)?;
            let lines = [
                beside.feeds,
                beside.outputs,
                beside.address,
                beside.archives,
                beside.files,
            ];
            for line in lines.into_iter().flatten() {
                writeln!(out, "{line}")?;
            }
        }
        Format::Json => writeln!(out, "{}", object(&plan, &beside))?,
    }
    Ok(())
}

/// What a reload says of other things than topics, a line of each.
struct Beside {
    /// Feeds that begin anew.
    feeds: Option<String>,
    /// Outputs that go, come, or have something else.
    outputs: Option<String>,
    /// The address of all that is published, where it is known to be another one.
    address: Option<String>,
    /// Archives that begin anew.
    archives: Option<String>,
    /// A directory of files that is left.
    files: Option<String>,
}

impl Beside {
    fn of(
        (places, store): (&Places, &Store),
        before: Option<&Config>,
        now: &Config,
        plan: &Plan,
    ) -> Result<Self, Failure> {
        let state = places.state()?;
        // By another rule it has other entries than what ended by the one that holds.
        let goes_on = |output: &Output| -> Result<bool, StoreError> {
            let basis = publish::basis(&now.site, output);
            Ok(plan.is_same(output) && store.has_ended_archive(output, &basis)?)
        };
        let files = |before: Option<&Path>| {
            config::files_left(&state, before, now.server.publish_dir.as_deref())
        };
        if let Some(before) = before {
            let stored = store.feed_titles()?;
            return Ok(Self {
                files: files(before.server.publish_dir.as_deref()),
                feeds: config::feeds_renamed(before, now, |id| stored.contains_key(id)),
                outputs: config::outputs_changed(before, now),
                address: config::address_changed(before, now),
                // What cannot be read is told of as what begins.
                archives: config::archives_ended(before, now, |output| {
                    goes_on(output).is_ok_and(|it| it)
                }),
            });
        }
        // Who writes files there, and keeps them up, is a daemon.
        let running = by_daemon_at_once(places, SystemClock.now()).running;
        let written = running.and_then(|running| running.publish_dir);
        let served = store.rendered()?;
        let served: Vec<&str> = served.keys().map(String::as_str).collect();
        let mut anew = Vec::new();
        for output in now.outputs.iter().filter(|it| it.archive) {
            let basis = publish::basis(&now.site, output);
            if !goes_on(output)? && store.has_another_archive(output, &basis)? {
                anew.push(output);
            }
        }
        Ok(Self {
            feeds: config::feeds_unstored(&store.feeds()?, now),
            outputs: config::outputs_unserved(&served, &store.ledgers()?, now),
            address: None,
            archives: config::archives_anew(&anew),
            files: files(written.as_deref()),
        })
    }
}

fn load(path: &Path) -> Result<Config, Failure> {
    let text = config::text(path).map_err(|error| match error {
        ConfigError::Missing { path, .. } => {
            let error = anyhow!("there is no file {}, which --against names", path.display());
            Failure::new(Code::Config, error)
        }
        error => error.into(),
    })?;
    let read = config::read_without_secrets(&text);
    read.map(|loaded| loaded.config)
        .map_err(|problems| check::refused(path, &text, &problems))
}

fn print(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    for change in &plan.changes {
        let fate = match change.fate {
            Fate::New => "new: ",
            Fate::Changed => "",
            Fate::Removed => "removed: ",
        };
        writeln!(
            out,
            "{}: {fate}{} enter, {} leave, {} stay",
            shown(&change.label),
            change.enter.count,
            change.leave.count,
            change.stay
        )?;
        print_side(out, "+", &change.enter)?;
        print_side(out, "-", &change.leave)?;
    }
    for remark in &plan.remarks {
        let mut said_of = Table::default();
        said_of.row(&[said(remark, plan.articles)]);
        said_of.print_within(reading_width(), out)?;
    }
    if plan.changes.is_empty() && plan.same == 0 {
        return writeln!(
            out,
            "nothing to plan: feeds.toml has no `[[topic]]`, and no output with a query of its own"
        );
    }
    let same = u64::try_from(plan.same).unwrap_or(u64::MAX);
    writeln!(out, "{} as before", count(same, "rule"))
}

/// Says what is odd about how much a rule matches, of so many articles.
fn said(remark: &Remark, of: usize) -> String {
    let label = shown(&remark.label);
    if remark.articles == 0 {
        return format!("{label} matches none of the {of} articles stored");
    }
    let percent = remark.articles.saturating_mul(100) / of.max(1);
    format!(
        "{label} matches {percent} % of the {of} articles stored: `merganser explain` shows by which words"
    )
}

fn print_side(out: &mut dyn Write, sign: &str, side: &Side) -> io::Result<()> {
    let mut table = Table::default();
    for headline in &side.newest {
        table.row(&[
            format!("  {sign} {}", instant(headline.published_at)),
            headline.feed.clone(),
            headline.title.clone(),
        ]);
    }
    table.print_on_screen(&[2, 1], out)?;
    match side.count.saturating_sub(side.newest.len()) {
        0 => Ok(()),
        more => writeln!(out, "  {sign} and {more} older; --all names them"),
    }
}

/// Returns the name of a topic, or says which output selects by a query of its own.
fn shown(label: &str) -> String {
    match label.split_once(':') {
        Some((kind, path)) => format!("{kind} {path}"),
        None => label.to_owned(),
    }
}

/// Returns it as `plan --format json` prints it.
fn object(plan: &Plan, beside: &Beside) -> Value {
    let changes = plan.changes.iter().map(|change| {
        json!({
            "label": change.label,
            "rule": match change.fate {
                Fate::New => "new",
                Fate::Changed => "changed",
                Fate::Removed => "removed",
            },
            "enter": side(&change.enter),
            "leave": side(&change.leave),
            "stay": change.stay,
        })
    });
    let remarks = plan.remarks.iter().map(|remark| {
        json!({
            "label": remark.label,
            "remark": if remark.articles == 0 { "matches-nothing" } else { "matches-much" },
            "articles": remark.articles,
        })
    });
    json!({
        "changes": changes.collect::<Vec<_>>(),
        "same": plan.same,
        "outputs": beside.outputs,
        "address": beside.address,
        "archives": beside.archives,
        "files": beside.files,
        "feeds": beside.feeds,
        "articles": plan.articles,
        "remarks": remarks.collect::<Vec<_>>(),
    })
}

fn side(side: &Side) -> Value {
    let headline = |it: &Headline| {
        json!({
            "title": it.title,
            "feed": it.feed,
            "url": it.url,
            "published": it.published_at.to_string(),
        })
    };
    let newest: Vec<Value> = side.newest.iter().map(headline).collect();
    json!({ "count": side.count, "newest": newest })
}

impl From<PlanError> for Failure {
    fn from(error: PlanError) -> Self {
        match error {
            PlanError::Start(error) => error.into(),
            PlanError::Store(error) => error.into(),
        }
    }
}

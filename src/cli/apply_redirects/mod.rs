//! `merganser apply-redirects`: new addresses of feeds that moved, when it is typed (P23).

mod plan;

use super::edit::{again, next_step, replace};
use super::exit::{Code, Failure};
use super::places::environment;
use super::status::moved::{NEVER, is_never_adopted};
use super::table::{Table, count, instant};
use super::{Places, check};
use crate::config::{self, Config};
use crate::model::{FeedId, Sighting};
use crate::schedule;
use anyhow::anyhow;
use plan::{Change, Plan};
use std::collections::BTreeMap;
use std::io::{self, Write, stdout};
use std::path::Path;
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The feeds whose addresses to write [default: all that moved for good]
    ids: Vec<String>,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let path = places.config();
    let (config, plan) = again(|| written(places, &path, options))?;
    let mut out = stdout().lock();
    print(&mut out, &plan)?;
    if !plan.changes.is_empty() {
        let addresses = match plan.changes.len() {
            1 => "1 address".to_owned(),
            many => format!("{many} addresses"),
        };
        let path = path.display();
        if options.dry_run {
            writeln!(out, "{path}: {addresses} to write, nothing written")?;
        } else {
            let next = next_step(places, &config);
            writeln!(out, "{path}: {addresses} written; {next}")?;
        }
    }
    if options.ids.is_empty() || plan.left.is_empty() {
        return Ok(());
    }
    Err(Failure::found(
        "not all of the named feeds have a new address in the file, see above",
    ))
}

/// Writes the new addresses into the file, unless they are only to be shown; returns what the file said before.
fn written(places: &Places, path: &Path, options: &Options) -> Result<(Config, Plan), Failure> {
    let text = places.text()?;
    let config = config::read_without_secrets(&text)
        .map_err(|problems| check::refused(path, &text, &problems))?
        .config;
    let rows = places.store(&config.storage)?.feeds()?;
    let plan = Plan::new(&config, &text, rows, &options.ids)?;
    if !plan.changes.is_empty() {
        let edited = edited(path, &text, &plan.changes)?;
        if !options.dry_run {
            replace(path, &text, &edited)?;
        }
    }
    Ok((config, plan))
}

/// Returns the text with the new addresses, when it is a configuration that does what it should.
fn edited(path: &Path, text: &str, changes: &[Change]) -> Result<String, Failure> {
    let addresses: BTreeMap<FeedId, Url> = changes
        .iter()
        .map(|change| (change.id.clone(), change.new.clone()))
        .collect();
    let edited = config::with_addresses(text, &addresses);
    let loaded = config::check(&edited, &environment)
        .map_err(|problems| check::refused(path, &edited, &problems))?;
    let feeds = loaded.config.feeds;
    let is_there = |change: &Change| {
        let mut feeds = feeds.iter();
        feeds.any(|feed| feed.id == change.id && feed.target.url == change.new)
    };
    if !changes.iter().all(is_there) {
        let error = anyhow!(
            "the addresses cannot be written into {}: please report it",
            path.display()
        );
        return Err(Failure::new(Code::Found, error));
    }
    Ok(edited)
}

/// Says that no address is written, and which feeds said that they moved, which is not believed at once.
fn none_is_sure(out: &mut dyn Write, sighted: &[(FeedId, Sighting)]) -> io::Result<()> {
    if sighted.is_empty() {
        return writeln!(out, "no feed has moved for good");
    }
    let mut may_be_written = false;
    for (id, seen) in sighted {
        let (times, since) = (count(seen.count, "time"), instant(seen.first_seen_at));
        let led = format!("{id}: led to {}, {times} since {since}", seen.url);
        if is_never_adopted(&seen.url) {
            writeln!(out, "left alone: {led}; {NEVER}")?;
        } else {
            may_be_written = true;
            writeln!(out, "not sure yet: {led}")?;
        }
    }
    if may_be_written {
        let sure = schedule::what_is_sure();
        writeln!(out, "an address is written after {sure}")?;
    }
    Ok(())
}

fn print(out: &mut dyn Write, plan: &Plan) -> io::Result<()> {
    if plan.changes.is_empty() && plan.left.is_empty() {
        return none_is_sure(out, &plan.sighted);
    }
    let mut table = Table::default();
    for change in &plan.changes {
        table.row(&[change.id.as_str(), &change.old]);
        table.row(&["", &format!("-> {}", change.new)]);
    }
    table.print(out)?;
    for (id, why) in &plan.left {
        writeln!(out, "left alone: {id}: {why}")?;
    }
    Ok(())
}

//! `merganser import FILE`: the subscriptions of another program, or of another merganser.

pub(super) mod json;
mod plan;

use super::Places;
use super::edit::{Editing, again, next_step};
use super::exit::{Code, Failure, say};
use super::progress::Bar;
use super::table::{count, shown_address};
use crate::config::{self, NewFeed, Problem, Severity};
use crate::model::Subscription;
use crate::parse;
use anyhow::{Context as _, anyhow};
use plan::Plan;
use std::collections::BTreeSet;
use std::fs::File;
use std::io::{self, Read, Write as _, stdin, stdout};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// An OPML file, or what `merganser export --format json` writes; `-` reads standard input
    #[arg(value_name = "FILE", value_hint = clap::ValueHint::FilePath)]
    file: String,
    /// Show what would be added, and write nothing
    #[arg(long)]
    dry_run: bool,
}

/// The largest list that is read: ten times one of 50,000 feeds is no list.
const LARGEST_FILE: u64 = 64 * 1024 * 1024;

/// What to do about addresses that are not public. Whoever made the list chose them, so they are not put together here.
const INSIDE: &str = "what is not public and yours all the same is taken with its network in `[fetch]`, such as \
                      `allow-networks = [\"192.168.0.0/16\"]`: import again then";

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let bytes = bytes(&options.file).with_context(|| format!("{} cannot be read", options.file))?;
    if u64::try_from(bytes.len()).is_ok_and(|length| length > LARGEST_FILE) {
        return Err(too_large(&options.file));
    }
    let (feeds, dropped) = subscriptions(&options.file, &bytes)?;
    let bar = Bar::begin("feeds looked at");
    let done = again(|| Done::of(places, &feeds, options, &bar))?;
    drop(bar);
    done.print(places, dropped, options)
}

/// A list that is in the file, or would be.
struct Done {
    /// The file before.
    editing: Editing,
    plan: Plan,
    edited: Edited,
}

impl Done {
    fn of(
        places: &Places,
        feeds: &[Subscription],
        options: &Options,
        bar: &Bar,
    ) -> Result<Self, Failure> {
        let editing = Editing::open_or_begin(places)?;
        let mut plan = Plan::new(&editing.config, &editing.text, feeds, &bar.watch());
        let edited = settled(&editing, &mut plan)?;
        if !plan.feeds.is_empty() && !options.dry_run {
            editing.write(&edited.text)?;
        }
        Ok(Self {
            editing,
            plan,
            edited,
        })
    }

    /// Says what was left out and what was done.
    fn print(self, places: &Places, dropped: usize, options: &Options) -> Result<(), Failure> {
        let Self {
            editing,
            plan,
            edited,
        } = self;
        let mut out = stdout().lock();
        for (name, why) in &plan.left {
            writeln!(out, "left out: {name}: {why}")?;
        }
        if plan.has_inside {
            writeln!(out, "{INSIDE}")?;
        }
        for (folder, group) in plan.renamed() {
            writeln!(out, "folder `{folder}` is group `{group}`")?;
        }
        if dropped > 0 {
            writeln!(
                out,
                "left out: {dropped} more: {} are read at most",
                parse::MAX_SUBSCRIPTIONS
            )?;
        }
        let left = plan.left.len() + dropped;
        let sums = sums(&plan, left);
        let path = editing.path.display();
        if plan.feeds.is_empty() {
            let why = nothing(&plan, left);
            if left > 0 && plan.known == 0 {
                return Err(Failure::found(format!("{path}: nothing to add: {why}")));
            }
            writeln!(out, "{path}: nothing to add: {why}")?;
            return Ok(());
        }
        if options.dry_run {
            writeln!(out, "{path}: nothing is written; this would be: {sums}")?;
            return Ok(());
        }
        let news = editing.news(&edited.text, edited.warnings);
        if !news.is_empty() {
            say(news.trim_end());
        }
        writeln!(out, "{path}: {sums}")?;
        writeln!(out, "{}", next_step(places, &editing.config))?;
        Ok(())
    }
}

/// Returns the failure of a file of which a part would be left out that nobody has counted.
fn too_large(file: &str) -> Failure {
    let most = LARGEST_FILE / 1024 / 1024;
    Failure::found(format!(
        "{file} has more than {most} MiB, and nothing of it is added: split it into lists of less"
    ))
}

/// Reads a file, or one byte more than is allowed of it.
fn bytes(file: &str) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    if file == "-" {
        stdin()
            .lock()
            .take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)?;
    } else {
        File::open(file)?
            .take(LARGEST_FILE + 1)
            .read_to_end(&mut bytes)?;
    }
    Ok(bytes)
}

/// Reads the list in whichever form it is, and how many feeds of it are too many.
fn subscriptions(file: &str, bytes: &[u8]) -> Result<(Vec<Subscription>, usize), Failure> {
    let of_json = json::read(bytes).map_err(|version| {
        Failure::found(format!(
            "{file}: nothing to add: it is a list of version {version}, and version {} is what is read",
            json::VERSION
        ))
    })?;
    if let Some(feeds) = of_json {
        let dropped = feeds.len().saturating_sub(parse::MAX_SUBSCRIPTIONS);
        let feeds = feeds.into_iter().take(parse::MAX_SUBSCRIPTIONS);
        return Ok((feeds.collect(), dropped));
    }
    let list = parse::subscriptions(bytes)
        .map_err(|error| Failure::found(format!("{file} is no OPML: {error}")))?;
    Ok((list.feeds, list.dropped))
}

/// The file as it is to be.
struct Edited {
    text: String,
    warnings: Vec<Problem>,
}

/// Returns the file with the feeds of the plan; those that make errors of their own are left out of it.
fn settled(editing: &Editing, plan: &mut Plan) -> Result<Edited, Failure> {
    /// The first round leaves out what is wrong by itself, the second is good.
    const ROUNDS: usize = 2;
    for _ in 0..ROUNDS {
        if plan.feeds.is_empty() {
            return Ok(Edited {
                text: editing.text.clone(),
                warnings: Vec::new(),
            });
        }
        let text = config::with_feeds(&editing.text, &plan.groups(), &plan.feeds)
            .map_err(|error| editing.refused(error))?;
        let problems = match config::read_without_secrets(&text) {
            Ok(loaded) => {
                let warnings = loaded.warnings;
                return Ok(Edited { text, warnings });
            }
            Err(problems) => problems,
        };
        leave_out(plan, &text, &problems);
    }
    let path = editing.path.display();
    Err(Failure::new(
        Code::Found,
        anyhow!("{path} is left as it is: with these feeds it would be no configuration"),
    ))
}

/// Leaves out the feeds that errors are in.
fn leave_out(plan: &mut Plan, text: &str, problems: &[Problem]) {
    let places = config::feed_lines(text);
    let line = |feed: &NewFeed| places.get(&feed.id).copied().unwrap_or_default();
    let lines: Vec<usize> = plan.feeds.iter().map(line).collect();
    let mut bad = BTreeSet::new();
    for problem in problems.iter().filter(|it| it.severity == Severity::Error) {
        let index = lines.partition_point(|line| *line <= problem.start.line);
        if let Some(feed) = index.checked_sub(1).and_then(|index| plan.feeds.get(index))
            && bad.insert(feed.id.clone())
        {
            plan.left
                .push((shown_address(&feed.url), problem.message.clone()));
        }
    }
    plan.feeds.retain(|feed| !bad.contains(&feed.id));
}

/// Says why nothing of a list is added, of which so many are left out.
fn nothing(plan: &Plan, left: usize) -> String {
    match (left, plan.known) {
        (0, _) => "the list has no feed".to_owned(),
        (left, known) if known == left => {
            format!(
                "{} of the list, and each is there already",
                amount(left, "feed")
            )
        }
        (left, 0) => format!("{} left out, see above", amount(left, "feed")),
        (left, known) => format!(
            "{} of the list are there already, {} left out, see above",
            known,
            left - known
        ),
    }
}

fn amount(number: usize, noun: &str) -> String {
    count(u64::try_from(number).unwrap_or(u64::MAX), noun)
}

fn sums(plan: &Plan, left: usize) -> String {
    let groups: BTreeSet<&str> = plan
        .feeds
        .iter()
        .filter_map(|feed| feed.group.as_deref())
        .collect();
    let (feeds, in_groups) = (
        amount(plan.feeds.len(), "feed"),
        amount(groups.len(), "group"),
    );
    format!("{feeds} added in {in_groups}, {left} left out")
}

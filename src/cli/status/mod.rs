//! `merganser status`: how the feeds fare.

pub(super) mod facts;
mod header;
pub(super) mod moved;
pub(super) mod needs;
pub(super) mod told;

use super::edit::no_feed_among;
use super::exit::Failure;
use super::places::Known;
use super::table::{Table, ago, count, reading_width, until};
use super::{Form, Places};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, FeedSettings};
use crate::daemon::{self, OFF, files_behind};
use crate::fetch;
use crate::model::{FeedId, FeedRow, GuidHealth, Health, IdentityBy};
use crate::schedule::{CronLine, Schedule};
use crate::store::{self, Store, StoreError};
use header::Header;
use jiff::Timestamp;
use needs::Need;
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::io::{self, Write, stdout};
use std::path::PathBuf;
use told::{Doubt, Told};

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// One feed, with all that is known of it; `merganser why ID` tells how that came about
    id: Option<String>,
    /// Only feeds that fail, are gone, or were never polled
    #[arg(long)]
    failing: bool,
    /// How to print the feeds: a pipe gets a table, too, which mail can hold
    #[arg(long, value_enum, default_value_t)]
    format: Form,
}

/// A feed of the configuration with what the store knows of it.
pub(super) struct Line<'a> {
    pub(super) id: &'a str,
    pub(super) enabled: bool,
    /// Whether it is asked by a proxy.
    pub(super) is_by_proxy: bool,
    identity: IdentityBy,
    /// By which it is polled, where that is one.
    pub(super) cron: Option<&'a CronLine>,
    pub(super) row: FeedRow,
    /// The host that it is asked of, as `name:port`.
    host: String,
    /// Until when that is let rest, where it refused or, as a daemon that runs tells, is in trouble.
    rests_until: Option<Timestamp>,
    /// The poll of it that is not counted yet, where a daemon that runs tells of one.
    doubt: Option<Doubt>,
    /// Whether its polls are put off, as the network of the daemon is down.
    is_offline: bool,
}

impl Line<'_> {
    /// Returns the address that it is asked at, where that is not the configured one (P22).
    pub(super) fn asked_at(&self) -> Option<&str> {
        daemon::asked_at(&self.row.state)
    }

    /// Returns its state in one word.
    pub(super) fn word(&self) -> &'static str {
        daemon::word(self.enabled, self.row.state.health)
    }

    /// Tells whether its last poll is not counted yet.
    pub(super) fn is_in_doubt(&self) -> bool {
        self.doubt.is_some()
    }

    /// Tells whether its polls wait until the network of the daemon works.
    pub(super) fn is_offline(&self) -> bool {
        self.is_offline && self.enabled && self.row.state.health != Health::Gone
    }

    /// Tells whether it is due, and put off until then.
    pub(super) fn is_put_off(&self, now: Timestamp) -> bool {
        let state = &self.row.state;
        let is_due = match state.next_due_at {
            Some(at) => at <= now,
            None => state.health == Health::New,
        };
        self.is_offline() && is_due
    }

    /// Says when it was polled last, be that counted or not.
    fn last_poll(&self, now: Timestamp) -> String {
        let doubt = self.doubt.as_ref().map(|doubt| doubt.at);
        ago(doubt.or(self.row.state.last_poll_at), now)
    }

    /// Says when it is polled next.
    pub(super) fn next_poll(&self, now: Timestamp) -> String {
        if self.is_put_off(now) {
            return "put off".to_owned();
        }
        match (self.row.state.next_due_at, self.row.state.health) {
            _ if !self.enabled => "never".to_owned(),
            (Some(at), _) => until(self.held_up(at, now).unwrap_or(at), now),
            (None, Health::New) => until(self.held_up(now, now).unwrap_or(now), now),
            (None, _) => "never".to_owned(),
        }
    }

    /// Returns when it is polled next, as far as that is known: not before its host has rested.
    pub(super) fn next_poll_at(&self) -> Option<Timestamp> {
        let state = &self.row.state;
        match (state.next_due_at, state.health) {
            // It is due by what is not stored: at once.
            (None, Health::New) => self.rests_until,
            (due_at, _) => due_at.map(|at| self.rests_until.map_or(at, |until| at.max(until))),
        }
    }

    /// Returns until when its host holds up a poll that is due at `at`.
    pub(super) fn held_up(&self, at: Timestamp, now: Timestamp) -> Option<Timestamp> {
        self.rests_until.filter(|until| *until > at.max(now))
    }

    /// Returns what speaks against its ids, where that counts: not where the operator has decided.
    pub(super) fn guids_failed(&self) -> Option<GuidHealth> {
        let health = self.row.state.guids.health;
        (self.identity == IdentityBy::Auto && !health.is_good()).then_some(health)
    }

    /// Tells whether its last document was one of our outputs.
    fn is_own_output(&self) -> bool {
        daemon::is_own_output(&self.row.defects)
    }

    /// Says why it is as it is: what failed last, else why it is due when it is. That it is an output of ours
    /// stands first, then ids that are not believed, then that it moved, where a terminal does not cut them off.
    fn why(&self) -> String {
        let state = &self.row.state;
        if let Some(Doubt { error, .. }) = &self.doubt {
            return format!("{error}; not counted yet, {}", Doubt::WHY);
        }
        let why = if state.last_error.is_empty() {
            &state.due_reason
        } else {
            &state.last_error
        };
        let ids = self
            .guids_failed()
            .map(|health| format!("ids {}; ", health.name()));
        let moved = self.asked_at().map_or("", |_| "moved; ");
        let own = if self.is_own_output() {
            "our own output, remove it; "
        } else {
            ""
        };
        let is_held_up = |until: Timestamp| state.next_due_at.is_none_or(|at| at < until);
        let rests = self.rests_until.filter(|until| is_held_up(*until));
        let rests = rests.map_or("", |_| "its host rests; ");
        let told = format!("{own}{}{moved}{rests}{why}", ids.unwrap_or_default());
        told.trim_end_matches("; ").to_owned()
    }

    /// Tells whether its last poll succeeded.
    pub(super) fn is_well(&self) -> bool {
        self.row.state.health == Health::Ok
    }
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    if let Some(id) = &options.id {
        let Known { config, mistakes } = places.known()?;
        let told = needs::warn_of_another_file(places, mistakes.is_some());
        let store = places.store(&config.storage)?;
        let line = line((&config, &store), &told, id)?;
        return Ok(print_one(&mut stdout().lock(), &line, options.format)?);
    }
    places.refuse_misnamed()?;
    // Of the daemon, since what it says may be why the rest cannot be read.
    let mut told = told::by_daemon(places, SystemClock.now());
    let other = needs::of_another_file(&told, &places.config());
    let down = needs::of_units(&told, &places.state()?);
    told.needs.extend(other.into_iter().chain(down));
    let opened = places.known_silently().and_then(|known| {
        let store = places.store(&known.config.storage)?;
        Ok((known, store))
    });
    match opened {
        Ok((known, store)) => run_over(places, options, (&known, &store), told),
        Err(failure) if told.needs.is_empty() => Err(failure),
        Err(failure) => print_told(&told.needs, options.format, failure),
    }
}

/// Prints what is known of the daemon where the rest cannot be read. Beside what can wait, that is how it ends.
fn print_told(told: &[Need], form: Form, failure: Failure) -> Result<(), Failure> {
    let mut out = stdout().lock();
    match form {
        Form::Table => needs::print(&mut out, told)?,
        Form::Plain => needs::say_them(told)?,
        Form::Json => writeln!(out, "{}", json!({ "needs_you": needs::object(told) }))?,
    }
    if told.iter().all(|need| need.can_wait) {
        return Err(failure);
    }
    if form != Form::Json {
        failure.report();
    }
    verdict(told)
}

/// Returns how the command ends where so much needs a person.
fn verdict(needs: &[Need]) -> Result<(), Failure> {
    match needs.iter().filter(|need| !need.can_wait).count() {
        0 => Ok(()),
        1 => Err(Failure::found("1 thing needs you, see above")),
        some => Err(Failure::found(format!("{some} things need you, see above"))),
    }
}

fn run_over(
    places: &Places,
    options: &Options,
    (known, store): (&Known, &Store),
    mut told: Told,
) -> Result<(), Failure> {
    let config = &known.config;
    let state = places.state()?;
    let holder = store::holder(&state);
    let has_mistakes = known.mistakes.is_some();
    let here = places.config();
    let file = if has_mistakes {
        needs::of_mistakes(&told, &here, holder)
    } else {
        needs::of_unseen_file(&told, &here).or_else(|| needs::of_unread_text(&told, &here))
    };
    told.needs.extend(file);
    let now = SystemClock.now();
    let (is_written, tells_of_files) = (told.writes_files(holder), told.tells_of_files());
    let mut lines = stored_lines(config, store, now)?;
    told.tell(&mut lines);
    let had_daemon = store::last_worker(&state).is_some_and(|it| it.is_daemon);
    let is_missing =
        had_daemon && holder.is_none() && told.running.is_none() && !told.tells_of_daemon();
    let missing = is_missing.then(|| needs::of_overdue(&lines, now)).flatten();
    let header = Header::read((known, store), &lines, (holder, told.running), now)?;
    if options.failing {
        lines.retain(|line| line.enabled && !line.is_well());
    }
    // What needs a person stands first; within a state the file's order holds.
    lines.sort_by_key(|line| (line.is_well(), !line.enabled));
    let relabelling = store.relabelling()?;
    // Of a file with mistakes nobody knows what is served.
    let behind = if has_mistakes {
        None
    } else {
        behind(places, config, store)?
    };
    let files = needs::of_files(behind.as_ref(), is_written).filter(|_| !tells_of_files);
    let told = missing.into_iter().chain(told.needs).chain(files).collect();
    let needs = needs(config, store, told, now)?;
    let mut out = stdout().lock();
    match options.format {
        Form::Table => {
            needs::print(&mut out, &needs)?;
            header.print(&mut out, now)?;
            print_relabelling(&mut out, relabelling)?;
            print_behind(&mut out, behind.as_ref(), is_written)?;
            print(&mut out, &lines, now)?;
        }
        Form::Plain => {
            needs::say_them(&needs)?;
            for line in &lines {
                writeln!(out, "{}", facts::plain(line))?;
            }
        }
        Form::Json => {
            let mut object = object(&lines, relabelling, behind.as_ref());
            if let Some(members) = object.as_object_mut() {
                header.tell(members);
                members.insert("needs_you".to_owned(), needs::object(&needs));
            }
            writeln!(out, "{object}")?;
        }
    }
    verdict(&needs)
}

/// Returns what needs a person, of us and of all feeds: what can wait comes last.
fn needs(
    config: &Config,
    store: &Store,
    ours: Vec<Need>,
    now: Timestamp,
) -> Result<Vec<Need>, Failure> {
    let mut needs = ours;
    let last_polls = store.last_polls()?;
    for line in lines(config, store.feeds()?) {
        let last = last_polls.get(&FeedId::new(line.id));
        needs.extend(needs::of_feed(&line, last, now));
    }
    needs.sort_by_key(|need| need.can_wait);
    Ok(needs)
}

/// Returns one feed of the configuration, with what the daemon says of it.
pub(super) fn line<'a>(
    (config, store): (&'a Config, &Store),
    told: &Told,
    id: &str,
) -> Result<Line<'a>, Failure> {
    let mut lines = stored_lines(config, store, SystemClock.now())?;
    told.tell(&mut lines);
    let found = lines.into_iter().find(|line| line.id == id);
    found.ok_or_else(|| {
        let ids = config.feeds.iter().map(|feed| feed.id.as_str());
        no_feed_among(id, &ids.collect::<Vec<_>>())
    })
}

fn print_one(out: &mut dyn Write, line: &Line<'_>, form: Form) -> io::Result<()> {
    match form {
        Form::Table => {}
        Form::Plain => return writeln!(out, "{}", facts::plain(line)),
        Form::Json => return writeln!(out, "{}", json!({ "feed": facts::object(line) })),
    }
    facts::table(line, SystemClock.now()).print_within(reading_width(), out)?;
    facts::print_defects(out, line)?;
    writeln!(
        out,
        "\n`merganser why {}` tells how that came about",
        line.id
    )
}

/// Returns the feeds of the configuration in its order, each with what the store knows of it and of its host.
pub(super) fn stored_lines<'c>(
    config: &'c Config,
    store: &Store,
    now: Timestamp,
) -> Result<Vec<Line<'c>>, StoreError> {
    let hosts = store.hosts()?.into_iter();
    let rests = hosts.filter_map(|(host, pace)| Some((host, pace.rests_until?)));
    let rests: BTreeMap<String, Timestamp> = rests.filter(|(_, until)| *until > now).collect();
    let mut lines = lines(config, store.feeds()?);
    for line in &mut lines {
        line.rests_until = rests.get(&line.host).copied().filter(|_| line.enabled);
    }
    Ok(lines)
}

/// Returns the feeds of the configuration in its order, each with what is stored of it.
pub(super) fn lines(config: &Config, rows: Vec<FeedRow>) -> Vec<Line<'_>> {
    let mut rows: BTreeMap<String, FeedRow> = rows
        .into_iter()
        .map(|row| (row.id.as_str().to_owned(), row))
        .collect();
    let feeds = config.feeds.iter().map(|feed| {
        let row = row(feed, rows.remove(feed.id.as_str()));
        let adopted = daemon::asked_at(&row.state).and_then(|url| url.parse().ok());
        Line {
            id: feed.id.as_str(),
            enabled: feed.enabled,
            is_by_proxy: feed.target.route.proxy.is_some(),
            identity: feed.identity,
            cron: match &feed.policy.schedule {
                Schedule::Cron(line) => Some(line),
                Schedule::Adaptive | Schedule::Every(_) => None,
            },
            host: fetch::authority(adopted.as_ref().unwrap_or(&feed.target.url)),
            row,
            rests_until: None,
            doubt: None,
            is_offline: false,
        }
    });
    feeds.collect()
}

/// Returns what is known of a feed, under the operator's title where there is one.
fn row(feed: &FeedSettings, stored: Option<FeedRow>) -> FeedRow {
    let row = stored.unwrap_or_else(|| FeedRow {
        url: fetch::shown(&feed.target.url),
        ..FeedRow::default()
    });
    let mut row = FeedRow {
        title: feed.title.clone().unwrap_or(row.title),
        ..row
    };
    if !feed.enabled {
        row.state.next_due_at = None;
        OFF.clone_into(&mut row.state.due_reason);
    }
    row
}

/// The directory of files, and which of them are not what is served; nothing where it does not answer.
type Behind = (PathBuf, Option<Vec<String>>);

fn behind(places: &Places, config: &Config, store: &Store) -> Result<Option<Behind>, Failure> {
    let Some(directory) = &config.server.publish_dir else {
        return Ok(None);
    };
    let directory = places.state()?.join(directory);
    let files = files_behind(config, store, &directory)?;
    Ok(Some((directory, files)))
}

/// Says which files of `publish-dir` are not what is served, where some are, and whether a daemon is about to write them.
fn print_behind(out: &mut dyn Write, behind: Option<&Behind>, is_written: bool) -> io::Result<()> {
    let Some((directory, Some(files))) = behind else {
        return Ok(());
    };
    if files.is_empty() {
        return Ok(());
    }
    let (first, number) = (files.first().map_or("", String::as_str), files.len());
    let more = if number > 1 { ", ..: " } else { ": " };
    let (how, why) = if is_written {
        (
            " yet",
            "the daemon knows of no fault, and writes what changed",
        )
    } else {
        ("", "the log tells why")
    };
    writeln!(
        out,
        "publish-dir is not up to date{how}: {} in {} ({first}{more}{why})\n",
        count(u64::try_from(number).unwrap_or(u64::MAX), "document"),
        directory.display(),
    )
}

/// Says how far changed rules are applied to what is stored, while they are.
fn print_relabelling(out: &mut dyn Write, under_way: Option<(u64, u64)>) -> io::Result<()> {
    let Some((read, all)) = under_way else {
        return Ok(());
    };
    let percent = read.saturating_mul(100).checked_div(all).unwrap_or(100);
    writeln!(
        out,
        "changed rules are being applied to what is stored: {percent} % is read, outputs are as before\n"
    )
}

fn print(out: &mut dyn Write, lines: &[Line<'_>], now: Timestamp) -> io::Result<()> {
    let mut table = Table::new(&["feed", "state", "last poll", "next poll", "entries", "why"]);
    for line in lines {
        table.row(&[
            line.id.to_owned(),
            line.word().to_owned(),
            line.last_poll(now),
            line.next_poll(now),
            line.row.entries.to_string(),
            line.why(),
        ]);
    }
    table.print_on_screen(&[5, 0], out)?;
    print_moved(out, lines)
}

/// Says which feeds moved, and where to.
fn print_moved(out: &mut dyn Write, lines: &[Line<'_>]) -> io::Result<()> {
    let mut table = Table::default();
    for line in lines {
        for sentence in moved::sentences(line.row.state.moved.as_ref()) {
            table.row(&["  moved".to_owned(), line.id.to_owned(), sentence]);
        }
    }
    if table.is_empty() {
        return Ok(());
    }
    writeln!(out)?;
    table.print_within(reading_width(), out)?;
    if lines.iter().any(|line| line.asked_at().is_some()) {
        writeln!(out, "  {}", moved::ADVICE)?;
    }
    Ok(())
}

fn object(lines: &[Line<'_>], relabelling: Option<(u64, u64)>, behind: Option<&Behind>) -> Value {
    json!({
        "relabelling": relabelling.map(|(read, all)| json!({ "read": read, "all": all })),
        "publish_dir": behind.map(|(directory, files)| {
            json!({ "path": directory.display().to_string(), "behind": files })
        }),
        "feeds": lines.iter().map(facts::object).collect::<Vec<_>>(),
    })
}

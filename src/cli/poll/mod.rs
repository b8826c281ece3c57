//! `merganser poll`: one round by hand.

mod printer;

use super::edit::{no_feed_among, no_feed_of, refuse_unknown_group};
use super::exit::{Code, Failure, say};
use super::places::sockets_of;
use super::run::{Loudness, block_on, filled_by_another, log};
use super::status::needs::warn_of_unread_text;
use super::status::told::of_another_file;
use super::table::count;
use super::{Form, Places};
use crate::clock::SystemClock;
use crate::config::Config;
use crate::control::{self, Answer, AskError, Request, Unpolled, Verdict};
use crate::daemon::{Choice, Daemon, StartError, StateDir};
use crate::model::FeedId;
use crate::store::{self, StoreError};
use anyhow::anyhow;
pub(super) use printer::unreached;
use printer::{Printer, whole};
use serde_json::json;
use std::collections::BTreeSet;
use std::io::{self, Write, stdout};
use std::path::Path;
use std::sync::Arc;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The feeds to poll, due or not [default: those that are due]
    ids: Vec<String>,
    /// Poll all enabled feeds, due or not
    #[arg(long, conflicts_with = "ids")]
    all: bool,
    /// Poll the enabled feeds of this group, due or not
    #[arg(long, value_name = "NAME", conflicts_with_all = ["ids", "all"])]
    group: Option<String>,
    /// Fetch and read everything again: forget validators and 410s
    #[arg(long)]
    force: bool,
    /// How to print the results
    #[arg(long, value_enum, default_value_t)]
    format: Form,
    #[command(flatten)]
    loudness: Loudness,
}

/// How results are printed, and whether those alone of feeds that failed.
type Manner = (Form, bool);

/// What is logged beside the results: only what is not told there.
const LEVEL: &str = "error";

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    log(options.loudness.level(LEVEL, LEVEL));
    let manner = (options.format, options.loudness.quiet);
    if store::holder(&places.state()?).is_some() {
        // A name that the file lacks is told with those that it has.
        let config = match &options.group {
            // Which feeds are in it, the file alone says.
            Some(_) => places.load_without_secrets()?,
            None => places.known()?.config,
        };
        let choice = choice(places, &config, options)?;
        if beside_daemon(places, &choice, manner)? {
            say_disabled(&config, &choice);
            return Ok(());
        }
    }
    let config = places.load()?.config;
    let choice = choice(places, &config, options)?;
    let state = places.state()?;
    // Found by the service's configuration, not named: what root left there the service might not open.
    if state != places.own_state()? {
        return Err(Failure::new(Code::State, anyhow!(NOT_RUNNING)));
    }
    let mut state = StateDir::claim(&state).map_err(|error| unclaimed(error, &state))?;
    if let Some(before) = state.fill_by(&places.config(), false) {
        say(&filled_by_another(&before));
    }
    say_disabled(&config, &choice);
    block_on(poll(config, state, &choice, manner))
}

/// Says why the state is not to be had: a daemon that holds it and answers nobody is one that starts, or stops.
fn unclaimed(error: StartError, state: &Path) -> Failure {
    let holder = match &error {
        StartError::Store(StoreError::Locked { pid, .. }) => *pid,
        _ => None,
    };
    let Some(pid) = holder.filter(|_| store::is_daemons(state)) else {
        return error.into();
    };
    let told = anyhow!(
        "the daemon (process {pid}) starts, or stops, and takes no commands at the moment: wait and try again; its log tells \
         how far it is"
    );
    Failure::new(Code::State, told)
}

/// Says which of the feeds that were named are switched off: they are polled all the same, this once.
fn say_disabled(config: &Config, choice: &Choice) {
    let named = config
        .feeds
        .iter()
        .filter(|feed| choice.feeds.contains(&feed.id));
    for feed in named.filter(|feed| !feed.enabled) {
        let id = &feed.id;
        say(&format!(
            "`{id}` has `enabled = false`: it is polled this once, since it was named; `merganser enable {id}` has it polled again"
        ));
    }
}

/// What is told where the service's state is meant and nobody is there to ask.
const NOT_RUNNING: &str = "the service does not run: `systemctl start merganser` has it poll what is due; to poll beside it, \
                           name another directory with --state";

/// So many feeds are named in one request: it may be 32 KiB long, and an id 64 bytes.
const AT_ONCE: usize = 300;

/// Has the daemon that runs poll, so that a publisher is asked by one of us; false where none runs that can be asked.
fn beside_daemon(places: &Places, choice: &Choice, manner: Manner) -> Result<bool, Failure> {
    if choice.feeds.is_empty() && !choice.all {
        // What holds the state may be another command, which polls nothing that is due.
        let Some(answer) = ask(places, &Request::Status, control::ask_soon)? else {
            return Ok(false);
        };
        if let (Some(running), Some(meant)) = (&answer.running, places.meant_config())
            && let Some(theirs) = of_another_file(running, &meant)
        {
            let meant = std::path::absolute(meant)?;
            return Err(Failure::found(Answer::elsewhere(&meant, theirs).message));
        }
        print_accepted(manner, &Answer::new(Verdict::Accepted, BY_ITSELF))?;
        return Ok(true);
    }
    let feeds: Vec<String> = choice.feeds.iter().map(ToString::to_string).collect();
    let mut batches: Vec<Vec<String>> = feeds.chunks(AT_ONCE).map(<[String]>::to_vec).collect();
    if choice.all {
        batches = vec![Vec::new()];
    }
    let mut printer = Printer::new(manner);
    let mut left = feeds.len();
    for batch in batches {
        let (is_first, number) = (left == feeds.len(), batch.len());
        match answered(places, choice, &batch) {
            Ok(Some(answer)) if answer.verdict == Verdict::Done => printer.take_answer(answer),
            Ok(Some(answer)) => print_accepted(manner, &answer)?,
            Ok(None) if is_first => return Ok(false),
            Err(failure) if is_first => return Err(failure),
            // Of what came before is told, and it is not polled once more.
            Ok(None) => return Err(cut_short(printer, left, Failure::found(STOPPED))),
            Err(failure) => return Err(cut_short(printer, left, failure)),
        }
        left -= number;
    }
    warn_of_unread_text(places);
    if choice.all {
        return Ok(true);
    }
    printer.finish().map(|()| true)
}

/// What is told of a daemon that is not there any more when the rest of the feeds is to be polled.
const STOPPED: &str = "the daemon stopped meanwhile";

/// Returns what came of a request for polls; nothing where no daemon is there, a failure where it did not take them on.
fn answered(places: &Places, choice: &Choice, feeds: &[String]) -> Result<Option<Answer>, Failure> {
    let Some(answer) = ask_for(places, choice, feeds)? else {
        return Ok(None);
    };
    match answer.verdict {
        Verdict::Done | Verdict::Accepted => Ok(Some(answer)),
        Verdict::Unstored => Err(Failure::new(Code::State, anyhow!(answer.message))),
        Verdict::Refused | Verdict::Failed | Verdict::Elsewhere => {
            Err(Failure::found(answer.message))
        }
    }
}

/// Prints what came of the feeds that were polled, and returns why nothing came of those that are left.
fn cut_short(printer: Printer, left: usize, why: Failure) -> Failure {
    if let Err(failure) = printer.finish() {
        failure.report();
    }
    let feeds = count(whole(left), "feed");
    why.of(format!("of {feeds} nothing came back"))
}

/// What is told where nobody need ask for anything.
const BY_ITSELF: &str = "the daemon that runs polls what is due by itself: name feeds, or --all, to have them polled now";

/// Asks the daemon for polls of these feeds, as long as it runs the feeds.toml that is meant; nothing where there is none.
fn ask_for(places: &Places, choice: &Choice, feeds: &[String]) -> Result<Option<Answer>, Failure> {
    let ask_by = |config| {
        let request = Request::Poll {
            config,
            feeds: feeds.to_vec(),
            all: choice.all,
            force: choice.force,
        };
        ask(places, &request, |socket, request| {
            control::ask_telling(socket, request, &say)
        })
    };
    let Some(meant) = places.meant_config() else {
        return ask_by(None);
    };
    let Some(answer) = ask_by(Some(std::path::absolute(&meant)?))? else {
        return Ok(None);
    };
    match (answer.verdict, &answer.running) {
        // The same file has another name there.
        (Verdict::Elsewhere, Some(running)) if of_another_file(running, &meant).is_none() => {
            ask_by(running.config.clone())
        }
        // One of before an upgrade, which cannot be asked whose file it runs.
        (Verdict::Failed, _) if answer.message.starts_with(control::NOT_UNDERSTOOD) => ask_by(None),
        _ => Ok(Some(answer)),
    }
}

/// Asks the daemon at the first socket at which there is one; nothing where there is none.
fn ask(
    places: &Places,
    request: &Request,
    by: impl Fn(&Path, &Request) -> Result<Answer, AskError>,
) -> Result<Option<Answer>, Failure> {
    for socket in sockets_of(&places.state()?) {
        match by(&socket, request) {
            Err(AskError::Nobody { .. }) => {}
            Ok(answer) => return Ok(Some(answer)),
            Err(error) => return Err(Failure::found(error.to_string())),
        }
    }
    Ok(None)
}

/// Prints what the daemon took on without anybody waiting for it: in one object for programs that read objects.
fn print_accepted((form, is_quiet): Manner, answer: &Answer) -> io::Result<()> {
    if is_quiet && answer.unpolled.is_empty() {
        return Ok(());
    }
    let unpolled = answer.unpolled.iter();
    if form == Form::Json {
        let unpolled = unpolled.map(|it| json!({ "feed": it.feed, "reason": it.why }));
        let unpolled: Vec<serde_json::Value> = unpolled.collect();
        let object = json!({
            "accepted": answer.entered,
            "message": answer.message,
            "unpolled": unpolled,
            "more_unpolled": answer.more_unpolled,
        });
        return writeln!(stdout().lock(), "{object}");
    }
    let mut told = vec![answer.message.clone()];
    told.extend(unpolled.map(|Unpolled { feed, why, .. }| format!("  {feed}  not polled: {why}")));
    if answer.more_unpolled > 0 {
        let more = count(whole(answer.more_unpolled), "feed");
        told.push(format!("  and {more} more"));
    }
    if form == Form::Plain {
        // No feed was polled yet that a line could tell of.
        say(&told.join("\n"));
        return Ok(());
    }
    writeln!(stdout().lock(), "{}", told.join("\n"))
}

/// Turns the arguments into a choice, each feed once; a name that feeds.toml lacks is refused.
fn choice(places: &Places, config: &Config, options: &Options) -> Result<Choice, Failure> {
    let known: BTreeSet<&str> = config.feeds.iter().map(|feed| feed.id.as_str()).collect();
    let mut taken = BTreeSet::new();
    let mut feeds = Vec::new();
    for id in &options.ids {
        if !known.contains(id.as_str()) {
            return Err(no_feed_among(
                id,
                &known.iter().copied().collect::<Vec<_>>(),
            ));
        }
        if taken.insert(id) {
            feeds.push(FeedId::new(id));
        }
    }
    if let Some(group) = &options.group {
        refuse_unknown_group(places, group)?;
        let in_group = config
            .feeds
            .iter()
            .filter(|feed| feed.group.as_ref() == Some(group));
        feeds.extend(
            in_group
                .filter(|feed| feed.enabled)
                .map(|feed| feed.id.clone()),
        );
        if feeds.is_empty() {
            return Err(no_feed_of(group));
        }
    }
    Ok(Choice {
        all: options.all,
        feeds,
        force: options.force,
    })
}

async fn poll(
    config: Config,
    state: StateDir,
    choice: &Choice,
    manner: Manner,
) -> Result<(), Failure> {
    let mut daemon = Daemon::build(config, state, Arc::new(SystemClock), None).await?;
    let mut printer = Printer::new(manner);
    let polled = daemon
        .poll_now(choice, &mut |progress| printer.take(progress))
        .await;
    daemon.stop().await;
    polled?;
    printer.finish()
}

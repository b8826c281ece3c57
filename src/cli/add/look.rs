//! Asking for a feed that is to be added, and for the one that a page leads to.

use super::allow::to_allow;
use crate::cli::asked::Held;
use crate::cli::exit::Failure;
use crate::cli::preview::unanswered;
use crate::cli::table::shown_address;
use crate::clock::SystemClock;
use crate::fetch::{self, Fetcher, Settings, Target};
use crate::model::{FailureKind, Fetched, Outcome, ParsedFeed, Validators};
use crate::parse::{self, Document, FeedLink, Found, NotAFeed, ParseError};
use std::io::{self, IsTerminal as _, Write as _, stderr, stdin};
use std::path::Path;
use url::Url;

/// What was found.
#[derive(Debug)]
pub(super) struct Looked {
    /// The address to write.
    pub(super) address: Url,
    pub(super) feed: ParsedFeed,
}

/// How one of several feeds is chosen.
pub(super) struct Choice<'c> {
    pub(super) pick: Option<usize>,
    /// Refuses a feed that the file has.
    pub(super) refuse_known: &'c dyn Fn(&Url) -> Result<(), Failure>,
    /// Whom nobody asks: a page may lead to another host than its own.
    pub(super) held: &'c Held,
    /// Where the feed will stand, and what lets it be asked that is not public; and what is there now.
    pub(super) file: (&'c Path, &'c str),
}

/// What stands at an address.
enum Answer {
    Feed(Box<Looked>),
    /// A page, how its feeds were found, and these.
    Page(Found, Vec<FeedLink>),
}

/// How many addresses are tried at which a site may have its feed: as a person would, and no search.
const GUESSES: usize = 3;

/// Asks for the target, and where it is a page for one feed of it.
pub(super) async fn look(
    settings: &Settings,
    target: Target,
    choice: &Choice<'_>,
) -> Result<Looked, Failure> {
    let asking = Asking {
        fetcher: &Fetcher::new(settings)?,
        file: choice.file,
    };
    let page = fetch::shown(&target.url);
    let (found, links) = match ask(&asking, &target).await? {
        Answer::Feed(looked) => return Ok(*looked),
        Answer::Page(found, links) => (found, links),
    };
    if found == Found::Guessed {
        return guess(&asking, choice.held, target, &links).await;
    }
    let chosen = choice.one_of(&page, &links)?;
    (choice.refuse_known)(&chosen)?;
    if let Some(why) = choice.held.why_at(&chosen) {
        return Err(not_asked(&chosen, &why));
    }
    let shown = fetch::shown(&chosen);
    match ask(&asking, &elsewhere(target, chosen)).await? {
        Answer::Feed(looked) => Ok(*looked),
        Answer::Page(..) => Err(Failure::found(format!(
            "{page} calls {shown} its feed, and that is a page, too"
        ))),
    }
}

/// Returns the failure of an address that nobody asks now.
pub(super) fn not_asked(url: &Url, why: &str) -> Failure {
    let address = fetch::shown(url);
    Failure::found(format!(
        "{address} is not asked: {why}; `--no-fetch` adds it unseen"
    ))
}

/// Tries the addresses at which such sites have their feeds.
async fn guess(
    asking: &Asking<'_>,
    held: &Held,
    target: Target,
    links: &[FeedLink],
) -> Result<Looked, Failure> {
    let page = fetch::shown(&target.url);
    for link in links.iter().take(GUESSES) {
        let Ok(url) = Url::parse(&link.url) else {
            continue;
        };
        // Where a redirect led to the page, they are at another host.
        if let Some(why) = held.why_at(&url) {
            return Err(not_asked(&url, &why));
        }
        if let Ok(Answer::Feed(looked)) = ask(asking, &elsewhere(target.clone(), url)).await {
            return Ok(*looked);
        }
    }
    Err(Failure::found(format!(
        "{page} is a page that names no feed, and where such sites have theirs there is none"
    )))
}

/// Returns the target at another address. What was given for one origin goes to no other (S6).
fn elsewhere(target: Target, url: Url) -> Target {
    let headers = if url.origin() == target.url.origin() {
        target.headers
    } else {
        Vec::new()
    };
    Target {
        url,
        headers,
        ..target
    }
}

/// Who asks, by what the file says.
struct Asking<'a> {
    fetcher: &'a Fetcher,
    file: (&'a Path, &'a str),
}

async fn ask(asking: &Asking<'_>, target: &Target) -> Result<Answer, Failure> {
    let name = fetch::shown(&target.url);
    let answer = asking
        .fetcher
        .fetch(target, &Validators::default(), &SystemClock)
        .await;
    let why = match &answer.outcome {
        Outcome::Modified => None,
        Outcome::Failed(failure) => Some(failure.to_string()),
        other => Some(unanswered(
            other,
            answer.status,
            answer.freshness.retry_after,
        )),
    };
    let (None, Some(body)) = (&why, &answer.body) else {
        return Err(Failure::found(format!(
            "{name}: {}{}",
            why.unwrap_or_default(),
            next_step(asking, target, &answer)
        )));
    };
    let document = Document {
        bytes: body,
        charset: answer.charset.as_deref(),
        url: &answer.url,
    };
    match parse::parse(&document) {
        Ok(feed) => Ok(Answer::Feed(Box::new(Looked {
            address: address(&target.url, &answer),
            feed,
        }))),
        Err(ParseError::NotAFeed(NotAFeed::Page { found, feeds })) if !feeds.is_empty() => {
            Ok(Answer::Page(found, feeds))
        }
        Err(error) => Err(Failure::found(format!("{name}: {error}"))),
    }
}

/// Says what to do about a feed that is not had. What the guard refuses would not be polled either, and where a
/// redirect leads is the publisher's doing.
fn next_step(asking: &Asking<'_>, target: &Target, answer: &Fetched) -> String {
    let blocked = match &answer.outcome {
        Outcome::Gone => return String::new(),
        Outcome::Failed(it) if it.kind == FailureKind::Blocked => Some(&it.message),
        // Unseen it would be one that is refused at every poll.
        Outcome::Failed(it) if it.message.contains(fetch::OVER_LIMIT) => {
            return "; raise that in `[fetch]` if the feed is worth as much, and add it then"
                .to_owned();
        }
        // Unseen it would be an address that never works.
        Outcome::Failed(it) if it.message.ends_with(fetch::NO_TLS) => {
            // `https` is what was made of one without, or was typed.
            let is_typed = answer.hops.is_empty() && target.url.scheme() == "https";
            let without = fetch::shown(&target.url).replacen("https:", "http:", 1);
            return if is_typed {
                format!("; write `{without}`")
            } else {
                String::new()
            };
        }
        _ => None,
    };
    match (blocked, answer.hops.is_empty()) {
        (None, _) => "; `--no-fetch` adds it unseen".to_owned(),
        (Some(why), true) => to_allow(asking.file, &target.route, why),
        (Some(_), false) => String::new(),
    }
}

/// Returns the address to write: where redirects led that are for good, unless the one asked for holds a
/// credential, or that one does: what was handed out with an answer is not typed by anybody.
fn address(asked: &Url, fetched: &Fetched) -> Url {
    let is_permanent = |status: u16| matches!(status, 301 | 308);
    let for_good = fetched
        .hops
        .iter()
        .take_while(|hop| is_permanent(hop.status));
    let last = for_good.last().and_then(|hop| Url::parse(&hop.url).ok());
    last.filter(|last| !fetch::has_secrets(asked) && !fetch::has_secrets(last))
        .unwrap_or_else(|| asked.clone())
}

impl Choice<'_> {
    /// Returns the feed of a page that is meant: the only one, the one picked, or the one typed.
    fn one_of(&self, page: &str, links: &[FeedLink]) -> Result<Url, Failure> {
        let list = listed(links);
        let number = match (links, self.pick) {
            ([_], None) => 1,
            (_, Some(number)) => number,
            _ if stdin().is_terminal() && stderr().is_terminal() => typed(&list, links.len())?,
            _ => {
                return Err(Failure::found(format!(
                    "{page} has several feeds: name one by its address, or by its number with --pick\n{list}"
                )));
            }
        };
        let link = number.checked_sub(1).and_then(|index| links.get(index));
        let Some(link) = link else {
            return Err(Failure::found(format!(
                "{page} has no feed of the number {number}:\n{list}"
            )));
        };
        Url::parse(&link.url)
            .map_err(|_| Failure::found(format!("{page} names a feed at what is no address")))
    }
}

fn listed(links: &[FeedLink]) -> String {
    let row = |(index, link): (usize, &FeedLink)| {
        let title = link.title.as_deref().unwrap_or_default();
        let row = format!("  {}  {}  {title}", index + 1, shown_address(&link.url));
        format!("{}\n", row.trim_end())
    };
    links.iter().enumerate().map(row).collect()
}

/// Asks the person at the terminal; an empty line means the first.
fn typed(list: &str, most: usize) -> io::Result<usize> {
    loop {
        let mut err = stderr().lock();
        write!(err, "{list}which one, 1 to {most}? [1] ")?;
        err.flush()?;
        let mut line = String::new();
        if stdin().read_line(&mut line)? == 0 {
            return Ok(1);
        }
        match (line.trim(), line.trim().parse::<usize>()) {
            ("", _) => return Ok(1),
            (_, Ok(number)) if (1..=most).contains(&number) => return Ok(number),
            _ => {}
        }
    }
}

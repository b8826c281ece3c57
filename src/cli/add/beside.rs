//! What `merganser add` has a daemon do that runs: take the file up, and poll the new feed at once.

use super::Added;
use crate::cli::Places;
use crate::cli::edit::{Editing, next_step};
use crate::cli::exit::{Failure, say};
use crate::cli::places::Known;
use crate::cli::progress::Bar;
use crate::cli::table::count;
use crate::control::{self, Answer, AskError, Polled, Request, Verdict};
use crate::daemon::NOT_TAKEN_UP;
use crate::model::{FeedId, Outcome};
use jiff::Timestamp;

/// More polls than a feed has had that was added a moment ago.
const POLLS: usize = 20;

/// Refuses a file that lost its feeds while a daemon goes on by them: with the new one the file would be whole for it,
/// and all others gone.
pub(super) fn refuse_emptied(editing: &Editing, places: &Places) -> Result<(), Failure> {
    if !editing.config.feeds.is_empty() || !places.is_run() {
        return Ok(());
    }
    let lost = match places.known_silently() {
        Ok(Known {
            config,
            mistakes: Some(_),
        }) => config.feeds.len(),
        _ => return Ok(()),
    };
    let (path, feeds) = (
        editing.path.display(),
        count(u64::try_from(lost).unwrap_or(u64::MAX), "feed"),
    );
    Err(Failure::found(format!(
        "{path} names no feed, and the daemon that runs has {feeds} of it: put the file back as it was; if they are to go, \
         `merganser reload --wait --force` has the daemon read it as it is, or stop that first"
    )))
}

impl Added {
    /// Has the daemon that runs take the file up, and says what came of it; what is to be done where none can be asked.
    ///
    /// A daemon that watches the file is asked, too: what it found by itself is its answer then.
    pub(super) fn put_in_force(
        &self,
        places: &Places,
        since: Timestamp,
    ) -> Result<String, Failure> {
        let reload = Request::Reload {
            config: Some(std::path::absolute(&self.editing.path)?),
            wait: true,
            force: false,
        };
        let bar = Bar::begin("the daemon reads feeds.toml");
        let answer = ask(places, &reload);
        bar.clear();
        let answer = match answer {
            None => return Ok(next_step(places, &self.editing.config)),
            Some(Err(error)) => {
                say(&error.to_string());
                return Ok(next_step(places, &self.editing.config));
            }
            Some(Ok(answer)) => answer,
        };
        match answer.verdict {
            Verdict::Done | Verdict::Accepted => Ok(self.polled(places, since)),
            Verdict::Elsewhere => Ok(format!(
                "the feed is in the file, which the daemon that runs does not read: nobody polls it yet ({})",
                answer.message
            )),
            // It stops, or is of before an upgrade: the next one reads the file.
            Verdict::Failed if !answer.message.starts_with(NOT_TAKEN_UP) => {
                say(&answer.message);
                Ok(next_step(places, &self.editing.config))
            }
            Verdict::Refused | Verdict::Failed | Verdict::Unstored => {
                if !answer.report.is_empty() {
                    say(&answer.report);
                }
                let why = answer.message;
                Err(Failure::found(format!(
                    "the feed is in the file, and the daemon did not take it up: {why}"
                )))
            }
        }
    }

    /// Has the daemon poll the feed, and says what came.
    fn polled(&self, places: &Places, since: Timestamp) -> String {
        let id = &self.feed.id;
        let poll = Request::Poll {
            // The reload told that it is ours.
            config: None,
            feeds: vec![id.clone()],
            all: false,
            force: false,
        };
        let bar = Bar::begin("the daemon polls it");
        let answer = ask(places, &poll);
        bar.clear();
        let came = match answer {
            None => "and stopped: the next start polls the feed".to_owned(),
            Some(Err(error)) => format!("and polls the feed in its turn ({error})"),
            Some(Ok(answer)) => self.came(places, since, &answer),
        };
        format!("the daemon took that up {came}; `merganser why {id}` tells more")
    }

    /// Says what a poll came to.
    fn came(&self, places: &Places, since: Timestamp, answer: &Answer) -> String {
        if let Some(polled) = answer.polled.first() {
            let well = [Outcome::Modified.name(), Outcome::NotModified.name()];
            if !well.contains(&polled.outcome.as_str()) {
                return format!("and polled the feed: {}", polled.words);
            }
            let (new, copies) = self.brought(places, since, polled);
            let new = count(new, "new article");
            let copies = match copies {
                0 => String::new(),
                1 => ", 1 copy of one that was there".to_owned(),
                some => format!(", {some} copies of what was there"),
            };
            return format!("and polled the feed: {new}{copies}");
        }
        let why = answer.unpolled.first().map(|it| &it.why);
        let why = why.unwrap_or(&answer.message);
        format!("and has not polled the feed yet: {why}")
    }

    /// Returns how many articles were new and how many copies of others, since the feed was added: the daemon may have
    /// polled it by itself before it was asked to.
    fn brought(&self, places: &Places, since: Timestamp, polled: &Polled) -> (u64, u64) {
        let feed = FeedId::new(&self.feed.id);
        let store = places.store(&self.editing.config.storage);
        let polls = store.and_then(|store| Ok(store.polls(&feed, POLLS)?));
        let polls = polls.unwrap_or_default();
        let polls = polls.iter().filter(|poll| poll.at >= since);
        let brought = polls.fold((0, 0), |(new, copies), poll| {
            (new + u64::from(poll.new), copies + u64::from(poll.copies))
        });
        let told = (u64::from(polled.new), u64::from(polled.copies));
        (brought.0.max(told.0), brought.1.max(told.1))
    }
}

/// Asks the daemon at the first socket at which there is one; nothing where none runs.
fn ask(places: &Places, request: &Request) -> Option<Result<Answer, AskError>> {
    let sockets = places.control_sockets().into_iter();
    let mut answers = sockets.map(|socket| control::ask_telling(&socket, request, &say));
    answers.find(|answer| !matches!(answer, Err(AskError::Nobody { .. })))
}

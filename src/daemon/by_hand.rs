//! `merganser publish`: what a daemon would serve, as files, beside others that write there.
//!
//! Where others write, a command waits and says for whom. To be refused at once was rejected: two commands of a timer may
//! overlap, and the later has what is newer. But not for ever: who holds a directory may be stopped, or hang at a disk that is
//! gone, and each run of a timer would wait behind it.
//!
//! Others may write while it renders, which takes long: to keep them out would have a daemon take its disk for dead. So what
//! they wrote is looked for, and all is rendered again where there is any, as that may be newer. Only who finds the like
//! again and again keeps them out for once.

use super::StartError;
use super::active::Active;
use super::archive::{self, Stacks};
use super::exports::Pulse;
use super::files::{held, keep_off, owner, write};
use super::press::{Press, Printed};
use super::settled::Settled;
use super::staying::Staying;
use crate::config::Config;
use crate::mirror::{self, Alone, MirrorError, Written};
use crate::model::Watch;
use crate::serve::Shelf;
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::cell::Cell;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread::Builder;
use std::time::Duration;

/// How long it waits for others before it says so: mostly they write for less.
const MOMENT: Duration = Duration::from_secs(1);

/// How long it waits for others. The files of a large archive take a few minutes, and timers run every few.
const PATIENCE: Duration = Duration::from_mins(5);

/// How often it renders while others may write. A daemon that has news writes every two seconds at most, and a large database
/// takes longer to render.
const FREE: usize = 4;

/// Why nothing, or not all, was published as files.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// The configuration does not compile.
    #[error(transparent)]
    Start(#[from] StartError),
    /// The database cannot be read.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The directory cannot be written.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// Others write there and do not come to an end.
    #[error(
        "{} writes in {} and has not come to an end within {} minutes: nothing was written. See what it is about, \
         and try again",
        who(*process),
        directory.display(),
        PATIENCE.as_secs() / 60
    )]
    Held {
        /// Where.
        directory: PathBuf,
        /// Which process, where that is known.
        process: Option<u32>,
    },
    /// There is no thread that could wait.
    #[error("cannot wait for others that write in it: {0}")]
    Thread(io::Error),
}

/// Tells who looks on something, in words.
type Tell<'a> = &'a dyn Fn(&str);

/// Names a process that writes in a directory, where it is known.
fn who(process: Option<u32>) -> String {
    process.map_or_else(
        || "another process".to_owned(),
        |number| format!("process {number}"),
    )
}

/// Writes what a daemon of this configuration would serve from this database as files, with the archives that a daemon has
/// made in the state directory.
///
/// `watch` is told how many outputs are rendered, and `waits` in words that others are waited for who write in the directory.
/// A document that no daemon served, and that stands there already, keeps the date that its file has.
/// Returns the paths of outputs of which nobody knows yet what they have, too: their files stay as they are.
///
/// # Errors
/// See [`PublishError`].
pub fn publish_files(
    config: Config,
    (store, state): (&Store, &Path),
    now: Timestamp,
    (directory, watch, waits): (&Path, &Watch, Tell<'_>),
) -> Result<(Written, BTreeSet<String>), PublishError> {
    keep_off(state, directory)?;
    let owner = owner(store.identity(), &config.site.public_url, state);
    // Before all is rendered, which takes long.
    mirror::refuse_others(directory, &owner)?;
    let active = Arc::new(Active::new(config)?);
    let files = {
        let _alone = alone(directory, waits)?;
        held(directory)
    };
    let mut press = Press {
        settled: Settled::of(&active),
        store: store.clone(),
        active,
        shelf: Arc::new(Shelf::new()),
        edition: 0,
        cards: BTreeMap::new(),
        files,
        stacks: Stacks {
            directory: state.join(archive::DIRECTORY),
            are_ours: false,
            left: Cell::new(0),
            failed: BTreeMap::new(),
        },
        now,
    };
    let (printed, _alone) = print_newest(&mut press, directory, (watch, waits))?;
    let (resources, archives) = (&printed.resources, &printed.archives);
    let staying = Staying::of(&press.active.config, resources, archives);
    let archives = (archives, &BTreeMap::new());
    let pulse = Pulse::default();
    let written = write((directory, &owner), resources, archives, (&staying, &pulse))?;
    Ok((written, printed.unknown))
}

/// Renders all until nobody has written in the directory meanwhile, and keeps others out from then on.
fn print_newest(
    press: &mut Press,
    directory: &Path,
    (watch, waits): (&Watch, Tell<'_>),
) -> Result<(Printed, Alone), PublishError> {
    for _ in 0..FREE {
        let printed = press.print_all(watch)?;
        let alone = alone(directory, waits)?;
        let files = held(directory);
        if files == press.files {
            return Ok((printed, alone));
        }
        press.files = files;
    }
    let alone = alone(directory, waits)?;
    press.files = held(directory);
    Ok((press.print_all(watch)?, alone))
}

/// Waits until nobody writes in a directory, and keeps others out of it; says so once it takes longer than a moment.
fn alone(directory: &Path, waits: Tell<'_>) -> Result<Alone, PublishError> {
    if let Some(alone) = mirror::try_alone(directory)? {
        return Ok(alone);
    }
    let there = directory.to_owned();
    let (bring, brings) = channel();
    let wait = move || drop(bring.send(mirror::alone(&there)));
    let waiting = Builder::new().name("publish".to_owned());
    waiting.spawn(wait).map_err(PublishError::Thread)?;
    if let Ok(alone) = brings.recv_timeout(MOMENT) {
        return Ok(alone?);
    }
    let process = mirror::holder(directory);
    waits(&format!(
        "{} writes in {}: this waits until it is done, {} minutes at most",
        who(process),
        directory.display(),
        PATIENCE.as_secs() / 60
    ));
    let Ok(alone) = brings.recv_timeout(PATIENCE) else {
        let directory = directory.to_owned();
        return Err(PublishError::Held { directory, process });
    };
    Ok(alone?)
}

//! What is over of archives, once a day: ledgers and files of those that ended, and of documents that are gone.

use super::archive::number_of;
use super::press::{Archives, Press, Printed};
use super::stale::Stale;
use crate::mirror::{self, MirrorError};
use crate::publish::Output;
use crate::serve;
use crate::store::StoreError;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;

/// For so long the files of an archive that ended are kept: who walks through those of `publish-dir` comes to its
/// end, what mirrors the directory once a day has the new ones, and a rule that was changed and is back has its archive.
const GRACE: SignedDuration = SignedDuration::from_hours(48);

/// For so long the addresses of an archive that ended answer 410, as caches may have kept its documents so long; then they
/// are forgotten, and answer 404.
const REMEMBERED: SignedDuration = SignedDuration::from_hours(365 * 24);

/// Why something is still there.
#[derive(Debug, thiserror::Error)]
enum SweepError {
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be removed.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
}

impl Press {
    /// Has the store know which outputs there are, and for whom; tells whether it does. Where it does not, ledgers of outputs
    /// that are no more go on, and nobody reads them.
    pub(super) fn keep_apart(&self) -> bool {
        if !self.stacks.are_ours {
            return true;
        }
        let outputs = self.active.config.outputs.clone();
        let kept = self.store.keep_apart(outputs, self.now);
        if let Err(error) = &kept {
            tracing::warn!("what former outputs told is not done with: {error}");
        }
        kept.is_ok()
    }

    /// Removes what is over of archives, where that is to be done now.
    pub(super) fn sweep(&self, printed: &Printed, stale: &Stale) {
        // Of an output that is not known nobody knows what is over.
        let is_known = printed.unknown.is_empty();
        if !stale.archives.is_thorough || !self.stacks.are_ours || !is_known {
            return;
        }
        if let Err(error) = sweep(self, &printed.archives) {
            tracing::warn!("what is over of archives is still there: {error}");
        }
    }
}

/// Removes the files of documents that are gone, and those of archives that ended long enough ago.
fn sweep(press: &Press, archives: &Archives) -> Result<(), SweepError> {
    let outputs = press.active.config.outputs.iter();
    let outputs = outputs.filter(|output| output.archive);
    let outputs: BTreeSet<String> = outputs.map(Output::ledger).collect();
    while press
        .store
        .sweep_archives(outputs.clone(), press.now, GRACE)?
    {}
    let forgotten = press.now.saturating_sub(REMEMBERED);
    let forgotten = forgotten.unwrap_or(Timestamp::MIN);
    press.store.forget_archives(forgotten)?;
    let former = press.store.former_archives()?;
    let directory = &press.stacks.directory;
    for output in mirror::names(directory) {
        let kept = former
            .iter()
            .filter(|it| it.output == output && press.now.duration_since(it.ended_at) < GRACE);
        let kept: BTreeSet<&str> = kept.map(|it| it.generation.as_str()).collect();
        sweep_output(&directory.join(&output), archives.get(&output), &kept)?;
    }
    Ok(())
}

/// Removes all that is in the directory of an output but its archive, as far as that goes back, and those of some names.
fn sweep_output(
    directory: &Path,
    archive: Option<&Arc<serve::Archive>>,
    kept: &BTreeSet<&str>,
) -> Result<(), MirrorError> {
    for generation in mirror::names(directory) {
        let here = directory.join(&generation);
        let Some(archive) = archive.filter(|it| it.generation == generation) else {
            if !kept.contains(generation.as_str()) {
                mirror::remove_all(&here)?;
            }
            continue;
        };
        for name in mirror::names(&here) {
            let is_there = number_of(&name).is_some_and(|number| number >= archive.first);
            if !is_there {
                mirror::remove_all(&here.join(name))?;
            }
        }
    }
    Ok(())
}

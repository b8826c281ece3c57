//! What stays of the files while it is not known what an output has.
//!
//! Its page leads to pages of stories, which nobody can render without it, and the index to its page. These stay with it,
//! unless anything is for those with a key, or was written that is not for everybody any more: they may tell of that. What is
//! closed anew may never have had a file, so one lock is enough (U31).

use super::files::{INDEX, file_name};
use super::press::{self, Archives, paths_of};
use crate::config::Config;
use crate::mirror;
use crate::publish;
use crate::serve::{FILE_SUFFIXES, Resource};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::sync::Arc;

/// What is not known and stays as it was written: of outputs for everybody that are not rendered, since it is not known yet
/// what they have.
#[derive(Debug, Default)]
pub(super) struct Staying {
    /// Names of documents.
    documents: BTreeSet<String>,
    /// Directories of archives.
    pub(super) archives: BTreeSet<String>,
    /// Names of all documents that are for everybody, but for pages of stories.
    open: BTreeSet<String>,
    /// Whether some output wants a key.
    has_locks: bool,
}

impl Staying {
    /// Finds it: all that a configuration has and nobody made.
    pub(super) fn of(
        config: &Config,
        resources: &BTreeMap<String, Arc<Resource>>,
        archives: &Archives,
    ) -> Self {
        let open = press::paths(config).into_iter();
        let mut staying = Self {
            open: open.map(|path| file_name(&path)).collect(),
            has_locks: !config.locks.is_empty(),
            ..Self::default()
        };
        for output in config.open_outputs() {
            let lacking = paths_of(output).filter(|path| !resources.contains_key(path));
            let lacking: Vec<String> = lacking.map(|path| file_name(&path)).collect();
            let lacks_archive = !lacking.is_empty() && !archives.contains_key(&output.path);
            let archive = lacks_archive.then(|| output.path.clone());
            staying.archives.extend(archive);
            staying.documents.extend(lacking);
        }
        staying
    }

    /// Returns which of the files that were written to a directory stay, each form of them.
    pub(super) fn files(&self, directory: &Path) -> BTreeSet<String> {
        if self.documents.is_empty() {
            return BTreeSet::new();
        }
        let mut files = mirror::listed(directory);
        let is_open = |name: &str| publish::is_story_page(name) || self.open.contains(plain(name));
        let all_open = !self.has_locks && files.iter().all(|name| is_open(name));
        let leads = |name: &str| publish::is_story_page(name) || plain(name) == INDEX;
        files.retain(|name| self.documents.contains(plain(name)) || all_open && leads(name));
        files
    }
}

/// Returns the name of the document of which a file is a form.
pub(super) fn plain(name: &str) -> &str {
    let mut forms = FILE_SUFFIXES.iter().filter(|form| !form.is_empty());
    forms
        .find_map(|form| name.strip_suffix(form))
        .unwrap_or(name)
}

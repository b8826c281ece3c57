//! What stays of the files while it is not known what an output has.

use super::files::file_name;
use super::press::{Archives, paths_of};
use crate::config::Config;
use crate::serve::Resource;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

/// What the names of the forms of a document end with, after its own.
const FORMS: [&str; 3] = ["", ".gz", ".br"];

/// What is not known and stays as it was written: of outputs for everybody that are not rendered, since it is not known yet
/// what they have.
#[derive(Debug, Default)]
pub(super) struct Staying {
    /// Names of documents.
    documents: BTreeSet<String>,
    /// Directories of archives.
    pub(super) archives: BTreeSet<String>,
}

impl Staying {
    /// Finds it: all that a configuration has and nobody made.
    pub(super) fn of(
        config: &Config,
        resources: &BTreeMap<String, Arc<Resource>>,
        archives: &Archives,
    ) -> Self {
        let mut staying = Self::default();
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

    /// Tells whether a file is one of these, or a form of one.
    pub(super) fn has(&self, name: &str) -> bool {
        let mut plain = FORMS.iter().filter_map(|form| name.strip_suffix(form));
        plain.any(|name| self.documents.contains(name))
    }
}

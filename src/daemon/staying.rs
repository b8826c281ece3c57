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
        let is_open = |name: &str| publish::is_story_page(name) || self.open.contains(name);
        let all_open = !self.has_locks && files.iter().all(|name| is_open(plain(name)));
        let leads = |name: &str| publish::is_story_page(name) || name == INDEX;
        files.retain(|name| {
            let name = plain(name);
            self.documents.contains(name) || all_open && leads(name)
        });
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::config;
    use crate::mirror::File;

    /// Which files stay that lead to others, where nothing is known of an output for everybody, beside what else there is.
    #[track_caller]
    fn check(others: &str, written: &[&str], expected: &[&str]) {
        let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.example/feed\"\n";
        let text = format!("{feed}[[output]]\npath = \"zoo\"\nselect = \"owl\"\n{others}");
        let config = config::read(&text, &|_| None).unwrap().config;
        let place = tempfile::TempDir::new().unwrap();
        let files = written.iter().map(|name| File {
            name: (*name).to_owned(),
            digest: [0; 32],
            modified_at: jiff::Timestamp::UNIX_EPOCH,
            content: Box::new(|| Ok(bytes::Bytes::new())),
        });
        let files: Vec<File<'_>> = files.collect();
        mirror::extend(place.path(), &files, &|| {}).unwrap();
        let staying = Staying::of(&config, &BTreeMap::new(), &Archives::new());
        let stay = staying.files(place.path());
        assert!(stay.iter().eq(expected), "{others} {written:?}: {stay:?}");
    }

    /// What wants a key anew may never have had a file, and what was written tells of it all the same.
    #[test]
    fn u27_u31_what_leads_to_others_stays_where_nothing_wants_a_key() {
        let story = "stories/1.html";
        let written = ["index.html", story, "zoo.atom", "zoo.html.gz"];
        let desk = "[[output]]\npath = \"desk\"\nprotect = \"canary-of-the-desk-7f3a\"\n";
        check("", &written, &written);
        check(desk, &written, &written[2..]);
        // Nor does it beside what is for everybody no more.
        check("", &["index.html", "pond.atom", "zoo.atom"], &["zoo.atom"]);
        check(
            "[[output]]\npath = \"pond\"\n",
            &["index.html", "pond.atom", "zoo.atom"],
            &["index.html", "pond.atom", "zoo.atom"],
        );
    }
}

//! The aliases that come with merganser: files of `src/classify/packs`, compiled in.
//!
//! `country/india.txt` is `@country/india`. A line is a term as `[alias]` takes it; a line that begins with
//! `#` is for people, and the first of each file say what it rests on and of when it is. Text files are
//! read and mended by anybody, and what a pack says is what stands there; TOML was rejected, which
//! puts quotes and commas around every word.

use super::aliases::{Member, member};
use super::meant;
use include_dir::{Dir, DirEntry, include_dir};
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// The files.
static DIRECTORY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/src/classify/packs");

/// The members of all packs by name, each with its index. A line that is no term is left out: the tests see to it that
/// there is none.
pub(super) static PACKS: LazyLock<BTreeMap<&'static str, Vec<(usize, Member)>>> =
    LazyLock::new(|| {
        let packs = files().into_iter().map(|(name, text)| {
            let members = terms(text).filter_map(|term| member(term).ok());
            (name, members.enumerate().collect())
        });
        packs.collect()
    });

/// An alias that comes with merganser.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Pack {
    /// Its file, with what it rests on.
    pub text: &'static str,
    /// What it lists, as `[alias]` would.
    pub terms: Vec<&'static str>,
}

/// Returns the aliases that come with merganser, by name.
pub fn packs() -> BTreeMap<&'static str, Pack> {
    let packs = files().into_iter().map(|(name, text)| {
        let terms = terms(text).collect();
        (name, Pack { text, terms })
    });
    packs.collect()
}

/// Returns the name of the pack that was meant by one that is none, if it can be guessed.
pub fn nearest_pack(name: &str) -> Option<&'static str> {
    let bare = |pack: &&'static str| pack.rsplit('/').next().unwrap_or_default();
    let near = || meant::nearest(name, PACKS.keys().copied());
    let near_bare = || meant::nearest(name, PACKS.keys().map(bare)).and_then(meant::pack);
    meant::pack(name).or_else(near).or_else(near_bare)
}

/// Returns the name and the text of each file.
pub(super) fn files() -> Vec<(&'static str, &'static str)> {
    let mut found = Vec::new();
    let mut ahead = vec![&DIRECTORY];
    while let Some(directory) = ahead.pop() {
        for entry in directory.entries() {
            match entry {
                DirEntry::Dir(inner) => ahead.push(inner),
                DirEntry::File(file) => {
                    let name = file
                        .path()
                        .to_str()
                        .and_then(|path| path.strip_suffix(".txt"));
                    found.extend(name.zip(file.contents_utf8()));
                }
            }
        }
    }
    found
}

/// Returns the terms of a file, as they are written.
pub(super) fn terms(text: &str) -> impl Iterator<Item = &str> {
    let lines = text.lines().map(str::trim);
    lines.filter(|line| !line.is_empty() && !line.starts_with('#'))
}

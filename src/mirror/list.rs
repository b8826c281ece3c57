//! The list of the files that were written: a line for each, with the digest of its document; before them, in the list of
//! the directory itself, one that says by whom.

use super::files::Place;
use super::{Digest, File, LIST, MirrorError, Owner, Such, is_name};
use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::ErrorKind;

/// The first line: what the file is, and in which form.
const HEAD: &str = "files that merganser wrote and will remove, 1";

/// How the line begins that says whose the files are.
const OF: &str = "of ";

/// The digest of a file that is about to be written: of no document.
const UNDER_WAY: Digest = [0; 32];

/// Files by name, and whose they are.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct List {
    files: BTreeMap<String, Digest>,
    owner: Option<Owner>,
}

impl List {
    /// Reads the list of a directory; an empty one where there is none.
    pub(super) fn read(place: &Place) -> Result<Self, MirrorError> {
        let text = match place.text(LIST) {
            Ok(text) => text,
            Err(error) if error.kind() == ErrorKind::NotFound => return Ok(Self::default()),
            Err(cause) => {
                return Err(MirrorError::Io {
                    what: "read",
                    path: place.path(LIST),
                    cause,
                });
            }
        };
        Self::parse(&text).ok_or_else(|| MirrorError::List(place.path(LIST)))
    }

    /// Reads the text of a list; `None` where it is none.
    fn parse(text: &str) -> Option<Self> {
        let mut lines = text.lines().peekable();
        let is_list = lines.next() == Some(HEAD);
        let owner = lines.next_if(|line| line.starts_with(OF));
        let owner = owner.and_then(|line| Owner::parse(line.strip_prefix(OF)?));
        let files: Option<BTreeMap<String, Digest>> = lines.map(line).collect();
        let files = files.filter(|_| is_list)?;
        Some(Self { files, owner })
    }

    /// Returns who wrote the files, where that is known.
    pub(super) fn owner(&self) -> Option<&Owner> {
        self.owner.as_ref()
    }

    /// Returns the list as one of this owner's.
    pub(super) fn of(self, owner: &Owner) -> Self {
        let owner = Some(owner.clone());
        Self { owner, ..self }
    }

    /// Returns the list with these files.
    pub(super) fn with(mut self, files: &[File<'_>]) -> Self {
        let files = files.iter();
        self.files
            .extend(files.map(|it| (it.name.clone(), it.digest)));
        self
    }

    /// Parts the files whose names are such from all others.
    pub(super) fn split(self, is_such: Such<'_>) -> (Self, Self) {
        let owner = self.owner;
        let (these, others) = self.files.into_iter().partition(|(name, _)| is_such(name));
        let list = |files| Self {
            files,
            owner: owner.clone(),
        };
        (list(these), list(others))
    }

    /// Returns the list with files that are about to be written.
    pub(super) fn announcing(&self, files: &[&File<'_>]) -> Self {
        let mut list = self.clone();
        for file in files {
            list.files.insert(file.name.clone(), UNDER_WAY);
        }
        list
    }

    /// Writes the list, unless it is there as it is.
    pub(super) fn write(&self, place: &Place) -> Result<(), MirrorError> {
        let text = self.text();
        if place.holds(LIST, text.as_bytes()) {
            return Ok(());
        }
        place.put_bytes(LIST, text.as_bytes(), None)?;
        place.settle()
    }

    fn text(&self) -> String {
        let owner = self.owner.as_ref();
        let owner = owner.map(|owner| format!("{OF}{}\n", owner.line()));
        let mut text = format!("{HEAD}\n{}", owner.unwrap_or_default());
        for (name, digest) in &self.files {
            let digest = blake3::Hash::from_bytes(*digest);
            // Writing to a string does not fail.
            writeln!(text, "{digest} {name}").ok();
        }
        text
    }

    /// Tells whether a file was written of this very document.
    pub(super) fn has(&self, file: &File<'_>) -> bool {
        self.files.get(&file.name) == Some(&file.digest)
    }

    /// Returns of which document a file was written.
    pub(super) fn digest(&self, name: &str) -> Option<&Digest> {
        self.files.get(name)
    }

    /// Returns all names, each with the digest of what the file was written of.
    pub(super) fn documents(&self) -> impl Iterator<Item = (&str, &Digest)> {
        self.files
            .iter()
            .map(|(name, digest)| (name.as_str(), digest))
    }

    /// Returns the names of all.
    pub(super) fn names(&self) -> impl Iterator<Item = &str> {
        self.files.keys().map(String::as_str)
    }
}

/// Reads one line; a name that would lead elsewhere makes the whole no list.
fn line(line: &str) -> Option<(String, Digest)> {
    let (digest, name) = line.split_once(' ')?;
    let digest = blake3::Hash::from_hex(digest).ok()?;
    is_name(name).then(|| (name.to_owned(), *digest.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::Timestamp;

    #[test]
    fn a_list_is_read_as_it_was_written() {
        let names = ["all.atom", "all.atom.gz", "all/2026-11.atom"];
        let files = names.map(|name| (name.to_owned(), *blake3::hash(name.as_bytes()).as_bytes()));
        let list = List {
            files: files.into_iter().collect(),
            owner: None,
        };
        assert_eq!(List::parse(&list.text()), Some(list.clone()));
        let owner = Owner::new("a.example,2026", "/srv/a at home\n/state in it");
        for owner in [owner.clone().at_home("5a1c"), owner] {
            let list = list.clone().of(&owner);
            assert_eq!(List::parse(&list.text()), Some(list));
        }
        assert_eq!(List::parse(&format!("{HEAD}\n")), Some(List::default()));
    }

    #[test]
    fn what_is_no_list_is_none() {
        let digest = blake3::hash(b"x");
        for text in [
            String::new(),
            "my notes\n".to_owned(),
            format!("{HEAD}\nall.atom\n"),
            format!("{HEAD}\n{digest} ../feeds.toml\n"),
            format!("{HEAD}\n{digest} /etc/passwd\n"),
            format!("{HEAD}\n{digest} .ssh/authorized_keys\n"),
            format!("{HEAD}\nabc all.atom\n"),
            format!("{HEAD}\n{digest}\n"),
        ] {
            assert_eq!(List::parse(&text), None, "{text}");
        }
    }

    #[test]
    fn a_file_that_is_about_to_be_written_is_of_no_document() {
        let file = File {
            name: "all.atom".to_owned(),
            digest: *blake3::hash(b"x").as_bytes(),
            modified_at: Timestamp::UNIX_EPOCH,
            content: Box::new(|| Ok(b"x"[..].into())),
        };
        let list = List::default().announcing(&[&file]);
        assert!(!list.has(&file) && list.digest("all.atom").is_some());
        assert!(List::default().with(&[file]).digest("all.atom").is_some());
    }
}

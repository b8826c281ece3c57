//! Whose a directory is: of two that write in one, each would remove what the other wrote.

use super::files::Place;
use super::list::List;
use super::{LIST, MirrorError};
use std::fmt;
use std::path::Path;

/// Between what an owner is and where it is.
const AT: &str = " at ";

/// Between what an owner is and where its state lies.
const IN: &str = " in ";

/// Who writes in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    what: String,
    home: Option<String>,
    place: String,
}

impl Owner {
    /// Returns an owner: what it is by itself, which has no space in it, and at which place, for those who are to find it.
    pub fn new(what: &str, place: &str) -> Self {
        let line = |text: &str| text.replace(char::is_control, "?");
        Self {
            what: line(what),
            home: None,
            place: line(place),
        }
    }

    /// Returns the same with where its state lies: by a name that has no space in it, and that is for nobody to read.
    #[must_use]
    pub fn at_home(self, home: &str) -> Self {
        let home = Some(home.to_owned());
        Self { home, ..self }
    }

    /// Reads one as it is in a list.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (who, place) = text.split_once(AT)?;
        let parts = who.split_once(IN);
        Some(match parts {
            Some((what, home)) => Self::new(what, place).at_home(home),
            None => Self::new(who, place),
        })
    }

    /// Returns it as it is in a list.
    pub(super) fn line(&self) -> String {
        let home = self.home.as_ref();
        let home = home.map_or_else(String::new, |home| format!("{IN}{home}"));
        format!("{}{home}{AT}{}", self.what, self.place)
    }

    /// Tells whether two are one: one that was moved, or what was begun anew in the place or in the home of another.
    fn is(&self, other: &Self) -> bool {
        let is_at_home = self.home.is_some() && self.home == other.home;
        is_at_home || self.what == other.what || self.place == other.place
    }
}

impl fmt::Display for Owner {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{AT}{}", self.what, self.place)
    }
}

/// Refuses a directory in which another has files. One of which nobody says whose it is is anybody's.
///
/// # Errors
/// [`MirrorError::Theirs`]; and when the list cannot be read.
pub fn refuse_others(directory: &Path, owner: &Owner) -> Result<(), MirrorError> {
    refuse(directory, &|theirs| theirs.is(owner))
}

/// Refuses the same of directories of these names in one that is not refused, which are filled as parts of it.
///
/// Those of whoever had the whole are as that is: who takes it over, by its line out of its list, has them with it. So a fault
/// on the way leaves nothing of which each part had to be taken over by itself.
///
/// # Errors
/// [`MirrorError::Theirs`]; and when a list cannot be read.
pub fn refuse_others_beneath(
    directory: &Path,
    names: &[&str],
    owner: &Owner,
) -> Result<(), MirrorError> {
    let Some(place) = Place::there(directory) else {
        return Ok(());
    };
    let list = List::read(&place)?;
    let before = list.owner();
    if before.is_none() && list.names().next().is_some() {
        return Ok(());
    }
    let is_ours = |theirs: &Owner| theirs.is(owner) || before.is_some_and(|it| theirs.is(it));
    let mut names = names.iter();
    names.try_for_each(|name| refuse(&directory.join(name), &is_ours))
}

/// Refuses a directory in which somebody has files who is none of ours.
fn refuse(directory: &Path, is_ours: &dyn Fn(&Owner) -> bool) -> Result<(), MirrorError> {
    let Some(place) = Place::there(directory) else {
        return Ok(());
    };
    let list = List::read(&place)?;
    let theirs = list.owner().filter(|it| !is_ours(it));
    match theirs {
        Some(theirs) if list.names().next().is_some() => Err(MirrorError::Theirs {
            list: directory.join(LIST),
            owner: theirs.clone(),
        }),
        _ => Ok(()),
    }
}

/// Notes whose a directory is in which something was written.
///
/// # Errors
/// See [`MirrorError`].
pub fn sign(directory: &Path, owner: &Owner) -> Result<(), MirrorError> {
    let Some(place) = Place::there(directory).filter(|place| place.is_taken(LIST)) else {
        return Ok(());
    };
    List::read(&place)?.of(owner).write(&place)
}

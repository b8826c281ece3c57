//! Whose a directory is: of two that write in one, each would remove what the other wrote.

use super::files::Place;
use super::list::List;
use super::{LIST, MirrorError};
use std::fmt;
use std::path::Path;

/// Between what an owner is and where it is.
const AT: &str = " at ";

/// Who writes in a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Owner {
    what: String,
    place: String,
}

impl Owner {
    /// Returns an owner: what it is by itself, which has no space in it, and at which place, for those who are to find it.
    pub fn new(what: &str, place: &str) -> Self {
        let line = |text: &str| text.replace(char::is_control, "?");
        Self {
            what: line(what),
            place: line(place),
        }
    }

    /// Reads one as it is shown.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (what, place) = text.split_once(AT)?;
        Some(Self::new(what, place))
    }

    /// Tells whether two are one: one that was moved, or what was begun anew in the place of another.
    fn is(&self, other: &Self) -> bool {
        self.what == other.what || self.place == other.place
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
    let Some(place) = Place::there(directory) else {
        return Ok(());
    };
    let list = List::read(&place)?;
    let theirs = list.owner().filter(|it| !it.is(owner));
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

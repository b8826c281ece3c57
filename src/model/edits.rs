//! What became of an edit.

use super::Edit;
use jiff::Timestamp;

/// What was put in the place of something else in a sentence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// A word that may be another way to say the same: told where the publisher dates it.
    Word,
    /// A number. There are ever new ones in what runs on.
    Number,
    /// A name, or what was so and is not so now.
    Sense,
}

impl Meaning {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Word, Self::Number, Self::Sense];

    /// Returns its stable name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Word => "word",
            Self::Number => "number",
            Self::Sense => "sense",
        }
    }
}

/// Whether readers were told of an edit, and if not, why.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Telling {
    /// They were told.
    Told,
    /// The words are those that they know, markup, dates and numbers that run by themselves aside.
    Same,
    /// Too few words are others, and they mean nothing else.
    Small,
    /// It is the beginning of what they know, cut off.
    Cut,
    /// They were told before; they are told again at this instant, if it still stands there. Without one of what was edited
    /// by a version that did not tell it again.
    SaidBefore(Option<Timestamp>),
    /// A number is another again, and the publisher does not date it.
    Runs,
    /// They are told at this instant, if it still stands there.
    Held(Timestamp),
}

impl Telling {
    /// Returns the stable name of its kind.
    pub fn name(self) -> &'static str {
        match self {
            Self::Told => "told",
            Self::Same => "same",
            Self::Small => "small",
            Self::Cut => "cut",
            Self::SaidBefore(_) => "said-before",
            Self::Runs => "runs",
            Self::Held(_) => "held",
        }
    }

    /// Returns until when readers are not told, where that is a while.
    pub fn until(self) -> Option<Timestamp> {
        match self {
            Self::Held(until) => Some(until),
            Self::SaidBefore(until) => until,
            _ => None,
        }
    }

    /// Returns what has this name; `until` is that of what is told later.
    pub fn named(name: &str, until: Option<Timestamp>) -> Option<Self> {
        let all = [
            Self::Told,
            Self::Same,
            Self::Small,
            Self::Cut,
            Self::SaidBefore(until),
            Self::Runs,
        ];
        let mut all = all.into_iter().chain(until.map(Self::Held));
        all.find(|telling| telling.name() == name)
    }
}

/// The last edit of an entry that was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LastEdit {
    /// When it was seen, or told where that was later.
    pub at: Timestamp,
    /// What is other than what readers had been told last.
    pub edit: Edit,
    /// What a few changed words mean.
    pub meaning: Option<Meaning>,
    /// Whether readers were told.
    pub telling: Telling,
}

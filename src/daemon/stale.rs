//! What is to be rendered.

use super::archive::Due;
use crate::publish::{Output, Selection};
use std::collections::BTreeSet;

/// Which outputs may no longer say what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stale {
    /// All of them: after start and reload.
    pub(super) all: bool,
    /// Whether any article changed, which concerns the outputs that select all.
    pub(super) changed: bool,
    /// Labels whose articles changed.
    pub(super) labels: BTreeSet<String>,
    /// The archives at which there is something to do.
    pub(super) archives: Due,
    /// Whether a feed says something else of itself, which concerns the list of feeds.
    pub(super) renamed: bool,
}

impl Stale {
    /// Everything is to be rendered.
    pub(super) fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Tells whether there is nothing to render.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Tells whether an output is to be rendered.
    pub(super) fn concerns(&self, output: &Output) -> bool {
        // What was carried by too few may have found another outlet.
        self.all
            || self.archives.is_thorough && output.archive
            || self.archives.outputs.contains(&output.path)
            || self.changed && output.min_sources > 1
            || match &output.selection {
                Selection::All => self.changed,
                Selection::Label(label) => self.labels.contains(label),
            }
    }
}

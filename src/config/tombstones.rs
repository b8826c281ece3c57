//! `tombstones` of an output: whether it tells which entries left it.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::Table;
use crate::publish::{OutputFormat, Unit};
use std::ops::Range;

/// That an output is to tell.
pub(super) struct Tombstones {
    span: Range<usize>,
}

/// Reads the key; `None` where nothing is to be told.
pub(super) fn read<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<Tombstones> {
    let (span, is_wanted) = table.flag("tombstones", reading)?;
    is_wanted.then_some(Tombstones { span })
}

impl Tombstones {
    /// Tells whether an output of this shape can have them, and reports why not.
    pub(super) fn fit(
        self,
        formats: &[OutputFormat],
        unit: Unit,
        reading: &mut Reading<'_>,
    ) -> bool {
        let (message, help) = if !formats.contains(&OutputFormat::Atom) {
            (
                "only Atom can tell which entries left an output",
                "add \"atom\" to `formats`, or take `tombstones` out",
            )
        } else if unit == Unit::Story {
            (
                "`tombstones` cannot stand with `unit = \"story\"`",
                "a story that becomes part of another was not taken back: write `unit = \"article\"`, or take `tombstones` out",
            )
        } else {
            return true;
        };
        reading.report(self.span, Fault::new(Code::BadValue, message, help));
        false
    }
}

//! `[alias]`: named sets of terms. What a term may be, the classifier says.

use super::problem::Fault;
use super::reading::{Reading, Text};
use super::table::{Table, strings, understood_key};
use super::values::name;
use crate::classify;
use std::ops::Range;

/// An alias and where its terms stand.
pub(super) struct Alias<'a> {
    pub(super) name: String,
    /// Where the name stands.
    pub(super) span: Range<usize>,
    pub(super) terms: Vec<Text<'a>>,
}

impl Alias<'_> {
    /// Returns it as the classifier takes it.
    pub(super) fn compiled(&self) -> classify::Alias {
        let terms = self
            .terms
            .iter()
            .map(|term| term.value.clone().into_owned());
        classify::Alias {
            name: self.name.clone(),
            terms: terms.collect(),
        }
    }
}

/// Reads `[alias]`, in the order of the file.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> Vec<Alias<'a>> {
    let mut aliases = Vec::new();
    let items = root.table("alias", reading).map(Table::rest);
    for item in items.unwrap_or_default() {
        understood_key(&item, path, reading);
        let (name, span) = (item.key.clone(), item.key_span.clone());
        // One whose terms cannot be read is kept, lest each query that names it be reported too.
        let terms = strings(item, "New Delhi", reading).unwrap_or_default();
        aliases.push(Alias { name, span, terms });
    }
    aliases
}

/// Reads the name of an alias: names with `/` between them, as those of the packs are.
fn path(text: &str) -> Result<String, Fault> {
    let mut from = 0;
    for part in text.split('/') {
        name(part).map_err(|fault| {
            let span = fault.part.clone().unwrap_or(0..part.len());
            fault.at(from + span.start..from + span.end)
        })?;
        from += part.len() + 1;
    }
    Ok(text.to_owned())
}

//! Tables that stand twice, or above what they are part of.

use super::names::named_within;
use super::outline::Outline;
use super::problem::{Code, Fault};
use super::schema::is_key;
use super::syntax::{LISTS, list_name};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What the headers of a text say of one another, each told from others by where it begins.
#[derive(Default)]
pub(super) struct Twice<'t> {
    /// Where the table stands first that a header names again, within its part of the file: what stands below another
    /// `[[feed]]` is another feed's.
    firsts: BTreeMap<usize, Range<usize>>,
    /// Tables that stand above each one that they could be part of, by the name of that.
    above: BTreeMap<&'t str, Vec<(&'t str, Range<usize>)>>,
}

impl<'t> Twice<'t> {
    pub(super) fn of(outline: &Outline<'t>) -> Self {
        let mut twice = Self::default();
        let mut lists: BTreeSet<&str> = BTreeSet::new();
        // With whether it may stand again, as `[[topic.example]]` does.
        let mut seen: BTreeMap<String, (Range<usize>, bool)> = BTreeMap::new();
        for (header, place) in outline.headers() {
            let is_list = header.starts_with("[[");
            let list = list_name(header);
            lists.extend(list);
            if let Some(list) = list.filter(|_| is_list) {
                forget(list, &mut seen);
                continue;
            }
            let name = bare(header);
            let root = name.split('.').next().unwrap_or_default();
            let root = LISTS.into_iter().find(|list| *list == root);
            if let Some(list) = root.filter(|list| name != *list && !lists.contains(list)) {
                let above = twice.above.entry(list).or_default();
                above.push((header, place.clone()));
            }
            match seen.get(&name) {
                Some((_, true)) if is_list => {}
                Some((first, _)) => drop(twice.firsts.insert(place.start, first.clone())),
                None => drop(seen.insert(name, (place, is_list))),
            }
        }
        twice
    }

    /// Returns where the table stands first that the header at a place names again.
    pub(super) fn first(&self, header: &Range<usize>) -> Option<&Range<usize>> {
        self.firsts.get(&header.start)
    }

    /// Leaves of the tables that stand above those which they could be part of the ones that the parser stumbled over: at
    /// a header with this name.
    pub(super) fn keep(&mut self, stumbled: &BTreeSet<&str>) {
        self.above.retain(|list, _| stumbled.contains(list));
    }

    /// Tells whether tables stand above what has this name.
    pub(super) fn has_above(&self, list: &str) -> bool {
        self.above.contains_key(list)
    }

    /// Returns what to say of each of these.
    pub(super) fn faults(&self) -> impl Iterator<Item = (Range<usize>, Fault)> {
        let all = self.above.iter();
        let all = all.flat_map(|(list, above)| above.iter().map(move |it| (*list, it)));
        all.map(|(list, (header, place))| {
            let name = bare(header);
            let part = name.split('.').nth(1).unwrap_or_default();
            let table = format!("[[{list}]]");
            let named = named_within(&table, part).filter(|_| !is_key(part));
            let help =
                named.unwrap_or_else(|| format!("write it below the `{table}` that it is of"));
            let message = format!("this table stands above the first `{table}`");
            (place.clone(), Fault::new(Code::Syntax, message, help))
        })
    }
}

/// Forgets the parts of a table, since another one begins.
fn forget<V>(list: &str, seen: &mut BTreeMap<String, V>) {
    // `/` comes right after `.`.
    let parts = seen.range(format!("{list}.")..format!("{list}/"));
    let parts: Vec<String> = parts.map(|(name, _)| name.clone()).collect();
    for name in parts {
        seen.remove(&name);
    }
}

/// Returns what a header names, however it is written.
pub(super) fn bare(header: &str) -> String {
    let is_dress = |c: char| c.is_whitespace() || "[]\"'".contains(c);
    header.replace(is_dress, "")
}

/// Tells of a table that no other one is called as, but a key above it.
pub(super) fn named_above() -> Fault {
    Fault::new(
        Code::Syntax,
        "a key above has the name of this table",
        "write what it says below this line, and remove the key",
    )
}

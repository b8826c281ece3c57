//! `[group.NAME]`: keys that several feeds share, and the topics they are always in.

use super::auth::{self, Auth};
use super::defaults::Layer;
use super::names::shown;
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::{Item, Table, understood_key};
use super::topics::Topics;
use super::values::name;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What a group says, over the defaults.
pub(super) struct Group {
    /// Its name in the file.
    pub(super) span: Range<usize>,
    pub(super) layer: Layer,
    pub(super) auth: Option<Auth>,
    pub(super) topics: Vec<String>,
}

/// Reads all groups, by name.
pub(super) fn read<'a>(
    root: &mut Table<'a>,
    defaults: &Layer,
    topics: &Topics<'_>,
    reading: &mut Reading<'a>,
) -> BTreeMap<String, Group> {
    const HELP: &str = "write `[group.NAME]` for each group, and its keys below";
    let groups = root.take("group");
    let groups = groups.and_then(|item| Table::inline("[group]", HELP, item, reading));
    let Some(groups) = groups else {
        return BTreeMap::new();
    };
    let groups = groups.rest().into_iter();
    groups
        .filter_map(|item| group(item, defaults, topics, reading))
        .collect()
}

fn group<'a>(
    item: Item<'a>,
    defaults: &Layer,
    topics: &Topics<'_>,
    reading: &mut Reading<'a>,
) -> Option<(String, Group)> {
    // A group of a bad name is still known by it, lest each of its feeds be reported too.
    understood_key(&item, name, reading);
    let (name, span) = (item.key.clone(), item.key_span.clone());
    let mut table = Table::of(&format!("[group.{}]", shown(&name)), item, reading)?;
    let layer = Layer::read(&mut table, true, reading).over(defaults, reading);
    let auth = auth::read(&mut table, true, reading);
    let topics = known_topics(&mut table, topics, reading);
    table.finish(reading);
    let group = Group {
        span,
        layer,
        auth,
        topics,
    };
    Some((name, group))
}

/// Reads `topics`; names of topics that are not there are reported and left out.
fn known_topics<'a>(
    table: &mut Table<'a>,
    topics: &Topics<'_>,
    reading: &mut Reading<'a>,
) -> Vec<String> {
    let named = table.strings("topics", "geopolitics", reading);
    let mut given = Vec::new();
    for text in named.unwrap_or_default() {
        if topics.get(&text.value).is_some() {
            given.push(text.value.into_owned());
        } else {
            topics.report_unknown(&text.value, text.span.clone(), reading);
        }
    }
    given.sort();
    given.dedup();
    given
}

/// Warns of groups that no feed is in.
pub(super) fn warn_of_unused(
    groups: &BTreeMap<String, Group>,
    used: &BTreeSet<String>,
    reading: &mut Reading<'_>,
) {
    for (name, group) in groups {
        if !used.contains(name) {
            let name = shown(name);
            let message = format!("no feed is in group `{name}`");
            let help = format!("write `group = \"{name}\"` in a `[[feed]]`, or remove the group");
            let fault = Fault::new(Code::UnusedGroup, message, help);
            reading.report(group.span.clone(), fault);
        }
    }
}

//! What a document says is none of its feed's entries any more (RFC 6721).

use super::entry::is_id;
use super::times::happened;
use crate::model::{Entry, Withdrawal};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// Returns what is withdrawn by ids that are believed and with dates that are plausible (U7), each once and by the latest.
///
/// Of what the document lists as well the later word holds (RFC 6721, 3): the entry goes where it is dated no later, and stands
/// where it is, which is told, or has no date.
pub(super) fn settle(
    told: &[Withdrawal],
    is_believed: impl Fn(&str) -> bool,
    entries: &mut Vec<Entry>,
    now: Timestamp,
) -> Vec<Withdrawal> {
    let mut latest: BTreeMap<&str, Withdrawal> = BTreeMap::new();
    let believed = told
        .iter()
        .filter(|it| is_id(&it.id) && is_believed(&it.id));
    for it in believed {
        let Some(at) = happened(it.at, now) else {
            continue;
        };
        let known = latest
            .entry(&it.id)
            .or_insert_with(|| Withdrawal { at, ..it.clone() });
        known.at = at.max(known.at);
    }
    entries.retain(|entry| {
        let id = entry.entry_id.as_str();
        match latest.get_mut(id) {
            Some(told) if entry.dated && entry.updated_at <= told.at => return false,
            Some(told) if entry.dated => told.restored_at = Some(entry.updated_at),
            Some(_) => drop(latest.remove(id)),
            None => {}
        }
        true
    });
    latest.into_values().collect()
}

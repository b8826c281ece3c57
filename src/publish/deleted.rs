//! Entries that left an output (RFC 6721), which only Atom can tell.
//!
//! Off unless it is asked for: few readers know it, and the W3C validator warns of the namespace.

use super::text::clean;
use super::view::View;
use super::weight::{DELETED_BYTES, written};
use super::xml::Xml;
use super::{Publication, rfc3339};
use jiff::Timestamp;
use std::collections::BTreeMap;

/// The elements that RFC 6721 adds to feeds.
pub(super) const NAMESPACE: &str = "http://purl.org/atompub/tombstones/1.0";

/// An entry that left an output since it is none of its entries any more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// Its published id.
    pub id: String,
    /// When that was seen.
    pub at: Timestamp,
}

/// What left an output of late, and what came back.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Turnover {
    /// What left, the last first.
    pub deleted: Vec<Deleted>,
    /// What is an entry again that was told to have left, by its published id, each with since when.
    pub relisted: BTreeMap<String, Timestamp>,
}

/// Returns what the document tells of: nothing that stands in it, and an archive tells of nothing. What does not fit is not
/// told: it is no entry of the output either way.
pub(super) fn told<'a>(publication: &Publication<'a>, views: &[View<'_>]) -> Vec<&'a Deleted> {
    let is_there = |deleted: &&Deleted| views.iter().any(|it| it.article.atom_id == deleted.id);
    let deleted = publication.deleted.iter();
    let deleted = deleted.filter(|it| !publication.is_archive() && !is_there(it));
    let mut room = DELETED_BYTES;
    let fits = |it: &&Deleted| {
        let left = room.checked_sub(written(&it.id));
        room = left.unwrap_or(0);
        left.is_some()
    };
    deleted.take_while(fits).collect()
}

/// Returns the namespace of what [`write()`] writes; nothing where that is nothing.
pub(super) fn namespace(deleted: &[&Deleted]) -> &'static str {
    if deleted.is_empty() { "" } else { NAMESPACE }
}

/// Writes that entries left, after all that are there.
pub(super) fn write(xml: &mut Xml, deleted: &[&Deleted]) {
    for deleted in deleted {
        let (id, at) = (clean(&deleted.id), rfc3339(deleted.at));
        xml.empty("at:deleted-entry", &[("ref", &id), ("when", &at)]);
    }
}

//! What can be read of a text that is not TOML: the tables in which no fault of syntax lies.
//!
//! The parser goes on after a fault and gives a document, but that is a guess: below a header that it cannot read, keys
//! are those of the table above, and a list that nothing closes has what follows in it. None of it is taken. Tables
//! with a fault are made blank instead, and those that may have to do with them; what is left is TOML by itself, or not
//! read either.

use super::outline::{LONG, Outline};
use super::syntax::{LISTS, list_name};
use super::twice::bare;
use super::unclosed::blank;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

/// What belongs together is called by the first of its blocks; this is what stands above all tables.
const ABOVE: usize = 0;

/// A header with the lines below it, up to the next one.
struct Block<'t> {
    start: usize,
    header: &'t str,
    /// What it belongs to: a feed goes with its headers, and all `[group.NAME]` are one, since a fault in what names
    /// one of them may be in any.
    unit: usize,
    /// Whether it is of an element of a list: `[feed.headers]`.
    is_part: bool,
}

impl Block<'_> {
    /// Tells whether a fault of the header may be one of the table above it.
    fn may_change(&self, above: &Self) -> bool {
        if !self.is_part {
            // It may be no header at all, but a key with a bracket before it.
            return !is_name(self.header);
        }
        // The header of what it is part of may lack, so that the keys below that are of the table above; unless that is it,
        // misspelt.
        let is_unknown = list_name(above.header).is_none() && !above.is_part;
        !(is_unknown && above.header.starts_with("[["))
    }
}

/// Returns the text with blanks for all tables that may have to do with one of the faults, each of which is given by
/// its place. All places stay what they are.
pub(super) fn sound(text: &str, faults: &[usize]) -> String {
    let outline = Outline::of(text);
    let blocks = blocks(text, &outline);
    let broken = broken(text, &blocks, faults);
    let ends = blocks.iter().skip(1).map(|block| block.start);
    let mut sound = String::with_capacity(text.len());
    for (block, end) in blocks.iter().zip(ends.chain([text.len()])) {
        let lines = text.get(block.start..end).unwrap_or_default();
        if broken.contains(&block.unit) {
            sound.extend(blank(lines));
        } else {
            sound.push_str(lines);
        }
    }
    sound
}

fn blocks<'t>(text: &str, outline: &Outline<'t>) -> Vec<Block<'t>> {
    let mut blocks = vec![Block {
        start: 0,
        header: "",
        unit: ABOVE,
        is_part: false,
    }];
    let mut units: BTreeMap<String, usize> = BTreeMap::new();
    for (header, place) in outline.headers() {
        let name = bare(header);
        let root = name.split('.').next().unwrap_or_default();
        let is_list = LISTS.contains(&root);
        let is_part = is_list && name != root;
        let known = units.get(root).filter(|_| is_part || !is_list);
        let unit = known.copied().unwrap_or(blocks.len());
        units.insert(root.to_owned(), unit);
        // What looks like blanks before it may be the fault.
        let before = text.get(..place.start).unwrap_or_default();
        blocks.push(Block {
            start: before.rfind('\n').map_or(0, |at| at + 1),
            header,
            unit,
            is_part,
        });
    }
    blocks
}

/// Returns what is not to be read.
fn broken(text: &str, blocks: &[Block<'_>], faults: &[usize]) -> BTreeSet<usize> {
    let mut broken = BTreeSet::new();
    let mut end = text.len();
    // A block may have many faults, and be all of a large text.
    let mut quotes = BTreeMap::new();
    for fault in faults {
        let at = blocks.partition_point(|block| block.start <= *fault);
        let at = at.saturating_sub(1);
        let Some(block) = blocks.get(at) else {
            continue;
        };
        broken.insert(block.unit);
        let before = text.get(block.start..*fault).unwrap_or_default();
        if at > 0 && !before.contains('\n') {
            // A key above all tables may have the name of this one.
            broken.insert(ABOVE);
            let above = blocks.get(at - 1);
            let above = above.filter(|above| block.may_change(above));
            broken.extend(above.map(|above| above.unit));
        }
        let rest = text.get(*fault..).unwrap_or_default();
        let line_end = *fault + rest.find('\n').unwrap_or(rest.len());
        let next = blocks.get(at + 1).map_or(text.len(), |next| next.start);
        let first = *quotes
            .entry(at)
            .or_insert_with(|| first_quotes(text, block.start..next));
        // If these are not what was meant to begin or end a text, what is text below and what is not has changed places.
        if first.is_some_and(|first| first < line_end) {
            end = end.min(block.start);
        }
    }
    let mut above = ABOVE;
    for (at, block) in blocks.iter().enumerate() {
        // Its feed may be one whose header is not seen as such; without any, there is none that it is of.
        let is_lost = block.is_part && (block.unit == at || broken.contains(&above));
        // It is no header, but the list of a key that stands in the line before.
        let is_value = is_quoted(block.header) && broken.contains(&above);
        if is_lost || is_value || block.start >= end {
            broken.insert(block.unit);
        }
        above = block.unit;
    }
    broken
}

/// Returns where the first of the quotes of long texts stand that are in a part of the text.
fn first_quotes(text: &str, part: Range<usize>) -> Option<usize> {
    let lines = text.get(part.clone()).unwrap_or_default();
    let found = LONG.iter().filter_map(|quotes| lines.find(quotes));
    found.min().map(|at| part.start + at)
}

/// Tells whether a header begins as a list of texts does.
fn is_quoted(header: &str) -> bool {
    let name = header.trim_start_matches('[').trim_start();
    name.starts_with(['"', '\''])
}

/// Tells whether a header names a table, with however many brackets.
fn is_name(header: &str) -> bool {
    let name = header.trim_matches(['[', ']']).trim();
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.\"'".contains(c);
    !name.is_empty() && name.chars().all(plain)
}

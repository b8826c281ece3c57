//! Who carries an article: who tells it and why, who had it first, and how many outlets that are.

use super::table::instant;
use crate::dedupe::{self, Standing, Voice};
use crate::model::StoredEntry;
use crate::normalize;
use serde_json::{Value, json};
use std::io::{self, Write};

/// Prints it, of an article with more than one entry.
pub(super) fn print(out: &mut dyn Write, members: &[StoredEntry]) -> io::Result<()> {
    if members.len() < 2 {
        return Ok(());
    }
    if let Some(lead) = members.iter().find(|entry| entry.leads) {
        let (role, weight) = (lead.outlet.role.name(), lead.outlet.weight);
        let tells = lead.completeness.words();
        writeln!(
            out,
            "  told by {}: {role}, weight {weight}, {tells}",
            lead.feed
        )?;
    }
    if let Some(first) = first(members) {
        let at = instant(first.published_at);
        writeln!(out, "  first published by {} at {at}", first.feed)?;
    }
    let outlets = outlets(members);
    let noun = if outlets == 1 { "outlet" } else { "outlets" };
    writeln!(
        out,
        "  {} entries, {outlets} independent {noun}",
        members.len()
    )
}

/// Returns the entry that was published first.
pub(super) fn first(members: &[StoredEntry]) -> Option<&StoredEntry> {
    let standings: Vec<Standing> = members.iter().zip(0..).map(standing).collect();
    members.get(dedupe::first(&standings)?)
}

/// Returns who published first, for programs.
pub(super) fn credit(entry: &StoredEntry) -> Value {
    json!({
        "feed": entry.feed.as_str(),
        "url": entry.url,
        "published": entry.published_at.to_string(),
    })
}

/// Counts the independent outlets among the entries of an article.
pub(super) fn outlets(members: &[StoredEntry]) -> usize {
    let site = |entry: &StoredEntry| normalize::site(entry.url.as_deref()?);
    let sites: Vec<Option<String>> = members.iter().map(site).collect();
    dedupe::voices(members.iter().zip(&sites).map(|(entry, site)| Voice {
        owner: entry.outlet.owner.as_deref(),
        site: site.as_deref(),
        feed: entry.feed.as_str(),
        aggregated: entry.aggregated,
    }))
}

/// Returns what decides about an entry; entries come in the order in which they were stored.
fn standing((entry, number): (&StoredEntry, i64)) -> Standing {
    Standing {
        role: entry.outlet.role,
        weight: entry.outlet.weight,
        completeness: entry.completeness,
        dated: entry.dated,
        published_at: entry.published_at,
        aggregated: entry.aggregated,
        number,
    }
}

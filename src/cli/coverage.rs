//! Who carries an article: who tells it and why, who had it first, and how many outlets that are.

use super::export::object;
use super::table::{Table, count, instant};
use crate::config::Config;
use crate::dedupe::{self, Standing, Voice};
use crate::model::{FeedId, ReasonKind, StoredEntry, is_retired};
use crate::normalize;
use crate::publish::Output;
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::io::{self, Write};

/// How feeds are named: one that feeds.toml has no more, with a word of that. What is stored of it outlives it.
pub(super) struct Names<'c>(BTreeSet<&'c FeedId>);

impl<'c> Names<'c> {
    pub(super) fn by(config: &'c Config) -> Self {
        Self(config.feeds.iter().map(|feed| &feed.id).collect())
    }

    pub(super) fn of(&self, feed: &FeedId) -> String {
        if self.0.contains(feed) {
            feed.to_string()
        } else {
            format!("{feed} (not in feeds.toml)")
        }
    }
}

/// Prints it, of an article with more than one entry.
pub(super) fn print(
    out: &mut dyn Write,
    members: &[StoredEntry],
    names: &Names<'_>,
) -> io::Result<()> {
    if members.len() < 2 {
        return Ok(());
    }
    if let Some(lead) = members.iter().find(|entry| entry.leads) {
        let (role, weight) = (lead.outlet.role.name(), lead.outlet.weight);
        let tells = lead.completeness.words();
        writeln!(
            out,
            "  told by {}: {role}, weight {weight}, {tells}",
            names.of(&lead.feed)
        )?;
    }
    if let Some(first) = first(members) {
        let at = instant(first.published_at);
        let feed = names.of(&first.feed);
        writeln!(out, "  first published by {feed} at {at}")?;
    }
    let outlets = outlets(members);
    let noun = if outlets == 1 { "outlet" } else { "outlets" };
    writeln!(
        out,
        "  {} entries, {outlets} independent {noun}",
        members.len()
    )
}

/// Reports of a story that the store tells of at most.
const MOST_REPORTS: usize = 1000;

/// Reports of a story that are printed: a page of a terminal. All are in the JSON.
const PRINTED_REPORTS: usize = 40;

/// Prints the story of an article, by its entries and by the `reports` of the story in the order of their publication.
pub(super) fn print_story(
    out: &mut dyn Write,
    entry: &StoredEntry,
    (members, reports): (&[StoredEntry], &[StoredEntry]),
    names: &Names<'_>,
) -> io::Result<()> {
    let Some(story) = entry.story else {
        let why = if members.iter().all(is_compared) {
            "nothing else that is stored reports it"
        } else {
            "it came too long after its date to be compared with others"
        };
        return writeln!(out, "story: none; {why}");
    };
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let outlets = count(number(outlets(reports)), "independent outlet");
    let all = count(number(reports.len()), "report");
    let more = if reports.len() < MOST_REPORTS {
        ""
    } else {
        " and more"
    };
    writeln!(out, "story s{story}: {all}{more}, told by {outlets}")?;
    if let Some(reason) = &entry.story_reason {
        writeln!(out, "  this one is {reason}")?;
    }
    for (what, report) in [
        ("best told by", best(reports)),
        ("first reported by", first(reports)),
    ] {
        if let Some(report) = report {
            let feed = names.of(&report.feed);
            writeln!(out, "  {what} {feed}: {}", report.title)?;
        }
    }
    let mut table = Table::default();
    for report in reports.iter().take(PRINTED_REPORTS) {
        table.row(&[
            format!("  {}", instant(report.published_at)),
            report.feed.to_string(),
            report.title.clone(),
        ]);
    }
    table.print_on_screen(&[2, 1], out)?;
    match reports.len().saturating_sub(PRINTED_REPORTS) {
        0 => Ok(()),
        more => writeln!(out, "  and {more} more (`--format json` has all)"),
    }
}

/// Tells which outputs want more outlets than carry an article or its story, and which have enough.
pub(super) fn print_sources(
    out: &mut dyn Write,
    entry: &StoredEntry,
    outputs: &[Output],
) -> io::Result<()> {
    let mut outputs = outputs.iter().filter(|it| it.min_sources > 1).peekable();
    if outputs.peek().is_none() {
        return Ok(());
    }
    let (carried, noun) = match entry.outlets {
        1 => ("1".to_owned(), "outlet carries"),
        many if many >= Output::MOST_SOURCES => (format!("{many} or more"), "outlets carry"),
        many => (many.to_string(), "outlets carry"),
    };
    writeln!(out, "{carried} independent {noun} it or its story")?;
    for output in outputs {
        let enough = if entry.outlets >= output.min_sources {
            "enough"
        } else {
            "too few"
        };
        let wanted = output.min_sources;
        writeln!(
            out,
            "  {enough} for {} (min-sources = {wanted})",
            output.path
        )?;
    }
    Ok(())
}

/// Returns the report that tells a story best.
pub(super) fn best(reports: &[StoredEntry]) -> Option<&StoredEntry> {
    let numbered = reports.iter().map(|report| (report, report.article));
    let standings: Vec<Standing> = numbered.map(standing).collect();
    reports.get(dedupe::leads(&standings)?)
}

/// Returns the entry that was published first. One whose page went on to other news counts only where it tells the article, as
/// it does for readers.
pub(super) fn first(members: &[StoredEntry]) -> Option<&StoredEntry> {
    let stand = members
        .iter()
        .filter(|it| it.leads || !is_retired(&it.entry_id));
    let stand: Vec<&StoredEntry> = stand.collect();
    let standings = stand.iter().copied().zip(0..).map(standing);
    let first = dedupe::first(&standings.collect::<Vec<_>>())?;
    stand.get(first).copied()
}

/// Returns who published first, for programs.
pub(super) fn credit(entry: &StoredEntry) -> Value {
    json!({
        "feed": entry.feed.as_str(),
        "url": entry.url,
        "published": entry.published_at.to_string(),
    })
}

/// Returns the story of an article for programs; null for one that nothing else reports.
pub(super) fn story(entry: &StoredEntry, reports: &[StoredEntry]) -> Value {
    let Some(story) = entry.story else {
        return Value::Null;
    };
    json!({
        "story": format!("s{story}"),
        "reason": entry.story_reason,
        "outlets": outlets(reports),
        "first": first(reports).map(credit),
        "best": best(reports).map(credit),
        "reports": reports.iter().map(object).collect::<Vec<_>>(),
    })
}

/// Tells whether likenesses to what is stored were looked for when an entry came, if it made an article: what came later is
/// of that one whatever it is like.
pub(super) fn is_compared(entry: &StoredEntry) -> bool {
    entry.reason.kind != ReasonKind::New
        || dedupe::is_compared(entry.published_at, entry.first_seen_at)
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

/// Returns what decides about an entry, whose number says in which order they were stored.
fn standing((entry, number): (&StoredEntry, i64)) -> Standing {
    Standing {
        role: entry.outlet.role,
        weight: entry.outlet.weight,
        completeness: entry.completeness,
        dated: entry.dated,
        published_at: if entry.dated {
            entry.published_at
        } else {
            entry.first_seen_at
        },
        aggregated: entry.aggregated,
        is_claim: false,
        silent: false,
        dropped: false,
        target: None,
        number,
    }
}

//! `merganser search`: which stored articles a query holds of.

use super::exit::{Code, Failure, say};
use super::progress::Bar;
use super::table::{Table, cut, instant};
use super::{Form, Places, wants_colour};
use crate::classify::Question;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config};
use crate::daemon::{Finding, Search, search};
use anyhow::anyhow;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use jiff::{SignedDuration, Span, SpanRelativeTo, Timestamp};
use serde_json::{Value, json};
use std::io::{self, Write, stdout};

/// Longest title that is shown in a table.
const TITLE_WIDTH: usize = 90;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// What to look for, in the language of topics: `oil NEAR/5 sanction* -topic:sport age:<2d`; `--` before a query
    /// that begins with `-`
    #[arg(required = true, value_name = "QUERY")]
    query: Vec<String>,
    /// Only what was published since then: `7d`, `36h`, `2026-11-20` or an instant
    #[arg(long, value_name = "WHEN", value_parser = since, allow_hyphen_values = true)]
    since: Option<Since>,
    /// How many articles at most
    #[arg(
        long,
        value_name = "N",
        default_value_t = 20,
        allow_negative_numbers = true
    )]
    limit: usize,
    /// How to print them [default: table on a terminal, else plain]
    #[arg(long, value_enum)]
    format: Option<Form>,
}

/// A time as people give it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Since {
    /// So long ago.
    Ago(SignedDuration),
    /// Then.
    At(Timestamp),
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let config = places.known()?.config;
    let query = options.query.join(" ");
    let question = question(&config, &query)?;
    let store = places.store(&config.storage)?;
    let now = SystemClock.now();
    let bar = Bar::begin("looking for it");
    let asked = Search {
        question,
        since: options.since.map(|since| since.instant(now)),
        now,
        limit: options.limit,
        watch: bar.watch(),
    };
    let mut out = stdout().lock();
    let mut found = 0_u64;
    match options.format.unwrap_or_else(Form::usual) {
        Form::Table => {
            let mut table = Table::default();
            let more = search(&store, &config, &asked, &mut |finding| {
                found += 1;
                table.row(&row(&finding));
                Ok(())
            })?;
            bar.clear();
            print(&mut out, table, more)?;
        }
        form => {
            search(&store, &config, &asked, &mut |finding| {
                found += 1;
                bar.clear();
                print_line(&mut out, &finding, form)
            })?;
        }
    }
    bar.clear();
    if found == 0 {
        remark(&config, &query);
    }
    Ok(())
}

/// Says what is odd about a query that finds nothing, beside what is printed for programs.
fn remark(config: &Config, query: &str) {
    let remarks = config::query_remarks(query, config);
    if !remarks.is_empty() {
        say(&config::render(&remarks, "query", query, wants_colour()));
    }
}

/// Compiles the query; its problems, rendered as those of a file, are the failure.
fn question(config: &Config, query: &str) -> Result<Question, Failure> {
    Question::new(&config.aliases, &config.rules, query).map_err(|found| {
        let problems = config::query_problems(query, found);
        let report = config::render(&problems, "query", query, wants_colour());
        Failure::new(Code::Usage, anyhow!(report))
    })
}

fn print(out: &mut dyn Write, table: Table, more: bool) -> io::Result<()> {
    let is_empty = table.is_empty();
    table.print_on_screen(&[2, 1], out)?;
    if is_empty {
        writeln!(out, "nothing that is stored fits")?;
    }
    if more {
        writeln!(out, "and more, which are older: `--limit` shows them")?;
    }
    Ok(())
}

fn row(finding: &Finding) -> [String; 3] {
    let headline = &finding.headline;
    [
        instant(headline.published_at),
        headline.feed.clone(),
        cut(&headline.title, TITLE_WIDTH),
    ]
}

fn print_line(out: &mut dyn Write, finding: &Finding, form: Form) -> io::Result<()> {
    if form == Form::Json {
        return writeln!(out, "{}", object(finding));
    }
    let headline = &finding.headline;
    let url = headline.url.as_deref().unwrap_or_default();
    writeln!(
        out,
        "{}\t{}\t{}\t{url}",
        headline.published_at, headline.feed, headline.title
    )
}

/// Returns an article as `search --format json` prints it.
fn object(finding: &Finding) -> Value {
    let headline = &finding.headline;
    json!({
        "article": format!("a{}", finding.article),
        "title": headline.title,
        "feed": headline.feed,
        "url": headline.url,
        "published": headline.published_at.to_string(),
        "score": finding.found.score,
        "evidence": finding.found.evidence,
    })
}

impl Since {
    /// Returns the instant; of a span that leads beyond all time, the first.
    fn instant(self, now: Timestamp) -> Timestamp {
        match self {
            Self::At(at) => at,
            Self::Ago(span) => now.checked_sub(span).unwrap_or(Timestamp::MIN),
        }
    }
}

/// Reads a time: a span that goes back from now, a day in UTC, or an instant.
fn since(text: &str) -> Result<Since, String> {
    let span = || {
        let span: Span = text.parse().ok()?;
        let days_of_24_hours = SpanRelativeTo::days_are_24_hours();
        let ago = span.to_duration(days_of_24_hours).ok()?;
        (!ago.is_negative()).then_some(Since::Ago(ago))
    };
    let day = || {
        let day: Date = text.parse().ok()?;
        let midnight = day.to_zoned(TimeZone::UTC).ok()?;
        Some(Since::At(midnight.timestamp()))
    };
    let instant = || text.parse().ok().map(Since::At);
    // The text of an instant is one of a day too, with what follows passed over.
    let read = instant().or_else(span).or_else(day);
    read.ok_or_else(|| {
        "write how long ago it was (`36h`, `7d`, `2w`), a day (`2026-11-20`) or an instant"
            .to_owned()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_as_people_give_them() {
        let now: Timestamp = "2026-11-26T12:00:00Z".parse().unwrap();
        for (text, expected) in [
            ("36h", Some("2026-11-25T00:00:00Z")),
            ("7d", Some("2026-11-19T12:00:00Z")),
            ("2w", Some("2026-11-12T12:00:00Z")),
            ("2026-11-20", Some("2026-11-20T00:00:00Z")),
            ("2026-11-20T08:30:00+01:00", Some("2026-11-20T07:30:00Z")),
            ("9000 years", None),
            ("-7d", None),
            ("yesterday", None),
            ("", None),
        ] {
            let read = since(text).ok().map(|since| since.instant(now).to_string());
            assert_eq!(read.as_deref(), expected, "{text}");
        }
    }
}

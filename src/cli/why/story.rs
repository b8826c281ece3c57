//! The polls of a feed in sentences: what is alike is told once, what changed stands out.

use super::advice::PROXY;
use crate::cli::table::{Table, bytes, count, long_span};
use crate::model::PollRow;
use jiff::Timestamp;

/// Sentences that are told, the newest: with what stands around them, a screen. What was before them is
/// summed up in one.
const SENTENCES: usize = 20;

/// What sort of thing happened at a poll.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// It brought nothing that readers see.
    Quiet,
    /// It brought something.
    News,
    /// The origin asked for patience, with this feed or with all of its host.
    Refused,
    /// It failed, or the feed is gone.
    Failed,
}

fn kind(poll: &PollRow) -> Kind {
    match poll.outcome.as_str() {
        "modified" | "not-modified"
            if poll.new + poll.revised + poll.copies + poll.withdrawn == 0 =>
        {
            Kind::Quiet
        }
        "modified" | "not-modified" => Kind::News,
        "throttled" | "crowded" => Kind::Refused,
        _ => Kind::Failed,
    }
}

/// Tells whether two polls that follow one another are told in one sentence.
fn alike(one: &PollRow, other: &PollRow) -> bool {
    if one.redirects != other.redirects {
        return false;
    }
    match (kind(one), kind(other)) {
        (Kind::News, _) => false,
        (Kind::Failed | Kind::Refused, Kind::Failed | Kind::Refused) => {
            (&one.outcome, &one.message) == (&other.outcome, &other.message)
        }
        (one, other) => one == other,
    }
}

/// Returns the line above the story; it names the year that is left out in it.
pub(super) fn heading(polls: &[PollRow]) -> String {
    let year = polls.first().map(|newest| year(newest.at));
    let year = year.unwrap_or_default();
    match polls.len() {
        1 => format!("Its only poll (UTC, {year}):"),
        many => format!("Its last {many} polls, the newest at the end (UTC, {year}):"),
    }
}

/// Tells the polls of a feed, given newest first and told oldest first: when in one column, what in the
/// other. Times are without the year where it is that of the newest.
pub(super) fn table(polls: &[PollRow]) -> Table {
    let newest = polls.first().map(|newest| newest.at).unwrap_or_default();
    let oldest_first: Vec<PollRow> = polls.iter().rev().cloned().collect();
    let runs: Vec<&[PollRow]> = oldest_first.chunk_by(alike).collect();
    let (before, told) = runs.split_at(runs.len().saturating_sub(SENTENCES));
    let before: Vec<&PollRow> = before.iter().copied().flatten().collect();
    let mut table = Table::default();
    let mut row = |first: &PollRow, last: &PollRow, text: String| {
        table.row(&[format!("  {}", times(first.at, last.at, newest)), text]);
    };
    if let (Some(first), Some(last)) = (before.first(), before.last()) {
        row(first, last, summary(&before));
    }
    let mut calm = "";
    for run in told {
        let (Some(first), Some(last)) = (run.first(), run.last()) else {
            continue;
        };
        let text = format!("{}{}", sentence(run, first, last), behind(&last.redirects));
        let reason = last.due_reason.as_str();
        let is_calm = matches!(kind(last), Kind::Quiet | Kind::News);
        // What is as it was while all was well is not repeated: its change is what there is to see.
        let is_told = is_calm && reason == calm;
        if is_calm {
            calm = reason;
        }
        let text = if is_told {
            text
        } else {
            format!("{text}. Next: {reason}")
        };
        row(first, last, text);
    }
    table
}

/// Says why fewer failures count than were told last, where that is so; polls are given newest first.
pub(super) fn counted_anew(polls: &[PollRow], failures: u32) -> Option<String> {
    // What is a proxy's fault, or a refusal, may not count.
    let counts = |poll: &&PollRow| kind(poll) == Kind::Failed && poll.outcome != PROXY;
    let told = polls.iter().take_while(counts).count();
    let failures = usize::try_from(failures).ok().filter(|it| *it > 0)?;
    (told > failures).then(|| {
        format!(
            "  Of the last {told} failures {failures} count: one by hand soon after another adds none, and `poll --force` counts \
             anew, as another `url` does."
        )
    })
}

/// Sums up polls that are too long ago to be told one by one.
fn summary(polls: &[&PollRow]) -> String {
    let of = |wanted| polls.iter().filter(move |poll| kind(poll) == wanted);
    let number = |number: usize| u64::try_from(number).unwrap_or(u64::MAX);
    let mut parts = vec![count(number(polls.len()), "poll")];
    let news = number(of(Kind::News).count());
    if news > 0 {
        let sum = |of: fn(&PollRow) -> u32| polls.iter().map(|poll| u64::from(of(poll))).sum();
        let (new, revised) = (sum(|poll| poll.new), sum(|poll| poll.revised));
        let withdrawn = sum(|poll| poll.withdrawn);
        let all = [(new, "new"), (revised, "revised"), (withdrawn, "withdrawn")];
        parts.push(format!("{news} with news ({})", counts(all)));
    }
    for (wanted, word) in [(Kind::Refused, "refused"), (Kind::Failed, "failed")] {
        let found = of(wanted).count();
        if found > 0 {
            parts.push(format!("{found} {word}"));
        }
    }
    parts.join(", ")
}

/// Tells a run of polls that are alike.
fn sentence(run: &[PollRow], first: &PollRow, last: &PollRow) -> String {
    let times = match run.len() {
        1 => String::new(),
        many => format!(" {many} times"),
    };
    match kind(last) {
        Kind::News => news(last),
        Kind::Quiet => quiet(run, first, last),
        Kind::Refused => {
            let status = last.status.map_or(String::new(), |it| format!(" ({it})"));
            let why = match last.outcome.as_str() {
                "crowded" => ": its host is asked for too many feeds",
                _ => "",
            };
            format!("refused{times}{status}{why}")
        }
        Kind::Failed if last.outcome == "gone" => format!("gone{times} (410)"),
        Kind::Failed => {
            let message = &last.message;
            format!("FAILED{times}: {message}")
        }
    }
}

/// Says which redirects led to an answer.
fn behind(redirects: &[u16]) -> String {
    let all: Vec<String> = redirects.iter().map(u16::to_string).collect();
    match all.len() {
        0 => String::new(),
        1 => format!(", behind a redirect ({})", all.join("")),
        many => format!(", behind {many} redirects ({})", all.join(", ")),
    }
}

fn news(poll: &PollRow) -> String {
    let copies = if poll.copies == 1 { "copy" } else { "copies" };
    let counts = counts([
        (poll.new.into(), "new"),
        (poll.revised.into(), "revised"),
        (poll.copies.into(), copies),
        (poll.withdrawn.into(), "withdrawn"),
    ]);
    format!("{counts}; {}", effort(poll))
}

/// Lists the counts that are not zero.
fn counts<const N: usize>(counts: [(u64, &str); N]) -> String {
    let some = counts.iter().filter(|(count, _)| *count > 0);
    let some: Vec<String> = some
        .map(|(count, what)| format!("{count} {what}"))
        .collect();
    some.join(", ")
}

/// Says what a poll without news cost the publisher and us.
fn quiet(run: &[PollRow], first: &PollRow, last: &PollRow) -> String {
    let short = run.iter().filter(|poll| poll.status == Some(304)).count();
    if run.len() == 1 {
        return match (short, last.outcome.as_str()) {
            (1, _) => "no news (304)".to_owned(),
            (_, "modified") => format!("a changed document, no news; {}", effort(last)),
            _ => format!("the same document again; {}", effort(last)),
        };
    }
    let gaps = i32::try_from(run.len() - 1).unwrap_or(i32::MAX);
    let every = long_span(last.at.duration_since(first.at) / gaps);
    let how = match run.len() - short {
        0 => "304".to_owned(),
        whole if short == 0 => format!("all {whole} sent whole"),
        whole => format!("304, but {whole} sent whole"),
    };
    format!("{} polls without news ({how}), every {every}", run.len())
}

fn effort(poll: &PollRow) -> String {
    let ms = poll.elapsed.as_millis();
    format!("{} in {ms} ms", bytes(poll.bytes))
}

/// Writes when a run was: one minute, or from when to when.
fn times(from: Timestamp, to: Timestamp, newest: Timestamp) -> String {
    let clock = |at: Timestamp| at.strftime("%H:%M").to_string();
    let (first, last) = (date(from, newest), date(to, newest));
    let (begin, end) = (clock(from), clock(to));
    if (&first, &begin) == (&last, &end) {
        format!("{first} {begin}")
    } else if first == last {
        format!("{first} {begin} - {end}")
    } else {
        format!("{first} {begin} - {last} {end}")
    }
}

/// Writes a day, without the year where that is the one of the newest poll.
fn date(at: Timestamp, newest: Timestamp) -> String {
    let form = if year(at) == year(newest) {
        "%d %b"
    } else {
        "%d %b %Y"
    };
    at.strftime(form).to_string()
}

fn year(at: Timestamp) -> String {
    at.strftime("%Y").to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::time::Duration;

    /// A poll in this hour of the story.
    fn poll(hour: i64, outcome: &str, (new, revised): (u32, u32)) -> PollRow {
        let start: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let (status, message) = match outcome {
            "not-modified" => (304, ""),
            "modified" => (200, ""),
            "throttled" | "crowded" => (429, ""),
            "gone" => (410, ""),
            _ => (500, "500 Internal Server Error"),
        };
        PollRow {
            at: start + jiff::SignedDuration::from_hours(hour),
            outcome: outcome.to_owned(),
            message: message.to_owned(),
            status: Some(status),
            redirects: Vec::new(),
            bytes: 24_700,
            elapsed: Duration::from_millis(310),
            new,
            revised,
            copies: 0,
            withdrawn: 0,
            next_due_at: None,
            due_reason: "every hour".to_owned(),
        }
    }

    /// Tells polls given oldest first.
    fn told(polls: &[PollRow], width: usize) -> String {
        let newest_first: Vec<PollRow> = polls.iter().rev().cloned().collect();
        let mut out = Vec::new();
        table(&newest_first).print_within(width, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn p44_what_is_alike_is_told_once_and_what_changed_stands_out() {
        let mut polls = vec![poll(0, "modified", (3, 0))];
        polls.extend((1..15).map(|hour| poll(hour, "not-modified", (0, 0))));
        polls.push(PollRow {
            copies: 1,
            ..poll(15, "modified", (2, 1))
        });
        polls.push(poll(16, "modified", (0, 0)));
        polls.extend((17..19).map(|hour| PollRow {
            due_reason: "third failure in a row: paused 4 h".to_owned(),
            ..poll(hour, "http", (0, 0))
        }));
        polls.push(poll(24, "throttled", (0, 0)));
        polls.push(poll(30, "not-modified", (0, 0)));
        polls.push(PollRow {
            status: Some(200),
            ..poll(31, "not-modified", (0, 0))
        });
        polls.extend((32..34).map(|hour| PollRow {
            redirects: vec![302, 301],
            ..poll(hour, "not-modified", (0, 0))
        }));
        polls.push(PollRow {
            redirects: vec![307],
            withdrawn: 2,
            ..poll(34, "modified", (1, 0))
        });
        polls.push(poll(40, "gone", (0, 0)));
        let expected = "
  24 Nov 06:00                 3 new; 24.1 KiB in 310 ms. Next: every hour
  24 Nov 07:00 - 20:00         14 polls without news (304), every 1 h
  24 Nov 21:00                 2 new, 1 revised, 1 copy; 24.1 KiB in 310 ms
  24 Nov 22:00                 a changed document, no news; 24.1 KiB in 310 ms
  24 Nov 23:00 - 25 Nov 00:00  FAILED 2 times: 500 Internal Server Error. Next:
                               third failure in a row: paused 4 h
  25 Nov 06:00                 refused (429). Next: every hour
  25 Nov 12:00 - 13:00         2 polls without news (304, but 1 sent whole),
                               every 1 h
  25 Nov 14:00 - 15:00         2 polls without news (304), every 1 h, behind 2
                               redirects (302, 301)
  25 Nov 16:00                 1 new, 2 withdrawn; 24.1 KiB in 310 ms, behind a
                               redirect (307)
  25 Nov 22:00                 gone (410). Next: every hour
";
        assert_eq!(format!("\n{}", told(&polls, 80)), expected);
    }

    /// P18: a host that is asked too fast has refused, and the feed has not failed.
    #[test]
    fn p44_a_crowded_host_is_told_as_a_refusal() {
        let polls = [
            (0, "crowded"),
            (1, "crowded"),
            (2, "throttled"),
            (3, "http"),
        ];
        let polls = polls.map(|(hour, outcome)| PollRow {
            due_reason: "asked by Retry-After to wait 1 h".to_owned(),
            ..poll(hour, outcome, (0, 0))
        });
        let wait = "Next: asked by Retry-After to wait 1 h";
        let expected = format!(
            "
  24 Nov 06:00 - 07:00  refused 2 times (429): its host is asked for too many feeds. {wait}
  24 Nov 08:00          refused (429). {wait}
  24 Nov 09:00          FAILED: 500 Internal Server Error. {wait}
"
        );
        assert_eq!(format!("\n{}", told(&polls, usize::MAX)), expected);
        let all: Vec<&PollRow> = polls.iter().collect();
        assert_eq!(summary(&all), "4 polls, 3 refused, 1 failed");
    }

    /// `poll --force` forgets what failed so far.
    #[test]
    fn p44_failures_that_count_no_more_are_told() {
        let failed = |hour| poll(hour, "http", (0, 0));
        let mut polls = vec![failed(3), failed(2), poll(1, "modified", (1, 0)), failed(0)];
        assert_eq!(counted_anew(&polls, 2), None);
        assert_eq!(counted_anew(&polls, 0), None, "it was never polled since");
        let told = counted_anew(&polls, 1).unwrap();
        assert!(told.contains("Of the last 2 failures 1 count"), "{told}");
        polls.insert(0, poll(4, "proxy", (0, 0)));
        assert_eq!(counted_anew(&polls, 1), None);
    }

    /// Minutes of the same name on two days are two.
    #[test]
    fn p44_what_happened_within_a_minute_is_told_at_one() {
        for (from, to, expected) in [
            (
                "2026-11-24T06:18:01Z",
                "2026-11-24T06:18:59Z",
                "24 Nov 06:18",
            ),
            (
                "2026-11-24T06:18:59Z",
                "2026-11-24T06:19:00Z",
                "24 Nov 06:18 - 06:19",
            ),
            (
                "2026-11-24T06:18:00Z",
                "2026-11-25T06:18:00Z",
                "24 Nov 06:18 - 25 Nov 06:18",
            ),
            (
                "2025-11-24T06:18:00Z",
                "2026-11-24T06:18:00Z",
                "24 Nov 2025 06:18 - 24 Nov 06:18",
            ),
        ] {
            let [from, to] = [from, to].map(|at| at.parse().unwrap());
            assert_eq!(times(from, to, to), expected);
        }
    }

    #[test]
    fn what_is_long_ago_is_summed_up() {
        let mut polls: Vec<PollRow> = (0..30).map(|hour| poll(hour, "modified", (1, 0))).collect();
        polls.insert(0, poll(-9000, "http", (0, 0)));
        let told = told(&polls, usize::MAX);
        assert_eq!(told.lines().count(), SENTENCES + 1);
        let first = told.lines().next().unwrap();
        assert_eq!(
            first,
            "  14 Nov 2025 06:00 - 24 Nov 15:00  11 polls, 10 with news (10 new), 1 failed"
        );
    }

    #[test]
    fn nothing_is_told_of_nothing() {
        assert_eq!(told(&[], 80), "");
        assert_eq!(
            heading(&[poll(0, "http", (0, 0))]),
            "Its only poll (UTC, 2026):"
        );
    }
}

//! What a poll says of its feed, where somebody should know.

use super::Condition;
use crate::daemon::discreet::Discreet;
use crate::daemon::report::PollReport;
use crate::model::{FailureKind, Health, Outcome, Turn};
use jiff::{SignedDuration, Timestamp};

/// Polls in a row that fail before anybody is told: of a hundred feeds a few fail each day and answer at the next poll. With
/// the growing pauses after failures this is a few hours.
const FAILS: u32 = 3;

/// After so many in a row a feed has failed for about a week. Whoever is not told of it by then, since too much else
/// was to be told, is told by `status`, and nothing is told again since it was pushed out.
const FAILS_LONG: u32 = 12;

/// A feed that brings nothing new is silent after so many of its usual gaps ..
const GAPS: u32 = 10;

/// .. and not before: holidays end, and who writes three times a day may be ill.
const SILENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// It is told within so long after that, and not of a feed that has been silent for years when it is added.
const LATELY: SignedDuration = SignedDuration::from_hours(2 * 24);

/// Returns what a feed is by a poll: none where that says nothing yet, two where it moved, too. `before` is what was told of it last.
pub(super) fn of_feed(
    report: &PollReport,
    before: Turn,
    discreet: &Discreet,
    now: Timestamp,
) -> Vec<Condition> {
    let moved = report.moved.as_ref().map(|words| {
        let turn = if words.starts_with("moved") {
            Turn::Moved
        } else {
            Turn::Returned
        };
        Condition::new(turn, "", discreet.cleared(words))
    });
    moved
        .into_iter()
        .chain(fortune(report, before, discreet, now))
        .collect()
}

fn fortune(
    report: &PollReport,
    before: Turn,
    discreet: &Discreet,
    now: Timestamp,
) -> Option<Condition> {
    match &report.outcome {
        Outcome::Gone if report.next_due_at.is_none() => Some(Condition::new(Turn::Gone, "", "")),
        // That is told of the proxy.
        outcome if outcome.is_of_proxy() => None,
        Outcome::Failed(failure) if report.health == Health::Failing => {
            let is_due = (FAILS..=FAILS_LONG).contains(&report.failures);
            let turn = match failure.kind {
                FailureKind::NotAFeed => Turn::NotAFeed,
                _ => Turn::Failing,
            };
            // It names the address that may not be reached, which is one of ours.
            let is_told = failure.kind != FailureKind::Blocked;
            let detail = discreet.cleared(if is_told { &failure.message } else { "" });
            is_due.then(|| Condition::new(turn, failure.kind.name(), detail))
        }
        outcome if outcome.is_success() => match silence(report, now) {
            None => Some(Condition::well()),
            Some((since, is_late)) if !is_late => Some(Condition::new(Turn::Silent, &since, "")),
            // It is silent still, and recovered from what else there was.
            Some(_) => (before != Turn::Silent).then(Condition::well),
        },
        _ => None,
    }
}

/// Returns since when a feed that answers has had nothing new, where that is longer than it used to be, and whether it
/// has been so for a while.
fn silence(report: &PollReport, now: Timestamp) -> Option<(String, bool)> {
    let newest_at = report.newest_at?;
    let usual = report.rhythm.unwrap_or_default().saturating_mul(GAPS);
    let usual = SignedDuration::try_from(usual).unwrap_or(SignedDuration::MAX);
    let over = now
        .duration_since(newest_at)
        .saturating_sub(usual.max(SILENT));
    let since = newest_at.strftime("%Y-%m-%d").to_string();
    (!over.is_negative()).then(|| (since, over > LATELY))
}

//! What the operator may do about a feed, if anything.

use crate::cli::status::Line;
use crate::cli::table::{Table, instant};
use crate::daemon::must_not_be_asked;
use crate::model::{FailureKind, FeedState, Health, PollRow};
use jiff::Timestamp;

/// How a poll is named whose proxy was not reached.
pub(super) const PROXY: &str = FailureKind::Proxy.name();

/// And one whose host is asked for too many feeds.
const CROWDED: &str = "crowded";

/// And one whose origin asked us to wait.
const THROTTLED: &str = "throttled";

/// And one of a feed that its publisher took away.
const GONE: &str = "gone";

/// What helps where a proxy was not reached.
const BY_PROXY: &str = "see that its proxy runs, and what `proxy` in feeds.toml says; nothing is counted against the feed";

/// What is to be done about a poll of which it is not known yet whose fault it is.
const IN_DOUBT: &str = "wait: it is asked again, and if it answers nothing was amiss; else this counts against the feed, an hour \
    after the first such poll at the latest, unless no host can be reached: `merganser status` says then that the network is down";

/// Returns it as sentences, one a row; one that says so where nothing is wrong.
pub(super) fn table(line: &Line<'_>, last: Option<&PollRow>, now: Timestamp) -> Table {
    let mut table = Table::default();
    for sentence in advice(line, last, now) {
        table.row(&["  -", &sentence]);
    }
    table
}

fn advice(line: &Line<'_>, last: Option<&PollRow>, now: Timestamp) -> Vec<String> {
    let state = &line.row.state;
    let mut advice = Vec::new();
    if line.is_offline() {
        let id = line.id;
        advice.push(format!(
            "mend the network of this machine: no host can be reached, as `merganser status` tells; what reaches nobody \
             meanwhile is not counted, and not listed above; `merganser poll {id}` tries at once"
        ));
    }
    match state.health {
        _ if !line.enabled => {
            let id = line.id;
            advice.push(format!(
                "`merganser enable {id}` has it polled again, `merganser remove {id}` takes it out of feeds.toml"
            ));
        }
        _ if line.is_in_doubt() => advice.push(IN_DOUBT.to_owned()),
        _ if last.is_some_and(|last| last.outcome == PROXY) => advice.push(BY_PROXY.to_owned()),
        Health::New => advice.push("wait: a daemon that runs polls it then".to_owned()),
        Health::Ok => {
            let asks = last.filter(|last| matches!(&*last.outcome, CROWDED | THROTTLED));
            advice.extend(asks.map(|last| of_failure(last, line)));
        }
        Health::Failing => {
            let outcome = last.map(|last| &*last.outcome);
            advice.extend(last.map(|last| of_failure(last, line)));
            let kept = line
                .cron
                .and_then(|_| kept_line(line.id, state, outcome, now));
            advice.extend(kept);
        }
        Health::Gone => {
            let id = line.id;
            let asks = match must_not_be_asked(state, true, now) {
                None => format!("`merganser poll --force {id}` asks once more"),
                Some(why) => format!("and nobody asks it now: {why}"),
            };
            advice.push(format!(
                "`merganser remove {id}` takes it out of feeds.toml, {asks}"
            ));
        }
    }
    if line.asked_at().is_some() {
        let id = line.id;
        advice.push(format!(
            "let `merganser apply-redirects {id}` write its new address to feeds.toml"
        ));
    }
    if line.guids_failed().is_some() {
        advice.push(
            "nothing about its ids, unless they are good after all: `identity = \"guid\"` believes them"
                .to_owned(),
        );
    }
    if advice.is_empty() {
        advice.push("nothing, all is well".to_owned());
    }
    advice
}

/// Says that a cron line is kept after a failure, too, unless that was its host's or its proxy's: then it is not.
fn kept_line(id: &str, state: &FeedState, outcome: Option<&str>, now: Timestamp) -> Option<String> {
    if matches!(outcome, Some(CROWDED | PROXY)) {
        return None;
    }
    let at = instant(state.next_due_at?);
    let before = match must_not_be_asked(state, false, now) {
        None => format!("before by `merganser poll {id}` alone"),
        Some(why) => format!("by nobody now: {why}"),
    };
    Some(format!(
        "its cron line is kept: it is tried again on {at}, and {before}"
    ))
}

/// Says what may help against the last failure.
fn of_failure(last: &PollRow, line: &Line<'_>) -> String {
    let behind = line
        .is_by_proxy
        .then(|| behind_proxy(&last.outcome, last.status));
    if let Some(sentence) = behind.flatten() {
        return sentence.to_owned();
    }
    let address = line.asked_at().unwrap_or(&line.row.url);
    against(&last.outcome, last.status, address)
}

/// Says the same of a feed behind a proxy, where that may be at fault, which alone knows how far it came.
fn behind_proxy(outcome: &str, status: Option<u16>) -> Option<&'static str> {
    match (outcome, status) {
        ("connect" | "timeout" | "broken", _) => Some(
            "look at its proxy, which `proxy` in feeds.toml names: its log tells how far it came, its rules may forbid it, and \
             `user` and `password` stand beside `url` there where it wants them; it is tried again",
        ),
        ("tls", _) => Some(
            "look at its proxy, which `proxy` in feeds.toml names: it may close the way that it opened, which its log tells, or \
             read along with a certificate that this machine does not trust; else check the clock of this machine",
        ),
        ("http", Some(403)) => Some(
            "see whether the rules of its proxy forbid it, and else what a browser gets there: it may want credentials \
             (`auth` or `headers` in feeds.toml), or keep programs out",
        ),
        ("http", Some(502..=504)) => Some(
            "nothing, it is tried again: the fault is at the publisher's, or its proxy does not get there, whose log tells",
        ),
        _ => None,
    }
}

/// Says what may help against a poll that ended so, as `explain` tells it of the outcome alone.
pub(in crate::cli) fn against(outcome: &str, status: Option<u16>, address: &str) -> String {
    match (outcome, status) {
        (THROTTLED, _) => "nothing, it is asked when its origin is ready; a longer \
             `min-interval` helps where this comes often"
            .to_owned(),
        (GONE, _) => "wait: its publisher says that it is gone (410), which is believed when it says so once more".to_owned(),
        (CROWDED, _) => "nothing, its host is asked more slowly from now on".to_owned(),
        ("dns", _) => "check the address; where many feeds fail so, check the resolver of this \
             machine"
            .to_owned(),
        (PROXY, _) => BY_PROXY.to_owned(),
        ("connect" | "timeout" | "broken", _) => "nothing, it is tried again; where many feeds \
             fail so, check the network of this machine"
            .to_owned(),
        ("tls", _) => "check the clock of this machine and the certificates that it trusts; else \
             only the publisher can mend it"
            .to_owned(),
        ("blocked", _) => "check the address; `allow-networks` in feeds.toml permits what is not \
             public, and with `merganser reload --wait` it is polled"
            .to_owned(),
        ("too-large", _) => "raise `max-body` in feeds.toml if it is worth that much".to_owned(),
        ("http", Some(500..)) => {
            "nothing, it is tried again: the fault is at the publisher's".to_owned()
        }
        ("http", Some(401)) => {
            "give it who asks, by `auth` in feeds.toml (a user with a password, or a \
             token), or by `headers` where it wants them otherwise"
                .to_owned()
        }
        ("http", Some(407)) => {
            "give the proxy its user and password, by `proxy` in feeds.toml".to_owned()
        }
        ("http", Some(403)) => "see what a browser gets there: it may want credentials (`auth` or \
             `headers` in feeds.toml), or keep programs out"
            .to_owned(),
        ("http" | "redirect", _) => "look for its new address: `merganser preview PAGE` lists the \
             feeds that a page of the site leads to"
            .to_owned(),
        ("not-a-feed", _) => "see what a browser gets there; for the feed, `merganser add PAGE` goes by what a page of the \
             site names, and else tries where such sites have theirs"
            .to_owned(),
        _ => format!("see what is there: `merganser preview {address}`"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::SignedDuration;

    /// What comes to nothing behind a proxy may do so at the proxy; what an origin alone says is the origin's there, too.
    #[test]
    fn behind_a_proxy_that_is_looked_at_first() {
        for (outcome, status, expected) in [
            ("connect", None, true),
            ("tls", None, true),
            ("http", Some(403), true),
            ("http", Some(404), false),
            ("not-a-feed", Some(200), false),
        ] {
            let said = behind_proxy(outcome, status);
            assert_eq!(
                said.is_some_and(|it| it.contains("its proxy")),
                expected,
                "{outcome}"
            );
        }
    }

    /// P15, P17, P18: how the last poll ended, and the hours that the origin asks us to wait.
    #[test]
    fn a_cron_line_is_said_to_be_kept_where_it_is() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let after = |hours| now + SignedDuration::from_hours(hours);
        let by_hand = "and before by `merganser poll a` alone";
        let refused = "and by nobody now: its origin asked us to wait until 2026-11-24 08:00 UTC";
        for (outcome, wait, expected) in [
            ("http", None, Some(by_hand)),
            ("http", Some(0), Some(by_hand)),
            ("http", Some(2), Some(refused)),
            ("throttled", None, Some(by_hand)),
            ("throttled", Some(2), Some(refused)),
            ("crowded", None, None),
            ("proxy", None, None),
        ] {
            let state = FeedState {
                next_due_at: Some(after(24 * 90)),
                retry_after_at: wait.map(after),
                ..FeedState::default()
            };
            let said = kept_line("a", &state, Some(outcome), now);
            let end = said.map(|it| it.split_once(", ").unwrap().1.to_owned());
            assert_eq!(end.as_deref(), expected, "{outcome} {wait:?}");
        }
    }
}

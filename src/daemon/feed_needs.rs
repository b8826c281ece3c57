//! What a feed needs a person for: what does not mend itself, however long one waits. `merganser status` and `/status`
//! both ask here, so that they never differ.

use crate::control::Need;
use crate::model::{FeedState, Health};
use jiff::{SignedDuration, Timestamp};

/// How long a feed may fail before somebody should look: outages of publishers end within a weekend.
const PATIENCE: SignedDuration = SignedDuration::from_hours(3 * 24);

/// How often a feed may fail that never succeeded: with growing pauses, that takes as long.
const NEVER: u32 = 8;

/// How the last poll of a feed ended, as far as that says who can help.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Ending {
    /// In a way that may pass, or well.
    #[default]
    Other,
    /// The origin wants other credentials (401, 407).
    Unauthorized,
    /// Nothing is at the address (404).
    NotFound,
    /// What is there is no feed.
    NotAFeed,
    /// The address is not one that may be reached (S1, S2).
    Blocked,
    /// The document is larger than allowed (S8).
    TooLarge,
    /// The origin or its host asks for patience (P17, P18), and is asked by nobody before.
    Refused,
}

impl Ending {
    /// Returns that of a poll, by the name of its outcome and its status.
    pub fn of(outcome: &str, status: Option<u16>) -> Self {
        match (outcome, status) {
            ("http", Some(401 | 407)) => Self::Unauthorized,
            ("http", Some(404)) => Self::NotFound,
            ("not-a-feed", _) => Self::NotAFeed,
            ("blocked", _) => Self::Blocked,
            ("too-large", _) => Self::TooLarge,
            ("throttled" | "crowded", _) => Self::Refused,
            _ => Self::Other,
        }
    }
}

/// How it is with a feed, as far as that says whether somebody is needed.
#[derive(Clone, Copy, Debug)]
pub struct Standing<'a> {
    /// Its id.
    pub id: &'a str,
    /// Whether it is polled at all.
    pub enabled: bool,
    /// Whether its last document was one of our outputs.
    pub is_own_output: bool,
    /// How it fares.
    pub health: Health,
    /// How its last poll ended.
    pub ending: Ending,
    /// Polls that failed since its last success.
    pub failures: u32,
    /// What the last failure was.
    pub last_error: &'a str,
    /// When a poll last succeeded.
    pub last_success_at: Option<Timestamp>,
    /// When it is asked next.
    pub next_poll_at: Option<Timestamp>,
    /// Until when its origin wants it asked by nobody (P17).
    pub retry_after_at: Option<Timestamp>,
    /// Where it is asked because it moved there for good (P22).
    pub asked_at: Option<&'a str>,
}

/// Why a feed is polled no more that is switched off.
pub const OFF: &str = "`enabled = false` in feeds.toml";

/// Returns the state of a feed in one word, as it is told everywhere.
pub fn word(enabled: bool, health: Health) -> &'static str {
    if enabled { health.name() } else { "disabled" }
}

/// Returns the address at which a feed is asked, where that is not the configured one (P22).
pub fn asked_at(state: &FeedState) -> Option<&str> {
    let adopted = state.moved.as_ref()?.adopted.as_ref()?;
    Some(&adopted.seen.url)
}

/// Returns where permanent redirects lead from the address that is asked, as long as that is not believed (P22).
pub(super) fn moves_to(state: &FeedState) -> Option<&str> {
    let sighted = state.moved.as_ref()?.sighted.as_ref()?;
    Some(&sighted.url)
}

/// Tells whether these defects, as they are stored, say that the document was one of our outputs.
pub fn is_own_output(defects: &[String]) -> bool {
    let mut defects = defects.iter();
    defects.any(|defect| defect.starts_with("own-output: "))
}

impl Standing<'_> {
    /// Returns what it needs a person for.
    pub fn need(&self, now: Timestamp) -> Option<Need> {
        if !self.enabled {
            return None;
        }
        let id = self.id;
        if self.is_own_output {
            let why = "it is an output of ours: remove it, nothing of it is taken";
            return Some(self.urgent(why.to_owned()));
        }
        if self.health == Health::Gone {
            let why = format!("410 Gone: `merganser remove {id}`, or `merganser disable {id}`");
            return Some(self.urgent(why));
        }
        if self.health == Health::Failing
            && let Some(why) = self.why_failing(now)
        {
            let why = format!("{} ({why}); `merganser why {id}`", self.last_error);
            return Some(self.urgent(why));
        }
        self.asked_at.map(|url| Need {
            can_wait: true,
            ..self.urgent(format!(
                "moved for good to {url} (`merganser apply-redirects` writes that)"
            ))
        })
    }

    fn urgent(&self, why: String) -> Need {
        Need {
            what: self.id.to_owned(),
            why,
            since: None,
            can_wait: false,
        }
    }

    /// Tells whether its schedule has it wait for longer than outages last, where nothing but that keeps it from being asked: a
    /// rare cron line is kept after a failure, too.
    fn waits_long(&self, now: Timestamp) -> bool {
        let may_be_asked = self.retry_after_at.is_none_or(|until| until <= now);
        let next = self.next_poll_at;
        may_be_asked && next.is_some_and(|at| at.duration_since(now) >= PATIENCE)
    }

    /// Says why a failure does not pass by itself; `None` where it may.
    fn why_failing(&self, now: Timestamp) -> Option<String> {
        let never = self.last_success_at.is_none();
        let why = match self.ending {
            Ending::Unauthorized => "it wants other credentials",
            Ending::Blocked => "the address is not one that may be reached",
            Ending::TooLarge => "which is too small for it",
            Ending::NotAFeed if never => "there is no feed at this address",
            Ending::NotFound if never => "nothing is there",
            _ if never && self.failures >= NEVER => "it never answered well",
            ending if ending != Ending::Refused && self.waits_long(now) => {
                let (id, at) = (self.id, self.next_poll_at?.strftime("%Y-%m-%d"));
                let why = format!(
                    "its schedule has it asked again on {at} only, `merganser poll {id}` now"
                );
                return Some(why);
            }
            _ => {
                let since = now.duration_since(self.last_success_at?);
                let days = since.as_hours() / 24;
                return (since >= PATIENCE).then(|| format!("for {days} d"));
            }
        };
        Some(why.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Health, last outcome with its status, hours since the last success; and whether somebody is needed.
    #[test]
    fn what_mends_itself_needs_nobody() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        let (good, new, gone, failing) = (Health::Ok, Health::New, Health::Gone, Health::Failing);
        for (health, outcome, status, success, expected) in [
            (good, "modified", Some(200), Some(1), ""),
            (new, "", None, None, ""),
            (gone, "gone", Some(410), Some(9), "410 Gone"),
            (failing, "http", Some(500), Some(71), ""),
            (failing, "http", Some(500), Some(72), "for 3 d"),
            (failing, "http", Some(503), None, ""),
            (failing, "http", Some(401), Some(1), "other credentials"),
            (failing, "http", Some(404), None, "nothing is there"),
            (failing, "http", Some(404), Some(5), ""),
            (
                failing,
                "not-a-feed",
                Some(200),
                None,
                "no feed at this address",
            ),
            (failing, "not-a-feed", Some(200), Some(5), ""),
            (failing, "blocked", None, Some(1), "may be reached"),
            (failing, "too-large", Some(200), Some(1), "too small"),
            (failing, "dns", None, None, ""),
        ] {
            let ago = success.map(|hours| now - SignedDuration::from_hours(hours));
            let standing = Standing {
                id: "a",
                enabled: true,
                is_own_output: false,
                health,
                ending: Ending::of(outcome, status),
                failures: 1,
                last_error: "it failed",
                last_success_at: ago,
                next_poll_at: None,
                retry_after_at: None,
                asked_at: None,
            };
            let why = |of: Standing<'_>| of.need(now).map_or_else(String::new, |need| need.why);
            let words = why(standing);
            let fits = words.contains(expected) && words.is_empty() == expected.is_empty();
            assert!(fits, "{outcome} {status:?} {success:?}: {words:?}");
            let off = Standing {
                enabled: false,
                ..standing
            };
            assert_eq!(why(off), "");
        }
    }

    /// A failure that is tried again in days alone needs somebody; whom its origin has wait, waits.
    #[test]
    fn a_failure_that_is_not_tried_again_soon_needs_somebody() {
        let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
        for (outcome, hours, refuses, expected) in [
            ("dns", 71, None, None),
            ("dns", 72, None, Some("2026-11-27")),
            ("connect", 24 * 500, None, Some("2028-04-07")),
            ("throttled", 24 * 30, None, None),
            ("http", 24 * 30, Some(24 * 30), None),
            ("http", 24 * 30, Some(1), None),
            ("http", 24 * 30, Some(0), Some("2026-12-24")),
        ] {
            let standing = Standing {
                id: "a",
                enabled: true,
                is_own_output: false,
                health: Health::Failing,
                ending: Ending::of(outcome, None),
                failures: 1,
                last_error: "it failed",
                last_success_at: Some(now - SignedDuration::from_hours(1)),
                next_poll_at: Some(now + SignedDuration::from_hours(hours)),
                retry_after_at: refuses.map(|hours| now + SignedDuration::from_hours(hours)),
                asked_at: None,
            };
            let why = standing.need(now).map(|need| need.why);
            let told = |at: &str| {
                format!(
                    "it failed (its schedule has it asked again on {at} only, `merganser poll a` now); `merganser why a`"
                )
            };
            assert_eq!(why, expected.map(told), "{outcome} {hours} {refuses:?}");
        }
    }

    #[test]
    fn what_moved_can_wait_and_what_is_ours_cannot() {
        let moved = Standing {
            id: "a",
            enabled: true,
            is_own_output: false,
            health: Health::Ok,
            ending: Ending::Other,
            failures: 0,
            last_error: "",
            last_success_at: Some(Timestamp::UNIX_EPOCH),
            next_poll_at: None,
            retry_after_at: None,
            asked_at: Some("https://b.example/"),
        };
        let need = moved.need(Timestamp::UNIX_EPOCH).unwrap();
        assert!(
            need.can_wait && need.why.contains("https://b.example/"),
            "{need:?}"
        );
        let own = Standing {
            is_own_output: is_own_output(&["own-output: this is ..".to_owned()]),
            ..moved
        };
        assert!(!own.need(Timestamp::UNIX_EPOCH).unwrap().can_wait);
    }
}

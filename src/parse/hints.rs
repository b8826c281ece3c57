//! What a document asks of those who poll it: RSS `ttl`, `skipHours`, `skipDays` and `cloud`, and the
//! syndication module of RSS 1.0.
//!
//! A hint that says nothing (an hour 25, a period of nought, all 24 hours to be skipped) is none.

use super::address::absolute;
use super::markup::{Scanner, Tag, Token, local_name};
use super::references::decode;
use super::vocabulary::Hint;
use super::{dates, texts};
use crate::model::{Cloud, Hints};
use jiff::civil::Weekday;
use std::time::Duration;

/// More hubs than this are not taken; feeds that have several have two.
pub(super) const MAX_HUBS: usize = 8;

/// Lists of hours and days are not looked through beyond this; real ones have 24 at most.
const MAX_LISTED: usize = 48;

/// A shorter period is a mistake: nothing is polled every second.
const SHORTEST: Duration = Duration::from_mins(1);

const HOUR: Duration = Duration::from_hours(1);
const DAY: Duration = Duration::from_hours(24);

/// Hints as they are met; the frequency may come before its period.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// All but the update period.
    pub(super) hints: Hints,
    period: Option<Duration>,
    frequency: Option<u32>,
}

impl Asked {
    /// Takes in one hint; `raw` is the content of its element.
    pub(super) fn take(&mut self, hint: Hint, tag: &Tag<'_>, raw: &str) {
        let hints = &mut self.hints;
        match hint {
            Hint::Ttl => hints.ttl = hints.ttl.or(minutes(&decode(raw))),
            Hint::SkipHours if hints.skip_hours.is_empty() => hints.skip_hours = hours(raw),
            Hint::SkipDays if hints.skip_days.is_empty() => hints.skip_days = days(raw),
            Hint::SkipHours | Hint::SkipDays => {}
            Hint::Period => self.period = self.period.or(period(&decode(raw))),
            Hint::Frequency => self.frequency = self.frequency.or(decode(raw).parse().ok()),
            Hint::Base => hints.update_base = hints.update_base.or(dates::parse(&decode(raw))),
            Hint::Cloud => hints.cloud = hints.cloud.take().or_else(|| cloud(tag)),
        }
    }

    /// Takes in a link of the feed: `rel` in lower case and an address.
    pub(super) fn link(&mut self, rel: &str, href: &str) {
        if !matches!(rel, "hub" | "prev-archive" | "next") {
            return;
        }
        let Some(url) = address(href) else { return };
        let hints = &mut self.hints;
        match rel {
            "hub" if hints.hubs.len() < MAX_HUBS && !hints.hubs.contains(&url) => {
                hints.hubs.push(url);
            }
            "prev-archive" => hints.prev_archive = hints.prev_archive.take().or(Some(url)),
            "next" => hints.next_page = hints.next_page.take().or(Some(url)),
            _ => {}
        }
    }

    /// Returns all that was asked. A period without a frequency counts once (RSS 1.0 syndication).
    pub(super) fn finish(self) -> Hints {
        let frequency = self.frequency.unwrap_or(1);
        let period = self.period.filter(|_| frequency > 0);
        let period = period.map(|it| it / frequency);
        Hints {
            update_period: period.filter(|it| *it >= SHORTEST),
            ..self.hints
        }
    }
}

/// An address that can be fetched.
fn address(href: &str) -> Option<String> {
    (href.len() <= texts::MAX_ADDRESS).then(|| absolute(href))?
}

fn minutes(text: &str) -> Option<Duration> {
    let minutes: u32 = text.parse().ok()?;
    (minutes > 0).then(|| Duration::from_mins(minutes.into()))
}

/// The hours in `<hour>0</hour><hour>24</hour>`; 24 is midnight too, as older versions of RSS count.
fn hours(raw: &str) -> Vec<i8> {
    let hour = |text: &str| match text.parse().ok()? {
        24 => Some(0),
        hour @ 0..24 => Some(hour),
        _ => None,
    };
    let mut hours: Vec<i8> = listed(raw, "hour", hour);
    hours.sort_unstable();
    hours.dedup();
    if hours.len() < 24 { hours } else { Vec::new() }
}

/// The days in `<day>Saturday</day><day>Sunday</day>`.
fn days(raw: &str) -> Vec<Weekday> {
    let mut days = listed(raw, "day", weekday);
    days.sort_unstable_by_key(|day| day.to_monday_zero_offset());
    days.dedup();
    if days.len() < 7 { days } else { Vec::new() }
}

fn weekday(text: &str) -> Option<Weekday> {
    let name = text.get(..3)?.to_ascii_lowercase();
    Some(match name.as_str() {
        "mon" => Weekday::Monday,
        "tue" => Weekday::Tuesday,
        "wed" => Weekday::Wednesday,
        "thu" => Weekday::Thursday,
        "fri" => Weekday::Friday,
        "sat" => Weekday::Saturday,
        "sun" => Weekday::Sunday,
        _ => return None,
    })
}

/// What `read` makes of the elements `name` in `raw`.
fn listed<T>(raw: &str, name: &'static str, read: impl Fn(&str) -> Option<T>) -> Vec<T> {
    let mut scanner = Scanner::new(raw);
    let mut values = Vec::new();
    while let Some(token) = scanner.next_tag() {
        match token {
            Token::Open(tag) if local_name(tag.name).eq_ignore_ascii_case(name) => {
                values.extend(read(&decode(scanner.leaf(&tag, name))));
            }
            _ => {}
        }
        if values.len() >= MAX_LISTED {
            break;
        }
    }
    values
}

fn period(text: &str) -> Option<Duration> {
    Some(match text.to_ascii_lowercase().as_str() {
        "hourly" => HOUR,
        "daily" => DAY,
        "weekly" => 7 * DAY,
        "monthly" => 30 * DAY,
        "yearly" => 365 * DAY,
        _ => return None,
    })
}

fn cloud(tag: &Tag<'_>) -> Option<Cloud> {
    let said = |name: &str| Some(texts::line(&tag.attribute(name)?));
    let port: u16 = said("port")?.parse().ok()?;
    let path = said("path").unwrap_or_default();
    let path = path.trim_start_matches('/');
    let domain = said("domain").filter(|it| !it.contains(['/', '?', '#', '@']))?;
    Some(Cloud {
        url: address(&format!("http://{domain}:{port}/{path}"))?,
        protocol: said("protocol")?.to_ascii_lowercase(),
        procedure: said("registerProcedure").unwrap_or_default(),
    })
}

//! The keys that `[defaults]`, `[group.NAME]` and `[[feed]]` share, and how they stack.

use super::fetch::{networks, user_agent_suffix};
use super::outlet::OutletKeys;
use super::problem::{Code, Fault};
use super::proxy::{self, Through};
use super::reading::Reading;
use super::schedule::{schedule, shortest};
use super::storage;
use super::table::Table;
use super::values::{SECOND, duration, identity, language, written};
use super::zones::timezone;
use crate::fetch::{Header, Route, Target};
use crate::model::{IdentityBy, Outlet};
use crate::parse;
use crate::schedule::{FASTEST, Policy, Schedule};
use crate::store::Limits;
use ipnet::IpNet;
use jiff::tz::TimeZone;
use std::ops::{Range, RangeInclusive};
use std::time::Duration;
use toml::Spanned;
use url::Url;

/// Entries of its backlog that the first poll of a feed adds: a page or two, so that a new feed never
/// floods the outputs.
const FIRST_POLL_ENTRIES: usize = 50;

/// Documents of an archive that may be asked for: years of a weekly, without a night of requests.
const BACKFILL: RangeInclusive<u64> = 0..=100;

/// What one table says; what it does not say is left to the layer beneath.
#[derive(Clone, Debug, Default)]
pub(super) struct Layer {
    schedule: Option<Schedule>,
    /// Whether a schedule stands here that could not be read.
    is_schedule_bad: bool,
    timezone: Option<Spanned<TimeZone>>,
    min_interval: Option<Spanned<Duration>>,
    max_interval: Option<Spanned<Duration>>,
    backoff_max: Option<Duration>,
    first_poll_entries: Option<usize>,
    backfill: Option<u32>,
    language: Option<String>,
    identity: Option<IdentityBy>,
    outlet: OutletKeys,
    user_agent_suffix: Option<String>,
    timeout: Option<Duration>,
    proxy: Option<Through>,
    allow_networks: Option<Vec<IpNet>>,
    retention: Option<Spanned<Duration>>,
    max_entries: Option<u64>,
    /// The retention of all, which bounds that of feeds.
    longest: Option<Duration>,
}

impl Layer {
    /// Takes the shared keys out of a table. Where its secrets are not `needed`, they may not be there
    /// yet.
    pub(super) fn read<'a>(table: &mut Table<'a>, needed: bool, reading: &mut Reading<'a>) -> Self {
        // No document is read for more.
        let most = u64::try_from(parse::MAX_ENTRIES).unwrap_or(u64::MAX);
        let interval = |text: &str| duration(text, SECOND);
        let has_schedule = table.has("schedule");
        let schedule = table.parse("schedule", "every 1h", reading, schedule);
        let timezone = timezone(table, reading);
        let min_interval = table.parse("min-interval", "1h", reading, interval);
        let max_interval = table.parse("max-interval", "24h", reading, interval);
        let backoff_max = table.parse("backoff-max", "24h", reading, interval);
        let entries = table.integer("first-poll-entries", 0..=most, reading);
        let backfill = table.integer("backfill", BACKFILL, reading);
        let language = table.parse("language", "en", reading, language);
        let identity = table.parse("identity", "auto", reading, identity);
        let outlet = OutletKeys::read(table, reading);
        let suffix = table.parse("user-agent-suffix", "desk/7", reading, user_agent_suffix);
        let timeout = table.parse("timeout", "30s", reading, interval);
        let proxy = proxy::read(table, needed, reading);
        let allow_networks = networks(table, "allow-networks", reading);
        let retention = storage::retention(table, reading);
        let max_entries = storage::max_entries(table, reading);

        if let Some(schedule) = &schedule {
            warn_when_fast(shortest(schedule.get_ref()), schedule, reading);
            warn_when_rare(schedule, reading);
        }
        if let Some(interval) = &min_interval {
            warn_when_fast(Some(*interval.get_ref()), interval, reading);
        }
        Self {
            is_schedule_bad: has_schedule && schedule.is_none(),
            schedule: schedule.map(Spanned::into_inner),
            timezone,
            min_interval,
            max_interval,
            backoff_max: backoff_max.map(Spanned::into_inner),
            first_poll_entries: entries.and_then(|count| usize::try_from(count).ok()),
            backfill: backfill.and_then(|count| u32::try_from(count).ok()),
            language: language.map(Spanned::into_inner),
            identity: identity.map(Spanned::into_inner),
            outlet,
            user_agent_suffix: suffix.map(Spanned::into_inner),
            timeout: timeout.map(Spanned::into_inner),
            proxy,
            allow_networks,
            retention,
            max_entries,
            longest: None,
        }
    }

    /// Puts this layer over `lower`: what this one says holds. Reports when the two together ask for
    /// less time than at least, at the key of this layer that does it.
    pub(super) fn over(self, lower: &Self, reading: &mut Reading<'_>) -> Self {
        self.warn_of_idle_retention(lower, reading);
        let own = self.min_interval.as_ref().or(self.max_interval.as_ref());
        let own = own.map(Spanned::span);
        let is_below = self.schedule.is_none() && lower.is_schedule_bad;
        let whole = Self {
            is_schedule_bad: self.is_schedule_bad || is_below,
            schedule: self.schedule.or_else(|| lower.schedule.clone()),
            timezone: self.timezone.or_else(|| lower.timezone.clone()),
            min_interval: self.min_interval.or_else(|| lower.min_interval.clone()),
            max_interval: self.max_interval.or_else(|| lower.max_interval.clone()),
            backoff_max: self.backoff_max.or(lower.backoff_max),
            first_poll_entries: self.first_poll_entries.or(lower.first_poll_entries),
            backfill: self.backfill.or(lower.backfill),
            language: self.language.or_else(|| lower.language.clone()),
            identity: self.identity.or(lower.identity),
            outlet: self.outlet.over(&lower.outlet),
            user_agent_suffix: self
                .user_agent_suffix
                .or_else(|| lower.user_agent_suffix.clone()),
            timeout: self.timeout.or(lower.timeout),
            proxy: self.proxy.or_else(|| lower.proxy.clone()),
            allow_networks: self.allow_networks.or_else(|| lower.allow_networks.clone()),
            retention: self.retention.or_else(|| lower.retention.clone()),
            max_entries: self.max_entries.or(lower.max_entries),
            longest: lower.longest,
        };
        let policy = whole.policy();
        if let Some(span) = own.filter(|_| policy.least_interval() > policy.max_interval) {
            let message = format!(
                "`min-interval` of {} is longer than `max-interval` of {} here",
                written(policy.least_interval()),
                written(policy.max_interval)
            );
            let help = "make the one shorter or write the other too";
            reading.report(span, Fault::new(Code::IntervalOrder, message, help));
        }
        whole
    }

    /// Warns of a retention of this layer that is longer than that of all: nothing is kept for longer.
    fn warn_of_idle_retention(&self, lower: &Self, reading: &mut Reading<'_>) {
        let (Some(own), Some(longest)) = (&self.retention, lower.longest) else {
            return;
        };
        if *own.get_ref() > longest {
            let message = format!(
                "the `retention` of `[storage]` ends this one after {}",
                written(longest)
            );
            let help = "make that one longer: it holds for everything, this one for what is kept less long";
            reading.report(own.span(), Fault::new(Code::IdleRetention, message, help));
        }
    }

    /// Returns where this layer, not one beneath, names a time zone.
    pub(super) fn own_timezone(&self) -> Option<Range<usize>> {
        self.timezone.as_ref().map(Spanned::span)
    }

    /// Tells whether this layer, not one beneath, names networks that may be asked.
    pub(super) fn names_networks(&self) -> bool {
        self.allow_networks.is_some()
    }

    /// Warns of a time zone, named at `place`, when no cron line is read in it under these layers.
    ///
    /// Fit for a feed's own zone. A group and the defaults may name one for the lines of those below, and
    /// what a feed inherits is no fault of its own.
    pub(super) fn warn_of_idle_timezone(&self, place: Range<usize>, reading: &mut Reading<'_>) {
        if self.is_schedule_bad || matches!(self.schedule, Some(Schedule::Cron(_))) {
            return;
        }
        let message = "this feed has no cron line to read in a time zone";
        let help = "write a cron line as its `schedule`, or remove `timezone`: dates of entries do not \
                    depend on it";
        reading.report(place, Fault::new(Code::IdleTimezone, message, help));
    }

    /// Returns when to poll under these layers.
    pub(super) fn policy(&self) -> Policy {
        let defaults = Policy::default();
        let value = |span: &Option<Spanned<Duration>>| span.as_ref().map(|span| *span.get_ref());
        let schedule = match (self.schedule.clone().unwrap_or_default(), &self.timezone) {
            (Schedule::Cron(line), Some(zone)) => {
                Schedule::Cron(line.in_zone(zone.get_ref().clone()))
            }
            (schedule, _) => schedule,
        };
        Policy {
            schedule,
            min_interval: value(&self.min_interval),
            max_interval: value(&self.max_interval).unwrap_or(defaults.max_interval),
            backoff_max: self.backoff_max.unwrap_or(defaults.backoff_max),
        }
    }

    /// Returns how many documents of its archive are read after its first poll.
    pub(super) fn backfill(&self) -> u32 {
        self.backfill.unwrap_or_default()
    }

    /// Returns how much of its backlog the first poll of a feed adds: no more than is kept of it.
    pub(super) fn first_poll_entries(&self) -> usize {
        let most = self.max_entries.map(usize::try_from);
        let most = most.and_then(Result::ok).unwrap_or(usize::MAX);
        let entries = self.first_poll_entries.unwrap_or(FIRST_POLL_ENTRIES);
        entries.min(most)
    }

    /// Returns what may be kept of a feed.
    pub(super) fn limits(&self) -> Limits {
        let retention = self.retention.as_ref();
        Limits {
            retention: retention.map(|span| *span.get_ref()),
            max_entries: self.max_entries,
        }
    }

    /// Returns the language of entries that do not tell theirs.
    pub(super) fn language(&self) -> Option<String> {
        self.language.clone()
    }

    /// Returns what to fetch by these layers at an address.
    pub(super) fn target(self, url: Url, headers: Vec<Header>) -> Target {
        Target {
            url,
            headers,
            user_agent_suffix: self.user_agent_suffix,
            timeout: self.timeout,
            route: Route {
                proxy: self.proxy.and_then(Through::into_proxy),
                allow_networks: self.allow_networks,
            },
        }
    }

    /// Returns what tells entries apart.
    pub(super) fn identity(&self) -> IdentityBy {
        self.identity.unwrap_or_default()
    }

    /// Returns who speaks.
    pub(super) fn outlet(&self) -> Outlet {
        self.outlet.outlet()
    }
}

/// Reads `[defaults]`. `longest`: the retention of all.
pub(super) fn read<'a>(
    root: &mut Table<'a>,
    longest: Duration,
    reading: &mut Reading<'a>,
) -> Layer {
    let beneath = Layer {
        longest: Some(longest),
        ..Layer::default()
    };
    let Some(mut table) = root.table("defaults", reading) else {
        return beneath;
    };
    let layer = Layer::read(&mut table, true, reading);
    table.finish(reading);
    layer.over(&beneath, reading)
}

/// Warns of a cron line that comes less often than once a month: its fields are mostly mixed up.
fn warn_when_rare(schedule: &Spanned<Schedule>, reading: &mut Reading<'_>) {
    /// A month has 31 days at most.
    const RARE: Duration = Duration::from_hours(32 * 24);
    const DAY: u64 = 24 * 60 * 60;
    let pause = match schedule.get_ref() {
        Schedule::Cron(_) => shortest(schedule.get_ref()),
        Schedule::Adaptive | Schedule::Every(_) => None,
    };
    let Some(pause) = pause.filter(|pause| *pause >= RARE) else {
        return;
    };
    let days = pause.as_secs() / DAY;
    let message = format!(
        "it comes once in {days} days at most: what stands in a feed for less is never seen, and a poll that fails is not \
         tried again before"
    );
    let help = "its fields are minute, hour, day of the month, month, day of the week: `0 9 * * *` is each day at nine";
    let fault = Fault::new(Code::RareSchedule, message, help);
    reading.report(schedule.span(), fault);
}

fn warn_when_fast<T>(pause: Option<Duration>, place: &Spanned<T>, reading: &mut Reading<'_>) {
    // Publishers take offence at more without their asking (P12).
    let Some(pause) = pause.filter(|pause| *pause < FASTEST) else {
        return;
    };
    let message = format!(
        "polls every {}: fit for tests, not for other people's servers",
        written(pause)
    );
    let fault = Fault::new(Code::FastInterval, message, "write `15m` or more");
    reading.report(place.span(), fault);
}

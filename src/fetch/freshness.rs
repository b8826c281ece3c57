//! What a response says about coming back: RFC 9111 freshness and `Retry-After`.
//!
//! Dates are compared with the response's own `Date`, not with our clock: an origin whose clock is
//! wrong is wrong in both (P16).

use crate::model::Freshness;
use jiff::Timestamp;
use reqwest::header::{AGE, CACHE_CONTROL, DATE, EXPIRES, HeaderMap, HeaderName, RETRY_AFTER};
use std::time::{Duration, SystemTime};

/// The value that stands for a number of seconds too large to hold (RFC 9111, 1.2.2).
const HUGE_SECONDS: u64 = 1 << 31;

/// Reads what the header fields say. `now` stands in for a missing `Date`, `max_age` is the span that holds.
///
/// A response that is stale at once (`Expires: 0`, `no-cache`) has a lifetime of zero (P14).
pub(super) fn freshness(
    headers: &HeaderMap,
    max_age: Option<Duration>,
    now: Timestamp,
) -> Freshness {
    let date = date(headers, &DATE).unwrap_or_else(|| now.into());
    let age = field(headers, &AGE).and_then(seconds).unwrap_or_default();
    let span = max_age.or_else(|| expires(headers, date));
    Freshness {
        lifetime: span.map(|span| span.saturating_sub(age)),
        retry_after: retry_after(headers, date),
    }
}

/// Returns the `max-age` that holds after a response: its own, or, where it has no `Cache-Control`, the `stored`
/// one of the copy that it confirms (P6; RFC 9111, 3.2). The date in `Expires` needs no such memory: a feed is
/// asked again when it is past.
pub(super) fn max_age(headers: &HeaderMap, stored: Option<Duration>) -> Option<Duration> {
    if headers.contains_key(CACHE_CONTROL) {
        own_max_age(headers)
    } else {
        stored
    }
}

/// Returns `max-age`, zero when no part of the response may be used unasked or the number is none
/// (RFC 9111, 4.2.1); the first of several counts. `s-maxage` speaks to shared caches only.
fn own_max_age(headers: &HeaderMap) -> Option<Duration> {
    let mut found = None;
    for line in headers.get_all(CACHE_CONTROL) {
        for directive in directives(line.to_str().unwrap_or_default()) {
            let (name, value) = directive.split_once('=').unwrap_or((directive, ""));
            let value = value.trim().trim_matches('"');
            let is = |directive: &str| name.trim().eq_ignore_ascii_case(directive);
            // With names of fields it speaks of these alone (RFC 9111, 5.2.2.4).
            if is("no-store") || (is("no-cache") && value.is_empty()) {
                return Some(Duration::ZERO);
            }
            if is("max-age") && found.is_none() {
                found = Some(seconds(value).unwrap_or_default());
            }
        }
    }
    found
}

/// Splits a line at its commas; those in a quoted value are part of it (RFC 9110, 5.6.4).
fn directives(line: &str) -> impl Iterator<Item = &str> {
    let (mut is_quoted, mut is_escaped) = (false, false);
    line.split(move |c: char| {
        let is_literal = std::mem::take(&mut is_escaped);
        is_quoted ^= c == '"' && !is_literal;
        is_escaped = c == '\\' && is_quoted && !is_literal;
        c == ',' && !is_quoted
    })
}

/// Returns the span from `Date` to `Expires`; a date that is past or no date at all is "already
/// expired" (RFC 9111, 5.3).
fn expires(headers: &HeaderMap, date: SystemTime) -> Option<Duration> {
    headers.get(EXPIRES)?;
    let expires = self::date(headers, &EXPIRES);
    Some(expires.map_or(Duration::ZERO, |expires| span(date, expires)))
}

/// Returns the span of `Retry-After`, seconds or a date; what is neither is ignored (P17).
fn retry_after(headers: &HeaderMap, date: SystemTime) -> Option<Duration> {
    let asked = field(headers, &RETRY_AFTER).and_then(seconds);
    asked.or_else(|| self::date(headers, &RETRY_AFTER).map(|until| span(date, until)))
}

fn span(from: SystemTime, to: SystemTime) -> Duration {
    to.duration_since(from).unwrap_or_default()
}

fn field<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok().map(str::trim)
}

fn date(headers: &HeaderMap, name: &HeaderName) -> Option<SystemTime> {
    httpdate::parse_http_date(field(headers, name)?).ok()
}

/// Reads delta-seconds: digits only.
fn seconds(text: &str) -> Option<Duration> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    digits.then(|| Duration::from_secs(text.parse().unwrap_or(u64::MAX).min(HUGE_SECONDS)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: &str = "Sun, 01 Nov 2026 12:00:00 GMT";
    const NEXT_HOUR: &str = "Sun, 01 Nov 2026 13:00:00 GMT";

    fn read(fields: &[(&'static str, &'static str)]) -> Freshness {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(*name, value.parse().unwrap());
        }
        let now = "2026-11-01T12:30:00Z".parse().unwrap();
        freshness(&headers, max_age(&headers, None), now)
    }

    /// P6: what a 304 leaves out stands. Stored, header fields -> kept.
    #[test]
    fn p6_what_stands_of_max_age() {
        for (stored, fields, expected) in [
            (None, vec![], None),
            (Some(600), vec![], Some(600)),
            (Some(600), vec![("expires", NEXT_HOUR)], Some(600)),
            (Some(600), vec![("cache-control", "max-age=5")], Some(5)),
            (Some(600), vec![("cache-control", "public")], None),
            (Some(600), vec![("cache-control", "no-cache")], Some(0)),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &fields {
                headers.append(*name, value.parse().unwrap());
            }
            let found = max_age(&headers, stored.map(Duration::from_secs));
            let expected = expected.map(Duration::from_secs);
            assert_eq!(found, expected, "{stored:?} {fields:?}");
        }
    }

    /// P14, P16.
    #[test]
    fn lifetimes() {
        let check = |fields: &[_], expected: Option<u64>| {
            let lifetime = read(fields).lifetime;
            assert_eq!(lifetime.map(|span| span.as_secs()), expected, "{fields:?}");
        };
        check(&[], None);
        check(&[("cache-control", "public")], None);
        check(&[("cache-control", "max-age=600")], Some(600));
        check(&[("cache-control", "Public, MAX-AGE=\"600\"")], Some(600));
        check(
            &[("cache-control", "max-age=600"), ("age", "100")],
            Some(500),
        );
        check(&[("cache-control", "max-age=600"), ("age", "900")], Some(0));
        check(&[("cache-control", "max-age=600, max-age=5")], Some(600));
        check(&[("cache-control", "s-maxage=600")], None);
        check(&[("cache-control", "max-age=soon")], Some(0));
        check(&[("cache-control", "max-age=-1")], Some(0));
        check(&[("cache-control", "max-age=600, no-cache")], Some(0));
        check(
            &[
                ("cache-control", "max-age=600"),
                ("cache-control", "no-store"),
            ],
            Some(0),
        );
        for (value, expected) in [
            (r#"no-cache="Set-Cookie", max-age=600"#, 600),
            (r#"no-cache="set-cookie, x-a", max-age=600"#, 600),
            (r#"private="a,max-age=5", max-age=600"#, 600),
            (r#"private="a\", max-age=5,b", max-age=600"#, 600),
            (r#"private="a\\", max-age=5,b", max-age=600"#, 5),
            ("max-age=600, no-cache=\"\"", 0),
            ("max-age=600, no-cache=", 0),
            (r#"no-cache="set-cookie", no-store, max-age=600"#, 0),
        ] {
            check(&[("cache-control", value)], Some(expected));
        }
        check(&[("cache-control", r#"private="a, max-age=5"#)], None);
        check(
            &[("cache-control", "max-age=99999999999999999999")],
            Some(1 << 31),
        );
        check(
            &[("cache-control", "max-age=600"), ("expires", NEXT_HOUR)],
            Some(600),
        );
        check(&[("date", DAY), ("expires", NEXT_HOUR)], Some(3600));
        check(&[("expires", NEXT_HOUR)], Some(1800));
        check(&[("date", NEXT_HOUR), ("expires", DAY)], Some(0));
        check(&[("expires", "0")], Some(0));
        check(&[("expires", "-1"), ("date", DAY)], Some(0));
        check(
            &[
                ("cache-control", "private"),
                ("expires", NEXT_HOUR),
                ("date", DAY),
            ],
            Some(3600),
        );
    }

    /// P17: seconds, the three date forms, and what is neither.
    #[test]
    fn retry_after_in_both_forms() {
        let check = |value: &'static str, expected: Option<u64>| {
            let span = read(&[("retry-after", value), ("date", DAY)]).retry_after;
            assert_eq!(span.map(|span| span.as_secs()), expected, "{value}");
        };
        check("120", Some(120));
        check("0", Some(0));
        check(" 7 ", Some(7));
        check(NEXT_HOUR, Some(3600));
        check("Sunday, 01-Nov-26 13:00:00 GMT", Some(3600));
        check("Sun Nov  1 13:00:00 2026", Some(3600));
        check("Sun, 01 Nov 2020 13:00:00 GMT", Some(0));
        check("99999999999999999999999", Some(1 << 31));
        check("-5", None);
        check("1.5", None);
        check("soon", None);
        check("", None);
    }
}

//! What a response means: status, header fields and body as an outcome.

use super::ask::bare;
use super::coding::{self, Undecoded};
use super::failure::{self, Limit, place};
use super::freshness::{freshness, max_age};
use crate::model::{Failure, FailureKind, Freshness, Outcome, Validators};
use jiff::Timestamp;
use reqwest::header::{
    CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderMap, LAST_MODIFIED, LOCATION, TRANSFER_ENCODING,
};
use reqwest::{Response, StatusCode, Version};
use tokio::time::timeout;
use url::Url;

/// Header fields of answers that a bot wall gives in the origin's place, and whose it is (P43).
const WALLS: [(&str, &str); 3] = [
    ("cf-mitigated", "Cloudflare"),
    ("x-amzn-waf-action", "AWS WAF"),
    ("x-vercel-mitigated", "Vercel"),
];

/// Header fields, and a part of what they hold in lower case, of walls that mark what they let through
/// too: they name the wall only where the answer is a refusal.
const GUARDS: [(&str, &str, &str); 6] = [
    ("x-datadome", "", "DataDome"),
    ("x-dd-b", "", "DataDome"),
    ("server", "datadome", "DataDome"),
    ("server", "akamaighost", "Akamai"),
    ("server", "ddos-guard", "DDoS-Guard"),
    ("server", "sucuri", "Sucuri"),
];

/// Largest buffer that is set aside on the word of a `Content-Length`, in bytes.
const MAX_TRUST: u64 = 64 * 1024;

/// What is said of a body over the limit, before how much that is: the operator looks for the key.
pub const OVER_LIMIT: &str = "is over `max-body`";

/// Longest validator that is kept, in bytes. Real ones have under a hundred; servers take heads of 8 KiB,
/// and a request that sends more back would be refused for ever.
const MAX_VALIDATOR: usize = 2048;

/// The end of a redirect chain.
#[derive(Debug)]
pub(super) struct Answer {
    pub(super) outcome: Outcome,
    pub(super) validators: Validators,
    pub(super) freshness: Freshness,
    pub(super) charset: Option<String>,
    pub(super) body: Option<Vec<u8>>,
    /// Whether its end was that of the connection alone.
    pub(super) open_ended: bool,
    /// What the body came in.
    pub(super) coding: Option<&'static str>,
}

/// What was asked of whom, as far as the answer's meaning depends on it.
#[derive(Debug)]
pub(super) struct Asked<'a> {
    /// The address that answered.
    pub(super) url: &'a Url,
    /// What validators remember of it.
    pub(super) digest: &'a str,
    /// The validators that went with the request; `None` when it was unconditional.
    pub(super) validators: Option<&'a Validators>,
    /// Largest body taken, raw and decoded, in bytes.
    pub(super) max_body: u64,
    /// Longest silence between two pieces of the body (P40).
    pub(super) patience: Limit,
    /// Stands in for a missing `Date`.
    pub(super) now: Timestamp,
}

impl Answer {
    /// Makes the answer of a poll that brought no usable response: it changes nothing.
    pub(super) fn failed(failure: Failure) -> Self {
        Self {
            outcome: Outcome::Failed(failure),
            validators: Validators::default(),
            freshness: Freshness::default(),
            charset: None,
            body: None,
            open_ended: false,
            coding: None,
        }
    }
}

/// Tells whether the response is a redirect that a GET can follow (RFC 9110, 15.4).
pub(super) fn is_redirect(response: &Response) -> bool {
    matches!(response.status().as_u16(), 301 | 302 | 303 | 307 | 308)
}

/// Returns the absolute address in `Location`, without userinfo or fragment.
///
/// # Errors
///
/// There is none, or it is no address (P24).
pub(super) fn location(response: &Response, url: &Url) -> Result<Url, Failure> {
    let status = response.status();
    let field = response.headers().get(LOCATION);
    let text = field.and_then(|field| std::str::from_utf8(field.as_bytes()).ok());
    let next = text.and_then(|text| url.join(text).ok());
    next.map(|next| bare(&next)).ok_or_else(|| {
        let message = format!("{} from {} leads nowhere", line(status), place(url));
        Failure::new(FailureKind::Redirect, message)
    })
}

/// Makes an outcome of a response that is not a redirect; reads its body when it has one for us.
///
/// # Errors
///
/// The body could not be had: too large, broken off, damaged or empty (S8, P41, P42).
pub(super) async fn read(response: Response, asked: &Asked<'_>) -> Result<Answer, Failure> {
    let headers = response.headers();
    let is_confirmation = response.status() == StatusCode::NOT_MODIFIED;
    let confirmed = asked.validators.filter(|_| is_confirmation);
    let stored = confirmed.and_then(|it| it.max_age);
    let max_age = max_age(headers, stored);
    let freshness = freshness(headers, max_age, asked.now);
    let outcome = outcome(response.status(), headers, &freshness, asked);
    let mut answer = Answer {
        validators: Validators {
            max_age: max_age.filter(|_| outcome.is_success()),
            ..validators(response.status(), headers, asked, &outcome)
        },
        freshness,
        charset: charset(headers),
        body: None,
        open_ended: false,
        coding: None,
        outcome,
    };
    if answer.outcome.is_success() {
        answer.freshness.retry_after = None;
    }
    if answer.outcome == Outcome::Modified {
        answer.open_ended = is_open_ended(&response);
        answer.coding = Some(coding::name(headers));
        answer.body = Some(body(response, asked).await?);
    }
    Ok(answer)
}

fn outcome(
    status: StatusCode,
    headers: &HeaderMap,
    freshness: &Freshness,
    asked: &Asked<'_>,
) -> Outcome {
    let failed = |message| Outcome::Failed(Failure::new(FailureKind::Http, message));
    let walled = |wall| {
        let place = place(asked.url);
        failed(format!(
            "{}: a bot wall ({wall}) stands before {place}",
            line(status)
        ))
    };
    match status.as_u16() {
        429 => Outcome::Throttled,
        // Without a word about when, it is a server in trouble like any other.
        503 if freshness.retry_after.is_some() => Outcome::Throttled,
        _ if let Some(wall) = wall(status, headers) => walled(wall),
        // 226 holds the news alone (P38; RFC 3229); where nobody asked for that it reads well all the same.
        200 | 226 => Outcome::Modified,
        304 if asked.validators.is_some() => Outcome::NotModified,
        304 => failed(format!("{} to an unconditional request", line(status))),
        410 => Outcome::Gone,
        _ => failed(line(status)),
    }
}

/// Returns whose bot wall answered, if one did.
fn wall(status: StatusCode, headers: &HeaderMap) -> Option<&'static str> {
    let found = WALLS.iter().find(|(name, _)| headers.contains_key(*name));
    if let Some((_, wall)) = found {
        return Some(wall);
    }
    let is_refusal = matches!(status.as_u16(), 401 | 403 | 405 | 406 | 503);
    let says = |&&(name, part, _): &&(&str, &str, &str)| {
        let value = headers
            .get(name)
            .map(|it| it.as_bytes().to_ascii_lowercase());
        value.is_some_and(|it| String::from_utf8_lossy(&it).contains(part))
    };
    let guard = GUARDS.iter().filter(|_| is_refusal).find(says);
    guard.map(|&(_, _, wall)| wall)
}

/// Says the status as the origin did: `404 Not Found`.
fn line(status: StatusCode) -> String {
    match status.canonical_reason() {
        Some(reason) => format!("{} {reason}", status.as_u16()),
        None => status.as_u16().to_string(),
    }
}

/// Returns the validators to keep: those of a 200, as they are (P5, P7); those of a 304, or of a 226, over
/// those that it confirmed or started from (P6, P38; RFC 9111, 3.2); none of a failure, which changes
/// nothing. An empty one, or one too long to be sent back, is none.
fn validators(
    status: StatusCode,
    headers: &HeaderMap,
    asked: &Asked<'_>,
    outcome: &Outcome,
) -> Validators {
    let bytes = |name| {
        let value = headers.get(name)?.as_bytes();
        (1..=MAX_VALIDATOR)
            .contains(&value.len())
            .then(|| value.to_vec())
    };
    let confirmed = match outcome {
        Outcome::Modified if status != StatusCode::IM_USED => None,
        Outcome::Modified | Outcome::NotModified => asked.validators,
        _ => return Validators::default(),
    };
    Validators {
        url: asked.digest.to_owned(),
        etag: bytes(ETAG).or_else(|| confirmed?.etag.clone()),
        last_modified: bytes(LAST_MODIFIED).or_else(|| confirmed?.last_modified.clone()),
        ..Validators::default()
    }
}

fn charset(headers: &HeaderMap) -> Option<String> {
    let field = headers.get(CONTENT_TYPE)?.to_str().ok()?;
    let value = field.split(';').skip(1).find_map(|parameter| {
        let (name, value) = parameter.split_once('=')?;
        name.trim().eq_ignore_ascii_case("charset").then_some(value)
    })?;
    let value = value.trim().trim_matches(['"', '\'']);
    (!value.is_empty()).then(|| value.to_owned())
}

/// Tells whether the body of a response ends where its connection does (RFC 9112, 6.3). A content coding has an
/// end of its own.
fn is_open_ended(response: &Response) -> bool {
    let headers = response.headers();
    let is_framed = [CONTENT_LENGTH, TRANSFER_ENCODING]
        .iter()
        .any(|it| headers.contains_key(it));
    response.version() <= Version::HTTP_11 && !is_framed && !coding::is_coded(headers)
}

async fn body(response: Response, asked: &Asked<'_>) -> Result<Vec<u8>, Failure> {
    let headers = response.headers().clone();
    let raw = raw_body(response, asked).await?;
    let body =
        coding::decode(raw, &headers, asked.max_body).map_err(|why| undecoded(&why, asked))?;
    if body.is_empty() {
        let message = format!("an empty body from {}", place(asked.url));
        return Err(Failure::new(FailureKind::Broken, message));
    }
    Ok(body)
}

async fn raw_body(mut response: Response, asked: &Asked<'_>) -> Result<Vec<u8>, Failure> {
    let announced = response.content_length().unwrap_or_default();
    if announced > asked.max_body {
        return Err(too_large(asked));
    }
    let capacity = usize::try_from(announced.min(MAX_TRUST)).unwrap_or_default();
    let mut raw = Vec::with_capacity(capacity);
    loop {
        let chunk = timeout(asked.patience.time, response.chunk())
            .await
            .map_err(|_| {
                failure::of_silence("no more of the body from", asked.url, asked.patience)
            })?
            .map_err(|error| failure::of_body(&error, asked.url))?;
        let Some(chunk) = chunk else {
            return Ok(raw);
        };
        raw.extend_from_slice(&chunk);
        if u64::try_from(raw.len()).is_ok_and(|len| len > asked.max_body) {
            return Err(too_large(asked));
        }
    }
}

fn too_large(asked: &Asked<'_>) -> Failure {
    let message = format!(
        "the body from {} {OVER_LIMIT}, {}",
        place(asked.url),
        size(asked.max_body)
    );
    Failure::new(FailureKind::TooLarge, message)
}

/// Returns a size as an operator writes it, exactly: `10MiB`, `1500kB`.
fn size(bytes: u64) -> String {
    const UNITS: [(&str, u64); 6] = [
        ("GiB", 1 << 30),
        ("GB", 1_000_000_000),
        ("MiB", 1 << 20),
        ("MB", 1_000_000),
        ("KiB", 1 << 10),
        ("kB", 1000),
    ];
    let mut units = UNITS.iter();
    let unit = units.find(|(_, unit)| bytes >= *unit && bytes.is_multiple_of(*unit));
    let (name, unit) = unit.unwrap_or(&("B", 1));
    format!("{}{name}", bytes / unit)
}

fn undecoded(why: &Undecoded, asked: &Asked<'_>) -> Failure {
    let what = match why {
        Undecoded::TooLarge => return too_large(asked),
        Undecoded::Unknown(name) => format!("is coded as `{}`", failure::words(name)),
        Undecoded::Stacked => "is coded too many times over".to_owned(),
        Undecoded::Damaged => "is cut off or damaged".to_owned(),
    };
    let message = format!("the body from {} {what}", place(asked.url));
    Failure::new(FailureKind::Broken, message)
}

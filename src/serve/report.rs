//! What operators are told, and nobody else: `/metrics`, `/status`, `/status.json`, and documents for their feed readers.
//! These may have a key, with which they are handed to readers elsewhere, too.
//!
//! Who asks is told by the address of the connection. A request that comes through a reverse proxy has the
//! proxy's, which is often this machine: one that says of itself that it was handed on is nobody's here.
//!
//! A browser of this machine asks for whatever a page that is open in it wants, and hands that the answer where both
//! have one name. Who owns a name may let it lead here (DNS rebinding), so that only who asks by an address, or for
//! `localhost`, is answered: these are nobody's. A list of names was weighed: Prometheus asks by address as well.

use super::answer::{VARY, document, not_allowed, not_for_you, text, with_body};
use super::coding::{Coding, preferred};
use super::packed::pack_in_turns;
use super::{Lock, Resource, Traffic, Vitals};
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, Method, Request, Response, StatusCode, header};
use std::fmt;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::Arc;

/// What the daemon tells of itself. Asked from the task that answers readers: it looks at what is in memory.
pub trait Report: Send + Sync + fmt::Debug {
    /// Tells whether an address is an operator's.
    fn is_for(&self, client: IpAddr) -> bool;
    /// Returns the metrics, in the text format of Prometheus; what was answered among them.
    fn metrics(&self, traffic: &Traffic) -> String;
    /// Returns which part of the daemon gives no sign of life, in words; nothing where all do.
    fn silent(&self) -> Option<&'static str>;
    /// Returns how the feeds fare, as a page.
    fn page(&self) -> String;
    /// Returns the same for programs.
    fn json(&self) -> String;
    /// Returns the document at a path that is for operators, and for who has the key of its lock.
    fn document(&self, path: &str) -> Option<Arc<Resource>>;
}

const METRICS: HeaderValue = HeaderValue::from_static("text/plain; version=0.0.4; charset=utf-8");
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");
const JSON: HeaderValue = HeaderValue::from_static("application/json");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");

/// What proxies add to what they hand on.
const HANDED_ON: [&str; 4] = ["forwarded", "x-forwarded-for", "x-real-ip", "via"];

/// Answers a request for what is the operator's; `None` when it is for something else.
pub(super) async fn answer<B>(
    request: &Request<B>,
    client: IpAddr,
    vitals: &Vitals,
) -> Option<Response<Body>> {
    let report = vitals.report()?;
    let path = request.uri().path();
    let found = report.document(path);
    if found.is_none() && !["/metrics", "/status", "/status.json"].contains(&path) {
        return None;
    }
    if !matches!(*request.method(), Method::GET | Method::HEAD) {
        return Some(not_allowed(false));
    }
    let refusal = refusal(request, client, report);
    match (found, refusal) {
        (Some(found), refusal) => Some(kept(&found, request, refusal)),
        (None, Some(why)) => Some(text(StatusCode::FORBIDDEN, why)),
        (None, None) => Some(made(path, request.headers(), report, vitals).await),
    }
}

/// A document that is kept, for operators and for who has its key.
fn kept<B>(found: &Resource, request: &Request<B>, refusal: Option<&str>) -> Response<Body> {
    let lock = found.terms.lock.as_ref();
    let (uri, fields) = (request.uri(), request.headers());
    match refusal {
        None => document(found, fields),
        Some(_) if lock.is_some_and(|it| it.is_opened_by(uri, fields)) => document(found, fields),
        // There is a key to be asked for.
        Some(_) if lock.and_then(Lock::query).is_some() => not_for_you(),
        Some(why) => text(StatusCode::FORBIDDEN, why),
    }
}

/// What is made for each who asks: compressed where he takes gzip, as of hundreds of feeds it is a hundred thousand bytes
/// that repeat themselves (U19). One is made at a time; what is made is held until it is sent, for as many as may
/// be connected.
async fn made(
    path: &str,
    fields: &HeaderMap,
    report: &dyn Report,
    vitals: &Vitals,
) -> Response<Body> {
    let turn = vitals.turn().await;
    let (media_type, body) = match path {
        "/metrics" => (METRICS, report.metrics(vitals.traffic())),
        "/status" => (HTML, report.page()),
        _ => (JSON, report.json()),
    };
    let packed = match preferred(fields, [Coding::Gzip].into_iter()) {
        Some(_) => pack_in_turns(body.as_bytes()).await,
        None => None,
    };
    drop(turn);
    let coding = packed.as_ref().map(|packed| packed.coding.field());
    let bytes = packed.map_or_else(|| body.into(), |packed| packed.bytes);
    let mut response = with_body(StatusCode::OK, &media_type, bytes);
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, NO_STORE);
    fields.insert(header::VARY, VARY);
    fields.extend(coding.map(|coding| (header::CONTENT_ENCODING, coding)));
    response
}

/// Says why a request is not an operator's, where it is not.
fn refusal<B>(request: &Request<B>, client: IpAddr, report: &dyn Report) -> Option<&'static str> {
    let fields = request.headers();
    let is_handed_on = HANDED_ON.iter().any(|name| fields.contains_key(*name));
    if is_handed_on || !report.is_for(client.to_canonical()) {
        return Some(
            "for operators: `admin-from` in [server] says where they are, and no proxy may be between",
        );
    }
    (!is_by_address(request)).then_some(
        "for operators: ask by the address of this machine or for localhost, and not by another name",
    )
}

/// Tells whether a request names the machine by what nobody else can make lead here.
fn is_by_address<B>(request: &Request<B>) -> bool {
    let mut hosts = request.headers().get_all(header::HOST).iter().peekable();
    let named = request.uri().authority();
    hosts.peek().is_some()
        && hosts.all(|host| Authority::try_from(host.as_bytes()).is_ok_and(|it| is_nobodys(&it)))
        && named.is_none_or(is_nobodys)
}

/// Tells whether a host is an address or `localhost`.
fn is_nobodys(authority: &Authority) -> bool {
    let host = authority.host();
    let within = host.strip_prefix('[').and_then(|it| it.strip_suffix(']'));
    match within {
        Some(within) => within.parse::<Ipv6Addr>().is_ok(),
        None => host.eq_ignore_ascii_case("localhost") || host.parse::<IpAddr>().is_ok(),
    }
}

/// Answers `/readyz`: whether readers are served what they should be.
pub(super) fn readiness(vitals: &Vitals) -> Response<Body> {
    let reasons = vitals.faults();
    let is_ready = reasons.is_empty();
    let status = if is_ready {
        StatusCode::OK
    } else {
        StatusCode::SERVICE_UNAVAILABLE
    };
    let reasons = serde_json::Value::from(reasons);
    let body = format!("{{\"ready\":{is_ready},\"reasons\":{reasons}}}");
    let mut response = with_body(status, &JSON, body.into());
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_STORE);
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r20_who_asks_by_a_name_is_not_told() {
        for (hosts, is_told) in [
            (&["127.0.0.1"][..], true),
            (&["127.0.0.1:8420"], true),
            (&["192.0.2.7:8420"], true),
            (&["[::1]"], true),
            (&["[::1]:8420"], true),
            (&["localhost"], true),
            (&["LOCALHOST:8420"], true),
            (&[], false),
            (&[""], false),
            (&["evil.example"], false),
            (&["evil.example:8420"], false),
            (&["127.0.0.1.evil.example"], false),
            (&["localhost.evil.example"], false),
            (&["[evil.example]"], false),
            (&["127.0.0.1:8420 evil.example"], false),
            (&["127.0.0.1", "evil.example"], false),
        ] {
            let mut request = Request::new(());
            for host in hosts {
                let value = HeaderValue::from_str(host).unwrap();
                request.headers_mut().append(header::HOST, value);
            }
            assert_eq!(is_by_address(&request), is_told, "{hosts:?}");
        }
        let mut request = Request::new(());
        let value = HeaderValue::from_static("127.0.0.1");
        request.headers_mut().append(header::HOST, value);
        for (target, is_told) in [
            ("http://127.0.0.1/status", true),
            ("http://evil.example/status", false),
        ] {
            *request.uri_mut() = target.parse().unwrap();
            assert_eq!(is_by_address(&request), is_told, "{target}");
        }
    }
}

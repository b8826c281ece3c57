//! A request to its response.
//!
//! Responses carry the same security fields whatever they are (S16): an error page is a page too, and a
//! feed opened in a browser should not run anything either.

use super::archive::{self, Found};
use super::lock::CHALLENGE;
use super::resource::Chosen;
use super::{Resource, Shelf, Terms, Vitals, preconditions, report};
use axum::body::Body;
use axum::http::uri::Authority;
use axum::http::{
    HeaderMap, HeaderName, HeaderValue, Method, Request, Response, StatusCode, Uri, Version, header,
};
use bytes::Bytes;
use std::net::IpAddr;
use std::sync::Arc;

/// How long a reader may keep a document (U21). Polls come every hour or so and a copy may be as old as
/// this; less would only ask more of us. While we cannot be reached or answer 5xx, caches may hand out for a day what they
/// have (RFC 5861): that is how long an output lists what came, so a reader who asks once a day misses nothing by it.
const CACHE_CONTROL: HeaderValue =
    HeaderValue::from_static("public, max-age=300, stale-if-error=86400");

/// What a browser may do with a page of ours: show it, with our own style and images (S16).
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; \
     frame-ancestors 'none'",
);

/// The same for a picture of ours, which another version has at most: a week, as browsers would ask with each page.
const PICTURE: HeaderValue =
    HeaderValue::from_static("public, max-age=604800, stale-if-error=86400");

/// The same for what is not everybody's: no cache that several share may keep it.
const PRIVATE: HeaderValue = HeaderValue::from_static("private, max-age=300");

/// How long what never changes may be kept: a year, which is the most that is of use (RFC 9111).
const FOR_EVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");

/// The same for what is not everybody's.
const PRIVATE_FOR_EVER: HeaderValue =
    HeaderValue::from_static("private, max-age=31536000, immutable");

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");
const NOSNIFF: HeaderValue = HeaderValue::from_static("nosniff");
const NO_REFERRER: HeaderValue = HeaderValue::from_static("no-referrer");
const ALLOWED_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD");
pub(super) const VARY: HeaderValue = HeaderValue::from_static("accept-encoding");
/// Of what a browser is shown a page of.
const VARY_BY_BROWSER: HeaderValue = HeaderValue::from_static("accept-encoding, sec-fetch-dest");
/// What a browser will do with what it asks for.
const SEC_FETCH_DEST: HeaderName = HeaderName::from_static("sec-fetch-dest");
const NO_STORE: HeaderValue = HeaderValue::from_static("no-store");
/// When to ask again for what is not there yet, in seconds: applying rules takes a minute where a million entries are stored.
const SOON: HeaderValue = HeaderValue::from_static("30");
const NO_CACHE: HeaderValue = HeaderValue::from_static("no-cache");
const ANY_ORIGIN: HeaderValue = HeaderValue::from_static("*");
/// Of what scripts of any site may read.
const OPEN_METHODS: HeaderValue = HeaderValue::from_static("GET, HEAD, OPTIONS");
/// Fields that such a script may read beside those that any may, and what it may send: conditions want a question before.
const EXPOSED: HeaderValue = HeaderValue::from_static("etag, link");
const ANY_FIELD: HeaderValue = HeaderValue::from_static("*");
/// How long a browser may go by the answer to that question, in seconds: a day, if it lets itself.
const ASKED_ONCE: HeaderValue = HeaderValue::from_static("86400");

/// What the query says of who wants a feed itself in a browser.
const RAW: &str = "raw";

/// Where it is told whether the daemon lives.
const HEALTH_PATH: &str = "/healthz";

/// Where it is told in JSON whether it is well, too, for what asks whether to send readers here.
const READY_PATH: &str = "/readyz";

/// Answers one request: what is for operators, a document of an archive, or what [`answer`] has.
pub(super) async fn respond<B>(
    request: &Request<B>,
    client: IpAddr,
    shelf: &Shelf,
    vitals: &Vitals,
) -> Response<Body> {
    if !names_its_host(request) {
        let refused = text(StatusCode::BAD_REQUEST, "one host is to be named");
        return finished(refused, request.method());
    }
    if let Some(told) = report::answer(request, client, vitals).await {
        return finished(told, request.method());
    }
    let Some(found) = archive::find(request.uri().path(), shelf) else {
        return answer(request, shelf, vitals);
    };
    let response = match *request.method() {
        Method::GET | Method::HEAD => archived(&found, request.uri(), request.headers()).await,
        Method::OPTIONS if found.archive.lock.is_none() => allowed(),
        _ => not_allowed(found.archive.lock.is_none()),
    };
    finished(response, request.method())
}

/// Answers one request: a document of the shelf, `/healthz`, or an error.
///
/// The query is ignored, but for the key of a protected output and for `raw`, and so is a body. Ranges are not served: a `Range` gets the whole (U20).
pub(super) fn answer<B>(request: &Request<B>, shelf: &Shelf, vitals: &Vitals) -> Response<Body> {
    finished(unguarded(request, shelf, vitals), request.method())
}

/// Tells whether a request names one host as HTTP/1.1 wants it (RFC 9112, 3.2). Whoever leaves room for two may be understood
/// in two ways by us and by what stands in front; so does whoever puts a user before it (RFC 9110, 4.2.4).
fn names_its_host<B>(request: &Request<B>) -> bool {
    let has_no_user = |authority: &Authority| !authority.as_str().contains('@');
    let is_one = |host: &HeaderValue| {
        host.is_empty() || Authority::try_from(host.as_bytes()).is_ok_and(|it| has_no_user(&it))
    };
    let mut hosts = request.headers().get_all(header::HOST).iter();
    let is_named = match (hosts.next(), hosts.next()) {
        (Some(host), None) => is_one(host),
        (None, None) => request.version() < Version::HTTP_11,
        _ => false,
    };
    is_named && request.uri().authority().is_none_or(has_no_user)
}

/// Adds what every response has, and takes off what it may not.
fn finished(mut response: Response<Body>, method: &Method) -> Response<Body> {
    guard(response.headers_mut());
    if method == Method::HEAD {
        // The length was set with the body, so it stays GET's, as HEAD must tell it (U20).
        *response.body_mut() = Body::empty();
    }
    response
}

/// A document of an archive: as it is, or the word that it is gone. It never changes, so caches may keep it for a
/// year, and need not ask again.
async fn archived(found: &Found, uri: &Uri, headers: &HeaderMap) -> Response<Body> {
    let lock = found.archive.lock.as_ref();
    if lock.is_some_and(|lock| !lock.is_opened_by(uri, headers)) {
        return not_for_you();
    }
    let Some(name) = &found.name else {
        return text(StatusCode::GONE, "gone");
    };
    let Ok(found) = archive::document(found, name).await else {
        let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "not at hand right now");
        let fields = response.headers_mut();
        fields.insert(header::CACHE_CONTROL, NO_STORE);
        return response;
    };
    let is_packed = archive::is_packed(headers);
    if preconditions::fails(headers, &found.tags, found.modified_at) {
        return not_that_one(lock.is_none());
    }
    let held = found.held(headers, is_packed).cloned();
    let tag = held.clone().unwrap_or_else(|| found.tag(is_packed));
    let dated = found.last_modified.clone();
    let mut response = match held {
        Some(_) => with_status(StatusCode::NOT_MODIFIED),
        None => found.response(is_packed),
    };
    let fields = response.headers_mut();
    fields.insert(header::ETAG, tag);
    fields.insert(header::VARY, VARY);
    let cached = if lock.is_some() {
        PRIVATE_FOR_EVER
    } else {
        FOR_EVER
    };
    fields.insert(header::CACHE_CONTROL, cached);
    fields.extend(dated.map(|date| (header::LAST_MODIFIED, date)));
    if lock.is_none() {
        open(fields);
    }
    response
}

fn unguarded<B>(request: &Request<B>, shelf: &Shelf, vitals: &Vitals) -> Response<Body> {
    let path = request.uri().path();
    let resource = shelf.get(path);
    let page = resource
        .as_ref()
        .and_then(|it| page(it, request.uri(), request.headers(), shelf));
    if resource.is_none() && ![HEALTH_PATH, READY_PATH].contains(&path) {
        return missing(request, shelf);
    }
    let is_open = resource.as_deref().is_some_and(is_open);
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS if is_open => return allowed(),
        _ => return not_allowed(is_open),
    }
    match resource {
        Some(resource) if !may_read(&resource, request) => not_for_you(),
        Some(_) if page.is_some() => {
            let page = page.map(|page| keyed(page, request.uri(), shelf));
            shown(page.as_deref(), request.headers())
        }
        Some(resource) => document(&keyed(resource, request.uri(), shelf), request.headers()),
        None if path == READY_PATH => report::readiness(vitals),
        None => health(vitals),
    }
}

/// What is not there: unknown, unless it will be there in a moment. A reader keeps a feed that it cannot have right now.
fn missing<B>(request: &Request<B>, shelf: &Shelf) -> Response<Body> {
    let Some(expected) = shelf.expected(request.uri().path()) else {
        return text(StatusCode::NOT_FOUND, "not found");
    };
    let lock = expected.lock.as_ref();
    match *request.method() {
        Method::GET | Method::HEAD => {}
        Method::OPTIONS if lock.is_none() => return allowed(),
        _ => return not_allowed(lock.is_none()),
    }
    if lock.is_some_and(|lock| !lock.is_opened_by(request.uri(), request.headers())) {
        return not_for_you();
    }
    let mut response = text(StatusCode::SERVICE_UNAVAILABLE, "not at hand yet");
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, NO_STORE);
    fields.insert(header::RETRY_AFTER, SOON);
    response
}

/// Returns the page whose links have the key, where the request has it in its address and the document is such a page;
/// else the document. Else the links of the page would lead to where the key is asked for again.
fn keyed(resource: Arc<Resource>, uri: &Uri, shelf: &Shelf) -> Arc<Resource> {
    let Terms { lock, keyed, .. } = &resource.terms;
    let has_key = lock
        .as_ref()
        .is_some_and(|lock| lock.is_opened_by_address(uri));
    let keyed = keyed.as_ref().filter(|_| has_key);
    keyed.and_then(|path| shelf.get(path)).unwrap_or(resource)
}

/// A document: 304 when the client has it, else 200, compressed when the client likes that.
pub(super) fn document(resource: &Resource, headers: &HeaderMap) -> Response<Body> {
    let chosen = resource.choose(headers);
    let tags = [chosen.tag().clone()].into_iter().chain(resource.tags());
    if preconditions::fails(headers, tags, resource.modified_at) {
        return not_that_one(is_open(resource));
    }
    let held = preconditions::held(headers, resource, &chosen);
    // A 304 has the fields by which a cache brings its copy up to date (U17).
    let (tag, mut response) = match held {
        Some(tag) => (tag, with_status(StatusCode::NOT_MODIFIED)),
        None => (chosen.tag().clone(), whole(resource, chosen)),
    };
    let fields = response.headers_mut();
    fields.insert(header::ETAG, tag);
    let has_page = resource.terms.page.is_some();
    fields.insert(header::VARY, if has_page { VARY_BY_BROWSER } else { VARY });
    let cached = if resource.is_protected() {
        PRIVATE
    } else if resource.media_type.as_bytes().starts_with(b"image/") {
        PICTURE
    } else {
        CACHE_CONTROL
    };
    fields.insert(header::CACHE_CONTROL, cached);
    if let Some(link) = &resource.link_field {
        fields.insert(header::LINK, link.clone());
    }
    if let Some(date) = &resource.last_modified {
        fields.insert(header::LAST_MODIFIED, date.clone());
    }
    if is_open(resource) {
        open(fields);
    }
    response
}

/// Tells whether scripts of any site may read a document: feeds are public data, and readers in browsers fetch across
/// origins (U26).
fn is_open(resource: &Resource) -> bool {
    !is_html(&resource.media_type) && !resource.is_protected()
}

/// Opens an answer to them.
fn open(fields: &mut HeaderMap) {
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    fields.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Says that the document is not the one that the client wants. No cache may keep that.
fn not_that_one(is_open: bool) -> Response<Body> {
    let mut response = text(StatusCode::PRECONDITION_FAILED, "it is another by now");
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, NO_STORE);
    if is_open {
        open(fields);
    }
    response
}

/// What a browser is told that asks whether such a script may ask, with conditions for one.
fn allowed() -> Response<Body> {
    let mut response = with_status(StatusCode::NO_CONTENT);
    let fields = response.headers_mut();
    fields.insert(header::ALLOW, OPEN_METHODS);
    fields.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, ANY_ORIGIN);
    fields.insert(header::ACCESS_CONTROL_ALLOW_METHODS, OPEN_METHODS);
    fields.insert(header::ACCESS_CONTROL_ALLOW_HEADERS, ANY_FIELD);
    fields.insert(header::ACCESS_CONTROL_MAX_AGE, ASKED_ONCE);
    response
}

/// Returns the page that the client gets in the place of a document: a browser that opens its address says so
/// (Fetch Metadata). By what is accepted nothing could be told: feed readers accept pages, too (U23). Who says `?raw` wants
/// to see the document itself, to which a browser has no other way.
fn page(
    resource: &Resource,
    uri: &Uri,
    headers: &HeaderMap,
    shelf: &Shelf,
) -> Option<Arc<Resource>> {
    let path = resource.terms.page.as_ref()?;
    if uri
        .query()
        .is_some_and(|it| it.split('&').any(|it| it == RAW))
    {
        return None;
    }
    let destination = headers.get(SEC_FETCH_DEST)?;
    (destination == "document").then(|| shelf.get(path))?
}

/// A page at the address of a feed. No cache that several share may keep it: not all of them heed `Vary`, and
/// a feed reader would get it.
fn shown(page: Option<&Resource>, headers: &HeaderMap) -> Response<Body> {
    let Some(page) = page else {
        return text(StatusCode::NOT_FOUND, "not found");
    };
    let mut response = document(page, headers);
    // That it is another one is kept by no cache at all.
    if response.status() == StatusCode::PRECONDITION_FAILED {
        return response;
    }
    let fields = response.headers_mut();
    fields.insert(header::CACHE_CONTROL, PRIVATE);
    fields.insert(header::VARY, VARY_BY_BROWSER);
    response
}

/// Tells whether the client may have the document.
fn may_read<B>(resource: &Resource, request: &Request<B>) -> bool {
    let lock = resource.terms.lock.as_ref();
    lock.is_none_or(|lock| lock.is_opened_by(request.uri(), request.headers()))
}

/// Asks for the key of a protected output. That there is one is no secret.
pub(super) fn not_for_you() -> Response<Body> {
    let mut response = text(StatusCode::UNAUTHORIZED, "this needs a key");
    let fields = response.headers_mut();
    fields.insert(header::WWW_AUTHENTICATE, CHALLENGE);
    fields.insert(header::CACHE_CONTROL, NO_STORE);
    response
}

fn whole(resource: &Resource, chosen: Chosen<'_>) -> Response<Body> {
    let mut response = with_status(StatusCode::OK);
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, resource.media_type.clone());
    fields.insert(header::CONTENT_LENGTH, chosen.length().into());
    if let Some(coding) = chosen.coding() {
        fields.insert(header::CONTENT_ENCODING, coding.field());
    }
    *response.body_mut() = chosen.body();
    response
}

fn is_html(media_type: &HeaderValue) -> bool {
    media_type.as_bytes().starts_with(b"text/html")
}

/// Says whether the daemon lives. Who restarts what is not well would end one that goes on serving while its disk is full,
/// for one that does not start (R5).
fn health(vitals: &Vitals) -> Response<Body> {
    let mut response = match vitals.silent() {
        None => text(StatusCode::OK, "ok"),
        Some(silent) => text(StatusCode::SERVICE_UNAVAILABLE, silent),
    };
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, NO_CACHE);
    response
}

/// Says which methods there are, of what scripts of any site may read or of something else.
pub(super) fn not_allowed(is_open: bool) -> Response<Body> {
    let mut response = text(StatusCode::METHOD_NOT_ALLOWED, "method not allowed");
    let methods = if is_open {
        OPEN_METHODS
    } else {
        ALLOWED_METHODS
    };
    response.headers_mut().insert(header::ALLOW, methods);
    response
}

pub(super) fn text(status: StatusCode, text: &str) -> Response<Body> {
    with_body(status, &PLAIN, Bytes::copy_from_slice(text.as_bytes()))
}

pub(super) fn with_body(
    status: StatusCode,
    media_type: &HeaderValue,
    body: Bytes,
) -> Response<Body> {
    let mut response = with_status(status);
    let fields = response.headers_mut();
    fields.insert(header::CONTENT_TYPE, media_type.clone());
    fields.insert(header::CONTENT_LENGTH, body.len().into());
    *response.body_mut() = body.into();
    response
}

pub(super) fn with_status(status: StatusCode) -> Response<Body> {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    response
}

/// Adds what every response carries (S16, U22).
fn guard(fields: &mut HeaderMap) {
    let guards: [(HeaderName, HeaderValue); 3] = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, NOSNIFF),
        (header::REFERRER_POLICY, NO_REFERRER),
    ];
    fields.extend(guards);
}

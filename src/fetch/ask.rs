//! What is asked: an address with what may be told to it, and to nobody else.

use super::failure::words;
use super::settings::Target;
use crate::model::{Condition, Failure, FailureKind, Validators};
use reqwest::header::{
    HeaderMap, HeaderName, HeaderValue, IF_MODIFIED_SINCE, IF_NONE_MATCH, USER_AGENT,
};
use url::Url;

/// Names what a response may leave out (RFC 3229, 10.5.3).
const ACCEPT_MANIPULATION: HeaderName = HeaderName::from_static("a-im");

/// The next request of a poll. Has no `Debug`, which would print the credentials (S7).
pub(super) struct Ask {
    /// The address without userinfo or fragment: what is recorded and compared.
    url: Url,
    /// [`digest`] of it, which is asked for several times a request.
    digest: String,
    /// The same with its credentials, from which the client makes Basic authentication.
    with_credentials: Url,
    /// The feed's own header fields.
    headers: HeaderMap,
    /// What we call ourselves towards this feed, if not what we do elsewhere (P29).
    user_agent: Option<HeaderValue>,
}

impl Ask {
    /// Starts at a feed's address. `name` is what we call ourselves, before the feed's suffix.
    ///
    /// # Errors
    ///
    /// One of the feed's headers cannot be sent; the message names it and not its value.
    pub(super) fn new(target: &Target, name: &str) -> Result<Self, Failure> {
        let mut headers = HeaderMap::with_capacity(target.headers.len());
        for header in &target.headers {
            let (Ok(name), Ok(mut value)) = (
                HeaderName::from_bytes(header.name.as_bytes()),
                HeaderValue::from_str(&header.value),
            ) else {
                return Err(bad_header(&header.name));
            };
            value.set_sensitive(true);
            headers.append(name, value);
        }
        let suffix = target.user_agent_suffix.as_ref();
        let user_agent = suffix.map(|suffix| HeaderValue::try_from(format!("{name} {suffix}")));
        let url = bare(&target.url);
        Ok(Self {
            digest: digest(&url),
            url,
            with_credentials: target.url.clone(),
            headers,
            user_agent: user_agent
                .transpose()
                .map_err(|_| bad_header(USER_AGENT.as_str()))?,
        })
    }

    /// Returns the address without credentials.
    pub(super) fn url(&self) -> &Url {
        &self.url
    }

    /// Returns what validators remember of the address.
    pub(super) fn digest(&self) -> &str {
        &self.digest
    }

    /// Returns the address as the client wants it.
    pub(super) fn url_with_credentials(&self) -> Url {
        self.with_credentials.clone()
    }

    /// Returns the header fields to send, with the validators if this address gave them (P1, P25).
    ///
    /// Validators go out byte for byte as they came in; one that no header can carry is left out. Where the
    /// date is to go alone there is no tag, since a tag makes the origin deaf to the date (P27; RFC 9110,
    /// 13.1.3). News alone are asked for only together with a tag, which says since when (P38).
    pub(super) fn headers(&self, validators: &Validators) -> HeaderMap {
        let mut headers = self.headers.clone();
        if let Some(user_agent) = &self.user_agent {
            // A header of the feed's own says all of it.
            let entry = headers.entry(USER_AGENT);
            entry.or_insert_with(|| user_agent.clone());
        }
        if self.is_conditional(validators) {
            let date = validators.last_modified.as_deref();
            let alone = validators.condition == Condition::Date && date.is_some();
            let tag = validators.etag.as_deref().filter(|_| !alone);
            insert(&mut headers, IF_NONE_MATCH, tag);
            insert(&mut headers, IF_MODIFIED_SINCE, date);
            if validators.condition == Condition::Delta && headers.contains_key(IF_NONE_MATCH) {
                headers.insert(ACCEPT_MANIPULATION, HeaderValue::from_static("feed"));
            }
        }
        headers
    }

    /// Tells whether the request is one that 304 can answer.
    pub(super) fn is_conditional(&self, validators: &Validators) -> bool {
        !validators.is_empty() && validators.url == self.digest
    }

    /// Goes on to where a redirect leads.
    ///
    /// What the operator gave for an origin leaves it never: another scheme, host or port gets neither
    /// headers nor credentials, and coming back does not bring them back (S6). `next` is bare: userinfo
    /// in a redirect would be a stranger's.
    pub(super) fn follow(&mut self, next: &Url) {
        let same_origin = next.origin() == self.url.origin();
        self.url = next.clone();
        self.digest = digest(next);
        let mut url = self.url.clone();
        if same_origin {
            // Both fail only for addresses without a host, which the guard refuses.
            let _ = url.set_username(self.with_credentials.username());
            let _ = url.set_password(self.with_credentials.password());
        } else {
            self.headers.clear();
        }
        self.with_credentials = url;
    }
}

fn insert(headers: &mut HeaderMap, name: HeaderName, value: Option<&[u8]>) {
    if let Some(Ok(value)) = value.map(HeaderValue::from_bytes) {
        headers.insert(name, value);
    }
}

/// Returns the address without userinfo, which is a secret, and fragment, which is not sent.
pub(super) fn bare(url: &Url) -> Url {
    let mut url = url.clone();
    // Both fail only for addresses that cannot have userinfo, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.set_fragment(None);
    url
}

/// Returns what validators remember of the address that gave them: enough to know it again, and none of
/// the secrets that its query may hold (S7).
pub(super) fn digest(url: &Url) -> String {
    blake3::hash(url.as_str().as_bytes()).to_hex().to_string()
}

fn bad_header(name: &str) -> Failure {
    let message = format!("the feed's header `{}` cannot be sent", words(name));
    Failure::new(FailureKind::Blocked, message)
}

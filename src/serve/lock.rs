//! Who may read a protected output: whoever has its key.
//!
//! Readers give it as the password of Basic authentication (RFC 7617), or in the address, `?key=..`, since
//! many of them know nothing else. Digests are what is compared, in a time that does not tell how much of them is
//! right.

use axum::http::{HeaderMap, HeaderValue, Uri, header};
use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use std::fmt;
use url::form_urlencoded;

/// What a client without a key is asked for.
pub(super) const CHALLENGE: HeaderValue =
    HeaderValue::from_static("Basic realm=\"feeds\", charset=\"UTF-8\"");

/// The parameter of an address that is a key.
const PARAMETER: &str = "key";

/// The lock of an output. It prints as nothing (S7).
#[derive(Clone, PartialEq, Eq)]
pub struct Lock(Option<Key>);

/// What opens a lock.
#[derive(Clone, PartialEq, Eq)]
struct Key {
    digest: blake3::Hash,
    /// What an address ends with that has it.
    query: String,
}

impl Lock {
    /// Returns one that `key` opens.
    pub fn new(key: &str) -> Self {
        let encoded: String = form_urlencoded::byte_serialize(key.as_bytes()).collect();
        Self(Some(Key {
            digest: blake3::hash(key.as_bytes()),
            query: format!("?{PARAMETER}={encoded}"),
        }))
    }

    /// Returns one that nothing opens: for who does not know the key and serves nobody.
    pub fn shut() -> Self {
        Self(None)
    }

    /// Returns what an address ends with that has the key, for pages that are handed to who gave it so; `None` for a
    /// lock that nothing opens.
    pub fn query(&self) -> Option<&str> {
        self.0.as_ref().map(|key| key.query.as_str())
    }

    /// Tells whether a request has the key.
    pub(super) fn is_opened_by(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let password = password(headers);
        self.is_opened_by_address(uri) || password.is_some_and(|it| self.opens(&it))
    }

    /// Tells whether the address of a request has the key.
    pub(super) fn is_opened_by_address(&self, uri: &Uri) -> bool {
        let query = uri.query().unwrap_or_default().as_bytes();
        let mut keys = form_urlencoded::parse(query).filter(|(name, _)| name == PARAMETER);
        keys.any(|(_, key)| self.opens(key.as_bytes()))
    }

    /// Compares in a time that tells nothing: the hash does.
    fn opens(&self, key: &[u8]) -> bool {
        let lock = self.0.as_ref();
        lock.is_some_and(|lock| blake3::hash(key) == lock.digest)
    }
}

impl fmt::Debug for Lock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Lock(***)")
    }
}

/// Returns the password of Basic authentication; the user may be anybody.
fn password(headers: &HeaderMap) -> Option<Vec<u8>> {
    let credentials = headers.get(header::AUTHORIZATION)?.to_str().ok()?;
    let (scheme, token) = credentials.split_once(' ')?;
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let pair = BASE64_STANDARD.decode(token.trim()).ok()?;
    let colon = pair.iter().position(|byte| *byte == b':')?;
    pair.get(colon + 1..).map(<[u8]>::to_vec)
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "correct-horse-battery";

    fn opens(lock: &Lock, target: &str, authorization: Option<String>) -> bool {
        let mut headers = HeaderMap::new();
        if let Some(text) = authorization {
            headers.insert(header::AUTHORIZATION, text.parse().unwrap());
        }
        lock.is_opened_by(&target.parse().unwrap(), &headers)
    }

    fn basic(pair: &str) -> Option<String> {
        ["Basic ", &BASE64_STANDARD.encode(pair)].concat().into()
    }

    #[test]
    fn a_key_opens_by_address_or_by_password() {
        let lock = Lock::new(KEY);
        for (target, authorization, expected) in [
            ("/all.atom", None, false),
            ("/all.atom?key=correct-horse-battery", None, true),
            ("/all.atom?a=b&key=correct-horse-battery", None, true),
            ("/all.atom?key=correct%2Dhorse%2dbattery", None, true),
            ("/all.atom?key=wrong&key=correct-horse-battery", None, true),
            ("/all.atom?key=", None, false),
            ("/all.atom?key=correct-horse-batter", None, false),
            ("/all.atom?key=correct-horse-battery1", None, false),
            ("/all.atom?KEY=correct-horse-battery", None, false),
            ("/all.atom?correct-horse-battery", None, false),
            ("/all.atom", basic("desk:correct-horse-battery"), true),
            ("/all.atom", basic(":correct-horse-battery"), true),
            ("/all.atom", basic("correct-horse-battery"), false),
            ("/all.atom", basic("correct-horse-battery:"), false),
            ("/all.atom", basic("desk:correct:horse"), false),
            ("/all.atom", Some(format!("Bearer {KEY}")), false),
            ("/all.atom", Some("Basic".to_owned()), false),
            ("/all.atom", Some("Basic ***".to_owned()), false),
            (
                "/all.atom",
                basic("desk:correct-horse-battery").map(|it| it.replace("Basic", "bASIC")),
                true,
            ),
        ] {
            assert_eq!(
                opens(&lock, target, authorization.clone()),
                expected,
                "{target} {authorization:?}"
            );
        }
    }

    #[test]
    fn a_lock_that_is_shut_stays_so() {
        for target in ["/all.atom", "/all.atom?key="] {
            assert!(!opens(&Lock::shut(), target, basic("desk:")));
        }
    }

    #[test]
    fn s7_a_lock_prints_as_nothing() {
        let shown = format!("{:?}", Lock::new(KEY));
        assert_eq!(shown, "Lock(***)");
        assert_ne!(Lock::new(KEY), Lock::new("another"));
    }
}

//! Who may read a protected output: whoever has its key.
//!
//! Readers give it as the password of Basic authentication (RFC 7617), or in the address, `?key=..`, since
//! many of them know nothing else. Of the key only a digest is kept, and digests are what is compared, in a
//! time that does not tell how much of them is right.

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
pub struct Lock(Option<blake3::Hash>);

impl Lock {
    /// Returns one that `key` opens.
    pub fn new(key: &str) -> Self {
        Self(Some(blake3::hash(key.as_bytes())))
    }

    /// Returns one that nothing opens: for who does not know the key and serves nobody.
    pub fn shut() -> Self {
        Self(None)
    }

    /// Tells whether a request has the key.
    pub(super) fn is_opened_by(&self, uri: &Uri, headers: &HeaderMap) -> bool {
        let Some(lock) = &self.0 else {
            return false;
        };
        // The hash compares in constant time.
        let opens = |key: &[u8]| blake3::hash(key) == *lock;
        let query = uri.query().unwrap_or_default().as_bytes();
        let mut keys = form_urlencoded::parse(query).filter(|(name, _)| name == PARAMETER);
        keys.any(|(_, key)| opens(key.as_bytes())) || password(headers).is_some_and(|it| opens(&it))
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

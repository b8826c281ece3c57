//! Addresses of the web as documents hold them: joined with their bases, told from other schemes.

use std::borrow::Cow;
use url::Url;

/// Longest base of relative addresses, in bytes.
///
/// Each of 64 enclosures in 2,000 entries may be one letter that a base makes an address of: the limit
/// keeps what is held a small multiple of what was sent. Real ones have under 300.
pub(super) const MAX_BASE: usize = 512;

/// Returns the base that `address` is: without query and fragment, which are no part of one (RFC 3986,
/// 5.2.2), and none that is too long.
pub(super) fn base(address: &str) -> Option<Url> {
    let mut url = Url::parse(address).ok()?;
    url.set_query(None);
    url.set_fragment(None);
    (url.as_str().len() <= MAX_BASE).then_some(url)
}

/// Returns the base that is written inside another, or where there is none.
pub(super) fn inner_base(around: Option<&Url>, written: &str) -> Option<Url> {
    let url = match around {
        Some(around) => around.join(written).ok(),
        None => Url::parse(written).ok(),
    };
    url.filter(|url| url.as_str().len() <= MAX_BASE)
}

/// Joins an address with a base; one that cannot be joined stays as it is written.
pub(super) fn joined<'h>(base: Option<&Url>, href: Cow<'h, str>) -> Cow<'h, str> {
    let url = base.and_then(|base| base.join(&href).ok());
    url.map_or(href, |url| Cow::Owned(url.into()))
}

/// An absolute http(s) address, normalised, or nothing.
pub(super) fn absolute(address: &str) -> Option<String> {
    let url = Url::parse(address).ok()?;
    is_of_the_web(&url).then(|| url.into())
}

/// Tells at a glance whether an address is absolute and http(s).
pub(super) fn is_address(text: &str) -> bool {
    text.starts_with("http://") || text.starts_with("https://")
}

/// Tells whether an address names a scheme that is not the web's: `javascript:`, `tag:`.
pub(super) fn has_other_scheme(href: &str) -> bool {
    Url::parse(href).is_ok_and(|url| !is_of_the_web(&url))
}

/// Tells whether an address is one that can be fetched (S1).
pub(super) fn is_of_the_web(url: &Url) -> bool {
    matches!(url.scheme(), "http" | "https")
}

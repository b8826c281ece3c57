//! `Accept-Encoding` (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, header};

/// A weight in thousandths: 0 is "not acceptable", 1000 the default.
type Weight = u16;

/// Tells whether the client takes gzip, and does not like the plain form better (U19).
///
/// Silence means plain: a client that did not ask may not know how to inflate. A client that refuses
/// both forms gets the plain one, which RFC 9110 prefers over an error.
pub(super) fn prefers_gzip(headers: &HeaderMap) -> bool {
    let gzip = weight_of(headers, &["gzip", "x-gzip"]);
    let any = weight_of(headers, &["*"]);
    let plain = weight_of(headers, &["identity"]);
    let gzip = gzip.or(any).unwrap_or(0);
    gzip > 0 && plain.is_none_or(|plain| gzip >= plain)
}

/// Returns the weight that the client gives to one of `codings`; the first that it names counts.
fn weight_of(headers: &HeaderMap, codings: &[&str]) -> Option<Weight> {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            let named = |name: &&str| name.eq_ignore_ascii_case(coding.trim());
            codings.iter().any(named).then(|| weight(parameters))
        })
}

/// Reads `q=0.5`; anything that is no weight counts as none given.
fn weight(parameters: &str) -> Weight {
    let number = parameters
        .trim()
        .split_once('=')
        .filter(|(name, _)| name.trim().eq_ignore_ascii_case("q"))
        .map(|(_, number)| number.trim());
    number.and_then(thousandths).unwrap_or(1000)
}

/// `0`, `0.25`, `1.000`: up to three decimals, at most 1.
fn thousandths(number: &str) -> Option<Weight> {
    let (whole, decimals) = number.split_once('.').unwrap_or((number, ""));
    let fits = decimals.len() <= 3 && decimals.chars().all(|c| c.is_ascii_digit());
    let decimals: Weight = format!("{decimals:0<3}").parse().ok().filter(|_| fits)?;
    match whole {
        "0" => Some(decimals),
        "1" if decimals == 0 => Some(1000),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderValue;

    #[test]
    fn u19_codings_and_weights() {
        for (fields, expected) in [
            (&[][..], false),
            (&[""], false),
            (&["gzip"], true),
            (&["GZip"], true),
            (&["x-gzip"], true),
            (&["deflate, gzip;q=1.0, *;q=0.5"], true),
            (&["br", "gzip"], true),
            (&["gzip;q=0"], false),
            (&["gzip; q=0.000"], false),
            (&["gzip;q=0.001"], true),
            (&["*"], true),
            (&["*;q=0"], false),
            (&["gzip;q=0, *"], false),
            (&["gzip, *;q=0"], true),
            (&["identity"], false),
            (&["identity;q=0"], false),
            (&["identity;q=0, gzip;q=0"], false),
            (&["gzip;q=0.5, identity;q=0.8"], false),
            (&["gzip;q=0.8, identity;q=0.5"], true),
            (&["gzip;q=nonsense"], true),
            (&["gzipped"], false),
        ] {
            let mut headers = HeaderMap::new();
            for field in fields {
                headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(field));
            }
            assert_eq!(prefers_gzip(&headers), expected, "{fields:?}");
        }
    }
}

//! `Accept-Encoding` (RFC 9110, 12.5.3).

use axum::http::{HeaderMap, HeaderValue, header};

/// A form in which a document goes over the wire.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Coding {
    /// RFC 7932.
    Brotli,
    /// RFC 8878.
    Zstd,
    /// RFC 1952.
    Gzip,
}

impl Coding {
    /// All of them.
    pub(super) const ALL: [Self; 3] = [Self::Brotli, Self::Zstd, Self::Gzip];

    /// Returns the name that it has in fields and in entity tags.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Brotli => "br",
            Self::Zstd => "zstd",
            Self::Gzip => "gzip",
        }
    }

    /// Returns the value of `Content-Encoding`.
    pub(super) fn field(self) -> HeaderValue {
        HeaderValue::from_static(self.name())
    }

    /// Tells whether a client means it by `name`.
    fn is_named(self, name: &str) -> bool {
        name.eq_ignore_ascii_case(self.name())
            || self == Self::Gzip && name.eq_ignore_ascii_case("x-gzip")
    }
}

/// A weight in thousandths: 0 is "not acceptable", 1000 the default.
type Weight = u16;

/// Returns the coding of `offered` that the client likes best, of several the first; `None` where it does
/// not take any, or likes the plain form better (U19).
///
/// Silence means plain: a client that did not ask may not know how to inflate. A client that refuses
/// all forms gets the plain one, which RFC 9110 prefers over an error.
pub(super) fn preferred(
    headers: &HeaderMap,
    offered: impl Iterator<Item = Coding>,
) -> Option<Coding> {
    let any = weight_of(headers, |name| name == "*");
    let mut best: Option<(Coding, Weight)> = None;
    for coding in offered {
        let weight = weight_of(headers, |name| coding.is_named(name));
        let weight = weight.or(any).unwrap_or(0);
        if weight > best.map_or(0, |(_, weight)| weight) {
            best = Some((coding, weight));
        }
    }
    let plain = weight_of(headers, |name| name.eq_ignore_ascii_case("identity"));
    let (coding, _) = best.filter(|(_, weight)| plain.is_none_or(|plain| *weight >= plain))?;
    Some(coding)
}

/// Returns the weight that the client gives to what `is_named`; the first that it names counts.
fn weight_of(headers: &HeaderMap, is_named: impl Fn(&str) -> bool) -> Option<Weight> {
    headers
        .get_all(header::ACCEPT_ENCODING)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(','))
        .find_map(|part| {
            let (coding, parameters) = part.split_once(';').unwrap_or((part, ""));
            is_named(coding.trim()).then(|| weight(parameters))
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

    fn preferred_of(fields: &[&'static str], offered: &[Coding]) -> &'static str {
        let mut headers = HeaderMap::new();
        for field in fields {
            headers.append(header::ACCEPT_ENCODING, HeaderValue::from_static(field));
        }
        preferred(&headers, offered.iter().copied()).map_or("", Coding::name)
    }

    #[test]
    fn u19_codings_and_weights() {
        for (fields, expected) in [
            (&[][..], ""),
            (&[""], ""),
            (&["gzip"], "gzip"),
            (&["GZip"], "gzip"),
            (&["x-gzip"], "gzip"),
            (&["br"], "br"),
            (&["zstd, BR"], "br"),
            (&["gzip, deflate"], "gzip"),
            (&["gzip, deflate, br, zstd"], "br"),
            (&["gzip, br;q=0.5, zstd;q=0.9"], "gzip"),
            (&["gzip;q=0.9, br;q=0.9, zstd"], "zstd"),
            (&["deflate, gzip;q=1.0, *;q=0.5"], "gzip"),
            (&["br", "gzip"], "br"),
            (&["gzip;q=0"], ""),
            (&["gzip; q=0.000"], ""),
            (&["gzip;q=0.001"], "gzip"),
            (&["*"], "br"),
            (&["br;q=0, *"], "zstd"),
            (&["*;q=0"], ""),
            (&["gzip, *;q=0"], "gzip"),
            (&["identity"], ""),
            (&["identity;q=0"], ""),
            (&["identity;q=0, gzip;q=0"], ""),
            (&["gzip;q=0.5, identity;q=0.8"], ""),
            (&["gzip;q=0.8, identity;q=0.5"], "gzip"),
            (&["gzip;q=nonsense"], "gzip"),
            (&["gzipped, brotli, zst"], ""),
        ] {
            assert_eq!(preferred_of(fields, &Coding::ALL), expected, "{fields:?}");
        }
    }

    #[test]
    fn u19_only_what_there_is_is_offered() {
        for (field, offered, expected) in [
            ("br, gzip", &[][..], ""),
            ("br, gzip", &[Coding::Gzip], "gzip"),
            ("br", &[Coding::Gzip], ""),
            ("br, gzip", &[Coding::Gzip, Coding::Brotli], "gzip"),
        ] {
            assert_eq!(preferred_of(&[field], offered), expected, "{field}");
        }
    }
}

//! `srcset`: a list of pictures to choose from (HTML, 4.8.4.2.1).
//!
//! Each candidate is taken or left by itself, as browsers do: its address must be one of the web, and its
//! descriptor one that means something.

use super::allow::Value;
use super::base::Base;
use std::borrow::Cow;

/// Returns a `srcset` with absolute addresses; `None` when none of its candidates holds.
pub(super) fn resolved(value: &str, base: &Base<'_>) -> Option<String> {
    let mut set = String::with_capacity(value.len());
    for candidate in candidates(value) {
        if let Some(address) = candidate.written(base) {
            push(&address, candidate.descriptor, &mut set);
        }
    }
    (!set.is_empty()).then_some(set)
}

/// Returns the address of the first candidate that holds.
pub(super) fn first<'v>(value: &'v str, base: &Base<'_>) -> Option<Cow<'v, str>> {
    candidates(value).find_map(|candidate| candidate.address(base))
}

/// One picture of the list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Candidate<'v> {
    address: &'v str,
    descriptor: &'v str,
}

impl<'v> Candidate<'v> {
    /// Returns the absolute address, if the candidate is one.
    fn address(self, base: &Base<'_>) -> Option<Cow<'v, str>> {
        // The descriptor first: it costs less than to join an address.
        is_descriptor(self.descriptor).then(|| base.resolve(self.address, Value::Resource))?
    }

    /// Returns the absolute address, to be written.
    fn written(self, base: &Base<'_>) -> Option<Cow<'v, str>> {
        is_descriptor(self.descriptor).then(|| base.written(self.address, Value::Resource))?
    }
}

/// Takes a list apart.
fn candidates(value: &str) -> impl Iterator<Item = Candidate<'_>> {
    let mut rest = value;
    std::iter::from_fn(move || {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == ',');
        let (candidate, after) = split(rest)?;
        rest = after;
        Some(candidate)
    })
}

/// Splits the first candidate off a list; `None` at its end.
///
/// An address ends at white space, for it may hold commas; one that ends in a comma has no descriptor.
fn split(set: &str) -> Option<(Candidate<'_>, &str)> {
    let end = set.find(|c: char| c.is_ascii_whitespace());
    let (word, after) = set.split_at_checked(end.unwrap_or(set.len()))?;
    let address = word.trim_end_matches(',');
    let (descriptor, after) = if address.len() < word.len() {
        ("", after)
    } else {
        let end = descriptor_bytes(after);
        let descriptor = after.get(..end)?.trim_ascii();
        (descriptor, after.get(end..)?)
    };
    let candidate = Candidate {
        address,
        descriptor,
    };
    (!address.is_empty()).then_some((candidate, after))
}

/// Returns where a descriptor ends: at a comma that stands in no parentheses.
fn descriptor_bytes(text: &str) -> usize {
    let mut is_inside = false;
    let end = text.bytes().position(|b| {
        is_inside = (is_inside || b == b'(') && b != b')';
        b == b',' && !is_inside
    });
    end.unwrap_or(text.len())
}

/// Tells whether a descriptor is a density, `2x`, or a width, `640w`, perhaps with a height, or none.
fn is_descriptor(descriptor: &str) -> bool {
    let mut words = descriptor.split_ascii_whitespace();
    let [first, second, third] = [words.next(), words.next(), words.next()];
    match (first, second, third) {
        (None, ..) => true,
        (Some(one), None, _) => is_size(one, 'w') || is_density(one),
        (Some(one), Some(other), None) => {
            is_size(one, 'w') && is_size(other, 'h') || is_size(one, 'h') && is_size(other, 'w')
        }
        _ => false,
    }
}

/// Tells whether a word is a positive whole number and a unit.
fn is_size(word: &str, unit: char) -> bool {
    word.strip_suffix(unit).is_some_and(|number| {
        number.bytes().all(|b| b.is_ascii_digit()) && number.bytes().any(|b| b != b'0')
    })
}

/// Tells whether a word is a number that is not negative, and `x`.
fn is_density(word: &str) -> bool {
    word.strip_suffix('x').is_some_and(|number| {
        // Rust reads `inf` and `+1` as numbers, HTML does not.
        let is_number = number.starts_with(|c: char| c.is_ascii_digit() || c == '.');
        is_number && number.parse::<f64>().is_ok_and(f64::is_finite)
    })
}

/// Appends one candidate to a list.
fn push(address: &str, descriptor: &str, set: &mut String) {
    if !set.is_empty() {
        set.push_str(", ");
    }
    set.push_str(address);
    for word in descriptor.split_ascii_whitespace() {
        set.push(' ');
        set.push_str(word);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(value: &str, expected: &str) {
        let base = Base::new("https://a.org/b/");
        let found = resolved(value, &base).unwrap_or_default();
        assert_eq!(found, expected, "{value}");
        let again = resolved(&found, &base).unwrap_or_default();
        assert_eq!(again, found, "{value}");
    }

    #[test]
    fn u9_candidates_are_told_apart_as_browsers_do() {
        for (value, expected) in [
            ("x.png", "https://a.org/b/x.png"),
            (
                "x.png 1x,/y.png 2x",
                "https://a.org/b/x.png 1x, https://a.org/y.png 2x",
            ),
            (" ,\n, x.png,y.png 2x ,", "https://a.org/b/x.png,y.png 2x"),
            (
                "x.png, y.png",
                "https://a.org/b/x.png, https://a.org/b/y.png",
            ),
            (
                "x.png,, y.png,",
                "https://a.org/b/x.png, https://a.org/b/y.png",
            ),
            ("w_1,h_2/x.png 640w", "https://a.org/b/w_1,h_2/x.png 640w"),
            ("x.png (a, b) 2x, y.png 3x", "https://a.org/b/y.png 3x"),
            ("x.png (a, b", ""),
            ("x.png 640w\t 480h", "https://a.org/b/x.png 640w 480h"),
            ("x.png 480h 640w", "https://a.org/b/x.png 480h 640w"),
            (
                "x.png 1.5x, y.png .5x",
                "https://a.org/b/x.png 1.5x, https://a.org/b/y.png .5x",
            ),
            ("", ""),
            (" , ,", ""),
        ] {
            check(value, expected);
        }
    }

    #[test]
    fn s14_each_candidate_must_hold() {
        for value in [
            "javascript:alert(1) 1x",
            "data:image/png;base64,AA== 1x",
            "x.png big",
            "x.png 480h",
            "x.png 0w",
            "x.png -1x",
            "x.png +1x",
            "x.png infx",
            "x.png 1x 2x",
            "x.png 1w 2h 3w",
            "x.png w",
            "x.png x",
            "https://[ 1x",
        ] {
            check(value, "");
            let more = format!("{value}, y.png 2x");
            check(&more, "https://a.org/b/y.png 2x");
        }
    }
}

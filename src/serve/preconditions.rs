//! What a client says of the document that it has, or wants (RFC 9110, 13.1): `If-None-Match` and `If-Modified-Since`, and before
//! these `If-Match` and `If-Unmodified-Since`.

use super::Resource;
use super::resource::Chosen;
use axum::http::{HeaderMap, HeaderValue, header};
use jiff::Timestamp;
use std::time::SystemTime;

/// Returns the entity tag under which the client already has `resource` as it is now: the answer is 304
/// (U16). `chosen` is the form that it would get.
///
/// `If-None-Match`, where there is one, decides alone; dates are only for those who have no tag. Whichever
/// form of the document the client has, it has the document, and is told the tag of that form, by which a
/// cache finds what it stored (U18).
pub(super) fn held(
    headers: &HeaderMap,
    resource: &Resource,
    chosen: &Chosen<'_>,
) -> Option<HeaderValue> {
    let tags = [chosen.tag().clone()].into_iter().chain(resource.tags());
    let dated = (resource.last_modified.as_ref(), resource.modified_at);
    held_of(headers, tags, dated)
}

/// The same of the document of these tags, the first of which is that of the form that the client would get, with its
/// `Last-Modified` field and what that says.
pub(super) fn held_of<T: AsRef<[u8]>>(
    headers: &HeaderMap,
    tags: impl IntoIterator<Item = T>,
    (last_modified, modified_at): (Option<&HeaderValue>, Timestamp),
) -> Option<T> {
    let mut tags = tags.into_iter();
    if headers.contains_key(header::IF_NONE_MATCH) {
        let fields: Vec<&HeaderValue> = headers.get_all(header::IF_NONE_MATCH).iter().collect();
        return tags.find(|tag| fields.iter().any(|field| names(field, tag.as_ref())));
    }
    let date = headers.get(header::IF_MODIFIED_SINCE)?;
    let is_held = last_modified == Some(date) || is_since(date, modified_at);
    is_held.then(|| tags.next())?
}

/// Tells whether the client wants the document of these tags only if it is another than it is: the answer is 412.
///
/// `If-Match` names any of its forms, by a strong tag; a date is only for those who name none.
pub(super) fn fails<T: AsRef<[u8]>>(
    headers: &HeaderMap,
    tags: impl IntoIterator<Item = T>,
    modified_at: Timestamp,
) -> bool {
    if headers.contains_key(header::IF_MATCH) {
        let fields: Vec<&HeaderValue> = headers.get_all(header::IF_MATCH).iter().collect();
        let mut tags = tags.into_iter();
        return !tags.any(|tag| {
            fields
                .iter()
                .any(|field| names_strongly(field, tag.as_ref()))
        });
    }
    let date = headers.get(header::IF_UNMODIFIED_SINCE);
    date.is_some_and(|date| is_before(date, modified_at))
}

/// Tells whether the field is `*` or lists `etag`, and not as a weak one.
fn names_strongly(field: &HeaderValue, etag: &[u8]) -> bool {
    let field = field.as_bytes().trim_ascii();
    let mut tags = field.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    field == b"*" || tags.any(|tag| tag == etag)
}

/// Tells whether the field is `*` or lists `etag`, compared weakly (RFC 9110, 8.8.3.2).
///
/// A list is split at commas although other servers' tags may hold some: no piece of such a tag can
/// equal ours, which has quotes at its ends and none inside. A `*` stands alone or means nothing.
fn names(field: &HeaderValue, etag: &[u8]) -> bool {
    let wanted = opaque(etag);
    let field = field.as_bytes().trim_ascii();
    let mut tags = field.split(|&byte| byte == b',').map(<[u8]>::trim_ascii);
    field == b"*" || tags.any(|tag| opaque(tag) == wanted)
}

/// Returns a tag without what says that it is weak.
fn opaque(tag: &[u8]) -> &[u8] {
    tag.strip_prefix(b"W/").unwrap_or(tag)
}

/// Tells whether a document has not changed since `date`.
///
/// Beside the very text that we sent, which always counts, the three forms of HTTP dates do, and anything
/// else is as if it were not there (RFC 9110, 13.1.3).
fn is_since(date: &HeaderValue, modified_at: Timestamp) -> bool {
    parsed(date).is_some_and(|date| date >= modified_at.as_second())
}

/// Tells whether a document has changed since `date`; what is no date says nothing.
fn is_before(date: &HeaderValue, modified_at: Timestamp) -> bool {
    parsed(date).is_some_and(|date| date < modified_at.as_second())
}

/// Reads an HTTP date.
fn parsed(date: &HeaderValue) -> Option<i64> {
    let date = httpdate::parse_http_date(date.to_str().ok()?).ok()?;
    Some(seconds(date))
}

/// Whole seconds since the epoch; HTTP dates have no others and none before it.
fn seconds(date: SystemTime) -> i64 {
    let since = date
        .duration_since(SystemTime::UNIX_EPOCH)
        .unwrap_or_default();
    since.as_secs().try_into().unwrap_or(i64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;
    use axum::http::HeaderName;

    const MODIFIED: &str = "2026-11-25T10:00:00.75Z";

    fn resource() -> Resource {
        Resource::new("text/plain", b"x".to_vec(), MODIFIED.parse().unwrap())
    }

    fn fresh(fields: &[(HeaderName, &str)]) -> bool {
        let mut headers = HeaderMap::new();
        for (name, value) in fields {
            headers.append(name, HeaderValue::from_str(value).unwrap());
        }
        let resource = resource();
        held(&headers, &resource, &resource.choose(&headers)).is_some()
    }

    #[test]
    fn u16_tags_are_compared_weakly() {
        let etag = resource().etag();
        let weak = format!("W/{etag}");
        for (field, expected) in [
            (etag.clone(), true),
            (weak.clone(), true),
            (format!("\"other\", {etag}"), true),
            (format!("\"a,b\",{weak} , W/\"c\""), true),
            ("*".to_owned(), true),
            (" * ".to_owned(), true),
            ("\"other\"".to_owned(), false),
            ("\"a,*,b\"".to_owned(), false),
            ("\"a\", *".to_owned(), false),
            (etag.trim_matches('"').to_owned(), false),
            (etag.replace('"', "'"), false),
            (String::new(), false),
        ] {
            assert_eq!(
                fresh(&[(header::IF_NONE_MATCH, &field)]),
                expected,
                "{field}"
            );
        }
        let two = [
            (header::IF_NONE_MATCH, "\"x\""),
            (header::IF_NONE_MATCH, &etag),
        ];
        assert!(fresh(&two), "two fields are one list");
    }

    #[test]
    fn u18_the_tag_that_is_told_is_that_of_the_form_that_is_held() {
        let body = "<entry/>".repeat(500).into_bytes();
        let resource = Resource::new("text/plain", body, MODIFIED.parse().unwrap());
        resource.complete();
        let plain = resource.etag();
        let gzip = format!("{}-gzip\"", plain.trim_end_matches('"'));
        for (tag, accepted, told) in [
            (&*plain, "gzip", &*plain),
            (&gzip, "identity", &gzip),
            (&gzip, "gzip", &gzip),
            ("*", "gzip", &gzip),
            ("*", "identity", &plain),
            (&format!("{plain}, {gzip}"), "gzip", &gzip),
            (&format!("{gzip}, W/{plain}"), "identity", &plain),
        ] {
            let mut headers = HeaderMap::new();
            headers.insert(header::IF_NONE_MATCH, tag.parse().unwrap());
            headers.insert(header::ACCEPT_ENCODING, accepted.parse().unwrap());
            let chosen = resource.choose(&headers);
            let held = held(&headers, &resource, &chosen);
            assert_eq!(held.unwrap(), told, "{tag} {accepted}");
        }
    }

    #[test]
    fn u16_dates_are_compared_as_dates() {
        for (date, expected) in [
            ("Wed, 25 Nov 2026 10:00:00 GMT", true),
            ("Wed, 25 Nov 2026 10:00:01 GMT", true),
            ("Wednesday, 25-Nov-26 10:00:00 GMT", true),
            ("Wed Nov 25 10:00:00 2026", true),
            ("Fri, 01 Jan 2100 00:00:00 GMT", true),
            ("Wed, 25 Nov 2026 09:59:59 GMT", false),
            ("Thu, 01 Jan 1970 00:00:00 GMT", false),
            ("yesterday", false),
            ("", false),
        ] {
            assert_eq!(
                fresh(&[(header::IF_MODIFIED_SINCE, date)]),
                expected,
                "{date}"
            );
        }
    }

    #[test]
    fn u16_who_wants_another_document_gets_none() {
        let resource = resource();
        let etag = resource.etag();
        let (older, newer) = (
            "Wed, 25 Nov 2026 09:59:59 GMT",
            "Wed, 25 Nov 2026 10:00:00 GMT",
        );
        for (fields, expected) in [
            (vec![], false),
            (vec![(header::IF_MATCH, &*etag)], false),
            (vec![(header::IF_MATCH, "*")], false),
            (
                vec![(header::IF_MATCH, "\"x\""), (header::IF_MATCH, &etag)],
                false,
            ),
            (vec![(header::IF_MATCH, "\"x\"")], true),
            (vec![(header::IF_MATCH, &*format!("W/{etag}"))], true),
            (vec![(header::IF_UNMODIFIED_SINCE, older)], true),
            (vec![(header::IF_UNMODIFIED_SINCE, newer)], false),
            (vec![(header::IF_UNMODIFIED_SINCE, "yesterday")], false),
            (
                vec![
                    (header::IF_MATCH, &*etag),
                    (header::IF_UNMODIFIED_SINCE, older),
                ],
                false,
            ),
        ] {
            let mut headers = HeaderMap::new();
            for (name, value) in &fields {
                headers.append(name, HeaderValue::from_str(value).unwrap());
            }
            let fails = fails(&headers, resource.tags(), resource.modified_at);
            assert_eq!(fails, expected, "{fields:?}");
        }
    }

    #[test]
    fn u16_a_tag_beats_a_date() {
        let etag = resource().etag();
        let newer = "Fri, 01 Jan 2100 00:00:00 GMT";
        let older = "Thu, 01 Jan 1970 00:00:00 GMT";
        assert!(!fresh(&[
            (header::IF_NONE_MATCH, "\"other\""),
            (header::IF_MODIFIED_SINCE, newer)
        ]));
        assert!(fresh(&[
            (header::IF_NONE_MATCH, &etag),
            (header::IF_MODIFIED_SINCE, older)
        ]));
    }
}

//! How validators are used.

use super::*;
use crate::model::Condition;

/// P27, P38: the date alone, or with leave to send what is new alone, which needs a tag.
#[tokio::test]
async fn validators_are_used_as_they_are_to_be() {
    let origin = Origin::start(|_, _| Reply::new("HTTP/1.1 226 IM Used\netag: \"2\"", "x")).await;
    let both = Validators {
        url: address(&origin.url("/")),
        etag: Some(b"\"1\"".to_vec()),
        last_modified: Some(b"then".to_vec()),
        condition: Condition::Delta,
        ..Validators::default()
    };
    let fields =
        || ["if-none-match", "if-modified-since", "a-im"].map(|name| origin.last_field(name));
    let (tag, date, feed) = (
        both.etag.clone(),
        both.last_modified.clone(),
        Some(b"feed".to_vec()),
    );
    let of = |etag: Option<&[u8]>, date: Option<&[u8]>, condition| Validators {
        etag: etag.map(<[u8]>::to_vec),
        last_modified: date.map(<[u8]>::to_vec),
        condition,
        ..both.clone()
    };
    let (some_tag, some_date) = (tag.as_deref(), date.as_deref());
    for (validators, expected) in [
        (both.clone(), [tag.clone(), date.clone(), feed.clone()]),
        (
            of(some_tag, None, Condition::Delta),
            [tag.clone(), None, feed.clone()],
        ),
        (
            of(None, some_date, Condition::Delta),
            [None, date.clone(), None],
        ),
        (
            of(some_tag, some_date, Condition::Both),
            [tag.clone(), date.clone(), None],
        ),
        (
            of(some_tag, some_date, Condition::Date),
            [None, date.clone(), None],
        ),
        (
            of(some_tag, None, Condition::Date),
            [tag.clone(), None, None],
        ),
    ] {
        let fetched = fetch_again(&origin.url("/"), &validators).await;
        assert_eq!(fields(), expected, "{validators:?}");
        // P38: the new tag over what the news started from.
        assert_eq!(fetched.validators.etag.as_deref(), Some(&b"\"2\""[..]));
        assert_eq!(fetched.validators.last_modified, validators.last_modified);
    }
    // Another address gave them.
    fetch_again(&origin.url("/other"), &both).await;
    assert_eq!(fields(), [None, None, None]);
}

//! What a feed's validators are used for, by how its origin took them so far (P27, P38).
//!
//! Some origins never match the tags that they give: Apache adds the content coding to a tag when it sends
//! it and not when it compares, others make a new tag at each response. A tag goes before a date (RFC 9110,
//! 13.1.3), so each poll of such a feed is answered in full though the date would do. After a few of these
//! the date goes alone.
//!
//! That trusts the date, and an origin whose date never moves would be silent for ever. So until a change
//! was found by the date, the tag goes along once a day, and once a week after that. An origin that answers
//! to it with 304 was mended, and gets both again; so does one whose document changed and whose date did not.
//!
//! Where a tag is sent, the origin may answer with what is new since alone. Only a whole document tells what
//! is no longer listed and what the feed says of itself, so the change after such an answer is asked for
//! whole.

use crate::model::{Condition, FeedState, Fetched, Outcome};
use crate::schedule;
use jiff::Timestamp;
use std::time::Duration;

/// Full answers with the bytes we have, and no 304 among them, after which tags are taken for deaf: one may
/// come of a cache that was restarted, two of two of them (P27).
const DEAF_AFTER: u32 = 3;

/// The count of an origin that is deaf to its tags and was seen to heed its date.
const PROVEN: u32 = DEAF_AFTER + 1;

/// How often the tag goes along while nothing shows that the date moves with the document: an origin whose
/// date does not is a day late at most.
const TAG_AGAIN: Duration = Duration::from_hours(24);

/// How often it does once a change showed that: a server that is set up anew may send one date for ever, and
/// what it publishes then is a week late at most. One full answer a week costs its publisher little.
const TAG_AGAIN_PROVEN: Duration = Duration::from_hours(7 * 24);

/// Returns how the validators of a feed are used in a poll at `now`; `seed` names the feed.
pub(super) fn condition(before: &FeedState, seed: &str, now: Timestamp) -> Condition {
    let span = match before.deaf_tags {
        ..DEAF_AFTER => None,
        DEAF_AFTER => Some(TAG_AGAIN),
        _ => Some(TAG_AGAIN_PROVEN),
    };
    let is_deaf = span.is_some_and(|span| {
        let tag_again = |last| schedule::comes_round(span, seed, last, now);
        !before.last_success_at.is_none_or(tag_again)
    });
    // Of a part of a document there is no digest.
    match before.body_digest {
        _ if is_deaf => Condition::Date,
        Some(_) => Condition::Delta,
        None => Condition::Both,
    }
}

/// Tells whether a response holds what is new alone, as was asked for; `before` holds the validators as they
/// were sent.
pub(super) fn is_part(before: &FeedState, fetched: &Fetched) -> bool {
    let sent = &before.validators;
    let was_asked = sent.condition == Condition::Delta && sent.etag.is_some();
    fetched.status == Some(226) && was_asked && sent.url == fetched.validators.url
}

/// Returns the full answers that count against a feed's tags after a poll that ended in `outcome`; `before`
/// holds the validators as they were sent.
///
/// A changed document is answered in full by any origin: it says nothing of tags. It speaks for the date
/// where that changed too, and against where it did not.
pub(super) fn deaf_tags(before: &FeedState, fetched: &Fetched, outcome: &Outcome) -> u32 {
    let (count, sent, given) = (before.deaf_tags, &before.validators, &fetched.validators);
    if !outcome.is_success() {
        return count;
    }
    let was_conditional = sent.url == given.url;
    let have_both = given.etag.is_some() && given.last_modified.is_some();
    if !was_conditional || !have_both || sent.last_modified.is_none() {
        return 0;
    }
    let tag_sent = sent.condition != Condition::Date && sent.etag.is_some();
    match outcome {
        Outcome::NotModified if !tag_sent => count,
        _ if matches!(fetched.status, Some(226 | 304)) && tag_sent => 0,
        Outcome::NotModified if count < DEAF_AFTER => count + 1,
        Outcome::NotModified => count,
        _ if sent.last_modified == given.last_modified => 0,
        _ if count >= DEAF_AFTER => PROVEN,
        _ => count,
    }
}

/// Returns the documents in a row for which the validators were of no use, after a poll that ended in `outcome`;
/// `before` holds the validators as they were to be sent.
pub(super) fn astray(before: &FeedState, fetched: &Fetched, outcome: &Outcome) -> u32 {
    let was_conditional = before.validators.url == fetched.validators.url;
    match (outcome.is_success(), was_conditional) {
        (false, _) => before.astray,
        (true, true) => 0,
        // A first request is none that went astray.
        (true, false) if before.validators.is_empty() => 0,
        (true, false) => before.astray.saturating_add(1),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Freshness, Validators, Wire};

    const FULL: (u16, Outcome) = (200, Outcome::NotModified);
    const NOT_MODIFIED: (u16, Outcome) = (304, Outcome::NotModified);
    const CHANGED: (u16, Outcome) = (200, Outcome::Modified);

    fn validators(etag: &str, date: &str, condition: Condition) -> Validators {
        let bytes = |text: &str| (!text.is_empty()).then(|| text.as_bytes().to_vec());
        Validators {
            url: "digest".to_owned(),
            etag: bytes(etag),
            last_modified: bytes(date),
            max_age: None,
            condition,
        }
    }

    fn fetched(status: u16, validators: Validators) -> Fetched {
        Fetched {
            outcome: Outcome::Modified,
            status: Some(status),
            url: String::new(),
            hops: Vec::new(),
            validators,
            freshness: Freshness::default(),
            charset: None,
            body: None,
            open_ended: false,
            elapsed: Duration::ZERO,
            wire: Wire::default(),
            asked_at: None,
            reached: None,
        }
    }

    /// Count before, how the validators were sent, what came -> count after.
    #[test]
    fn full_answers_count_against_tags() {
        use Condition::{Both, Date};
        for (before, condition, (status, outcome), date, expected) in [
            (0, Both, FULL, "mon", 1),
            (2, Both, FULL, "mon", 3),
            (3, Both, FULL, "mon", 3),
            (2, Both, NOT_MODIFIED, "mon", 0),
            (3, Both, NOT_MODIFIED, "mon", 0),
            (3, Date, NOT_MODIFIED, "mon", 3),
            (4, Date, NOT_MODIFIED, "mon", 4),
            (4, Date, FULL, "mon", 4),
            (2, Both, CHANGED, "tue", 2),
            (3, Date, CHANGED, "tue", 4),
            (3, Both, CHANGED, "tue", 4),
            (4, Date, CHANGED, "tue", 4),
            (4, Both, FULL, "mon", 4),
            (4, Both, NOT_MODIFIED, "mon", 0),
            (4, Both, CHANGED, "tue", 4),
            // The document changed and its date did not; or there is none any more.
            (2, Both, CHANGED, "mon", 0),
            (3, Both, CHANGED, "mon", 0),
            (4, Both, CHANGED, "mon", 0),
            (4, Date, FULL, "", 0),
            (2, Condition::Delta, (226, Outcome::Modified), "tue", 0),
            (2, Condition::Delta, FULL, "mon", 3),
            (2, Both, (500, Outcome::Gone), "", 2),
            (u32::MAX, Date, FULL, "mon", u32::MAX),
            (u32::MAX, Both, FULL, "mon", u32::MAX),
        ] {
            let state = FeedState {
                deaf_tags: before,
                validators: validators("1", "mon", condition),
                ..FeedState::default()
            };
            let fetched = fetched(status, validators("2", date, Both));
            let after = deaf_tags(&state, &fetched, &outcome);
            assert_eq!(
                after, expected,
                "{before} {condition:?} {status} {outcome:?} {date}"
            );
        }
    }

    /// P38: until a part came, and again after the next whole document.
    #[test]
    fn parts_are_asked_for_after_whole_documents() {
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let asked = |body_digest| {
            let state = FeedState {
                body_digest,
                ..FeedState::default()
            };
            condition(&state, "a", start)
        };
        assert_eq!(asked(Some([0; 32])), Condition::Delta);
        assert_eq!(asked(None), Condition::Both);
        for (status, condition, etag, expected) in [
            (226, Condition::Delta, "1", true),
            (200, Condition::Delta, "1", false),
            (226, Condition::Both, "1", false),
            (226, Condition::Date, "1", false),
            (226, Condition::Delta, "", false),
        ] {
            let state = FeedState {
                validators: validators(etag, "mon", condition),
                ..FeedState::default()
            };
            let fetched = fetched(status, validators("2", "tue", Condition::Both));
            assert_eq!(
                is_part(&state, &fetched),
                expected,
                "{status} {condition:?}"
            );
        }
    }

    #[test]
    fn only_answers_to_both_validators_count() {
        let after = |sent: Validators, given: Validators| {
            let state = FeedState {
                deaf_tags: 1,
                validators: sent,
                ..FeedState::default()
            };
            deaf_tags(&state, &fetched(200, given), &Outcome::NotModified)
        };
        let both = || validators("1", "mon", Condition::Both);
        assert_eq!(after(both(), both()), 2);
        assert_eq!(after(both(), validators("1", "", Condition::Both)), 0);
        assert_eq!(after(both(), validators("", "mon", Condition::Both)), 0);
        assert_eq!(after(validators("1", "", Condition::Both), both()), 0);
        assert_eq!(after(validators("", "mon", Condition::Both), both()), 1);
        let elsewhere = Validators {
            url: "another".to_owned(),
            ..both()
        };
        assert_eq!(after(both(), elsewhere), 0);
    }

    /// P12: documents in a row before, validators before, where the document came from -> after.
    #[test]
    fn p12_validators_that_are_of_no_use_are_counted() {
        let sent = validators("1", "mon", Condition::Both);
        let none = Validators::default();
        for (before, sent, url, (status, outcome), expected) in [
            (0, &none, "another", CHANGED, 0),
            (0, &sent, "digest", CHANGED, 0),
            (0, &sent, "another", CHANGED, 1),
            (1, &sent, "another", FULL, 2),
            (u32::MAX, &sent, "another", CHANGED, u32::MAX),
            (3, &sent, "digest", NOT_MODIFIED, 0),
            (3, &sent, "digest", CHANGED, 0),
            (3, &none, "another", CHANGED, 0),
            (3, &sent, "", (500, Outcome::Gone), 3),
        ] {
            let state = FeedState {
                astray: before,
                validators: sent.clone(),
                ..FeedState::default()
            };
            let given = Validators {
                url: url.to_owned(),
                ..validators("2", "tue", Condition::Both)
            };
            let after = astray(&state, &fetched(status, given), &outcome);
            assert_eq!(after, expected, "{before} {sent:?} {url} {outcome:?}");
        }
    }

    /// The tag goes along once a day until the date is proven, and then once a week: no count ends that.
    #[test]
    fn the_date_goes_alone_once_tags_are_deaf() {
        let start: Timestamp = "2026-11-01T00:00:00Z".parse().unwrap();
        let tags = |deaf_tags| {
            let at = |hour: u32| start + Duration::from_hours(1) * hour;
            let state = |hour| FeedState {
                deaf_tags,
                last_success_at: Some(at(hour)),
                ..FeedState::default()
            };
            let both = |hour: &u32| condition(&state(*hour), "a", at(*hour + 1)) != Condition::Date;
            (0..28 * 24).filter(both).count()
        };
        assert_eq!([0, 2, 3, 4, u32::MAX].map(tags), [672, 672, 28, 4, 4]);
    }
}

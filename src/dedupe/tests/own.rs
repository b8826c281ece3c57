//! Which of its feed's stored entries an entry is.

use super::ids::{GIVEN, believed, namesake};
use super::*;
use std::slice::from_ref;

#[test]
fn an_entry_that_is_stored_elsewhere_is_not_its_namesake() {
    // Related titles of one evening: taken alone, the namesake would be revised.
    let other = namesake(EDITED, Place::Other);
    let at_address = known(KeyKind::Url, "a", 2, OTHER);
    let given = Known {
        key: GIVEN,
        entry_id: "given".to_owned(),
        ..known(KeyKind::Guid, "a", 3, OTHER)
    };
    let found_by_given = Known {
        key: GIVEN,
        ..at_address.clone()
    };
    let gone = Known {
        entry: None,
        article: None,
        leads: false,
        ..at_address.clone()
    };
    let copy = Known {
        leads: false,
        ..at_address.clone()
    };
    let elsewhere = known(KeyKind::Url, "b", 2, OTHER);
    let revision = |entry| Some(entry);
    for (known, expected, sign) in [
        (vec![other.clone()], revision(1), Sign::Kept),
        (vec![other.clone(), elsewhere], revision(1), Sign::Kept),
        (
            vec![other.clone(), at_address.clone()],
            revision(2),
            Sign::Reused,
        ),
        (
            vec![other.clone(), at_address.clone(), found_by_given],
            revision(2),
            Sign::StillReused,
        ),
        (vec![other.clone(), gone], None, Sign::Reused),
        (
            vec![other.clone(), given.clone()],
            revision(3),
            Sign::StillReused,
        ),
        (
            vec![other.clone(), copy, given.clone()],
            revision(3),
            Sign::StillReused,
        ),
        // Ids that take turns between believed and not.
        (vec![given], revision(3), Sign::StillReused),
    ] {
        let decision = super::super::decide(&believed(TITLE, 1), &known);
        let found = match decision.verdict {
            Verdict::Revision { entry, .. } => Some(entry),
            Verdict::Forgotten => None,
            other => panic!("{other:?}"),
        };
        assert_eq!((found, decision.sign), (expected, sign), "{known:?}");
    }
    // An id that the feed must be believed, or that says the same, is what it is.
    let same = Known {
        content_digest: [1; 16],
        ..other
    };
    let decision = super::super::decide(&believed(TITLE, 1), &[same, at_address]);
    assert_eq!(decision.verdict, Verdict::Unchanged { entry: 1 });
}

#[test]
fn where_addresses_count_the_address_is_the_entry() {
    let by_address = |title, hour| Entry {
        by_address: true,
        ..entry("new", title, hour)
    };
    let decide = |title, hour, known: &[Known]| decide(&by_address(title, hour), known);
    let itself = known(KeyKind::Url, "a", 1, TITLE);
    let revised = |verdict| match verdict {
        Verdict::Revision { entry, reason } => {
            assert_eq!(reason.kind, ReasonKind::SameUrl);
            entry
        }
        other => panic!("{other:?}"),
    };
    assert_eq!(revised(decide(EDITED, 400, from_ref(&itself))), 1);
    assert_eq!(revised(decide(OTHER, 1, from_ref(&itself))), 1);
    // A page that goes on to something else.
    let next = decide(OTHER, 21, from_ref(&itself));
    assert!(matches!(next, Verdict::New(_)));
    // Another feed's entry there is a copy.
    let theirs = known(KeyKind::Url, "b", 1, TITLE);
    assert!(matches!(
        decide(TITLE, 1, &[theirs]),
        Verdict::Copy { article: 10, .. }
    ));
    // What readers see is what is put right: not an earlier copy, nor what only has the id.
    let copy = |stored, hour, kind| Known {
        leads: false,
        published_at: hours(hour),
        ..known(kind, "a", stored, TITLE)
    };
    let copies = [copy(2, -1, KeyKind::Url), copy(3, -2, KeyKind::Url)];
    let with = |more: &[Known]| [&copies[..], more].concat();
    assert_eq!(revised(decide(EDITED, 1, &with(from_ref(&itself)))), 1);
    assert_eq!(revised(decide(EDITED, 1, &copies)), 3);
    let id = Known {
        entry_id: "new".to_owned(),
        ..copy(4, 0, KeyKind::Guid)
    };
    assert_eq!(revised(decide(EDITED, 1, &with(&[itself.clone(), id]))), 1);
    let gone = Known {
        entry: None,
        article: None,
        ..copy(5, -3, KeyKind::Url)
    };
    assert_eq!(revised(decide(EDITED, 1, &with(from_ref(&gone)))), 3);
    assert_eq!(decide(OTHER, 1, from_ref(&gone)), Verdict::Forgotten);
    let same = Known {
        content_digest: [1; 16],
        ..itself
    };
    assert_eq!(decide(TITLE, 1, &[same]), Verdict::Unchanged { entry: 1 });
}

/// The feed's own last part shows the series although it is the namesake.
#[test]
fn a_series_under_one_id_is_not_drawn_to_its_last_part_by_another_feed() {
    let other = namesake(TITLE, Place::Other);
    let last = Known {
        key: known(KeyKind::Title, "a", 1, TITLE).key,
        ..other.clone()
    };
    let theirs = known(KeyKind::Title, "b", 2, TITLE);
    let decision = super::super::decide(&believed(TITLE, 24), &[other, last, theirs]);
    assert!(matches!(decision.verdict, Verdict::New(_)), "{decision:?}");
    assert_eq!(decision.sign, Sign::Reused);
}

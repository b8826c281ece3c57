//! Addresses that are places in a list.

use super::ids::{OTHER_REPORT, REPORT, believed};
use super::*;
use crate::model::{GuidHealth, Guids};
use std::slice::from_ref;

fn by_address(title: &str, by_title: bool) -> Entry {
    Entry {
        by_address: true,
        by_title,
        summary_text: REPORT.to_owned(),
        ..entry("new", title, 1)
    }
}

/// What the feed has at the address of an entry.
fn stored(title: &str, text: &str) -> Known {
    Known {
        text: text.to_owned(),
        ..known(KeyKind::Url, "a", 1, title)
    }
}

#[test]
fn what_moved_is_what_it_was() {
    let moved = Known {
        is_moved: true,
        ..stored(TITLE, REPORT)
    };
    let there = Known {
        is_elsewhere: true,
        ..known(KeyKind::Url, "a", 2, EDITED)
    };
    let decide = |known: &[Known]| super::super::decide(&by_address(TITLE, false), known);
    let decision = decide(&[there.clone(), moved]);
    let Verdict::Revision { entry, reason } = decision.verdict else {
        panic!("{:?}", decision.verdict)
    };
    assert_eq!((entry, decision.sign), (1, Sign::Moved));
    assert_eq!(reason.kind, ReasonKind::SameTitle);
    // What left the address behind is no copy either, however alike the titles.
    let decision = decide(from_ref(&there));
    assert!(matches!(decision.verdict, Verdict::New(_)), "{decision:?}");
    let stayed = Known {
        is_elsewhere: false,
        ..there
    };
    let decision = decide(&[stayed]);
    assert!(matches!(
        decision.verdict,
        Verdict::Revision { entry: 2, .. }
    ));
    assert_eq!(decision.sign, Sign::Stayed);
}

/// Whether the ids are places as well, or stay with what moves.
#[test]
fn what_moved_is_what_it_was_under_any_id() {
    let moved = Known {
        is_moved: true,
        is_elsewhere: true,
        ..stored(TITLE, REPORT)
    };
    let of_id = |stored, is_elsewhere| Known {
        is_elsewhere,
        ..Known {
            place: Place::Same,
            ..known(KeyKind::Guid, "a", stored, EDITED)
        }
    };
    for (known, expected, sign) in [
        (vec![of_id(2, true), moved.clone()], Some(1), Sign::Reused),
        (vec![of_id(1, true), moved.clone()], Some(1), Sign::Kept),
        (vec![of_id(2, true)], None, Sign::Reused),
        (vec![of_id(2, false)], Some(2), Sign::Kept),
    ] {
        let decision = super::super::decide(&believed(TITLE, 1), &known);
        let found = match decision.verdict {
            Verdict::Revision { entry, .. } => Some(entry),
            Verdict::New(_) => None,
            other => panic!("{other:?}"),
        };
        assert_eq!((found, decision.sign), (expected, sign), "{known:?}");
    }
}

/// The title and the text of what stands at the address, and whether the entry is that, edited.
#[test]
fn where_addresses_are_places_the_words_tell() {
    for (title, text, expected) in [
        (EDITED, REPORT, true),
        (TITLE, REPORT, true),
        (EDITED, OTHER_REPORT, false),
        (EDITED, "", false),
        (OTHER, REPORT, false),
        (
            "Modi and Putin discuss oil at Delhi summit, day 2",
            REPORT,
            true,
        ),
    ] {
        let verdict = decide(&by_address(TITLE, true), &[stored(title, text)]);
        let found = matches!(verdict, Verdict::Revision { .. });
        assert_eq!(found, expected, "{title}: {text}");
        assert!(found || matches!(verdict, Verdict::New(_)), "{verdict:?}");
    }
    let counted = |number| format!("Advisory {number} for the northern coast");
    let verdict = decide(
        &by_address(&counted(13), true),
        &[stored(&counted(12), REPORT)],
    );
    assert!(matches!(verdict, Verdict::New(_)), "{verdict:?}");
}

#[test]
fn a_title_is_found_again_by_text_or_instant() {
    for (title, texts, hour, is_remembered, expected) in [
        (TITLE, (REPORT, REPORT), 9, false, true),
        (TITLE, ("", ""), 9, false, true),
        (TITLE, (REPORT, OTHER_REPORT), 9, false, false),
        (TITLE, (REPORT, OTHER_REPORT), 0, false, true),
        (TITLE, (REPORT, ""), 9, false, false),
        (TITLE, (REPORT, ""), 9, true, true),
        (EDITED, (REPORT, REPORT), 0, false, false),
    ] {
        let entry = Entry {
            summary_text: texts.0.to_owned(),
            ..entry("new", TITLE, hour)
        };
        let mut known = stored(title, texts.1);
        known.entry.take_if(|_| is_remembered);
        let found = says_it_elsewhere(&entry, &known);
        assert_eq!(found, expected, "{title} {texts:?} {hour}");
    }
}

/// Polls by their numbers of entries that moved and that stayed, and what is proven and suspected after the last.
#[test]
fn a_list_is_known_at_the_second_poll_that_says_the_same() {
    use GuidHealth::{Changing, Good, Places};
    for (before, polls, health, suspicion) in [
        (Good, &[(2, 0)][..], Good, Places),
        (Good, &[(2, 0), (2, 0)], Places, Good),
        (Good, &[(2, 0), (0, 3), (2, 0)], Good, Places),
        (Good, &[(1, 0), (1, 0)], Good, Good),
        // Two links that changed places by mistake, and back.
        (Good, &[(2, 2), (2, 2)], Good, Good),
        // Ids are none, and neither are addresses.
        (Changing, &[(9, 1), (9, 1)], Places, Good),
        (Changing, &[(9, 1), (0, 9), (0, 9)], Changing, Good),
        (Places, &[(0, 9), (0, 9)], Places, Good),
    ] {
        let mut guids = Guids {
            health: before,
            suspicion: Good,
        };
        for &(moved, stayed) in polls {
            let mut tally = Tally::default();
            (0..moved).for_each(|_| tally.note(Sign::Moved));
            (0..stayed).for_each(|_| tally.note(Sign::Stayed));
            guids = tally.judge(guids);
        }
        let found = (guids.health, guids.suspicion);
        assert_eq!(found, (health, suspicion), "{before:?} {polls:?}");
    }
}

//! Ids that other feeds have, and sources that two feeds have in common.

use super::*;
use crate::model::Source;

/// What another feed stored under the id of the entry at hand.
fn holder(title: &str, text: &str) -> Known {
    Known {
        text: text.to_owned(),
        ..known(KeyKind::Published, "b", 1, title)
    }
}

const RAIN: &str = "Rain in the harbour keeps ferries from leaving before Thursday evening";

const NO_RAIN: &str = "Librarians celebrate returned volumes after amnesty brings thousands home";

#[test]
fn an_id_of_another_feed_needs_words_that_agree() {
    let edited = "Modi and Putin agree on oil at Delhi summit";
    let other = "Railway strike enters its third week";
    for ((title, text), stored, expected) in [
        ((TITLE, ""), (TITLE, ""), "copy"),
        ((edited, ""), (TITLE, ""), "copy"),
        ((other, ""), (TITLE, ""), "under a title of its own"),
        // What is related is not enough by itself, and nothing is under another text.
        (
            ("Tunnel opens", ""),
            ("Tunnel will never open", ""),
            "under a title of its own",
        ),
        (
            ("Tunnel opens", RAIN),
            ("Tunnel will never open", RAIN),
            "copy",
        ),
        (
            (TITLE, RAIN),
            (TITLE, NO_RAIN),
            "with another text under it",
        ),
        (("", ""), (TITLE, ""), "under a title of its own"),
        ((TITLE, ""), ("", ""), "under a title of its own"),
        ((TITLE, ""), ("", RAIN), "under a title of its own"),
        // A title that was made of the first words.
        (("Rain in the harbour keeps..", ""), ("", RAIN), "copy"),
        (("", RAIN), ("Rain in the harbour keeps..", ""), "copy"),
        (("", RAIN), ("", RAIN), "copy"),
        (
            ("", RAIN),
            ("", "too short to tell"),
            "under a title of its own",
        ),
        (
            ("Weather for Monday", ""),
            ("Weather for Tuesday", ""),
            "with other numbers or days in the title",
        ),
    ] {
        let mut entry = entry("id1", title, 900);
        text.clone_into(&mut entry.summary_text);
        let told = match decide(&entry, &[holder(stored.0, stored.1)]) {
            Verdict::Copy {
                article: 10,
                reason,
            } => {
                assert_eq!(reason.kind, ReasonKind::SameId);
                assert_eq!(reason.text, "the published id of id1 in feed b");
                "copy".to_owned()
            }
            Verdict::New(reason) => reason.text,
            verdict => panic!("{verdict:?}"),
        };
        assert!(told.ends_with(expected), "{title:?} {stored:?}: {told}");
    }
}

/// What has neither title nor text is published under the name of its source.
#[test]
fn the_name_of_the_source_is_no_title() {
    let mut entry = entry("id1", "Harbour pictures", 1);
    let at_home = Known {
        place: Place::Same,
        ..holder("", "")
    };
    assert!(matches!(
        decide(&entry, std::slice::from_ref(&at_home)),
        Verdict::New(_)
    ));
    entry.source = Some(Source {
        title: entry.title.clone(),
        ..Source::default()
    });
    assert!(matches!(decide(&entry, &[at_home]), Verdict::Copy { .. }));
    assert!(matches!(decide(&entry, &[holder("", "")]), Verdict::New(_)));
}

#[test]
fn an_id_of_the_same_source_is_told_as_one() {
    let stored = Known {
        same_source: true,
        ..holder(TITLE, "")
    };
    let Verdict::Copy { reason, .. } = decide(&entry("id1", TITLE, 1), &[stored]) else {
        panic!("no copy")
    };
    assert_eq!(reason.text, "the id that its source gives to id1 in feed b");
}

/// A series stays one where a planet carries its parts.
#[test]
fn the_next_part_of_a_series_of_the_same_source_is_new() {
    for (same_source, is_new) in [(true, true), (false, false)] {
        let last = Known {
            same_source,
            ..known(KeyKind::Title, "b", 1, TITLE)
        };
        let verdict = decide(&entry("new", TITLE, 24), &[last]);
        assert_eq!(matches!(verdict, Verdict::New(_)), is_new, "{verdict:?}");
    }
}

/// R15: what readers had does not come back by way of another feed, unless it is something else.
#[test]
fn r15_what_retention_took_does_not_come_back_from_elsewhere() {
    for kind in [KeyKind::Url, KeyKind::Published] {
        let gone = |hours, title| Known {
            entry: None,
            article: None,
            had: SignedDuration::from_hours(hours),
            ..known(kind, "b", 1, title)
        };
        let verdict = |known| decide(&entry("new", TITLE, 1), &[known]);
        assert_eq!(verdict(gone(24, TITLE)), Verdict::Forgotten);
        assert!(matches!(verdict(gone(23, TITLE)), Verdict::New(_)));
        let other = "Railway strike enters its third week";
        assert!(matches!(verdict(gone(24, other)), Verdict::New(_)));
    }
}

/// Of several editions at one address, whose texts are too short to tell them apart, it is of the one that says the same.
#[test]
fn an_edition_is_of_that_which_says_the_same() {
    let title = "Menu of the day at the harbour";
    let at = |kind, stored, hour| Known {
        published_at: hours(hour),
        ..known(kind, "b", stored, title)
    };
    let (first, second) = (at(KeyKind::Url, 1, 0), at(KeyKind::Url, 2, 5));
    for (also, expected) in [
        (None, (10, ReasonKind::SameUrl)),
        (Some(2), (20, ReasonKind::SameContent)),
        // What says so elsewhere is no edition of the page.
        (Some(3), (10, ReasonKind::SameUrl)),
    ] {
        let also = also.map(|stored| at(KeyKind::Content, stored, 5));
        let known: Vec<Known> = [first.clone(), second.clone()]
            .into_iter()
            .chain(also)
            .collect();
        match decide(&entry("new", title, 5), &known) {
            Verdict::Copy { article, reason } => assert_eq!((article, reason.kind), expected),
            other => panic!("{other:?}"),
        }
    }
}

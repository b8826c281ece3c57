//! What entries tell of the ids of their feed.

use super::*;
use crate::model::{GivenId, GuidHealth, Guids};

pub(super) const REPORT: &str = "Northtown spends nine million on schools, playgrounds and the swimming pool, \
                      councillors decided shortly before midnight after forty speeches";
pub(super) const OTHER_REPORT: &str = "Southville closes three libraries; residents protested outside while officials \
                            blamed falling revenue from the harbour and rising interest payments";

/// The key of the id that an entry would be given.
pub(super) const GIVEN: Key = Key {
    kind: KeyKind::Guid,
    digest: [7; 16],
};

/// An entry that goes by its publisher's id as long as that is believed.
pub(super) fn believed(title: &str, hour: i64) -> Entry {
    Entry {
        given: Some(GivenId {
            id: "given".to_owned(),
            key: GIVEN,
        }),
        ..entry("id1", title, hour)
    }
}

/// What its feed stored under its id.
pub(super) fn namesake(title: &str, place: Place) -> Known {
    Known {
        place,
        ..known(KeyKind::Guid, "a", 1, title)
    }
}

/// Where a namesake is, both titles, hours between them, and whether it is another article.
type Meeting<'a> = (Place, (&'a str, &'a str), i64, bool);

/// Checks what becomes of a believed id.
fn check_reused(meetings: &[Meeting<'_>]) {
    for &(place, titles, hour, expected) in meetings {
        for hour in [hour, -hour] {
            let namesake = namesake(titles.1, place);
            let decision = super::super::decide(&believed(titles.0, hour), &[namesake]);
            let is_new = matches!(decision.verdict, Verdict::New(_));
            let sign = if expected { Sign::Reused } else { Sign::Kept };
            let found = (is_new, decision.sign);
            assert_eq!(found, (expected, sign), "{place:?} {titles:?} {hour}");
        }
    }
}

const DAILY: (&str, &str) = ("The Daily: Monday", "The Daily: Tuesday");

#[test]
fn an_id_is_reused_when_address_and_headline_are_anothers() {
    use Place::{Other, Same};
    let rain = "Rain in the north of the city";
    let fire = "Fire in the south of the town";
    let helsinki = ("Хельсинки: встреча лидеров", "Встреча лидеров в Хельсинки");
    let network = (
        "Example News Network: Harbour reopens",
        "Example News Network: Parliament votes",
    );
    check_reused(&[
        // An edit, however thorough, is one at the same address.
        (Same, (TITLE, OTHER), 400, false),
        (Same, ("", ""), 400, false),
        (Other, (TITLE, TITLE), 20, false),
        (Other, (TITLE, EDITED), 20, false),
        (Other, ("UK PM quits", "UK PM to quit"), 1, false),
        (Other, helsinki, 1, false),
        (Other, (TITLE, OTHER), 0, true),
        (Other, (rain, fire), 1, true),
        // The next part of a series: a day later, or of another hour.
        (Other, (TITLE, TITLE), 21, true),
        (Other, network, 24, true),
        (Other, DAILY, 20, true),
        (Other, ("07:00 bulletin", "17:00 bulletin"), 10, true),
        // Nothing to compare, as in posts of pictures.
        (Other, (TITLE, ""), 1, true),
        (Other, ("", ""), 0, true),
    ]);
}

#[test]
fn without_an_address_the_date_of_publication_tells() {
    use Place::Unknown;
    check_reused(&[
        (Unknown, (TITLE, OTHER), 0, false),
        (Unknown, (TITLE, OTHER), 1, true),
        (Unknown, (TITLE, EDITED), 20, false),
        (Unknown, (TITLE, EDITED), 21, true),
        (Unknown, DAILY, 24, true),
        (Unknown, DAILY, 0, false),
        (Unknown, (TITLE, ""), 0, false),
        (Unknown, (TITLE, ""), 1, true),
    ]);
    // (dated, exact) of the entry, whether the other is dated, titles and hours.
    for (of_entry, of_other, titles, hour, expected) in [
        // The date of a change moves with it, and one that was cut to the present is any.
        ((true, false), true, (TITLE, OTHER), 0, true),
        ((true, true), false, (TITLE, OTHER), 0, true),
        ((true, false), true, (TITLE, EDITED), 20, false),
        ((true, false), true, ("", ""), 9, false),
        // Without dates the headline tells, or else the id.
        ((false, false), true, (TITLE, EDITED), 400, false),
        ((false, false), false, (TITLE, OTHER), 0, true),
        ((false, false), false, ("", ""), 400, false),
        // What had no date was there when it was first seen, and not a day later.
        ((true, true), false, (TITLE, EDITED), -400, false),
        ((true, true), false, (TITLE, EDITED), 21, true),
        // Midnight is no moment but a day.
        ((true, true), true, (TITLE, OTHER), -8, true),
    ] {
        let mut entry = believed(titles.0, hour);
        (entry.dated, entry.exact) = of_entry;
        let mut other = Known {
            dated: of_other,
            ..namesake(titles.1, Unknown)
        };
        if hour == -8 {
            other.published_at = entry.published_at;
        }
        let sign = super::super::decide(&entry, &[other]).sign;
        assert_eq!(
            sign == Sign::Reused,
            expected,
            "{of_entry:?} {titles:?} {hour}"
        );
    }
}

#[test]
fn texts_tell_where_headlines_do_not() {
    use Place::{Other, Unknown};
    let briefing = ("Morning briefing from town", "Morning briefing from town");
    let edited = format!("{REPORT}, as the mayor told reporters");
    for (place, titles, text, hour, expected) in [
        (Other, ("", ""), "Trams run again", 1, true),
        (Other, ("", ""), "Northtown spends nine millions", 1, false),
        (Other, ("", ""), "", 1, true),
        (Unknown, ("", ""), "Trams run again", 1, true),
        (Unknown, ("", ""), "Trams run again", 0, false),
        (Other, ("", ""), OTHER_REPORT, 1, true),
        (Other, ("", ""), REPORT, 1, false),
        (Other, briefing, OTHER_REPORT, 24, true),
        (Other, briefing, OTHER_REPORT, 1, false),
        (Other, briefing, REPORT, 24, false),
        // Headline and slug rewritten, the text nearly as it was.
        (Other, (TITLE, OTHER), REPORT, 0, false),
        (Other, (TITLE, OTHER), edited.as_str(), 0, false),
        (Other, (TITLE, OTHER), OTHER_REPORT, 0, true),
        // The words around the next part of a series.
        (Other, DAILY, REPORT, 24, true),
        (Other, DAILY, REPORT, 0, false),
        (Unknown, (TITLE, OTHER), OTHER_REPORT, 24, true),
        (Unknown, (TITLE, OTHER), edited.as_str(), 24, false),
    ] {
        let mut entry = believed(titles.0, hour);
        REPORT.clone_into(&mut entry.content_text);
        let mut known = namesake(titles.1, place);
        text.clone_into(&mut known.text);
        let sign = super::super::decide(&entry, &[known]).sign;
        assert_eq!(
            sign == Sign::Reused,
            expected,
            "{place:?} {titles:?} {hour} {text}"
        );
    }
}

#[test]
fn whoever_must_be_believed_is() {
    let mut entry = believed(TITLE, 30);
    entry.given = None;
    let decision = super::super::decide(&entry, &[namesake(OTHER, Place::Other)]);
    assert!(matches!(
        decision.verdict,
        Verdict::Revision { entry: 1, .. }
    ));
    assert_eq!(decision.sign, Sign::Silent);
}

#[test]
fn an_entry_of_a_reused_id_is_met_under_its_own() {
    let other = namesake(OTHER, Place::Other);
    let itself = Known {
        key: GIVEN,
        entry_id: "given".to_owned(),
        ..known(KeyKind::Guid, "a", 2, TITLE)
    };
    let decide = |known: &[Known]| super::super::decide(&believed(TITLE, 30), known);
    let decision = decide(&[other.clone(), itself.clone()]);
    assert!(matches!(
        decision.verdict,
        Verdict::Revision { entry: 2, .. }
    ));
    assert_eq!(decision.sign, Sign::StillReused);
    let gone = Known {
        entry: None,
        article: None,
        ..itself
    };
    assert_eq!(decide(&[other.clone(), gone]).verdict, Verdict::Forgotten);
    // Elsewhere it may have copies, but never in the article whose id it has.
    let copy = known(KeyKind::Url, "b", 3, TITLE);
    let decision = decide(&[other.clone(), copy]);
    assert!(matches!(
        decision.verdict,
        Verdict::Copy { article: 30, .. }
    ));
    assert_eq!(decision.sign, Sign::Reused);
    let slug = known(KeyKind::Slug, "a", 1, TITLE);
    let Verdict::New(reason) = decide(&[other.clone(), slug]).verdict else {
        panic!("a copy of the other")
    };
    assert_eq!(
        reason.text,
        "the same id as id1 in feed a, but the feed uses its ids for more than one article"
    );
    // Nor by a copy of that one in another feed.
    let copy = Known {
        article: other.article,
        ..known(KeyKind::Title, "b", 3, TITLE)
    };
    assert!(matches!(
        decide(&[other.clone(), copy]).verdict,
        Verdict::New(_)
    ));
    // What retention left of the other does not take this one along.
    let tombstone = Known {
        entry: None,
        article: None,
        ..other
    };
    assert!(matches!(decide(&[tombstone]).verdict, Verdict::New(_)));
}

#[test]
fn a_renamed_entry_is_known_by_address_or_words() {
    let gone = |known: Known| Known {
        entry: None,
        article: None,
        ..known
    };
    let words = Known {
        key: GIVEN,
        content_digest: [1; 16],
        ..known(KeyKind::Guid, "a", 1, TITLE)
    };
    let url = known(KeyKind::Url, "a", 1, TITLE);
    for (hour, known, expected, is_new) in [
        (9, url.clone(), Sign::Renamed, false),
        (9, gone(url), Sign::Silent, false),
        (
            9,
            known(KeyKind::Content, "a", 1, TITLE),
            Sign::Renamed,
            false,
        ),
        (9, known(KeyKind::Url, "b", 1, TITLE), Sign::Silent, false),
        (9, known(KeyKind::Url, "a", 1, OTHER), Sign::Silent, true),
        (9, known(KeyKind::Title, "a", 1, TITLE), Sign::Silent, false),
        (0, words.clone(), Sign::Renamed, false),
        (0, gone(words.clone()), Sign::Silent, false),
        // The same few words again are news, and so are others at the same time; but those tell of ids
        // that change.
        (9, words.clone(), Sign::Renamed, true),
        // A document that lists an article twice has not changed its id.
        (
            0,
            Known {
                is_new: true,
                ..words.clone()
            },
            Sign::Silent,
            false,
        ),
        (
            0,
            Known {
                content_digest: [9; 16],
                ..words
            },
            Sign::Silent,
            true,
        ),
    ] {
        let what = format!("{hour} {known:?}");
        let decision = super::super::decide(&believed(TITLE, hour), &[known]);
        assert_eq!(decision.sign, expected, "{what}");
        assert_eq!(
            matches!(decision.verdict, Verdict::New(_)),
            is_new,
            "{what}"
        );
    }
}

/// Entries that say nothing but "Photo", all found at once: each is one.
#[test]
fn the_same_words_without_a_date_are_each_an_entry() {
    let mut entry = believed("Photo", 0);
    entry.dated = false;
    let other = Known {
        key: GIVEN,
        content_digest: entry.content_digest,
        ..known(KeyKind::Guid, "a", 1, "Photo")
    };
    let decision = super::super::decide(&entry, &[other]);
    assert!(matches!(decision.verdict, Verdict::New(_)));
    assert_eq!(decision.sign, Sign::Renamed);
}

/// Polls by their numbers of kept, renamed and reused entries, and what is proven and suspected after
/// the last.
type History<'a> = (&'a [(u32, u32, u32)], GuidHealth, GuidHealth);

#[test]
fn a_feed_is_judged_at_the_second_poll_that_says_the_same() {
    use GuidHealth::{Changing, Good, Reused};
    let histories: &[History<'_>] = &[
        (&[], Good, Good),
        (&[(20, 0, 0)], Good, Good),
        // All ids change once, when a site moves to https.
        (&[(0, 20, 0)], Good, Changing),
        (&[(0, 20, 0), (20, 0, 0)], Good, Good),
        (&[(0, 20, 0), (20, 0, 0), (0, 20, 0)], Good, Changing),
        (&[(0, 20, 0), (0, 20, 0)], Changing, Good),
        // A document of news alone says nothing, nor do few entries.
        (
            &[(0, 20, 0), (0, 0, 0), (0, 2, 0), (0, 20, 0)],
            Changing,
            Good,
        ),
        (&[(0, 2, 0), (0, 2, 0)], Good, Good),
        (&[(10, 10, 0), (10, 10, 0)], Good, Good),
        (&[(9, 10, 0), (9, 10, 0)], Changing, Good),
        // One entry is enough where it is all there is, but not once.
        (&[(0, 0, 1)], Good, Reused),
        (&[(0, 0, 1), (1, 0, 0), (0, 0, 1)], Good, Reused),
        (&[(0, 0, 1), (0, 0, 1)], Reused, Good),
        (&[(0, 0, 1), (0, 3, 0), (0, 0, 1)], Good, Reused),
        (&[(20, 0, 1), (20, 0, 1)], Good, Good),
        // Nothing makes it good again.
        (
            &[(0, 0, 1), (0, 0, 1), (20, 0, 0), (0, 9, 0), (0, 9, 0)],
            Reused,
            Good,
        ),
    ];
    for (polls, health, suspicion) in histories {
        let mut guids = Guids::default();
        for &(kept, renamed, reused) in *polls {
            let mut tally = Tally::default();
            for (sign, count) in [
                (Sign::Kept, kept),
                (Sign::Renamed, renamed),
                (Sign::Reused, reused),
                (Sign::Silent, 50),
                (Sign::StillReused, 50),
            ] {
                (0..count).for_each(|_| tally.note(sign));
            }
            guids = tally.judge(guids);
        }
        assert_eq!(
            (guids.health, guids.suspicion),
            (*health, *suspicion),
            "{polls:?}"
        );
    }
}

#[test]
fn what_a_document_did_is_told() {
    let told = |signs: &[(Sign, u32)]| {
        let mut tally = Tally::default();
        for (sign, count) in signs {
            (0..*count).for_each(|_| tally.note(*sign));
        }
        tally.defect().map(|defect| defect.to_string())
    };
    for (signs, expected) in [
        (&[][..], None),
        (&[(Sign::Kept, 3), (Sign::Renamed, 1)], None),
        (
            &[(Sign::Kept, 1), (Sign::Renamed, 4)],
            Some("changing-id: 4 of 5 known entries came under another id"),
        ),
        (
            &[(Sign::Kept, 7), (Sign::Reused, 1)],
            Some("reused-id: 1 of 8 known entries came under the id of another"),
        ),
    ] {
        assert_eq!(told(signs).as_deref(), expected);
    }
}

//! Pages that go on to other news.

use super::ids::{believed, namesake};
use super::*;
use crate::model::Said;

const FLOOD: &str = "Harbour closed after storm surge floods the quays; ferries wait outside, \
                     captains complain about missing moorings";
const VOTE: &str = "Parliament passes budget; opposition walks out before midnight, ministers \
                    promise cheaper railways";

/// What stands at a page: its title, its text, for how many hours, and how many hours before the entry it
/// is dated.
type Stands<'a> = (&'a str, &'a str, i64, i64);

/// A page that says this now, as far as dedupe is told.
fn page((title, text, stood, age): Stands<'_>) -> Known {
    Known {
        text: text.to_owned(),
        stood: SignedDuration::from_hours(stood),
        updated_at: hours(100 - age),
        ..namesake(title, Place::Same)
    }
}

fn says(title: &str, text: &str) -> Entry {
    let mut entry = believed(title, 100);
    text.clone_into(&mut entry.summary_text);
    entry
}

#[test]
fn a_page_goes_on_only_when_all_speaks_for_it() {
    let (storm, vote) = ("Storm floods harbour quays", "Parliament votes on budget");
    let live = |title| format!("Live: {title}");
    for (stands, (title, text), expected) in [
        ((storm, FLOOD, 12, 12), (vote, VOTE), true),
        // What stood for an hour is revised, as is what is dated as before.
        ((storm, FLOOD, 11, 99), (vote, VOTE), false),
        ((storm, FLOOD, 99, 11), (vote, VOTE), false),
        ((storm, FLOOD, 99, 0), (vote, VOTE), false),
        ((storm, FLOOD, 99, -99), (vote, VOTE), false),
        // One of the two is edited.
        ((storm, FLOOD, 24, 24), (vote, FLOOD), false),
        ((storm, FLOOD, 24, 24), (storm, VOTE), false),
        (
            (storm, FLOOD, 24, 24),
            ("Ferries wait after harbour floods", VOTE),
            false,
        ),
        // The name of the page may stand in both titles..
        ((&live(storm), FLOOD, 24, 24), (&live(vote), VOTE), true),
        (
            ("Storm floods quays | The Evening Gazette", FLOOD, 24, 24),
            ("Parliament votes | The Evening Gazette", VOTE),
            true,
        ),
        // ..but not where there is no text to go by.
        ((storm, "", 24, 24), (vote, ""), true),
        ((&live(storm), "", 24, 24), (&live(vote), ""), false),
        ((storm, "Comments", 24, 24), (vote, "comments"), false),
        ((storm, "Comments", 24, 24), (vote, VOTE), true),
        (("", FLOOD, 24, 24), (vote, VOTE), false),
        ((storm, FLOOD, 24, 24), ("", VOTE), false),
        (
            ("Погода на понедельник", "", 24, 24),
            ("Курс валют сегодня", ""),
            true,
        ),
    ] {
        let decision = super::super::decide(&says(title, text), &[page(stands)]);
        let is_new = matches!(decision.verdict, Verdict::New(_));
        let found = (is_new, decision.retires.is_some());
        assert_eq!(found, (expected, expected), "{stands:?} {title}: {text}");
        assert_eq!(decision.sign, Sign::Kept);
    }
}

/// An hour is enough where others say what stood there, by whatever its entries are told apart; all of those must say
/// something else than it says now.
#[test]
fn a_page_leaves_what_other_outlets_say_at_once() {
    let (storm, vote) = ("Storm floods harbour quays", "Parliament votes on budget");
    let said = |(title, text): (&str, &str)| Said {
        title: title.to_owned(),
        text: text.to_owned(),
    };
    let believed = says(vote, VOTE);
    let by_guid = Entry {
        given: None,
        ..believed.clone()
    };
    let by_address = Entry {
        by_address: true,
        ..by_guid.clone()
    };
    let edited = says("Storm floods more harbour quays", FLOOD);
    let other = (Place::Other, &[(storm, FLOOD)][..]);
    for (entry, (place, others), expected) in [
        (&believed, (Place::Same, &[][..]), false),
        (&believed, (Place::Same, &[(storm, FLOOD)][..]), true),
        (&believed, (Place::Unknown, other.1), true),
        (&by_guid, other, true),
        (&by_address, other, true),
        (&edited, (Place::Same, other.1), false),
        (
            &believed,
            (Place::Same, &[(storm, FLOOD), (vote, VOTE)][..]),
            false,
        ),
        (
            &believed,
            (Place::Same, &[(storm, FLOOD), (storm, VOTE)][..]),
            false,
        ),
        (
            &believed,
            (
                Place::Same,
                &[("Harbour closed", FLOOD), (storm, FLOOD)][..],
            ),
            true,
        ),
    ] {
        let stands = Known {
            place,
            entry_id: entry.entry_id.clone(),
            others: others.iter().copied().map(said).collect(),
            ..page((storm, FLOOD, 1, 1))
        };
        let decision = super::super::decide(entry, &[stands]);
        assert_eq!(decision.retires.is_some(), expected, "{place:?} {others:?}");
    }
}

#[test]
fn what_has_no_date_goes_by_when_we_saw_it() {
    let undated = Entry {
        dated: false,
        ..says("Parliament votes on budget", VOTE)
    };
    for (stood, expected) in [(11, None), (12, Some(1))] {
        let stands = page(("Storm floods harbour quays", FLOOD, stood, 0));
        let decision = super::super::decide(&undated, &[stands]);
        assert_eq!(decision.retires, expected, "{stood}");
    }
}

#[test]
fn other_news_may_be_a_copy_and_never_of_what_stood_there() {
    let storm = page(("Storm floods harbour quays", FLOOD, 24, 24));
    let entry = says("Parliament votes on budget at last", VOTE);
    let theirs = Known {
        published_at: hours(100),
        ..known(KeyKind::Title, "b", 2, &entry.title)
    };
    let own = Known {
        key: theirs.key,
        ..storm.clone()
    };
    let decision = super::super::decide(&entry, &[storm.clone(), own, theirs]);
    assert!(matches!(
        decision.verdict,
        Verdict::Copy { article: 20, .. }
    ));
    assert_eq!(decision.retires, Some(1));
    // The word of the operator: an id is an entry for ever.
    let told = Entry {
        given: None,
        ..entry.clone()
    };
    let decision = super::super::decide(&told, std::slice::from_ref(&storm));
    assert!(matches!(
        decision.verdict,
        Verdict::Revision { entry: 1, .. }
    ));
}

/// What is only a memory is judged by its title and by when it was published.
#[test]
fn a_page_that_was_dropped_is_silent_only_about_what_it_said() {
    let (storm, vote) = ("Storm floods harbour quays", "Parliament votes on budget");
    for (was, hours_after, title, expected) in [
        (storm, 12, vote, true),
        (storm, 11, vote, false),
        (storm, -12, vote, false),
        (storm, 500, storm, false),
        (storm, 500, "Harbour opens again", false),
        ("", 500, vote, false),
        (storm, 500, "", false),
    ] {
        let gone = Known {
            entry: None,
            article: None,
            published_at: hours(100 - hours_after),
            ..page((was, "", 0, 0))
        };
        for dated in [true, false] {
            let entry = Entry {
                dated,
                ..says(title, VOTE)
            };
            let decision = super::super::decide(&entry, std::slice::from_ref(&gone));
            let found = (decision.verdict != Verdict::Forgotten, decision.retires);
            let is_new = expected && dated;
            assert_eq!(found, (is_new, is_new.then_some(1)), "{was} {title}");
        }
        // At another address it is the publisher's id that says so.
        let elsewhere = Known {
            place: Place::Unknown,
            ..gone
        };
        let told = Entry {
            given: None,
            ..says(title, VOTE)
        };
        assert_eq!(decide(&told, &[elsewhere]), Verdict::Forgotten);
    }
}

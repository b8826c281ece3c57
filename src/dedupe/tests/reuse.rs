//! Pages that go on to other news.

use super::ids::{believed, namesake};
use super::*;
use crate::model::{Former, Said};

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

const STORM: (&str, &str) = (
    "Storm floods harbour quays",
    "Harbour closed after storm surge floods the quays; ferries wait outside, captains complain about missing moorings, \
     insurers expect claims from warehouses beside the western basin",
);
const BUDGET: (&str, &str) = (
    "Parliament votes on budget",
    "Parliament passes budget; opposition walks out before midnight, ministers promise cheaper railways, schools receive \
     seventy million for teachers and libraries",
);

const WALL: &str = "Reserved for registered subscribers; choose membership options, payment methods, vouchers and newsletters";

fn said((title, text): (&str, &str)) -> Said {
    Said {
        title: title.to_owned(),
        text: text.to_owned(),
    }
}

/// An entry of another headline at an address that had this for an hour, however its entries are told apart.
fn after_an_hour(entry: &Entry, stands: (&str, &str), others: &[(&str, &str)]) -> Decision {
    let (title, text) = stands;
    let stands = page((title, text, 1, 1));
    let mut key = stands.key;
    let mut entry_id = entry.entry_id.clone();
    if entry.by_address {
        key.kind = KeyKind::Url;
        entry_id.push_str(", the former one");
    }
    let stands = Known {
        key,
        entry_id,
        published_at: entry.published_at,
        others: others.iter().copied().map(said).collect(),
        ..stands
    };
    super::super::decide(entry, &[stands])
}

/// An hour is enough where others say what stood there, by whatever its entries are told apart; all of those must say
/// something else than it says now, and so must what stood there.
#[test]
fn a_page_leaves_what_other_outlets_say_at_once() {
    let believed = says(BUDGET.0, BUDGET.1);
    let by_guid = Entry {
        given: None,
        ..believed.clone()
    };
    // Its id has its title in it.
    let by_address = Entry {
        by_address: true,
        entry_id: "of the address and this title".to_owned(),
        ..by_guid.clone()
    };
    let edited = says("Storm floods more harbour quays", STORM.1);
    let tempest = "Tempest batters coastline villages";
    let retitled = says("Gale wrecks seaside hamlets", STORM.1);
    let teaser = says(BUDGET.0, "Opposition walks out before midnight");
    let closed = ("Harbour closed", STORM.1);
    let slept = "Passengers slept beside check-in desks; ministry demands explanation";
    let stranded =
        "Copenhagen travellers stranded overnight: regional airline suddenly suspends operations";
    let bankrupt = says(
        "Norrwing bankrupt: court appoints administrator, creditors queue",
        slept,
    );
    for (entry, stands, others, expected) in [
        (&believed, STORM, &[][..], false),
        (&believed, STORM, &[STORM], true),
        (&by_guid, STORM, &[STORM], true),
        (&by_address, STORM, &[STORM], true),
        (&believed, STORM, &[closed, STORM], true),
        (&edited, STORM, &[STORM], false),
        // A headline and a line are rewritten soon.
        (&teaser, STORM, &[STORM], false),
        (&believed, STORM, &[STORM, BUDGET], false),
        (&believed, STORM, &[STORM, (STORM.0, BUDGET.1)], false),
        // One with a headline says nothing for or against it.
        (&believed, STORM, &[STORM, (STORM.0, "")], true),
        (&believed, STORM, &[(STORM.0, "")], false),
        // Another headline alone, beside an outlet that kept the first.
        (&retitled, (tempest, STORM.1), &[(tempest, WALL)], false),
        // Nor does a long one.
        (&bankrupt, (stranded, slept), &[(stranded, "")], false),
        // Whoever stays as it is does not leave, whatever others say.
        (&edited, STORM, &[BUDGET], false),
        (&believed, ("Parliament votes", BUDGET.1), &[STORM], false),
    ] {
        let decision = after_an_hour(entry, stands, others);
        assert_eq!(
            decision.retires.is_some(),
            expected,
            "{stands:?} {others:?}"
        );
    }
}

/// A row of before, with what others say that carry its article; it was changed so many hours before the entry.
fn former(number: i64, says: (&str, &str), others: &[(&str, &str)], age: i64) -> Former {
    Former {
        number,
        updated_at: hours(100 - age),
        said: said(says),
        others: others.iter().copied().map(said).collect(),
    }
}

/// The row that has what the page of an entry says, which stood there an hour, where it had that before.
fn row_of(entry: &Entry, former: Vec<Former>, others: &[(&str, &str)]) -> (i64, Option<i64>) {
    let stands = Known {
        entry_id: entry.entry_id.clone(),
        former,
        others: others.iter().copied().map(said).collect(),
        ..page((BUDGET.0, BUDGET.1, 1, 1))
    };
    let decision = super::super::decide(entry, &[stands]);
    let row = match decision.verdict {
        Verdict::Revision { entry, .. } => entry,
        _ => 0,
    };
    (row, decision.retires)
}

/// What is taken back within the hour is what it was, and nothing new.
#[test]
fn a_page_returns_to_what_it_said_before() {
    let again = says("Storm floods the harbour quays", STORM.1);
    for (rows, others, expected) in [
        (&[][..], &[][..], None),
        (&[STORM], &[], Some(7)),
        (&[("Weather", "Dry."), STORM], &[], Some(8)),
        (&[BUDGET], &[], None),
        (&[(STORM.0, BUDGET.1)], &[], None),
        (&[(BUDGET.0, STORM.1)], &[], None),
        (&[("Storm 2 floods harbour quays", STORM.1)], &[], Some(7)),
        // Other news, which others carry as well: a third article, unless it was there before.
        (&[(STORM.0, "Dry.")], &[BUDGET], Some(0)),
        (&[STORM], &[BUDGET], Some(7)),
    ] {
        let numbered = (7..).zip(rows.iter().copied());
        let rows = numbered.map(|(number, says)| former(number, says, &[STORM], 1));
        let found = row_of(&again, rows.collect(), others);
        let expected = (expected.unwrap_or(1), expected.map(|_| 1));
        assert_eq!(found, expected, "{others:?}");
    }
}

/// What a page alone said is there again by a stale answer, with the date that it had, or as it is so again, which is news: the
/// state of a service goes to and fro.
#[test]
fn what_nobody_else_carries_is_back_when_it_is_dated_before_what_stands_there() {
    let again = says(STORM.0, STORM.1);
    let undated = Entry {
        dated: false,
        ..again.clone()
    };
    let older = Entry {
        updated_at: hours(97),
        ..again.clone()
    };
    for (entry, age, others, expected) in [
        (&again, 0, &[][..], 7),
        (&older, 5, &[], 7),
        // The weather of the day after.
        (&again, 19, &[STORM], 7),
        (&again, 20, &[STORM], 1),
        (&again, 1, &[], 1),
        (&undated, 0, &[], 1),
        (&undated, 0, &[STORM], 7),
        // Who has but the headline, or has changed, keeps nobody from that.
        (&again, 1, &[(STORM.0, ""), BUDGET], 1),
    ] {
        let (row, retires) = row_of(entry, vec![former(7, STORM, others, age)], &[]);
        assert_eq!(row, expected, "{age} {others:?}");
        assert_eq!(retires, (expected == 7).then_some(1));
    }
}

/// A page that goes on to what its feed had there, and another outlet has, goes back to its row: one beside that would tell nothing.
#[test]
fn a_page_that_goes_on_to_what_it_said_has_its_row_again() {
    let entry = says(BUDGET.0, BUDGET.1);
    let stands = page((STORM.0, STORM.1, 24, 24));
    let of_budget = |feed, number, entry_id: String| Known {
        published_at: entry.published_at,
        entry_id,
        article: Some(90),
        ..known(KeyKind::Content, feed, number, BUDGET.0)
    };
    let theirs = of_budget("b", 2, "theirs".to_owned());
    let former = of_budget("a", 3, format!("{}\u{1E}3", entry.entry_id));
    let decide = |known: &[Known]| super::super::decide(&entry, known);
    let alone = decide(&[stands.clone(), theirs.clone()]);
    assert!(matches!(alone.verdict, Verdict::Copy { article: 90, .. }));
    let again = decide(&[stands, theirs, former]);
    assert!(matches!(again.verdict, Verdict::Revision { entry: 3, .. }));
    assert_eq!((alone.retires, again.retires), (Some(1), Some(1)));
}

/// A row that has the id already keeps it: nothing is retired for it.
#[test]
fn an_id_that_another_row_has_is_not_taken() {
    let entry = Entry {
        given: None,
        by_address: true,
        ..says(STORM.0, STORM.1)
    };
    let row = page((BUDGET.0, BUDGET.1, 1, 1));
    let stands = Known {
        key: Key {
            kind: KeyKind::Url,
            ..row.key
        },
        entry_id: "another title".to_owned(),
        published_at: entry.published_at,
        others: vec![said(BUDGET)],
        ..row
    };
    let namesake = Known {
        entry_id: entry.entry_id.clone(),
        article: Some(90),
        leads: false,
        ..namesake("Markets wrap", Place::Unknown)
    };
    let namesake = Known {
        number: 9,
        entry: Some(9),
        ..namesake
    };
    let alone = super::super::decide(&entry, std::slice::from_ref(&stands));
    assert_eq!(alone.retires, Some(1));
    let beside = super::super::decide(&entry, &[stands, namesake]);
    assert_eq!(beside.retires, None);
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

//! Titles that count on: a toll, comments, under an id or at an address that changes with them.

use super::ids::{OTHER_REPORT, REPORT, believed, namesake};
use super::*;

/// A headline that counts on, at an address with a session in it.
#[test]
fn an_id_stays_with_its_date_of_publication() {
    const TITLES: (&str, &str) = (
        "Timber ship aground, 15 saved",
        "Timber ship aground, 11 saved",
    );
    for (title, text, minute, is_new, expected) in [
        (TITLES.1, "", 7, false, Sign::Kept),
        (TITLES.1, REPORT, 7, false, Sign::Kept),
        (TITLES.1, "", 8, false, Sign::Reused),
        // What is dated by the clock of a schedule, or comes in one document, may be parts of a series.
        (TITLES.1, "", 15, false, Sign::Reused),
        (TITLES.1, "", 7, true, Sign::Reused),
        // Something else is said.
        (TITLES.1, OTHER_REPORT, 7, false, Sign::Reused),
        ("Parliament passes water bill", "", 7, false, Sign::Reused),
    ] {
        let at = |minute| hours(0) + SignedDuration::from_mins(minute);
        let namesake = Known {
            is_new,
            published_at: at(if minute == 8 { 7 } else { minute }),
            text: text.to_owned(),
            ..namesake(title, Place::Other)
        };
        let entry = Entry {
            published_at: at(minute),
            summary_text: if text.is_empty() { text } else { REPORT }.to_owned(),
            ..believed(TITLES.0, 0)
        };
        let sign = super::super::decide(&entry, &[namesake]).sign;
        assert_eq!(sign, expected, "{title} {text:.9} {minute} {is_new}");
    }
}

/// A toll that rises, or comments that are counted in the title, under an id that changes with them.
#[test]
fn a_title_that_counts_on_is_no_news() {
    const TEXT: &str = "A ship ran aground at the harbour mouth in heavy fog before dawn";
    let titles = ("Ship aground: 6 dead", "Ship aground: 3 dead");
    let of = |hour, texts: (&str, &str), [is_new, is_beside]: [bool; 2], exact| {
        let seven = SignedDuration::from_mins(7);
        let entry = Entry {
            entry_id: "new".to_owned(),
            published_at: hours(hour) + seven,
            exact,
            summary_text: texts.0.to_owned(),
            ..believed(titles.0, hour)
        };
        let known = Known {
            text: texts.1.to_owned(),
            is_new,
            is_beside,
            is_left: !is_beside,
            published_at: hours(0) + seven,
            ..known(KeyKind::Url, "a", 1, titles.1)
        };
        let decision = super::super::decide(&entry, &[known]);
        (
            matches!(decision.verdict, Verdict::Revision { .. }),
            decision.sign,
        )
    };
    let other = "Flood warnings were lifted along three rivers after a night without rain";
    for (case, expected) in [
        ((0, (TEXT, TEXT), [false; 2], true), (true, Sign::Renamed)),
        (
            (0, ("Comments", "Comments"), [false; 2], true),
            (true, Sign::Renamed),
        ),
        (
            (0, ("6 dead so far", "3 dead so far"), [false; 2], true),
            (true, Sign::Renamed),
        ),
        // Another text, or none: it may be news, but the ids are not to be believed.
        ((0, (TEXT, other), [false; 2], true), (false, Sign::Renamed)),
        ((0, ("", ""), [false; 2], true), (false, Sign::Renamed)),
        // States of a system: of another moment, of one day, or beside each other.
        ((1, (TEXT, TEXT), [false; 2], true), (false, Sign::Silent)),
        ((0, (TEXT, TEXT), [false; 2], false), (false, Sign::Silent)),
        (
            (0, (TEXT, TEXT), [true, false], true),
            (false, Sign::Silent),
        ),
        (
            (0, (TEXT, TEXT), [false, true], true),
            (false, Sign::Silent),
        ),
    ] {
        let (hour, texts, in_document, exact) = case;
        assert_eq!(of(hour, texts, in_document, exact), expected, "{case:?}");
    }
}

/// Without dates a title that counts on may be news, but the ids of a feed that has three such are not believed for long:
/// unless the texts say that each is a notice of its own.
#[test]
fn an_undated_title_that_counts_on_speaks_against_the_id() {
    const LONG: (&str, &str) = (REPORT, OTHER_REPORT);
    const SHORT: (&str, &str) = (
        "Harbour closed until midday",
        "Bridge repairs finished early",
    );
    for (dated, is_beside, texts, expected) in [
        ([false, false], false, ("", ""), Sign::Renamed),
        ([false, false], true, ("", ""), Sign::Silent),
        ([true, false], false, ("", ""), Sign::Silent),
        ([false, true], false, ("", ""), Sign::Silent),
        // A toll that rises in the text as well; and a bulletin that follows another at its address.
        ([false, false], false, (LONG.0, LONG.0), Sign::Renamed),
        ([false, false], false, ("2 goats", "7 goats"), Sign::Renamed),
        ([false, false], false, LONG, Sign::Silent),
        ([false, false], false, SHORT, Sign::Silent),
    ] {
        let entry = Entry {
            entry_id: "new".to_owned(),
            dated: dated[0],
            exact: dated[0],
            summary_text: texts.1.to_owned(),
            ..believed("[7] Goats on the green", 1)
        };
        let known = Known {
            dated: dated[1],
            is_beside,
            is_left: !is_beside,
            text: texts.0.to_owned(),
            ..known(KeyKind::Url, "a", 1, "[2] Goats on the green")
        };
        let decision = super::super::decide(&entry, &[known]);
        assert!(matches!(decision.verdict, Verdict::New(_)), "{texts:?}");
        assert_eq!(decision.sign, expected, "{dated:?} {is_beside} {texts:?}");
    }
}

/// A feed that fills a form in anew under one headline has two reports; other feeds update one.
#[test]
fn a_form_that_is_filled_in_anew_is_another_article() {
    let title = "Coastal waters forecast for the northern islands";
    let text = |wind, gusts| {
        format!("Wind west {wind} to seven, gusts up to {gusts} knots, good visibility")
    };
    let six = text("five", 34);
    for kind in [KeyKind::Title, KeyKind::Slug] {
        for (feed, minutes, text, dated, is_new) in [
            ("a", 360, text("six", 41), true, true),
            ("a", 360, text("five", 41), true, true),
            ("a", 360, six.clone(), true, false),
            ("a", 360, format!("{six}. 3 min read"), true, false),
            // An issue of it that keeps its date, or has none.
            ("a", 0, text("six", 41), true, false),
            ("a", 360, text("six", 41), false, false),
            ("b", 360, text("six", 41), true, false),
        ] {
            let mut entry = entry("new", title, 0);
            entry.published_at += SignedDuration::from_mins(minutes);
            entry.dated = dated;
            entry.summary_text.clone_from(&text);
            let before = Known {
                text: six.clone(),
                ..known(kind, feed, 1, title)
            };
            // Whoever has the former one as well does not draw this one to it.
            let carried = Known {
                feed: FeedId::new("c"),
                number: 2,
                entry: Some(2),
                ..before.clone()
            };
            for known in [vec![before.clone()], vec![carried, before]] {
                let verdict = decide(&entry, &known);
                assert_eq!(
                    matches!(verdict, Verdict::New(_)),
                    is_new,
                    "{kind:?} {feed} {minutes} {text}: {verdict:?}"
                );
            }
        }
    }
}

//! Which story an article joins.

use super::*;

fn near(article: i64, likeness: f32) -> Neighbour {
    Neighbour {
        article,
        likeness,
        is_series: false,
    }
}

fn group(story: Option<i64>, reports: u8, neighbours: Vec<Neighbour>) -> Group {
    Group {
        story,
        neighbours,
        reports,
        begun_at: hours(0),
    }
}

/// The stories that an article of 40 terms fits into, published so many hours after their first reports.
fn fitting(groups: &[Group], hour: i64) -> Vec<Option<i64>> {
    let fits = fits(groups, 40, hours(hour));
    fits.iter().map(|fit| fit.group.story).collect()
}

#[test]
fn an_article_joins_the_story_whose_reports_are_like_it() {
    let of = |reports, likenesses: &[f32]| {
        let near = |(likeness, article): (&f32, i64)| near(article, *likeness);
        group(
            Some(1),
            reports,
            likenesses.iter().zip(1..).map(near).collect(),
        )
    };
    for (what, group, expected) in [
        ("one report like it", of(1, &[0.25]), true),
        ("too little alike", of(1, &[0.24]), false),
        ("the mean of both", of(2, &[0.4, 0.12]), true),
        ("one of two, the other not even near", of(2, &[0.4]), false),
        ("three of many", of(90, &[0.3, 0.25, 0.2, 0.0]), true),
    ] {
        assert_eq!(!fitting(&[group], 0).is_empty(), expected, "{what}");
    }
}

#[test]
fn the_best_fit_comes_first() {
    let groups = [
        group(Some(1), 1, vec![near(1, 0.3)]),
        group(Some(2), 1, vec![near(2, 0.5)]),
        group(None, 1, vec![near(3, 0.3)]),
    ];
    assert_eq!(fitting(&groups, 0), [Some(2), Some(1), None]);
}

#[test]
fn a_story_takes_no_reports_of_other_weeks_nor_parts_of_its_series() {
    let part = Neighbour {
        is_series: true,
        ..near(2, 0.9)
    };
    let alike = [group(Some(1), 1, vec![near(1, 0.9)])];
    for (hour, expected) in [(168, 1), (169, 0), (-168, 1), (-169, 0)] {
        assert_eq!(fitting(&alike, hour).len(), expected, "{hour}");
    }
    assert!(fitting(&[group(Some(1), 2, vec![near(1, 0.9), part])], 0).is_empty());
}

#[test]
fn a_short_text_has_to_be_more_alike() {
    let groups = [group(None, 1, vec![near(1, 0.3)])];
    for (terms, expected) in [(3, 0), (9, 0), (10, 1), (20, 1), (90, 1)] {
        assert_eq!(fits(&groups, terms, hours(0)).len(), expected, "{terms}");
    }
}

/// A vector of terms of equal weight.
fn of(terms: &[&str]) -> Vector {
    let terms = super::super::terms(&Report {
        title: &terms.join(" "),
        ..Report::default()
    });
    Vector::new(&terms, Corpus::default(), &vec![0.0; terms.len()])
}

#[test]
fn stories_are_one_when_their_reports_agree() {
    let quake = [
        of(&["quake", "lima", "dead"]),
        of(&["quake", "lima", "rescue"]),
    ];
    let rescue = [of(&["lima", "rescue", "quake"])];
    let other = [of(&["quake", "tokyo", "tunnel", "train", "smoke", "noon"])];
    assert!(are_one_story(&quake, &rescue) && are_one_story(&rescue, &quake));
    assert!(!are_one_story(&quake, &other) && !are_one_story(&other, &quake));
    assert!(!are_one_story(&quake, &[]) && !are_one_story(&[], &[]));
}

#[test]
fn a_story_falls_apart_where_nothing_joins_it() {
    let (a, b) = (
        of(&["quake", "lima", "dead"]),
        of(&["storm", "oslo", "ferry"]),
    );
    let bridge = of(&["quake", "lima", "storm", "oslo"]);
    for (reports, expected) in [
        (vec![], vec![]),
        (vec![a.clone(), b.clone(), a.clone()], vec![0, 1, 0]),
        (
            vec![a.clone(), b.clone(), bridge.clone(), b.clone()],
            vec![0, 0, 0, 0],
        ),
        (vec![b.clone(), a.clone(), a], vec![0, 1, 1]),
    ] {
        assert_eq!(parts(&reports), expected);
    }
}

#[test]
fn series_are_told_by_numbers_and_days() {
    for (one, other, expected) in [
        (
            "Gold rate today, March 5: check prices",
            "Gold rate today, March 7: check prices",
            true,
        ),
        (
            "Russia-Ukraine war: list of key events, day 1,373",
            "Russia-Ukraine war: list of key events, day 1,374",
            true,
        ),
        (
            "Your week in pictures from around the world",
            "Your week in pictures from around the world",
            true,
        ),
        (
            "Quake kills 40 in Lima",
            "Rescuers search Lima for survivors",
            false,
        ),
        ("", "", false),
    ] {
        assert_eq!(is_series(one, other), expected, "{one} / {other}");
    }
}

#[test]
fn a_reason_tells_likeness_and_words() {
    let terms = terms(&Report {
        title: "Quake shakes Lima",
        ..Report::default()
    });
    let vector = Vector::new(&terms, Corpus::default(), &vec![0.0; terms.len()]);
    let reason = story_reason(
        &terms,
        &vector,
        &of(&["Lima", "quake", "theatre"]),
        "\"x\" in feed b",
    );
    let expected = "67 % like \"x\" in feed b, likely a rewrite, or of one source (";
    assert!(reason.starts_with(expected), "{reason}");
    assert!(
        reason.contains("lima") && reason.contains("quake"),
        "{reason}"
    );
    let reason = story_reason(&terms, &vector, &of(&["Lima", "opens", "theatre"]), "it");
    assert_eq!(reason, "33 % like it, of the same event (lima)");
}

proptest! {
    /// The order in which the store finds them is of no account.
    #[test]
    fn the_best_fit_depends_on_no_order(
        likenesses in proptest::collection::vec(0.0f32..1.0, 1..9),
        turn in 0usize..9,
    ) {
        let groups: Vec<Group> = likenesses
            .iter()
            .zip(1..)
            .map(|(likeness, article)| group(Some(article), 1, vec![near(article, *likeness)]))
            .collect();
        let mut turned = groups.clone();
        turned.rotate_left(turn % groups.len());
        prop_assert_eq!(fitting(&groups, 0), fitting(&turned, 0));
    }

    #[test]
    fn every_report_is_in_one_part(titles in proptest::collection::vec("[a-d]{2} [a-d]{2}", 0..9)) {
        let reports: Vec<Vector> = titles.iter().map(|title| of(&[title])).collect();
        let parts = parts(&reports);
        prop_assert_eq!(parts.len(), reports.len());
        for (place, part) in parts.iter().enumerate() {
            prop_assert!(*part <= place && parts[*part] == *part);
        }
    }
}

#[test]
fn what_is_dated_before_a_story_and_far_from_an_article_does_not_count() {
    for (published, expected) in [(-9, -81), (20, -52), (72, 0), (73, 0), (160, 0)] {
        let found = compared_from(hours(0), hours(published));
        assert_eq!(found, hours(expected), "{published}");
    }
    let longest = compared_from(Timestamp::MIN, Timestamp::MIN);
    assert_eq!(longest, Timestamp::MIN);
}

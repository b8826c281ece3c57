//! Who tells what its feed has dropped.

use super::super::{Kinship, Standing, Stands, Wording, is_its_next, successor};
use super::hours;
use super::lead::standing;

/// Members of these numbers: 4 is of a feed of another weight, and 5 of one that is asked no more.
fn members(numbers: &[i64], dropped: &[i64]) -> Vec<Standing> {
    let member = |number: &i64| Standing {
        weight: if *number == 4 { 60 } else { 50 },
        silent: *number == 5,
        dropped: dropped.contains(number),
        ..standing(*number)
    };
    numbers.iter().map(member).collect()
}

#[test]
fn what_was_dropped_is_told_by_who_succeeds_it() {
    // Members, which of them were dropped, who tells it and who was elected, who succeeds whom -> who is to tell it.
    for (all, dropped, chosen, pairs, expected) in [
        (&[1_i64, 2][..], &[1_i64][..], (1, 1), &[(2, 1)][..], 2),
        (&[1, 2], &[], (1, 1), &[(2, 1)], 1),
        (&[1, 2], &[1], (1, 1), &[], 1),
        // It may have been dropped as well since.
        (&[1, 2], &[1, 2], (1, 1), &[(2, 1)], 2),
        // Who tells it by now comes first, also where the one that was elected is back, and gives way in its turn.
        (&[1, 2, 3], &[1], (3, 1), &[(2, 1), (3, 1)], 3),
        (&[1, 2, 3], &[], (3, 1), &[(2, 1), (3, 1)], 3),
        (&[1, 2, 3], &[1, 3], (3, 1), &[(3, 1), (2, 3)], 2),
        // Of another rank, or of a feed that is asked no more.
        (&[1, 4], &[1], (1, 1), &[(4, 1)], 1),
        (&[1, 5], &[1], (1, 1), &[(5, 1)], 1),
        (&[5, 2], &[5], (5, 5), &[(2, 5)], 5),
        // Whatever is said of them, it ends.
        (&[1, 2], &[1, 2], (2, 1), &[(2, 1), (1, 2)], 1),
    ] {
        let succeeds = |one, other| Ok::<_, ()>(pairs.contains(&(one, other)));
        let found = successor(&members(all, dropped), chosen, succeeds);
        assert_eq!(
            found,
            Ok(expected),
            "{all:?} {dropped:?} {chosen:?} {pairs:?}"
        );
    }
}

#[test]
fn what_was_put_right_since_is_later() {
    let stands = |seen, changed: Option<i64>, dated| Stands {
        updated_at: hours(dated),
        changed_at: changed.map(hours),
        first_seen_at: hours(seen),
    };
    for (one, other, is_one_feed, expected) in [
        (stands(1, Some(3), 3), stands(0, None, 0), false, true),
        // A copy puts nothing right; what one feed brings later is there now.
        (stands(1, None, 1), stands(0, None, 0), false, false),
        (stands(1, None, 1), stands(0, None, 0), true, true),
        (stands(0, None, 1), stands(0, None, 0), true, false),
        (stands(1, None, -1), stands(0, None, 0), true, false),
        // Where both were edited their publishers' dates say which is later; some date no edit.
        (stands(1, Some(3), 2), stands(0, Some(2), 2), false, false),
        (stands(1, Some(3), 3), stands(0, Some(2), 2), false, true),
        (stands(1, Some(3), 0), stands(0, None, 2), false, true),
        (stands(1, Some(2), 9), stands(0, Some(3), 0), false, false),
        (stands(1, Some(3), 0), stands(0, Some(2), 2), true, true),
    ] {
        assert_eq!(
            one.is_after(&other, is_one_feed),
            expected,
            "{one:?} {other:?} {is_one_feed}"
        );
    }
}

#[test]
fn what_a_page_says_by_now_is_known_by_whose_and_where_it_is_and_by_its_words() {
    let says = |text: &str| Wording {
        title: "Harbour bridge closes for repairs".to_owned(),
        text: text.to_owned(),
    };
    let report = "The swing bridge across the harbour closes on Monday evening for repairs until autumn, the port said";
    let edited = report.replace("autumn", "winter");
    let longer = format!(
        "{report}. {}",
        "Buy cheap watches and bracelets from our warehouse at home. ".repeat(3)
    );
    let other = "Ferries leave from the southern quay while divers inspect pillars";
    for (text, kin_there, kin_elsewhere, there) in [
        (report, false, false, false),
        (&edited, true, true, true),
        (&longer, true, true, false),
        (other, true, false, false),
    ] {
        for (is_kin, is_there, expected) in [
            (true, true, kin_there),
            (true, false, kin_elsewhere),
            (false, true, there),
            (false, false, false),
        ] {
            let kinship = Kinship {
                is_one_feed: false,
                is_kin,
                is_there,
            };
            assert_eq!(
                is_its_next(&says(text), &says(report), kinship),
                expected,
                "{text} {kinship:?}"
            );
        }
    }
    let moved = Kinship {
        is_one_feed: true,
        is_kin: true,
        is_there: false,
    };
    assert!(is_its_next(&says(report), &says(report), moved));
}

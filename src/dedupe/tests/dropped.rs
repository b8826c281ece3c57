//! Who tells what its feed has dropped.

use super::super::{Kinship, Later, Standing, Stands, Wording, is_its_next, successor};
use super::hours;
use super::lead::standing;
use jiff::SignedDuration;

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
    use Later::{Edited, Moved, Next};
    let stands = |seen, changed: Option<i64>, dated: Option<i64>| Stands {
        updated_at: hours(dated.unwrap_or(seen)),
        is_dated: dated.is_some(),
        changed_at: changed.map(hours),
        first_seen_at: hours(seen),
        is_listed: true,
    };
    let first = stands(0, None, Some(0));
    let edited = stands(0, Some(2), Some(2));
    for (one, other, is_one_feed, expected) in [
        (stands(1, Some(3), Some(3)), first, false, Some(Edited)),
        // A copy puts nothing right; what one feed brings later is there now.
        (stands(1, None, Some(1)), first, false, None),
        (stands(1, None, Some(1)), first, true, Some(Next)),
        (stands(1, None, Some(0)), first, true, Some(Moved)),
        (stands(1, None, None), first, true, Some(Moved)),
        (stands(0, None, Some(1)), first, true, None),
        (stands(1, None, Some(-1)), first, true, None),
        // Where both were edited their publishers' dates say which is later; some date no edit.
        (stands(1, Some(3), Some(2)), edited, false, None),
        (stands(1, Some(3), Some(3)), edited, false, Some(Edited)),
        (stands(1, Some(3), None), edited, false, None),
        (stands(1, Some(3), Some(0)), first, false, Some(Edited)),
        (stands(1, Some(3), Some(0)), edited, true, Some(Edited)),
        (stands(1, Some(1), Some(9)), edited, false, None),
    ] {
        assert_eq!(
            one.later(&other, (is_one_feed, None)),
            expected,
            "{one:?} {other:?} {is_one_feed}"
        );
    }
    let gone = Stands {
        is_listed: false,
        ..stands(1, None, Some(1))
    };
    assert_eq!(gone.later(&first, (true, None)), None);
    let moved = stands(1, None, Some(0));
    for (at, expected) in [(1, Next), (2, Moved)] {
        let at = hours(at) + SignedDuration::from_nanos(1);
        assert_eq!(moved.later(&first, (true, Some(at))), Some(expected));
    }
    let dropped = Stands {
        is_listed: false,
        ..edited
    };
    assert!(!dropped.outlasts(&stands(0, Some(9), Some(2))));
    for (later, expected) in [
        (Some(2), true),
        (Some(1), true),
        (Some(3), false),
        (None, false),
    ] {
        assert_eq!(
            edited.outlasts(&stands(0, Some(9), later)),
            expected,
            "{later:?}"
        );
    }
}

#[test]
fn what_a_page_says_by_now_is_known_by_whose_and_where_it_is_and_by_its_words() {
    use Later::{Edited, Moved, Next};
    let says = |text: &str| Wording {
        title: "Harbour bridge closes for repairs".to_owned(),
        text: text.to_owned(),
    };
    let report = "The swing bridge across the harbour closes on Monday evening for repairs until autumn, the port said";
    let edited = report.replace("autumn", "winter");
    let watches = "Buy cheap watches and bracelets from our warehouse at home, delivered tonight.";
    let longer = format!("{report}. {watches}");
    let other = "Ferries leave from the southern quay while divers inspect pillars";
    // In which ways it is that: of kin there, of one feed elsewhere, of one owner elsewhere, of others there.
    for (text, kin_there, feed, owner, there) in [
        (
            report,
            &[][..],
            &[Edited, Next, Moved][..],
            &[][..],
            &[][..],
        ),
        (
            &edited,
            &[Edited, Next, Moved],
            &[Edited, Next, Moved],
            &[Edited],
            &[Edited],
        ),
        (&longer, &[Edited, Next], &[], &[], &[]),
        (other, &[Edited, Next], &[], &[], &[]),
    ] {
        for (is_one_feed, is_kin, is_there, expected) in [
            (true, true, true, kin_there),
            (false, true, true, kin_there),
            (true, true, false, feed),
            (false, true, false, owner),
            (false, false, true, there),
            (true, false, false, &[]),
        ] {
            let kinship = Kinship {
                is_one_feed,
                is_kin,
                is_there,
            };
            let found = [Edited, Next, Moved]
                .into_iter()
                .filter(|later| is_its_next(&says(text), &says(report), kinship, *later));
            assert_eq!(found.collect::<Vec<_>>(), expected, "{text} {kinship:?}");
        }
    }
}

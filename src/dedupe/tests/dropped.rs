//! Who tells what its feed has dropped.

use super::super::{Standing, successor};
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
        // Dropped itself it tells nothing, unless it tells it by now.
        (&[1, 2], &[1, 2], (1, 1), &[(2, 1)], 1),
        (&[1, 2], &[1, 2], (2, 1), &[(2, 1)], 2),
        // Who tells it by now comes first, and gives way in its turn.
        (&[1, 2, 3], &[1], (3, 1), &[(2, 1), (3, 1)], 3),
        (&[1, 2, 3], &[1, 3], (3, 1), &[(3, 1), (2, 3)], 2),
        // Of another rank, or of a feed that is asked no more.
        (&[1, 4], &[1], (1, 1), &[(4, 1)], 1),
        (&[1, 5], &[1], (1, 1), &[(5, 1)], 1),
        (&[5, 2], &[5], (5, 5), &[(2, 5)], 5),
        // Whatever is said of them, it ends.
        (&[1, 2], &[1, 2], (2, 1), &[(2, 1), (1, 2)], 2),
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

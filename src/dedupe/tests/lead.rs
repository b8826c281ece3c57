//! Which entry leads, and which was first.

use super::super::{
    Standing, Wording, completeness, elect, first, holds, is_backdated, leads, successor,
};
use super::{entry, hours};
use crate::model::{Completeness, Outlet, Role};
use Completeness::{Full, Summary, Teaser};
use proptest::prelude::*;

pub(super) fn standing(number: i64) -> Standing {
    Standing {
        role: Role::Original,
        weight: Outlet::WEIGHT,
        completeness: Summary,
        dated: true,
        published_at: hours(0),
        aggregated: false,
        is_claim: false,
        silent: false,
        dropped: false,
        target: None,
        number,
    }
}

#[test]
fn role_weight_completeness_then_the_first_stored_tells_a_story() {
    let base = standing(5);
    // Each leads all that follow it.
    let order = [
        Standing {
            weight: 51,
            completeness: Teaser,
            ..base
        },
        Standing {
            completeness: Full,
            published_at: hours(9),
            ..base
        },
        Standing {
            dated: false,
            published_at: hours(9),
            number: 4,
            ..base
        },
        base,
        Standing {
            published_at: hours(-1),
            number: 9,
            ..base
        },
        Standing {
            completeness: Teaser,
            published_at: hours(-9),
            ..base
        },
        Standing { weight: 49, ..base },
        Standing {
            role: Role::Wire,
            weight: 100,
            completeness: Full,
            ..base
        },
        Standing {
            role: Role::Aggregator,
            weight: 100,
            completeness: Full,
            ..base
        },
        Standing {
            role: Role::Rewrite,
            weight: 100,
            completeness: Full,
            ..base
        },
    ];
    assert!(order.is_sorted());
    for (at, _) in order.iter().enumerate() {
        assert_eq!(leads(&order[at..]), Some(0), "{at}");
    }
    assert_eq!(leads(&[]), None);
}

#[test]
fn the_first_is_dated_then_oldest_then_the_publisher_itself() {
    let base = standing(5);
    let undated = Standing {
        dated: false,
        published_at: hours(-9),
        ..base
    };
    let passed_on = Standing {
        aggregated: true,
        is_claim: false,
        number: 1,
        ..base
    };
    let wire = Standing {
        role: Role::Wire,
        number: 2,
        ..base
    };
    let later = Standing {
        published_at: hours(1),
        weight: 100,
        completeness: Full,
        number: 3,
        ..base
    };
    for (members, expected) in [
        (vec![], None),
        (vec![undated], Some(0)),
        (vec![undated, later], Some(1)),
        (vec![later, base], Some(1)),
        (vec![passed_on, base], Some(1)),
        (vec![passed_on, later], Some(0)),
        (vec![wire, base], Some(1)),
        (vec![base, standing(4)], Some(1)),
    ] {
        assert_eq!(first(&members), expected, "{members:?}");
    }
}

/// Whom an article goes to, where those of these numbers have the words of the first.
fn elected(members: &[Standing], present: i64, holders: &[i64]) -> Option<i64> {
    let holds = |one, _| Ok::<_, ()>(holders.contains(&one));
    elect(members, present, holds).unwrap()
}

#[test]
fn a_lead_changes_for_a_reason_only() {
    let teaser = Standing {
        completeness: Teaser,
        ..standing(1)
    };
    let earlier = Standing {
        published_at: hours(-9),
        completeness: Teaser,
        ..standing(2)
    };
    let full = Standing {
        completeness: Full,
        ..standing(3)
    };
    let fuller_too = Standing {
        published_at: hours(-9),
        completeness: Full,
        ..standing(4)
    };
    let heavy = Standing {
        weight: 60,
        completeness: Teaser,
        ..standing(5)
    };
    let rewrite = Standing {
        role: Role::Rewrite,
        weight: 100,
        completeness: Full,
        ..standing(0)
    };
    for (members, present, holders, expected) in [
        (vec![], 1, &[][..], None),
        (vec![teaser, earlier], 1, &[2], Some(1)),
        (vec![teaser, earlier], 2, &[2], Some(2)),
        (vec![teaser, full], 1, &[3], Some(3)),
        (vec![teaser, full], 1, &[], Some(1)),
        // It had the words of the first, and has not any more.
        (vec![teaser, full], 3, &[], Some(1)),
        (vec![teaser, full, fuller_too], 3, &[3, 4], Some(3)),
        (vec![teaser, full, fuller_too], 1, &[3, 4], Some(4)),
        (vec![teaser, full, heavy], 3, &[3], Some(5)),
        (vec![rewrite, teaser], 0, &[], Some(1)),
        (vec![rewrite, heavy], 5, &[], Some(5)),
    ] {
        assert_eq!(
            elected(&members, present, holders),
            expected,
            "{members:?} {present}"
        );
    }
}

#[test]
fn what_is_put_right_no_more_goes_to_the_best_in_its_place() {
    let silent = |number| Standing {
        silent: true,
        ..standing(number)
    };
    let heavy = |it| Standing { weight: 51, ..it };
    let full = |it| Standing {
        completeness: Full,
        ..it
    };
    let claim = Standing {
        is_claim: true,
        ..silent(1)
    };
    let (one, two, three) = (standing(1), standing(2), standing(3));
    for (members, present, holders, expected) in [
        (vec![silent(1), two, three], 1, &[][..], Some(1)),
        (vec![silent(1), two, three], 1, &[3], Some(3)),
        (vec![silent(1), two, three], 1, &[2, 3], Some(2)),
        // Whoever had it first never had its words.
        (vec![one, silent(2)], 2, &[], Some(2)),
        (vec![one, full(silent(2))], 2, &[], Some(2)),
        (vec![heavy(silent(1)), two], 1, &[2], Some(2)),
        // Who tells need not have those words any more, and keeps it from those that never had.
        (vec![silent(1), two, three], 3, &[], Some(3)),
        (vec![one, two, heavy(silent(3))], 2, &[], Some(2)),
        (vec![silent(1), full(two), three], 3, &[], Some(3)),
        (vec![silent(1), full(two), three], 3, &[2], Some(2)),
        // But not from who may have the place of the first.
        (vec![silent(1), full(two), three], 2, &[3], Some(3)),
        // From the first it does not, which is asked all the time, whoever else is not.
        (vec![one, full(two), silent(3)], 2, &[], Some(1)),
        (vec![one, full(two), silent(3)], 2, &[2], Some(2)),
        // The first has it again when it is asked again.
        (vec![one, three], 3, &[], Some(1)),
        (vec![silent(1), silent(2)], 1, &[2], Some(1)),
        // So does what is of the site that it names.
        (vec![claim, two], 1, &[], Some(2)),
        // Whom the operator ranks higher tells it in any case.
        (vec![silent(2), heavy(one)], 2, &[], Some(1)),
    ] {
        assert_eq!(
            elected(&members, present, holders),
            expected,
            "{members:?} {present}"
        );
    }
}

/// Of two that may stand in the place of what is asked no more it is its own feed under another id that does.
#[test]
fn who_asks_for_the_same_stands_for_what_is_asked_no_more() {
    for (own, expected) in [(true, 3), (false, 2)] {
        let target = Some([7; 16]);
        let first = Standing {
            silent: true,
            target,
            ..standing(1)
        };
        let copy = Standing {
            completeness: Full,
            ..standing(2)
        };
        let next = Standing {
            target: target.filter(|_| own),
            ..standing(3)
        };
        for present in [1, 2, 3] {
            let found = elect(&[first, copy, next], present, |_, other| {
                Ok::<_, ()>(other == 1)
            });
            assert_eq!(found, Ok(Some(expected)), "{present}");
        }
    }
}

proptest! {
    /// However the words of some are related, they do not tell the article by turns for ever.
    #[test]
    fn who_tells_is_settled(
        members in prop::collection::vec((any::<[bool; 3]>(), 0..2_u8, 0..9_i64), 1..6),
        holds in prop::collection::vec(any::<bool>(), 36),
        succeeds in prop::collection::vec(any::<bool>(), 36),
        present in 0..6_i64,
    ) {
        let members: Vec<Standing> = (0..)
            .zip(&members)
            .map(|(number, ([silent, dropped, is_full], target, at))| Standing {
                silent: *silent,
                dropped: *dropped,
                target: Some([*target; 16]),
                completeness: if *is_full { Full } else { Summary },
                published_at: hours(*at),
                ..standing(number)
            })
            .collect();
        let next = |now| {
            let at = |one: i64, other: i64| usize::try_from(one * 6 + other).unwrap();
            let may_replace = |one, other| Ok::<_, ()>(holds[at(one, other)]);
            let elected = elect(&members, now, may_replace).unwrap().unwrap();
            // What was put right later is so for all.
            let is_after = |one, other| Ok::<_, ()>(one > other && succeeds[at(one, other)]);
            successor(&members, (now, elected), is_after).unwrap()
        };
        let mut now = present.min(i64::try_from(members.len()).unwrap() - 1);
        for _ in 0..8 {
            now = next(now);
        }
        prop_assert_eq!(next(now), now);
    }
}

#[test]
fn texts_are_read_of_what_is_fuller_than_the_first_only() {
    let peers: Vec<Standing> = (1..99).map(standing).collect();
    let unread = |_, _| Err(());
    assert_eq!(elect(&peers, 1, unread), Ok(Some(1)));
    let full = (2..99).map(|number| Standing {
        completeness: Full,
        ..standing(number)
    });
    let members: Vec<Standing> = std::iter::once(standing(1)).chain(full).collect();
    let mut asked = 0;
    let refuse = |_, _| {
        asked += 1;
        Ok::<_, ()>(false)
    };
    assert_eq!(elect(&members, 1, refuse), Ok(Some(1)));
    assert_eq!(asked, 16);
}

fn wording(title: &str, text: &str) -> Wording {
    Wording {
        title: title.to_owned(),
        text: text.to_owned(),
    }
}

#[test]
fn a_fuller_text_has_the_words_of_the_other() {
    let title = "Harbour bridge closes for repairs";
    let teaser =
        "The swing bridge across the harbour closes on Monday evening for repairs that will take …";
    let article = "The swing bridge across the harbour closes on Monday evening for repairs that will take \
                   until autumn, the port authority said. Buses are diverted through the tunnel.";
    let spam = "Buy cheap watches, bracelets and necklaces from our warehouse outside the harbour";
    for (fuller, other, expected) in [
        ((title, article), (title, teaser), true),
        ((title, teaser), (title, teaser), true),
        (
            ("Harbour bridge closed for repairs - Port Times", article),
            (title, teaser),
            true,
        ),
        ((title, article), (title, ""), false),
        ((title, article), (title, title), false),
        (
            (title, &format!("{title}. {spam}")),
            (title, &format!("{title}: more")),
            false,
        ),
        ((title, spam), (title, teaser), false),
        // Its words under a headline of another's choice, or under none.
        (
            ("Cheap watches for everybody", article),
            (title, teaser),
            false,
        ),
        (("", article), (title, teaser), false),
        ((title, article), ("", teaser), false),
        (("", article), ("", teaser), true),
        (("", article), ("", ""), false),
        (("", ""), ("", teaser), false),
        (
            (
                "Мост закрыт на ремонт",
                "Мост через гавань закрыт на ремонт до осени, сообщил порт",
            ),
            (
                "Мост закрыт на ремонт",
                "Мост через гавань, сообщил порт, закрыт до осени",
            ),
            true,
        ),
        (
            (
                "港の橋が閉鎖",
                "港にある旋回橋は修理のため月曜日から秋まで通行止めになると港湾局が発表した",
            ),
            ("港の橋が閉鎖", "旋回橋は修理のため月曜日から秋まで通行止め"),
            true,
        ),
        (
            (
                "港の橋が閉鎖",
                "安い腕時計と首飾りを倉庫から直接お届け、今だけ半額で販売中",
            ),
            ("港の橋が閉鎖", "旋回橋は修理のため月曜日から秋まで通行止め"),
            false,
        ),
    ] {
        let held = holds(&wording(fuller.0, fuller.1), &wording(other.0, other.1));
        assert_eq!(held, expected, "{fuller:?} {other:?}");
    }
}

#[test]
fn completeness_is_counted_in_words_of_the_longer_text() {
    let words = |count: usize| "слово ".repeat(count);
    for (summary, content, expected) in [
        (0, 0, Teaser),
        (59, 59, Teaser),
        (60, 0, Summary),
        (30, 199, Summary),
        (0, 200, Full),
        (9000, 0, Full),
    ] {
        let mut entry = entry("x", "A title does not count, however long it is", 0);
        (entry.summary_text, entry.content_text) = (words(summary), words(content));
        assert_eq!(completeness(&entry), expected, "{summary} {content}");
    }
}

#[test]
fn a_date_is_too_old_where_the_feed_was_there_a_day_before_and_did_not_list_it() {
    for (published, seen, added, expected) in [
        (0, 0, -900, false),
        (0, 24, -900, false),
        (0, 25, -900, true),
        (9, 0, -900, false),
        // The backlog of a feed.
        (0, 900, 900, false),
        (0, 900, 877, false),
        (0, 900, 876, true),
    ] {
        let found = is_backdated(hours(published), hours(seen), hours(added));
        assert_eq!(found, expected, "{published} {seen} {added}");
    }
}

prop_compose! {
    fn any_standing()(
        role in 0..4usize,
        weight in 49..52u8,
        completeness in prop::sample::select(vec![Teaser, Summary, Full]),
        dated in any::<bool>(),
        hour in 0..3i64,
        aggregated in any::<bool>(),
    ) -> Standing {
        let role = Role::ALL[role];
        let published_at = hours(hour);
        Standing { role, weight, completeness, dated, published_at, aggregated, is_claim: false, silent: false, dropped: false, target: None, number: 0 }
    }
}

proptest! {
    #[test]
    fn who_leads_and_who_was_first_depends_on_no_order(
        mut members in prop::collection::vec(any_standing(), 1..9),
        holders in any::<u16>(),
        present in 0..9i64,
        turn in 0..9usize,
    ) {
        for (member, number) in members.iter_mut().zip(0..) {
            member.number = number;
        }
        let mut turned = members.clone();
        turned.rotate_left(turn % members.len());
        turned.reverse();
        let number = |of: &[Standing], at: Option<usize>| of[at.unwrap()].number;
        prop_assert_eq!(number(&members, leads(&members)), number(&turned, leads(&turned)));
        prop_assert_eq!(number(&members, first(&members)), number(&turned, first(&turned)));

        let holders: Vec<i64> = (0..9).filter(|bit| holders >> bit & 1 == 1).collect();
        let next = elected(&members, present, &holders).unwrap();
        prop_assert_eq!(elected(&turned, present, &holders), Some(next));
        // What was chosen stays, and nobody of a better role or weight is passed over.
        prop_assert_eq!(elected(&members, next, &holders), Some(next));
        let word = |one: &Standing| (one.role, u8::MAX - one.weight);
        let lead = members.iter().find(|one| one.number == next).unwrap();
        prop_assert!(members.iter().all(|one| word(lead) <= word(one)));
    }
}

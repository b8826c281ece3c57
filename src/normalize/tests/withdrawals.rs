//! What a document withdraws, by which ids, and beside what it lists.

use super::*;

fn dated(id: &str, updated: Option<&str>) -> ParsedEntry {
    ParsedEntry {
        updated_at: updated.map(at),
        ..item(id, &format!("https://example.org/{id}"), id)
    }
}

fn made(entries: Vec<ParsedEntry>, told: &[(&str, &str)], identity: IdentityBy) -> Normalized {
    let withdrawals = told.iter().map(|(id, when)| Withdrawal {
        id: (*id).to_owned(),
        at: at(when),
        restored_at: None,
    });
    let parsed = ParsedFeed {
        withdrawals: withdrawals.collect(),
        ..document(entries)
    };
    with_origin(|origin| {
        let origin = Origin {
            identity,
            ..*origin
        };
        normalize(&parsed, &origin)
    })
}

const DAY_8: &str = "2026-01-08T00:00:00Z";
const DAY_9: &str = "2026-01-09T00:00:00Z";

/// When an entry that is listed was changed, when it was withdrawn -> whether it stands.
#[test]
fn u35_of_what_is_listed_and_withdrawn_the_later_word_holds() {
    for (updated, when, stands) in [
        (Some(DAY_9), DAY_8, true),
        (Some(DAY_8), DAY_9, false),
        (Some(DAY_8), DAY_8, false),
        (None, DAY_9, true),
        // No date that can be true.
        (Some(DAY_8), "2126-01-09T00:00:00Z", true),
        (Some(DAY_8), "1970-01-01T00:00:00Z", true),
    ] {
        let listed = vec![dated("one", updated), dated("two", Some(DAY_8))];
        let made = made(listed, &[("one", when)], IdentityBy::Auto);
        let expected: &[&str] = if stands { &["one", "two"] } else { &["two"] };
        assert_eq!(ids(&made.entries), expected, "{updated:?} {when:?}");
        let told = made.withdrawals.first().map(|it| it.restored_at);
        let expected = match (stands, updated) {
            (true, Some(DAY_9)) => Some(Some(at(DAY_9))),
            (true, _) => None,
            (false, _) => Some(None),
        };
        assert_eq!(told, expected, "{updated:?} {when:?}");
    }
}

/// What is withdrawn, by what the entries of the feed go by -> of what that is believed, as of when.
#[test]
fn u35_only_ids_that_entries_go_by_are_withdrawn() {
    use IdentityBy::{Auto, Guid, Link};
    let shared = || {
        let one = item("one", "https://example.org/1", "Otters counted");
        let other = item("one", "https://example.org/2", "Ferry aground");
        vec![one, other, dated("two", None)]
    };
    let many = &[
        ("gone", DAY_9),
        ("gone", DAY_8),
        ("gone", "1970-01-01T00:00:00Z"),
        ("never", "2126-01-09T00:00:00Z"),
        ("one", DAY_9),
        (" ", DAY_9),
    ];
    for (entries, identity, expected) in [
        (Vec::new(), Auto, &["gone", "one"][..]),
        (shared(), Auto, &["gone"]),
        (Vec::new(), Guid, &["gone", "one"]),
        (Vec::new(), Link, &[]),
    ] {
        let told = made(entries, many, identity).withdrawals;
        let found: Vec<&str> = told.iter().map(|it| it.id.as_str()).collect();
        assert_eq!(found, expected, "{identity:?}");
        assert!(told.iter().all(|it| it.at == at(DAY_9)), "{told:?}");
    }
    for when in ["2026-01-10T12:30:00Z", NOW] {
        let told = made(Vec::new(), &[("gone", when)], Auto).withdrawals;
        assert_eq!(told[0].at, at(NOW), "{when}");
    }
}

use super::{Chance, few};
use crate::model::FeedId;
use jiff::Timestamp;

/// A feed at each of so many hosts, whose ids are their letters.
fn chances(ids: &str) -> Vec<Chance> {
    let ids = ids.chars().map(|id| id.to_string());
    let chances = ids.map(|id| Chance {
        feed: FeedId::new(&id),
        host: id.into(),
        at: Timestamp::MIN,
        is_failing: false,
        is_near: false,
    });
    chances.collect()
}

fn tried(chances: Vec<Chance>) -> String {
    let tried = few(chances);
    tried.iter().map(FeedId::as_str).collect()
}

/// Seven hosts: those that fail come last, those that rest before them, and five are enough.
#[test]
fn a_few_of_many_are_tried() {
    type Change = fn(&mut [Chance]);
    let table: [(&str, Change, &str); 6] = [
        ("all alike", |_| (), "abcde"),
        (
            "two fail",
            |all| (all[0].is_failing, all[3].is_failing) = (true, true),
            "bcefg",
        ),
        (
            "one rests",
            |all| all[1].at = Timestamp::UNIX_EPOCH,
            "acdef",
        ),
        (
            "two fail, and one rests",
            |all| {
                (all[0].is_failing, all[3].is_failing) = (true, true);
                all[1].at = Timestamp::UNIX_EPOCH;
            },
            "cefgb",
        ),
        (
            "three are at one host",
            |all| {
                let host = all[0].host.clone();
                (all[1].host, all[2].host) = (host.clone(), host);
            },
            "adefg",
        ),
        (
            "five are near, and two fail",
            |all| {
                for (n, it) in all.iter_mut().enumerate() {
                    (it.is_near, it.is_failing) = (n < 5, n >= 5);
                }
            },
            "fg",
        ),
    ];
    for (name, change, expected) in table {
        let mut all = chances("abcdefg");
        change(&mut all);
        assert_eq!(tried(all), expected, "{name}");
    }
}

/// Where all are near, one of them is all there is to go by.
#[test]
fn where_all_are_near_any_is_tried() {
    let mut all = chances("abcdefg");
    for it in &mut all {
        it.is_near = true;
    }
    assert_eq!(tried(all), "abcde");
}

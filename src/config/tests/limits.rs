//! What may be kept of feeds.

use super::broken::check;
use super::*;
use crate::model::FeedId;
use crate::store::Limits;
use std::time::Duration;

const DAY: Duration = Duration::from_hours(24);

#[test]
fn limits_of_a_feed_are_its_own_then_its_groups_then_the_defaults() {
    let config = config(
        "[storage]\nretention = \"90d\"\n[defaults]\nretention = \"60d\"\nmax-entries = 500\n\
         [group.wire]\nretention = \"7d\"\n\
         [[feed]]\nid = \"plain\"\nurl = \"https://a.org/\"\n\
         [[feed]]\nid = \"grouped\"\nurl = \"https://b.org/\"\ngroup = \"wire\"\n\
         [[feed]]\nid = \"own\"\nurl = \"https://c.org/\"\ngroup = \"wire\"\nmax-entries = 10\n",
    );
    let limits = |days: u32, entries| Limits {
        retention: Some(days * DAY),
        max_entries: Some(entries),
    };
    let of = |id: &str| config.storage.limits[&FeedId::new(id)];
    assert_eq!(of("plain"), limits(60, 500));
    assert_eq!(of("grouped"), limits(7, 500));
    assert_eq!(of("own"), limits(7, 10));
    // Nothing is added that would leave again at once.
    let first: Vec<usize> = config.feeds.iter().map(|f| f.first_poll_entries).collect();
    assert_eq!(first, [50, 50, 10]);
    assert!(self::config(&with_feed("")).storage.limits.is_empty());
}

#[test]
fn limits_that_are_none() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.org/\"\n";
    for (text, expected) in [
        (
            format!("{feed}retention = \"200d\"\n"),
            "idle-retention 4:13",
        ),
        (format!("{feed}retention = \"1m\"\n"), "bad-duration 4:13"),
        (format!("{feed}max-entries = 0\n"), "bad-value 4:15"),
        (
            format!("[defaults]\nretention = \"181d\"\n{feed}"),
            "idle-retention 2:13",
        ),
        (
            format!("[storage]\nretention = \"2d\"\n{feed}retention = \"3d\"\n"),
            "idle-retention 6:13",
        ),
    ] {
        check(&text, &[expected]);
    }
}

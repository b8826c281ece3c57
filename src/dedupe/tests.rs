mod abroad;
mod claims;
mod correction;
mod counting;
mod dropped;
mod fuller;
mod ids;
mod lead;
mod near;
mod own;
mod reuse;
mod story;
mod terms;

use super::*;
use crate::model::{FeedId, Key, Place};
use jiff::{SignedDuration, Timestamp};
use proptest::prelude::*;

/// What is to become of an entry.
fn decide(entry: &Entry, known: &[Known]) -> Verdict {
    super::decide(entry, known).verdict
}

const TITLE: &str = "Modi and Putin discuss oil at Delhi summit";

/// An entry of feed `a` published at the given hour.
fn entry(id: &str, title: &str, hour: i64) -> Entry {
    Entry {
        feed: FeedId::new("a"),
        entry_id: id.to_owned(),
        given: None,
        by_address: false,
        keys: Vec::new(),
        url: None,
        title: title.to_owned(),
        summary: None,
        content: None,
        summary_text: String::new(),
        content_text: String::new(),
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        language: None,
        published_at: hours(hour),
        updated_at: hours(hour),
        dated: true,
        exact: true,
        source: None,
        language_given: false,
        content_digest: [1; 16],
    }
}

fn hours(hour: i64) -> Timestamp {
    Timestamp::UNIX_EPOCH + SignedDuration::from_hours(500_000 + hour)
}

/// The stored entry `stored` of article 10 times that, known under a key of `kind`, published at hour 0.
fn known(kind: KeyKind, feed: &str, stored: i64, title: &str) -> Known {
    Known {
        key: Key {
            kind,
            digest: [0; 16],
        },
        number: stored,
        entry: Some(stored),
        article: Some(stored * 10),
        feed: FeedId::new(feed),
        same_source: false,
        had: SignedDuration::ZERO,
        entry_id: format!("id{stored}"),
        published_at: hours(0),
        dated: true,
        leads: true,
        is_new: false,
        is_beside: false,
        is_left: false,
        is_passed_on: false,
        withdrawn_at: None,
        content_digest: [2; 16],
        title: title.to_owned(),
        place: Place::Unknown,
        text: String::new(),
        updated_at: hours(0),
        stood: SignedDuration::ZERO,
        others: Vec::new(),
        former: Vec::new(),
    }
}

/// Two outlets, one headline: the texts tell a copy from a report of something else.
#[test]
fn one_title_over_two_texts_is_two_articles() {
    let title = "Council approves budget after long debate";
    let north = "Northtown spends nine million on schools, playgrounds and the swimming pool, \
                 councillors decided shortly before midnight after forty speeches";
    let south = "Southville closes three libraries; residents protested outside while officials \
                 blamed falling revenue from the harbour and rising interest payments";
    let cut = "Northtown spends nine million on schools, playgrounds and the swimming pool";
    for (text, expected) in [
        (south, ReasonKind::New),
        (north, ReasonKind::SameTitle),
        (cut, ReasonKind::SameTitle),
        ("too short to tell", ReasonKind::SameTitle),
        ("", ReasonKind::SameTitle),
    ] {
        let mut entry = entry("new", title, 1);
        north.clone_into(&mut entry.summary_text);
        let mut known = known(KeyKind::Title, "other", 1, title);
        text.clone_into(&mut known.text);
        let reason = match decide(&entry, &[known]) {
            Verdict::New(reason) | Verdict::Copy { reason, .. } => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason.kind, expected, "{text}: {}", reason.text);
    }
}

/// Which of two entries came first makes no difference to what they are to each other.
#[test]
fn texts_are_compared_alike_in_either_order() {
    let title = "Council approves budget after long debate";
    let longer = "Council approves budget after long debate - Telling Herald";
    let words = |letter: char, count: usize| -> String {
        let word = |n| format!("telling{letter}{} ", "x".repeat(n));
        (0..count).map(word).collect()
    };
    let sides = [
        (title, words('a', 130), words('b', 130)),
        (title, String::new(), words('b', 130)),
        (longer, words('a', 20), words('b', 130)),
        (longer, words('b', 130), String::new()),
        (title, words('c', 8), "telling herald".repeat(9)),
        (longer, words('c', 4), words('d', 8)),
    ];
    let is_copy = |one: &(&str, String, String), other: &(&str, String, String)| {
        let mut entry = entry("new", one.0, 1);
        (entry.summary_text, entry.content_text) = (one.1.clone(), one.2.clone());
        let stored = Known {
            text: format!("{} {}", other.1, other.2),
            ..known(KeyKind::Title, "other", 1, other.0)
        };
        matches!(decide(&entry, &[stored]), Verdict::Copy { .. })
    };
    for (at, one) in sides.iter().enumerate() {
        assert!(is_copy(one, one), "{one:?}");
        for other in &sides[..at] {
            assert_eq!(
                is_copy(one, other),
                is_copy(other, one),
                "{one:?} {other:?}"
            );
        }
    }
    assert!(is_copy(&sides[1], &sides[2]));
    assert!(!is_copy(&sides[0], &sides[1]), "only the lead counts");
}

/// What becomes of an entry titled `title`, `hour` hours after one known under `kind` in `feed`.
fn verdict(kind: KeyKind, feed: &str, titles: (&str, &str), hour: i64) -> ReasonKind {
    match decide(
        &entry("new", titles.0, hour),
        &[known(kind, feed, 1, titles.1)],
    ) {
        Verdict::New(reason) | Verdict::Copy { reason, .. } => reason.kind,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_id_in_the_same_feed_is_the_same_entry() {
    let mut stored = known(KeyKind::Guid, "a", 1, TITLE);
    let again = entry("id1", "Another headline altogether", 0);
    assert!(matches!(
        decide(&again, &[stored.clone()]),
        Verdict::Revision { entry: 1, .. }
    ));
    stored.content_digest = again.content_digest;
    assert_eq!(
        decide(&again, &[stored.clone()]),
        Verdict::Unchanged { entry: 1 }
    );
    stored.entry = None;
    assert_eq!(decide(&again, &[stored]), Verdict::Forgotten);
}

#[test]
fn the_same_id_in_another_feed_says_nothing() {
    let stored = known(KeyKind::Guid, "b", 1, TITLE);
    assert!(matches!(
        decide(&entry("id1", TITLE, 0), &[stored]),
        Verdict::New(_)
    ));
}

#[test]
fn a_changed_id_is_a_copy_and_keeps_both() {
    let Verdict::Copy { article, reason } = decide(
        &entry("new", TITLE, 1),
        &[known(KeyKind::Url, "a", 1, TITLE)],
    ) else {
        panic!("not a copy")
    };
    assert_eq!(article, 10);
    assert_eq!(reason.kind, ReasonKind::SameUrl);
    assert_eq!(reason.text, "the same address as id1 in feed a");
}

/// Key, feed of the stored entry, both titles, hours between them, and what is decided.
type Row<'a> = (KeyKind, &'a str, (&'a str, &'a str), i64, ReasonKind);

/// Checks rows in either order of publication.
fn check(rows: &[Row<'_>]) {
    for &(kind, feed, titles, hour, expected) in rows {
        for hour in [hour, -hour] {
            let decided = verdict(kind, feed, titles, hour);
            assert_eq!(decided, expected, "{kind:?} {titles:?} {hour}");
        }
    }
}

const EDITED: &str = "Putin and Modi talk about oil in Delhi";
const OTHER: &str = "Heavy rain floods parts of Nairobi";

#[test]
fn an_address_counts_unless_its_page_goes_on_to_something_else() {
    use KeyKind::Url;
    use ReasonKind::{New, SameUrl};
    check(&[
        (Url, "b", (TITLE, TITLE), 1000, SameUrl),
        (Url, "b", (TITLE, EDITED), 1000, SameUrl),
        (Url, "b", ("", ""), 1, SameUrl),
        // What grammar they share relates no titles.
        (
            Url,
            "b",
            (
                "The best of the bonuses in the world",
                "The fall of the coalition in the north",
            ),
            1,
            New,
        ),
        // A page of one feed that is another each day.
        (
            Url,
            "a",
            (
                "Gold rate today, November 21",
                "Gold rate today, November 22",
            ),
            1,
            New,
        ),
        // Whoever names another's address hides nothing by it.
        (Url, "b", (TITLE, ""), 1, New),
        (Url, "b", (TITLE, OTHER), 1, New),
        (Url, "a", (TITLE, OTHER), 49, New),
        (Url, "a", (TITLE, OTHER), 1, New),
        (Url, "a", (TITLE, EDITED), 1000, SameUrl),
        (Url, "a", (TITLE, ""), 1, SameUrl),
    ]);
}

#[test]
fn parts_of_an_address_count_for_two_days_under_a_related_title() {
    use KeyKind::{ArticleNumber, Slug};
    use ReasonKind::{New, SameNumber, SameSlug};
    let rates = (
        "Gold rate on March 5 in Delhi",
        "Gold rate on March 6 in Delhi",
    );
    check(&[
        (Slug, "b", (TITLE, EDITED), 48, SameSlug),
        (Slug, "b", (TITLE, EDITED), 49, New),
        (Slug, "b", (TITLE, OTHER), 1, New),
        (ArticleNumber, "a", (TITLE, EDITED), 1, SameNumber),
        (ArticleNumber, "a", (TITLE, OTHER), 1, New),
        (Slug, "a", rates, 24, New),
        (Slug, "a", ("", ""), 1, New),
        (ArticleNumber, "b", (TITLE, ""), 1, New),
        // "Today's news in five minutes" has one slug every day.
        (Slug, "a", (TITLE, EDITED), 20, SameSlug),
        (Slug, "a", (TITLE, EDITED), 21, New),
        (ArticleNumber, "a", (TITLE, EDITED), 21, New),
    ]);
}

#[test]
fn words_count_for_days_and_in_one_feed_for_hours() {
    use KeyKind::{Content, Title};
    use ReasonKind::{New, SameContent, SameTitle};
    let outlet = (
        TITLE,
        "Modi and Putin discuss oil at Delhi summit - Reuters",
    );
    let places = (
        "Gold rate in all cities today - Delhi",
        "Gold rate in all cities today - Mumbai",
    );
    let days = (
        "War in Ukraine what we know",
        "War in Ukraine what we know - Monday",
    );
    check(&[
        (Content, "b", (TITLE, TITLE), 168, SameContent),
        (Content, "b", (TITLE, TITLE), 169, New),
        (Content, "a", (TITLE, TITLE), 21, New),
        (Title, "b", (TITLE, TITLE), 72, SameTitle),
        (Title, "b", (TITLE, TITLE), 73, New),
        (Title, "a", (TITLE, TITLE), 20, SameTitle),
        (Title, "a", (TITLE, TITLE), 21, New),
        (Title, "b", outlet, 1, SameTitle),
        (Title, "b", places, 1, New),
        (Title, "b", days, 1, New),
    ]);
}

#[test]
fn a_series_is_not_drawn_to_its_last_part_by_another_feed() {
    let last = [
        known(KeyKind::Title, "a", 1, TITLE),
        known(KeyKind::Title, "b", 2, TITLE),
    ];
    assert!(matches!(
        decide(&entry("new", TITLE, 24), &last),
        Verdict::New(_)
    ));
    // The other feed's copy of this part is one.
    let this = Known {
        published_at: hours(24),
        ..known(KeyKind::Title, "b", 3, TITLE)
    };
    let known = [last.to_vec(), vec![this]].concat();
    assert!(matches!(
        decide(&entry("new", TITLE, 24), &known),
        Verdict::Copy { article: 30, .. }
    ));
    // Neither is one that has a slug of its own.
    let slug = Known {
        key: self::known(KeyKind::Slug, "b", 2, TITLE).key,
        ..last[1].clone()
    };
    assert!(matches!(
        decide(&entry("new", TITLE, 24), &[last[0].clone(), slug]),
        Verdict::New(_)
    ));
}

#[test]
fn a_refusal_is_explained() {
    let Verdict::New(reason) = decide(
        &entry("new", TITLE, 21),
        &[known(KeyKind::Title, "a", 1, TITLE)],
    ) else {
        panic!("not new")
    };
    assert_eq!(
        reason.text,
        "the same title as id1 in feed a, but as another part of a series"
    );
    let Verdict::New(reason) = decide(&entry("new", TITLE, 0), &[]) else {
        panic!("not new")
    };
    assert_eq!(reason.text, "nothing like it is stored");
}

#[test]
fn what_a_feed_dropped_does_not_come_back_under_another_id() {
    let gone = |feed| Known {
        entry: None,
        article: None,
        ..known(KeyKind::Url, feed, 1, TITLE)
    };
    assert_eq!(
        decide(&entry("new", TITLE, 1), &[gone("a")]),
        Verdict::Forgotten
    );
    assert!(matches!(
        decide(&entry("new", TITLE, 1), &[gone("b")]),
        Verdict::New(_)
    ));
    let stored = known(KeyKind::Url, "b", 2, TITLE);
    assert!(matches!(
        decide(&entry("new", TITLE, 1), &[gone("a"), stored]),
        Verdict::Copy { article: 20, .. }
    ));
}

#[test]
fn the_strongest_key_wins_and_then_the_earliest() {
    let title = known(KeyKind::Title, "b", 1, TITLE);
    let late = Known {
        published_at: hours(2),
        ..known(KeyKind::Url, "b", 2, TITLE)
    };
    let early = known(KeyKind::Url, "c", 4, TITLE);
    let equal = known(KeyKind::Url, "d", 3, TITLE);
    let article = |known: &[Known]| match decide(&entry("new", TITLE, 1), known) {
        Verdict::Copy { article, .. } => article,
        other => panic!("{other:?}"),
    };
    assert_eq!(article(&[title.clone(), late.clone()]), 20);
    assert_eq!(article(&[title.clone(), late.clone(), early.clone()]), 40);
    assert_eq!(article(&[early, late, equal, title]), 30);
}

/// What shares a key with an entry: its kind, feed, row, hour, words, and whether it leads and is there.
type Pick = (usize, usize, i64, i64, u8, bool, bool);

/// Makes stored entries of picks; rows of one feed share keys of every kind. A row is the same under each
/// of its keys: what the first pick says of it.
fn picked(picks: &[Pick]) -> Vec<Known> {
    let first = |&(kind, feed, row, ..): &Pick| {
        let same = picks.iter().find(|it| (it.1, it.2) == (feed, row));
        let &(_, _, _, hour, words, leads, is_there) = same.unwrap();
        (kind, feed, row, hour, words, leads, is_there)
    };
    let kinds = [
        KeyKind::Guid,
        KeyKind::Guid,
        KeyKind::Url,
        KeyKind::Slug,
        KeyKind::ArticleNumber,
        KeyKind::Content,
        KeyKind::Title,
    ];
    let pick = |&(kind, feed, row, hour, words, leads, is_there): &Pick| {
        let mut made = known(kinds[kind], ["a", "b", "c"][feed], row, TITLE);
        made.published_at = hours(hour);
        made.content_digest = [words; 16];
        made.leads = leads && is_there;
        made.title = [TITLE, EDITED, OTHER][usize::from(words)].to_owned();
        made.place = [Place::Unknown, Place::Other][usize::from(leads)];
        if kind == 1 {
            made.key.digest = [7; 16];
        }
        if !is_there {
            (made.entry, made.article) = (None, None);
        }
        made
    };
    picks.iter().map(first).map(|it| pick(&it)).collect()
}

proptest! {
    #[test]
    fn the_order_of_what_is_known_is_of_no_account(
        picks in prop::collection::vec(
            (0..7_usize, 0..3_usize, 0..4_i64, 0..60_i64, 0..3_u8, any::<bool>(), any::<bool>()),
            0..6,
        ),
        seed in any::<prop::sample::Index>(),
        (hour, words) in (0..60_i64, 0..3_u8),
        (is_believed, by_address) in any::<(bool, bool)>(),
    ) {
        let mut known = picked(&picks);
        let mut new = entry("id1", TITLE, hour);
        new.content_digest = [words; 16];
        new.by_address = by_address && !is_believed;
        new.given = is_believed.then(|| crate::model::GivenId {
            id: "id2".to_owned(),
            key: Key { kind: KeyKind::Guid, digest: [7; 16] },
        });
        let decision = super::decide(&new, &known);
        known.reverse();
        prop_assert_eq!(&super::decide(&new, &known), &decision);
        let count = known.len();
        known.rotate_left(seed.index(count + 1));
        prop_assert_eq!(&super::decide(&new, &known), &decision);
    }
}

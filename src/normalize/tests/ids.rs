//! What a document proves of its ids, and what its entries go by then.

use super::*;
use crate::model::GuidHealth;

/// A document of a site whose home is `https://example.org/`.
fn site(entries: Vec<ParsedEntry>) -> ParsedFeed {
    let mut parsed = document(entries);
    parsed.profile.home_url = Some("https://example.org/".to_owned());
    parsed
}

/// Normalizes under an identity.
fn made(parsed: &ParsedFeed, identity: IdentityBy) -> Normalized {
    with_origin(|origin| {
        let origin = Origin {
            identity,
            ..*origin
        };
        normalize(parsed, &origin)
    })
}

/// Entries with these ids, each at an address and under a title of its own.
fn with_ids(ids: &[&str]) -> Vec<ParsedEntry> {
    let entries = ids.iter().enumerate();
    entries
        .map(|(n, id)| {
            item(
                id,
                &format!("https://example.org/{n}"),
                &format!("title {n}"),
            )
        })
        .collect()
}

#[test]
fn a_document_tells_what_its_ids_are_worth() {
    use GuidHealth::{ChannelLink, Good, Repeated};
    let home = "http://www.example.org";
    let ten = ["a", "b", "c", "d", "e", "f", "g", "h", "i", "i"];
    for (ids, health, bad, all) in [
        (&[][..], Good, 0, 0),
        (&["a", "b", "c", "d"], Good, 0, 4),
        (&["a", "a", "b"], Good, 0, 3),
        (&["a", "a", "b", "c"], Repeated, 2, 4),
        (&["a", "a", "b", "b"], Repeated, 4, 4),
        (&["a", "a", "a", "a", "a"], Repeated, 5, 5),
        (&ten, Good, 0, 10),
        (&ten[1..], Repeated, 2, 9),
        (&["", "", "", "", ""], Good, 0, 0),
        (&["", "", "a", "a", "b"], Good, 0, 3),
        // The first post of a thread may well have the thread's address.
        (&[home], Good, 0, 1),
        (&[home, "a", "b"], Good, 0, 3),
        (&[home, home], ChannelLink, 2, 2),
        (&[home, "https://example.org/", "a"], ChannelLink, 2, 3),
        (&[home, home, "a", "b"], Repeated, 2, 4),
        (
            &["https://one.example/", "https://other.example"],
            Good,
            0,
            2,
        ),
    ] {
        let found = made(&site(with_ids(ids)), IdentityBy::Auto).ids;
        assert_eq!(
            (found.health, found.bad, found.all),
            (health, bad, all),
            "{ids:?}"
        );
        assert_eq!(found.defect().is_some(), health != Good);
    }
}

#[test]
fn versions_of_an_entry_repeat_no_id() {
    let versions = |id: &str, url: &str| {
        let titles = ["first words", "second words", "third words"];
        titles.map(|title| item(id, url, title)).to_vec()
    };
    let mut entries = versions("a", "https://example.org/a");
    entries.extend(with_ids(&["b", "c"]));
    // More than two at one address are a list on a page: their ids are repeated then.
    let found = made(&site(entries.clone()), IdentityBy::Auto).ids;
    assert_eq!((found.health, found.all), (GuidHealth::Repeated, 5));
    entries.remove(0);
    let found = made(&site(entries), IdentityBy::Auto).ids;
    assert_eq!((found.health, found.all), (GuidHealth::Good, 3));
}

#[test]
fn what_a_document_proves_is_told() {
    let told = |ids: &[&str]| {
        let defect = made(&site(with_ids(ids)), IdentityBy::Auto).ids.defect();
        defect.map(|defect| defect.to_string())
    };
    assert_eq!(
        told(&["a", "a", "a", "b", "c"]).as_deref(),
        Some("repeated-id: 3 of 5 entries share an id with another")
    );
    let home = "https://example.org";
    assert_eq!(
        told(&[home, home, "a"]).as_deref(),
        Some("channel-link-id: 2 of 3 entries have the address of the site for an id")
    );
    assert_eq!(told(&["a", "b"]), None);
}

#[test]
fn entries_go_by_what_is_believed() {
    let good = site(with_ids(&["a", "b"]));
    let bad = site(with_ids(&["a", "a", "b", "c"]));
    let url = |n: usize| format!("https://example.org/{n} title {n}");
    let given: Vec<String> = (0..4).map(url).collect();
    let go_by = |parsed, identity| {
        let made = made(parsed, identity).entries;
        made.into_iter()
            .map(|entry| entry.entry_id)
            .collect::<Vec<_>>()
    };
    assert_eq!(go_by(&good, IdentityBy::Auto), ["a", "b"]);
    assert_eq!(go_by(&good, IdentityBy::Guid), ["a", "b"]);
    assert_eq!(go_by(&good, IdentityBy::Link), given[..2]);
    // Where ids fail as a rule, not even those are believed that nothing speaks against.
    assert_eq!(go_by(&bad, IdentityBy::Auto), given);
    assert_eq!(go_by(&bad, IdentityBy::Link), given);
    // The operator's word is a word: one entry for one id.
    assert_eq!(go_by(&bad, IdentityBy::Guid), ["a", "b", "c"]);
}

#[test]
fn an_entry_has_the_given_id_beside_the_publishers() {
    let check = |url: &str, identity, expected: Option<bool>| {
        let parsed = site(vec![item("a", url, "some title")]);
        let entry = made(&parsed, identity).entries.remove(0);
        let given = made(&parsed, IdentityBy::Link).entries.remove(0);
        let found = entry.given.map(|given| entry.keys.contains(&given.key));
        assert_eq!(found, expected, "{url} {identity:?}");
        // What it goes by later is what it is stored with now.
        if expected == Some(true) {
            assert_eq!(entry.keys[1], given.keys[0]);
        }
    };
    check("https://example.org/1", IdentityBy::Auto, Some(false));
    check("https://example.org/", IdentityBy::Auto, Some(true));
    check("", IdentityBy::Auto, Some(true));
    check("", IdentityBy::Guid, None);
    check("", IdentityBy::Link, None);
}

/// An entry of a few values, so that ids, addresses, titles and texts meet in every way.
fn any_entry() -> impl Strategy<Value = ParsedEntry> {
    let date = prop::option::of(0..3_i64);
    (
        "[abc]{0,1}",
        "(https://example.org/[ab]?)?",
        "[xy]{0,1}",
        "[pq]{0,1}",
        date,
    )
        .prop_map(|(id, url, title, text, date)| ParsedEntry {
            content: Some(Text::plain(text)),
            updated_at: date.map(|day| at(NOW) - jiff::SignedDuration::from_hours(24 * day)),
            ..item(&id, &url, &title)
        })
}

proptest! {
    #[test]
    fn the_order_of_a_document_is_of_no_account(
        (entries, shuffled) in prop::collection::vec(any_entry(), 0..8)
            .prop_flat_map(|entries| (Just(entries.clone()), Just(entries).prop_shuffle())),
        identity in prop::sample::select(IdentityBy::ALL.to_vec()),
    ) {
        let identities = |entries| {
            let made = made(&site(entries), identity);
            let entries = made.entries.into_iter().map(|entry| (entry.entry_id, entry.keys));
            (entries.collect::<std::collections::BTreeSet<_>>(), made.ids)
        };
        prop_assert_eq!(identities(entries), identities(shuffled));
    }
}

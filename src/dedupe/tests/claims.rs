//! Who goes by what is of another's site.

use super::super::{Hosts, Sites, Standing, mark_claims, most};
use super::lead::standing;

/// The sites of a member that is written as `link id feed home most`, `-` for what is not known.
fn sites_of(member: &str) -> Sites {
    let mut parts = member.split(' ');
    let mut part = || parts.next().filter(|part| *part != "-").map(str::to_owned);
    Sites {
        link: part(),
        id: part(),
        feed: part(),
        home: part(),
        most: part(),
        feed_number: None,
        hosts: Hosts::default(),
        owner: None,
    }
}

/// Which entries claim, of members that are written so.
fn claims(members: &[&str]) -> Vec<bool> {
    let sites: Vec<Sites> = members.iter().copied().map(sites_of).collect();
    let mut standings: Vec<Standing> = (0..).take(sites.len()).map(standing).collect();
    mark_claims(&mut standings, &sites);
    standings.iter().map(|standing| standing.is_claim).collect()
}

/// What is asked no more claims what it never had: a feed that brought most of its entries from a site, whatever its old ids name.
#[test]
fn what_is_asked_no_more_claims_only_what_it_never_had() {
    for (own, expected) in [
        ("a.org - feeds.net - a.org", false),
        ("a.org old.org feeds.net - old.org", false),
        ("a.org - feeds.net - -", true),
        ("a.org - feeds.net a.org -", true),
    ] {
        let silent = Standing {
            silent: true,
            ..standing(0)
        };
        let sites = [own, "a.org - a.org"].map(sites_of);
        let mut standings = [silent, standing(1)];
        mark_claims(&mut standings, &sites);
        assert_eq!(standings.map(|it| it.is_claim), [expected, false], "{own}");
    }
}

#[test]
fn who_goes_by_what_is_of_anothers_site_claims_it() {
    for (members, expected) in [
        (&["a.org - a.org", "a.org - b.org"][..], &[false, true][..]),
        // By its id, wherever it leads.
        (&["a.org a.org a.org", "b.org a.org b.org"], &[false, true]),
        (&["a.org - a.org", "b.org - b.org"], &[false, false]),
        // Many publish their feed at another host: nobody here has the site of the link.
        (&["a.org a.org feeds.net", "a.org - b.org"], &[false, false]),
        (&["- - -", "- - a.org"], &[false, false]),
        (&["a.org - -", "a.org - a.org"], &[true, false]),
        // One of them says that it is of that site, or brings most of its entries from there.
        (
            &["a.org - feeds.net a.org", "a.org - b.org"],
            &[false, true],
        ),
        (
            &["a.org - feeds.net - a.org", "a.org - b.org - c.org"],
            &[false, true],
        ),
        // Both do: a feed that others make of the pages of a site.
        (
            &["a.org - feeds.net a.org a.org", "a.org - b.org a.org a.org"],
            &[false, false],
        ),
        // To say it is not enough, and where the feed is fetched counts for more.
        (
            &["a.org - feeds.net a.org a.org", "a.org - b.org a.org b.org"],
            &[false, true],
        ),
        (
            &["a.org - a.org", "a.org - b.org a.org a.org"],
            &[false, true],
        ),
        // Two entries of one feed are one another's.
        (
            &["a.org - feeds.net a.org", "a.org - feeds.net a.org"],
            &[false, false],
        ),
    ] {
        assert_eq!(claims(members), expected, "{members:?}");
    }
}

#[test]
fn most_of_a_feed_is_at_one_site_or_at_none() {
    for (sites, expected) in [
        ("", None),
        ("a", Some("a")),
        ("a b", None),
        ("a b a", Some("a")),
        ("b a - a", None),
        ("- - a", None),
        ("- -", None),
    ] {
        let sites = sites.split_whitespace();
        let sites: Vec<_> = sites
            .map(|site| (site != "-").then(|| site.to_owned()))
            .collect();
        assert_eq!(most(&sites).as_deref(), expected, "{sites:?}");
    }
}

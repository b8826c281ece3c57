//! What an operator says of addresses, site by site and in a file.

use super::super::url::{canonical_url, published_url};
use super::super::{RuleFile, SiteRule, UrlRules, named_site};
use proptest::prelude::*;
use std::collections::BTreeMap;

/// A file with all that the format has, and with patterns that cannot be taken.
const FILE: &str = r#"{ "providers": {
    "everywhere": {
        "urlPattern": ".*",
        "completeProvider": false,
        "rules": ["trail_[a-z]+", "(?:%3F)?from_feed"],
        "referralMarketing": ["friend_?"],
        "rawRules": [],
        "exceptions": ["^https?:\\/\\/www\\.forms\\.example\\/", "^https?:\\/\\/[^/]+\\/login\\?"],
        "redirections": [],
        "forceRedirection": false
    },
    "shop": {
        "urlPattern": "^https?:\\/\\/(?:[a-z0-9-]+\\.)*?shop\\.example",
        "rules": ["pos"],
        "rawRules": ["\\/via=[^/?]*"]
    },
    "out": {
        "urlPattern": "^https?:\\/\\/out\\.example\\/",
        "redirections": ["[?&]to=([^&]+)", "^https?:\\/\\/out\\.example\\/s\\/(.*)"],
        "forceRedirection": true
    },
    "itself": { "urlPattern": "://itself\\.example", "redirections": ["://(.*)"] },
    "hostless": { "urlPattern": "hostless", "rawRules": ["hostless\\.", "http:"] },
    "ads": { "urlPattern": "^https?:\\/\\/ads\\.example", "completeProvider": true },
    "ahead": { "urlPattern": "ahead\\.example(?!\\/x)", "rules": ["id"] },
    "excepted": { "urlPattern": "excepted\\.example", "rules": ["id"], "exceptions": ["(?<=a)b"] },
    "again": { "urlPattern": "again\\.example", "rules": ["(a)\\1", "b", "(?:c{999}){999}"] }
} }"#;

fn rule(drop: &[&str], keep: &[&str]) -> SiteRule {
    let names = |names: &[&str]| names.iter().map(|&name| name.to_owned()).collect();
    SiteRule {
        drop: names(drop),
        keep: names(keep),
    }
}

fn rules() -> UrlRules {
    let sites = [
        ("example.org", rule(&["from", "x_*"], &["ref"])),
        ("shop.example.org", rule(&["*"], &["id"])),
        ("old.shop.example.org", rule(&[], &["x_1"])),
    ];
    let sites: BTreeMap<_, _> = sites.map(|(host, rule)| (host.to_owned(), rule)).into();
    UrlRules::new(sites, Some(RuleFile::read(FILE).unwrap()))
}

#[test]
fn the_nearest_site_decides_and_what_it_keeps_is_kept() {
    let rules = rules();
    for (url, expected) in [
        (
            "https://example.org/a?from=1&b=2",
            "https://example.org/a?b=2",
        ),
        ("https://www.example.org/a?FROM=1", "https://example.org/a"),
        (
            "https://news.example.org/a?x_1=1&y=2",
            "https://news.example.org/a?y=2",
        ),
        (
            "https://example.org/a?ref=rss",
            "https://example.org/a?ref=rss",
        ),
        (
            "https://example.org/a?utm_source=x",
            "https://example.org/a",
        ),
        (
            "https://shop.example.org/a?id=1&b=2&utm_id=3",
            "https://shop.example.org/a?id=1",
        ),
        // Of `ref` the nearest says nothing but by its star.
        (
            "https://shop.example.org/a?ref=rss",
            "https://shop.example.org/a",
        ),
        (
            "https://old.shop.example.org/a?x_1=1&x_2=2",
            "https://old.shop.example.org/a?x_1=1",
        ),
        ("https://other.org/a?from=1", "https://other.org/a?from=1"),
        (
            "https://notexample.org/a?from=1",
            "https://notexample.org/a?from=1",
        ),
    ] {
        assert_eq!(
            canonical_url(url, &rules).as_deref(),
            Some(expected),
            "{url}"
        );
    }
    for (url, expected) in [
        (
            "http://www.example.org/a/?from=1&b=2",
            "http://www.example.org/a/?b=2",
        ),
        ("https://example.org/a?x_1=1", "https://example.org/a"),
        (
            "https://shop.example.org/a?fbclid=1&id=2",
            "https://shop.example.org/a?id=2",
        ),
    ] {
        assert_eq!(
            published_url(url, &rules).as_deref(),
            Some(expected),
            "{url}"
        );
    }
}

#[test]
fn a_kept_parameter_is_kept_from_what_is_built_in_and_from_the_file() {
    let sites = [("example.org".to_owned(), rule(&[], &["partner", "trail_a"]))];
    let rules = UrlRules::new(sites.into(), Some(RuleFile::read(FILE).unwrap()));
    let url = "https://example.org/a?partner=1&trail_a=2&trail_b=3";
    let expected = Some("https://example.org/a?partner=1&trail_a=2");
    assert_eq!(canonical_url(url, &rules).as_deref(), expected);
    assert_eq!(published_url(url, &rules).as_deref(), expected);
}

#[test]
fn sites_are_hosts_alone() {
    for (text, expected) in [
        ("example.org", Some("example.org")),
        ("WWW.Example.ORG", Some("example.org")),
        ("m.example.org.", Some("example.org")),
        ("rss.example.co.uk", Some("rss.example.co.uk")),
        ("bücher.example", Some("xn--bcher-kva.example")),
        ("localhost", Some("localhost")),
        ("192.168.7.1", Some("192.168.7.1")),
        ("[::1]", Some("[::1]")),
        ("com", None),
        ("co.uk", None),
        ("", None),
        (".example.org", None),
        ("*.example.org", None),
        ("https://example.org", None),
        ("example.org/", None),
        ("example.org:80", None),
        ("example.org:443", None),
        ("[::1]:80", None),
        ("a@example.org", None),
        ("exa mple.org", None),
        ("example.org\n", None),
    ] {
        assert_eq!(named_site(text).as_deref(), expected, "{text}");
    }
}

/// Asserts what addresses are compared as, and what is published of them.
fn check(cases: &[(&str, &str, &str)]) {
    let rules = rules();
    for (url, identity, link) in cases {
        let found = (canonical_url(url, &rules), published_url(url, &rules));
        let found = (found.0.as_deref(), found.1.as_deref());
        assert_eq!(found, (Some(*identity), Some(*link)), "{url}");
    }
}

#[test]
fn a_file_is_applied_after_our_own_lists() {
    check(&[
        (
            "https://a.example/x?trail_b=1&c=2&friend=3&from_feed=4",
            "https://a.example/x?c=2",
            "https://a.example/x?c=2&friend=3",
        ),
        // Whole names only.
        (
            "https://a.example/x?trail_1=1&the_trail_b=2",
            "https://a.example/x?the_trail_b=2&trail_1=1",
            "https://a.example/x?trail_1=1&the_trail_b=2",
        ),
        (
            "https://www.forms.example/x?trail_b=1",
            "https://forms.example/x?trail_b=1",
            "https://www.forms.example/x?trail_b=1",
        ),
        (
            "https://a.example/login?trail_b=1",
            "https://a.example/login?trail_b=1",
            "https://a.example/login?trail_b=1",
        ),
        (
            "http://www.shop.example/a/via=mail/b?POS=1",
            "https://shop.example/a/b",
            "http://www.shop.example/a/via=mail/b",
        ),
    ]);
}

#[test]
fn a_file_finds_addresses_in_others_and_does_no_harm() {
    check(&[
        (
            "https://out.example/?x=1&to=https%3A%2F%2Fa.example%2Fb%3Fc%3D1%26trail_d%3D2",
            "https://a.example/b?c=1",
            "https://a.example/b?c=1",
        ),
        (
            "https://out.example/s/www.a.example/b%20c",
            "https://a.example/b%20c",
            "https://www.a.example/b%20c",
        ),
        (
            "https://out.example/s/a.example%2Fb",
            "https://a.example/b",
            "https://a.example/b",
        ),
        (
            "https://out.example/?to=b",
            "https://out.example?to=b",
            "https://out.example/?to=b",
        ),
        (
            "https://itself.example/a",
            "https://itself.example/a",
            "https://itself.example/a",
        ),
        (
            "https://hostless.example/a",
            "https://hostless.example/a",
            "https://hostless.example/a",
        ),
        (
            "https://ads.example/a?b=1",
            "https://ads.example/a?b=1",
            "https://ads.example/a?b=1",
        ),
        (
            "https://ahead.example/?id=1",
            "https://ahead.example?id=1",
            "https://ahead.example/?id=1",
        ),
        (
            "https://excepted.example/a?id=1",
            "https://excepted.example/a?id=1",
            "https://excepted.example/a?id=1",
        ),
        (
            "https://again.example/a?b=1",
            "https://again.example/a",
            "https://again.example/a",
        ),
    ]);
}

#[test]
fn patterns_that_cannot_be_taken_are_left_out_and_named() {
    let file = RuleFile::read(FILE).unwrap();
    assert_eq!(
        file.left_out(),
        [
            r"ahead\.example(?!\/x)",
            r"(a)\1",
            "(?:c{999}){999}",
            "(?<=a)b"
        ]
    );
    assert_eq!(file.patterns(), 27);
    let empty = RuleFile::read(r#"{ "providers": {}, "more": 1 }"#).unwrap();
    assert_eq!((empty.patterns(), empty.left_out().len()), (0, 0));
}

#[test]
fn what_is_no_such_file_is_refused() {
    for (text, expected) in [
        ("", "EOF while parsing"),
        ("[]", "invalid length"),
        ("{}", "missing field `providers`"),
        (
            r#"{ "providers": { "a": {} } }"#,
            "missing field `urlPattern`",
        ),
        (
            r#"{ "providers": { "a": { "urlPattern": 1 } } }"#,
            "invalid type",
        ),
    ] {
        let error = RuleFile::read(text).unwrap_err().to_string();
        assert!(error.contains(expected), "{text}: {error}");
    }
    let huge = |at: usize| format!(r#""{at}": {{ "urlPattern": "(?:{at}b{{40}}){{40}}" }}"#);
    let huge: Vec<String> = (0..300).map(huge).collect();
    let huge = format!(r#"{{ "providers": {{ {} }} }}"#, huge.join(","));
    let error = RuleFile::read(&huge).err().map(|error| error.to_string());
    assert_eq!(
        error.as_deref(),
        Some("has more patterns than fit into 16 MiB")
    );
}

/// Addresses made of what matters to rules.
const ADDRESS: &str = "https?://((www|m|old|shop)\\.){0,3}(example\\.org|a\\.example|out\\.example|shop\\.example|google\\.com|itself\\.example|hostless\\.example)/{1,2}(amp/|s/|url|via=a|login|[ab%;/.]|%2[f5]|%61){0,5}(\\?([a-c&;=%]|&(to|url|from|x_1|ref|trail_a|friend|pos|utm_a|id)=|https?://|%3A%2F%2F|out\\.example/|a\\.example|rss){0,8})?(#[!/a]{0,3})?";

proptest! {
    #[test]
    fn twice_is_once(url in ADDRESS) {
        for rules in [UrlRules::default(), rules()] {
            if let Some(once) = canonical_url(&url, &rules) {
                prop_assert!(once.starts_with("https://"));
                prop_assert_eq!(canonical_url(&once, &rules), Some(once.clone()));
            }
            if let Some(once) = published_url(&url, &rules) {
                prop_assert_eq!(published_url(&once, &rules), Some(once));
            }
        }
    }

    #[test]
    fn any_text_is_survived_and_grows_no_more_than_escapes_do(text in "\\PC{0,80}") {
        let rules = rules();
        for url in [text.clone(), format!("https://{text}"), format!("https://out.example/s/{text}")] {
            for made in [canonical_url(&url, &rules), published_url(&url, &rules)].into_iter().flatten() {
                prop_assert!(made.len() <= 4 * url.len() + 64, "{made}");
            }
        }
    }

    /// Unless a list, a site or the file names the parameter, its value is part of what is named.
    #[test]
    fn what_differs_in_an_unnamed_parameter_is_not_one(
        name in "q[a-z0-9_-]{0,6}", one in "[a-zA-Z0-9.~-]{0,6}", other in "[a-zA-Z0-9.~-]{0,6}",
        more in "(&(utm_a|from|ref|trail_a|id|b)=[a-c]?){0,3}",
    ) {
        prop_assume!(one != other);
        for rules in [UrlRules::default(), rules()] {
            let identity = |value: &str| {
                canonical_url(&format!("https://example.org/a?{name}={value}{more}"), &rules)
            };
            prop_assert_ne!(identity(&one), identity(&other));
        }
    }
}

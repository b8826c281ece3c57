//! The forms of one address, and what is another.

use super::super::UrlRules;
use super::super::url::{self, MAX_URL_BYTES, http_url};
use proptest::prelude::*;

fn canonical_url(url: &str) -> Option<String> {
    url::canonical_url(url, &UrlRules::default())
}

fn published_url(url: &str) -> Option<String> {
    url::published_url(url, &UrlRules::default())
}

fn check(url: &str, expected: &str) {
    assert_eq!(canonical_url(url).as_deref(), Some(expected), "{url}");
}

#[test]
fn the_forms_of_one_address_are_one() {
    let article = "https://example.org/world/story-1";
    for form in [
        "http://www.example.org/world/story-1/",
        "https://m.example.org/world/story-1?utm_source=rss&utm_medium=feed",
        "HTTPS://WWW.EXAMPLE.ORG:443/world//story-1#comments",
        "https://amp.example.org/world/story-1",
        "https://example.org/world/story-1/amp/",
        "https://example.org/amp/world/story-1",
        "https://example.org/world/%73tory-1?fbclid=x&amp;utm_campaign=y",
        "https://example.org/world/story-1;jsessionid=A1?ref=rss",
        "https://example.org/world/story-1?PHPSESSID=a1b2&ASPSESSIONIDQQ=C3",
        "https://example.org/world/story-1/index.html",
        "https://user:secret@example.org./world/story-1",
        "https://www.google.com/url?sa=t&url=https%3A%2F%2Fexample.org%2Fworld%2Fstory-1",
        "https://www.google.co.in/amp/s/example.org/world/story-1",
        "https://example-org.cdn.ampproject.org/c/s/example.org/world/story-1",
        "https://archive.ph/o/AbCdE/https://example.org/world/story-1",
        "https://archive.is/20260101120000/https://www.example.org/world/story-1",
        "https://example-org.cdn.ampproject.org/v/example.org/world/story-1?amp_js_v=0.1",
        "https://news.google.com/rss/articles/CBMiIWh0dHBzOi8vZXhhbXBsZS5vcmcvd29ybGQvc3RvcnktMdIBAA?oc=5",
        "https://example.org/world/story-1?outputType=amp&traffic_source=rss",
        "https://example.org/world/story-1?amp",
        "https://web.archive.org/web/20260101000000/http://example.org/world/story-1",
        "https://l.facebook.com/l.php?u=https%3A%2F%2Fexample.org%2Fworld%2Fstory-1&h=A",
        " https://example.org/world/story-1\u{200B} ",
    ] {
        check(form, article);
    }
}

#[test]
fn what_names_another_document_stays() {
    check("https://example.org/?p=12", "https://example.org?p=12");
    check(
        "https://example.org/a?b=2&a=1",
        "https://example.org/a?a=1&b=2",
    );
    check(
        "https://example.org/a?ref=4711",
        "https://example.org/a?ref=4711",
    );
    check("https://example.org/app#!/a", "https://example.org/app#!/a");
    check("https://m.co.uk/a", "https://m.co.uk/a");
    check(
        "https://example.org/view.php?type=newsletter",
        "https://example.org/view.php?type=newsletter",
    );
    check("https://example.org/A", "https://example.org/A");
    check("https://example.org/%+1%zz", "https://example.org/%+1%zz");
    check("http://example.org:8080/a", "https://example.org:8080/a");
    check("http://[2001:db8::1]/a", "https://[2001:db8::1]/a");
}

#[test]
fn only_web_addresses_have_an_identity() {
    for url in [
        "javascript:alert(1)",
        "urn:x:1",
        "/a",
        "",
        "mailto:a@b.org",
        "http://",
    ] {
        assert_eq!(canonical_url(url), None, "{url}");
    }
    let long = format!("https://example.org/{}", "a".repeat(MAX_URL_BYTES));
    assert_eq!(canonical_url(&long), None);
}

#[test]
fn the_published_link_is_the_publishers_own() {
    for (url, expected) in [
        (
            "http://www.Example.org/a/?b=1#c",
            Some("http://www.Example.org/a/?b=1#c"),
        ),
        (
            "http://www.example.org/a/?b=1&utm_source=rss&c=2#top",
            Some("http://www.example.org/a/?b=1&c=2#top"),
        ),
        (
            "https://example.org/a?utm_source=x#xtor=RSS-1",
            Some("https://example.org/a"),
        ),
        (
            "https://www.google.com/url?q=http%3A%2F%2Fexample.org%2Fa%3Fb%3D1&sa=U",
            Some("http://example.org/a?b=1"),
        ),
        (
            "https://example.org/новости",
            Some("https://example.org/%D0%BD%D0%BE%D0%B2%D0%BE%D1%81%D1%82%D0%B8"),
        ),
        (
            "https://example.org/a?ref=rss&source=feed",
            Some("https://example.org/a?ref=rss&source=feed"),
        ),
        ("javascript:alert(1)", None),
    ] {
        assert_eq!(published_url(url).as_deref(), expected, "{url}");
    }
}

proptest! {
    #[test]
    fn twice_is_once(url in "https?://((www|m|amp)\\.){0,3}(google|a)\\.(com|org)/{1,2}(amp/|s/|url|[ab%;/.]|%2[f5]|%61|index.html){0,6}(\\?([a-c&;=%]|url=|http://google.com/|utm_a=|amp;){0,6})?(#[!/a]{0,3})?") {
        if let Some(once) = canonical_url(&url) {
            prop_assert_eq!(canonical_url(&once), Some(once));
        }
    }

    #[test]
    fn any_text_is_survived(text in "\\PC{0,80}") {
        for url in [text.clone(), format!("https://{text}"), format!("https://example.org/{text}")] {
            let published = published_url(&url);
            prop_assert!(published.is_none_or(|url| http_url(&url).is_some()));
            let canonical = canonical_url(&url);
            prop_assert!(canonical.is_none_or(|url| url.starts_with("https://")));
        }
    }
}

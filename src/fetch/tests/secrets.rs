//! What of a secret leaves this module: nothing (S7).

use super::*;

/// S7: nothing that leaves this module holds a credential.
#[tokio::test]
async fn secrets_stay_inside() {
    let origin = Origin::start(|path, _| match path {
        "/" => Reply::redirect(302, "/next"),
        _ => Reply::new("HTTP/1.1 404 Not Found", ""),
    })
    .await;
    let target = Target {
        headers: vec![Header {
            name: "x-api-key".into(),
            value: "canary".into(),
        }],
        ..target(&format!("http://me:canary@{}/#top", origin.address))
    };
    let fetched = fetch_with(&settings(), &target, &Validators::default()).await;
    assert!(origin.requests()[1].contains("x-api-key: canary"));
    assert!(origin.requests()[1].contains("authorization: Basic"));
    assert!(!format!("{fetched:?} {target:?}").contains("canary"));
    assert_eq!(fetched.url, origin.url("/next"));
}

/// S6: an address that the feed moved to is a stranger's unless scheme, host and port are the same.
#[test]
fn s6_what_goes_to_an_address_that_a_feed_moved_to() {
    let configured = Target {
        headers: vec![Header {
            name: "x-api-key".into(),
            value: "canary".into(),
        }],
        ..target("https://me:canary@a.example/feed")
    };
    for (url, expected) in [
        ("https://a.example/new", "https://me:canary@a.example/new"),
        (
            "https://a.example:443/new",
            "https://me:canary@a.example/new",
        ),
        ("http://a.example/new", "http://a.example/new"),
        ("https://a.example:8443/new", "https://a.example:8443/new"),
        ("https://b.example/new", "https://b.example/new"),
    ] {
        let target = configured.moved_to(&url.parse().unwrap());
        assert_eq!(target.url.as_str(), expected);
        assert_eq!(
            target.headers.is_empty(),
            !expected.contains("canary"),
            "{url}"
        );
    }
}

/// S7: validators are stored, so they hold no query; P25: they still know their address.
#[tokio::test]
async fn validators_remember_no_secret_of_their_address() {
    let origin = Origin::start(|_, _| Reply::new("HTTP/1.1 200 OK\netag: \"1\"", "x")).await;
    let asked = origin.url("/feed?token=canary");
    let first = fetch(&asked).await;
    assert!(!format!("{:?}", first.validators).contains("canary"));
    for (url, sent) in [(asked, true), (origin.url("/feed?token=other"), false)] {
        fetch_again(&url, &first.validators).await;
        assert_eq!(origin.last_field("if-none-match").is_some(), sent, "{url}");
    }
}

/// S7: what is shown of an address; a parameter is a secret by its name.
#[test]
fn shown_addresses() {
    let check = |url: &str, expected: &str| {
        assert_eq!(shown(&url.parse().unwrap()), expected);
    };
    check("https://a.example/f", "https://a.example/f");
    check("https://me:canary@a.example/f#x", "https://a.example/f");
    check(
        "https://a.example/f?b=%20&Access_Token=canary=&c&key",
        "https://a.example/f?b=%20&Access_Token=***&c&key",
    );
    check(
        "https://a.example/?author=1&apikey=canary&auth=canary&keyword=x&sig=canary",
        "https://a.example/?author=1&apikey=***&auth=***&keyword=x&sig=***",
    );
    for (url, expected) in [
        ("https://a.example/f?b=1#x", false),
        ("https://me@a.example/", true),
        ("https://:canary@a.example/", true),
        ("https://a.example/?token=canary", true),
    ] {
        assert_eq!(has_secrets(&url.parse().unwrap()), expected, "{url}");
    }
}

#[tokio::test]
async fn headers_that_cannot_be_sent_are_named_without_their_value() {
    let target = Target {
        headers: vec![Header {
            name: "x-key".into(),
            value: "canary\r\nx-other: 1".into(),
        }],
        ..target("http://127.0.0.1:1/")
    };
    let fetched = fetch_with(&settings(), &target, &Validators::default()).await;
    assert_eq!(
        failure(&fetched).1,
        "the feed's header `x-key` cannot be sent"
    );
}

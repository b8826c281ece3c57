//! Pages in the place of feeds.

use super::*;
use crate::parse::{FeedLink, Found, NotAFeed};

fn page(html: &str, url: &str) -> NotAFeed {
    let document = Document {
        bytes: html.as_bytes(),
        charset: None,
        url,
    };
    match parse(&document).unwrap_err() {
        ParseError::NotAFeed(what) => what,
        other => panic!("{other}"),
    }
}

fn found(html: &str) -> (Found, Vec<String>) {
    let NotAFeed::Page { found, feeds } = page(&format!("<html>{html}"), URL) else {
        panic!("{html}");
    };
    (found, feeds.into_iter().map(|feed| feed.url).collect())
}

#[test]
fn p43_the_feeds_of_a_page_are_found() {
    let at = |path: &str| format!("https://news.example{path}");
    for (html, expected, paths) in [
        (
            "<link rel='alternate' type='application/rss+xml' href='/a'>\
             <link type=application/atom+xml rel='home ALTERNATE' href=b>\
             <link rel=alternate type='application/feed+json; charset=utf-8' href=//news.example/c>\
             <link rel=feed href=/d>",
            Found::Advertised,
            &["/a", "/b", "/c", "/d"][..],
        ),
        (
            "<link rel=alternate type=application/json href=/wp-json/posts/7>\
             <link rel=alternate type=application/json+oembed href=/feed>\
             <link rel=stylesheet type=text/xml href=/feed.xml>\
             <link rel=alternate hreflang=de href=/de>\
             <link rel=alternate type=application/json href=/feed.json>",
            Found::Advertised,
            &["/feed.json"],
        ),
        (
            "<link rel=alternate type=application/rss+xml href='/comments/feed/'>\
             <link rel=alternate type=application/rss+xml href='/feed/'>",
            Found::Advertised,
            &["/feed/", "/comments/feed/"],
        ),
        (
            "<script>'<link rel=feed href=/no>'</script><base href='/de/'><base href='/fr/'><link rel=alternate type=application/rss+xml href=feed>",
            Found::Advertised,
            &["/de/feed"],
        ),
        (
            "<a href=/about>x</a><a href='/world/RSS.xml?x=1'>x</a><a href=/feed/#top>x</a><a href=/w.atom>x</a><a href=javascript:feed>x</a>",
            Found::Linked,
            &["/world/RSS.xml?x=1", "/feed/#top", "/w.atom"],
        ),
        (
            "<meta name=generator content='WordPress 6.9'><meta name=generator content=Hugo>",
            Found::Guessed,
            &["/feed/"],
        ),
    ] {
        let paths: Vec<String> = paths.iter().map(|path| at(path)).collect();
        assert_eq!(found(html), (expected, paths), "{html}");
    }
    let many = "<link rel=feed href=/X>".repeat(20);
    assert_eq!(found(&many).1.len(), 1);
    let many: Vec<_> = (0..20).map(|n| format!("<a href=/{n}.rss>")).collect();
    assert_eq!(found(&many.concat()).1.len(), 8);
}

#[test]
fn a_page_says_what_its_feeds_are_called() {
    let link = "<link rel=alternate type=application/rss+xml title='News &amp; more' href=/feed>";
    let NotAFeed::Page { feeds, .. } = page(&format!("<html>{link}"), "") else {
        panic!("no page");
    };
    let expected = FeedLink {
        url: "/feed".to_owned(),
        title: Some("News & more".to_owned()),
    };
    assert_eq!(feeds, [expected]);
}

#[test]
fn nobody_is_sent_where_he_comes_from() {
    let page = page("<html>", "https://news.example/feed/");
    assert!(!page.to_string().contains("/feed/"), "{page}");
    let mastodon = "<html><meta name=generator content=Mastodon>";
    assert_eq!(
        self::page(mastodon, "https://a.example/@ann").to_string(),
        "an HTML page, which names no feed; untried guesses: https://a.example/@ann.rss"
    );
    assert_eq!(
        self::page("<html>", "").to_string(),
        "an HTML page, which names no feed"
    );
}

#[test]
fn p43_a_page_that_advertises_feeds_is_no_wall() {
    let script = "<script src=/cdn-cgi/challenge-platform/scripts/jsd/main.js></script>";
    assert_eq!(found(script).0, Found::Guessed);
    let quoted = "<link rel=feed href=/feed><p>what _cf_chl_opt means</p>";
    assert_eq!(found(quoted).0, Found::Advertised);
    let linked = "<a href=/feed>x</a><p>what _cf_chl_opt means</p>";
    assert_eq!(found(linked).0, Found::Linked);
    assert_eq!(found("<p>How ddos-guard works").0, Found::Guessed);
    for (mark, wall) in [
        ("<script>window._cf_chl_opt={}</script>", "Cloudflare"),
        (
            "<script src=https://ct.captcha-delivery.com/c.js>",
            "DataDome",
        ),
        ("<title>Vercel Security Checkpoint</title>", "Vercel"),
    ] {
        assert_eq!(page(&format!("<html>{mark}"), URL), NotAFeed::Wall(wall));
    }
}

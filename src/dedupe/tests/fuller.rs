//! Who may put a fuller text in the place of another's.

use super::super::{Hosts, Sites};

/// The sites of an entry, as `feed link fetched home`: the number of its feed, and three hosts.
fn at_hosts(words: &str) -> Sites {
    let mut words = words.split(' ');
    let feed_number = words.next().and_then(|number| number.parse().ok());
    let [link, feed, home] = [(); 3].map(|()| words.next().map(str::to_owned));
    let site = |host: &Option<String>| {
        let labels: Vec<&str> = host.as_deref().unwrap().rsplitn(3, '.').take(2).collect();
        Some(format!("{}.{}", labels[1], labels[0]))
    };
    Sites {
        feed_number,
        link: site(&link),
        feed: site(&feed),
        home: site(&home),
        most: site(&link),
        id: None,
        hosts: Hosts { link, feed, home },
        owner: None,
    }
}

/// A feed under another id that asks for the same is the same feed.
#[test]
fn a_feed_that_asks_for_the_same_is_the_same_feed() {
    let first = at_hosts("1 paper.example feeds.example paper.example");
    for (text, is_asked_as, expected) in [
        ("2 paper.example feeds.example paper.example", true, true),
        ("2 paper.example feeds.example paper.example", false, false),
        ("2 other.example feeds.example paper.example", true, false),
    ] {
        let may = at_hosts(text).may_replace(&first, is_asked_as);
        assert_eq!(may, expected, "{text}");
    }
}

/// Who may put a fuller text in the place of what a paper has, whose feed is elsewhere, and of a blog among many.
#[test]
fn a_fuller_text_comes_from_the_host_or_from_the_feed_itself() {
    const PAPER: &str = "1 paper.example feeds.example paper.example";
    const BLOG: &str = "1 ann.blogs.example ann.blogs.example ann.blogs.example";
    const PART: &str = "1 news.paper.example feeds.example paper.example";
    for (first, fuller, expected) in [
        (PAPER, PAPER, true),
        (PAPER, "2 paper.example paper.example other.example", true),
        // Whatever it says of itself and brings, and be it at the same host.
        (PAPER, "2 paper.example other.example paper.example", false),
        (PAPER, "2 paper.example feeds.example paper.example", false),
        (PAPER, "1 other.example feeds.example paper.example", false),
        (PAPER, "2 other.example other.example paper.example", false),
        // Blogs of one site: another's words under one's own link, or under the other's.
        (
            BLOG,
            "2 eve.blogs.example eve.blogs.example eve.blogs.example",
            false,
        ),
        (
            BLOG,
            "2 ann.blogs.example eve.blogs.example ann.blogs.example",
            false,
        ),
        (
            BLOG,
            "2 ann.blogs.example ann.blogs.example blogs.example",
            true,
        ),
        (
            BLOG,
            "1 eve.blogs.example ann.blogs.example blogs.example",
            true,
        ),
        // A host for the feeds of one paper, or for a part of it, where the feed says so.
        (
            PAPER,
            "2 paper.example feeds.paper.example paper.example",
            true,
        ),
        (
            PAPER,
            "2 paper.example feeds.paper.example other.example",
            false,
        ),
        (
            PAPER,
            "2 paper.example newspaper.example paper.example",
            false,
        ),
        (
            PART,
            "2 news.paper.example paper.example news.paper.example",
            true,
        ),
        (
            PART,
            "2 news.paper.example paper.example paper.example",
            false,
        ),
    ] {
        let found = at_hosts(fuller).may_replace(&at_hosts(first), false);
        assert_eq!(found, expected, "{first}, {fuller}");
    }
    // A public suffix is above all who are there, and is no site: buckets of files by their names.
    let mut bucket = at_hosts("2 ann.blogs.example blogs.example ann.blogs.example");
    assert!(bucket.may_replace(&at_hosts(BLOG), false));
    bucket.feed = None;
    assert!(!bucket.may_replace(&at_hosts(BLOG), false));
}

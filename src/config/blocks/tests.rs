use super::*;
use proptest::prelude::*;

fn feed(id: &str) -> NewFeed {
    NewFeed {
        id: id.to_owned(),
        url: format!("https://{id}.example/feed"),
        ..NewFeed::default()
    }
}

const A: &str = "[[feed]] # one\nid = \"a\"\nurl = \"https://a.example/\" # mine\n";

/// A file, what is done to it, and what comes out.
#[test]
fn feeds_are_added_where_feeds_are() {
    let block = "[[feed]]\nid = \"x\"\nurl = \"https://x.example/feed\"\n";
    for (before, after) in [
        (String::new(), block.to_owned()),
        ("# mine".to_owned(), format!("# mine\n\n{block}")),
        ("# mine\n".to_owned(), format!("# mine\n\n{block}")),
        (A.to_owned(), format!("{A}\n{block}")),
        (
            format!("{A}#title = \"A\"\n\n# ---- Topics\n[alias]\n"),
            format!("{A}#title = \"A\"\n\n{block}\n# ---- Topics\n[alias]\n"),
        ),
        (
            format!("{A}# ---- Topics ----\n[alias]\n"),
            format!("{A}\n{block}\n# ---- Topics ----\n[alias]\n"),
        ),
        (
            format!("{A}[feed.headers]\nx = \"y\"\n[alias]\n"),
            format!("{A}[feed.headers]\nx = \"y\"\n\n{block}\n[alias]\n"),
        ),
        ("\u{feff}[alias]\r\n".to_owned(), {
            let block = block.replace('\n', "\r\n");
            format!("\u{feff}[alias]\r\n\r\n{block}")
        }),
    ] {
        let edited = with_feeds(&before, &[], &[feed("x")]);
        assert_eq!(edited.as_deref(), Ok(&*after), "{before}");
        let back = without_feed(&after, "x").unwrap();
        let bare = |text: &str| text.replace("\r\n", "\n").replace("\n\n", "\n");
        assert_eq!(bare(back.trim_end()), bare(before.trim_end()));
    }
}

#[test]
fn groups_are_added_where_groups_are() {
    let before = format!("[group.one]\nweight = 10\n\n{A}\n[alias]\n");
    let mut new = feed("x");
    new.group = Some("two".to_owned());
    new.title = Some("Say \"x\"\t\\".to_owned());
    new.is_off = true;
    let edited = with_feeds(&before, &["two".to_owned(), "three".to_owned()], &[new]).unwrap();
    let expected = format!(
        "[group.one]\nweight = 10\n\n[group.two]\n\n[group.three]\n\n{A}\n[[feed]]\nid = \"x\"\n\
         url = \"https://x.example/feed\"\ngroup = \"two\"\ntitle = \"Say \\\"x\\\"\\u0009\\\\\"\n\
         enabled = false\n\n[alias]\n"
    );
    assert_eq!(edited, expected);
    let both = with_feeds("", &["g".to_owned()], &[feed("x")]).unwrap();
    assert!(both.starts_with("[group.g]\n\n[[feed]]\n"), "{both}");
}

#[test]
fn what_is_above_and_below_a_feed_stays() {
    for (before, id, after) in [
        (
            format!("# all\n\n# of a\n{A}\n[alias]\n"),
            "a",
            "# all\n\n# of a\n\n[alias]\n".to_owned(),
        ),
        (format!("[alias]\n\n{A}"), "a", "[alias]\n".to_owned()),
        (A.to_owned(), "a", String::new()),
        (format!("\u{feff}{A}"), "a", "\u{feff}".to_owned()),
        (
            format!(
                "{A}#enabled = false\n\n\n[[feed]]\nid = \"b\"\n[feed.headers]\nx = \"y\"\n\n[alias]\n"
            ),
            "b",
            format!("{A}#enabled = false\n\n\n[alias]\n"),
        ),
        (
            format!("{A}\n[[feed]]\nid = \"b\"\nurl = \"\"\"\nhttps://b.example/\"\"\"\n"),
            "a",
            "[[feed]]\nid = \"b\"\nurl = \"\"\"\nhttps://b.example/\"\"\"\n".to_owned(),
        ),
    ] {
        assert_eq!(
            without_feed(&before, id).as_deref(),
            Ok(&*after),
            "{before}"
        );
    }
}

#[test]
fn feeds_are_switched() {
    for (before, on, after) in [
        (A.to_owned(), false, format!("{A}enabled = false\n")),
        (
            format!("{A}enabled = false # for now\n"),
            true,
            format!("{A}enabled = true # for now\n"),
        ),
        (
            A.trim_end().to_owned(),
            false,
            format!("{}\nenabled = false", A.trim_end()),
        ),
        (
            format!("{A}[feed.headers]\r\n"),
            false,
            format!("{A}enabled = false\n[feed.headers]\r\n"),
        ),
        (
            "feed = [{ id = 'a', url = 'https://a.example/' }]".to_owned(),
            false,
            "feed = [{ id = 'a', url = 'https://a.example/', enabled = false }]".to_owned(),
        ),
    ] {
        assert_eq!(
            with_feed_enabled(&before, "a", on).as_deref(),
            Ok(&*after),
            "{before}"
        );
    }
}

/// What would spoil something else is refused.
#[test]
fn unusual_files_are_left_alone() {
    let inline = "feed = [{ id = 'a', url = 'https://a.example/' }, { id = 'b' }]\n";
    let apart = format!("{A}[storage]\nretention = \"9d\"\n[feed.headers]\nx = \"y\"\n");
    assert_eq!(
        with_feeds(inline, &[], &[feed("x")]),
        Err(EditError::Unusual)
    );
    assert_eq!(without_feed(inline, "a"), Err(EditError::Unusual));
    assert_eq!(without_feed(&apart, "a"), Err(EditError::Unusual));
    let group = "group = {}\n";
    assert_eq!(
        with_feeds(group, &["g".to_owned()], &[]),
        Err(EditError::Unusual)
    );
    for edited in [
        without_feed(A, "b"),
        with_feed_enabled(A, "b", true),
        without_feed("", "b"),
    ] {
        assert_eq!(edited, Err(EditError::NoFeed));
    }
    assert_eq!(
        with_feeds("not TOML [", &[], &[feed("x")]),
        Err(EditError::Unusual)
    );
}

#[test]
fn places_of_feeds() {
    let text = format!("# 1\n{A}\n[[feed]]\nid = \"b\"\nurl = \"http://A.example\"\n");
    let places = feed_places(&text);
    let first = places.get("//a.example").unwrap();
    assert_eq!((first.id.as_str(), first.line, places.len()), ("a", 4, 1));
    let at = |url: &str| feed_at(&text, &Url::parse(url).unwrap());
    let pasted = at("https://a.example//?utm_source=x").unwrap();
    assert_eq!(&pasted, first);
    assert_eq!(pasted.url.as_str(), "https://a.example/");
    assert_eq!(at("https://b.example/"), None);
    assert_eq!(feed_line(&text, "b"), Some(6));
    assert_eq!(feed_line(&text, "c"), None);
    let text = format!("{text}[[feed]]\nid = \"a\"\n[[feed]]\nurl = \"http://c.example/\"\n");
    let lines = feed_lines(&text);
    assert_eq!(lines.len(), 2);
    for (id, line) in &lines {
        assert_eq!(feed_line(&text, id), Some(*line), "{id}");
    }
    assert!(feed_lines("feed = 1").is_empty() && feed_lines("not TOML [").is_empty());
}

proptest! {
    /// What is added and taken out again, or switched off and on, leaves the comments and lines of others.
    #[test]
    fn only_the_feed_changes(
        head in "(#[ a-z]{0,9}\n|\n|\\[alias\\]\n){0,1}", tail in "(\n|# [a-z]{0,9}\n){0,4}",
        id in "[a-z]{3,8}", title in "[^\\x00]{0,20}", crlf in any::<bool>(),
    ) {
        let text = format!("{head}{A}{tail}");
        let text = if crlf { text.replace('\n', "\r\n") } else { text };
        let new = NewFeed { title: Some(title), ..feed(&id) };
        let added = with_feeds(&text, &[], std::slice::from_ref(&new)).unwrap();
        prop_assert!(feed_line(&added, &id).is_some());
        let gone = without_feed(&added, &id).unwrap();
        prop_assert_eq!(gone.trim_end(), text.trim_end());
        let off = with_feed_enabled(&text, "a", false).unwrap();
        let on = with_feed_enabled(&off, "a", true).unwrap();
        prop_assert_eq!(on.lines().filter(|line| *line != "enabled = true").collect::<Vec<_>>(), text.lines().collect::<Vec<_>>());
    }
}

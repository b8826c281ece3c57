use super::*;
use crate::config::read;

fn config(outputs: &str) -> Config {
    let text = format!(
        "[[topic]]\nname = \"a\"\nquery = \"x\"\n[[topic]]\nname = \"b\"\nquery = \"y\"\n{outputs}"
    );
    read(&text, &|_| Some("a-key-of-the-desk-7f3a".to_owned()))
        .unwrap()
        .config
}

#[test]
fn what_becomes_of_outputs_is_said() {
    let lock = "protect = { env = \"K\" }\n";
    for (before, now, expected) in [
        (String::new(), String::new(), None),
        (
            String::new(),
            format!("[[output]]\npath = \"a\"\n{lock}"),
            Some("outputs: - /all (404), - /b (404), ~ /a (holds everything now, wants a key now)"),
        ),
        (
            format!("[[output]]\npath = \"a\"\nselect = \"x y\"\n{lock}"),
            "[[output]]\npath = \"a\"\nselect = \"topic:b\"\n[[output]]\npath = \"c\"\n".to_owned(),
            Some("outputs: + /c, ~ /a (holds the topic `b` now, is for everybody now)"),
        ),
        (
            "[[output]]\npath = \"a\"\nselect = \"x OR y\"\nformats = [\"atom\", \"rss\"]\n"
                .to_owned(),
            "[[output]]\npath = \"a\"\nselect = \"x OR z\"\nformats = [\"json\", \"atom\"]\n"
                .to_owned(),
            Some("outputs: ~ /a (holds what its query finds now, no rss now (404), json now, too)"),
        ),
    ] {
        let told = outputs_changed(&config(&before), &config(&now));
        assert_eq!(told.as_deref(), expected, "{now}");
    }
}

#[test]
fn archives_that_begin_anew_are_told() {
    let with = |address: &str, outputs: &str| {
        let server = format!("[server]\npublic-url = \"{address}\"\n");
        config(&format!("{outputs}{server}"))
    };
    let (one, two) = ("https://one.example/", "https://two.example/");
    let outputs = "[[output]]\npath = \"a\"\n[[output]]\npath = \"b\"\narchive = false\n";
    let before = with(one, outputs);
    assert_eq!(address_changed(&before, &with(one, "")), None);
    let told = address_changed(&before, &with(two, "")).unwrap();
    assert!(
        told.starts_with(&format!("public-url: {one} -> {two}: ")),
        "{told}"
    );
    let items = outputs.replace("\"a\"\n", "\"a\"\nitems = 7\n");
    let topic = outputs.replace("\"a\"\n", "\"a\"\nselect = \"topic:b\"\n");
    for (now, expected) in [
        (with(one, outputs), None),
        (with(one, &items), None),
        (with(one, &topic), Some("archives: /a begins anew: ")),
        (with(two, outputs), Some("archives: /a begins anew: ")),
        (
            with(two, &outputs.replace("false", "true")),
            Some("archives: /a begins anew: "),
        ),
    ] {
        let told = archives_ended(&before, &now, |_| false);
        assert_eq!(archives_ended(&before, &now, |_| true), None);
        let begins = |it: &str| told.as_deref().is_some_and(|told| told.starts_with(it));
        assert!(expected.map_or(told.is_none(), begins), "{told:?}");
    }
}

#[test]
fn a_feed_that_is_renamed_is_told() {
    let config = |ids: [&str; 2]| {
        let feed = |(id, path): (&str, &str)| {
            format!("[[feed]]\nid = \"{id}\"\nurl = \"https://feeds.example.org/{path}\"\n")
        };
        config(
            &ids.into_iter()
                .zip(["a", "b"])
                .map(feed)
                .collect::<String>(),
        )
    };
    let before = config(["one", "two"]);
    for (ids, expected) in [
        (["one", "two"], None),
        (["two", "one"], None),
        (
            ["one", "three"],
            Some("feeds under another id: three (was two): "),
        ),
    ] {
        let stored = before.feeds.iter().map(|feed| FeedRow {
            id: feed.id.clone(),
            url: fetch::shown(&feed.target.url),
            ..FeedRow::default()
        });
        let stored: Vec<FeedRow> = stored.collect();
        let now = config(ids);
        let told = feeds_renamed(&before, &now, |_| false);
        assert_eq!(
            feeds_renamed(&before, &now, |id| id.as_str() == "three"),
            None
        );
        assert_eq!(feeds_unstored(&stored, &now), told);
        assert_eq!(feeds_unstored(&[], &now), None);
        let told = told.as_deref().map(|it| it.split_inclusive(": ").take(2));
        assert_eq!(told.map(Iterator::collect::<String>).as_deref(), expected);
    }
}

#[test]
fn feeds_that_go_and_come_are_told() {
    let config = |feeds: &[(&str, &str, bool)]| {
        let feed = |(id, path, is_on): &(&str, &str, bool)| {
            format!(
                "[[feed]]\nid = \"{id}\"\nurl = \"https://feeds.example.org/{path}\"\nenabled = {is_on}\n"
            )
        };
        config(&feeds.iter().map(feed).collect::<String>())
    };
    let before = config(&[("one", "a", true), ("two", "b", true)]);
    for (now, expected) in [
        (&[("one", "a", true), ("two", "b", true)][..], None),
        (
            &[("two", "b", true), ("new", "c", true)],
            Some("feeds: - one, + new"),
        ),
        (
            &[("one", "a", false), ("two", "b", true)],
            Some("feeds: ~ one (switched off)"),
        ),
        (&[], Some("feeds: - one, - two")),
        // Told as one under another id.
        (&[("one", "a", true), ("three", "b", true)], None),
    ] {
        let told = feeds_changed(&before, &config(now));
        assert_eq!(told.as_deref(), expected, "{now:?}");
    }
    let ids: Vec<String> = (0..12).map(|at| format!("f{at:02}")).collect();
    let many: Vec<(&str, &str, bool)> = ids
        .iter()
        .map(|id| (id.as_str(), id.as_str(), true))
        .collect();
    let told = feeds_changed(&config(&[]), &config(&many)).unwrap();
    assert!(
        told.starts_with("feeds: + f00, ") && told.ends_with("+ f07, and 4 more"),
        "{told}"
    );
}

#[test]
fn a_directory_of_files_that_is_left_is_told() {
    let told = |before: Option<&str>, now: Option<&str>| {
        let [before, now] = [before, now].map(|it| it.map(Path::new));
        let told = files_left(Path::new("/state"), before, now)?;
        told.split(": what").next().map(str::to_owned)
    };
    for (before, now, expected) in [
        (None, None, None),
        (None, Some("www"), None),
        (Some("www"), Some("/state/www"), None),
        (
            Some("www"),
            Some("/srv"),
            Some("publish-dir: /state/www -> /srv"),
        ),
        (Some("/srv"), None, Some("publish-dir: /srv -> none")),
    ] {
        assert_eq!(told(before, now).as_deref(), expected);
    }
}

#[test]
fn what_was_served_tells_which_outputs_go_come_and_change() {
    let now = config(
        "[[output]]\npath = \"a\"\nformats = [\"atom\"]\n\
         [[output]]\npath = \"c\"\nformats = [\"json\"]\nprotect = { env = \"K\" }\n",
    );
    let served = [
        "/a.atom",
        "/all.atom",
        "/all.rss",
        "/index.html",
        "/story/5.json",
    ];
    let [a, c] = [0, 1].map(|at: usize| now.outputs.get(at).unwrap());
    let (own, other) = (
        [a.ledger(), c.ledger()],
        [a.other_ledger(), c.other_ledger()],
    );
    for (served, ledgers, expected) in [
        (&served[..], &own, Some("outputs: - /all (404), + /c")),
        (&[], &own, None),
        (&["/a.atom", "/c.json"], &own, None),
        (
            &["/a.atom", "/a.rss", "/c.json"],
            &own,
            Some("outputs: ~ /a (no rss now (404))"),
        ),
        (
            &["/a.rss", "/c.json"],
            &other,
            Some(
                "outputs: ~ /a (no rss now (404), atom now, too, is for everybody now), ~ /c (wants a key now)",
            ),
        ),
    ] {
        let ledgers = ledgers.iter().cloned().collect();
        let told = outputs_unserved(served, &ledgers, &now);
        assert_eq!(told.as_deref(), expected, "{served:?}");
    }
}

//! What is refused of outputs, and what those without a title are called.

use super::broken::check;
use super::*;

#[test]
fn keys_of_outputs_cannot_be_guessed() {
    let literal = "literal-secret 3:12";
    for key in [
        "short",
        "fifteen-letters",
        "sixteen letters and more",
        "sixteen-letters/and+more",
    ] {
        let text = format!("[[output]]\npath = \"a\"\nprotect = \"{key}\"");
        check(&text, &["bad-secret 3:11", literal]);
    }
}

/// Who writes the address for the name means the name in it, not one that holds all of it.
#[test]
fn the_name_in_an_address_is_told() {
    let alone = "write the name alone, to which `formats` gives endings: ";
    for (path, help, name) in [
        ("/all.atom", alone, "all"),
        ("all.atom", alone, "all"),
        ("/all", alone, "all"),
        ("world-news.xml", alone, "world-news"),
        ("/feeds/All news.json", alone, "feeds-all-news"),
        ("all.opml", "use only `a-z`, `0-9` and `-`: ", "all-opml"),
        ("a/b", "use only `a-z`, `0-9` and `-`: ", "a-b"),
    ] {
        let found = problems(&with_feed(&format!("[[output]]\npath = \"{path}\"")));
        let [problem] = found.as_slice() else {
            panic!("{path}: {found:?}");
        };
        assert_eq!(problem.help, format!("{help}`{name}`"), "{path}");
    }
    let bare = problems(&with_feed("[[output]]\npath = \"/.atom\"")).remove(0);
    assert_eq!(bare.help, "use only `a-z`, `0-9` and `-`: `atom`");
}

/// Who has readers elsewhere is told once that links lead to this machine, where `public-url` says nothing.
#[test]
fn files_want_a_public_url() {
    for (lines, expected) in [
        ("publish-dir = \"www\"", &["no-public-url 2:15"][..]),
        (
            "publish-dir = \"www\"\nlisten = \"0.0.0.0:80\"",
            &["no-public-url 3:10"],
        ),
        (
            "publish-dir = \"www\"\npublic-url = \"https://a.example/\"",
            &[],
        ),
        ("listen = \"127.0.0.1:80\"", &[]),
    ] {
        check(&with_feed(&format!("[server]\n{lines}")), expected);
    }
}

/// What readers would see may be a mistake, and is no less a password in the journal.
#[test]
fn s7_passwords_in_addresses_of_the_server_are_not_shown() {
    let text = "[server]\npublic-url = \"https://u:one-pw@news.example.org/\"\n\
         hub = \"https://u:two-pw@hub.example/\"\nicon = \"https://u:three@pw@x.example/i.png\"\n\
         [[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"\n";
    let problems = read(text, &environment).unwrap_err();
    let shown = render(&problems, "feeds.toml", text, false);
    assert!(!shown.contains("pw") && !shown.contains("three"), "{shown}");
    assert!(shown.contains("@news.example.org"), "{shown}");
}

#[test]
fn what_an_output_says_of_its_archive_counts_before_what_the_server_says() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"\n";
    let all = "[[output]]\npath = \"all\"\n";
    for (server, output, expected) in [
        ("", "", true),
        ("archive = true", "", true),
        ("archive = false", "", false),
        ("archive = false", "archive = true", true),
        ("", "archive = false", false),
    ] {
        let text = format!("[server]\n{server}\n{all}{output}\n{feed}");
        let config = read(&text, &environment).unwrap().config;
        assert_eq!(config.outputs[0].archive, expected, "{text}");
        let text = format!("[server]\n{server}\n{feed}");
        let config = read(&text, &environment).unwrap().config;
        assert_eq!(
            config.outputs[0].archive,
            !server.contains("false"),
            "{text}"
        );
    }
    let text = "[server]\narchive = \"yes\"\n[[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"";
    check(text, &["wrong-type 2:11"]);
}

#[test]
fn only_atom_tells_what_left_and_only_of_articles() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"\n";
    let of = |keys: &str| format!("{feed}[[output]]\npath = \"a\"\n{keys}\n");
    let config = read(&of("tombstones = true"), &environment).unwrap().config;
    assert!(config.outputs[0].tombstones);
    let config = read(&of("tombstones = false\nformats = [\"rss\"]"), &environment)
        .unwrap()
        .config;
    assert!(!config.outputs[0].tombstones);
    check(
        &of("tombstones = true\nformats = [\"rss\", \"json\"]"),
        &["bad-value 6:14"],
    );
    check(
        &of("unit = \"story\"\ntombstones = true"),
        &["bad-value 7:14"],
    );
    check(&of("tombstones = 1"), &["wrong-type 6:14"]);
}

/// Lists of outputs and feed readers tell outputs apart by their titles.
#[test]
fn outputs_without_titles_are_told_apart() {
    let config = config(
        r#"
        [server]
        title = "Desk"
        [[topic]]
        name = "rain"
        title = "Rain"
        query = "rain"
        [[output]]
        path = "all"
        [[output]]
        path = "stories"
        unit = "story"
        [[output]]
        path = "rain"
        select = "topic:rain"
        [[output]]
        path = "rain-in-short"
        select = "topic:rain"
        [[output]]
        path = "own"
        title = "Desk"
        "#,
    );
    let titles: Vec<&str> = config.outputs.iter().map(|it| it.title.as_str()).collect();
    let expected = [
        "Desk",
        "Desk: stories",
        "Rain",
        "Rain: rain-in-short",
        "Desk",
    ];
    assert_eq!(titles, expected);
}

/// A description is a line, as a title is, and no page is full of it.
#[test]
fn an_output_may_say_what_it_is() {
    let feed = "[[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"\n";
    let of = |value: &str| format!("{feed}[[output]]\npath = \"a\"\ndescription = {value}\n");
    let config = config(&of("\" Gas, and who sells it. \""));
    let told = config.outputs[0].description.as_deref();
    assert_eq!(told, Some("Gas, and who sells it."));
    let long = |number| format!("\"{}\"", "ä".repeat(number));
    assert!(read(&of(&long(500)), &environment).is_ok());
    for value in ["\"\"", "\"one\\ntwo\"", "\"a\\u0007\"", &long(501)] {
        check(&of(value), &["bad-value 6:15"]);
    }
    check(&of("7"), &["wrong-type 6:15"]);
    assert_eq!(self::config(feed).outputs[0].description, None);
}

//! Text that is not TOML, and what is said of it.

use super::broken::check;
use super::*;

/// Of each line once, and of what is no TOML at all what it is.
#[test]
fn text_in_other_languages_is_named() {
    for (text, what) in [
        ("\n# a list\n{\n", "this is JSON"),
        ("---\nfeeds:\n  - url: https://a.example/\n", "this is YAML"),
        (
            "https://a.example/\nhttps://b.example/\n",
            "this is a list of addresses",
        ),
        ("<opml>\n</opml>\n", "this is XML"),
        (
            "# a\r[[feed]]\rid = \"a\"\r",
            "its lines end as those of an old Mac do, which is one long line to TOML",
        ),
    ] {
        let found = problems(text);
        let messages: Vec<&str> = found.iter().map(|it| it.message.as_str()).collect();
        assert_eq!(messages, [what], "{text}");
    }
    check("a: 1\nb = 2\nc: = =\n", &["syntax 1:2", "syntax 3:6"]);
    check(
        "[a]\nx = 1\n[a]\nx = 2\n[b]\ny = 1\ny = 2\n",
        &["syntax 3:2", "syntax 7:1"],
    );
}

/// What a merge left is named at its first line, once for each conflict.
#[test]
fn conflicts_are_named() {
    let conflict = "<<<<<<< HEAD\na = 1\n=======\na = 2\n>>>>>>> other\n";
    check(conflict, &["syntax 1:1"]);
    let crlf = format!("b = 1\n{conflict}c = 1\n{conflict}").replace('\n', "\r\n");
    check(&crlf, &["syntax 2:1", "syntax 8:1"]);
    let found = problems(conflict).remove(0);
    assert_eq!(found.message, "unresolved merge conflict");
    assert!(found.help.starts_with("choose one side"), "{}", found.help);
    for mark in ["<<<<<<< HEAD", "||||||| 1f2e", "=======", ">>>>>>> other"] {
        let text = format!("a = 1\n{mark}\nb = 2\n");
        let found = problems(&text);
        let [found] = found.as_slice() else {
            panic!("{found:?}");
        };
        let shown = render(std::slice::from_ref(found), "x", &text, false);
        let bare = mark.split(' ').next().unwrap();
        let message = format!("`{bare}` is the mark of a merge that was not finished");
        assert_eq!((found.start.line, &found.message), (2, &message));
        assert!(shown.contains(&format!("\n2 | {bare}")), "{shown}");
    }
    let first = problems("<<<<<<< HEAD\n").remove(0);
    assert!(first.message.contains("mark of a merge"), "{first}");
}

/// A table that stands twice is shown with the place where it stands first.
#[test]
fn a_table_twice_is_shown_with_the_first() {
    for text in [
        "[group.wire]\n[fetch]\n  [group.wire] # again\n",
        "[ group . 'wire' ]\n[fetch]\n[group.wire]\n",
        "[fetch]\n[server]\n[[fetch]]\n",
    ] {
        let found = problems(text).remove(0);
        assert_eq!(found.message, "this table stands twice");
        assert_eq!(found.related.unwrap().start.line, 1, "{text}");
    }
}

/// One that no other is called as, but a key above, is not shown with itself.
#[test]
fn a_table_with_the_name_of_a_key_is_told() {
    for (text, place) in [
        ("feed = \"x\"\n[[feed]]\n", "syntax 2:3"),
        ("feed = [{ id = \"a\" }]\n[[feed]] # b\n", "syntax 2:3"),
        ("server.watch = true\n[server]\n", "syntax 2:2"),
        (
            "[group]\nwire.schedule = \"adaptive\"\n[group.wire]\n",
            "syntax 3:8",
        ),
    ] {
        check(text, &[place]);
        let found = problems(text).remove(0);
        assert_eq!(found.message, "a key above has the name of this table");
        assert_eq!(found.related, None, "{text}");
    }
}

/// What stands below another `[[feed]]` is another feed's, and nothing is to be moved there: its credentials least of all.
#[test]
fn a_table_twice_is_shown_with_that_of_the_same_feed() {
    let first = "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n";
    let above = format!("{first}[feed.headers]\na = \"x\"\n[[feed]]\n");
    let text = format!("{above}[feed.headers]\nb = \"x\"\n[feed.headers]\nc = \"x\"\n");
    check(&text, &["syntax 9:7"]);
    let found = problems(&text).remove(0);
    assert_eq!(found.message, "this table stands twice");
    assert_eq!(found.related.unwrap().start.line, 7);
    for text in [
        format!("{above}headers = {{ b = \"x\" }}\n[feed.headers]\nc = \"x\"\n"),
        "[[topic]]\nexample = [{ text = \"x\" }]\n[[topic.example]]\n\n[[topic.example]]\n"
            .to_owned(),
    ] {
        let found = problems(&text).remove(0);
        assert_eq!(found.message, "a key above has the name of this table");
        assert_eq!(found.related, None, "{text}");
    }
}

/// A table above the first that it could be part of is told there, once, and not at each of those.
#[test]
fn a_table_above_what_it_is_part_of_is_told() {
    let topic = |name: &str| format!("[[topic]]\nname = \"{name}\"\nquery = \"x\"\n");
    let topics = [topic("a"), topic("b")].concat();
    for (text, place, help) in [
        (
            format!("[topic.sport]\nquery = \"a\"\n{topics}"),
            "syntax 1:1",
            "write `[[topic]]`, and below it `name = \"sport\"`",
        ),
        (
            format!("\n  [[topic.example]]\ntext = \"a\"\n{topics}"),
            "syntax 2:3",
            "write it below the `[[topic]]` that it is of",
        ),
        (
            "[feed.headers]\na = \"s3cret\"\n[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n"
                .to_owned(),
            "syntax 1:1",
            "write it below the `[[feed]]` that it is of",
        ),
    ] {
        check(&text, &[place]);
        assert_eq!(problems(&text).remove(0).help, help, "{text}");
    }
}

/// One bracket that lacks is told once, where it lacks, whatever follows.
#[test]
fn one_bracket_is_shown_where_it_stands() {
    let feed = |header: &str, id: &str| {
        format!("{header}\nid = \"{id}\"\nurl = \"https://{id}.example/\"\n\n")
    };
    let many = "[[feed]]";
    for (headers, lines) in [
        (["[feed]", many, many, many], vec![1]),
        ([many, "[feed] # one", many, many], vec![5]),
        ([many, many, " [ feed ]", "[feed]"], vec![9, 13]),
    ] {
        let ids = ["a", "b", "c", "d"];
        let text: String = headers.iter().zip(ids).map(|(h, id)| feed(h, id)).collect();
        let found = problems(&text);
        let at: Vec<usize> = found.iter().map(|it| it.start.line).collect();
        assert_eq!(at, lines, "{found:?}");
        for it in &found {
            assert_eq!(it.message, "`[feed]` is one table");
            assert_eq!(it.help, "write `[[feed]]`: there may be many");
            assert_eq!(it.related, None);
        }
    }
    // What a text holds is no header.
    let syntax = |text: &str| {
        let found = problems(text).into_iter();
        let found = found.filter(|it| it.code == Code::Syntax);
        found.map(|it| it.start.line).collect::<Vec<_>>()
    };
    let text = "[[feed]]\n[[topic]]\nquery = \"\"\"\n[feed]\n\"\"\"\n[feed]\n";
    assert_eq!(syntax(text), [6]);
    // A key that stands twice is no table that does.
    check("[feed]\nid = \"a\"\nid = \"b\"\n", &["syntax 3:1"]);
    // As many as a file may hold are read in one pass.
    let many = format!("[feed]\n{}", "[[feed]]\n#\n".repeat(150_000));
    assert_eq!(syntax(&many), [1]);
}

/// What a key holds that keeps no secret is shown: without it nobody sees what is wrong.
#[test]
fn lines_without_secrets_are_shown() {
    for (text, shown) in [
        (
            "[[topic]]\nquery = \"\"harbour wall\" OR port\"\n",
            "harbour wall",
        ),
        ("[[feed]]\ntitle = The Ledger\n", "The Ledger"),
        (
            "[[feed]]\nid = \"a\", auth = { bearer = \"s3cret }\n",
            "\"*\"",
        ),
        ("[[feed]]\nurl = https://a.example/s3cret\n", "****"),
        ("[feed.headers]\ntitle = s3cret\n", "******"),
        ("[[feed]]\n  [feed.headers]\n  id = \"s3cret\n", "\"******"),
        ("[[feed]]\nheaders = {\n  id = \"s3cret\n}\n", "\"******"),
        (
            "[feed.headers]\nx = '''\n[feed]\n'''\nid = \"s3cret\n",
            "\"******",
        ),
        (
            "[feed.headers]\n[server]\ntitle = The Ledger\n",
            "The Ledger",
        ),
        (
            "[server]\nauthor = \"me\"\ntitle = The Ledger\n",
            "The Ledger",
        ),
        (
            "[alias]\nx = \"\"\"\ntitle = s3cret\n\"\"\" y\n",
            "\"\"\" *",
        ),
        (
            "title = \"https://me:s3cret@a.example/\n",
            "https://*********@a",
        ),
        ("auth = s3cret\n", "******"),
        ("tite = s3cret\n", "******"),
    ] {
        let rendered = render(&problems(text), "x", text, false);
        assert!(rendered.contains(shown), "{rendered}");
        assert!(!rendered.contains("s3cret"), "{rendered}");
    }
}

#[test]
fn help_for_text_that_is_not_toml() {
    for (text, expected) in [
        ("a = “two”\n", "these are typographic quotes, write `\"`"),
        ("a = [“two”]\n", "these are typographic quotes, write `\"`"),
        (
            "[[feed]]\nid = \"a\"\nurl = \"https://a.example/\"\n[feed]\n",
            "write `[[feed]]`: there may be many",
        ),
        (
            "[server]\n[server]\n",
            "write these keys below the first `[server]`, and remove this line",
        ),
        (
            "a = \"b\nc = 1\n",
            "close the quotes at the end of the text",
        ),
        (
            "[[feed]]\nid: \"a\"\n",
            "write `=` between a key and its value",
        ),
        (
            "a = 1\na = 2\n",
            "remove one of the two; a new feed, topic or output begins with `[[..]]`",
        ),
        ("a = True\n", "write `true`, in small letters"),
        ("a = FALSE # b\n", "write `false`, in small letters"),
        ("a = None\n", "remove the line: there is no value for none"),
        ("// a\nb = 1\n", "a comment begins with `#`"),
        (
            "a = [\"India\" \"Bharat\"]\n",
            "put a comma between the two texts",
        ),
        (
            "query = \"\"harbour wall\" OR port\"\n",
            "write a quote within the text as `\\\"`, or put the text in `'`",
        ),
        (
            "query = \"port OR \"harbour wall\"\"\n",
            "write a quote within the text as `\\\"`, or put the text in `'`",
        ),
        (
            "title = 'The Harbour's Gate'\n",
            "a text in `'` cannot hold one: put it in `\"`",
        ),
        ("a = \"*\";\n", "remove the `;`: a line ends without one"),
        (
            "a = [\"x\\\" \\\"y\", ]]\n",
            "what else stands in its table is checked once this is TOML",
        ),
        (
            "[group.wire]\n[group.wire] # again\n",
            "write these keys below the first `[group.wire]`, and remove this line",
        ),
        (
            "a = [1, ]]\n",
            "what else stands in its table is checked once this is TOML",
        ),
    ] {
        assert_eq!(problems(text).remove(0).help, expected, "{text}");
    }
}

#[test]
fn names_of_packs_are_put_in_quotes() {
    for (text, expected) in [
        (
            "[alias]\ncountry/india = [\"India\"]\n",
            "\"country/india\"",
        ),
        (
            "[alias] # mine\na = [\"x\"]\n  b/c-d = [\n\"y\",\n]\n",
            "\"b/c-d\"",
        ),
        (
            "[alias]\na = [\"x\"]\n[feed.headers]\ns3cret/x = \"y\"\n",
            "",
        ),
        ("[server]\na/b = 1\n", ""),
        ("[alias]\n//a = [\"x\"] # = /\n[[topic]]\na/b = 1\n", ""),
    ] {
        let problems = problems(text);
        let mut told = problems.iter().filter(|it| it.message.contains("with `/`"));
        let help = told.next().map_or("", |it| it.help.as_str());
        let wanted = match expected {
            "" => String::new(),
            key => format!("write `{key} = [..]`"),
        };
        assert_eq!(help, wanted, "{text}{problems:?}");
        assert!(
            !problems.iter().any(|it| it.help.contains("s3cret")),
            "{text}"
        );
    }
}

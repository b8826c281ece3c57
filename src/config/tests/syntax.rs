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

#[test]
fn help_for_text_that_is_not_toml() {
    for (text, expected) in [
        ("a = “two”\n", "these are typographic quotes, write `\"`"),
        ("a = [“two”]\n", "these are typographic quotes, write `\"`"),
        (
            "[[feed]]\nid = \"a\"\n[feed]\n",
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
        (
            "a = [1, ]]\n",
            "the rest of the file is checked once all of it is TOML",
        ),
    ] {
        assert_eq!(problems(text).remove(0).help, expected, "{text}");
    }
}

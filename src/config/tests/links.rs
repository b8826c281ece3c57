//! `[[url-rule]]` and `[links]`.

use super::broken::{check, check_above_feed};
use super::*;
use crate::model::KeyKind;
use crate::normalize::url_keys;

/// Tells whether two addresses are one by the rules of a file.
fn are_one(text: &str, one: &str, other: &str) -> bool {
    let rules = config(&with_feed(text)).url_rules;
    let key = |url| {
        let keys = url_keys(url, &rules);
        keys.into_iter().find(|key| key.kind == KeyKind::Url)
    };
    key(one) == key(other)
}

/// A file in a directory of its own, and a `[links]` that names it.
fn rules_file(content: &str) -> (tempfile::TempDir, String) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("rules.json");
    std::fs::write(&path, content).unwrap();
    let table = format!("[links]\nurl-rules-file = '{}'", path.display());
    (directory, table)
}

#[test]
fn rules_of_sites_are_read() {
    let text = "[[url-rule]]\nhost = 'www.Example.org'\ndrop = ['From', 'x_*']\nkeep = ['partner']\n\
                [[url-rule]]\nhost = 'shop.example.org'\ndrop = ['*']\nkeep = ['id']";
    let page = "https://example.org/a";
    for (other, expected) in [
        ("https://example.org/a?from=1&x_y=2", true),
        ("https://m.example.org/a?from=1", true),
        ("https://example.org/a?y=2", false),
        ("https://example.org/a?partner=2", false),
    ] {
        assert_eq!(are_one(text, page, other), expected, "{other}");
    }
    let (one, other) = (
        "https://shop.example.org/?id=1",
        "https://shop.example.org/?id=1&q=2",
    );
    assert!(are_one(text, one, other));
    assert!(!are_one("", one, other));
}

#[test]
fn a_file_of_rules_is_read() {
    let content = r#"{"providers": {"a": {"urlPattern": "example", "rules": ["trail"]}}}"#;
    let (_directory, table) = rules_file(content);
    let (one, other) = ("https://example.org/a", "https://example.org/a?trail=1");
    assert!(are_one(&table, one, other));
    assert!(!are_one("", one, other));
    let text = with_feed(&table);
    assert_eq!(problems(&text), []);
    assert!(read_without_secrets(&text).is_ok());
}

#[test]
fn rules_that_say_nothing_or_two_things() {
    let rule = |lines: &str| format!("[[url-rule]]\nhost = \"a.org\"\n{lines}");
    for (text, expected) in [
        (
            "[[url-rule]]\ndrop = [\"a\"]".to_owned(),
            vec!["missing-key 1:1"],
        ),
        (rule(""), vec!["missing-key 1:1"]),
        (rule("drop = []"), vec!["bad-value 3:8"]),
        (rule("drop = \"a\""), vec!["wrong-type 3:8"]),
        (rule("drop = [\"a\", 1]"), vec!["wrong-type 3:14"]),
        (
            rule("drop = [\"a\"]\nonly = [\"b\"]"),
            vec!["unknown-key 4:1"],
        ),
        (rule("drop = [\"\"]"), vec!["bad-value 3:9"]),
        (rule("drop = [\"a=1\"]"), vec!["bad-value 3:9"]),
        (rule("drop = [\"a*b\"]"), vec!["bad-value 3:9"]),
        (rule("drop = [\"a\", \"é\"]"), vec!["bad-value 3:14"]),
        (
            rule("drop = [\"a\"]\nkeep = [\"b\", \"A\"]"),
            vec!["bad-value 4:14"],
        ),
        (rule("drop = [\"a*\"]\nkeep = [\"ab\"]"), vec![]),
        (
            rule("drop = [\"*\"]\nkeep = [\"*\"]"),
            vec!["bad-value 4:9"],
        ),
        (
            format!("{}\n{}", rule("drop = [\"a\"]"), rule("keep = [\"b\"]")),
            vec!["duplicate-host 5:8"],
        ),
        (
            "[[url-rule]]\nhost = \"https://a.org/\"\ndrop = [\"a\"]".to_owned(),
            vec!["bad-value 2:8"],
        ),
        (
            "[[url-rule]]\nhost = \"co.uk\"\ndrop = [\"a\"]".to_owned(),
            vec!["bad-value 2:8"],
        ),
        (
            "[url-rule]\nhost = \"a.org\"".to_owned(),
            vec!["wrong-type 1:1"],
        ),
    ] {
        check_above_feed(&text, &expected);
    }
    let two = with_feed(
        "[[url-rule]]\nhost = \"a.org\"\ndrop = [\"a\"]\n\
         [[url-rule]]\nhost = \"www.A.org\"\ndrop = [\"b\"]\n",
    );
    let problem = problems(&two).remove(0);
    assert_eq!(
        problem.related.unwrap().start,
        Position { line: 2, column: 8 }
    );
}

#[test]
fn files_of_rules_that_are_none() {
    for (text, expected) in [
        ("url-rules-file = \"/no/such/file\"", "bad-rules 2:18"),
        ("url-rules-file = \"/\"", "bad-rules 2:18"),
        // What is no ordinary file may never end, or never begin.
        ("url-rules-file = \"/dev/null\"", "bad-rules 2:18"),
        ("url-rules-file = \"rules.json\"", "bad-value 2:18"),
        ("url-rules-file = 1", "wrong-type 2:18"),
        ("url-rules = \"/x\"", "unknown-key 2:1"),
    ] {
        check_above_feed(&format!("[links]\n{text}"), &[expected]);
    }
    let (_directory, table) = rules_file("[]");
    let message = problems(&with_feed(&table)).remove(0).message;
    assert!(
        message.contains("expected an object with `providers`"),
        "{message}"
    );
    for content in ["", "{}", "{\"providers\": {\"a\": {}}}", "\u{0}"] {
        let (_directory, table) = rules_file(content);
        check_above_feed(&table, &["bad-rules 2:18"]);
        assert!(read_without_secrets(&with_feed(&table)).is_err());
    }
}

#[test]
fn patterns_that_are_left_out_are_counted() {
    let content = r#"{"providers": {"a": {"urlPattern": "a(?=b)"}, "b": {"urlPattern": "b"}}}"#;
    let (_directory, table) = rules_file(content);
    let text = with_feed(&table);
    check(&text, &["rules-left-out 2:18"]);
    assert!(read(&text, &environment).is_ok());
    let problem = problems(&text).remove(0);
    assert!(
        problem.message.starts_with("1 of the 2 patterns"),
        "{problem}"
    );
    assert!(problem.help.ends_with("`a(?=b)`"), "{problem}");
}

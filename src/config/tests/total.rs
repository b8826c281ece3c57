//! Any text: a configuration or an error, never a panic.

use super::*;
use proptest::prelude::*;

/// The file that is shipped, the best start for texts that are nearly right.
const SHIPPED: &str = include_str!("../../../feeds.toml");

/// Reads and renders, and returns whether the text was refused.
fn refused(text: &str) -> bool {
    let result = read(text, &environment);
    let problems = match &result {
        Ok(loaded) => &loaded.warnings,
        Err(problems) => problems,
    };
    assert!(result.is_ok() || problems.iter().any(|p| p.severity == Severity::Error));
    for problem in problems {
        assert!(text.get(problem.span.clone()).is_some(), "{problem:?}");
        assert!(problem.start <= problem.end, "{problem:?}");
        assert!(
            !problem.message.is_empty() && !problem.message.contains('\n'),
            "{problem:?}"
        );
    }
    let rendered = render(problems, "feeds.toml", text, false);
    assert_eq!(rendered.is_empty(), problems.is_empty());
    for Problem { start, .. } in problems {
        let place = format!("feeds.toml:{}:{}\n", start.line, start.column);
        assert!(rendered.contains(&place), "{place} in {rendered}");
    }
    result.is_err()
}

#[test]
fn the_shipped_file_is_good_and_free_of_warnings() {
    let loaded = read(SHIPPED, &|_| None).unwrap();
    assert_eq!(loaded.warnings, []);
    assert!(loaded.config.feeds.len() >= 36);
}

/// The manual shows keys with their defaults, commented out: commented in, they change nothing.
#[test]
fn the_shipped_file_shows_the_defaults() {
    let key = |line: &&str| {
        line.strip_prefix('#')
            .is_some_and(|l| l.starts_with(char::is_alphabetic))
    };
    assert!(SHIPPED.lines().filter(key).count() >= 15);
    let shown = SHIPPED.lines().map(|line| {
        if key(&line) {
            line.trim_start_matches('#')
        } else {
            line
        }
    });
    let shown = shown.collect::<Vec<_>>().join("\n");
    let (plain, shown) = (config(SHIPPED), config(&shown));
    assert_eq!(plain.server, shown.server);
    assert_eq!(plain.storage, shown.storage);
    assert_eq!(plain.fetch, shown.fetch);
    assert_eq!(plain.site, shown.site);
    assert_eq!(plain.feeds, shown.feeds);
    assert_eq!(plain.outputs, shown.outputs);
}

#[test]
fn too_many_problems_are_counted_not_listed() {
    let text = "[[feed]]\nkey = 1\n".repeat(5000);
    let problems = problems(&text);
    assert_eq!(problems.len(), reading::MAX_PROBLEMS + 1);
    assert_eq!(problems.last().map(|p| p.code), Some(Code::TooMany));
    assert!(refused(&text));
}

#[test]
fn codes_have_names_of_their_own() {
    let names: std::collections::BTreeSet<&str> = Code::ALL.iter().map(|c| c.name()).collect();
    assert_eq!(names.len(), Code::ALL.len());
}

/// What helps is more than what is wrong.
#[test]
fn codes_have_words_of_their_own() {
    for code in Code::ALL {
        let (meaning, remedy) = (code.meaning(), code.remedy());
        assert!(
            meaning.ends_with('.') && remedy.ends_with('.') && meaning != remedy,
            "{code:?}"
        );
    }
}

#[test]
fn odd_texts() {
    for text in [
        "\u{feff}",
        "\0",
        "\r",
        "[[feed]]\r",
        "feed = []",
        "feed = [[]]",
        "feed = [{}, {}]",
        "[feed]",
        "[group]\na = 1",
        "group = { a = { b = 1 } }",
        "[alias]\n\"\" = []",
        "[[topic]]\nname = \"\"\nquery = \"\"",
        "[[output]]\npath = \"a\"\nformats = []",
        "[[output]]\npath = \"a\"\nselect = \"topic:\"",
        "[fetch]\nconcurrency = 0xffffffffffffffffffff",
        "[storage]\nmax-entries = 18446744073709551616",
        "server.listen = 'é'",
    ] {
        refused(text);
    }
    let deep = format!("a = {}", "[".repeat(100_000));
    let long = format!("[server]\nlisten = \"{}\"", "é".repeat(100_000));
    let dotted = format!("{}a = 1", "a.".repeat(100_000));
    assert!([deep, long, dotted].iter().all(|text| refused(text)));
}

/// Returns the shipped file in two parts.
fn split(at: usize) -> (&'static str, &'static str) {
    SHIPPED.split_at_checked(at).unwrap()
}

/// Places in the shipped file to cut or to put something.
fn place() -> impl Strategy<Value = usize> {
    (0..=SHIPPED.len()).prop_map(|at| SHIPPED.floor_char_boundary(at))
}

proptest! {
    #[test]
    fn any_text(text in "\\PC*") {
        refused(&text);
    }

    #[test]
    fn any_text_as_value(value in "[\\PC\n\t\"\\\\]{0,40}", key in 0..16_usize) {
        let keys = ["listen", "public-url", "contact", "title"];
        let feed = ["id", "url", "group", "schedule", "timezone", "language", "min-interval", "headers", "title", "auth", "proxy", "timeout"];
        for quoted in [format!("{value:?}"), format!("'''{value}'''"), value] {
            let (table, key) = match keys.get(key) {
                Some(key) => ("[server]", *key),
                None => ("[[feed]]", feed[key - keys.len()]),
            };
            refused(&format!("{table}\n{key} = {quoted}\n"));
        }
    }

    #[test]
    fn any_part_of_the_shipped_file_cut_out(a in place(), b in place()) {
        let (from, to) = (a.min(b), a.max(b));
        refused(&[split(from).0, split(to).1].concat());
    }

    #[test]
    fn anything_put_into_the_shipped_file(at in place(), what in "[\\PC\n\"'\\[\\]{}=#]{0,6}") {
        let (before, after) = split(at);
        refused(&[before, &what, after].concat());
    }
}

//! What packages install, printed by the real binary.

use crate::program::{Place, QUIET};
use std::path::Path;

fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn what_is_shipped_is_printed() {
    let place = Place::new(QUIET);
    let unit = shipped("systemd/merganser.service");
    assert_eq!(place.print(&["print", "systemd"]), unit);
    let example = place.print(&["print", "example"]);
    assert_eq!(example, shipped("feeds.toml"));
    place.write("feeds.toml", example);
    place.print(&["check"]);
    let refused = place.fail(&["print", "systemd", "x"], 1);
    assert!(refused.contains("only aliases have names"), "{refused}");
    let list = place.print(&["print"]);
    assert!(
        list.contains("alerts   Alert rules for Prometheus\n"),
        "{list}"
    );
    assert_eq!(place.print(&["schema"]), shipped("share/feeds.schema.json"));
    let page = place.print(&["schema", "--format", "markdown"]);
    assert_eq!(page, shipped("docs/feeds-toml.md"));
}

/// Completions know every command, and pages their options.
#[test]
fn shells_and_man_are_told_of_the_commands() {
    let place = Place::new(QUIET);
    for shell in ["bash", "zsh", "fish"] {
        let script = place.print(&["completions", shell]);
        for word in ["apply-redirects", "backup", "dry-run"] {
            assert!(script.contains(word), "{shell}: {word}");
        }
    }
    place.fail(&["completions", "tcl"], 2);
    let page = place.print(&["man"]);
    assert!(page.contains("\n.SH FILES\n") && !page.contains(".SH EXTRA"));
    assert!(
        page.contains(".TH ") && page.contains("Exit codes"),
        "{page}"
    );
    assert!(
        page.contains("[\\fB\\-\\-config\\fR \\fIFILE\\fR]"),
        "{page}"
    );
    let page = place.print(&["man", "check"]);
    assert!(
        page.contains("online") && page.contains("merganser"),
        "{page}"
    );
    let page = place.print(&["man", "poll"]);
    assert!(
        page.contains("[\\fB\\-\\-group\\fR \\fINAME\\fR]"),
        "{page}"
    );
    let none = place.fail(&["man", "frobnicate"], 1);
    assert!(none.contains("no command `frobnicate`"), "{none}");
}

/// Returns the day of the version in a page; once that is released, CHANGELOG.md has the same.
fn day_of(page: &str) -> String {
    let head = page.lines().find(|it| it.starts_with(".TH")).unwrap();
    let day = head.split('"').nth(1).unwrap().to_owned();
    assert!(day.parse::<jiff::civil::Date>().is_ok(), "{head}");
    let changes = include_str!("../../CHANGELOG.md");
    let version = env!("CARGO_PKG_VERSION");
    let of = |line: &str| {
        line.strip_prefix("## ")?
            .split_whitespace()
            .next()
            .map(str::to_owned)
    };
    let is_of_it = |line: &&str| of(line).is_some_and(|it| it.trim_matches(['[', ']']) == version);
    let released = changes.lines().find(is_of_it);
    assert!(released.is_none_or(|it| it.ends_with(&day)), "{released:?}");
    day
}

/// Each page has its name and section at its head, the day and the version at its foot, and nothing that `man` passes over.
#[test]
fn each_page_says_of_which_version_it_is() {
    let place = Place::new(QUIET);
    let page = place.print(&["man"]);
    let all = page
        .lines()
        .filter_map(|line| line.strip_prefix("merganser\\-"));
    let all = all.filter_map(|line| line.strip_suffix("(1)"));
    let mut pages = vec![(String::new(), "merganser".to_owned(), 1)];
    pages.push(("feeds.toml".to_owned(), "feeds.toml".to_owned(), 5));
    for name in all.map(|name| name.replace('\\', "")) {
        pages.push((name.clone(), format!("merganser-{name}"), 1));
    }
    assert!(pages.len() > 20, "{pages:?}");
    let day = day_of(&page);
    for (name, title, section) in pages {
        let mut arguments = vec!["man", &name];
        arguments.retain(|it| !it.is_empty());
        let page = place.print(&arguments);
        let heads: Vec<&str> = page.lines().filter(|it| it.starts_with(".TH")).collect();
        let version = env!("CARGO_PKG_VERSION");
        let head = format!(".TH {title} {section} \"{day}\" \"merganser {version}\"");
        assert_eq!(heads, [head], "{name}");
        assert!(!page.contains("\n\n.br") && !page.contains(" \n"), "{name}");
    }
}

/// A topic, a group or an id is no file, and fish knows what the arguments of commands may be.
#[test]
fn no_file_is_completed_for_a_word() {
    let place = Place::new(QUIET);
    let fish = place.print(&["completions", "fish"]);
    for (command, words) in [
        ("print", " -a 'packs systemd socket example grafana alerts'"),
        ("completions", " -a 'bash elvish fish powershell zsh'"),
        ("why", ""),
        ("vacuum", ""),
        ("help", ""),
    ] {
        let line = format!(
            "complete -c merganser -n '__fish_merganser_using_subcommand {command}' -f{words}"
        );
        assert_eq!(fish.lines().filter(|it| *it == line).count(), 1, "{line}");
    }
    for command in ["import", "preview", "backup", "replay"] {
        let files = format!("_using_subcommand {command}' -f");
        assert!(!fish.contains(&files), "{command} takes a file");
    }
    // What takes a value takes a file only where that is a path.
    let options = fish.lines().filter(|line| line.contains(" -r"));
    for line in options {
        let takes = |suffix: &str| line.ends_with(suffix);
        assert!(takes(" -r -F") || line.contains(" -r -f"), "{line}");
    }
    let zsh = place.print(&["completions", "zsh"]);
    assert!(!zsh.contains(":_default'"), "{zsh}");
}

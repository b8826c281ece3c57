//! The rules of the house that no compiler holds, each a test: who may know whom, what lives where,
//! sizes, words, fixtures and documents.
//!
//! The tests read the sources as text, so they need nothing but the standard library and run in a
//! moment. [`Source`] blanks comments and literals first: a rule about code never trips over prose.
//! Rules that say "outside tests" skip `tests.rs` files and whatever stands under `#[cfg(test)]`.
//! Each fault names its file and line.

#![expect(
    clippy::string_slice,
    clippy::indexing_slicing,
    reason = "positions come from searches in the same text; a panic here is a failed test"
)]

#[path = "tidy/files.rs"]
mod files;
#[path = "tidy/protocol.rs"]
mod protocol;
#[path = "tidy/source.rs"]
mod source;

use files::{has_extension, read, root, shown, tree};
use source::Source;
use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

const L0: &[&str] = &["model", "text", "clock"];
const L1: &[&str] = &[
    "schedule",
    "parse",
    "normalize",
    "dedupe",
    "classify",
    "publish",
];
const L2: &[&str] = &["fetch", "store", "serve", "mirror", "control"];

/// The arrow KNOWS of ARCHITECTURE.md: which module may name which after `crate::`.
const MAY_USE: &[(&str, &[&[&str]])] = &[
    ("model", &[]),
    ("text", &[&["model"]]),
    ("clock", &[&["model"]]),
    ("schedule", &[L0]),
    ("parse", &[L0]),
    ("normalize", &[L0]),
    ("dedupe", &[L0]),
    ("classify", &[L0]),
    ("publish", &[L0]),
    ("fetch", &[L1, L0]),
    ("store", &[L1, L0]),
    ("serve", &[L1, L0]),
    ("mirror", &[L0]),
    ("control", &[L0]),
    ("config", &[L2, L1, L0]),
    ("daemon", &[&["config"], L2, L1, L0]),
    ("cli", &[&["daemon", "config"], L2, L1, L0]),
    ("main", &[&["cli"]]),
    ("lib", &[]),
];

/// What only some modules may name in code that ships, and which.
const HOMES: &[(&str, &[&str])] = &[
    // types of these crates never leave their module
    ("feed_rs", &["parse"]),
    ("reqwest", &["fetch"]),
    ("rustls", &["fetch"]),
    ("rusqlite", &["store"]),
    ("axum", &["serve"]),
    ("sd_notify", &["daemon"]),
    ("listenfd", &["daemon"]),
    ("anyhow", &["cli"]),
    // nothing but fetch connects, nothing but serve listens
    ("TcpStream::connect", &["fetch"]),
    ("UdpSocket", &[]),
    ("UnixStream", &["control"]),
    ("UnixListener", &["control"]),
    ("TcpListener::bind", &["serve"]),
    // nothing but daemon spawns, or waits for signals
    ("tokio::spawn", &["daemon"]),
    ("task::spawn", &["daemon"]),
    ("spawn_blocking", &["daemon"]),
    ("spawn_local", &["daemon"]),
    ("JoinSet", &["daemon"]),
    ("thread::spawn", &["daemon"]),
    ("thread::Builder", &["daemon"]),
    ("thread::scope", &["daemon"]),
    ("tokio::signal", &["daemon"]),
    // the environment is read at the edge
    ("env::var", &["cli"]),
    ("env::var_os", &["cli"]),
];

/// How a literal begins that is SQL.
const SQL: &[&str] = &[
    "SELECT ",
    "INSERT ",
    "UPDATE ",
    "DELETE FROM ",
    "CREATE ",
    "DROP ",
    "ALTER ",
    "PRAGMA ",
    "BEGIN ",
    "VACUUM",
    "WITH ",
];

/// Work left over, and tests switched off. Put together here so that this file may be read too.
const BANNED: &[&str] = &[
    concat!("TO", "DO"),
    concat!("FIX", "ME"),
    concat!("XX", "X"),
    concat!("to", "do!"),
    concat!("unimpl", "emented!"),
    concat!("db", "g!"),
    concat!("#[ig", "nore"),
];

/// A longer file holds more than one thought.
const MAX_FILE_LINES: usize = 500;
/// A longer function cannot be seen at once.
const MAX_FUNCTION_LINES: usize = 70;

#[test]
fn modules_know_only_what_stands_below_them() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let Some(allowed) = may_use(source.module()) else {
            continue; // the next test names it
        };
        for (line, named) in source.names_of_modules() {
            if named != source.module() && !allowed.contains(&named.as_str()) {
                faults.push(format!(
                    "{}:{line}: `{}` must not know `{named}`",
                    source.path,
                    source.module()
                ));
            }
        }
    }
    hold("the module graph is KNOWS in ARCHITECTURE.md", &faults);
}

#[test]
fn every_module_has_its_place_in_the_graph() {
    let faults: BTreeSet<String> = sources("src")
        .iter()
        .filter(|source| may_use(source.module()).is_none())
        .map(|source| format!("{}:1: `{}` is not in MAY_USE", source.path, source.module()))
        .collect();
    hold(
        "a new module is a decision: give it a layer",
        &Vec::from_iter(faults),
    );
}

#[test]
fn crates_sockets_and_tasks_stay_at_home() {
    let mut faults = Vec::new();
    for source in sources("src") {
        for (needle, homes) in HOMES {
            if homes.contains(&source.module()) {
                continue;
            }
            for line in source.lines_with(needle) {
                faults.push(format!(
                    "{}:{line}: `{needle}`, at home in {homes:?}",
                    source.path
                ));
            }
        }
    }
    hold("adapters keep their means to themselves", &faults);
}

#[test]
fn only_store_holds_sql() {
    let mut faults = Vec::new();
    for source in sources("src") {
        let elsewhere = source.module() != "store";
        for (line, literal) in source.literals.iter().filter(|_| elsewhere) {
            let begins = |word: &&str| literal.trim_start().starts_with(*word);
            if !source.is_test(*line) && SQL.iter().any(begins) {
                faults.push(format!("{}:{line}: SQL outside `store`", source.path));
            }
        }
    }
    hold("nothing but store holds SQL", &faults);
}

#[test]
fn nothing_unwraps_outside_tests() {
    let mut faults = Vec::new();
    for source in sources("src") {
        for (at, _) in source.code.match_indices(".unwrap()") {
            faults.push(source.fault(at, "unwrap"));
        }
        for (at, call) in source.code.match_indices(".expect(") {
            let argument = source.code[at + call.len()..].trim_start();
            // a parser may have a method of this name, which takes no message
            if argument.starts_with('"') {
                faults.push(source.fault(at, "expect"));
            }
        }
    }
    let faults: Vec<String> = faults.into_iter().flatten().collect();
    hold("nothing that comes from outside may panic", &faults);
}

#[test]
fn no_work_is_left_over() {
    let mut faults = Vec::new();
    for path in tree(&root()) {
        let name = shown(&path);
        let written_here = [".rs", ".sql", ".toml", ".md", ".service", ".ci/run"]
            .iter()
            .any(|end| name.ends_with(end));
        // the page of rules names what it forbids
        if !written_here || name == "CONTRIBUTING.md" {
            continue;
        }
        for (index, line) in read(&path).lines().enumerate() {
            for word in BANNED.iter().filter(|word| has_word(line, word)) {
                faults.push(format!("{name}:{}: {word}", index + 1));
            }
        }
    }
    hold("finish it, or open an issue", &faults);
}

#[test]
fn files_are_short() {
    let faults: Vec<String> = rust()
        .iter()
        .filter_map(|source| {
            let lines = source.code.lines().count();
            (lines > MAX_FILE_LINES).then(|| format!("{}:{lines}: the end", source.path))
        })
        .collect();
    hold("a file has at most 500 lines", &faults);
}

#[test]
fn functions_are_short() {
    let mut faults = Vec::new();
    for source in rust() {
        for (line, name, length) in source.functions() {
            if length > MAX_FUNCTION_LINES {
                faults.push(format!(
                    "{}:{line}: `{name}` has {length} lines",
                    source.path
                ));
            }
        }
    }
    hold("a function has at most 70 lines", &faults);
}

#[test]
fn every_feed_of_the_demo_is_served() {
    let feeds = some("feeds", tree(&root().join("src/cli/demo/feeds")));
    let names: Vec<String> = feeds.iter().map(|path| shown(path)).collect();
    let is_served = |name: &&String| match name.split('.').collect::<Vec<_>>().as_slice() {
        [_, "1", _] => true,
        // the second edition takes the first one's place
        [feed, "2", extension] => names.contains(&format!("{feed}.1.{extension}")),
        _ => false,
    };
    let faults: Vec<String> = names
        .iter()
        .filter(|name| !is_served(name))
        .map(|name| format!("{name}:1: is neither edition of a feed"))
        .collect();
    hold(
        "a feed is named NAME.1.EXTENSION, its second edition NAME.2.EXTENSION",
        &faults,
    );
}

#[test]
fn documents_for_tests_stand_in_the_corpus() {
    // tests/it/corpus.rs and tests/it/broken.rs read whatever stands there, and fail on half of a pair; what
    // stands elsewhere is read by a test that names it, or run by the gate
    let tests = sources("tests/it");
    let gate = read(&root().join(".ci/run"));
    let is_named = |name: &str| {
        let mut literals = tests.iter().flat_map(|test| &test.literals);
        gate.contains(name) || literals.any(|(_, literal)| literal.contains(name))
    };
    let is_elsewhere = |path: &Path| {
        let name = shown(path);
        let is_listed = ["tests/corpus", "tests/broken"]
            .iter()
            .any(|folder| path.starts_with(root().join(folder)));
        !is_listed && !is_named(&name)
    };
    let faults: Vec<String> = tree(&root().join("tests"))
        .iter()
        .filter(|path| !has_extension(path, "rs") && is_elsewhere(path))
        .map(|path| format!("{}:1: is read by no test, nor run", shown(path)))
        .collect();
    hold("every fixture is read, and every script run", &faults);
}

#[test]
fn migrations_are_numbered_without_gaps() {
    let mut names: Vec<String> = fs::read_dir(root().join("migrations"))
        .map(|entries| {
            entries
                .flatten()
                .map(|entry| shown(&entry.path()))
                .collect()
        })
        .unwrap_or_default();
    names.sort();
    let names = some("migrations", names);
    let mut faults = Vec::new();
    for (index, name) in names.iter().enumerate() {
        let digits: String = name
            .trim_start_matches("migrations/")
            .chars()
            .take_while(char::is_ascii_digit)
            .collect();
        if digits.parse() != Ok(index + 1) {
            faults.push(format!("{name}:1: expected number {}", index + 1));
        }
        if !root().join(name).join("up.sql").is_file() {
            faults.push(format!("{name}:1: has no up.sql"));
        }
    }
    hold("migrations are applied in order", &faults);
}

#[test]
fn the_readme_names_the_subcommands_that_there_are() {
    let sources = sources("src/cli");
    let commands = sources.iter().flat_map(Source::subcommands);
    let commands = BTreeSet::from_iter(some("subcommands", commands.collect()));
    let readme = read(&root().join("README.md"));
    let told: BTreeSet<&str> = readme
        .split("`merganser ")
        .skip(1)
        .filter_map(|rest| {
            rest.split(|c: char| !c.is_ascii_lowercase() && c != '-')
                .next()
        })
        .filter(|name| !name.is_empty() && !name.starts_with('-'))
        .collect();
    let untold = commands.iter().filter(|name| !told.contains(name.as_str()));
    let gone = told.iter().filter(|name| !commands.contains(**name));
    let faults: Vec<String> = untold
        .map(|name| format!("README.md:1: `merganser {name}` is missing"))
        .chain(gone.map(|name| format!("README.md:1: there is no `merganser {name}`")))
        .collect();
    hold("README tells what can be typed", &faults);
}

#[test]
fn links_between_documents_lead_somewhere() {
    let mut faults = Vec::new();
    for path in tree(&root())
        .iter()
        .filter(|path| has_extension(path, "md"))
    {
        for (index, line) in read(path).lines().enumerate() {
            let links = line
                .split("](")
                .skip(1)
                .filter_map(|rest| rest.split(')').next());
            let inside = links.filter(|link| !link.contains(':'));
            let broken = inside.filter(|link| !leads_somewhere(path, link));
            faults.extend(broken.map(|link| format!("{}:{}: {link}", shown(path), index + 1)));
        }
    }
    hold("a link in a document exists", &faults);
}

/// Returns what a rule looks at, and fails when that is nothing: it moved away, and the rule holds nothing.
fn some<T>(what: &str, found: Vec<T>) -> Vec<T> {
    assert!(
        !found.is_empty(),
        "there are no {what} where they should be"
    );
    found
}

/// Fails with all the faults of a rule, if there are any.
fn hold(rule: &str, faults: &[String]) {
    assert!(faults.is_empty(), "{rule}:\n{}\n", faults.join("\n"));
}

fn sources(folder: &str) -> Vec<Source> {
    tree(&root().join(folder))
        .iter()
        .filter(|path| has_extension(path, "rs"))
        .map(|path| Source::new(shown(path), &read(path)))
        .collect()
}

/// Returns all Rust that is written here.
fn rust() -> Vec<Source> {
    ["src", "tests", "benches", "fuzz"]
        .iter()
        .flat_map(|folder| sources(folder))
        .collect()
}

fn may_use(module: &str) -> Option<Vec<&'static str>> {
    let (_, layers) = MAY_USE.iter().find(|(name, _)| *name == module)?;
    Some(layers.concat())
}

fn is_word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// Tells whether `needle` occurs in `text` and is not part of a longer word.
fn has_word(text: &str, needle: &str) -> bool {
    text.match_indices(needle)
        .any(|(at, _)| stands_alone(text, at, needle))
}

fn stands_alone(text: &str, at: usize, needle: &str) -> bool {
    let opens = !needle.starts_with(is_word) || !text[..at].ends_with(is_word);
    let closes = !needle.ends_with(is_word) || !text[at + needle.len()..].starts_with(is_word);
    opens && closes
}

fn leads_somewhere(from: &Path, link: &str) -> bool {
    let (file, anchor) = link.split_once('#').unwrap_or((link, ""));
    let target = match file {
        "" => from.to_path_buf(),
        file => from.with_file_name("").join(file),
    };
    let heading = |line: &str| line.starts_with('#') && slug(line) == anchor;
    target.exists() && (anchor.is_empty() || read(&target).lines().any(heading))
}

/// Returns the anchor that a heading gets where documents are shown.
fn slug(heading: &str) -> String {
    heading
        .trim_start_matches('#')
        .trim()
        .to_lowercase()
        .chars()
        .filter(|c| is_word(*c) || matches!(c, ' ' | '-'))
        .map(|c| if c == ' ' { '-' } else { c })
        .collect()
}

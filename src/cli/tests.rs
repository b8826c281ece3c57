//! Every command that a document, a file that is shipped or a message of the program names can be typed.

use super::Arguments;
use clap::{CommandFactory as _, Parser as _};
use std::fs;
use std::path::{Path, PathBuf};

/// Hints that begin like a command of ours and are none.
const OTHERS: [(&str, &str); 2] = [
    ("man merganser", "the system's own `man`"),
    ("man merganser-check", "the system's own `man`"),
];

/// Placeholders whose place takes one of few words. Any other (ID, FILE) is a word like what it stands for.
const STANDS_FOR: [(&str, &str); 2] = [("COMMAND", "check"), ("SHELL", "bash")];

/// How a shell is told to run the program.
const CALLS: [&[&str]; 3] = [
    &["merganser"],
    &["sudo", "merganser"],
    &["cargo", "run", "--release", "--"],
];

/// Where the words of a shell end a command.
const ENDS: [&str; 7] = ["|", ">", "<", "&&", "||", ";", "&"];

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Returns all files under a folder, or the file that it is.
fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let entries = fs::read_dir(path).unwrap();
    entries
        .flat_map(|entry| files(&entry.unwrap().path()))
        .collect()
}

/// Splits a line into words as a shell does, as far as quotes and comments go. What stands in braces, or between `@` and
/// `@`, is filled in by whoever prints the line, and is one word.
fn words(line: &str) -> Vec<String> {
    let (mut words, mut word) = (Vec::new(), None::<String>);
    let (mut quote, mut depth) = (None, 0_usize);
    for c in line.chars() {
        match c {
            '{' => depth += 1,
            '}' => {
                depth = depth.saturating_sub(1);
                if depth == 0 {
                    word.get_or_insert_default().push('x');
                }
            }
            _ if depth > 0 => {}
            _ if quote == Some(c) => quote = None,
            '\'' | '"' if quote.is_none() => {
                quote = Some(c);
                word.get_or_insert_default();
            }
            '#' if quote.is_none() && word.is_none() => break,
            ' ' if quote.is_none() => words.extend(word.take()),
            _ => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    words
}

/// Returns the command lines that a text with placeholders stands for: `..` repeats what is before it, what is in brackets
/// may be left out, and of `A|B` each may be typed.
fn spelt_out(words: &[String]) -> Vec<Vec<String>> {
    let mut lines = vec![Vec::new()];
    for word in words.iter().filter(|word| *word != "..") {
        let inner = word
            .strip_prefix('[')
            .and_then(|word| word.strip_suffix(']'));
        let without = inner.map(|_| lines.clone()).unwrap_or_default();
        let choices: Vec<&str> = inner.unwrap_or(word).split('|').collect();
        let with = lines.iter().flat_map(|line: &Vec<String>| {
            choices.iter().map(|choice| {
                let known = STANDS_FOR.iter().find(|(name, _)| name == choice);
                let word = known.map_or(*choice, |(_, word)| word);
                [line.as_slice(), &[word.to_owned()]].concat()
            })
        });
        lines = with.chain(without).collect();
    }
    lines
}

/// Returns what the program says against a command line. A command alone is its name, and may lack what it asks for.
fn fault(line: &[String]) -> Option<String> {
    let program = Arguments::command();
    if let [name] = line
        && program.find_subcommand(name).is_some()
    {
        return None;
    }
    let error = Arguments::try_parse_from(
        ["merganser"]
            .into_iter()
            .chain(line.iter().map(String::as_str)),
    )
    .err()?;
    error.use_stderr().then(|| error.to_string())
}

/// Returns the arguments of the calls in a line of a shell.
fn calls(line: &str) -> Vec<Vec<String>> {
    let words = words(line);
    let commands = words.split(|word| ENDS.contains(&word.as_str()));
    let called = commands.filter_map(|command| {
        let call = CALLS
            .iter()
            .find(|call| command.iter().take(call.len()).eq(call.iter()))?;
        command.get(call.len()..)
    });
    called.map(<[String]>::to_vec).collect()
}

/// Returns the lines of the shell blocks of a page.
fn typed(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// Returns what stands in backquotes and calls the program; in a document also what begins with a command and goes on. The
/// text after a hint, which stands between backquotes as well, begins with neither.
fn hints(text: &str, is_document: bool) -> Vec<String> {
    let program = Arguments::command();
    let mut quoted: Vec<&str> = text.split('`').skip(1).collect();
    // What follows the last one has none behind it.
    quoted.pop();
    let quoted = quoted
        .iter()
        .filter(|hint| hint.starts_with(char::is_alphabetic));
    // A line of a string may go on in the next one.
    let words = quoted.map(|hint| hint.split_whitespace().filter(|word| *word != "\\"));
    let quoted = words.map(|words| words.collect::<Vec<_>>().join(" "));
    let hints = quoted.filter_map(|hint| {
        if CALLS
            .iter()
            .any(|call| hint.starts_with(&format!("{} ", call.join(" "))))
        {
            return Some(hint);
        }
        let (name, more) = hint.split_once(' ')?;
        let is_ours = program.find_subcommand(name).is_some() && !more.starts_with('=');
        let is_other = OTHERS.iter().any(|(other, _)| *other == hint);
        (is_document && is_ours && !is_other).then(|| format!("merganser {hint}"))
    });
    hints.collect()
}

/// Every line of a shell in a document, and every hint in backquotes, wherever an operator reads one, is understood. The
/// changelog is left out, which tells of what was.
#[test]
fn what_is_written_down_can_be_typed() {
    let places = [
        "README.md",
        "ARCHITECTURE.md",
        "CONTRIBUTING.md",
        "docs",
        "feeds.toml",
        "systemd",
        "share",
        "dashboards",
        "packaging",
        "src",
    ];
    let (mut seen, mut faults) = (0, Vec::new());
    for file in places.iter().flat_map(|place| files(&root().join(place))) {
        // Feeds of the demo are in old encodings.
        let text = fs::read(&file).unwrap();
        let text = String::from_utf8_lossy(&text);
        let is_document = file.extension().is_some_and(|found| found == "md");
        for line in typed(&text).into_iter().chain(hints(&text, is_document)) {
            for line in calls(&line).iter().flat_map(|call| spelt_out(call)) {
                seen += 1;
                let said = fault(&line);
                faults.extend(said.map(|said| format!("{}: {line:?}: {said}", file.display())));
            }
        }
    }
    assert!(seen > 250, "of more than 250 commands {seen} were found");
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The rules above, and that what is wrong is found.
#[test]
fn lines_are_read_as_they_are_meant() {
    for (line, expected) in [
        ("merganser plan", vec!["plan"]),
        ("sudo merganser poll ID ..  # now", vec!["poll ID"]),
        ("merganser export > a.opml", vec!["export"]),
        (
            "merganser schema | cat && merganser man",
            vec!["schema", "man"],
        ),
        ("merganser why {{ $labels.feed }}", vec!["why x"]),
        ("merganser search 'a b'", vec!["search a b"]),
        (
            "merganser preview FILE|ID",
            vec!["preview FILE", "preview ID"],
        ),
        ("merganser man [COMMAND]", vec!["man check", "man"]),
        ("systemctl status merganser", vec![]),
    ] {
        let lines = calls(line)
            .iter()
            .flat_map(|call| spelt_out(call))
            .collect::<Vec<_>>();
        let lines: Vec<String> = lines.iter().map(|words| words.join(" ")).collect();
        assert_eq!(lines, expected, "{line}");
    }
    let page = "`poll --every`, `path = 1`; `a` print the `b`\nprint the `c`, `poll` and `merganser\n  frobnicate`";
    let hints = hints(page, true);
    assert_eq!(hints, ["merganser poll --every", "merganser frobnicate"]);
    let faults = hints.iter().flat_map(|hint| calls(hint));
    assert!(faults.clone().count() == 2 && faults.clone().all(|line| fault(&line).is_some()));
}

//! The corpus: a small document for each dialect and each fault, beside what is to be read from it.
//!
//! A pair is `tests/corpus/NAME.EXTENSION`, a document that we wrote ourselves, and `NAME.expected.json`,
//! what [`merganser::parse::parse`] makes of it, as [`plain`] tells it, or the error. A NAME that ends in
//! `@CHARSET` says that the response named this charset. Every document comes from [`URL`].
//!
//! To add a pair, write the document and run `cargo test --test it corpus`: the failure shows what is read
//! from it as JSON. Hold that against the document value by value, put right what a person would read
//! otherwise, and save it as the expectation. Nothing writes expectations by itself: one that nobody has
//! read holds nothing.

mod plain;

use merganser::parse::{Document, parse};
use plain::Plain;
use serde_json::Value;
use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

/// Where every document comes from.
const URL: &str = "https://news.example/feed";

/// How the name of an expectation ends.
const EXPECTED: &str = ".expected.json";

#[test]
fn every_document_of_the_corpus_is_read_as_expected() {
    let pairs = pairs(&Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus"));
    assert!(!pairs.is_empty(), "tests/corpus is empty");
    let fault = |(name, pair): (&String, &Pair)| {
        let fault = pair.check(name).err()?;
        Some(format!("{name}: {fault}"))
    };
    let faults: Vec<String> = pairs.iter().filter_map(fault).collect();
    assert!(faults.is_empty(), "\n{}\n", faults.join("\n\n"));
}

/// What there is under one name.
#[derive(Debug, Default)]
struct Pair {
    documents: Vec<PathBuf>,
    expectation: Option<PathBuf>,
}

/// Returns all that lies in `folder`, by name.
fn pairs(folder: &Path) -> BTreeMap<String, Pair> {
    let mut pairs: BTreeMap<String, Pair> = BTreeMap::new();
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap();
        let (path, file) = (entry.path(), entry.file_name());
        let file = file.to_str().unwrap();
        if let Some(name) = file.strip_suffix(EXPECTED) {
            let pair = pairs.entry(name.to_owned()).or_default();
            pair.expectation = Some(path);
        } else {
            let name = file.rsplit_once('.').map_or(file, |(name, _)| name);
            let pair = pairs.entry(name.to_owned()).or_default();
            pair.documents.push(path);
        }
    }
    pairs
}

impl Pair {
    /// Reads the document and compares.
    fn check(&self, name: &str) -> Result<(), String> {
        let [document] = self.documents.as_slice() else {
            return Err(format!("{} documents", self.documents.len()));
        };
        let charset = name.split_once('@').map(|(_, charset)| charset);
        let bytes = fs::read(document).unwrap();
        let read = read(&bytes, charset);
        let shown = serde_json::to_string_pretty(&read).unwrap();
        let Some(expectation) = &self.expectation else {
            return Err(format!("has no expectation; this is read:\n{shown}"));
        };
        let expected: Value = serde_json::from_slice(&fs::read(expectation).unwrap())
            .map_err(|error| format!("the expectation: {error}"))?;
        let mut found = Vec::new();
        let read = serde_json::to_value(&read).unwrap();
        differences("", &expected, &read, &mut found);
        if found.is_empty() {
            return Ok(());
        }
        let found = found.join("\n");
        Err(format!("is read otherwise:\n{found}\nAll of it:\n{shown}"))
    }
}

fn read(bytes: &[u8], charset: Option<&str>) -> Plain {
    let document = Document {
        bytes,
        charset,
        url: URL,
    };
    match parse(&document) {
        Ok(feed) => plain::feed(feed),
        Err(error) => plain::error(&error),
    }
}

/// Gathers the places below `at` where two values differ, each with what stands there.
fn differences(at: &str, expected: &Value, read: &Value, found: &mut Vec<String>) {
    match (expected, read) {
        (Value::Object(one), Value::Object(other)) => {
            let added = other.keys().filter(|it| !one.contains_key(*it));
            for name in one.keys().chain(added) {
                let at = format!("{at}.{name}");
                differences(&at, &expected[name], &read[name], found);
            }
        }
        (Value::Array(one), Value::Array(other)) => {
            for index in 0..one.len().max(other.len()) {
                let value = |list: &[Value]| list.get(index).cloned().unwrap_or_default();
                let at = format!("{at}[{index}]");
                differences(&at, &value(one), &value(other), found);
            }
        }
        _ if expected == read => {}
        _ => found.push(format!(
            "  {at}\n    expected {}\n    read     {}",
            shown(expected),
            shown(read)
        )),
    }
}

/// A value in one line, with what cannot be seen escaped.
fn shown(value: &Value) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::String(text) => format!("{text:?}"),
        other => other.to_string(),
    }
}

#[test]
fn differences_are_told_by_their_places() {
    let value = |json: &str| serde_json::from_str::<Value>(json).unwrap();
    for (expected, read, places) in [
        (r#"{"a":1,"b":[2]}"#, r#"{"b":[2],"a":1}"#, ""),
        (r#"{"a":1}"#, r#"{"a":2,"b":3}"#, ".a .b"),
        (
            r#"{"a":[{"b":1},2]}"#,
            r#"{"a":[{"b":"1"}]}"#,
            ".a[0].b .a[1]",
        ),
        (r#"{"a":[]}"#, r#"{"a":{}}"#, ".a"),
        (r#"{"a":"x"}"#, "{}", ".a"),
    ] {
        let mut found = Vec::new();
        differences("", &value(expected), &value(read), &mut found);
        let found: Vec<_> = found
            .iter()
            .map(|it| it.split_whitespace().next().unwrap())
            .collect();
        assert_eq!(found.join(" "), places, "{expected} {read}");
    }
}

#[test]
fn half_a_pair_is_a_fault() {
    let folder = tempfile::tempdir().unwrap();
    let json = r#"{"items":[]}"#;
    for file in ["alone.xml", "lost.expected.json", "two.json", "two.xml"] {
        fs::write(folder.path().join(file), json).unwrap();
    }
    for (name, fault) in [
        (
            "alone",
            "has no expectation; this is read:\n{\n  \"format\": \"json\"\n}",
        ),
        ("lost", "0 documents"),
        ("two", "2 documents"),
    ] {
        let found = pairs(folder.path())[name].check(name);
        assert_eq!(found, Err(fault.to_owned()), "{name}");
    }
}

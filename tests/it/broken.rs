//! Files with the mistakes that people make, and what `check` says of each: every problem in one run, at its
//! place, with what to write instead. The texts beside the files were read one by one; when a message changes,
//! read those that change, and write them anew with `merganser check --config NAME.toml` in `tests/broken`.

use crate::program::Place;
use merganser::model::{FailureKind, Outcome};
use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// How many mistakes there are at least.
const MISTAKES: usize = 50;

fn folder() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/broken")
}

/// Returns the names of the files, without their endings.
fn names() -> Vec<String> {
    let entries = std::fs::read_dir(folder()).unwrap();
    let names = entries.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let names = names.filter_map(|name| name.strip_suffix(".toml").map(ToOwned::to_owned));
    let mut names: Vec<String> = names.collect();
    names.sort();
    names
}

/// Returns what `check` prints of a file, and the exit code.
fn told(name: &str, more: &[&str]) -> (String, Option<i32>) {
    let output = Command::new(env!("CARGO_BIN_EXE_merganser"))
        .args(["check", "--config", &format!("{name}.toml")])
        .args(more)
        .current_dir(folder())
        .env_clear()
        .stdin(Stdio::null())
        .output()
        .unwrap();
    let text = [output.stdout, output.stderr].concat();
    (String::from_utf8(text).unwrap(), output.status.code())
}

#[test]
fn each_mistake_is_told_as_a_person_would() {
    let names = names();
    assert!(names.len() >= MISTAKES, "{names:?}");
    let files = std::fs::read_dir(folder()).unwrap().count();
    assert_eq!(
        files,
        2 * names.len(),
        "each with its text, and no text alone"
    );
    for name in names {
        let (told, code) = told(&name, &[]);
        let told = format!("{told}exit code {}\n", code.unwrap());
        let expected = std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        assert!(
            told == expected,
            "{name}: expected\n{expected}\ngot\n{told}"
        );
        assert!(!told.contains("hunter2"), "{name}: S7");
    }
}

/// For programs: the same problems in every form, at the same places.
#[test]
fn programs_are_told_the_same() {
    for name in names() {
        let (json, code) = told(&name, &["--format", "json"]);
        let (sarif, _) = told(&name, &["--format", "sarif"]);
        let (github, _) = told(&name, &["--format", "github"]);
        let object = |text: &str| -> serde_json::Value {
            let line = text.lines().next().unwrap();
            serde_json::from_str(line).unwrap()
        };
        let (json, sarif) = (object(&json), object(&sarif));
        let problems = json["problems"].as_array().unwrap();
        let results = sarif["runs"][0]["results"].as_array().unwrap();
        let lines: Vec<&str> = github
            .lines()
            .filter(|line| line.starts_with("::"))
            .collect();
        assert_eq!(results.len(), problems.len(), "{name}");
        assert_eq!(lines.len(), problems.len(), "{name}");
        for ((problem, result), line) in problems.iter().zip(results).zip(lines) {
            assert_eq!(result["ruleId"], problem["code"]);
            assert_eq!(result["level"], problem["severity"]);
            let region = &result["locations"][0]["physicalLocation"]["region"];
            assert_eq!(region["startLine"], problem["line"]);
            assert_eq!(region["startColumn"], problem["column"]);
            let place = format!(
                "::{} file={name}.toml,line={},col={},",
                problem["severity"].as_str().unwrap(),
                problem["line"],
                problem["column"]
            );
            assert!(line.starts_with(&place), "{line}");
            assert!(line.contains(&format!(",title={}::", problem["code"].as_str().unwrap())));
        }
        let has_errors = problems
            .iter()
            .any(|problem| problem["severity"] == "error");
        assert_eq!(code, Some(if has_errors { 78 } else { 0 }), "{name}");
    }
}

/// What is printed with a code is explained by it, also while the file cannot be read.
#[test]
fn each_code_is_explained() {
    let mut codes = BTreeSet::from(["no-answer", "moved"].map(ToOwned::to_owned));
    for name in names() {
        let text = std::fs::read_to_string(folder().join(format!("{name}.txt"))).unwrap();
        let heads = text.lines().filter_map(|line| line.split_once("]: "));
        let printed = heads.map(|(head, _)| format!("{head}]"));
        codes.extend(printed.filter(|it| it.starts_with("error[") || it.starts_with("warning[")));
    }
    assert!(codes.len() > 25, "{codes:?}");
    let place = Place::new("[[feed\n");
    for code in codes {
        let bare = code.trim_end_matches(']').rsplit('[').next().unwrap();
        let told = place.print(&["explain", &code]);
        assert!(told.starts_with(&format!("{bare}, ")), "{code}: {told}");
        assert_eq!(told.lines().count(), 4, "{told}");
        let json = place.print(&["explain", bare, "--format", "json"]);
        let json: serde_json::Value = serde_json::from_str(&json).unwrap();
        assert_eq!(json["code"], bare);
        assert!(told.contains(json["remedy"].as_str().unwrap()), "{json}");
    }
    for code in outcomes().into_iter().chain(defects()) {
        let told = place.print(&["explain", &code]);
        assert!(told.starts_with(&format!("{code}, ")), "{code}: {told}");
        assert_eq!(told.lines().count(), 4, "{told}");
        let mut sentences = told.split(". ").skip(1);
        assert!(
            !sentences.any(|it| it.starts_with(char::is_lowercase)),
            "{told}"
        );
    }
    // As `preview` prints them.
    assert!(
        place
            .print(&["explain", "bad-date:"])
            .starts_with("bad-date, ")
    );
    // Anything else is an entry's name, for which the file is read.
    place.fail(&["explain", "unknown-kez"], 78);
}

/// Returns how polls end otherwise than well, by the names that `why` and the metrics have for it.
fn outcomes() -> Vec<String> {
    let kinds = FailureKind::ALL.map(FailureKind::name);
    let others = [Outcome::Gone, Outcome::Throttled, Outcome::Crowded];
    let others = others.iter().map(Outcome::name);
    kinds
        .into_iter()
        .chain(others)
        .map(ToOwned::to_owned)
        .collect()
}

/// Returns the codes of defects that stand in the sources.
fn defects() -> BTreeSet<String> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut codes = BTreeSet::new();
    for file in ["parse", "daemon", "normalize", "dedupe"].map(|it| sources.join(it)) {
        codes_below(&file, &mut codes);
    }
    assert!(codes.len() > 18, "{codes:?}");
    codes
}

fn codes_below(folder: &Path, codes: &mut BTreeSet<String>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            codes_below(&path, codes);
            continue;
        }
        let text = std::fs::read_to_string(&path).unwrap();
        for before in [
            ".note(\"",
            "code: \"",
            "told(\n                \"",
            "=> \"repeated-",
            "=> \"channel-",
        ] {
            for (at, _) in text.match_indices(before) {
                let start = at + before.rfind('"').unwrap() + 1;
                let code = text[start..].split('"').next().unwrap();
                codes.insert(code.to_owned());
            }
        }
    }
}

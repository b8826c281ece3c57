//! Problems for programs: our own JSON, SARIF, and the commands of GitHub's workflows.

use super::Findings;
use super::online::{Answer, Online};
use crate::config::{ConfigError, Position, Problem, Severity};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::fmt::Display;

/// The code of a feed that does not answer with one, beside those of problems.
pub(in crate::cli) const NO_ANSWER: &str = "no-answer";

/// That of one that answers elsewhere, at the end of permanent redirects.
pub(in crate::cli) const MOVED: &str = "moved";

/// Returns problems, and what feeds answered where they were asked.
pub(super) fn json(findings: &Findings<'_>) -> Value {
    let mut object = json!({ "file": findings.file, "problems": findings.problems });
    if let (Some(online), Some(members)) = (findings.online, object.as_object_mut()) {
        let of = |answers: &[Answer]| -> Vec<Value> {
            let objects = answers.iter();
            objects
                .map(|it| json!({ "feed": it.feed, "line": it.line, "message": it.message }))
                .collect()
        };
        let (failed, moved) = (of(&online.failed), of(&online.moved));
        members.insert(
            "online".to_owned(),
            json!({ "asked": online.asked, "failed": failed, "moved": moved }),
        );
    }
    object
}

pub(super) fn unread_json(file: &str, error: &ConfigError) -> Value {
    json!({ "file": file, "error": error.to_string(), "problems": [] })
}

/// Returns a log of SARIF 2.1.0 with one run; columns count characters, as ours do.
pub(super) fn sarif(findings: &Findings<'_>) -> Value {
    let problems = findings.problems.iter();
    let answers = answers(findings);
    let mut codes: BTreeSet<&str> = problems.clone().map(|it| it.code.name()).collect();
    codes.extend(answers.iter().map(|(code, _)| code));
    let rules: Vec<Value> = codes.iter().map(|code| json!({ "id": code })).collect();
    let results: Vec<Value> = problems
        .map(|problem| result(findings.file, problem))
        .chain(
            answers
                .iter()
                .map(|(code, answer)| told(findings.file, code, answer)),
        )
        .collect();
    let mut run = run_of(&rules);
    if let Some(members) = run.as_object_mut() {
        members.insert("columnKind".to_owned(), json!("unicodeCodePoints"));
        members.insert("results".to_owned(), Value::Array(results));
    }
    log(&run)
}

pub(super) fn unread_sarif(error: &ConfigError) -> Value {
    let notification = json!({ "level": "error", "message": { "text": error.to_string() } });
    let invocation = json!({
        "executionSuccessful": false,
        "toolExecutionNotifications": [notification],
    });
    let mut run = run_of(&[]);
    if let Some(members) = run.as_object_mut() {
        members.insert("invocations".to_owned(), json!([invocation]));
    }
    log(&run)
}

fn log(run: &Value) -> Value {
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [run],
    })
}

fn run_of(rules: &[Value]) -> Value {
    json!({
        "tool": {
            "driver": {
                "name": "merganser",
                "version": env!("CARGO_PKG_VERSION"),
                "rules": rules,
            }
        }
    })
}

fn result(file: &str, problem: &Problem) -> Value {
    let (start, end) = (problem.start, problem.end);
    let region = json!({
        "startLine": start.line,
        "startColumn": start.column,
        "endLine": end.line,
        "endColumn": end.column,
    });
    let mut result = json!({
        "ruleId": problem.code.name(),
        "level": level(problem.severity),
        "message": { "text": with_help(problem) },
        "locations": [location(file, &region)],
    });
    if let (Some(related), Some(members)) = (&problem.related, result.as_object_mut()) {
        let Position { line, column } = related.start;
        let mut place = location(file, &json!({ "startLine": line, "startColumn": column }));
        if let Some(members) = place.as_object_mut() {
            members.insert("message".to_owned(), json!({ "text": related.message }));
        }
        members.insert("relatedLocations".to_owned(), json!([place]));
    }
    result
}

/// Returns what feeds answered that is to be told, each with its code.
fn answers<'f>(findings: &Findings<'f>) -> Vec<(&'static str, &'f Answer)> {
    let online = findings.online.into_iter();
    let of = |online: &'f Online| {
        let failed = online.failed.iter().map(|answer| (NO_ANSWER, answer));
        failed.chain(online.moved.iter().map(|answer| (MOVED, answer)))
    };
    online.flat_map(of).collect()
}

fn told(file: &str, code: &str, answer: &Answer) -> Value {
    json!({
        "ruleId": code,
        "level": "warning",
        "message": { "text": format!("feed `{}`: {}", answer.feed, answer.message) },
        "locations": [location(file, &json!({ "startLine": answer.line }))],
    })
}

fn location(file: &str, region: &Value) -> Value {
    json!({
        "physicalLocation": { "artifactLocation": { "uri": file }, "region": region }
    })
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
    }
}

fn with_help(problem: &Problem) -> String {
    if problem.help.is_empty() {
        return problem.message.clone();
    }
    format!("{}; {}", problem.message, problem.help)
}

/// Returns a line for each problem, as GitHub's workflows read them.
pub(super) fn github(findings: &Findings<'_>) -> String {
    let file = property(findings.file);
    let mut lines = String::new();
    for problem in findings.problems {
        let (start, end) = (problem.start, problem.end);
        // A column goes with one line alone.
        let end = if start.line == end.line {
            format!(",endColumn={}", end.column)
        } else {
            format!(",endLine={}", end.line)
        };
        lines.extend([format!(
            "::{} file={file},line={},col={}{end},title={}::{}\n",
            level(problem.severity),
            start.line,
            start.column,
            problem.code.name(),
            data(with_help(problem))
        )]);
    }
    for (code, answer) in answers(findings) {
        let message = data(format!("feed `{}`: {}", answer.feed, answer.message));
        let line = answer.line;
        lines.extend([format!(
            "::warning file={file},line={line},title={code}::{message}\n"
        )]);
    }
    lines
}

pub(super) fn unread_github(error: &ConfigError) -> String {
    format!("::error::{}", data(error))
}

/// Escapes what would end a message.
fn data(text: impl Display) -> String {
    let text = text.to_string().replace('%', "%25");
    text.replace('\r', "%0D").replace('\n', "%0A")
}

/// Escapes what would end a property.
fn property(text: &str) -> String {
    data(text).replace(':', "%3A").replace(',', "%2C")
}

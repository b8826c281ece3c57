//! Problems as a person reads them: with the line at fault and a caret under the fault.

use super::lines::Lines;
use super::outline::Outline;
use super::problem::{Code, Problem, Related, Severity};
use super::schema::{begins_a_key, is_open_key};
use super::syntax::merge_mark;
use crate::text::{broken, secret_query_values};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// A line longer than this is named, not shown: it has no place on a terminal, and showing it for each
/// of its problems would take quadratic time.
const LONGEST_LINE: usize = 4096;

/// How wide help may be: a terminal has this at least.
const WIDTH: usize = 80;

/// Writes problems with the lines they stand in, for a terminal; `file` is what to call the text.
///
/// Credentials that one of the problems is about, and values in addresses that are secrets by their names,
/// are shown as `***` (S7): give all problems of a text together. Where a table is not TOML, nobody can
/// tell what is a credential, and no value of it is shown. Ends in a line end unless there are no problems.
pub fn render(problems: &[Problem], file: &str, text: &str, colour: bool) -> String {
    let text = &without_secrets(problems, text);
    let lines = Lines::of(text);
    let renderer = if colour {
        Renderer::styled()
    } else {
        Renderer::plain()
    };
    let mut out = String::new();
    for problem in problems {
        let page = Page {
            file,
            text,
            lines: &lines,
        };
        let help = within_width(problem);
        out.push_str(&renderer.render(&page.report(problem, &help)));
        out.push_str("\n\n");
    }
    if out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// Returns the help of a problem in lines that end within [`WIDTH`].
fn within_width(problem: &Problem) -> String {
    /// What stands before each line beside the column of line numbers.
    const BEFORE: usize = " = help: ".len();
    let related = problem.related.iter().map(|related| related.start.line);
    let last = related.chain([problem.end.line]).max().unwrap_or_default();
    let digits = last.to_string().len();
    broken(&problem.help, WIDTH.saturating_sub(BEFORE + digits)).join("\n")
}

/// What the problems stand in.
struct Page<'p> {
    file: &'p str,
    text: &'p str,
    lines: &'p Lines<'p>,
}

impl<'p> Page<'p> {
    fn report(&self, problem: &'p Problem, help: &'p str) -> Vec<Group<'p>> {
        let level = match problem.severity {
            Severity::Error => Level::ERROR,
            Severity::Warning => Level::WARNING,
        };
        let title = level
            .primary_title(&problem.message)
            .id(problem.code.name());
        let mut group = match self.snippet(&problem.span, AnnotationKind::Primary, None) {
            Some(snippet) => title.element(snippet),
            None => title.element(self.origin(problem)),
        };
        if let Some(Related { span, message, .. }) = &problem.related {
            let snippet = self.snippet(span, AnnotationKind::Context, Some(message));
            group = group.elements(snippet);
        }
        if !help.is_empty() {
            group = group.element(Level::HELP.message(help));
        }
        vec![group]
    }

    /// Returns the lines that `span` is in, marked; `None` when they are too long to show.
    fn snippet(
        &self,
        span: &Range<usize>,
        kind: AnnotationKind,
        label: Option<&'p str>,
    ) -> Option<Snippet<'p, annotate_snippets::Annotation<'p>>> {
        let around = self.lines.around(span);
        let shown = self.text.get(around.clone())?;
        if shown.len() > LONGEST_LINE {
            return None;
        }
        let start = span.start.saturating_sub(around.start).min(shown.len());
        let end = span
            .end
            .saturating_sub(around.start)
            .clamp(start, shown.len());
        let annotation = kind.span(start..end).label(label);
        Some(
            Snippet::source(shown)
                .line_start(self.lines.position(around.start).line)
                .path(self.file)
                .annotation(annotation),
        )
    }

    fn origin(&self, problem: &Problem) -> Origin<'p> {
        Origin::path(self.file)
            .line(problem.start.line)
            .char_column(problem.start.column)
    }
}

/// Returns the text with credentials hidden.
fn without_secrets(problems: &[Problem], text: &str) -> String {
    let mut shown = text.to_owned();
    let found = problems.iter().filter(|problem| problem.code.is_secret());
    let found = found.map(|problem| problem.span.clone());
    for span in found
        .chain(secret_query_values(text))
        .chain(userinfos(text))
    {
        if let Some(secret) = text.get(span.clone()) {
            shown.replace_range(span, &secret.chars().map(hidden).collect::<String>());
        }
    }
    let lines = Lines::of(text);
    let broken = problems
        .iter()
        .filter(|problem| problem.code == Code::Syntax);
    let mut outline = None;
    for problem in broken {
        let outline = outline.get_or_insert_with(|| Outline::of(text));
        let around = lines.around(&problem.span);
        let (before, broken) = (text.get(..around.start), text.get(around.clone()));
        if let (Some(before), Some(broken)) = (before, broken)
            && !is_open(broken, before, outline)
        {
            shown.replace_range(around, &veiled(broken, before));
        }
    }
    shown
}

/// Returns where users and passwords stand in addresses, whatever keys these are of: `scheme://user:password@host`.
fn userinfos(text: &str) -> impl Iterator<Item = Range<usize>> {
    text.match_indices("://").filter_map(|(at, sign)| {
        let start = at + sign.len();
        let rest = text.get(start..)?;
        let ends = |c: char| c.is_whitespace() || "/?#\"'<>,".contains(c);
        let authority = rest.get(..rest.find(ends).unwrap_or(rest.len()))?;
        Some(start..start + authority.rfind('@')?)
    })
}

/// Tells whether a line that is not TOML holds no secret by its key: only that one, of a kind that keeps none, in a
/// table whose keys are ours to name.
fn is_open(lines: &str, before: &str, outline: &Outline<'_>) -> bool {
    // Without a `=`, what stands behind the first word is its value.
    let (key, value) = lines.split_once('=').unwrap_or_else(|| {
        let bare = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
        let line = lines.trim();
        line.split_at(line.find(|c| !bare(c)).unwrap_or(line.len()))
    });
    let in_string = in_string(before) || outline.is_in_string(before.len());
    let is_alone = !value.contains(['=', '{', '\n', '\r']) && !in_string;
    let header = outline.header_before(before.len());
    let start = header.map_or(0, |(_, place)| place.start);
    let table = before.get(start..).unwrap_or_default();
    let is_open = is_open_key(key.trim()) || (value.is_empty() && begins_a_key(key));
    is_alone && is_open && !names_secrets(table)
}

/// Tells whether a table up to some line, its header among it, names headers or credentials: a brace that is open by then
/// is told from one that is closed by nobody while the text is no TOML.
fn names_secrets(table: &str) -> bool {
    let mut words = table.split(|c: char| !c.is_ascii_alphanumeric());
    words.any(|word| matches!(word, "headers" | "auth"))
}

/// Tells whether the end of a text is within a string of many lines.
fn in_string(before: &str) -> bool {
    let mut quotes = ["\"\"\"", "'''"].iter();
    quotes.any(|quotes| before.matches(quotes).count() % 2 == 1)
}

/// Hides all that may be part of a value in lines that are not TOML; `before` is the text above them.
fn veiled(lines: &str, before: &str) -> String {
    // Inside a string of many lines, what looks like a key is a part of it.
    let end = if in_string(before) { 0 } else { key_end(lines) };
    let (key, value) = lines.split_at_checked(end).unwrap_or(("", lines));
    // What holds values together is what is broken, so it is shown.
    let holds = |c: char| c.is_whitespace() || "\"'{}[]=,#“”‘’„".contains(c);
    let value = value.chars().map(|c| if holds(c) { c } else { hidden(c) });
    key.chars().chain(value).collect()
}

/// Returns what stands for a hidden character: as many bytes, so that all places stay what they are. Line
/// ends are no secret, and lines are counted by them.
fn hidden(c: char) -> char {
    match c.len_utf8() {
        _ if matches!(c, '\r' | '\n') => c,
        1 => '*',
        2 => '·',
        3 => '•',
        _ => '🞄',
    }
}

/// Returns where the first key of the lines ends, a table's name on a line of its own or a mark of a merge; 0 where
/// none begins them.
fn key_end(lines: &str) -> usize {
    let name = |c: char| c.is_ascii_alphanumeric() || "-_. \t".contains(c);
    if let Some(mark) = merge_mark(lines) {
        return mark.len();
    }
    let line = lines.trim_end();
    if line.starts_with('[') && line.chars().all(|c| name(c) || "[]".contains(c)) {
        return line.len();
    }
    let end = lines.find('=').unwrap_or_default();
    let key = lines.get(..end).unwrap_or_default();
    if key.chars().all(name) { end } else { 0 }
}

//! Problems as a person reads them: with the line at fault and a caret under the fault.

use super::lines::Lines;
use super::problem::{Problem, Related, Severity};
use annotate_snippets::{AnnotationKind, Group, Level, Origin, Renderer, Snippet};
use std::ops::Range;

/// A line longer than this is named, not shown: it has no place on a terminal, and showing it for each
/// of its problems would take quadratic time.
const LONGEST_LINE: usize = 4096;

/// Writes problems with the lines they stand in, for a terminal; `file` is what to call the text.
///
/// Credentials that one of the problems is about are shown as `***` (S7): give all problems of a text
/// together. Ends in a line end unless there are no problems.
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
        out.push_str(&renderer.render(&page.report(problem)));
        out.push_str("\n\n");
    }
    if out.ends_with("\n\n") {
        out.pop();
    }
    out
}

/// What the problems stand in.
struct Page<'p> {
    file: &'p str,
    text: &'p str,
    lines: &'p Lines<'p>,
}

impl<'p> Page<'p> {
    fn report(&self, problem: &'p Problem) -> Vec<Group<'p>> {
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
        if !problem.help.is_empty() {
            group = group.element(Level::HELP.message(&problem.help));
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

/// Returns the text with a `*` for each byte of a credential, so that all places stay what they are.
fn without_secrets(problems: &[Problem], text: &str) -> String {
    let mut text = text.to_owned();
    for problem in problems.iter().filter(|problem| problem.code.is_secret()) {
        let span = problem.span.clone();
        if text.get(span.clone()).is_some() {
            text.replace_range(span.clone(), &"*".repeat(span.len()));
        }
    }
    text
}

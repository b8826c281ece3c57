//! What the sections share while they read: the text, the environment and the problems found so far.

use super::escapes;
use super::lines::Lines;
use super::names::suggestion;
use super::problem::{Code, Fault, Problem, Related, Severity};
use super::zones::Zones;
use std::borrow::Cow;
use std::ops::Range;

/// At most so many errors, and as many warnings, are listed: nobody mends more in one go, and a file that is no `feeds.toml` at
/// all must not fill the memory with complaints.
pub(super) const MAX_PROBLEMS: usize = 100;

/// The environment as a function from names to values, so that tests can make one up.
pub(super) type Environment<'a> = &'a dyn Fn(&str) -> Option<String>;

/// What is made of the secrets that the file names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Secrets {
    /// They are needed: a secret that cannot be had is an error.
    Needed,
    /// They are looked for; what cannot be had may be there for the service, so it is a warning.
    Checked,
    /// They are not looked for, and what needs one is left out.
    Ignored,
}

/// One walk over one text.
pub(super) struct Reading<'a> {
    text: &'a str,
    lines: Lines<'a>,
    environment: Environment<'a>,
    pub(super) secrets: Secrets,
    /// Whether it is only a part of the file: of what the rest may be the cause nothing is noted.
    pub(super) is_part: bool,
    /// What `timezone` may name.
    pub(super) zones: Zones,
    problems: Vec<Problem>,
    /// How many of them are errors.
    errors: usize,
    /// Errors and warnings that were not kept.
    dropped: usize,
    unlisted: usize,
}

impl<'a> Reading<'a> {
    pub(super) fn new(text: &'a str, environment: Environment<'a>, secrets: Secrets) -> Self {
        Self {
            text,
            lines: Lines::of(text),
            environment,
            secrets,
            is_part: false,
            zones: Zones::of_this_machine(),
            problems: Vec::new(),
            errors: 0,
            dropped: 0,
            unlisted: 0,
        }
    }

    /// Begins a walk over a part of the text, in which all places are those of the text.
    pub(super) fn of_part<'p>(&self, text: &'p str) -> Reading<'p>
    where
        'a: 'p,
    {
        Reading {
            is_part: true,
            ..Reading::new(text, self.environment, self.secrets)
        }
    }

    /// Notes what was found in a part, too.
    pub(super) fn join(&mut self, part: Reading<'_>) {
        self.dropped += part.dropped;
        for problem in part.problems {
            let is_error = problem.severity == Severity::Error;
            if is_error && self.is_full() {
                self.dropped += 1;
                continue;
            }
            self.errors += usize::from(is_error);
            self.problems.push(problem);
        }
    }

    /// Returns where the problems so far begin.
    pub(super) fn places(&self) -> Vec<usize> {
        self.problems.iter().map(|it| it.span.start).collect()
    }

    /// Returns the value of an environment variable.
    pub(super) fn variable(&self, name: &str) -> Option<String> {
        (self.environment)(name)
    }

    /// Returns help for a name that is not there; none once it would not be listed, since looking for
    /// similar names is dear.
    pub(super) fn suggestion<'n, N>(&self, name: &str, known: N) -> String
    where
        N: IntoIterator<Item = &'n str>,
    {
        if self.is_full() {
            return String::new();
        }
        suggestion(name, &known.into_iter().collect::<Vec<_>>())
    }

    /// Tells whether no more errors will be listed.
    pub(super) fn is_full(&self) -> bool {
        self.errors >= MAX_PROBLEMS
    }

    /// Tells whether there are errors so far.
    pub(super) fn has_errors(&self) -> bool {
        self.errors > 0
    }

    /// Notes a fault of what stands at `span`; the fault's `part` is not looked at.
    pub(super) fn report(&mut self, span: Range<usize>, fault: Fault) {
        self.note(span, fault, None);
    }

    /// Notes a fault that has to do with another place, and what is there.
    pub(super) fn report_with(
        &mut self,
        span: Range<usize>,
        fault: Fault,
        other: Range<usize>,
        message: &str,
    ) {
        let related = Related {
            start: self.lines.position(other.start),
            span: other,
            message: message.to_owned(),
        };
        self.note(span, fault, Some(related));
    }

    fn note(&mut self, span: Range<usize>, fault: Fault, related: Option<Related>) {
        if self.is_part && !fault.code.has_its_cause_there() {
            return;
        }
        let is_error = fault.code.severity() == Severity::Error;
        if is_error && self.is_full() {
            self.dropped += 1;
            return;
        }
        // Secrets are always noted: `render` hides what it is told of. Of other warnings, the first
        // tell what there is to know, and how many there are.
        let warnings = self.problems.len() - self.errors;
        if !is_error && warnings >= MAX_PROBLEMS && !fault.code.is_secret() {
            self.unlisted += 1;
            return;
        }
        self.errors += usize::from(is_error);
        let problem = self.place(span, fault, related);
        self.problems.push(problem);
    }

    fn place(&self, span: Range<usize>, fault: Fault, related: Option<Related>) -> Problem {
        let start = self.text.floor_char_boundary(span.start);
        let end = self.text.ceil_char_boundary(span.end).max(start);
        Problem {
            code: fault.code,
            severity: fault.code.severity(),
            start: self.lines.position(start),
            end: self.lines.position(end),
            span: start..end,
            message: one_line(fault.message),
            help: one_line(fault.help),
            related,
        }
    }

    /// Returns all problems in the order of their places: as an error when one of them is.
    pub(super) fn finish(mut self) -> Result<Vec<Problem>, Vec<Problem>> {
        if self.has_errors() {
            // Who begins a file mends its first lines before there is a feed.
            self.problems.retain(|it| it.code != Code::NoFeeds);
        }
        self.problems.sort_by_key(|problem| problem.span.start);
        if self.dropped > 0 {
            let message = format!("{} more errors are not listed", self.dropped);
            let fault = Fault::new(Code::TooMany, message, "mend these first");
            let end = self.text.len();
            self.problems.push(self.place(end..end, fault, None));
        }
        if self.problems.iter().any(|p| p.severity == Severity::Error) {
            return Err(self.problems);
        }
        if self.unlisted > 0 {
            let message = format!("{} more warnings are not listed", self.unlisted);
            let fault = Fault::new(
                Code::ManyWarnings,
                message,
                "what helps with these may with those",
            );
            let end = self.text.len();
            self.problems.push(self.place(end..end, fault, None));
        }
        Ok(self.problems)
    }

    /// Takes a string value out of the document, with what it takes to find its parts in the text.
    pub(super) fn text(&self, value: Cow<'a, str>, span: Range<usize>) -> Text<'a> {
        let raw = self.text.get(span.clone()).unwrap_or_default();
        Text {
            body: body(raw, &value).map(|offset| span.start + offset),
            raw,
            value,
            span,
        }
    }
}

/// Returns a text as one line: messages quote what the file says, line ends and all.
pub(super) fn one_line(text: String) -> String {
    if !text.contains(char::is_control) {
        return text;
    }
    let words = text.split(|c: char| c.is_control() || c.is_whitespace());
    words
        .filter(|word| !word.is_empty())
        .collect::<Vec<_>>()
        .join(" ")
}

/// A string value and where it stands.
#[derive(Clone)]
pub(super) struct Text<'a> {
    pub(super) value: Cow<'a, str>,
    /// Bytes of the text, quotes included.
    pub(super) span: Range<usize>,
    /// Where the value's own bytes begin, when they stand in the text as they are: no escapes.
    body: Option<usize>,
    /// The bytes of `span`.
    raw: &'a str,
}

impl Text<'_> {
    /// Returns where a part of the value stands in the text, whatever escapes the value has.
    pub(super) fn part(&self, part: &Range<usize>) -> Range<usize> {
        if part.end > self.value.len() {
            return self.span.clone();
        }
        match self.body {
            Some(body) => body + part.start..body + part.end,
            None => match escapes::part(self.raw, part) {
                Some(part) => self.span.start + part.start..self.span.start + part.end,
                None => self.span.clone(),
            },
        }
    }

    /// Returns where a fault of the value stands.
    pub(super) fn place(&self, fault: &Fault) -> Range<usize> {
        match &fault.part {
            Some(part) => self.part(part),
            None => self.span.clone(),
        }
    }
}

/// Returns the offset at which `value` stands in a TOML string or bare key as written, `None` when that
/// has escapes.
fn body(raw: &str, value: &str) -> Option<usize> {
    if raw == value {
        return Some(0);
    }
    let (quote, inner) = ["\"\"\"", "'''", "\"", "'"]
        .iter()
        .find_map(|quote| Some((quote, raw.strip_prefix(quote)?.strip_suffix(quote)?)))?;
    // A line end right after the opening quotes is not part of a multi-line string.
    let content = match quote.len() {
        3 => inner.strip_prefix("\r\n").or(inner.strip_prefix('\n')),
        _ => None,
    };
    let content = content.unwrap_or(inner);
    (content == value).then(|| quote.len() + inner.len() - content.len())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_a_string_are_found_unless_it_has_escapes() {
        for (raw, value, expected) in [
            (r#""ab""#, "ab", Some(1)),
            ("'ab'", "ab", Some(1)),
            (r#""""#, "", Some(1)),
            ("'''ab'''", "ab", Some(3)),
            ("'''\nab'''", "ab", Some(4)),
            ("'''\r\nab'''", "ab", Some(5)),
            (r#""""ab""""#, "ab", Some(3)),
            (r#""a\tb""#, "a\tb", None),
            ("\"\"\"a\\\n b\"\"\"", "ab", None),
            ("key", "key", Some(0)),
        ] {
            assert_eq!(body(raw, value), expected, "{raw}");
        }
    }
}

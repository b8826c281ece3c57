//! Brackets and strings of many lines that nothing closes, in a text that is not TOML.
//!
//! The parser goes on within what is open, and stumbles over each line below: the rest of the file, and never the line at
//! fault. Where a table begins, or a key where a list would go on, what is open was meant to be closed.

use super::outline::{LONG, escape, header, short_string};
use super::problem::{Code, Fault};
use std::borrow::Cow;
use std::ops::Range;

/// Deeper nesting is no `feeds.toml`: the parser says so itself.
const DEEPEST: usize = 64;

/// What nothing closes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Unclosed {
    /// The bracket or quotes.
    open: Range<usize>,
    /// What closes it, and what stands around it and is not closed either.
    closers: String,
    /// The place after its last value.
    last: usize,
    /// The quote that began a text within it, and did not end with its line.
    quote: Option<usize>,
    /// The value that it is in, up to where something else begins.
    value: Range<usize>,
}

impl Unclosed {
    /// Returns the place at fault, and what to write.
    pub(super) fn fault(&self, text: &str) -> (Range<usize>, Fault) {
        let new = |message: String, help: String| Fault::new(Code::Syntax, message, help);
        let closers = &self.closers;
        let lines = |from: usize, to: usize| text.get(from..to).unwrap_or_default().matches('\n');
        let number = lines(0, self.last).count() + 1;
        let Some(at) = self.quote else {
            let open = text.get(self.open.clone()).unwrap_or_default();
            let after = if open.len() > 1 {
                "the text"
            } else {
                "its last value"
            };
            let help = match lines(self.open.start, self.last).next() {
                Some(_) => format!("write `{closers}` after {after}, in line {number}"),
                None => format!("write `{closers}` after {after}"),
            };
            return (
                self.open.clone(),
                new(format!("nothing closes this `{open}`"), help),
            );
        };
        let rest = text.get(at..).unwrap_or_default();
        let quote: String = rest.chars().take(1).collect();
        let line = rest.lines().next().unwrap_or_default().trim_end();
        let message = format!("nothing closes this `{quote}`");
        let before = text.get(..at).and_then(|before| before.chars().next_back());
        let fault = if before.is_some_and(char::is_alphanumeric) {
            // It ends a text, and what lacks is at the beginning of that, or in one before it.
            let help = "a text begins with a quote and ends with the same one: `[\"a\", \"b\"]`";
            new(
                "one more quote belongs in this line".to_owned(),
                help.to_owned(),
            )
        } else if line.ends_with(closers.as_str()) {
            new(message, format!("write `{quote}` before the `{closers}`"))
        } else if lines(at, self.last).next().is_some() {
            let help = format!(
                "write `{quote}` at the end of the text, and `{closers}` after the last value, in line {number}"
            );
            new(message, help)
        } else {
            new(
                message,
                format!("write `{quote}{closers}` at the end of the text"),
            )
        };
        (at..at + quote.len(), fault)
    }
}

/// Returns what is open where something else begins, in order.
pub(super) fn unclosed(text: &str) -> Vec<Unclosed> {
    let mut walk = Walk {
        text,
        open: Vec::new(),
        quotes: Vec::new(),
        last: 0,
        resume: text.len(),
        found: Vec::new(),
    };
    let mut at = 0;
    while at < text.len() && walk.open.len() <= DEEPEST {
        at = walk.line(at);
    }
    if walk.open.len() <= DEEPEST {
        walk.give_up(text.len());
    }
    walk.found
}

/// Returns the text with a number in the place of each such value, so that the rest can be read. All places stay what
/// they are.
pub(super) fn without<'t>(unclosed: &[Unclosed], text: &'t str) -> Cow<'t, str> {
    if unclosed.is_empty() {
        return Cow::Borrowed(text);
    }
    let mut whole = String::with_capacity(text.len());
    for it in unclosed {
        whole.push_str(text.get(whole.len()..it.value.start).unwrap_or_default());
        let value = text.get(it.value.clone()).unwrap_or_default();
        whole.push('0');
        whole.extend(blank(value).skip(1));
    }
    whole.push_str(text.get(whole.len()..).unwrap_or_default());
    Cow::Owned(whole)
}

/// Returns a blank for each byte of a part of a text, and its line ends.
pub(super) fn blank(part: &str) -> impl Iterator<Item = char> {
    let blank = |byte| if byte == b'\n' { '\n' } else { ' ' };
    part.bytes().map(blank)
}

/// A bracket that is not closed so far.
struct Bracket {
    at: usize,
    kind: char,
    /// Where a line began that cannot be within it, and what was the last place before that.
    doubt: Option<(usize, usize)>,
}

struct Walk<'t> {
    text: &'t str,
    open: Vec<Bracket>,
    /// Where texts begin within what is open that do not end with their line.
    quotes: Vec<usize>,
    /// The place after what was read last, but for comments.
    last: usize,
    /// Where reading goes on after what cannot be read.
    resume: usize,
    found: Vec<Unclosed>,
}

impl Walk<'_> {
    /// Reads the line at `start`, and those of a long string that begins in it; returns where the next one begins.
    fn line(&mut self, start: usize) -> usize {
        let line = self.text.get(start..).unwrap_or_default();
        let line = line.split_inclusive('\n').next().unwrap_or_default();
        let end = start + line.len();
        if !self.open.is_empty() && is_table(header(line)) {
            self.give_up(start);
        } else if is_key(line) && self.is_no_place_for_a_key() {
            let doubt = Some((start, self.last));
            for bracket in self.open.iter_mut().filter(|it| it.doubt.is_none()) {
                bracket.doubt = doubt;
            }
        }
        if !self.open.is_empty() {
            return self.values(start);
        }
        match line.find('=') {
            Some(sign) if !line.trim_start().starts_with(['[', '#']) => {
                self.values(start + sign + 1)
            }
            _ => end,
        }
    }

    /// Tells whether no key can be in what is open: it is a list, or a table after a value without a comma.
    fn is_no_place_for_a_key(&self) -> bool {
        let before = self.text.get(..self.last).unwrap_or_default();
        match self.open.last().map(|bracket| bracket.kind) {
            Some('[') => true,
            Some(_) => !before.ends_with([',', '{']),
            None => false,
        }
    }

    /// Reads values from a place to the end of its line; returns where the next one begins.
    fn values(&mut self, start: usize) -> usize {
        let mut at = start;
        while let Some(rest) = self.text.get(at..)
            && let Some(c) = rest.chars().next()
        {
            if c == '\n' {
                return at + c.len_utf8();
            }
            let Some(length) = self.part(at, rest, c) else {
                break;
            };
            at += length;
            if !c.is_whitespace() && c != '#' {
                self.last = at;
            }
        }
        std::mem::replace(&mut self.resume, self.text.len())
    }

    /// Reads what begins with a character: a string, a comment, a bracket or that alone. Returns its length; none where
    /// nothing below is to be read.
    fn part(&mut self, at: usize, rest: &str, c: char) -> Option<usize> {
        if let Some(quotes) = LONG.into_iter().find(|quotes| rest.starts_with(quotes)) {
            // One that nothing ends goes on to the first quotes of the next.
            let length = long_string(rest, quotes);
            let length = length.filter(|length| !ends_in_a_value(rest, *length, quotes));
            if length.is_none() {
                self.long(at, quotes);
            }
            return length;
        }
        match c {
            '#' => return rest.find('\n').or(Some(rest.len())),
            '"' | '\'' => return Some(self.short(at, rest)),
            '[' | '{' if self.open.len() > DEEPEST => return None,
            '[' | '{' => self.open.push(Bracket {
                at,
                kind: c,
                doubt: None,
            }),
            ']' => self.close('['),
            '}' => self.close('{'),
            _ => {}
        }
        Some(c.len_utf8())
    }

    /// Notes a string that ends with its line at the latest, and returns its length without the blanks at the end of that.
    fn short(&mut self, at: usize, rest: &str) -> usize {
        let (length, is_closed) = short_string(rest);
        if is_closed {
            return length;
        }
        if !self.open.is_empty() {
            self.quotes.push(at);
        }
        rest.get(..length).map_or(length, |it| it.trim_end().len())
    }

    /// Closes the innermost bracket of a kind, and what is open within it.
    fn close(&mut self, kind: char) {
        let own = self.open.iter().rposition(|bracket| bracket.kind == kind);
        self.open.truncate(own.unwrap_or(self.open.len()));
        if self.open.is_empty() {
            self.quotes.clear();
        }
    }

    /// Notes a string of many lines that nothing ends, and with it the value that it is in: up to the next table, if one
    /// is below.
    fn long(&mut self, at: usize, quotes: &str) {
        let value = self.open.first().map_or(at, |bracket| bracket.at);
        self.open.clear();
        let mut end = at;
        let below = self.text.get(at..).unwrap_or_default();
        for line in below.split_inclusive('\n') {
            if is_table(header(line)) {
                break;
            }
            end += line.len();
        }
        self.resume = end;
        let text = self.text.get(..end).unwrap_or_default();
        self.found.push(Unclosed {
            open: at..at + quotes.len(),
            closers: quotes.to_owned(),
            last: text.trim_end().len(),
            quote: None,
            value: value..end,
        });
    }

    /// Notes what is open where something else begins: what cannot go on past the same line in one.
    fn give_up(&mut self, place: usize) {
        let mut open = std::mem::take(&mut self.open);
        while let Some(outer) = open.first() {
            let (value, end) = (outer.at, outer.doubt.unwrap_or((place, self.last)));
            let others = open.iter().position(|it| {
                let doubt = it.doubt.unwrap_or((place, self.last));
                doubt.0 != end.0
            });
            let rest = open.split_off(others.unwrap_or(open.len()));
            let closer = |bracket: &Bracket| if bracket.kind == '[' { ']' } else { '}' };
            let innermost = open.last().map_or(value, |bracket| bracket.at);
            let mut quotes = self.quotes.iter().copied();
            let quote = quotes.find(|quote| (value..end.0).contains(quote));
            self.found.push(Unclosed {
                open: innermost..innermost + 1,
                closers: open.iter().rev().map(closer).collect(),
                last: end.1,
                quote,
                value: value..end.0,
            });
            open = rest;
        }
        self.quotes.clear();
    }
}

/// Tells whether a line without its comment is the header of a table: no list has a bare word for a value but these.
pub(super) fn is_table(line: &str) -> bool {
    let name = line.strip_prefix('[').map(|it| it.trim_start_matches('['));
    let name = name.and_then(|it| it.strip_suffix(']'));
    let name = name.map_or("", |it| it.trim_end_matches(']').trim());
    let first = name.split('.').next().unwrap_or_default().trim();
    let is_value = ["true", "false", "inf", "nan"].contains(&first);
    first.starts_with(|c: char| c.is_ascii_alphabetic()) && is_bare(first) && !is_value
}

/// Tells whether a line begins with a key and its `=`.
fn is_key(line: &str) -> bool {
    let line = line.trim_start();
    let (key, rest) = if line.starts_with(['"', '\'']) {
        match short_string(line) {
            (length, true) => line.split_at(length),
            _ => return false,
        }
    } else {
        let bare = |c: char| is_bare_char(c) || c == '.';
        line.split_at(line.find(|c: char| !bare(c)).unwrap_or(line.len()))
    };
    !key.is_empty() && rest.trim_start().starts_with('=')
}

fn is_bare(word: &str) -> bool {
    word.chars().all(is_bare_char)
}

fn is_bare_char(c: char) -> bool {
    c.is_ascii_alphanumeric() || "-_".contains(c)
}

/// Tells whether the quotes that end so much of a text begin the value of a key.
fn ends_in_a_value(text: &str, length: usize, quotes: &str) -> bool {
    let inside = length.checked_sub(quotes.len());
    let inside = inside.and_then(|end| text.get(..end)).unwrap_or_default();
    let line = inside.rsplit_once('\n').map_or("", |(_, line)| line);
    is_key(line) && line.trim_end().ends_with('=')
}

/// Returns how long the string of many lines is that begins a text with these quotes; none where it does not end.
fn long_string(text: &str, quotes: &str) -> Option<usize> {
    let mut at = quotes.len();
    while let Some(rest) = text.get(at..)
        && let Some(c) = rest.chars().next()
    {
        if rest.starts_with(quotes) {
            // A quote more before these three is of the text.
            let more = rest.trim_start_matches(c);
            return Some(at + (rest.len() - more.len()).min(quotes.len() + 2));
        }
        at += match c {
            '\\' if quotes.starts_with('"') => escape(rest),
            _ => c.len_utf8(),
        };
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Of several texts of many lines the one at fault is named, which the next seems to end.
    #[test]
    fn a_long_text_does_not_end_in_another() {
        let text = "[[topic]]\nquery = \"\"\"\ngas\n[[topic]]\nquery = \"\"\"coal\"\"\"\n";
        check(
            text,
            &[("\"\"\"\ngas", "write `\"\"\"` after the text, in line 3")],
        );
    }

    /// Asserts what is open as the part of the text that is at fault, and the help.
    fn check(text: &str, expected: &[(&str, &str)]) {
        let found = unclosed(text);
        let told: Vec<(&str, String)> = found
            .iter()
            .map(|it| {
                let (span, fault) = it.fault(text);
                (text.get(span.start..).unwrap(), fault.help)
            })
            .collect();
        let expected: Vec<(&str, String)> = expected
            .iter()
            .map(|(at, help)| {
                (
                    text.get(text.find(at).unwrap()..).unwrap(),
                    (*help).to_owned(),
                )
            })
            .collect();
        assert_eq!(told, expected, "{text}");
        let rest = without(&found, text);
        assert_eq!(rest.len(), text.len(), "{text}");
        assert!(unclosed(&rest).is_empty(), "{rest}");
    }

    #[test]
    fn what_is_open_is_found_where_it_opens() {
        let here = "write `]` after its last value";
        for (text, expected) in [
            ("x = [\"a\"\n[b]\n", &[("[\"a", here)][..]),
            ("x = [\"a\" # b]\n\n[[feed]]\n", &[("[\"a", here)]),
            ("x = [\"a\", \ny = 1\n", &[("[\"a", here)]),
            ("x = [\"a\"\n\"c/d\" = 1\n", &[("[\"a", here)]),
            ("x = [\"a\"", &[("[\"a", here)]),
            (
                "x = [\n'a',\n'b'\n[[ feed ]]\n",
                &[("[\n", "write `]` after its last value, in line 3")],
            ),
            (
                "x = [\"a\"\ny = [\"b\"\n[z]\nw = [1]\n",
                &[("[\"a", here), ("[\"b", here)],
            ),
            (
                "x = { a = { b = 1\n[z]\n",
                &[("{ b", "write `}}` after its last value")],
            ),
            (
                "x = { a = \"b\"\ny = 1\n[z]\n",
                &[("{ a", "write `}` after its last value")],
            ),
            (
                "x = [\"a\", \"b\ny = 1\n",
                &[("\"b", "write `\"]` at the end of the text")],
            ),
            (
                "x = ['a', 'b]\ny = 1\n",
                &[("'b", "write `'` before the `]`")],
            ),
            (
                "x = [\n\"a,\n\"b\",\n[z]\n",
                &[(
                    "\"a,",
                    "write `\"` at the end of the text, and `]` after the last value, in line 3",
                )],
            ),
            (
                "x = [\"a, \"b\"]\ny = 1\n",
                &[(
                    "\"]\n",
                    "a text begins with a quote and ends with the same one: `[\"a\", \"b\"]`",
                )],
            ),
            (
                "x = \"\"\"\na\n\n[z]\ny = [1\n[w]\n",
                &[
                    ("\"\"\"", "write `\"\"\"` after the text, in line 2"),
                    ("[1", here),
                ],
            ),
            ("x = '''a", &[("'''a", "write `'''` after the text")]),
        ] {
            check(text, expected);
            let crlf = |text: &str| text.replace('\n', "\r\n");
            let places: Vec<String> = expected.iter().map(|(at, _)| crlf(at)).collect();
            let helps = expected.iter().map(|(_, help)| *help);
            let expected: Vec<(&str, &str)> =
                places.iter().map(String::as_str).zip(helps).collect();
            check(&crlf(text), &expected);
        }
    }

    #[test]
    fn what_is_closed_is_not_told() {
        for text in [
            include_str!("../../feeds.toml"),
            "x = [\n[\"a\"],\n[1],\n[true],\n]\n[y]\n",
            "x = [\n{ a = 1,\n  b = [2] },\n]\n",
            "x = { a = 1\n  b = 2 }\n[y]\n",
            "x = [\n  a = 1\n]\n[y]\n",
            "x = \"[\" # [\n[y]\n",
            "x = '''\n[\n''''\ny = \"\"\"\\\"\"\"[\"\"\"\n[z]\n",
            "x = \"[\ny = 1\n[z]\n",
            "[[feed]\nx = 1\n",
            "[",
            "x",
            "",
        ] {
            check(text, &[]);
        }
        // Deeper than anything is read, and no slower.
        check(&format!("x = {}", "[".repeat(100_000)), &[]);
    }

    proptest::proptest! {
        #[test]
        fn any_text_can_be_read(text in "([\\[\\]{}\"'=,#a\\\\\r\né ]|\"\"\")*") {
            let found = unclosed(&text);
            let rest = without(&found, &text);
            proptest::prop_assert_eq!(rest.len(), text.len());
            for it in &found {
                let (span, _) = it.fault(&text);
                proptest::prop_assert!(text.get(span).is_some());
            }
        }
    }
}

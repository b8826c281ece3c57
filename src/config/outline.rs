//! Where tables and long strings stand in a text that may not be TOML.

use std::ops::Range;

/// Quotes of strings that may have many lines.
pub(super) const LONG: [&str; 2] = ["\"\"\"", "'''"];

/// The headers of tables, and the strings of many lines, of a text.
pub(super) struct Outline<'t> {
    text: &'t str,
    /// What begins with a bracket on a line of its own outside of strings, without the comment after it.
    headers: Vec<Range<usize>>,
    /// With their quotes; one that is not closed ends with the text.
    strings: Vec<Range<usize>>,
}

impl<'t> Outline<'t> {
    pub(super) fn of(text: &'t str) -> Self {
        let mut outline = Self {
            text,
            headers: Vec::new(),
            strings: Vec::new(),
        };
        let mut open = None;
        let mut start = 0;
        for line in text.split_inclusive('\n') {
            let header = header(line);
            if open.is_none() && header.starts_with('[') {
                let at = start + line.len() - line.trim_start().len();
                outline.headers.push(at..at + header.len());
            }
            open = outline.read(line, start, open);
            start += line.len();
        }
        outline
    }

    /// Notes the long strings that begin or end in the line at `start`, and returns the quotes of the one that is open
    /// after it, where one was by `open` before it.
    fn read(
        &mut self,
        line: &str,
        start: usize,
        mut open: Option<&'static str>,
    ) -> Option<&'static str> {
        let mut rest = line;
        while let Some(c) = rest.chars().next() {
            let at = start + line.len() - rest.len();
            let long = LONG.into_iter().find(|quotes| rest.starts_with(quotes));
            let length = match (open, long, c) {
                (None, _, '#') => break,
                (None, Some(quotes), _) => {
                    open = Some(quotes);
                    self.strings.push(at..self.text.len());
                    quotes.len()
                }
                (None, None, '"' | '\'') => short_string(rest).0,
                (Some("\"\"\""), _, '\\') => escape(rest),
                (Some(quotes), Some(found), _) if quotes == found => {
                    open = None;
                    self.close_at(at + quotes.len());
                    quotes.len()
                }
                _ => c.len_utf8(),
            };
            rest = rest.get(length..).unwrap_or_default();
        }
        open
    }

    fn close_at(&mut self, end: usize) {
        if let Some(string) = self.strings.last_mut() {
            string.end = end;
        }
    }

    /// Returns the headers with their places, in order.
    pub(super) fn headers(&self) -> impl Iterator<Item = (&'t str, Range<usize>)> {
        self.headers
            .iter()
            .map(|place| (self.part(place), place.clone()))
    }

    /// Returns where the header of the table begins that a place is in; none above the first.
    pub(super) fn header_before(&self, place: usize) -> Option<(&'t str, Range<usize>)> {
        let after = self.headers.partition_point(|header| header.start <= place);
        let header = self.headers.get(after.checked_sub(1)?)?;
        Some((self.part(header), header.clone()))
    }

    /// Tells whether a header begins within a part of the text.
    pub(super) fn has_header(&self, part: Range<usize>) -> bool {
        let next = self
            .headers
            .partition_point(|header| header.start < part.start);
        self.headers
            .get(next)
            .is_some_and(|header| header.start < part.end)
    }

    /// Tells whether a place is within a string of many lines.
    pub(super) fn is_in_string(&self, place: usize) -> bool {
        let next = self.strings.partition_point(|string| string.end <= place);
        let string = self.strings.get(next);
        string.is_some_and(|string| string.start < place)
    }

    fn part(&self, place: &Range<usize>) -> &'t str {
        self.text.get(place.clone()).unwrap_or_default()
    }
}

/// Returns a line without its blanks and the comment after it.
pub(super) fn header(line: &str) -> &str {
    line.split('#').next().unwrap_or_default().trim()
}

/// Returns how long the string is that begins a text and ends with its line at the latest, and whether a quote ends it.
pub(super) fn short_string(text: &str) -> (usize, bool) {
    let mut chars = text.char_indices();
    let quote = chars.next().map(|(_, quote)| quote);
    while let Some((at, c)) = chars.next() {
        match c {
            '\n' => return (at, false),
            '\\' if quote == Some('"') => drop(chars.next()),
            _ if Some(c) == quote => return (at + c.len_utf8(), true),
            _ => {}
        }
    }
    (text.len(), false)
}

/// Returns how long the escape is that begins a text.
pub(super) fn escape(text: &str) -> usize {
    text.chars().take(2).map(char::len_utf8).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_stand_outside_of_strings() {
        for (text, expected) in [
            ("[a]\n x = 1\n  [[b]] # [c]\n", &["[a]", "[[b]]"][..]),
            ("[a]\nx = \"\"\"\n[b]\n\"\"\"\n[c]\n", &["[a]", "[c]"]),
            ("x = '''\n[b]\n\"\"\"\n'''\n[c", &["[c"]),
            ("# \"\"\"\n[a]\n", &["[a]"]),
            ("x = \"'''\" # '''\n[a]\n", &["[a]"]),
            ("x = \"\\\"'''\"\n[a]\n", &["[a]"]),
            ("x = '\\'\n[a]\n", &["[a]"]),
            ("x = \"not closed\n[a]\n", &["[a]"]),
            ("x = \"\"\"\n\\\"\"\"\n[a]\n\"\"\"\n[b]\n", &["[b]"]),
            ("x = \"\"\"é\\é\"\"\"\r\n[a]\r\n", &["[a]"]),
            ("x = \"\"\"\n[a]\n", &[]),
        ] {
            let outline = Outline::of(text);
            let found: Vec<&str> = outline.headers().map(|(header, _)| header).collect();
            assert_eq!(found, expected, "{text}");
            for (header, place) in outline.headers() {
                assert_eq!(text.get(place), Some(header), "{text}");
            }
        }
    }

    #[test]
    fn a_place_has_a_table_and_may_be_in_a_string() {
        let text = "x = 1\n[a]\ny = \"\"\"\n[b]\n\"\"\"\nz = 1\n";
        let outline = Outline::of(text);
        for (part, header, is_in_string) in [
            ("x = 1", None, false),
            ("[a]", Some("[a]"), false),
            ("y =", Some("[a]"), false),
            ("[b]", Some("[a]"), true),
            ("z = 1", Some("[a]"), false),
        ] {
            let place = text.find(part).unwrap();
            let found = outline.header_before(place).map(|(header, _)| header);
            let found = (found, outline.is_in_string(place));
            assert_eq!(found, (header, is_in_string), "{part}");
        }
    }
}

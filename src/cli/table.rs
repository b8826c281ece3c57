//! Text tables and amounts for people.

use crate::fetch;
use jiff::{SignedDuration, Timestamp};
use std::io::{self, IsTerminal as _, Write};
use url::Url;

/// Rows of cells, printed in aligned columns.
#[derive(Debug, Default)]
pub(super) struct Table {
    rows: Vec<Vec<String>>,
}

impl Table {
    /// Starts with a row of headings.
    pub(super) fn new(headings: &[&str]) -> Self {
        let mut table = Self::default();
        table.row(headings);
        table
    }

    pub(super) fn row<T: ToString>(&mut self, cells: &[T]) {
        self.rows
            .push(cells.iter().map(ToString::to_string).collect());
    }

    /// Tells whether there is no row.
    pub(super) fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// Prints the rows, each cell but the last of a row filled up to the width of its column.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        self.print_within(usize::MAX, out)
    }

    /// Prints the rows, the last cell of each broken between words into lines that end within `width`,
    /// one under the other.
    pub(super) fn print_within(&self, width: usize, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths();
        for row in &self.rows {
            let Some((last, cells)) = row.split_last() else {
                continue;
            };
            let mut line = String::new();
            for (cell, width) in cells.iter().zip(&widths) {
                line.push_str(cell);
                let fill = (width + 2).saturating_sub(cell.chars().count());
                line.extend(std::iter::repeat_n(' ', fill));
            }
            let indent = line.chars().count();
            for piece in broken(last, width.saturating_sub(indent)) {
                line.push_str(&piece);
                writeln!(out, "{}", line.trim_end())?;
                line = " ".repeat(indent);
            }
        }
        Ok(())
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let cells = self.rows.iter().filter_map(|row| row.get(column));
            cells.map(|cell| cell.chars().count()).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

/// How wide a text is that is read and not looked up in: a terminal has this at least, and longer lines
/// are hard to read on a wide one.
const READING_WIDTH: usize = 80;

/// Returns how wide a text for standard output is: a file or a program gets its lines unbroken.
pub(super) fn reading_width() -> usize {
    if io::stdout().is_terminal() {
        READING_WIDTH
    } else {
        usize::MAX
    }
}

/// Breaks a text between words into lines of at most `width` characters, one line at least; a longer
/// word has a line of its own. What is not to be broken at all is left as it is, blanks included.
fn broken(text: &str, width: usize) -> Vec<String> {
    if text.chars().count() <= width {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in unbroken(text) {
        let room = width.saturating_sub(word.chars().count());
        match lines.last_mut() {
            Some(line) if line.chars().count() < room => {
                line.push(' ');
                line.push_str(&word);
            }
            _ => lines.push(word),
        }
    }
    lines
}

/// Returns the words of a text, what stands in backquotes as one: commands are copied.
fn unbroken(text: &str) -> Vec<String> {
    /// What is longer is no command of ours, but a backquote that nobody closed.
    const LONGEST: usize = 60;
    let mut words: Vec<String> = Vec::new();
    for piece in text.split_whitespace() {
        let is_open = |word: &String| word.matches('`').count() % 2 == 1 && word.len() < LONGEST;
        match words.last_mut().filter(|word| is_open(word)) {
            Some(word) => {
                word.push(' ');
                word.push_str(piece);
            }
            None => words.push(piece.to_owned()),
        }
    }
    words
}

/// Returns a span in its largest unit: `12 s`, `4 min`, `3 h`, `9 d`.
pub(super) fn span(span: SignedDuration) -> String {
    let seconds = span.as_secs().abs();
    match seconds {
        0..60 => format!("{seconds} s"),
        60..3600 => format!("{} min", seconds / 60),
        3600..172_800 => format!("{} h", seconds / 3600),
        _ => format!("{} d", seconds / 86_400),
    }
}

/// Returns a span in its two largest units: `1 h 5 min`, `2 d`, `45 s`.
pub(super) fn long_span(span: SignedDuration) -> String {
    const UNITS: [(i64, &str); 4] = [(86_400, "d"), (3600, "h"), (60, "min"), (1, "s")];
    let seconds = span.as_secs().abs();
    let first = UNITS.iter().position(|(unit, _)| seconds >= *unit);
    let mut units = UNITS.iter().skip(first.unwrap_or(UNITS.len() - 1));
    let Some((unit, name)) = units.next() else {
        return String::new();
    };
    let whole = format!("{} {name}", seconds / unit);
    match units.next() {
        Some((smaller, name)) if seconds % unit >= *smaller => {
            format!("{whole} {} {name}", seconds % unit / smaller)
        }
        _ => whole,
    }
}

/// Returns how long ago `at` was, or `never`.
pub(super) fn ago(at: Option<Timestamp>, now: Timestamp) -> String {
    at.map_or_else(
        || "never".to_owned(),
        |at| format!("{} ago", span(now.duration_since(at))),
    )
}

/// Returns how far off `at` is: `now` when it has passed.
pub(super) fn until(at: Timestamp, now: Timestamp) -> String {
    if at <= now {
        return "now".to_owned();
    }
    format!("in {}", span(at.duration_since(now)))
}

/// Returns an instant as people read it, to the minute.
pub(super) fn instant(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d %H:%M UTC").to_string()
}

/// Returns an amount of bytes in binary units: `412 B`, `3.1 MiB`.
pub(super) fn bytes(amount: u64) -> String {
    const UNITS: [&str; 4] = ["KiB", "MiB", "GiB", "TiB"];
    if amount < 1024 {
        return format!("{amount} B");
    }
    let mut tenths = u128::from(amount) * 10 / 1024;
    let mut units = UNITS.iter();
    let mut unit = units.next().copied().unwrap_or_default();
    while tenths >= 10_240 {
        let Some(larger) = units.next() else { break };
        unit = larger;
        tenths /= 1024;
    }
    format!("{}.{} {unit}", tenths / 10, tenths % 10)
}

/// Returns a number with its noun: `1 feed`, `2 feeds`.
pub(super) fn count(number: impl Into<u64>, noun: &str) -> String {
    let number = number.into();
    let ending = if number == 1 { "" } else { "s" };
    format!("{number} {noun}{ending}")
}

/// Returns `text` cut to `most` characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(most.saturating_sub(1)).collect();
    short.push('…');
    short
}

/// Returns an address of somebody's list or page fit to be printed (S7). Of what is none, only what cannot be a
/// credential: who writes `https://user:word@host name/` has made a mistake, and no secret less.
pub(super) fn shown_address(address: &str) -> String {
    match Url::parse(address) {
        // Of `feed:https://user:word@host/` all is a path.
        Ok(url) if !url.cannot_be_a_base() => return fetch::shown(&url),
        _ => {}
    }
    let (host, rest) = address.split_once(['?', '#']).unwrap_or((address, ""));
    let host = host.rsplit('@').next().unwrap_or_default();
    if rest.contains('@') {
        // That mark may have been part of a password, and all before the `@` with it.
        return "***".to_owned();
    }
    host.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_align() {
        let mut table = Table::new(&["feed", "health"]);
        table.row(&["bbc-world", "ok"]);
        table.row(&["सूर्य", "failing"]);
        let mut out = Vec::new();
        table.print(&mut out).unwrap();
        let text = String::from_utf8(out).unwrap();
        assert_eq!(text, "feed       health\nbbc-world  ok\nसूर्य      failing\n");
    }

    #[test]
    fn the_last_column_is_broken_between_words() {
        let mut table = Table::default();
        table.row(&["one", "a sentence of several words"]);
        table.row(&["other", "short"]);
        table.row(&["url", "https://long.example/feed.xml and more"]);
        table.row(&["none", ""]);
        let mut out = Vec::new();
        table.print_within(20, &mut out).unwrap();
        let expected = "one    a sentence of\n       several words\nother  short\n\
                        url    https://long.example/feed.xml\n       and more\nnone\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(broken("two  blanks", usize::MAX), ["two  blanks"]);
        assert_eq!(broken("a b", 0), ["a", "b"]);
        assert_eq!(broken("try `a b c`, d", 8), ["try", "`a b c`,", "d"]);
    }

    #[test]
    fn long_spans() {
        for (seconds, expected) in [
            (0, "0 s"),
            (45, "45 s"),
            (65, "1 min 5 s"),
            (3900, "1 h 5 min"),
            (7200, "2 h"),
            (86_460, "1 d"),
            (90_000, "1 d 1 h"),
        ] {
            assert_eq!(long_span(SignedDuration::from_secs(seconds)), expected);
        }
    }

    #[test]
    fn amounts_read_well() {
        for (amount, expected) in [
            (0, "0 B"),
            (1023, "1023 B"),
            (1024, "1.0 KiB"),
            (3_250_586, "3.1 MiB"),
        ] {
            assert_eq!(bytes(amount), expected);
        }
        for (seconds, expected) in [(5, "5 s"), (61, "1 min"), (7200, "2 h"), (200_000, "2 d")] {
            assert_eq!(span(SignedDuration::from_secs(seconds)), expected);
        }
        assert_eq!(count(1_u32, "feed"), "1 feed");
        assert_eq!(cut("abcdef", 4), "abc…");
    }

    #[test]
    fn s7_addresses_are_printed_without_secrets() {
        for (address, expected) in [
            ("https://a.example/f", "https://a.example/f"),
            (
                "https://u:canary@a.example/?key=canary",
                "https://a.example/?key=***",
            ),
            ("a.example/feed", "a.example/feed"),
            ("feed:https://u:canary@a.example/", "a.example/"),
            (
                "feed:https://a.example/?token=canary",
                "feed:https://a.example/",
            ),
            ("https://u:canary@a b/?key=canary", "a b/"),
            ("https://u:can?ary@a b/", "***"),
            ("https://a b/?key=canary&by=c@d&token=canary", "***"),
            ("", ""),
        ] {
            assert_eq!(shown_address(address), expected, "{address}");
        }
    }
}

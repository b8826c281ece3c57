//! Text tables and amounts for people.

use crate::fetch;
use crate::text::{broken, cells, one_line};
use jiff::{SignedDuration, Timestamp};
use rustix::termios::tcgetwinsize;
use std::io::{self, IsTerminal as _, Write};
use unicode_segmentation::UnicodeSegmentation as _;
use url::Url;

/// Blanks between two columns.
const GAP: usize = 2;

/// What a column that gives way keeps: enough to tell one row from the next.
const LEAST: usize = 16;

/// What the last column has before others are left out: the host of an address, and some of its path.
const ROOM: usize = 20;

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
            let Some((last, first)) = row.split_last() else {
                continue;
            };
            let mut line = String::new();
            for (cell, width) in first.iter().zip(&widths).filter(|(_, width)| **width > 0) {
                line.push_str(cell);
                let fill = (width + GAP).saturating_sub(cells(cell));
                line.extend(std::iter::repeat_n(' ', fill));
            }
            let indent = cells(&line);
            for piece in broken(last, width.saturating_sub(indent)) {
                line.push_str(&piece);
                writeln!(out, "{}", line.trim_end())?;
                line = " ".repeat(indent);
            }
        }
        Ok(())
    }

    /// Prints the rows where a person looks them up: on a terminal none is wider than that. The columns that `yielding`
    /// names give way first, the first of them before the next, and keep [`LEAST`] cells; then what is too wide is cut.
    pub(super) fn print_on_screen(
        mut self,
        yielding: &[usize],
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let width = screen_width();
        if width < usize::MAX {
            self.fit(yielding, width);
        }
        self.print(out)
    }

    /// As [`Self::print_on_screen`], without columns in which nothing stands. So that the last column keeps [`ROOM`], the columns
    /// that `leaving` names are left out, the first of them before the next.
    pub(super) fn print_in_short(
        mut self,
        (yielding, leaving): (&[usize], &[usize]),
        out: &mut dyn Write,
    ) -> io::Result<()> {
        self.leave_out_empty();
        self.leave(leaving, screen_width());
        self.print_on_screen(yielding, out)
    }

    /// Leaves out columns with nothing but a heading.
    fn leave_out_empty(&mut self) {
        for column in 0..self.widths().len() {
            let cells = self.rows.iter().skip(1);
            let mut cells = cells.filter_map(|row| row.get(column));
            if cells.all(String::is_empty) {
                self.leave_out(column);
            }
        }
    }

    /// Leaves out columns until the last has room within a width.
    fn leave(&mut self, leaving: &[usize], width: usize) {
        for column in leaving {
            let mut widths = self.widths();
            let own = widths.pop().unwrap_or_default();
            if total(&widths)
                .saturating_add(GAP)
                .saturating_add(own.min(ROOM))
                <= width
            {
                return;
            }
            self.leave_out(*column);
        }
    }

    /// Leaves out a column, which is one without any width.
    fn leave_out(&mut self, column: usize) {
        let cells = self.rows.iter_mut().filter_map(|row| row.get_mut(column));
        cells.for_each(String::clear);
    }

    fn fit(&mut self, yielding: &[usize], width: usize) {
        for column in yielding {
            let widths = self.widths();
            let all = total(&widths);
            let own = widths.get(*column).copied().unwrap_or_default();
            self.narrow(
                *column,
                own.saturating_sub(all.saturating_sub(width)).max(LEAST),
            );
        }
        self.end_at(width);
    }

    /// Cuts the cells of a column to a width.
    fn narrow(&mut self, column: usize, width: usize) {
        let cells = self.rows.iter_mut().filter_map(|row| row.get_mut(column));
        cells.for_each(|cell| *cell = cut(cell, width));
    }

    /// Cuts what still is beyond a width, from the last column on.
    fn end_at(&mut self, width: usize) {
        let widths = self.widths();
        let mut start = 0;
        for (column, own) in widths.into_iter().enumerate() {
            self.narrow(column, width.saturating_sub(start));
            start += if own > 0 { own + GAP } else { 0 };
        }
    }

    fn widths(&self) -> Vec<usize> {
        let columns = self.rows.iter().map(Vec::len).max().unwrap_or(0);
        let width = |column: usize| {
            let column = self.rows.iter().filter_map(|row| row.get(column));
            column.map(|cell| cells(cell)).max().unwrap_or(0)
        };
        (0..columns).map(width).collect()
    }
}

/// Returns how wide columns are together, with what is between them.
fn total(widths: &[usize]) -> usize {
    let there = widths.iter().filter(|width| **width > 0);
    let gaps = GAP.saturating_mul(there.clone().count().saturating_sub(1));
    there.sum::<usize>().saturating_add(gaps)
}

/// How wide a text is that is read and not looked up in: longer lines are hard to read on a wide terminal.
const READING_WIDTH: usize = 80;

/// Returns how wide a text for standard output is: a file or a program gets its lines unbroken.
pub(super) fn reading_width() -> usize {
    if io::stdout().is_terminal() {
        READING_WIDTH.min(screen_width())
    } else {
        usize::MAX
    }
}

/// Returns how wide the terminal is that standard output is, in cells; without end where it is none, or one that does not
/// say.
pub(super) fn screen_width() -> usize {
    let size = tcgetwinsize(io::stdout()).ok();
    let columns = size.map(|size| usize::from(size.ws_col));
    columns.filter(|columns| *columns > 0).unwrap_or(usize::MAX)
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

/// Returns `text` cut to `most` cells of a terminal, between what is read as characters.
pub(super) fn cut(text: &str, most: usize) -> String {
    if cells(text) <= most {
        return text.to_owned();
    }
    let Some(room) = most.checked_sub(1) else {
        return String::new();
    };
    let mut short = String::new();
    let mut taken = 0;
    for character in text.graphemes(true) {
        taken += cells(character);
        if taken > room {
            break;
        }
        short.push_str(character);
    }
    short.push('…');
    short
}

/// Returns an address of somebody's list or page fit to be printed (S7), with nothing in it that a terminal obeys. Of what is
/// none, only what cannot be a credential: who writes `https://user:word@host name/` has made a mistake, and no secret less.
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
    one_line(host)
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
        assert_eq!(
            text,
            "feed       health\nbbc-world  ok\nसूर्य        failing\n"
        );
    }

    #[test]
    fn columns_give_way_to_the_width() {
        let mut table = Table::new(&["feed", "title", "state"]);
        table.row(&[
            "harbour-wire-of-the-north",
            "東京の港に新しい船が到着した",
            "ok",
        ]);
        table.row(&["quay", "Ferries are late", "failing"]);
        for (width, expected) in [
            (
                80,
                "feed                       title                         state\n\
                 harbour-wire-of-the-north  東京の港に新しい船が到着した  ok\n\
                 quay                       Ferries are late              failing\n",
            ),
            (
                55,
                "feed                       title                state\n\
                 harbour-wire-of-the-north  東京の港に新しい船…  ok\n\
                 quay                       Ferries are late     failing\n",
            ),
            (
                48,
                "feed                   title             state\n\
                 harbour-wire-of-the-…  東京の港に新し…   ok\n\
                 quay                   Ferries are late  failing\n",
            ),
            (10, "feed\nharbour-w…\nquay\n"),
        ] {
            let mut fitted = Table {
                rows: table.rows.clone(),
            };
            fitted.fit(&[1, 0], width);
            let mut out = Vec::new();
            fitted.print(&mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{width}");
        }
    }

    /// What is empty takes no room, and what matters less leaves it to the last column.
    #[test]
    fn the_last_column_keeps_room() {
        let mut table = Table::new(&["feed", "group", "schedule", "a day", "address"]);
        table.row(&["wire", "", "adaptive", "7", "https://wire.example/feed.xml"]);
        table.row(&["quay", "", "every 2h", "-", "https://quay.example/feed.xml"]);
        for (width, expected) in [
            (
                52,
                "feed  schedule  a day  address\n\
                 wire  adaptive  7      https://wire.example/feed.xml\n\
                 quay  every 2h  -      https://quay.example/feed.xml\n",
            ),
            (
                40,
                "feed  schedule  address\n\
                 wire  adaptive  https://wire.example/fe…\n\
                 quay  every 2h  https://quay.example/fe…\n",
            ),
            (
                30,
                "feed  address\n\
                 wire  https://wire.example/fe…\n\
                 quay  https://quay.example/fe…\n",
            ),
        ] {
            let mut short = Table {
                rows: table.rows.clone(),
            };
            short.leave_out_empty();
            short.leave(&[3, 2], width);
            short.fit(&[4, 0], width);
            let mut out = Vec::new();
            short.print(&mut out).unwrap();
            assert_eq!(String::from_utf8(out).unwrap(), expected, "{width}");
        }
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
        assert_eq!(cut("東京の港", 8), "東京の港");
        assert_eq!(cut("東京の港", 6), "東京…");
        assert_eq!(cut("सूर्य मन", 3), "सू…");
        assert_eq!(cut("ab", 0), "");
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
            (
                "javascript:\u{1B}[31mX\u{9B}2J\u{202E}",
                "javascript:[31mX2J",
            ),
            (
                "https://a.example/\u{1B}\u{9B}",
                "https://a.example/%1B%C2%9B",
            ),
        ] {
            assert_eq!(shown_address(address), expected, "{address}");
        }
    }
}

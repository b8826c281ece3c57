//! Text tables and amounts for people.

use jiff::{SignedDuration, Timestamp};
use std::io::{self, Write};

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

    /// Prints the rows, each cell but the last of a row filled up to the width of its column.
    pub(super) fn print(&self, out: &mut dyn Write) -> io::Result<()> {
        let widths = self.widths();
        for row in &self.rows {
            let mut line = String::new();
            for (cell, width) in row.iter().zip(&widths) {
                line.push_str(cell);
                let fill = (width + 2).saturating_sub(cell.chars().count());
                line.extend(std::iter::repeat_n(' ', fill));
            }
            writeln!(out, "{}", line.trim_end())?;
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
}

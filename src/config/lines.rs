//! From byte offsets to lines and columns.

use super::problem::Position;
use std::ops::Range;

/// A text and where its lines begin. Any offset is taken: too large ones mean the end of the text, and
/// ones inside a character its first byte.
#[derive(Debug)]
pub(super) struct Lines<'a> {
    text: &'a str,
    /// Offsets of the first bytes of the lines, ascending; the first is 0, or 3 after a byte order mark.
    starts: Vec<usize>,
}

impl<'a> Lines<'a> {
    pub(super) fn of(text: &'a str) -> Self {
        let first = if text.starts_with('\u{feff}') { 3 } else { 0 };
        let starts = text.match_indices('\n').map(|(at, _)| at + 1);
        Self {
            text,
            starts: std::iter::once(first).chain(starts).collect(),
        }
    }

    pub(super) fn position(&self, offset: usize) -> Position {
        let offset = self.text.floor_char_boundary(offset);
        let index = self.index(offset);
        let start = self.start(index);
        let before = self.text.get(start..offset).unwrap_or_default();
        Position {
            line: index + 1,
            column: before.chars().count() + 1,
        }
    }

    /// Returns the bytes of the whole lines that `span` touches, without the last one's line end.
    pub(super) fn around(&self, span: &Range<usize>) -> Range<usize> {
        let start = self.start(self.index(span.start));
        let last = self.index(span.end.saturating_sub(1).max(span.start));
        let end = self.starts.get(last + 1).copied();
        let lines = self.text.get(start..end.unwrap_or(self.text.len()));
        let lines = lines.unwrap_or_default();
        let bare = lines.strip_suffix("\r\n").or(lines.strip_suffix('\n'));
        let length = bare.unwrap_or(lines).len();
        start..start + length
    }

    /// Returns the line, from 0, that an offset is in.
    fn index(&self, offset: usize) -> usize {
        self.starts
            .partition_point(|start| *start <= offset)
            .saturating_sub(1)
    }

    fn start(&self, index: usize) -> usize {
        self.starts.get(index).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_a_byte_order_mark() {
        for (text, offset, expected) in [
            ("", 0, (1, 1)),
            ("", 9, (1, 1)),
            ("ab", 1, (1, 2)),
            ("ab", 99, (1, 3)),
            ("a\nb", 1, (1, 2)),
            ("a\nb", 2, (2, 1)),
            ("a\r\nb", 3, (2, 1)),
            ("\u{feff}ab", 0, (1, 1)),
            ("\u{feff}ab", 4, (1, 2)),
            ("\u{feff}\nab", 4, (2, 1)),
            ("é\tx", 3, (1, 3)),
            ("é", 1, (1, 1)),
        ] {
            let position = Lines::of(text).position(offset);
            assert_eq!(
                (position.line, position.column),
                expected,
                "{text:?} {offset}"
            );
        }
    }

    #[test]
    fn lines_around_a_span_leave_out_the_line_end() {
        for (text, span, expected) in [
            ("ab\r\ncd\r\nef", 5..6, "cd"),
            ("ab\ncd\nef", 1..4, "ab\ncd"),
            ("ab\ncd\nef", 8..8, "ef"),
            ("ab\n", 3..3, ""),
            ("\u{feff}ab", 3..5, "ab"),
        ] {
            let around = Lines::of(text).around(&span);
            assert_eq!(text.get(around), Some(expected), "{text:?} {span:?}");
        }
    }
}

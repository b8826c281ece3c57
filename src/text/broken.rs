//! Lines: how wide a text is where people read it, and where it is broken for want of room.

use unicode_width::UnicodeWidthStr as _;

/// Returns how many cells of a terminal a text takes: two for each character of Chinese, none for an accent by itself.
pub fn cells(text: &str) -> usize {
    text.width()
}

/// Breaks a text between words into lines of at most `width` cells, one line at least; a longer
/// word has a line of its own. What is not to be broken at all is left as it is, blanks included.
pub fn broken(text: &str, width: usize) -> Vec<String> {
    if cells(text) <= width {
        return vec![text.to_owned()];
    }
    let mut lines: Vec<String> = Vec::new();
    for word in unbroken(text) {
        let room = width.saturating_sub(cells(&word));
        match lines.last_mut() {
            Some(line) if cells(line) < room => {
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_break_between_words() {
        assert_eq!(broken("two  blanks", usize::MAX), ["two  blanks"]);
        assert_eq!(broken("a b", 0), ["a", "b"]);
        assert_eq!(broken("try `a b c`, d", 8), ["try", "`a b c`,", "d"]);
        assert_eq!(broken("東京 港 a", 7), ["東京 港", "a"]);
    }
}

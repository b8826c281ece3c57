//! The reference of all keys as a page of `man`, in its language: feeds.toml(5).

use super::keys::{Key, Section};
use super::{TAKES_DEFAULTS, VALUES, keys_of, without_it};
use std::fmt::Write as _;

const HEAD: &str = "\
.SH NAME
feeds.toml \\- what merganser polls, keeps and publishes
.SH DESCRIPTION
The one file in which everything is said. It is looked for in the directory where a command is typed, and in /etc/merganser then;
\\fB\\-\\-config\\fR names another. Unknown keys are mistakes, never ignored: \\fBmerganser check\\fR tells where they stand and what was meant,
and \\fBmerganser reload \\-\\-wait\\fR puts an edited file in force.
.PP
";

const FOOT: &str = "\
.SH SEE ALSO
.BR merganser (1),
\\fBmerganser print example\\fR: a file with every key at work
";

/// Returns the page of a day, with a section for each table.
pub fn manual(date: &str) -> String {
    let version = env!("CARGO_PKG_VERSION");
    let mut page = format!(".TH feeds.toml 5 \"{date}\" \"merganser {version}\"\n{HEAD}");
    page.push_str(&roff(VALUES));
    page.push('\n');
    for section in super::SECTIONS {
        page.push_str(&table(section));
    }
    page.push_str(FOOT);
    page
}

fn table(section: &'static Section) -> String {
    let mut text = format!(".SH {}\n{}\n", section.name, roff(section.about));
    if section.takes_defaults() {
        text.push_str(&roff(TAKES_DEFAULTS));
        text.push('\n');
    }
    for key in keys_of(section) {
        // A string takes whatever is written to it.
        writeln!(text, ".TP\n{}", entry(key)).ok();
    }
    text
}

fn entry(key: &Key) -> String {
    let Key {
        name, kind, about, ..
    } = key;
    let without = match key.default {
        None => "It has to be there.".to_owned(),
        Some(_) => format!("Without it: {}.", without_it(key)),
    };
    let head = roff(&format!("`{name}` ({})", kind.words()));
    format!("{head}\n{}", roff(&format!("{about} {without}")))
}

/// Returns a text on one line as `man` is to be given it: what stands in backquotes is bold, of a link its words are left, and
/// no dash becomes a sign of typography.
fn roff(text: &str) -> String {
    let (mut line, mut is_bold) = (String::new(), false);
    for c in without_links(text).trim().chars() {
        match c {
            '`' => {
                is_bold = !is_bold;
                line.push_str(if is_bold { "\\fB" } else { "\\fR" });
            }
            '\\' => line.push_str("\\e"),
            '-' => line.push_str("\\-"),
            '\n' => line.push(' '),
            c => line.push(c),
        }
    }
    // A line that begins with one of these would be a request.
    if line.starts_with(['.', '\'']) {
        line.insert_str(0, "\\&");
    }
    line
}

/// Returns a text in Markdown with the words of its links in place of them.
fn without_links(text: &str) -> String {
    let mut rest = text;
    let mut words = String::new();
    while let Some((before, after)) = rest.split_once("](") {
        let (start, label) = before.rsplit_once('[').unwrap_or((before, ""));
        // A label that is code may have brackets of its own: [`[defaults]`].
        let (start, label) = match start.strip_suffix("[`") {
            Some(start) => (start, format!("`[{label}")),
            None => (start, label.to_owned()),
        };
        words.extend([start, &label]);
        rest = after.split_once(')').map_or("", |(_, rest)| rest);
    }
    words.push_str(rest);
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_written_for_man() {
        for (text, expected) in [
            ("as `a-b` is", "as \\fBa\\-b\\fR is"),
            (
                "all of [`[defaults]`](#defaults).",
                "all of \\fB[defaults]\\fR.",
            ),
            ("see [the file](../feeds.toml)\ntoo", "see the file too"),
            (".rss, and a \\", "\\&.rss, and a \\e"),
        ] {
            assert_eq!(roff(text), expected, "{text}");
        }
    }
}

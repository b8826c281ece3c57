//! Faults of text that is not TOML.

use super::outline::{Outline, header};
use super::problem::{Code, Fault};
use super::reading::{MAX_PROBLEMS, Reading};
use super::twice::{Twice, named_above};
use super::unclosed::{unclosed, without};
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use toml::de::{DeTable, Error};

/// Tables of which there may be many, so that each has two brackets.
pub(super) const LISTS: [&str; 4] = ["feed", "output", "topic", "url-rule"];

/// What a merge that was not finished leaves at the beginning of lines.
const MARKS: [&str; 4] = ["<<<<<<<", "|||||||", "=======", ">>>>>>>"];

/// What the parser says of a key or a table that was there before.
const TWICE: &str = "duplicate key";

/// What the parser says of a key that nothing follows, or no `=`.
const NO_VALUE: &str = "key with no value";

/// Reports what the TOML parser found wrong: what it says first of each line. What a value was meant to be is not
/// repeated: it may be a secret (S7). Returns whether tables elsewhere can be read: not where the text is in another
/// language, or in two versions.
pub(super) fn report(errors: &[Error], text: &str, reading: &mut Reading<'_>) -> bool {
    let conflicts = conflicts(text);
    if !conflicts.is_empty() {
        for span in conflicts {
            let help = "choose one side between `<<<<<<<` and `>>>>>>>`, and remove these lines";
            reading.report(
                span,
                Fault::new(Code::Syntax, "unresolved merge conflict", help),
            );
        }
        return false;
    }
    if let Some((span, fault)) = other_language(text) {
        reading.report(span, fault);
        return false;
    }
    let can_go_on = !text.lines().any(|line| merge_mark(line).is_some());
    let open = unclosed(text);
    if open.is_empty() {
        report_each(errors, text, reading);
        return can_go_on;
    }
    // Each counts the lines above it.
    for it in open.iter().take(MAX_PROBLEMS) {
        let (span, fault) = it.fault(text);
        reading.report(span, fault);
    }
    // What the parser says of the lines below is of the same cause, unless it says so without it, too.
    let rest = without(&open, text);
    let (_, errors) = DeTable::parse_recoverable(&rest);
    report_each(&errors, &rest, reading);
    can_go_on
}

/// Reports errors one by one.
fn report_each(errors: &[Error], text: &str, reading: &mut Reading<'_>) {
    let mut errors: Vec<(Range<usize>, &Error)> = errors
        .iter()
        .map(|error| (error.span().unwrap_or_default(), error))
        .collect();
    errors.sort_by_key(|(span, _)| span.start);
    let outline = Outline::of(text);
    let stumbled = stumbled(&outline, &errors);
    let single = single_brackets(&outline, &stumbled);
    for (name, places) in &single {
        for span in places {
            let help = format!("write `[[{name}]]`: there may be many");
            let fault = Fault::new(Code::Syntax, format!("`[{name}]` is one table"), help);
            reading.report(span.clone(), fault);
        }
    }
    let is_any_twice = errors.iter().any(|(_, error)| error.message() == TWICE);
    let mut twice = if is_any_twice {
        Twice::of(&outline)
    } else {
        Twice::default()
    };
    twice.keep(&stumbled);
    for (span, fault) in twice.faults() {
        reading.report(span, fault);
    }
    let mut told: Option<Range<usize>> = None;
    // Of a table that stands twice, the keys do too: the place up to which nothing but these came.
    let mut twin: Option<usize> = None;
    for (span, error) in errors {
        let is_same_line = told
            .as_ref()
            .is_some_and(|last| is_one_line(text, last, &span));
        let line = line(text, span.start);
        let is_header = line.trim_start().starts_with('[');
        let is_twice = error.message() == TWICE;
        twin = twin.filter(|from| !outline.has_header(*from..span.start));
        if is_same_line || (is_twice && twin.is_some() && !is_header) {
            twin = twin.map(|_| span.start);
            continue;
        }
        twin = (is_header && is_twice).then_some(span.end);
        // What is wrong is the bracket that lacks there, or what stands above, and not that there is another table.
        let is_told = |name: &str| single.contains_key(name) || twice.has_above(name);
        if is_header && is_twice && list_name(header(line)).is_some_and(is_told) {
            continue;
        }
        told = Some(span.clone());
        let table = outline.header_before(span.start);
        let is_alias = table
            .as_ref()
            .is_some_and(|(header, _)| *header == "[alias]");
        let key = key_with_slash(line).filter(|_| is_alias);
        let fault = key.map_or_else(|| fault(error, line, is_header), unquoted);
        let table = table.filter(|(_, place)| is_header && is_twice && place.contains(&span.start));
        match table.map(|(_, place)| twice.first(&place)) {
            Some(None) => reading.report(span, named_above()),
            Some(Some(first)) => {
                reading.report_with(span, fault, first.clone(), "the first is here");
            }
            None => reading.report(span, fault),
        }
    }
}

/// Returns the mark of a merge that begins a line.
pub(super) fn merge_mark(line: &str) -> Option<&'static str> {
    MARKS.into_iter().find(|mark| {
        let rest = line.trim_start_matches('\u{feff}').strip_prefix(mark);
        rest.is_some_and(|rest| rest.trim_end().is_empty() || rest.starts_with(' '))
    })
}

/// Returns the first lines of the conflicts that a merge left, where there is a last line to one.
fn conflicts(text: &str) -> Vec<Range<usize>> {
    let [first, .., last] = MARKS;
    let mut start = 0;
    let mut open = None;
    let mut conflicts = Vec::new();
    for line in text.split_inclusive('\n') {
        match merge_mark(line) {
            Some(mark) if mark == first => open = open.or(Some(start)),
            Some(mark) if mark == last => {
                let first_line = open.take().map(|at| at..at + first.len());
                conflicts.extend(first_line);
            }
            _ => {}
        }
        start += line.len();
    }
    conflicts
}

/// Returns the names of tables that there may be many of, where the parser stumbled over a header of that name.
fn stumbled<'t>(outline: &Outline<'t>, errors: &[(Range<usize>, &Error)]) -> BTreeSet<&'t str> {
    let twice = errors.iter().filter(|(_, error)| error.message() == TWICE);
    twice
        .filter_map(|(span, _)| {
            let (header, place) = outline.header_before(span.start)?;
            list_name(header).filter(|_| place.contains(&span.start))
        })
        .collect()
}

/// Returns where headers with one bracket stand of tables that there may be many of, by their names, of those over which
/// the parser stumbled: it says that of another header of that name.
fn single_brackets<'t>(
    outline: &Outline<'t>,
    stumbled: &BTreeSet<&'t str>,
) -> BTreeMap<&'t str, Vec<Range<usize>>> {
    let mut single: BTreeMap<&str, Vec<Range<usize>>> = BTreeMap::new();
    let headers = outline.headers();
    for (header, place) in headers.filter(|(header, _)| !header.starts_with("[[")) {
        let name = list_name(header).filter(|name| stumbled.contains(name));
        if let Some(name) = name {
            single.entry(name).or_default().push(place);
        }
    }
    single
}

/// Returns the name in a header of a table that there may be many of, with however many brackets.
pub(super) fn list_name(header: &str) -> Option<&str> {
    let name = header
        .strip_prefix("[[")
        .and_then(|it| it.strip_suffix("]]"));
    let name = name.or_else(|| header.strip_prefix('[')?.strip_suffix(']'))?;
    Some(name.trim()).filter(|name| LISTS.contains(name))
}

/// Returns the key of a line where it is the name of an alias but for quotes, as those of the packs are.
fn key_with_slash(line: &str) -> Option<&str> {
    let (key, _) = line.split_once('=')?;
    let key = key.trim();
    let is_name = |c: char| c.is_ascii_alphanumeric() || "-_/".contains(c);
    let is_path = key.contains('/') && !key.starts_with('/');
    (is_path && key.chars().all(is_name)).then_some(key)
}

/// Tells of such a key. It is no secret, and the line is not shown.
fn unquoted(key: &str) -> Fault {
    Fault::new(
        Code::Syntax,
        "a key with `/` that is not in quotes",
        format!("write `\"{key}\" = [..]`"),
    )
}

/// Tells whether nothing between two places ends a line.
fn is_one_line(text: &str, first: &Range<usize>, second: &Range<usize>) -> bool {
    let between = text.get(first.start.min(second.start)..second.start);
    between.is_some_and(|between| !between.contains('\n'))
}

fn fault(error: &Error, line: &str, is_header: bool) -> Fault {
    if let Some(mark) = merge_mark(line) {
        let message = format!("`{mark}` is the mark of a merge that was not finished");
        let help = "remove the marks, and what is not wanted of what they part";
        return Fault::new(Code::Syntax, message, help);
    }
    let message = error.message();
    // What the parser would take besides is of no use to people: they meant a text.
    let message = message
        .split(", expected literal string")
        .next()
        .unwrap_or(message);
    let (message, help) = match message {
        TWICE if is_header => ("this table stands twice", help(message, line, is_header)),
        TWICE => (
            "this key stands twice in its table",
            "remove one of the two; a new feed, topic or output begins with `[[..]]`".to_owned(),
        ),
        message => (message, help(message, line, is_header)),
    };
    Fault::new(Code::Syntax, message, help)
}

/// Finds out what a text is that was never meant to be TOML; its first line tells.
fn other_language(text: &str) -> Option<(Range<usize>, Fault)> {
    let mut start = 0;
    let lines = text.split_inclusive('\n').map(|line| {
        start += line.len();
        (
            start - line.len(),
            line.trim_matches(['\u{feff}', ' ', '\t', '\r', '\n']),
        )
    });
    let mut lines = lines.filter(|(_, line)| !line.is_empty() && !line.starts_with('#'));
    let (at, first) = lines
        .next()
        .or_else(|| is_old_mac(text).then_some((0, "")))?;
    let (what, help) = if is_old_mac(text) {
        (
            "its lines end as those of an old Mac do, which is one long line to TOML",
            "save it with the line ends of Unix or Windows",
        )
    } else if first.starts_with('{') {
        (
            "this is JSON",
            "write TOML: `[[feed]]`, and below it `id = \"..\"` and `url = \"..\"`",
        )
    } else if first.starts_with('<') && merge_mark(first).is_none() {
        (
            "this is XML",
            "of an OPML file, `merganser import FILE` takes the feeds",
        )
    } else if first.starts_with("https://") || first.starts_with("http://") {
        (
            "this is a list of addresses",
            "add each with `merganser add ADDRESS`",
        )
    } else if is_yaml(first) && !lines.any(|(_, line)| line.contains('=')) {
        (
            "this is YAML",
            "write TOML: `[[feed]]`, and below it `id = \"..\"` and `url = \"..\"`",
        )
    } else {
        return None;
    };
    Some((at..at, Fault::new(Code::Syntax, what, help)))
}

/// Tells whether all lines end in a CR alone.
fn is_old_mac(text: &str) -> bool {
    text.contains('\r') && !text.contains('\n')
}

/// Tells whether a line is a key of YAML: a name, and a colon at its end or before a blank.
fn is_yaml(line: &str) -> bool {
    let name = |c: char| c.is_ascii_alphanumeric() || "-_".contains(c);
    line == "---"
        || line.split_once(':').is_some_and(|(key, value)| {
            !key.is_empty() && key.chars().all(name) && (value.is_empty() || value.starts_with(' '))
        })
}

/// Says what a line that is not TOML should have been.
fn help(message: &str, line: &str, is_header: bool) -> String {
    if let Some(header) = with_all_brackets(header(line)) {
        return format!("write `{header}`");
    }
    let name = header(line).strip_prefix('[').unwrap_or_default();
    let name = name.strip_suffix(']').unwrap_or_default().trim();
    if LISTS.contains(&name) {
        return format!("write `[[{name}]]`: there may be many");
    }
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if is_header && name.chars().all(plain) && !name.is_empty() {
        return format!("write these keys below the first `[{name}]`, and remove this line");
    }
    let (key, value) = line.split_once('=').unwrap_or((line, ""));
    let value = value.trim();
    let plain = |c: char| c.is_alphanumeric() || "-.:/*@ ".contains(c);
    let first = line.trim_start();
    let help = if let Some(help) = of_other_languages(value) {
        help
    } else if ["//", "/*", ";", "--"]
        .iter()
        .any(|mark| first.starts_with(mark))
    {
        "a comment begins with `#`"
    } else if is_closed(value) && value.ends_with(';') {
        "remove the `;`: a line ends without one"
    } else if has_two_in_a_row(value) {
        "put a comma between the two texts"
    } else if let Some(help) = of_quotes_within(value) {
        help
    } else if value.contains(['“', '”', '„', '‘', '’']) {
        "these are typographic quotes, write `\"`"
    } else if key.contains('\u{feff}') {
        "a byte order mark stands here that no editor shows: delete the line and type it again"
    } else if line.contains(['\u{a0}', '\u{202f}', '\u{3000}']) {
        "a blank in this line is none of the space bar: delete it and type a space"
    } else if value.is_empty() && is_yaml(line.trim()) {
        "write `=` between a key and its value"
    } else if !value.is_empty() && value.chars().all(plain) {
        "put text in quotes: `key = \"text\"`"
    } else if value.starts_with(['"', '\'']) && !is_closed(value) {
        "close the quotes at the end of the text"
    } else if message.starts_with(NO_VALUE) {
        of_no_value(first)
    } else {
        "what else stands in its table is checked once this is TOML"
    };
    help.to_owned()
}

/// Returns a header that has more brackets on one side than on the other with as many as it needs.
fn with_all_brackets(header: &str) -> Option<String> {
    let rest = header.trim_start_matches('[');
    let name = rest.trim_end_matches(']').trim();
    let (before, after) = (
        header.len() - rest.len(),
        rest.len() - rest.trim_end_matches(']').len(),
    );
    let plain = |c: char| c.is_ascii_alphanumeric() || "-_.".contains(c);
    if before == 0 || before == after || name.is_empty() || !name.chars().all(plain) {
        return None;
    }
    Some(match before {
        1 if !LISTS.contains(&name) => format!("[{name}]"),
        _ => format!("[[{name}]]"),
    })
}

/// Says what belongs into a line that has no `=`.
fn of_no_value(line: &str) -> &'static str {
    match line.trim().split_once(char::is_whitespace) {
        Some(_) => "write `=` between a key and its value",
        None => "write `=` and a value behind it, or remove it: was the file cut off here?",
    }
}

/// Says how values are written in TOML that other languages write in another way.
fn of_other_languages(value: &str) -> Option<&'static str> {
    let word = header(value).trim_end_matches([',', ';']);
    match word.to_ascii_lowercase().as_str() {
        "true" | "yes" | "on" => Some("write `true`, in small letters"),
        "false" | "no" | "off" => Some("write `false`, in small letters"),
        "none" | "null" | "nil" => Some("remove the line: there is no value for none"),
        _ => None,
    }
}

/// Says how a quote is written within a text, where one ended it and letters go on.
fn of_quotes_within(value: &str) -> Option<&'static str> {
    let mut chars = value.chars().peekable();
    let mut open: Option<char> = None;
    while let Some(c) = chars.next() {
        match (open, c) {
            (Some('"'), '\\') => drop(chars.next()),
            (Some(quote), _) if c == quote => {
                open = None;
                if chars.peek().is_some_and(|next| next.is_alphanumeric()) {
                    return Some(match quote {
                        '"' => "write a quote within the text as `\\\"`, or put the text in `'`",
                        _ => "a text in `'` cannot hold one: put it in `\"`",
                    });
                }
            }
            (None, '"' | '\'') => open = Some(c),
            (None, '#') => return None,
            _ => {}
        }
    }
    None
}

/// Tells whether a text in quotes is followed by another one, and nothing but blanks stands between.
fn has_two_in_a_row(value: &str) -> bool {
    let mut open: Option<char> = None;
    let mut was_closed = false;
    let mut is_escaped = false;
    for c in value.chars() {
        match (open, c) {
            (Some(quote), _) if c == quote && !is_escaped => {
                (open, was_closed) = (None, true);
            }
            (Some('"'), '\\') => {
                is_escaped = !is_escaped;
                continue;
            }
            (None, '"' | '\'') if was_closed => return true,
            (None, '"' | '\'') => open = Some(c),
            (None, '#') => return false,
            (None, _) if !c.is_whitespace() => was_closed = false,
            _ => {}
        }
        is_escaped = false;
    }
    false
}

/// Tells whether a value that begins with a quote has the same one once more.
fn is_closed(value: &str) -> bool {
    let quote = value.chars().next().unwrap_or('"');
    value.matches(quote).count() >= 2
}

/// Returns the line around `offset`, as far as it is near.
fn line(text: &str, offset: usize) -> &str {
    /// Lines longer than that are not looked at whole, so that many faults in one cost little.
    const WINDOW: usize = 200;
    let from = text.floor_char_boundary(offset.saturating_sub(WINDOW));
    let to = text.floor_char_boundary(offset.saturating_add(WINDOW));
    let before = text.get(from..offset).unwrap_or_default();
    let after = text.get(offset..to).unwrap_or_default();
    let start = before.rfind('\n').map_or(from, |end| from + end + 1);
    let end = after.find(['\r', '\n']).map_or(to, |end| offset + end);
    text.get(start..end).unwrap_or_default()
}

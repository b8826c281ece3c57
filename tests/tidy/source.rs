//! A Rust file taken apart: code, comments and literals, each with its line.

use std::iter::repeat_n;

/// One Rust file. `code` has the lines of its text, with comments gone and literals emptied.
pub(crate) struct Source {
    /// Where it stands, relative to the package.
    pub(crate) path: String,
    /// What the compiler makes something of.
    pub(crate) code: String,
    /// The comments, each with the line it begins on.
    pub(crate) comments: Vec<(usize, String)>,
    /// The contents of the string literals, each with the line it begins on.
    pub(crate) literals: Vec<(usize, String)>,
    /// The lines that are compiled for tests only.
    tests: Vec<(usize, usize)>,
}

impl Source {
    pub(crate) fn new(path: String, text: &str) -> Self {
        let mut scan = Scan::default();
        scan.run(&text.chars().collect::<Vec<char>>());
        let mut source = Self {
            path,
            code: scan.code,
            comments: scan.comments,
            literals: scan.literals,
            tests: Vec::new(),
        };
        source.tests = source.test_lines();
        source
    }

    /// Returns the module that it belongs to: its first folder under `src`, or its own name there.
    pub(crate) fn module(&self) -> &str {
        let inside = self.path.strip_prefix("src/").unwrap_or(&self.path);
        let first = inside.split('/').next().unwrap_or_default();
        first.strip_suffix(".rs").unwrap_or(first)
    }

    pub(crate) fn is_test(&self, line: usize) -> bool {
        self.tests
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&line))
    }

    /// Returns the fault at byte `at` of the code, unless a test stands there.
    pub(crate) fn fault(&self, at: usize, what: &str) -> Option<String> {
        let line = self.line_of(at);
        (!self.is_test(line)).then(|| format!("{}:{line}: {what}", self.path))
    }

    /// Returns the lines on which code outside tests names `needle`.
    pub(crate) fn lines_with(&self, needle: &str) -> Vec<usize> {
        self.code
            .match_indices(needle)
            .filter(|(at, _)| crate::stands_alone(&self.code, *at, needle))
            .map(|(at, _)| self.line_of(at))
            .filter(|line| !self.is_test(*line))
            .collect()
    }

    /// Returns what is named after `crate::`, or after the crate's name in `main.rs`, and what
    /// `super::` reaches beyond the module, each with its line.
    pub(crate) fn names_of_modules(&self) -> Vec<(usize, String)> {
        let mut found = Vec::new();
        for root in ["crate::", "merganser::"] {
            found.extend(self.names_after(root));
        }
        // deeper modules inside a file make some of these harmless: only known modules count
        let climb = "super::".repeat(self.depth());
        let climbed = self.names_after(&climb);
        found.extend(climbed.filter(|(_, name)| crate::may_use(name).is_some()));
        found.retain(|(line, _)| !self.is_test(*line));
        found
    }

    fn names_after(&self, root: &str) -> impl Iterator<Item = (usize, String)> {
        self.code
            .match_indices(root)
            .filter(move |(at, _)| crate::stands_alone(&self.code, *at, root))
            .flat_map(move |(at, _)| {
                let names = first_names(&self.code[at + root.len()..]);
                names.into_iter().map(move |name| (self.line_of(at), name))
            })
    }

    /// Returns line, name and length in lines of every function with a body.
    pub(crate) fn functions(&self) -> Vec<(usize, &str, usize)> {
        let mut found = Vec::new();
        for (at, _) in self.code.match_indices("fn ") {
            let name = first_word(&self.code[at + 3..]);
            let declared = crate::stands_alone(&self.code, at, "fn") && !name.is_empty();
            if let Some((_, end)) = declared.then(|| self.block_after(at)).flatten() {
                let line = self.line_of(at);
                found.push((line, name, self.line_of(end) + 1 - line));
            }
        }
        found
    }

    /// Returns the names that the variants of a `#[derive(Subcommand)]` are typed as.
    pub(crate) fn subcommands(&self) -> Vec<String> {
        let mut found = Vec::new();
        for (at, attribute) in self.code.match_indices("#[derive(") {
            let start = at + attribute.len();
            let Some((derived, item)) = self.code[start..].split_once(")]") else {
                continue;
            };
            let body = self.block_after(start + derived.len() + 2);
            if let Some((open, close)) = body
                && crate::has_word(derived, "Subcommand")
                && item
                    .split('{')
                    .next()
                    .is_some_and(|head| crate::has_word(head, "enum"))
            {
                let names = variants(&self.code[open + 1..close]);
                found.extend(names.iter().map(|name| kebab(name)));
            }
        }
        found
    }

    fn line_of(&self, at: usize) -> usize {
        self.code[..at].matches('\n').count() + 1
    }

    /// Returns how many `super::` lead from here to the root of the crate.
    fn depth(&self) -> usize {
        let folders = self.path.matches('/').count();
        folders - usize::from(self.path.ends_with("/mod.rs") && folders > 0)
    }

    /// Returns the braces of the item that begins at `at`, or `None` when it ends in a semicolon.
    fn block_after(&self, at: usize) -> Option<(usize, usize)> {
        let mut nested = 0_i32;
        for (offset, c) in self.code[at..].char_indices() {
            match c {
                '(' | '[' => nested += 1,
                ')' | ']' => nested -= 1,
                ';' if nested <= 0 => return None,
                '{' => {
                    let open = at + offset;
                    return Some((open, open + close_of(&self.code[open..])?));
                }
                _ => {}
            }
        }
        None
    }

    fn test_lines(&self) -> Vec<(usize, usize)> {
        if self.path.ends_with("/tests.rs") || self.path.contains("/tests/") {
            return vec![(1, usize::MAX)];
        }
        let attributes = self.code.match_indices("#[cfg(test)]");
        attributes
            .filter_map(|(at, attribute)| {
                let (_, end) = self.block_after(at + attribute.len())?;
                Some((self.line_of(at), self.line_of(end)))
            })
            .collect()
    }
}

/// Returns the offset of the brace that closes the one `text` begins with.
fn close_of(text: &str) -> Option<usize> {
    let mut depth = 0_i32;
    for (at, c) in text.char_indices() {
        depth += i32::from(c == '{') - i32::from(c == '}');
        if depth == 0 {
            return Some(at);
        }
    }
    None
}

fn first_word(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.find(|c| !crate::is_word(c)).unwrap_or(text.len());
    &text[..end]
}

/// Returns the first segment of a path, or of each path of a group in braces.
fn first_names(text: &str) -> Vec<String> {
    let text = text.trim_start();
    let Some(end) = text.starts_with('{').then(|| close_of(text)).flatten() else {
        return vec![first_word(text).to_owned()];
    };
    split_outside_brackets(&text[1..end])
        .iter()
        .map(|part| first_word(part).to_owned())
        .filter(|name| !name.is_empty())
        .collect()
}

fn variants(body: &str) -> Vec<String> {
    split_outside_brackets(body)
        .iter()
        .map(|part| {
            let mut rest = part.trim_start();
            while let Some(attribute) = rest.strip_prefix("#[") {
                rest = attribute
                    .split_once(']')
                    .map_or("", |(_, after)| after)
                    .trim_start();
            }
            first_word(rest).to_owned()
        })
        .filter(|name| !name.is_empty())
        .collect()
}

fn split_outside_brackets(text: &str) -> Vec<&str> {
    let mut parts = Vec::new();
    let (mut depth, mut start) = (0_i32, 0);
    for (at, c) in text.char_indices() {
        match c {
            '{' | '(' | '[' => depth += 1,
            '}' | ')' | ']' => depth -= 1,
            ',' if depth == 0 => {
                parts.push(&text[start..at]);
                start = at + 1;
            }
            _ => {}
        }
    }
    parts.push(&text[start..]);
    parts
}

fn kebab(name: &str) -> String {
    let mut typed = String::new();
    for c in name.chars() {
        if c.is_uppercase() && !typed.is_empty() {
            typed.push('-');
        }
        typed.extend(c.to_lowercase());
    }
    typed
}

/// Reads Rust just far enough to tell code, comments and literals apart.
#[derive(Default)]
struct Scan {
    code: String,
    comments: Vec<(usize, String)>,
    literals: Vec<(usize, String)>,
    line: usize,
}

impl Scan {
    fn run(&mut self, text: &[char]) {
        self.line = 1;
        let mut at = 0;
        while at < text.len() {
            at = match text[at..] {
                ['/', '/', ..] => self.comment(text, at, line_end(text, at)),
                ['/', '*', ..] => self.comment(text, at, block_end(text, at)),
                ['"', ..] => self.literal(text, at + 1),
                ['r', '"' | '#', ..] if !self.code.ends_with(crate::is_word) => self.raw(text, at),
                ['b', 'r', '"' | '#', ..] if !self.code.ends_with(crate::is_word) => {
                    self.raw(text, at + 1)
                }
                ['\'', '\\', ..] | ['\'', _, '\'', ..] => self.character(text, at),
                _ => self.keep(text, at, at + 1),
            };
        }
    }

    fn keep(&mut self, text: &[char], from: usize, to: usize) -> usize {
        self.code.extend(&text[from..to]);
        self.count(&text[from..to]);
        to
    }

    /// Moves over text that is not code, of which only the line breaks stay.
    fn skip(&mut self, text: &[char]) {
        let breaks = text.iter().filter(|c| **c == '\n').count();
        self.code.extend(repeat_n('\n', breaks));
        self.count(text);
    }

    fn count(&mut self, text: &[char]) {
        self.line += text.iter().filter(|c| **c == '\n').count();
    }

    fn comment(&mut self, text: &[char], from: usize, to: usize) -> usize {
        self.comments
            .push((self.line, text[from..to].iter().collect()));
        self.skip(&text[from..to]);
        to
    }

    fn raw(&mut self, text: &[char], r: usize) -> usize {
        let hashes = text[r + 1..].iter().take_while(|c| **c == '#').count();
        let quote = r + 1 + hashes;
        if text.get(quote) != Some(&'"') {
            return self.keep(text, r, r + 1); // a raw identifier
        }
        let mut end = quote + 1;
        while end < text.len() && !closes_raw(&text[end..], hashes) {
            end += 1;
        }
        self.store(text, quote + 1, end);
        end + 1 + hashes
    }

    fn literal(&mut self, text: &[char], start: usize) -> usize {
        let mut end = start;
        while end < text.len() && text[end] != '"' {
            end += 1 + usize::from(text[end] == '\\');
        }
        self.store(text, start, end.min(text.len()));
        end + 1
    }

    fn store(&mut self, text: &[char], from: usize, to: usize) {
        self.literals
            .push((self.line, text[from..to].iter().collect()));
        self.code.push('"');
        self.skip(&text[from..to]);
        self.code.push('"');
    }

    fn character(&mut self, text: &[char], at: usize) -> usize {
        let escaped = usize::from(text[at + 1] == '\\');
        let mut end = at + 2 + escaped;
        while end < text.len() && text[end] != '\'' {
            end += 1;
        }
        self.code.push_str("' '");
        end + 1
    }
}

fn closes_raw(text: &[char], hashes: usize) -> bool {
    text[0] == '"' && text[1..].iter().take_while(|c| **c == '#').count() >= hashes
}

fn line_end(text: &[char], from: usize) -> usize {
    let rest = &text[from..];
    from + rest.iter().position(|c| *c == '\n').unwrap_or(rest.len())
}

fn block_end(text: &[char], from: usize) -> usize {
    let (mut at, mut depth) = (from, 0_i32);
    while at < text.len() {
        match text[at..] {
            ['/', '*', ..] => (depth, at) = (depth + 1, at + 2),
            ['*', '/', ..] => (depth, at) = (depth - 1, at + 2),
            _ => at += 1,
        }
        if depth == 0 {
            break;
        }
    }
    at
}

#[test]
fn code_is_told_from_prose() {
    let text = concat!(
        "// crate::store\n",
        "/* /* fn no() { */ crate::fetch */\n",
        "use crate::{model::{Entry, FeedId}, text};\n",
        "fn life<'a>(x: &'a str) -> char { let _ = r#\"} \"crate::cli\"#; '{' }\n",
        "fn long() -> [u8; 2] {\n\n}\n",
        "use super::fetch::Target;\n",
        "#[cfg(test)]\nmod tests {\n    use crate::serve;\n}\n",
    );
    let source = Source::new("src/store/mod.rs".to_owned(), text);
    let named: Vec<(usize, String)> = source.names_of_modules();
    let expected = [(3, "model"), (3, "text"), (8, "fetch")];
    assert_eq!(named, expected.map(|(line, name)| (line, name.to_owned())));
    assert_eq!(source.functions(), [(4, "life", 1), (5, "long", 3)]);
    assert_eq!(source.literals, [(4, "} \"crate::cli".to_owned())]);
    assert_eq!(source.comments.len(), 2);
    assert!(source.is_test(11) && !source.is_test(8));
}

#[test]
fn subcommands_are_read_from_the_derive() {
    let text = "use clap::{Parser, Subcommand};\n#[derive(Debug)]\nenum Colour { Red }\n\
                #[derive(Debug, clap::Subcommand)]\nenum Command {\n    /// Polls.\n    \
                #[command(name = \"x\")]\n    Poll(Poll),\n    DryRun { all: bool },\n}\n";
    let source = Source::new("src/cli/mod.rs".to_owned(), text);
    assert_eq!(source.subcommands(), ["poll", "dry-run"]);
}

//! The way through the full parser, until what it gives is what it would give again.

use super::allow::AMMONIA;
use super::base::Base;
use super::read::Nesting;
use super::{Markup, Refusal, bound, noscript, read};
use crate::normalize::chars::without_unwanted;
use std::io::{self, Write};

/// How often markup goes through the full parser to settle.
const MAX_PARSES: usize = 3;

/// How much longer than what is written of it the parser's HTML may be: it writes a hard space of two
/// bytes as `&nbsp;`, and what pictures wait with is yet in it.
const MAX_GROWTH: usize = 4;

/// Sanitises by the full parser; `None` when that costs or gives too much.
///
/// What links and tables make of each other may be read otherwise the second time: such markup settles
/// by being parsed until its order is one that no parser changes. What has not after as many times as is
/// reasonable is kept where this parser at least changes it no more, however often it reads it.
pub(super) fn by_ammonia(source: &str, base: &Base<'_>, limit: usize) -> Option<Markup> {
    let mut clean = parsed(&noscript::marked(source), limit)?;
    for _ in 1..MAX_PARSES {
        match read_parsed(&clean, base, Nesting::settled(), limit) {
            Ok(markup) if is_final(&markup, base, limit) => return Some(markup),
            Err(Refusal::Length) => return None,
            Ok(_) | Err(Refusal::Grammar) => {}
        }
        let unmarked = noscript::unmarked(&clean);
        if bound::is_costly(&unmarked) {
            return None;
        }
        clean = parsed(&unmarked, limit)?;
    }
    let markup = read_parsed(&clean, base, Nesting::any(), limit).ok()?;
    let again = parsed(&markup.html, limit)?;
    let is_still = parsed(&again, limit).as_ref() == Some(&again);
    (is_still && is_final(&markup, base, limit)).then_some(markup)
}

/// Tells whether HTML that was written will be read again as it is: without the parser, or by it without
/// too much cost (it may make more of a text than was to be seen in it, such as the parts of tables and
/// end tags) and without a change.
fn is_final(markup: &Markup, base: &Base<'_>, limit: usize) -> bool {
    if read(&markup.html, base, Nesting::strict(), limit).is_ok() {
        return true;
    }
    if bound::is_costly(&markup.html) {
        return false;
    }
    let again = parsed(&markup.html, limit);
    let again = again.and_then(|it| read_parsed(&it, base, Nesting::any(), limit).ok());
    again.as_ref() == Some(markup)
}

/// Reads what the parser gave, without the characters that it brought back from references.
fn read_parsed(
    clean: &str,
    base: &Base<'_>,
    nesting: Nesting,
    limit: usize,
) -> Result<Markup, Refusal> {
    read(&without_unwanted(clean), base, nesting, limit)
}

/// Returns what the parser makes of markup, if it is not too long.
fn parsed(source: &str, limit: usize) -> Option<String> {
    let mut clean = Bounded {
        bytes: Vec::with_capacity(source.len()),
        limit: limit.saturating_mul(MAX_GROWTH),
    };
    AMMONIA.clean(source).write_to(&mut clean).ok()?;
    String::from_utf8(clean.bytes).ok()
}

/// Takes what is written, up to a limit; more is an error.
struct Bounded {
    bytes: Vec<u8>,
    limit: usize,
}

impl Write for Bounded {
    fn write(&mut self, part: &[u8]) -> io::Result<usize> {
        if self.bytes.len() + part.len() > self.limit {
            return Err(io::ErrorKind::FileTooLarge.into());
        }
        self.bytes.write(part)
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

//! A query as tokens.
//!
//! Knows the spelling of the language (quotes, capitals, `*`, `=`), not its grammar. Total: any text
//! gives tokens or one fault with its place.

use super::facts::{Fact, is_quote, is_single_quote, is_value_character};
use super::fields::Field;
use super::foreign;
use super::rules::{Place, RuleProblem};
use super::syntax::{Form, Part, Reach, Term};
use crate::text::words;
use std::ops::Range;

/// The widest NEAR that says anything: beyond it AND is meant.
const MAX_DISTANCE: u32 = 1000;

/// What is wrong in a query, where, and what to write instead.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Fault {
    /// Bytes of the query at fault.
    pub(super) span: Range<usize>,
    /// What is wrong.
    pub(super) message: String,
    /// What to write instead.
    pub(super) help: String,
    /// Whether another text is in it.
    is_of_others: bool,
}

impl Fault {
    pub(super) fn new(
        span: Range<usize>,
        message: impl Into<String>,
        help: impl Into<String>,
    ) -> Self {
        Self {
            span,
            message: message.into(),
            help: help.into(),
            is_of_others: false,
        }
    }

    /// Says that another text is in it: one that is named and not there, or that leads back.
    pub(super) fn of_others(self) -> Self {
        Self {
            is_of_others: true,
            ..self
        }
    }

    /// Says in which of the operator's texts it is.
    pub(super) fn at(self, place: Place) -> RuleProblem {
        RuleProblem {
            place,
            span: self.span,
            message: self.message,
            help: self.help,
            is_of_others: self.is_of_others,
        }
    }
}

/// The smallest parts of a query.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    /// `(`.
    Open,
    /// `)`.
    Close,
    /// `,`.
    Comma,
    /// `AND`.
    And,
    /// `OR`.
    Or,
    /// `NOT` or a leading `-`.
    Not,
    /// `NEAR/n` or `ONEAR/n`.
    Near(Reach),
    /// `ATLEAST/n`.
    AtLeast(usize),
    /// `^n`.
    Boost(f64),
    /// `title:` or `body:`.
    In(Part),
    /// A field with its value: `site:bbc.co.uk`, `age:<2d`.
    Fact(Fact),
    /// `topic:name`.
    Topic(String),
    /// `@name`, without the `@`.
    Alias(String),
    /// A word, a prefix or a phrase.
    Term(Term),
}

/// A token and its bytes.
pub(super) type Spanned = (Token, Range<usize>);

/// Returns the tokens of `query` in order.
pub(super) fn tokens(query: &str) -> Result<Vec<Spanned>, Fault> {
    let mut cursor = Cursor {
        text: query,
        at: 0,
        list: None,
    };
    let mut tokens = Vec::new();
    loop {
        cursor.take_while(char::is_whitespace);
        let start = cursor.at;
        let Some(first) = cursor.peek() else {
            return Ok(tokens);
        };
        let token = match cursor.list {
            Some((field, depth)) => listed(&mut cursor, first, field, depth)?,
            None => token(&mut cursor, first)?,
        };
        tokens.push((token, start..cursor.at));
    }
}

/// A place in the query.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
    /// Within `site:(..)` the field, and how many parentheses are open.
    list: Option<(Field, usize)>,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        self.text.get(self.at..).unwrap_or_default()
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Goes past the next character when it is one that `wanted` accepts.
    fn eat(&mut self, wanted: impl Fn(char) -> bool) -> bool {
        let next = self.peek().filter(|c| wanted(*c));
        self.at += next.map_or(0, char::len_utf8);
        next.is_some()
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let rest = self.rest();
        let length = rest.find(|c| !wanted(c)).unwrap_or(rest.len());
        self.at += length;
        rest.get(..length).unwrap_or_default()
    }
}

/// Reads the token that begins with `first`, which is still ahead.
fn token(cursor: &mut Cursor<'_>, first: char) -> Result<Token, Fault> {
    let start = cursor.at;
    if is_quote(first) || is_single_quote(first) {
        return phrase(cursor);
    }
    if let Some(fault) = foreign::before(first, &(start..start + first.len_utf8())) {
        return Err(fault);
    }
    if !cursor.eat(|c| is_minus(c) || matches!(c, '(' | ')' | ',' | '^' | '@' | '=')) {
        return word(cursor);
    }
    match first {
        '(' => Ok(Token::Open),
        ')' => Ok(Token::Close),
        ',' => Ok(Token::Comma),
        minus if is_minus(minus) => exclusion(cursor, start),
        '^' => boost(cursor, start),
        '@' => alias(cursor, start),
        _ => exact(cursor, start),
    }
}

fn exclusion(cursor: &Cursor<'_>, start: usize) -> Result<Token, Fault> {
    if cursor.peek().is_none_or(char::is_whitespace) {
        return Err(Fault::new(
            start..cursor.at,
            "`-` stands alone",
            "write `-` directly before what it excludes: `-sport`",
        ));
    }
    Ok(Token::Not)
}

/// Tells whether `c` is a minus, also as word processors make it: taken for part of a word, it would turn "without"
/// into "with".
fn is_minus(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2014}' | '\u{2212}')
}

fn is_word_character(c: char) -> bool {
    !c.is_whitespace() && !is_quote(c) && !matches!(c, '(' | ')' | ',' | '^' | ':' | '*')
}

fn boost(cursor: &mut Cursor<'_>, start: usize) -> Result<Token, Fault> {
    /// Beyond this a boost only hides the other parts of the score.
    const MAX_BOOST: f64 = 100.0;
    let digits = cursor.take_while(|c| c.is_ascii_digit() || c == '.');
    match digits.parse::<f64>() {
        Ok(factor) if factor > 0.0 && factor <= MAX_BOOST => Ok(Token::Boost(factor)),
        _ => Err(Fault::new(
            start..cursor.at,
            "`^` wants a number above 0, at most 100",
            "write for example `\"arms deal\"^2`",
        )),
    }
}

fn alias(cursor: &mut Cursor<'_>, start: usize) -> Result<Token, Fault> {
    let name = cursor.take_while(|c| c.is_alphanumeric() || matches!(c, '-' | '_' | '/'));
    if name.is_empty() {
        return Err(Fault::new(
            start..cursor.at,
            "`@` without a name",
            "write the name of a key of [alias] directly after it: `@india`",
        ));
    }
    Ok(Token::Alias(name.into()))
}

fn exact(cursor: &mut Cursor<'_>, start: usize) -> Result<Token, Fault> {
    if cursor.peek().is_some_and(is_quote) {
        return Err(Fault::new(
            start..cursor.at,
            "`=` wants a word, not a phrase",
            "write `=` before one word: `=US`; a term of [alias] may have several: `\"=Crude Oil\"`",
        ));
    }
    let text = cursor.take_while(is_word_character);
    if cursor.peek() == Some('*') {
        return Err(Fault::new(
            start..cursor.at + 1,
            "`=` wants a whole word, not a beginning",
            format!("write `={text}` or `{text}*`"),
        ));
    }
    term(text, Form::Exact, false, start..cursor.at).map(Token::Term)
}

fn phrase(cursor: &mut Cursor<'_>) -> Result<Token, Fault> {
    let start = cursor.at;
    let text = quoted(cursor)?.trim();
    let stem = text.strip_suffix('*');
    let span = start..cursor.at;
    term(stem.unwrap_or(text), Form::Phrase, stem.is_some(), span).map(Token::Term)
}

/// Reads what stands between quotes.
fn quoted<'a>(cursor: &mut Cursor<'a>) -> Result<&'a str, Fault> {
    let start = cursor.at;
    if cursor.eat(is_single_quote) {
        return singly_quoted(cursor, start);
    }
    cursor.eat(is_quote);
    let text = cursor.take_while(|c| !is_quote(c));
    if !cursor.eat(is_quote) {
        return Err(Fault::new(
            start..cursor.at,
            "a quote that nothing closes",
            "write `\"` at the end of the phrase",
        ));
    }
    Ok(text)
}

/// Reads what stands between single quotes, the first of which stands at `start`. The last has no word right behind it;
/// another one is an apostrophe.
fn singly_quoted<'a>(cursor: &mut Cursor<'a>, start: usize) -> Result<&'a str, Fault> {
    let rest = cursor.rest();
    let rest = rest.split(is_quote).next().unwrap_or_default();
    let is_last = |(at, quote): &(usize, &str)| {
        let after = cursor.rest().get(at + quote.len()..);
        let next = after.and_then(|after| after.chars().next());
        next.is_none_or(|c| c.is_whitespace() || matches!(c, '(' | ')' | ',' | '^'))
    };
    let Some((end, quote)) = rest.match_indices(is_single_quote).find(is_last) else {
        return Err(Fault::new(
            start..cursor.at,
            "a quote that nothing closes",
            "write another at the end of the phrase; an apostrophe before a word is left out",
        ));
    };
    cursor.at += end + quote.len();
    Ok(rest.get(..end).unwrap_or_default())
}

/// Reads a word, which may be an operator, a field or a prefix.
fn word(cursor: &mut Cursor<'_>) -> Result<Token, Fault> {
    let start = cursor.at;
    let text = cursor.take_while(is_word_character);
    if cursor.eat(|c| c == ':') {
        return field(cursor, text, start);
    }
    let prefix = cursor.eat(|c| c == '*');
    if prefix
        && cursor
            .peek()
            .is_some_and(|c| is_word_character(c) || c == '*')
    {
        return Err(Fault::new(
            start..cursor.at,
            "`*` inside a word",
            "write `*` only at the end of a word: `sanction*`",
        ));
    }
    let span = start..cursor.at;
    if let Some(operator) = operator(text, &span).filter(|_| !prefix) {
        return operator;
    }
    if let Some(fault) = foreign::within(text, start) {
        return Err(fault);
    }
    term(text, Form::Word, prefix, span).map(Token::Term)
}

/// Reads what follows the name of a field and its colon, which began at `start`.
fn field(cursor: &mut Cursor<'_>, name: &str, start: usize) -> Result<Token, Fault> {
    let field = Field::named(name, &(start..cursor.at))?;
    if let Field::Text(part) = field {
        return Ok(Token::In(part));
    }
    let named = start..cursor.at;
    let is_apart = !cursor.take_while(char::is_whitespace).is_empty();
    if cursor.eat(|c| c == '(') {
        cursor.list = Some((field, 1));
        return Ok(Token::Open);
    }
    // Right behind the colon it is a value, as a feed may be called that.
    let mut ahead = Cursor { ..*cursor };
    let next = ahead.take_while(is_value_character);
    let is_next = next.starts_with('-') || operator(next, &named).is_some();
    if cursor.peek().is_none() || (is_apart && is_next) {
        return field.value("", named);
    }
    value(cursor, field, start)
}

/// Reads a value, with or without quotes.
fn value(cursor: &mut Cursor<'_>, field: Field, start: usize) -> Result<Token, Fault> {
    let value = match cursor.peek() {
        Some(quote) if is_quote(quote) || is_single_quote(quote) => quoted(cursor)?,
        Some('@') => {
            return Err(Fault::new(
                start..cursor.at + 1,
                "an alias in the place of a value",
                "write the values themselves, several as `site:(a.example OR b.example)`",
            ));
        }
        _ => cursor.take_while(is_value_character),
    };
    field.value(value, start..cursor.at)
}

/// Reads a token of `site:(a OR b)`: words are values there.
fn listed(
    cursor: &mut Cursor<'_>,
    first: char,
    field: Field,
    depth: usize,
) -> Result<Token, Fault> {
    let start = cursor.at;
    match first {
        '(' => cursor.list = Some((field, depth + 1)),
        ')' => cursor.list = depth.checked_sub(2).map(|outer| (field, outer + 1)),
        ',' | '^' => {}
        minus if is_minus(minus) => {}
        _ => {
            let mut ahead = Cursor {
                list: None,
                ..*cursor
            };
            let word = ahead.take_while(is_value_character);
            let Some(operator) = operator(word, &(start..ahead.at)) else {
                return value(cursor, field, start);
            };
            cursor.at = ahead.at;
            return operator;
        }
    }
    token(cursor, first)
}

/// Reads an operator; `None` when `word` is an ordinary one.
///
/// An operator in lower case is refused: as a word to look for it is in nearly every text, and the
/// query would quietly mean something else.
fn operator(word: &str, span: &Range<usize>) -> Option<Result<Token, Fault>> {
    let (name, number) = match word.split_once('/') {
        Some((name, number)) => (name, Some(number)),
        None => (word, None),
    };
    let capitals = name.to_ascii_uppercase();
    let token = match (capitals.as_str(), number) {
        ("AND", None) => Ok(Token::And),
        ("OR", None) => Ok(Token::Or),
        ("NOT", None) => Ok(Token::Not),
        ("NEAR", Some(number)) => distance(number, false, span),
        ("ONEAR", Some(number)) => distance(number, true, span),
        ("ATLEAST", Some(number)) => count(number, span),
        // `near` and `atleast` without a number are words, in capitals they are mistakes
        ("NEAR", None) if name == capitals => distance("", false, span),
        ("ONEAR", None) if name == capitals => distance("", true, span),
        ("ATLEAST", None) if name == capitals => count("", span),
        _ => return None,
    };
    Some(if name == capitals {
        token
    } else {
        let spelled = word.to_ascii_uppercase();
        Err(Fault::new(
            span.clone(),
            format!("`{word}` would be a word to look for, operators are in capitals"),
            format!("write `{spelled}`, or `\"{word}\"` for the word"),
        ))
    })
}

fn distance(number: &str, ordered: bool, span: &Range<usize>) -> Result<Token, Fault> {
    let name = if ordered { "ONEAR" } else { "NEAR" };
    match number.parse() {
        Ok(distance @ 1..=MAX_DISTANCE) => Ok(Token::Near(Reach { distance, ordered })),
        _ => Err(Fault::new(
            span.clone(),
            format!("{name} wants the largest distance in words, 1 to {MAX_DISTANCE}"),
            format!("write for example `{name}/10`"),
        )),
    }
}

fn count(number: &str, span: &Range<usize>) -> Result<Token, Fault> {
    number.parse().map(Token::AtLeast).map_err(|_| {
        Fault::new(
            span.clone(),
            "ATLEAST wants how many of its queries must hold",
            "write for example `ATLEAST/2(oil, gas, \"price cap\")`",
        )
    })
}

/// Makes a term of a text that holds at least one word.
pub(super) fn term(
    text: &str,
    form: Form,
    prefix: bool,
    span: Range<usize>,
) -> Result<Term, Fault> {
    if words(text).next().is_none() {
        let written = if prefix {
            format!("{text}*")
        } else {
            text.to_owned()
        };
        let message = if written.is_empty() {
            "no word to look for".to_owned()
        } else {
            format!("`{written}` holds no word to look for")
        };
        return Err(Fault::new(
            span,
            message,
            "write words, \"phrases\", prefix*, @alias, and AND, OR, NOT, NEAR/n between them",
        ));
    }
    Ok(Term {
        text: text.into(),
        form,
        prefix,
    })
}

//! A query as tokens.
//!
//! Knows the spelling of the language (quotes, capitals, `*`, `=`), not its grammar. Total: any text
//! gives tokens or one fault with its place.

use super::rules::{Place, RuleProblem};
use super::syntax::{Form, Part, Term};
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
        }
    }

    /// Says in which of the operator's texts it is.
    pub(super) fn at(self, place: Place) -> RuleProblem {
        RuleProblem {
            place,
            span: self.span,
            message: self.message,
            help: self.help,
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
    /// `NEAR/n`.
    Near(u32),
    /// `ATLEAST/n`.
    AtLeast(usize),
    /// `^n`.
    Boost(f64),
    /// `title:` or `body:`.
    In(Part),
    /// `@name`, without the `@`.
    Alias(String),
    /// A word, a prefix or a phrase.
    Term(Term),
}

/// A token and its bytes.
pub(super) type Spanned = (Token, Range<usize>);

/// Returns the tokens of `query` in order.
pub(super) fn tokens(query: &str) -> Result<Vec<Spanned>, Fault> {
    let mut cursor = Cursor { text: query, at: 0 };
    let mut tokens = Vec::new();
    loop {
        cursor.take_while(char::is_whitespace);
        let start = cursor.at;
        let Some(first) = cursor.peek() else {
            return Ok(tokens);
        };
        let token = token(&mut cursor, first)?;
        tokens.push((token, start..cursor.at));
    }
}

/// A place in the query.
struct Cursor<'a> {
    text: &'a str,
    at: usize,
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
    if is_quote(first) {
        return phrase(cursor);
    }
    if !cursor.eat(|c| matches!(c, '(' | ')' | ',' | '-' | '^' | '@' | '=')) {
        return word(cursor);
    }
    match first {
        '(' => Ok(Token::Open),
        ')' => Ok(Token::Close),
        ',' => Ok(Token::Comma),
        '-' => exclusion(cursor, start),
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

/// Typographic quotes come with text pasted from a word processor.
fn is_quote(c: char) -> bool {
    matches!(c, '"' | '“' | '”' | '„')
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
    cursor.eat(is_quote);
    let text = cursor.take_while(|c| !is_quote(c));
    if !cursor.eat(is_quote) {
        return Err(Fault::new(
            start..cursor.at,
            "a quote that nothing closes",
            "write `\"` at the end of the phrase",
        ));
    }
    let stem = text.trim().strip_suffix('*');
    let span = start..cursor.at;
    term(
        stem.unwrap_or(text.trim()),
        Form::Phrase,
        stem.is_some(),
        span,
    )
    .map(Token::Term)
}

/// Reads a word, which may be an operator, a field or a prefix.
fn word(cursor: &mut Cursor<'_>) -> Result<Token, Fault> {
    let start = cursor.at;
    let text = cursor.take_while(is_word_character);
    if cursor.eat(|c| c == ':') {
        return part(text, start..cursor.at);
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
    term(text, Form::Word, prefix, span).map(Token::Term)
}

fn part(name: &str, span: Range<usize>) -> Result<Token, Fault> {
    match name {
        "title" => Ok(Token::In(Part::Title)),
        "body" => Ok(Token::In(Part::Body)),
        _ => Err(Fault::new(
            span,
            format!("unknown field `{name}:`"),
            "the fields are `title:` and `body:`; put text that holds a colon in quotes",
        )),
    }
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
        ("NEAR", Some(number)) => distance(number, span),
        ("ATLEAST", Some(number)) => count(number, span),
        // `near` and `atleast` without a number are words, in capitals they are mistakes
        ("NEAR", None) if name == capitals => distance("", span),
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

fn distance(number: &str, span: &Range<usize>) -> Result<Token, Fault> {
    match number.parse() {
        Ok(distance @ 1..=MAX_DISTANCE) => Ok(Token::Near(distance)),
        _ => Err(Fault::new(
            span.clone(),
            format!("NEAR wants the largest distance in words, 1 to {MAX_DISTANCE}"),
            "write for example `NEAR/10`",
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
        let star = if prefix { "*" } else { "" };
        return Err(Fault::new(
            span,
            format!("`{text}{star}` holds no word to look for"),
            "write words, \"phrases\", prefix*, @alias, and AND, OR, NOT, NEAR/n between them",
        ));
    }
    Ok(Term {
        text: text.into(),
        form,
        prefix,
    })
}

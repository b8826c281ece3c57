//! Tokens to a syntax tree: recursive descent, one function a rule of the grammar.
//!
//! ```text
//! query := and ("OR" and)*
//! and   := near (["AND"] near)*
//! near  := unary (("NEAR/n" | "ONEAR/n") unary)*
//! unary := ("NOT" | "-") unary | ("title:" | "body:") unary | atom ["^" number]
//! atom  := word | prefix* | =Word | "phrase" | @alias | "(" query ")"
//!        | field ":" value | "age:" ("<" | ">") n unit | "topic:" name
//!        | "ATLEAST/n" "(" query ("," query)* ")"
//! value := characters but space, quotes, "(", ")", "," and "^" | "characters" in quotes
//! ```
//!
//! `field:(a OR b)` is `(field:a OR field:b)`: the lexer makes it so, and it is printed so.
//!
//! Total on any text: it stops at the first fault, and [`MAX_DEPTH`] bounds the recursion here and in
//! everything that walks the tree.

use super::lexer::{Fault, Spanned, Token, tokens};
use super::slips::slips;
use super::syntax::{Kind, Node};
use std::ops::Range;

/// How deep a query may nest: far more than a person writes, far less than the stack holds.
pub(super) const MAX_DEPTH: usize = 64;

/// Reads a query. A comma that is in the way is the list of an operator that has a slip, where one stands before it.
pub(super) fn parse(query: &str) -> Result<Node, Fault> {
    tree(query).map_err(|fault| {
        let is_comma = query.get(fault.span.clone()) == Some(",");
        let slips = if is_comma { slips(query) } else { Vec::new() };
        let mut before = slips
            .into_iter()
            .filter(|it| it.span.end <= fault.span.start);
        before.next_back().unwrap_or(fault)
    })
}

fn tree(query: &str) -> Result<Node, Fault> {
    let tokens = tokens(query)?;
    if tokens.is_empty() {
        return Err(Fault::new(
            0..query.len(),
            "an empty query",
            "write at least one word to look for",
        ));
    }
    let mut parser = Parser {
        tokens: tokens.into_iter().peekable(),
        end: query.len(),
    };
    let node = parser.query(0)?;
    match parser.tokens.next() {
        None => Ok(node),
        Some((Token::Comma, span)) => Err(Fault::new(
            span,
            "a comma outside ATLEAST",
            "leave it out, or put it in quotes; commas separate only the queries of ATLEAST/n(..)",
        )),
        Some((_, span)) => Err(Fault::new(
            span,
            "a parenthesis that closes nothing",
            "delete it, or write `(` where it should open",
        )),
    }
}

struct Parser {
    tokens: std::iter::Peekable<std::vec::IntoIter<Spanned>>,
    /// Length of the query: where what is missing at its end would stand.
    end: usize,
}

impl Parser {
    fn peek(&mut self) -> Option<&Token> {
        self.tokens.peek().map(|(token, _)| token)
    }

    /// Goes past the next token when it is this one, and returns its place.
    fn eat(&mut self, wanted: &Token) -> Option<Range<usize>> {
        self.tokens
            .next_if(|(token, _)| token == wanted)
            .map(|(_, span)| span)
    }

    fn query(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut branches = vec![self.and(depth)?];
        while self.eat(&Token::Or).is_some() {
            branches.push(self.and(depth)?);
        }
        Ok(joined(branches, Kind::Or))
    }

    fn and(&mut self, depth: usize) -> Result<Node, Fault> {
        let mut legs = vec![self.near(depth)?];
        loop {
            match self.peek() {
                None | Some(Token::Or | Token::Close | Token::Comma) => break,
                Some(Token::And) => drop(self.tokens.next()),
                Some(_) => {}
            }
            legs.push(self.near(depth)?);
        }
        Ok(joined(legs, Kind::And))
    }

    fn near(&mut self, depth: usize) -> Result<Node, Fault> {
        let first = self.unary(depth)?;
        let mut rest = Vec::new();
        while let Some(Token::Near(reach)) = self.peek() {
            let reach = *reach;
            self.tokens.next();
            rest.push((reach, self.unary(depth)?));
        }
        let Some((_, last)) = rest.last() else {
            return Ok(first);
        };
        let span = first.span.start..last.span.end;
        Ok(Node {
            kind: Kind::Near(Box::new(first), rest),
            span,
        })
    }

    fn unary(&mut self, depth: usize) -> Result<Node, Fault> {
        let Some((token, span)) = self.tokens.next() else {
            return Err(Fault::new(
                self.end..self.end,
                "the query ends where something to look for should stand",
                "write a word, a phrase, an alias or a parenthesis, or delete the operator at the end",
            ));
        };
        if depth >= MAX_DEPTH {
            return Err(Fault::new(
                span,
                format!("nested deeper than {MAX_DEPTH}"),
                "split the query: name its parts as aliases",
            ));
        }
        match token {
            Token::Not => self.prefixed(depth, span, Kind::Not),
            Token::In(part) => self.prefixed(depth, span, |query| Kind::In(part, query)),
            token => self.boosted(token, span, depth),
        }
    }

    fn prefixed(
        &mut self,
        depth: usize,
        span: Range<usize>,
        kind: impl FnOnce(Box<Node>) -> Kind,
    ) -> Result<Node, Fault> {
        let operand = self.unary(depth + 1)?;
        let span = span.start..operand.span.end;
        Ok(Node {
            kind: kind(Box::new(operand)),
            span,
        })
    }

    fn boosted(&mut self, token: Token, span: Range<usize>, depth: usize) -> Result<Node, Fault> {
        let atom = self.atom(token, span, depth)?;
        let Some(Token::Boost(factor)) = self.peek() else {
            return Ok(atom);
        };
        let factor = *factor;
        let end = self.tokens.next().map_or(self.end, |(_, span)| span.end);
        let span = atom.span.start..end;
        Ok(Node {
            kind: Kind::Boost(Box::new(atom), factor),
            span,
        })
    }

    fn atom(&mut self, token: Token, span: Range<usize>, depth: usize) -> Result<Node, Fault> {
        let kind = match token {
            Token::Term(term) => Kind::Term(term),
            Token::Alias(name) => Kind::Alias(name),
            Token::Fact(fact) => Kind::Fact(fact),
            Token::Topic(name) => Kind::Topic(name),
            Token::Open => return self.parenthesis(span, depth),
            Token::AtLeast(count) => return self.at_least(count, span, depth),
            other => return Err(misplaced(&other, span)),
        };
        Ok(Node { kind, span })
    }

    /// Reads what follows `(`. The parentheses themselves leave no node.
    fn parenthesis(&mut self, open: Range<usize>, depth: usize) -> Result<Node, Fault> {
        if let Some(close) = self.eat(&Token::Close) {
            return Err(Fault::new(
                open.start..close.end,
                "empty parentheses",
                "write a query between them, or delete them",
            ));
        }
        let mut node = self.query(depth + 1)?;
        node.span = open.start..self.close(open)?;
        Ok(node)
    }

    fn at_least(&mut self, count: usize, span: Range<usize>, depth: usize) -> Result<Node, Fault> {
        let Some(open) = self.eat(&Token::Open) else {
            return Err(Fault::new(
                span,
                "ATLEAST wants its queries in parentheses",
                "write for example `ATLEAST/2(oil, gas, \"price cap\")`",
            ));
        };
        let mut queries = vec![self.query(depth + 1)?];
        while self.eat(&Token::Comma).is_some() {
            queries.push(self.query(depth + 1)?);
        }
        let whole = span.start..self.close(open)?;
        if count == 0 || count > queries.len() {
            return Err(Fault::new(
                span,
                format!("ATLEAST/{count} of {} queries", queries.len()),
                format!("write a number from 1 to {}", queries.len()),
            ));
        }
        Ok(Node {
            kind: Kind::AtLeast(count, queries),
            span: whole,
        })
    }

    /// Goes past the `)` that belongs to the `(` at `open`, and returns where it ends.
    fn close(&mut self, open: Range<usize>) -> Result<usize, Fault> {
        match self.tokens.next() {
            Some((Token::Close, span)) => Ok(span.end),
            Some((Token::Comma, span)) => Err(Fault::new(
                span,
                "a comma outside ATLEAST",
                "write AND or OR between the parts of a parenthesis",
            )),
            _ => Err(Fault::new(
                open,
                "a parenthesis that nothing closes",
                "write `)` where it should close",
            )),
        }
    }
}

/// Joins several nodes into one; a single one stays as it is.
fn joined(mut nodes: Vec<Node>, kind: impl FnOnce(Vec<Node>) -> Kind) -> Node {
    if nodes.len() == 1
        && let Some(only) = nodes.pop()
    {
        return only;
    }
    let start = nodes.first().map_or(0, |node| node.span.start);
    let end = nodes.last().map_or(start, |node| node.span.end);
    Node {
        kind: kind(nodes),
        span: start..end,
    }
}

/// Says what is wrong with a token that stands where an operand should.
fn misplaced(token: &Token, span: Range<usize>) -> Fault {
    match token {
        Token::Close => Fault::new(
            span,
            "`)` where something to look for should stand",
            "write a query before it, or delete it",
        ),
        Token::Comma => Fault::new(
            span,
            "a comma where something to look for should stand",
            "leave it out, or put it in quotes",
        ),
        Token::Boost(_) => Fault::new(
            span,
            "`^` with nothing before it",
            "write it directly after what it strengthens: `BrahMos^2`",
        ),
        _ => Fault::new(
            span,
            "an operator with nothing before it to join",
            "write something to look for on both sides, or put the word in quotes",
        ),
    }
}

//! A query as a tree, and the tree as text again.
//!
//! [`Display`](fmt::Display) writes a node in the one canonical spelling (juxtaposition for AND, `-` for
//! NOT, the fewest parentheses); parsing that text gives the same tree. Problems quote nodes by it.

use super::facts::Fact;
use std::fmt;
use std::ops::Range;

/// The part of an entry that a query looks at.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Part {
    /// `title:`.
    Title,
    /// `body:`, that is summary and content.
    Body,
}

/// How the words of a term are compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Form {
    /// `word`: folded. A hyphenated one is a phrase of its parts.
    Word,
    /// `"two words"`: folded, one after the other.
    Phrase,
    /// `=Word`: letter by letter.
    Exact,
}

/// A word or a phrase to look for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Term {
    /// The text without quotes, `=` and `*`.
    pub(super) text: String,
    /// How it is compared.
    pub(super) form: Form,
    /// Whether its last word is only the beginning of one (`sanction*`).
    pub(super) prefix: bool,
}

/// How far two operands of NEAR may be apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Reach {
    /// So many words at most; neighbours are one apart.
    pub(super) distance: u32,
    /// Whether the one that is written first must stand first.
    pub(super) ordered: bool,
}

/// A part of a query and where it stands.
#[derive(Clone, Debug)]
pub(super) struct Node {
    /// What it asks.
    pub(super) kind: Kind,
    /// Its bytes in the query.
    pub(super) span: Range<usize>,
}

/// What a node asks of an entry.
#[derive(Clone, Debug)]
pub(super) enum Kind {
    /// A term occurs.
    Term(Term),
    /// A term of the alias occurs; the name without `@`.
    Alias(String),
    /// The entry has this.
    Fact(Fact),
    /// The topic holds.
    Topic(String),
    /// The query holds within this part.
    In(Part, Box<Node>),
    /// The query does not hold.
    Not(Box<Node>),
    /// All hold; two or more.
    And(Vec<Node>),
    /// At least one holds; two or more.
    Or(Vec<Node>),
    /// The first occurs, and each of the others within reach of the one before it.
    Near(Box<Node>, Vec<(Reach, Node)>),
    /// At least so many of the queries hold.
    AtLeast(usize, Vec<Node>),
    /// The query holds, and its score counts so many times.
    Boost(Box<Node>, f64),
}

/// How tightly a spelling holds together; a looser one inside a tighter one needs parentheses.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Binding {
    Or,
    And,
    Near,
    Unary,
    Boost,
    Atom,
}

impl Kind {
    fn binding(&self) -> Binding {
        match self {
            Self::Or(_) => Binding::Or,
            Self::And(_) => Binding::And,
            Self::Near(..) => Binding::Near,
            Self::In(..) | Self::Not(_) => Binding::Unary,
            Self::Boost(..) => Binding::Boost,
            Self::Term(_) | Self::Alias(_) | Self::Fact(_) | Self::Topic(_) | Self::AtLeast(..) => {
                Binding::Atom
            }
        }
    }
}

impl fmt::Display for Part {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Title => "title:",
            Self::Body => "body:",
        })
    }
}

impl fmt::Display for Reach {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let ordered = if self.ordered { "O" } else { "" };
        write!(f, "{ordered}NEAR/{}", self.distance)
    }
}

impl fmt::Display for Term {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let star = if self.prefix { "*" } else { "" };
        match self.form {
            Form::Word => write!(f, "{}{star}", self.text),
            Form::Phrase => write!(f, "\"{}{star}\"", self.text),
            Form::Exact => write!(f, "={}", self.text),
        }
    }
}

impl fmt::Display for Node {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.kind {
            Kind::Term(term) => term.fmt(f),
            Kind::Alias(name) => write!(f, "@{name}"),
            Kind::Fact(fact) => fact.fmt(f),
            Kind::Topic(name) => write!(f, "topic:{name}"),
            Kind::In(part, query) => {
                part.fmt(f)?;
                query.write_within(f, Binding::Unary)
            }
            Kind::Not(query) => {
                f.write_str("-")?;
                query.write_within(f, Binding::Unary)
            }
            Kind::And(legs) => write_joined(f, legs, " ", Binding::Near),
            Kind::Or(branches) => write_joined(f, branches, " OR ", Binding::And),
            Kind::Near(first, rest) => {
                first.write_within(f, Binding::Unary)?;
                rest.iter().try_for_each(|(reach, operand)| {
                    write!(f, " {reach} ")?;
                    operand.write_within(f, Binding::Unary)
                })
            }
            Kind::AtLeast(count, queries) => {
                write!(f, "ATLEAST/{count}(")?;
                write_joined(f, queries, ", ", Binding::Or)?;
                f.write_str(")")
            }
            Kind::Boost(query, factor) => {
                query.write_within(f, Binding::Atom)?;
                write!(f, "^{factor}")
            }
        }
    }
}

impl Node {
    /// Returns the nodes right within it.
    pub(super) fn inner(&self) -> Vec<&Self> {
        match &self.kind {
            Kind::In(_, query) | Kind::Not(query) | Kind::Boost(query, _) => vec![query],
            Kind::And(nodes) | Kind::Or(nodes) | Kind::AtLeast(_, nodes) => nodes.iter().collect(),
            Kind::Near(first, rest) => {
                let rest = rest.iter().map(|(_, node)| node);
                std::iter::once(&**first).chain(rest).collect()
            }
            Kind::Term(_) | Kind::Alias(_) | Kind::Fact(_) | Kind::Topic(_) => Vec::new(),
        }
    }

    /// Writes the node as an operand of something that binds this tightly.
    fn write_within(&self, f: &mut fmt::Formatter<'_>, least: Binding) -> fmt::Result {
        if self.kind.binding() < least {
            write!(f, "({self})")
        } else {
            write!(f, "{self}")
        }
    }
}

fn write_joined(
    f: &mut fmt::Formatter<'_>,
    nodes: &[Node],
    between: &str,
    least: Binding,
) -> fmt::Result {
    nodes.iter().enumerate().try_for_each(|(at, node)| {
        if at > 0 {
            f.write_str(between)?;
        }
        node.write_within(f, least)
    })
}

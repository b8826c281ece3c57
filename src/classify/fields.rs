//! The fields of a query and what may be written after them.

use super::facts::{Age, Attribute, Fact, is_value_character};
use super::lexer::{Fault, Token};
use super::meant;
use super::syntax::Part;
use std::net::IpAddr;
use std::ops::Range;

/// What stands before a colon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A query follows that looks at this part.
    Text(Part),
    /// A value follows.
    Value(Attribute),
    /// `<2d` follows.
    Age,
    /// The name of a topic follows.
    Topic,
}

/// The fields that take no value of an attribute.
const OTHERS: [(&str, Field); 4] = [
    ("title", Field::Text(Part::Title)),
    ("body", Field::Text(Part::Body)),
    ("age", Field::Age),
    ("topic", Field::Topic),
];

impl Field {
    /// Reads the name of a field, which with its colon stands at `span`.
    pub(super) fn named(name: &str, span: &Range<usize>) -> Result<Self, Fault> {
        let attribute = Attribute::ALL.iter().find(|(known, _)| *known == name);
        let other = OTHERS.iter().find(|(known, _)| *known == name);
        let attribute = attribute.map(|(_, attribute)| Self::Value(*attribute));
        attribute
            .or(other.map(|(_, field)| *field))
            .ok_or_else(|| unknown(name, span.clone()))
    }

    fn name(self) -> &'static str {
        match self {
            Self::Value(attribute) => attribute.name(),
            _ => OTHERS
                .iter()
                .find(|(_, field)| *field == self)
                .map_or("", |(name, _)| name),
        }
    }

    /// Returns an example of what is written after it.
    fn example(self) -> &'static str {
        match self {
            Self::Text(_) => "title:summit",
            Self::Age => "age:<2d",
            Self::Topic => "topic:energy",
            Self::Value(attribute) => match attribute {
                Attribute::Author => "author:\"Jane Doe\"",
                Attribute::Category => "category:world",
                Attribute::Url => "url:*/opinion/*",
                Attribute::Site => "site:bbc.co.uk",
                Attribute::Feed => "feed:tass",
                Attribute::Group => "group:india",
                Attribute::Lang => "lang:hi",
                Attribute::Type => "type:audio",
            },
        }
    }

    /// Makes a token of the value of this field.
    pub(super) fn value(self, value: &str, span: Range<usize>) -> Result<Token, Fault> {
        let name = self.name();
        let value = value.trim();
        if value.is_empty() {
            return Err(Fault::new(
                span,
                format!("`{name}:` without a value"),
                format!("write after it what it must be: `{}`", self.example()),
            ));
        }
        match self {
            Self::Value(attribute) => {
                check(attribute, value, &span)?;
                Ok(Token::Fact(Fact::Is(attribute, value.to_owned())))
            }
            Self::Age => age(value, span),
            // titles and bodies take queries: they never come here
            Self::Topic | Self::Text(_) => topic(value, span),
        }
    }
}

fn unknown(name: &str, span: Range<usize>) -> Fault {
    /// Beyond that many edits another field was hardly meant.
    const MAX_EDITS: usize = 2;
    let names = OTHERS.iter().map(|(name, _)| *name);
    let names: Vec<&str> = names.chain(Attribute::ALL.map(|(name, _)| name)).collect();
    let begins = names.iter().find(|known| name.starts_with(**known));
    // a long name is near none, and comparing takes quadratic time
    let near = names
        .iter()
        .filter(|known| name.len() <= known.len() + MAX_EDITS);
    let near = near.map(|known| (strsim::damerau_levenshtein(name, known), known));
    let near = near.filter(|(edits, known)| *edits <= MAX_EDITS && *edits < known.len());
    let near = near.min().map(|(_, known)| known);
    let help = match near.or(begins) {
        Some(known) => {
            format!("did you mean `{known}:`? put text that holds a colon in quotes")
        }
        None => format!(
            "the fields are `{}:`; put text that holds a colon in quotes",
            names.join(":`, `")
        ),
    };
    let written = meant::quoted(name);
    Fault::new(span, format!("unknown field `{written}:`"), help)
}

/// Refuses values that no entry can have.
fn check(attribute: Attribute, value: &str, span: &Range<usize>) -> Result<(), Fault> {
    match attribute {
        Attribute::Site if !value.contains('*') => site(value, span),
        Attribute::Site => below_a_site(value, span),
        Attribute::Lang => lang(value, span),
        _ => Ok(()),
    }
}

/// Refuses the hosts below a site: what an entry has is the site, whatever host of it the address names.
fn below_a_site(value: &str, span: &Range<usize>) -> Result<(), Fault> {
    let lower = value.to_lowercase();
    let Some(site) = lower.strip_prefix("*.") else {
        return Ok(());
    };
    if psl::domain_str(site) != Some(site) {
        return Ok(());
    }
    Err(Fault::new(
        span.clone(),
        format!("`{value}` asks for hosts below a site, and entries have the site"),
        format!("write `site:{site}`, which is all of them, and `url:` for parts of addresses"),
    ))
}

fn site(value: &str, span: &Range<usize>) -> Result<(), Fault> {
    let lower = value.to_lowercase();
    let host = lower
        .split_once("://")
        .map_or(lower.as_str(), |(_, rest)| rest);
    let host = host.split(['/', '?', '#']).next().unwrap_or_default();
    let domain = psl::domain_str(host);
    // A number is under no domain: its last two parts are no site.
    let literal = literal(host);
    if literal.as_deref().or(domain) == Some(lower.as_str()) {
        return Ok(());
    }
    let example = domain.filter(|domain| domain.chars().all(is_value_character));
    Err(Fault::new(
        span.clone(),
        format!("`{value}` is no domain that sites are registered under"),
        format!(
            "write `site:{}`, and `url:` for parts of addresses",
            literal.as_deref().or(example).unwrap_or("bbc.co.uk")
        ),
    ))
}

/// Returns the address that a host is, whatever its port, as the site of an entry is written.
fn literal(host: &str) -> Option<String> {
    let (bare, port) = host.rsplit_once(':').unwrap_or((host, ""));
    let bare = if port.bytes().all(|byte| byte.is_ascii_digit()) {
        bare
    } else {
        host
    };
    let inner = |text: &str| text.trim_matches(['[', ']']).parse().ok();
    match inner(host).or_else(|| inner(bare))? {
        IpAddr::V4(address) => Some(address.to_string()),
        IpAddr::V6(address) => Some(format!("[{address}]")),
    }
}

/// Languages by the names that people write.
const LANGUAGES: [(&str, &str); 12] = [
    ("english", "en"),
    ("german", "de"),
    ("french", "fr"),
    ("spanish", "es"),
    ("portuguese", "pt"),
    ("italian", "it"),
    ("dutch", "nl"),
    ("russian", "ru"),
    ("hindi", "hi"),
    ("chinese", "zh"),
    ("japanese", "ja"),
    ("arabic", "ar"),
];

fn lang(value: &str, span: &Range<usize>) -> Result<(), Fault> {
    let primary = value.split(['-', '*']).next().unwrap_or_default();
    let is_tag = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '*');
    if primary.len() <= 3 && value.chars().all(is_tag) {
        return Ok(());
    }
    Err(Fault::new(
        span.clone(),
        format!("`{value}` is no language tag"),
        match LANGUAGES
            .iter()
            .find(|(name, _)| value.eq_ignore_ascii_case(name))
        {
            Some((_, tag)) => format!("write `lang:{tag}`"),
            None => "write the short name of a language: `lang:hi`, `lang:pt-BR`".to_owned(),
        },
    ))
}

fn age(value: &str, span: Range<usize>) -> Result<Token, Fault> {
    /// More is longer than anything was published ago, whatever the unit.
    const MAX_AMOUNT: u32 = 1_000_000;
    let read = || {
        let younger = value.starts_with('<');
        let amount = value.strip_prefix(['<', '>'])?;
        let unit = amount.chars().next_back()?;
        Age::seconds(unit)?;
        let amount = amount.strip_suffix(unit)?.parse().ok()?;
        (amount <= MAX_AMOUNT).then_some(Age {
            younger,
            amount,
            unit,
        })
    };
    read().map(|age| Token::Fact(Fact::Age(age))).ok_or_else(|| {
        Fault::new(
            span,
            "`age:` wants `<` or `>`, a whole number and one of s, m, h, d, w",
            "write `age:<2d` for what is younger than two days, `age:>1w` for what is older than a week",
        )
    })
}

fn topic(value: &str, span: Range<usize>) -> Result<Token, Fault> {
    let is_name = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if value.chars().all(is_name) {
        return Ok(Token::Topic(value.to_owned()));
    }
    Err(Fault::new(
        span,
        format!("`{value}` is no name of a topic"),
        "write the `name` of a [[topic]]: `topic:energy`",
    ))
}

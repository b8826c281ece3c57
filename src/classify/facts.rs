//! What a query asks of an entry beside its texts: `author:`, `site:`, `lang:` and their kin.
//!
//! A fact holds or it does not; it has no places that could be counted. So it is a condition: worth
//! [`FACT_SCORE`] by itself, and never the weakest leg of AND. Values are compared whole and folded;
//! `*` in one stands for anything. Of a language tag, a beginning that ends at a hyphen counts too
//! (`lang:en` holds of `en-GB`), and of a media type its kind (`type:audio` holds of `audio/mpeg`).
//!
//! Values without `*` are looked up, so that what an entry costs does not grow with the rules.
//!
//! [`FACT_SCORE`]: super::matcher::FACT_SCORE

use super::{Spoken, Standing};
use crate::model::{Entry, Evidence};
use crate::text::fold;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fmt;

/// What is said in evidence of a language that only the words of the entry tell.
const GUESSED: &str = " (guessed)";

/// What a fact is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Attribute {
    /// The name of an author.
    Author,
    /// A label of the publisher.
    Category,
    /// The link.
    Url,
    /// The registrable domain of the link.
    Site,
    /// The id of the feed.
    Feed,
    /// The group of the feed.
    Group,
    /// The language tag.
    Lang,
    /// The media type of an enclosure.
    Type,
}

impl Attribute {
    /// All of them, as queries name them.
    pub(super) const ALL: [(&'static str, Self); 8] = [
        ("author", Self::Author),
        ("category", Self::Category),
        ("url", Self::Url),
        ("site", Self::Site),
        ("feed", Self::Feed),
        ("group", Self::Group),
        ("lang", Self::Lang),
        ("type", Self::Type),
    ];

    /// Returns its name in queries and in evidence.
    pub(super) fn name(self) -> &'static str {
        let found = Self::ALL.iter().find(|(_, attribute)| *attribute == self);
        found.map_or("", |(name, _)| name)
    }

    /// Returns what an entry has of it.
    fn values<'e>(
        self,
        entry: &Entry,
        spoken: &dyn Fn() -> Spoken<'e>,
        standing: &Standing<'_>,
    ) -> Vec<String> {
        let owned = |text: Option<&str>| text.map(str::to_owned).into_iter().collect();
        match self {
            Self::Author => entry.authors.iter().map(|it| it.name.clone()).collect(),
            Self::Category => {
                let categories = entry.categories.iter();
                let texts = categories.flat_map(|it| [Some(&it.term), it.label.as_ref()]);
                texts.flatten().cloned().collect()
            }
            Self::Url => owned(entry.url.as_deref()),
            Self::Site => entry
                .url
                .as_deref()
                .and_then(standing.site)
                .into_iter()
                .collect(),
            Self::Feed => owned(Some(entry.feed.as_str())),
            Self::Group => owned(standing.group),
            Self::Lang => beginnings(spoken().tag.unwrap_or_default()),
            Self::Type => {
                let enclosures = entry.enclosures.iter();
                enclosures
                    .filter_map(|it| it.media_type.as_deref())
                    .flat_map(kinds)
                    .collect()
            }
        }
    }
}

/// Returns a language tag and its beginnings that end at a hyphen, the longest first.
fn beginnings(tag: &str) -> Vec<String> {
    let shorter = tag
        .match_indices('-')
        .rev()
        .filter_map(|(at, _)| tag.get(..at));
    let tags = std::iter::once(tag).chain(shorter);
    tags.map(str::to_owned).collect()
}

/// Returns a media type without parameters, and its kind.
fn kinds(media_type: &str) -> Vec<String> {
    let whole = media_type.split(';').next().unwrap_or_default().trim();
    let kind = whole.split('/').next().unwrap_or_default();
    vec![whole.to_owned(), kind.to_owned()]
}

/// Which entries `age:` means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Age {
    /// Those younger than that, or else those that are older.
    pub(super) younger: bool,
    /// So many units.
    pub(super) amount: u32,
    /// `s`, `m`, `h`, `d` or `w`.
    pub(super) unit: char,
}

impl Age {
    /// Returns how long a unit is in seconds.
    pub(super) fn seconds(unit: char) -> Option<i64> {
        match unit {
            's' => Some(1),
            'm' => Some(60),
            'h' => Some(3_600),
            'd' => Some(86_400),
            'w' => Some(604_800),
            _ => None,
        }
    }

    fn holds(self, entry: &Entry, standing: &Standing<'_>) -> bool {
        let limit = i64::from(self.amount) * Self::seconds(self.unit).unwrap_or_default();
        standing.now.is_some_and(|now| {
            let age = now.as_second() - entry.published_at.as_second();
            if self.younger {
                age < limit
            } else {
                age > limit
            }
        })
    }
}

/// A condition as written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) enum Fact {
    /// The entry has this value.
    Is(Attribute, String),
    /// It is so old.
    Age(Age),
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Is(attribute, value) if is_bare(value) => {
                write!(f, "{}:{value}", attribute.name())
            }
            Self::Is(attribute, value) => write!(f, "{}:\"{value}\"", attribute.name()),
            Self::Age(Age {
                younger,
                amount,
                unit,
            }) => {
                write!(f, "age:{}{amount}{unit}", if *younger { '<' } else { '>' })
            }
        }
    }
}

/// Tells whether a value can be written without quotes.
fn is_bare(value: &str) -> bool {
    !value.starts_with(|c| c == '@' || is_single_quote(c)) && value.chars().all(is_value_character)
}

/// Tells whether `c` may stand in a value without quotes.
pub(super) fn is_value_character(c: char) -> bool {
    !c.is_whitespace() && !is_quote(c) && !matches!(c, '(' | ')' | ',' | '^')
}

/// Tells whether `c` opens or closes a phrase. Typographic quotes come with text pasted from a word
/// processor, and are not the same everywhere.
pub(super) fn is_quote(c: char) -> bool {
    matches!(
        c,
        '"' | '“'
            | '”'
            | '„'
            | '‟'
            | '＂'
            | '«'
            | '»'
            | '‹'
            | '›'
            | '「'
            | '」'
            | '『'
            | '』'
    )
}

/// Tells whether `c` opens or closes a phrase at its ends, and is an apostrophe elsewhere.
pub(super) fn is_single_quote(c: char) -> bool {
    matches!(c, '\'' | '‘' | '’' | '‚' | '‛')
}

/// Number of a fact that rules ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FactId(pub(super) usize);

/// All facts that rules ask for, each once.
#[derive(Debug, Default)]
pub(super) struct Facts {
    written: Vec<Fact>,
    known: HashMap<Fact, FactId>,
    attributes: BTreeSet<Attribute>,
    /// Values without `*`, folded.
    whole: HashMap<(Attribute, String), Vec<FactId>>,
    /// Values with `*`, folded.
    open: Vec<(Attribute, String, FactId)>,
    ages: Vec<(Age, FactId)>,
}

impl Facts {
    /// Adds a fact, and returns its number.
    pub(super) fn add(&mut self, fact: &Fact) -> FactId {
        if let Some(id) = self.known.get(fact) {
            return *id;
        }
        let id = FactId(self.written.len());
        self.written.push(fact.clone());
        self.known.insert(fact.clone(), id);
        match fact {
            Fact::Age(age) => self.ages.push((*age, id)),
            Fact::Is(attribute, value) => {
                self.attributes.insert(*attribute);
                let value = fold(value);
                if value.contains('*') {
                    self.open.push((*attribute, value, id));
                } else {
                    self.whole.entry((*attribute, value)).or_default().push(id);
                }
            }
        }
        id
    }

    /// Returns the facts that hold of an entry, each with the value that shows it.
    pub(super) fn of<'e>(
        &self,
        entry: &Entry,
        spoken: &dyn Fn() -> Spoken<'e>,
        standing: &Standing<'_>,
    ) -> BTreeMap<FactId, String> {
        let mut holding = BTreeMap::new();
        for attribute in &self.attributes {
            // backwards, so that the first of several values is the one that shows a fact
            let values = attribute.values(entry, spoken, standing).into_iter().rev();
            for value in values.filter(|value| !value.is_empty()) {
                let folded = fold(&value);
                let ids = self.of_value(*attribute, &folded);
                let shown = match attribute {
                    Attribute::Lang if spoken().is_guessed => format!("{value}{GUESSED}"),
                    _ => value,
                };
                holding.extend(ids.map(|id| (id, shown.clone())));
            }
        }
        let ages = self
            .ages
            .iter()
            .filter(|(age, _)| age.holds(entry, standing));
        holding.extend(ages.map(|(_, id)| (*id, entry.published_at.to_string())));
        holding
    }

    /// Returns the facts that a folded value shows.
    fn of_value(&self, attribute: Attribute, value: &str) -> impl Iterator<Item = FactId> {
        let whole = self.whole.get(&(attribute, value.to_owned()));
        let open = self.open.iter().filter(move |(of, _, _)| *of == attribute);
        let open = open.filter(move |(_, pattern, _)| fits(pattern, value));
        whole
            .into_iter()
            .flatten()
            .copied()
            .chain(open.map(|(_, _, id)| *id))
    }

    /// Returns a fact that holds as evidence.
    pub(super) fn evidence(&self, id: FactId, value: &str) -> Option<Evidence> {
        let fact = self.written.get(id.0)?;
        let field = match fact {
            Fact::Is(attribute, _) => attribute.name(),
            Fact::Age(_) => "age",
        };
        Some(Evidence {
            field: field.to_owned(),
            term: fact.to_string(),
            alias: None,
            text: value.to_owned(),
            position: 0,
        })
    }
}

/// Tells whether a value is what a pattern with `*` describes: its parts in order, the first at the
/// beginning, the last at the end. Each is looked for once, from where the one before it ended.
fn fits(pattern: &str, value: &str) -> bool {
    let mut parts = pattern.split('*');
    let Some(mut rest) = value.strip_prefix(parts.next().unwrap_or_default()) else {
        return false;
    };
    let Some(last) = parts.next_back() else {
        return rest.is_empty();
    };
    for part in parts {
        match rest.split_once(part) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn stars_stand_for_anything() {
        for (pattern, value, expected) in [
            ("*", "", true),
            ("*", "a", true),
            ("a*", "abc", true),
            ("a*", "ba", false),
            ("*c", "abc", true),
            ("a*c", "abc", true),
            ("a*c", "a", false),
            ("ab*ba", "aba", false),
            ("*b*", "abc", true),
            ("a**c", "ac", true),
            ("*a*b*", "xbya", false),
        ] {
            assert_eq!(fits(pattern, value), expected, "{pattern} {value}");
        }
    }

    #[test]
    fn tags_and_types_count_by_their_beginnings() {
        assert_eq!(beginnings("zh-Hant-TW"), ["zh-Hant-TW", "zh-Hant", "zh"]);
        assert_eq!(kinds("audio/mpeg; x=1"), ["audio/mpeg", "audio"]);
    }
}

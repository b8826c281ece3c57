//! Who speaks in a feed, as the operator sees it, and how much an entry tells.

/// What a feed is to the articles that it carries: `role` in `feeds.toml`.
///
/// In the order in which they lead an article. An aggregator comes before a rewrite because its entry is
/// often the original's own words under the original's link, though cut; a rewrite has other words, and its
/// reader is one remove further from who was there.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Role {
    /// It publishes what it wrote itself.
    #[default]
    Original,
    /// An agency, whose copy others print.
    Wire,
    /// It lists what others published.
    Aggregator,
    /// It tells what others published in words of its own.
    Rewrite,
}

impl Role {
    /// All roles, in the order in which they lead.
    pub const ALL: [Self; 4] = [Self::Original, Self::Wire, Self::Aggregator, Self::Rewrite];

    /// Returns the name that it has in `feeds.toml`, the database and JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Original => "original",
            Self::Wire => "wire",
            Self::Aggregator => "aggregator",
            Self::Rewrite => "rewrite",
        }
    }
}

/// Who speaks in a feed, by its operator's word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlet {
    /// What it is to the articles that it carries.
    pub role: Role,
    /// Which of several of one role leads: the one with the higher weight, of 0 to 100.
    pub weight: u8,
    /// Name of who owns it: outlets of one owner are one voice.
    pub owner: Option<String>,
}

impl Outlet {
    /// The weight of a feed of which nothing is said: others can be given more, or less.
    pub const WEIGHT: u8 = 50;
}

impl Default for Outlet {
    fn default() -> Self {
        Self {
            role: Role::default(),
            weight: Self::WEIGHT,
            owner: None,
        }
    }
}

/// How much an entry tells, in classes so coarse that an edit seldom changes it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Completeness {
    /// A headline, or a text that was cut short.
    #[default]
    Teaser,
    /// An abstract, or a short report.
    Summary,
    /// An article.
    Full,
}

impl Completeness {
    /// Says it to people.
    pub fn words(self) -> &'static str {
        match self {
            Self::Teaser => "a teaser",
            Self::Summary => "a summary",
            Self::Full => "the full text",
        }
    }
}

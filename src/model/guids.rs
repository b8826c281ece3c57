//! What is known of the ids that the publisher of a feed gives its entries.

/// Whether the ids of a feed are ids, and what spoke against it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum GuidHealth {
    /// Nothing speaks against them.
    #[default]
    Good,
    /// In one document, several entries had one id.
    Repeated,
    /// Entries had the address of the site or of the feed for an id.
    ChannelLink,
    /// An id that had named one article came back with another, more than once.
    Reused,
    /// Entries that were there came back under other ids, more than once.
    Changing,
}

impl GuidHealth {
    /// All states.
    pub const ALL: [Self; 5] = [
        Self::Good,
        Self::Repeated,
        Self::ChannelLink,
        Self::Reused,
        Self::Changing,
    ];

    /// Returns the stable name used in the database and in JSON.
    pub fn name(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::Repeated => "repeated",
            Self::ChannelLink => "channel-link",
            Self::Reused => "reused",
            Self::Changing => "changing",
        }
    }

    /// Says it to people, in words that stand alone.
    pub fn sentence(self) -> &'static str {
        match self {
            Self::Good => "nothing speaks against its ids",
            Self::Repeated => "several of its entries have one id",
            Self::ChannelLink => "its entries have the address of the site for an id",
            Self::Reused => "its ids come back with other articles",
            Self::Changing => "its entries come back under other ids",
        }
    }

    /// Tells whether nothing speaks against the ids.
    pub fn is_good(self) -> bool {
        self == Self::Good
    }
}

/// What one poll leaves behind for the next about a feed's ids.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Guids {
    /// What is proven. It never turns good again by itself: a document in which the ids look right says
    /// nothing about the next.
    pub health: GuidHealth,
    /// What the last poll that could tell found across polls; good when it found the ids in order. Found
    /// twice running it is proven: publishers change all their ids once, when they change their software.
    pub suspicion: GuidHealth,
}

/// What tells the entries of a feed apart: `identity` in `feeds.toml`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum IdentityBy {
    /// The publisher's ids, as long as nothing speaks against them.
    #[default]
    Auto,
    /// The publisher's ids, whatever they are.
    Guid,
    /// Addresses and words, never the publisher's ids.
    Link,
}

impl IdentityBy {
    /// All ways.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Guid, Self::Link];

    /// Returns the name that it has in `feeds.toml`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Guid => "guid",
            Self::Link => "link",
        }
    }

    /// Returns what holds for a feed after its ids were found in this state.
    #[must_use]
    pub fn after(self, health: GuidHealth) -> Self {
        match self {
            Self::Auto if !health.is_good() => Self::Link,
            own => own,
        }
    }
}

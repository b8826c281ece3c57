//! Feeds as lists of them name them, when they go from one program to another.

/// A feed in a list of subscriptions. What it holds is as it was written: nothing of it has been judged.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Subscription {
    /// Our name of it, where the list is one of ours.
    pub id: Option<String>,
    /// Its address.
    pub url: String,
    /// What the list calls it; may be empty.
    pub title: String,
    /// The folders that it is in, the outermost first.
    pub folders: Vec<String>,
    /// Whether it is switched off.
    pub is_off: bool,
}

//! How the topics of a configuration fare in what is stored. Only reads, so that it works beside a daemon.

use super::active::digests;
use crate::config::Config;
use crate::store::{Holding, Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::cmp::Reverse;
use std::collections::BTreeSet;

/// How a topic fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Topic {
    /// Its name.
    pub name: String,
    /// What readers see of it: its title, else its name.
    pub title: String,
    /// How much is stored of it.
    pub holding: Holding,
    /// The topics that it shares articles with, of those that came last, and how many; most first.
    pub shared: Vec<(String, u64)>,
    /// Whether what is stored was judged by the rule that the configuration has.
    pub is_applied: bool,
}

/// Returns how the topics of a configuration fare, in its order; `since` is when what came lately begins.
///
/// # Errors
///
/// When the database cannot be read.
pub fn topics(store: &Store, config: &Config, since: Timestamp) -> Result<Vec<Topic>, StoreError> {
    let known = &config.site.topics;
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let (holdings, _) = store.holdings(&names, since)?;
    let shared = store.shared(&names)?;
    let (wanted, held) = (digests(config).of, store.rules()?);
    let topics = known.iter().zip(holdings).enumerate();
    let topics = topics.map(|(place, ((name, title), holding))| {
        let others = shared.iter().filter_map(|((one, other), number)| {
            let other = match place {
                it if it == *one => other,
                it if it == *other => one,
                _ => return None,
            };
            Some(((*names.get(*other)?).to_owned(), *number))
        });
        let mut others: Vec<(String, u64)> = others.collect();
        others.sort_by_key(|(_, number)| Reverse(*number));
        let rule = held.get(name).copied().flatten();
        Topic {
            name: name.clone(),
            title: title.clone(),
            holding,
            shared: others,
            is_applied: rule.is_some() && rule.as_ref() == wanted.get(name),
        }
    });
    Ok(topics.collect())
}

/// For how long nothing comes to a topic before somebody should look at it: most news that are worth a topic come again within weeks.
const SILENT: SignedDuration = SignedDuration::from_hours(30 * 24);

/// Returns the topics in force that have nothing of a month, while other articles came; none where the database is younger, or all
/// that came a month ago may be gone.
///
/// # Errors
///
/// When the database cannot be read.
pub fn silent_topics(
    store: &Store,
    config: &Config,
    now: Timestamp,
) -> Result<BTreeSet<String>, StoreError> {
    let since = now.saturating_sub(SILENT).unwrap_or(Timestamp::MIN);
    let own = config.feeds.iter().filter_map(|feed| feed.limits.retention);
    let keep = own.chain([config.storage.retention]).min();
    let kept = keep.and_then(|kept| SignedDuration::try_from(kept).ok());
    if store.identity().created_at > since || kept.is_some_and(|kept| kept < SILENT) {
        return Ok(BTreeSet::new());
    }
    let known = &config.site.topics;
    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
    let (holdings, came) = store.holdings(&names, since)?;
    if came == 0 {
        return Ok(BTreeSet::new());
    }
    let in_force = topics_in_force(store, config)?;
    let silent = names.into_iter().zip(holdings);
    let silent = silent.filter(|(name, holding)| holding.lately == 0 && in_force.contains(*name));
    Ok(silent.map(|(name, _)| name.to_owned()).collect())
}

/// Returns the topics of a configuration whose rules are those by which labels are stored.
///
/// # Errors
///
/// When the database cannot be read.
pub fn topics_in_force(store: &Store, config: &Config) -> Result<BTreeSet<String>, StoreError> {
    let (wanted, held) = (digests(config).of, store.rules()?);
    let is_held = |(label, digest): &(String, [u8; 16])| held.get(label) == Some(&Some(*digest));
    let in_force = wanted.into_iter().filter(is_held);
    Ok(in_force.map(|(label, _)| label).collect())
}

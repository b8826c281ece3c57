//! Who speaks in the feeds of a configuration, for a history that is stored beside what is polled.

use super::writer::Pen;
use super::{FeedSeed, Seeds, Store, StoreError, feeds, origin, rows::At};
use jiff::Timestamp;
use rusqlite::{Result, params};

/// Writes who speaks in a feed, where that is another or the feed has no row. The address of one that was ever
/// taken up is what its state is about, and stays.
const NAME: &str = "
    INSERT INTO feeds (name, url, given_title, added_at, role, weight, owner)
    VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
    ON CONFLICT (name) DO UPDATE SET
        url = iif(fingerprint IS NULL, excluded.url, url), given_title = excluded.given_title,
        role = excluded.role, weight = excluded.weight, owner = excluded.owner,
        chosen_to = iif(role = excluded.role AND weight = excluded.weight
            AND owner IS excluded.owner, chosen_to, 0)
    WHERE (url, given_title, role, weight, owner)
        IS NOT (iif(fingerprint IS NULL, excluded.url, url), excluded.given_title, excluded.role,
            excluded.weight, excluded.owner)";

impl Store {
    /// Makes known what feeds are called and who speaks in them, and takes up none: what their next polls go by
    /// stays, and so does which of them are configured. Where role, weight or owner changed,
    /// [`Store::choose_leads`] has something to do.
    pub async fn name_outlets(
        &self,
        feeds: impl Seeds,
        now: Timestamp,
    ) -> std::result::Result<(), StoreError> {
        self.write(move |pen| {
            let mut feeds = (0..feeds.count()).filter_map(|number| feeds.seed(number));
            feeds.try_for_each(|feed| name(pen, &feed, now))
        })
        .await
    }
}

/// Writes one of them.
fn name(pen: &mut Pen<'_>, feed: &FeedSeed, now: Timestamp) -> Result<()> {
    let written = pen.connection.prepare_cached(NAME)?.execute(params![
        feed.id.as_str(),
        feed.url,
        feed.title,
        At(now),
        feed.outlet.role.name(),
        feed.outlet.weight,
        feed.outlet.owner,
    ])?;
    if written > 0 {
        origin::save_names(
            pen.connection,
            feeds::number(pen.connection, &feed.id, now)?,
        )?;
    }
    Ok(())
}

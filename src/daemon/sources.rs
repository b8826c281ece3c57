//! The list of the feeds that we poll, for everybody (U24): which of them everybody may know of, and when it is rendered.

use super::press::{self, Press, Printed};
use super::served::Served;
use super::stale::Stale;
use crate::config::{Config, FeedSettings};
use crate::publish::{self, Polled};
use crate::store::StoreError;

/// Where it is served.
pub(super) const PATH: &str = "/sources.opml";

/// Of more feeds no list is made: no reader takes so many, and at a first start it would be made anew with each
/// round of polls.
const MOST_SOURCES: usize = 10_000;

/// Tells whether the feeds are listed.
pub(super) fn lists_sources(config: &Config) -> bool {
    config.feeds.len() <= MOST_SOURCES
}

impl Press {
    /// Renders the list of feeds where it may be another than before; a large one takes longer than all else.
    pub(super) fn print_sources(
        &self,
        printed: &mut Printed,
        served: &Served,
        stale: &Stale,
    ) -> Result<(), StoreError> {
        // What is told of a feed is looked at anew once a day.
        let is_stale = stale.all || stale.renamed || stale.archives.is_thorough;
        let is_held = printed.resources.contains_key(PATH);
        if !lists_sources(&self.active.config) || is_held && !is_stale {
            return Ok(());
        }
        let body = publish::sources_opml(&self.active.config.site, &self.polled()?);
        let sheet = press::open_sheet(PATH, publish::OPML);
        self.lay_out(printed, served, sheet, body);
        Ok(())
    }

    /// Returns the feeds that we poll, as others may know of them: without those that have anything of a
    /// secret, or are in a network of the operator's (S7), or of which nothing is told to everybody (U31).
    fn polled(&self) -> Result<Vec<Polled>, StoreError> {
        let mut titles = self.store.feed_titles()?;
        let mut homes = self.store.feed_homes()?;
        let told = self.store.told_feeds(&self.settled.openly)?;
        let is_told = |feed: &&FeedSettings| told.as_ref().is_none_or(|it| it.contains(&feed.id));
        let feeds = self.active.config.feeds.iter().filter(|feed| feed.enabled);
        let feeds = feeds.filter(is_told);
        let open = feeds.filter(|feed| self.active.discreet.tells(feed));
        let mut title = |feed: &FeedSettings| {
            let title = feed.title.clone().or_else(|| titles.remove(&feed.id));
            self.active.discreet.cleared(&title.unwrap_or_default())
        };
        let polled = open.map(|feed| Polled {
            title: title(feed),
            url: feed.target.url.to_string(),
            home: homes
                .remove(&feed.id)
                .filter(|home| self.active.discreet.shows(home)),
            group: feed.group.clone(),
        });
        Ok(polled.collect())
    }
}

//! A query over everything stored, the newest articles first. Only reads, so that it works beside a daemon.
//!
//! Entries are read and judged as when rules are applied anew, so that a query finds what a topic of it would have. A
//! full-text index was rejected: it knows neither aliases nor order nor places, and would double the writing.

use crate::classify::Question;
use crate::config::{Config, standing};
use crate::model::TopicMatch;
use crate::store::{Headline, Readable, Store, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;

/// Articles whose dates are read at once.
const CHUNK: u32 = 512;

/// What is asked.
#[derive(Debug)]
pub struct Search {
    /// The query.
    pub question: Question,
    /// Articles that were published before are not looked at.
    pub since: Option<Timestamp>,
    /// When it is asked.
    pub now: Timestamp,
    /// How many articles are wanted at most.
    pub limit: usize,
}

/// An article that a query holds of.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Its number.
    pub article: i64,
    /// What it is shown by.
    pub headline: Headline,
    /// Score and evidence in that of its entries where the query holds most strongly.
    pub found: TopicMatch,
}

/// Hands over the articles that a query holds of, the newest first. Returns whether the limit ended it.
///
/// # Errors
///
/// When the database cannot be read, and [`StoreError::Sink`] with the first failure of `take`.
pub fn search(
    store: &Store,
    config: &Config,
    search: &Search,
    take: &mut dyn FnMut(Finding) -> io::Result<()>,
) -> Result<bool, StoreError> {
    let feeds: HashMap<&str, _> = config
        .feeds
        .iter()
        .map(|feed| (feed.id.as_str(), feed))
        .collect();
    let judge = |read: &Readable| {
        let mut standing = standing(feeds.get(read.entry.feed.as_str()).copied());
        standing.now = Some(search.now);
        search.question.ask(&read.entry, &standing)
    };
    let mut left = search.limit;
    let mut before = None;
    loop {
        let articles = store.articles_before(before, search.since, CHUNK)?;
        let Some(last) = articles.last() else {
            return Ok(false);
        };
        before = Some(*last);
        for (_, article) in articles {
            let entries = store.readable_article(article)?;
            let found = entries.iter().filter_map(judge);
            let Some(found) = found.max_by(|a, b| a.score.total_cmp(&b.score)) else {
                continue;
            };
            if left == 0 {
                return Ok(true);
            }
            // It may have left since.
            if let Some(headline) = store.headline(article)? {
                left -= 1;
                let finding = Finding {
                    article,
                    headline,
                    found,
                };
                take(finding).map_err(StoreError::Sink)?;
            }
        }
    }
}

//! A query over everything stored, the newest articles first. Only reads, so that it works beside a daemon.
//!
//! Entries are read and judged as when rules are applied anew, so that a query finds what a topic of it would have. A
//! full-text index was rejected: it knows neither aliases nor order nor places, and would double the writing.

use crate::classify::{Question, Standing};
use crate::config::{Config, standing};
use crate::model::{TopicMatch, Watch};
use crate::store::{Headline, Readable, Store, StoreError};
use jiff::Timestamp;
use std::collections::HashMap;
use std::io;

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
    /// Who is told how many articles have been looked at.
    pub watch: Watch,
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

/// Hands over the articles that a query holds of, the newest first and all of one moment. Returns whether the limit ended it.
///
/// What is found is gathered before any of it is handed over: the limit bounds it.
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
    let judge = |read: &Readable, with_story: &[String]| {
        let standing = Standing {
            with_story,
            now: Some(search.now),
            ..standing(feeds.get(read.entry.feed.as_str()).copied())
        };
        search.question.ask(&read.entry, &standing)
    };
    let mut found = Vec::new();
    let mut more = false;
    let (mut looked_at, of) = (0, store.totals()?.articles);
    store.newest_first(search.since, &mut |article, snapshot| {
        looked_at += 1;
        search.watch.tell(looked_at, of);
        let entries = snapshot.entries(article)?;
        let with_story = if search.question.asks_for_stories() {
            snapshot.taking(article)?
        } else {
            Vec::new()
        };
        let matches = entries.iter().filter_map(|read| judge(read, &with_story));
        let Some(strongest) = matches.max_by(|a, b| a.score.total_cmp(&b.score)) else {
            return Ok(true);
        };
        more = found.len() >= search.limit;
        if !more && let Some(headline) = snapshot.headline(article)? {
            found.push(Finding {
                article,
                headline,
                found: strongest,
            });
        }
        Ok(!more)
    })?;
    // Whoever reads them may be slow; the database is done with.
    found
        .into_iter()
        .try_for_each(take)
        .map_err(StoreError::Sink)?;
    Ok(more)
}

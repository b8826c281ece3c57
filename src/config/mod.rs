//! `feeds.toml` into typed settings of every module, or a list of problems with their places.
//!
//! Knows the settings types of all modules and their defaults, the TOML, the environment that it is
//! given, the files that secrets and rules are in and the time zones of the machine. Does not know what the settings are for: a module owns the
//! type of its settings, a section here (one file each) fills it in.
//!
//! Invariants: a text gives a [`Config`] or at least one error, never a panic; all problems are reported
//! in one go, each with its place and what to write instead; a problem never tells a secret (S7).
//! Text that is not TOML is the exception to "all": what a broken line was meant to be cannot be known, so its table
//! is not read then, nor what may have to do with it (`sound`), and of the values in that line nothing is shown.
//!
//! Nothing here writes a file; `edit` makes of a text one with other addresses (P23), `blocks` one with other
//! feeds. An editing library
//! (`toml_edit`) was tried and rejected: it drops a byte order mark and turns CRLF into LF, and the spans that
//! are at hand say which bytes to replace.
//!
//! The document is parsed with its byte spans and the tables are walked by hand. serde's derive was
//! tried on paper and rejected: it stops at the first fault of a table and loses places inside values.

mod alias;
mod auth;
mod blocked;
mod blocks;
mod changes;
mod defaults;
mod edit;
mod escapes;
mod examples;
mod feeds;
mod fetch;
mod file;
mod groups;
mod headers;
mod hub;
mod lines;
mod links;
mod load;
mod membership;
mod names;
mod networks;
mod outlet;
mod outline;
mod outputs;
mod plain_http;
mod problem;
mod protect;
mod proxy;
mod queries;
mod reading;
mod render;
mod restart;
mod salvage;
mod schedule;
mod schema;
mod scopes;
mod secrets;
mod served;
mod server;
mod settings;
mod silent_topics;
mod sound;
mod storage;
mod synonyms;
mod syntax;
mod table;
#[cfg(test)]
mod tests;
mod tombstones;
mod topics;
mod twice;
mod unclosed;
mod values;
mod zones;

pub use blocks::{
    EditError, FeedPlace, NewFeed, feed_at, feed_line, feed_lines, feed_places, group_names,
    with_feed_enabled, with_feeds, without_feed,
};
pub use changes::{
    address_changed, archives_anew, archives_ended, feeds_changed, feeds_renamed, feeds_unstored,
    files_left, outputs_changed, outputs_unserved,
};
pub use edit::{with_addresses, with_secrets_of_origin};
pub use feeds::{alike, as_pasted};
pub use load::{ConfigError, load, text};
pub use names::nearest;
pub use networks::{Paste, lacking, lets_in, listing, with_networks};
pub use plain_http::plain_http;
pub use problem::{Code, Position, Problem, Related, Severity};
pub use queries::{query_problems, query_remarks};
pub use render::render;
pub use restart::needs_restart;
pub use salvage::{InForce, salvage};
pub use schema::{manual, reference, schema};
pub use settings::{Config, FeedSettings, Server, as_said, standing, standings};
pub use silent_topics::silent_topics;
pub use storage::storage_path;
pub use values::{line_fault, name_fault, possible_name};

use crate::model::FeedId;
use crate::publish::Site;
use crate::store::Limits;
use reading::{Reading, Secrets};
use std::collections::BTreeMap;
use std::sync::Arc;
use table::Table;
use toml::de::DeTable;

/// What became of a good `feeds.toml`.
#[derive(Clone, Debug)]
pub struct Loaded {
    /// The settings.
    pub config: Config,
    /// What the operator may want to know all the same, in the order of the file.
    pub warnings: Vec<Problem>,
}

/// Reads the text of a `feeds.toml`.
///
/// `environment` gives the values of environment variables, for secrets that name one. Files that
/// secrets name are read here too, and the tz database when a zone is named; nothing else is.
///
/// # Errors
///
/// All problems of the text in the order of their places, warnings among them; at least one is an
/// error. After [`Code::TooMany`], the last, some are left out.
pub fn read(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<Problem>> {
    walk_text(Reading::new(text, environment, Secrets::Needed), text)
}

/// Reads the text for who only checks it: a secret that cannot be had is a warning, since the service
/// may have it. What needs one is left out.
///
/// # Errors
///
/// As [`read`].
pub fn check(
    text: &str,
    environment: &dyn Fn(&str) -> Option<String>,
) -> Result<Loaded, Vec<Problem>> {
    walk_text(Reading::new(text, environment, Secrets::Checked), text)
}

/// Reads the text for who asks no origin: secrets are not looked for.
///
/// # Errors
///
/// As [`read`].
pub fn read_without_secrets(text: &str) -> Result<Loaded, Vec<Problem>> {
    walk_text(Reading::new(text, &|_| None, Secrets::Ignored), text)
}

/// Tells whether a text holds a credential itself, or an address with one. One that is refused may hold any.
pub fn holds_secrets(text: &str) -> bool {
    let Ok(Loaded { config, warnings }) = read_without_secrets(text) else {
        return true;
    };
    let has_secrets = |feed: &FeedSettings| crate::fetch::has_secrets(&feed.target.url);
    warnings.iter().any(|problem| problem.code.is_secret()) || config.feeds.iter().any(has_secrets)
}

fn walk_text<'a>(mut reading: Reading<'a>, text: &'a str) -> Result<Loaded, Vec<Problem>> {
    let (document, errors) = DeTable::parse_recoverable(text);
    if !errors.is_empty() {
        // A large file is not to be in memory twice.
        drop(document);
        if syntax::report(&errors, text, &mut reading) {
            walk_sound(text, &mut reading);
        }
        return Err(reading.finish().unwrap_or_else(|problems| problems));
    }
    let root = Table::new("", 0..0, document.into_inner());
    let mut config = walk(root, &mut reading);
    config.digest = digest(text);
    let warnings = reading.finish()?;
    Ok(Loaded { config, warnings })
}

/// Reads the tables without a fault of those that were noted, if they are TOML by themselves, and notes what is wrong
/// with them: nothing that one of the others may be the cause of.
fn walk_sound(text: &str, reading: &mut Reading<'_>) {
    let sound = sound::sound(text, &reading.places());
    let (document, errors) = DeTable::parse_recoverable(&sound);
    if !errors.is_empty() {
        return;
    }
    let mut part = reading.of_part(&sound);
    walk(Table::new("", 0..0, document.into_inner()), &mut part);
    reading.join(part);
}

/// Returns what tells a text from others.
pub fn digest(text: &str) -> [u8; 32] {
    *blake3::hash(text.as_bytes()).as_bytes()
}

/// Returns what feeds say of how much of them is kept; most say nothing.
fn limits(feeds: &[FeedSettings]) -> BTreeMap<FeedId, Limits> {
    let limited = feeds.iter().map(|feed| (feed.id.clone(), feed.limits));
    limited
        .filter(|(_, limits)| *limits != Limits::default())
        .collect()
}

/// Reads all sections. Topics come before groups and outputs, and these before feeds, which name groups and
/// must not be outputs.
fn walk<'a>(mut root: Table<'a>, reading: &mut Reading<'a>) -> Config {
    let server = server::read(&mut root, reading);
    let mut storage = storage::read(&mut root, reading);
    let fetch = fetch::read(&mut root, server.reachable(), reading);
    let defaults = defaults::read(&mut root, storage.retention, reading);
    let url_rules = links::read(&mut root, reading);
    let aliases = alias::read(&mut root, reading);
    let topics = topics::read(&mut root, reading);
    let groups = groups::read(&mut root, &defaults, &topics, reading);
    let outputs = outputs::read(&mut root, &server, &topics, reading);
    let of_all = server.hub_url();
    let is_used = outputs
        .list
        .iter()
        .any(|it| it.hub.is_some() && it.hub == of_all);
    for hub in server.hub.iter().filter(|_| is_used).chain(&outputs.hubs) {
        hub.warn_if_blocked(&fetch, reading);
    }
    let beneath = feeds::Beneath {
        defaults: &defaults,
        groups: &groups,
        served: &served::Served::new(&server, &outputs.list),
        fetch: &fetch,
    };
    let feeds = feeds::read(&mut root, &beneath, reading);
    root.finish(reading);
    storage.limits = limits(&feeds);

    let known = membership::Known::new(&feeds, &groups);
    let known = (feeds.as_slice(), &known);
    let (aliases, rules) = queries::compile(&aliases, &topics, &outputs, known, reading);
    let titles = topics
        .list
        .into_iter()
        .map(|topic| (topic.name, topic.title));
    Config {
        server: server.server,
        site: Site {
            title: server.title,
            author: server.author,
            contact: server.contact,
            public_url: server.public_url,
            topics: titles.collect(),
        },
        storage,
        fetch,
        feeds,
        url_rules: Arc::new(url_rules),
        aliases,
        rules,
        outputs: outputs.list,
        locks: outputs.locks,
        digest: [0; 32],
    }
}

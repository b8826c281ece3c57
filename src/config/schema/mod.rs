//! The JSON Schema of `feeds.toml`, by which editors complete it, and the reference of its keys.
//!
//! Both are made of one table. `schemars` was thought of and rejected: the readers are no types with derives,
//! since these report one fault and lose the places (see the head of `config`), so there is nothing for it to
//! read; and what it would make of types written for it alone could disagree with the readers as well as a
//! table can. A test holds the table to them: each key that a reader asks for is in it, and no other.
//!
//! The schema says less than `check` does: it knows no queries, cron lines, time zones or names of other tables.

mod keys;
mod kind;
mod manual;
mod published;
#[cfg(test)]
mod tests;

pub use manual::manual;

use keys::{Key, SECTIONS, SHARED, Section};
use serde_json::{Map, Value, json};

/// Returns the schema (draft 7, whose plain keywords editors of TOML know).
pub fn schema() -> Value {
    let mut root = Map::new();
    for section in SECTIONS {
        let name = section.name.trim_matches(['[', ']']);
        let table = described(table(section), section.about);
        match name {
            "alias" => {
                let terms = json!({ "type": "array", "items": { "type": "string" } });
                let aliases = json!({ "type": "object", "additionalProperties": terms });
                root.insert("alias".to_owned(), described(aliases, section.about));
            }
            "group.NAME" => {
                let groups = json!({ "type": "object", "additionalProperties": table });
                root.insert("group".to_owned(), groups);
            }
            // In its topic.
            "topic.example" => {}
            _ if section.name.starts_with("[[") => {
                let list = json!({ "type": "array", "items": table });
                root.insert(name.to_owned(), list);
            }
            _ => {
                root.insert(name.to_owned(), table);
            }
        }
    }
    json!({
        "$schema": "http://json-schema.org/draft-07/schema#",
        "title": "feeds.toml of merganser",
        "type": "object",
        "properties": root,
        "additionalProperties": false,
    })
}

/// Tells whether some table of the file has a key of this name.
pub(super) fn is_key(name: &str) -> bool {
    let own = SECTIONS.iter().flat_map(|section| section.keys);
    own.chain(SHARED).any(|key| key.name == name)
}

/// Tells whether some table of the file has a key that begins so.
pub(super) fn begins_a_key(text: &str) -> bool {
    let own = SECTIONS.iter().flat_map(|section| section.keys);
    own.chain(SHARED).any(|key| key.name.starts_with(text))
}

/// Returns the headers of the tables that have a key of this name, in the order of the shipped file.
pub(super) fn tables_with(name: &str) -> Vec<&'static str> {
    let has = |keys: &[Key]| keys.iter().any(|key| key.name == name);
    let sections = SECTIONS.iter();
    let sections = sections.filter(|it| has(it.keys) || (it.is_layer && has(SHARED)));
    sections.map(|section| section.name).collect()
}

/// Tells whether a name is that of a key of a feed.
pub(super) fn is_key_of_feed(name: &str) -> bool {
    let feed = SECTIONS.iter().filter(|section| section.name == "[[feed]]");
    let own = feed.flat_map(|section| section.keys);
    own.chain(SHARED).any(|key| key.name == name)
}

/// Tells whether no table keeps a secret under a name that one of them knows. Addresses and proxies may hold one.
pub(super) fn is_open_key(name: &str) -> bool {
    let own = SECTIONS.iter().flat_map(|section| section.keys);
    let mut named = own.chain(SHARED).filter(|key| key.name == name).peekable();
    named.peek().is_some() && named.all(|key| !key.kind.may_hold_a_secret())
}

/// Returns the reference of all keys, in Markdown.
pub fn reference() -> String {
    let mut page = format!("{HEAD} {VALUES}{FOOT}");
    for section in SECTIONS {
        page.extend(["\n## ", section.name, "\n\n", section.about, "\n"]);
        if section.takes_defaults() {
            page.push_str(TAKES_DEFAULTS);
            page.push('\n');
        }
        let rows: Vec<String> = keys_of(section).map(row).collect();
        if !rows.is_empty() {
            page.push_str("\n| key | value | without it | |\n|---|---|---|---|\n");
            page.extend(rows);
        }
    }
    page
}

const HEAD: &str = "\
# The keys of feeds.toml

Made by `merganser schema --format markdown`; the [shipped file](../feeds.toml) tells more of each and shows them at work. Unknown keys are
mistakes, never ignored: `merganser check` tells where they stand and what was meant.";

/// How values are written.
const VALUES: &str = "\
A duration is a whole number and a unit (`30s`, `15m`,
`1h`, `7d`, `2w`), a size one such as `512KiB` or `10MiB`, a language tag `en` or `pt-BR`. SECRET stands for a text, or better for
`{ env = \"NAME\" }`, `{ file = \"PATH\" }` or `{ credential = \"NAME\" }`, which keep it out of the file; PATH is a whole path, from `/` on.
";

const FOOT: &str = "
Editors with a language server for TOML complete and check the keys by the JSON Schema, which the first line names:
`#:schema /usr/share/merganser/feeds.schema.json`. `merganser schema` prints it.
";

const TAKES_DEFAULTS: &str = "Beside its own keys it takes all of [`[defaults]`](#defaults).";

/// Returns the keys that are told of in a section: what a group and a feed have in common is told of once.
fn keys_of(section: &'static Section) -> impl Iterator<Item = &'static Key> {
    let shared = SHARED.iter().filter(|_| section.name == "[defaults]");
    section.keys.iter().chain(shared)
}

fn row(key: &Key) -> String {
    let Key {
        name, kind, about, ..
    } = key;
    let without = without_it(key);
    format!("| `{name}` | {} | {without} | {about} |\n", kind.words())
}

/// Says what holds without a key.
fn without_it(key: &Key) -> String {
    match key.default {
        None => "has to be there".to_owned(),
        Some(text) if is_value(text) => format!("`{text}`"),
        Some(text) => text.to_owned(),
    }
}

/// Tells whether a default is a value, as the file would have it, and no words.
fn is_value(text: &str) -> bool {
    let is_text = text.starts_with('"') && text.ends_with('"');
    let is_list = text.starts_with('[') && text.ends_with(']');
    is_text || is_list || ["true", "false"].contains(&text) || text.parse::<f64>().is_ok()
}

fn table(section: &Section) -> Value {
    let shared = SHARED.iter().filter(|_| section.is_layer);
    object(section.keys.iter().chain(shared))
}

/// Returns the schema of a table with these keys.
fn object(keys: impl Iterator<Item = &'static Key> + Clone) -> Value {
    let needed = keys.clone().filter(|key| key.default.is_none());
    let needed: Vec<&str> = needed.map(|key| key.name).collect();
    let properties: Map<String, Value> = keys
        .map(|key| {
            let schema = described(key.kind.schema(), &about(key));
            (key.name.to_owned(), schema)
        })
        .collect();
    let mut object = json!({
        "type": "object",
        "properties": properties,
        "additionalProperties": false,
    });
    if let Some(members) = object.as_object_mut().filter(|_| !needed.is_empty()) {
        members.insert("required".to_owned(), json!(needed));
    }
    object
}

/// Returns what an editor shows of a key.
fn about(key: &Key) -> String {
    match key.default {
        None => key.about.to_owned(),
        Some(default) => format!("{} Without it: {}.", key.about, default.replace('`', "")),
    }
}

fn described(mut schema: Value, about: &str) -> Value {
    if let Some(members) = schema.as_object_mut() {
        members.insert("description".to_owned(), json!(about.replace('`', "")));
    }
    schema
}

use super::keys::{SECTIONS, SHARED};
use super::published::EXAMPLE;
use super::schema;
use crate::config::table::asked_for;
use crate::config::{manual, read_without_secrets, reference};
use regex::Regex;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// A file in which each table stands.
const WHOLE: &str = r#"
[server]
[storage]
[fetch]
[defaults]
proxy = { url = "http://proxy.example:3128", user = { env = "U" }, password = { env = "P" } }
[links]
[[url-rule]]
host = "a.example"
drop = ["x"]
[group.one]
auth = { user = "a", password = { env = "P" } }
[[feed]]
id = "a"
url = "https://a.example/"
group = "one"
headers = { x = { env = "X" } }
[[topic]]
name = "t"
query = "harbour"
[[topic.example]]
title = "Harbour"
expect = true
[[output]]
path = "all"
"#;

/// The table of keys is what the readers ask for, in both directions.
#[test]
fn every_key_that_is_read_is_in_the_schema_and_no_other() {
    let asked: BTreeMap<String, BTreeSet<&str>> = asked_for(|| {
        read_without_secrets(WHOLE).unwrap();
    });
    let name = |section: &str| match section {
        "[group.NAME]" => "[group.one]".to_owned(),
        section => section.to_owned(),
    };
    for section in SECTIONS.iter().filter(|section| section.name != "[alias]") {
        let shared = SHARED.iter().filter(|_| section.is_layer);
        let told: BTreeSet<&str> = section
            .keys
            .iter()
            .chain(shared)
            .map(|key| key.name)
            .collect();
        assert_eq!(
            asked.get(&name(section.name)),
            Some(&told),
            "{}",
            section.name
        );
        let list: Vec<&str> = section.keys.iter().map(|key| key.name).collect();
        assert_eq!(list.len(), list.iter().collect::<BTreeSet<_>>().len());
    }
    let root: BTreeSet<String> = schema()["properties"]
        .as_object()
        .unwrap()
        .keys()
        .cloned()
        .collect();
    let read: BTreeSet<String> = asked[""].iter().map(|key| (*key).to_owned()).collect();
    assert_eq!(root, read);
    // With those of the secrets in them.
    for (table, keys) in [
        ("auth", "bearer credential env file password user"),
        ("proxy", "credential env file password url user"),
        ("headers", "credential env file"),
    ] {
        let keys: BTreeSet<&str> = keys.split(' ').collect();
        assert_eq!(asked.get(table), Some(&keys), "{table}");
    }
    assert_eq!(EXAMPLE.len(), 4);
}

/// What the table says that holds without a key is what holds without it.
#[test]
fn defaults_are_what_holds_without_the_key() {
    let config = |text: &str| match read_without_secrets(text) {
        Ok(mut loaded) => {
            loaded.config.digest = [0; 32];
            format!("{:?}", loaded.config)
        }
        Err(problems) => format!("{problems:?}"),
    };
    let plain = config(WHOLE);
    let mut wrong = Vec::new();
    let mut checked = 0;
    for section in SECTIONS {
        let header = section.name.replace("NAME", "one");
        let shared = SHARED.iter().filter(|_| section.name == "[defaults]");
        for key in section.keys.iter().chain(shared) {
            let default = key.default.filter(|text| super::is_value(text));
            let Some(default) = default else { continue };
            let line = format!("\n{header}\n");
            if WHOLE.contains(&format!("\n{} = ", key.name)) || key.name == "example" {
                continue;
            }
            assert!(WHOLE.contains(&line), "{header}");
            let text = WHOLE.replace(&line, &format!("{line}{} = {default}\n", key.name));
            if config(&text) != plain {
                wrong.push(format!("{header} {}", key.name));
            }
            checked += 1;
        }
    }
    assert_eq!(wrong, [""; 0]);
    assert!(checked > 30, "{checked}");
}

/// Says what of a value a schema forbids, as far as it uses these keywords; any other keyword is a fault.
fn faults(schema: &Value, value: &toml::Value, at: &str, found: &mut Vec<String>) {
    for (keyword, wanted) in schema.as_object().unwrap() {
        if !fits(keyword, wanted, value) {
            found.push(format!("{at}: {keyword}"));
        }
    }
    for (index, item) in value.as_array().into_iter().flatten().enumerate() {
        if let Some(items) = schema.get("items") {
            faults(items, item, &format!("{at}[{index}]"), found);
        }
    }
    if let Some(table) = value.as_table() {
        faults_of_table(schema, table, at, found);
    }
}

/// Judges a value by one keyword, but for those that are about what is in it.
fn fits(keyword: &str, wanted: &Value, value: &toml::Value) -> bool {
    let text = wanted.as_str().unwrap_or_default();
    match keyword {
        "type" => match text {
            "string" => value.is_str(),
            "boolean" => value.is_bool(),
            "integer" => value.is_integer(),
            "number" => value.is_integer() || value.is_float(),
            "array" => value.is_array(),
            "object" => value.is_table(),
            other => panic!("{other}"),
        },
        "enum" => {
            let mut names = wanted.as_array().unwrap().iter();
            names.any(|name| name.as_str() == value.as_str())
        }
        "pattern" => {
            let pattern = Regex::new(text).unwrap();
            value.as_str().is_none_or(|value| pattern.is_match(value))
        }
        "minimum" => value
            .as_integer()
            .is_none_or(|it| it >= wanted.as_i64().unwrap()),
        "maximum" => value
            .as_integer()
            .is_none_or(|it| it <= wanted.as_i64().unwrap()),
        "minItems" => value.as_array().is_none_or(|list| !list.is_empty()),
        "minProperties" => value.as_table().is_none_or(|table| !table.is_empty()),
        "anyOf" => wanted.as_array().unwrap().iter().any(|one| {
            let mut others = Vec::new();
            faults(one, value, "", &mut others);
            others.is_empty()
        }),
        "description"
        | "title"
        | "$schema"
        | "required"
        | "items"
        | "properties"
        | "additionalProperties" => true,
        other => panic!("{other} is not known here"),
    }
}

fn faults_of_table(schema: &Value, table: &toml::Table, at: &str, found: &mut Vec<String>) {
    for (key, value) in table {
        let at = format!("{at}.{key}");
        let known = schema.get("properties").and_then(|known| known.get(key));
        match known.or(schema.get("additionalProperties")) {
            Some(Value::Bool(false)) => found.push(format!("{at}: additionalProperties")),
            Some(schema) => faults(schema, value, &at, found),
            None => {}
        }
    }
    let needed = schema.get("required").and_then(Value::as_array);
    for key in needed.into_iter().flatten().filter_map(Value::as_str) {
        if !table.contains_key(key) {
            found.push(format!("{at}.{key}: required"));
        }
    }
}

fn found(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    faults(
        &schema(),
        &text.parse().map(toml::Value::Table).unwrap(),
        "",
        &mut found,
    );
    found
}

fn shipped(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).unwrap()
}

#[test]
fn the_shipped_file_and_its_commented_keys_fit() {
    let text = shipped("feeds.toml");
    assert!(text.starts_with("#:schema /usr/share/merganser/feeds.schema.json\n"));
    assert_eq!(found(&text), [""; 0]);
    assert_eq!(found(WHOLE), [""; 0]);
}

#[test]
fn what_does_not_fit_is_named() {
    for (text, expected) in [
        ("colour = 1", ".colour: additionalProperties"),
        (
            "[server]\nlisen = ''",
            ".server.lisen: additionalProperties",
        ),
        ("[[feed]]\nid = 'a'", ".feed[0].url: required"),
        (
            "[[feed]]\nid = 'A'\nurl = 'https://a.example/'",
            ".feed[0].id: pattern",
        ),
        ("[group.x]\nweight = 101", ".group.x.weight: maximum"),
        ("[defaults]\nidentity = 'uid'", ".defaults.identity: enum"),
        ("[alias]\nindia = 'India'", ".alias.india: type"),
        (
            "[[feed]]\nid = 'a'\nurl = 'https://a.example/'\nauth = { usr = 'x' }",
            ".feed[0].auth: anyOf",
        ),
        (
            "[[output]]\npath = 'a'\nformats = []",
            ".output[0].formats: minItems",
        ),
    ] {
        assert_eq!(found(text), [expected], "{text}");
    }
}

/// What is checked in is what the program prints: `merganser schema > share/feeds.schema.json`, and
/// `merganser schema --format markdown > docs/feeds-toml.md`.
#[test]
fn what_is_checked_in_is_what_is_printed() {
    let printed = format!("{:#}\n", schema());
    assert!(
        shipped("share/feeds.schema.json") == printed,
        "share/feeds.schema.json is out of date"
    );
    assert!(
        shipped("docs/feeds-toml.md") == reference(),
        "docs/feeds-toml.md is out of date"
    );
}

/// The page of `man` has every table and every key that the reference has.
#[test]
fn the_manual_tells_of_every_key() {
    let page = manual("2026-11-27");
    let reference = reference();
    let told = |name: &str| format!("\n.TP\n\\fB{}\\fR (", name.replace('-', "\\-"));
    let mut keys = 0;
    for line in reference.lines() {
        if let Some(table) = line.strip_prefix("## ") {
            assert!(page.contains(&format!("\n.SH {table}\n")), "{table}");
        }
        if let Some((name, _)) = line.strip_prefix("| `").and_then(|it| it.split_once('`')) {
            keys += 1;
            assert!(page.contains(&told(name)), "{name}");
        }
    }
    assert_eq!(page.matches("\n.TP\n").count(), keys);
}

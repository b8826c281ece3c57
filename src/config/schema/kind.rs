//! What a key may hold, as JSON Schema and in words.

use super::published::EXAMPLE;
use serde_json::{Value, json};

/// The kinds of values.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Text,
    Name,
    Url,
    Language,
    Duration,
    Size,
    Boolean,
    Integer(u64, u64),
    Number,
    /// A number up to 100.
    Boost,
    OneOf(&'static [&'static str]),
    /// A list of at least one of these.
    SomeOf(&'static [&'static str]),
    Texts,
    HubOrNone,
    Secret,
    Auth,
    Headers,
    Proxy,
    Examples,
}

impl Kind {
    /// Tells whether a secret may be part of such a value.
    pub(super) fn may_hold_a_secret(self) -> bool {
        let (address, of_who_asks) = (
            matches!(self, Self::Url | Self::HubOrNone | Self::Proxy),
            matches!(self, Self::Secret | Self::Auth | Self::Headers),
        );
        address || of_who_asks
    }

    /// Returns the schema, in keywords that editors of TOML know.
    pub(super) fn schema(self) -> Value {
        match self {
            Self::Text => json!({ "type": "string" }),
            Self::Name => text("^[a-z0-9-]{1,64}$"),
            Self::Url => text("^[Hh][Tt][Tt][Pp][Ss]?:"),
            Self::Language => text("^[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*$"),
            Self::Duration => text("^ *[0-9]+ *[smhdw]$"),
            Self::Size => text("^ *[0-9]+ *(B|[kKMG]B|[KMG]iB)$"),
            Self::Boolean => json!({ "type": "boolean" }),
            Self::Integer(least, most) => {
                json!({ "type": "integer", "minimum": least, "maximum": most })
            }
            Self::Number => json!({ "type": "number", "minimum": 0 }),
            Self::Boost => json!({ "type": "number", "minimum": 0, "maximum": 100 }),
            Self::OneOf(names) => json!({ "type": "string", "enum": names }),
            Self::SomeOf(names) => {
                let item = json!({ "type": "string", "enum": names });
                json!({ "type": "array", "items": item, "minItems": 1 })
            }
            Self::Texts => json!({ "type": "array", "items": { "type": "string" } }),
            Self::HubOrNone => json!({ "anyOf": [none(), Self::Url.schema()] }),
            Self::Secret => json!({ "anyOf": [{ "type": "string" }, kept_elsewhere()] }),
            Self::Headers => {
                json!({ "type": "object", "additionalProperties": Self::Secret.schema() })
            }
            Self::Auth => json!({ "anyOf": [none(), auth()] }),
            Self::Proxy => json!({ "anyOf": [{ "type": "string" }, proxy()] }),
            Self::Examples => {
                json!({ "type": "array", "items": super::object(EXAMPLE.iter()) })
            }
        }
    }

    /// Says it in words.
    pub(super) fn words(self) -> String {
        match self {
            Self::Text => "text".to_owned(),
            Self::Name => "name of `a-z`, `0-9` and `-`".to_owned(),
            Self::Url => "address".to_owned(),
            Self::Language => "language tag".to_owned(),
            Self::Duration => "duration".to_owned(),
            Self::Size => "size".to_owned(),
            Self::Boolean => "`true` or `false`".to_owned(),
            Self::Integer(least, most) => format!("whole number from {least} to {most}"),
            Self::Number => "number".to_owned(),
            Self::Boost => "number from 0 to 100".to_owned(),
            Self::OneOf(names) => listed(names, " or "),
            Self::SomeOf(names) => format!("list of {}", listed(names, " and ")),
            Self::Texts => "list of texts".to_owned(),
            Self::HubOrNone => "address, or `none`".to_owned(),
            Self::Secret => {
                "`{ env = \"NAME\" }`, `{ file = \"/path\" }` or `{ credential = \"NAME\" }`"
                    .to_owned()
            }
            Self::Auth => {
                "`{ user = \"..\", password = SECRET }`, `{ bearer = SECRET }` or `\"none\"`"
                    .to_owned()
            }
            Self::Headers => "table of texts and secrets".to_owned(),
            Self::Proxy => {
                "address, `{ url = \"..\", user = \"..\", password = SECRET }` or `\"none\"`"
                    .to_owned()
            }
            Self::Examples => "list of examples".to_owned(),
        }
    }
}

fn text(pattern: &str) -> Value {
    json!({ "type": "string", "pattern": pattern })
}

fn none() -> Value {
    json!({ "type": "string", "enum": ["none"] })
}

/// A secret that stands outside the file.
fn kept_elsewhere() -> Value {
    let text = json!({ "type": "string" });
    let members = json!({ "env": text, "file": text, "credential": text });
    closed(&members, 1)
}

fn auth() -> Value {
    let secret = Kind::Secret.schema();
    let members = json!({ "user": secret, "password": secret, "bearer": secret });
    closed(&members, 1)
}

fn proxy() -> Value {
    let secret = Kind::Secret.schema();
    let url = json!({ "type": "string" });
    let mut proxy = closed(
        &json!({ "url": url, "user": secret, "password": secret }),
        1,
    );
    if let Some(members) = proxy.as_object_mut() {
        members.insert("required".to_owned(), json!(["url"]));
    }
    proxy
}

/// A table that has these keys and no others.
fn closed(members: &Value, least: u64) -> Value {
    json!({
        "type": "object",
        "properties": members,
        "additionalProperties": false,
        "minProperties": least,
    })
}

fn listed(names: &[&str], last: &str) -> String {
    let names: Vec<String> = names.iter().map(|name| format!("`{name}`")).collect();
    match names.split_last() {
        Some((end, [])) => end.clone(),
        Some((end, names)) => format!("{}{last}{end}", names.join(", ")),
        None => String::new(),
    }
}

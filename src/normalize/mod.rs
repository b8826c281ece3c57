//! Stage normalize.
mod chars;
mod entities;
mod html;
mod plain;
mod url;
mod url_rules;
pub use url::canonical_url;

//! The inner steps of this stage, for the fuzz target in `fuzz/`. No part of the interface.

use super::parser::parse;

/// Returns a query in its one spelling; `None` for what is no query.
pub fn printed(query: &str) -> Option<String> {
    parse(query).ok().map(|node| node.to_string())
}

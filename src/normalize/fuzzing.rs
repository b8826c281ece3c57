//! The sanitiser alone, for its fuzz target in `fuzz/`. No part of the interface.

use super::html::{Base, sanitise};
use crate::model::Text;

/// Returns `html` as it is published when its addresses are relative to `base`.
pub fn safe_html(html: &str, base: &str) -> String {
    sanitise(&Text::html(html), &Base::new(base)).html
}

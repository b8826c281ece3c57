//! Which topics an entry is in, and why.

mod rules;

pub use rules::{Alias, Place, Rule, RuleProblem};

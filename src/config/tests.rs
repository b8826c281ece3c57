//! Whole files: broken ones and where they are broken, good ones and what they mean.

mod blocked;
mod broken;
mod examples;
mod fetching;
mod good;
mod limits;
mod links;
mod lint;
mod membership;
mod outputs;
mod served;
mod sound;
mod strings;
mod syntax;
mod total;

use super::*;

/// An environment with one secret in it.
fn environment(name: &str) -> Option<String> {
    (name == "TOKEN").then(|| "s3cret".to_owned())
}

fn config(text: &str) -> Config {
    match read(text, &environment) {
        Ok(loaded) => loaded.config,
        Err(problems) => panic!("{}", render(&problems, "feeds.toml", text, false)),
    }
}

fn problems(text: &str) -> Vec<Problem> {
    match read(text, &environment) {
        Ok(loaded) => loaded.warnings,
        Err(problems) => problems,
    }
}

/// A file with one good feed, before which the lines under test stand.
fn with_feed(text: &str) -> String {
    format!("{text}\n[[feed]]\nid = \"one\"\nurl = \"https://example.org/feed\"\n")
}

//! Tells the program what it was built of and by what, for `merganser_build_info`.
//!
//! The revision is what who builds says in `$MERGANSER_REVISION`, else what `cargo package` noted of the crate, else
//! `unknown`. git is not asked: an archive of the sources has none, the package of a distribution has another one, and a program that
//! follows `.git/HEAD` would be built anew after each commit.
#![expect(clippy::disallowed_methods, reason = "Cargo tells by the environment")]

use std::process::Command;
use std::{env, fs};

/// Where `cargo package` notes the commit.
const NOTE: &str = ".cargo_vcs_info.json";

/// Longer than any commit or version.
const LONGEST: usize = 80;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-env-changed=MERGANSER_REVISION");
    let said = env::var("MERGANSER_REVISION").ok();
    let revision = said.filter(|it| !it.trim().is_empty()).or_else(noted);
    println!("cargo::rustc-env=MERGANSER_BUILT_OF={}", word(revision));
    println!("cargo::rustc-env=MERGANSER_BUILT_BY={}", word(compiler()));
}

/// Reads the commit of a packaged crate. Its note never changes, so that nothing need look for it again.
fn noted() -> Option<String> {
    let note = fs::read_to_string(NOTE).ok()?;
    let mut parts = note.split('"').skip_while(|part| *part != "sha1");
    let commit = parts.nth(2)?.to_owned();
    let is_dirty = note.contains("\"dirty\": true");
    Some(if is_dirty { commit + "-dirty" } else { commit })
}

/// Returns the version of the compiler: `1.95.0`.
fn compiler() -> Option<String> {
    let told = Command::new(env::var("RUSTC").ok()?)
        .arg("--version")
        .output();
    let told = String::from_utf8(told.ok()?.stdout).ok()?;
    told.split_whitespace().nth(1).map(str::to_owned)
}

/// Returns the first word, without what ends a line for Cargo.
fn word(text: Option<String>) -> String {
    let text = text.unwrap_or_default();
    let word = text.split_whitespace().next().unwrap_or("unknown");
    word.chars().take(LONGEST).collect()
}

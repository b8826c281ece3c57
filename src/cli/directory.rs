//! Directories into which files are to be written, and that may not be there yet.

use clap::builder::{PathBufValueParser, TypedValueParser};
use std::path::{Path, PathBuf};

/// Reads one from a command line. It is made where it is not there, so what is meant for something else would become a directory of that name.
pub(super) fn parser() -> impl TypedValueParser<Value = PathBuf> {
    PathBufValueParser::new().try_map(|path| match fault(&path) {
        None => Ok(path),
        Some(fault) => Err(fault),
    })
}

/// Says what is wrong with a name that is given for that of a directory.
fn fault(path: &Path) -> Option<&'static str> {
    let text = path.to_string_lossy();
    if text == "-" {
        return Some("write a directory, in which files are made; nothing goes to standard output");
    }
    let scheme = text.split_once("://").map(|(scheme, _)| scheme)?;
    let is_scheme = scheme.starts_with(|c: char| c.is_ascii_alphabetic())
        && scheme
            .chars()
            .all(|c| c.is_ascii_alphanumeric() || "+-.".contains(c));
    is_scheme
        .then_some("that is an address: write a directory of this machine, such as `/srv/feeds`")
}

/// Returns the nearest directory above that there is, or the path itself.
pub(super) fn existing(path: &Path) -> &Path {
    let here = Path::new(".");
    let found = path.ancestors().find(|it| it.exists());
    found
        .filter(|it| !it.as_os_str().is_empty())
        .unwrap_or(here)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_directory_is_told() {
        for (text, is_directory) in [
            ("out", true),
            ("/srv/feeds", true),
            ("./-", true),
            ("./http://a.example", true),
            ("a: b", true),
            ("-", false),
            ("https://feeds.example.org/", false),
            ("s3://bucket", false),
        ] {
            assert_eq!(fault(Path::new(text)).is_none(), is_directory, "{text}");
        }
    }
}

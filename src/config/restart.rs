//! What only a start takes from a file: the listener and the database are opened once.

use super::edit::value;
use super::problem::{Code, Fault, Problem};
use super::reading::{Reading, Secrets};
use super::settings::Config;
use std::ops::Range;
use toml::de::DeTable;

/// Returns what a running daemon cannot take of the file with this text, which says `config`: a problem for each key,
/// with its place.
///
/// Such a file is refused whole, since the rest of it would be half of what it says. Where somebody else holds the
/// listener, `listen` says nothing.
pub fn needs_restart(
    text: &str,
    config: &Config,
    running: &Config,
    is_listener_held: bool,
) -> Vec<Problem> {
    let (listen, listens) = (config.server.listen, running.server.listen);
    let (path, has) = (&config.storage.path, &running.storage.path);
    let mut reading = Reading::new(text, &|_| None, Secrets::Ignored);
    if listen != listens && !is_listener_held {
        report(&mut reading, text, ["server", "listen"], listens);
    }
    if path != has {
        report(&mut reading, text, ["storage", "path"], has.display());
    }
    reading.finish().unwrap_or_else(|problems| problems)
}

fn report(
    reading: &mut Reading<'_>,
    text: &str,
    [section, key]: [&str; 2],
    now: impl std::fmt::Display,
) {
    let message = format!("`{key}` in [{section}] changes with a restart only");
    let help = format!("restart the daemon, or write \"{now}\" again");
    let fault = Fault::new(Code::NeedsRestart, message, help);
    reading.report(place(text, section, key), fault);
}

/// Returns where the value of a key stands; where it lacks, its section, else the end of the file.
fn place(text: &str, section: &str, key: &str) -> Range<usize> {
    let (document, _) = DeTable::parse_recoverable(text);
    let document = document.get_ref();
    let table = value(document, section).and_then(toml::de::DeValue::as_table);
    let written = table.and_then(|table| table.get(key));
    let nearest = written.or_else(|| document.get(section));
    nearest.map_or(text.len()..text.len(), toml::Spanned::span)
}

#[cfg(test)]
mod tests {
    use super::super::read;
    use super::*;

    /// Each key is told at its place, and who holds the listener says where it is.
    #[test]
    fn each_key_that_needs_a_restart_is_told_with_its_place() {
        let of = |text: &str| read(text, &|_| None).unwrap().config;
        let site = "[server]\npublic-url = \"https://news.example.org/\"\n";
        let running = of(&format!("{site}listen = \"127.0.0.1:2\"\n"));
        for (more, is_held, expected) in [
            ("listen = \"127.0.0.1:2\"\n", false, &[][..]),
            ("listen = \"127.0.0.1:1\"\n", false, &["3:10 `listen`"]),
            ("listen = \"127.0.0.1:1\"\n", true, &[]),
            ("", false, &["1:1 `listen`"]),
            (
                "listen = \"127.0.0.1:1\"\n[storage]\npath = \"other.db\"\n",
                false,
                &["3:10 `listen`", "5:8 `path`"],
            ),
            ("[storage]\npath = \"other.db\"\n", true, &["4:8 `path`"]),
        ] {
            let text = format!("{site}{more}");
            let told = needs_restart(&text, &of(&text), &running, is_held);
            let told = told.iter().map(|problem| {
                let (at, message) = (problem.start, &problem.message);
                let key = message.split(' ').next().unwrap_or_default();
                format!("{}:{} {key}", at.line, at.column)
            });
            assert_eq!(told.collect::<Vec<_>>(), expected, "{more}");
        }
        let none = needs_restart("", &of(""), &of("[storage]\npath = \"a.db\"\n"), false);
        assert!(none[0].help.contains("write \"a.db\" again"), "{none:?}");
    }
}

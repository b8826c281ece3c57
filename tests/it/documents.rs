//! Every configuration that a document shows is one. (Its commands are typed by `typed`.)

use crate::program::Place;
use std::path::{Path, PathBuf};

/// What is put behind a block that names no feed, since a file without one is refused.
const FEED: &str =
    "\n[[feed]]\nid = \"harbour-wire\"\nurl = \"https://harbour-wire.example/world.rss\"\n";

/// Returns the documents.
pub(crate) fn pages() -> Vec<PathBuf> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let folders = [root.to_owned(), root.join("docs")];
    let entries = folders
        .iter()
        .flat_map(|folder| std::fs::read_dir(folder).unwrap());
    let paths = entries.map(|entry| entry.unwrap().path());
    paths
        .filter(|path| path.extension().is_some_and(|found| found == "md"))
        .collect()
}

/// Returns the TOML blocks of a page, each with the line in which it begins.
fn blocks(page: &str) -> Vec<(usize, &str)> {
    let begins = page.match_indices("```toml\n");
    let blocks = begins.map(|(at, mark)| {
        let line = page[..at].lines().count() + 1;
        let rest = &page[at + mark.len()..];
        (line, rest.split("```").next().unwrap())
    });
    blocks.collect()
}

/// A reader who copies a block has a file that runs, be it whole or what the text says to write beside one's feeds. There is
/// no other kind: a part that can stand nowhere by itself is shown with what it is a part of.
#[test]
fn what_is_shown_as_toml_is_a_configuration() {
    let place = Place::new("");
    let mut seen = 0;
    for page in pages() {
        let text = std::fs::read_to_string(&page).unwrap();
        for (line, block) in blocks(&text) {
            seen += 1;
            let more = if block.contains("[[feed]]") { "" } else { FEED };
            place.write("feeds.toml", format!("{block}{more}"));
            let output = place.run(&["check"]);
            assert!(
                output.status.success(),
                "{}:{line}: {}",
                page.display(),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    assert!(seen >= 10, "of ten blocks and more {seen} were found");
}

//! docs/protocol.md: its items are what the code cites, and each names what holds it.

use crate::{Source, hold, read, root, rust, some, sources};
use std::collections::BTreeSet;

/// Where the page stands.
const PAGE: &str = "docs/protocol.md";

/// A promise as the page has it.
struct Item {
    line: usize,
    id: String,
    status: String,
    /// A test or a file; nothing where it is only planned.
    held_by: String,
}

/// Returns the items of the page; one whose row has other cells than the table has none of them.
fn items() -> Vec<Item> {
    let mut items = Vec::new();
    for (index, line) in read(&root().join(PAGE)).lines().enumerate() {
        let cells: Vec<&str> = line.split('|').map(str::trim).collect();
        let Some(id) = cells.get(1).filter(|id| is_item(id)) else {
            continue;
        };
        let (status, held_by) = match cells.as_slice() {
            [_, _, _, status, held_by, _] => (*status, held_by.trim_matches('`')),
            _ => ("", ""),
        };
        items.push(Item {
            line: index + 1,
            id: (*id).to_owned(),
            status: status.to_owned(),
            held_by: held_by.to_owned(),
        });
    }
    some("items", items)
}

/// Tells whether a word has the form of an item: P5, S14.
fn is_item(word: &str) -> bool {
    number(word, &['P', 'S', 'U', 'R', 'W']).is_some()
}

/// Returns the number of an item of one of these kinds.
fn number(word: &str, kinds: &[char]) -> Option<u8> {
    let digits = word.strip_prefix(kinds)?;
    let is_number = matches!(digits.len(), 1 | 2) && digits.bytes().all(|it| it.is_ascii_digit());
    digits.parse().ok().filter(|_| is_number)
}

/// Tells whether a promise is about what others see of a poll: its requests, and what came of them. Only the
/// whole daemon can keep it.
fn is_of_polls(id: &str) -> bool {
    let of_fetching = number(id, &['S']).is_some_and(|number| matches!(number, 1..=9 | 20));
    of_fetching || number(id, &['P']).is_some()
}

/// Returns the names of the functions in these files.
fn functions(sources: &[Source]) -> BTreeSet<String> {
    let functions = sources.iter().flat_map(Source::functions);
    functions.map(|(_, name, _)| name.to_owned()).collect()
}

#[test]
fn protocol_items_stand_once() {
    let mut seen = BTreeSet::new();
    let items = items().into_iter().map(|item| item.id);
    let twice: Vec<String> = items.filter(|id| !seen.insert(id.clone())).collect();
    hold("an item of docs/protocol.md stands there once", &twice);
}

#[test]
fn protocol_items_that_are_cited_exist() {
    let items: BTreeSet<String> = items().into_iter().map(|item| item.id).collect();
    let mut faults = Vec::new();
    for source in rust() {
        for (line, comment) in &source.comments {
            let words = comment.split(|c: char| !c.is_ascii_alphanumeric() && c != '+');
            let cited = words.filter(|word| is_item(word));
            let unknown = cited.filter(|word| !items.contains(*word));
            faults.extend(unknown.map(|word| format!("{}:{line}: {word}", source.path)));
        }
    }
    hold("a protocol item stands in docs/protocol.md", &faults);
}

#[test]
fn protocol_items_that_are_held_name_what_holds_them() {
    let functions = functions(&rust());
    let holds = |item: &Item| match &*item.status {
        "planned" => item.held_by.is_empty(),
        "now" | "part" => functions.contains(&item.held_by) || root().join(&item.held_by).is_file(),
        _ => false,
    };
    let items = items().into_iter().filter(|item| !holds(item));
    let faults: Vec<String> = items
        .map(|item| {
            let Item {
                line,
                id,
                status,
                held_by,
            } = item;
            format!("{PAGE}:{line}: {id}: {status:?}, {held_by:?}")
        })
        .collect();
    hold(
        "a promise that is held names a test or a file that is there",
        &faults,
    );
}

#[test]
fn promises_about_polls_are_kept_by_the_whole_daemon() {
    let tests = functions(&sources("tests/it"));
    let holds = |item: &Item| {
        let begins = format!("{}_", item.id.to_lowercase());
        item.held_by.starts_with(&begins) && tests.contains(&item.held_by)
    };
    let items = items().into_iter();
    let of_polls = items.filter(|item| is_of_polls(&item.id) && item.status != "planned");
    let faults: Vec<String> = some("items of polls", of_polls.collect())
        .iter()
        .filter(|item| !holds(item))
        .map(|item| format!("{PAGE}:{}: {}: {:?}", item.line, item.id, item.held_by))
        .collect();
    hold(
        "P1 and on, S1 to S9 and S20 name a test in tests/it that begins with their id",
        &faults,
    );
}

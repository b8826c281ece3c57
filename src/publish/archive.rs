//! Archives (RFC 5005, 4): everything that an output ever listed, in documents that never change.
//!
//! The entries of an output are numbered as they come to it, whatever their dates are, and stand in
//! documents of consecutive ones. One that is written is never written again, so an entry that comes later is
//! in a later document, and who follows `prev-archive` meets each once while others arrive. An entry that is in no
//! document of the archive is in the subscription document: one that leaves it, or never was in it, is
//! archived first.

use super::settings::{Output, OutputFormat, Site};
use super::weight::{DOCUMENT_BYTES, weight};
use super::{beneath, file_name};
use crate::model::Article;

/// The elements that RFC 5005 adds to feeds.
pub(super) const NAMESPACE: &str = "http://purl.org/syndication/history/1.0";

/// Entries of one document at most: a subscription document may have ten times as many, but a walker is
/// better off with what a telephone reads.
const MOST: usize = 500;

/// Entries that a document may have where the subscription document has fewer: of an output of one entry, a million documents
/// would be made of a million entries.
const LEAST: usize = 100;

/// A document of an archive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Page<'a> {
    /// The generation of the archive.
    pub generation: &'a str,
    /// Its number, from 1 for the oldest.
    pub number: u64,
}

/// Where a document of an output stands among the others.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Place<'a> {
    /// Which document of the archive it is; `None`: the one that readers subscribe to.
    pub page: Option<Page<'a>>,
    /// The document before it, if there is one.
    pub older: Option<Page<'a>>,
}

/// Returns how many of the entries that wait make the next document, from the first on; 0 while none is due.
///
/// `waiting` tells of each, in the order in which they came, whether the subscription document holds it. One that it
/// does not hold is archived at once, with those before it: it would be nowhere. So are those after it, until half
/// of what waits is: the next that the subscription document pushes out is in a document already, and there is not a
/// document for each entry. Others are when there are twice as many as one document may have. The rest waits, so
/// that a correction within the first hours is in its document.
pub fn next_page(output: &Output, waiting: &[bool]) -> usize {
    let size = size(output);
    if waiting.len() >= size * 2 {
        return size;
    }
    let last = waiting.iter().rposition(|is_listed| !is_listed);
    let half = waiting.len() / 2;
    last.map_or(0, |last| last.saturating_add(1).max(half).min(size))
}

/// Returns how many entries are to be looked at to tell.
pub fn looked_at(output: &Output) -> usize {
    size(output) * 2
}

/// Returns how many entries a document may have.
fn size(output: &Output) -> usize {
    output.items.clamp(LEAST, MOST)
}

/// Returns how many of these articles, from the first on, fit into one document of an output; the first always does.
pub fn fitting(output: &Output, articles: &[Article]) -> usize {
    let mut bytes = 0;
    let fits = articles.iter().take_while(|article| {
        bytes += weight(article, output);
        bytes <= DOCUMENT_BYTES
    });
    fits.count().max(1).min(articles.len())
}

/// Returns a digest of what decides which entries are in the archive of an output, and of what its documents
/// say of each other. The rule that selects is not among it: who knows which is in force adds that.
///
/// What only decides what the subscription document lists is not, either: the archive has all.
pub fn basis(site: &Site, output: &Output) -> [u8; 32] {
    let mut digest = blake3::Hasher::new();
    let formats = output.formats.iter().map(|format| format.name());
    let sources = output.min_sources.to_string();
    let parts = [
        site.public_url.as_str(),
        &output.path,
        output.unit.name(),
        &sources,
    ];
    for part in parts.into_iter().chain(formats) {
        digest.update(part.as_bytes());
        digest.update(&[0]);
    }
    *digest.finalize().as_bytes()
}

/// Returns the name under which a document of an archive is served, without the first slash.
pub fn archive_name(output: &Output, page: Page<'_>, format: OutputFormat) -> String {
    let Page { generation, number } = page;
    format!("{}/{generation}/{number}.{}", output.path, format.name())
}

/// Returns in which format a page leads to a document of an archive, and under which name that is served.
pub fn page_link(output: &Output, page: Page<'_>) -> Option<(OutputFormat, String)> {
    let format = *output.formats.first()?;
    Some((format, archive_name(output, page, format)))
}

/// Returns the public address of a document in `format`: of one of the archive, or else of the subscription
/// document.
pub(super) fn page_address(
    site: &Site,
    output: &Output,
    page: Option<Page<'_>>,
    format: OutputFormat,
) -> String {
    let name = match page {
        Some(page) => archive_name(output, page, format),
        None => file_name(output, format),
    };
    beneath(site, &name)
}

#[cfg(test)]
mod tests {
    use super::super::settings::Selection;
    use super::*;
    use proptest::prelude::*;

    fn output(items: usize) -> Output {
        Output {
            items,
            ..Output::new("all", "All", Selection::All)
        }
    }

    #[test]
    fn u28_a_document_is_made_when_it_must_be() {
        // Of each entry that waits whether it is listed: l, or not: o.
        for (items, waiting, expected) in [
            (3, "", 0),
            (3, "l", 0),
            (3, "lllll", 0),
            (3, "o", 1),
            (3, "lo", 2),
            (3, "ol", 1),
            (3, "olo", 3),
            (3, "llllo", 5),
            (3, "oooooo", 6),
            // Half of what waits goes along.
            (9, "olllll", 3),
            (9, "oolllll", 3),
            (9, "ooooll", 4),
            (1, "l".repeat(199).as_str(), 0),
            (1, "l".repeat(200).as_str(), 100),
            (1, "o".repeat(200).as_str(), 100),
            (1, "o".repeat(70).as_str(), 70),
            (150, "l".repeat(299).as_str(), 0),
            (150, "l".repeat(300).as_str(), 150),
        ] {
            let waiting: Vec<bool> = waiting.chars().map(|it| it == 'l').collect();
            assert_eq!(next_page(&output(items), &waiting), expected, "{waiting:?}");
        }
        let many = vec![true; 1000];
        assert_eq!(next_page(&output(5000), &many), 500);
        assert_eq!(looked_at(&output(5000)), 1000);
    }

    /// One entry comes after the other, and the newest are listed: there is a document for many of them.
    #[test]
    fn u28_there_is_not_a_document_for_each_entry() {
        let output = output(50);
        let (mut ledger, came) = (Ledger::default(), 1000);
        for last in 1..=came {
            ledger.waiting.push(last - 1);
            let listed: Vec<usize> = (last.saturating_sub(50)..last).collect();
            ledger.publish(&output, &listed);
        }
        assert!(
            (30..=50).contains(&ledger.pages.len()),
            "{}",
            ledger.pages.len()
        );
    }

    /// A ledger that is worked as the store and the daemon work it.
    #[derive(Default)]
    struct Ledger {
        pages: Vec<Vec<usize>>,
        waiting: Vec<usize>,
    }

    impl Ledger {
        /// Takes in an entry, and archives what has to be; `listed` is the subscription document.
        fn publish(&mut self, output: &Output, listed: &[usize]) {
            loop {
                let head = self.waiting.iter().take(looked_at(output));
                let head: Vec<bool> = head.map(|it| listed.contains(it)).collect();
                match next_page(output, &head) {
                    0 => return,
                    size => self.pages.push(self.waiting.drain(..size).collect()),
                }
            }
        }
    }

    proptest! {
        /// Whatever a subscription document lists: what is written stays, and nothing is nowhere or twice.
        #[test]
        fn u28_every_entry_is_in_one_document_or_listed(
            items in 1_usize..6,
            rounds in prop::collection::vec((0_usize..70, any::<u64>()), 1..40),
        ) {
            let output = output(items);
            let (mut ledger, mut came) = (Ledger::default(), 0);
            for (arrivals, chance) in rounds {
                ledger.waiting.extend(came..came + arrivals);
                came += arrivals;
                // Any of them, old ones too.
                let listed: Vec<usize> =
                    (0..came).filter(|it| chance >> ((came - it) % 64) & 1 == 1).collect();
                let before = ledger.pages.clone();
                ledger.publish(&output, &listed);
                prop_assert_eq!(&ledger.pages[..before.len()], &before[..]);
                prop_assert!(ledger.pages.iter().all(|page| (1..=LEAST).contains(&page.len())));
                prop_assert!(ledger.waiting.len() < LEAST * 2);
                prop_assert!(ledger.waiting.iter().all(|it| listed.contains(it)));
                let told = ledger.pages.concat().into_iter().chain(ledger.waiting.iter().copied());
                prop_assert_eq!(told.collect::<Vec<_>>(), (0..came).collect::<Vec<_>>());
            }
        }
    }

    #[test]
    fn what_is_only_listed_otherwise_goes_on_in_the_same_archive() {
        let site = Site {
            title: "News".to_owned(),
            author: "Desk".to_owned(),
            contact: None,
            public_url: url::Url::parse("https://news.example/").unwrap(),
            topics: Vec::new(),
        };
        let before = basis(&site, &output(3));
        let same = Output {
            items: 7,
            stay: std::time::Duration::ZERO,
            max_per_feed: Some(1),
            title: "Another".to_owned(),
            ..output(3)
        };
        assert_eq!(basis(&site, &same), before);
        let others = [
            Output {
                min_sources: 2,
                ..output(3)
            },
            Output {
                unit: super::super::Unit::Story,
                ..output(3)
            },
            Output {
                formats: vec![OutputFormat::Atom],
                ..output(3)
            },
        ];
        for other in others {
            assert_ne!(basis(&site, &other), before, "{other:?}");
        }
        let moved = Site {
            public_url: url::Url::parse("https://feeds.example/").unwrap(),
            ..site
        };
        assert_ne!(basis(&moved, &output(3)), before);
    }
}

//! How fast documents are read, beside bare feed-rs in the same run: `cargo bench --bench parse`.
//!
//! Reads the documents below the folder that `MERGANSER_FEEDS` names, else the fixtures, which are small
//! and odd and say little about speed. All of them count once a round, whatever becomes of them: feed-rs
//! refuses some, and panics on others.
#![expect(
    clippy::disallowed_methods,
    clippy::panic,
    reason = "a bench is told by the environment what to read, and stops where it cannot"
)]

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use merganser::parse::{Document, parse};
use std::fs;
use std::path::{Path, PathBuf};

/// Base of relative addresses.
const URL: &str = "https://news.example/feed";

/// Rounds measured: one over 10 MB takes a tenth of a second.
const ROUNDS: usize = 20;

criterion_group!(benches, reading, hostile);
criterion_main!(benches);

fn reading(criterion: &mut Criterion) {
    let documents = documents();
    let mut group = criterion.benchmark_group("reading");
    group.sample_size(ROUNDS);
    group.throughput(bytes_of(&documents));
    group.bench_function("merganser", |bencher| {
        bencher.iter(|| documents.iter().map(|it| ours(it)).sum::<usize>());
    });
    group.bench_function("bare feed-rs", |bencher| {
        bencher.iter(|| documents.iter().map(|it| bare(it)).sum::<usize>());
    });
    group.finish();
}

/// A megabyte each of what costs the most that is known.
fn hostile(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("hostile");
    group.sample_size(ROUNDS);
    let deep = "<a>".repeat(300);
    let rss = |before: &str| format!("<rss><channel>{before}");
    for (name, before, piece) in [
        ("stray ends", rss(&deep), "</b>"),
        ("unended tags", rss(""), "<a"),
        ("unclosed leaves", rss("<item>"), "<title><link><guid>"),
        ("links", rss(""), "<link href=\"a\"/>"),
        ("self links", rss(""), "<link rel=self href=a />"),
        ("references", rss("<item><title>"), "&"),
        ("attributes", rss("<item><link "), "a=\"b\" "),
        ("declarations", "<!DOCTYPE r [".to_owned(), "<!ENTITYx>"),
        (
            "dates",
            rss(""),
            "<item><pubDate>x 1 x 2 x</pubDate></item>",
        ),
        ("bases of a page", "<html>".to_owned(), "<base href=\"x/\">"),
        ("lists of JSON", "{\"items\":".to_owned(), "[0,"),
    ] {
        let text = format!("{before}{}", piece.repeat(1_000_000 / piece.len()));
        group.throughput(bytes_of(&[text.clone().into_bytes()]));
        group.bench_function(name, |bencher| bencher.iter(|| ours(text.as_bytes())));
    }
    group.finish();
}

fn ours(bytes: &[u8]) -> usize {
    let document = Document {
        bytes,
        charset: None,
        url: URL,
    };
    parse(&document).map_or(0, |feed| feed.entries.len())
}

fn bare(bytes: &[u8]) -> usize {
    let read = std::panic::catch_unwind(|| {
        let parser = feed_rs::parser::Builder::new()
            .base_uri(Some(URL))
            .sanitize_content(false)
            .build();
        parser.parse(bytes).map_or(0, |feed| feed.entries.len())
    });
    read.unwrap_or(0)
}

fn bytes_of(documents: &[Vec<u8>]) -> Throughput {
    let bytes: usize = documents.iter().map(Vec::len).sum();
    Throughput::Bytes(u64::try_from(bytes).unwrap_or(u64::MAX))
}

fn documents() -> Vec<Vec<u8>> {
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/corpus");
    let folder = std::env::var_os("MERGANSER_FEEDS").map_or(corpus, PathBuf::from);
    let mut documents = Vec::new();
    let mut folders = vec![folder];
    while let Some(folder) = folders.pop() {
        let listed =
            fs::read_dir(&folder).unwrap_or_else(|error| panic!("{}: {error}", folder.display()));
        for path in listed.filter_map(|it| Some(it.ok()?.path())) {
            if path.is_dir() {
                folders.push(path);
            } else {
                documents.extend(fs::read(&path));
            }
        }
    }
    documents
}

//! How fast entries are put into topics, by their candidates alone and by all rules in the same run:
//! `cargo bench --bench topics`.
//!
//! Words, texts and rules are made up from a fixed seed. Words are as unequally common as in a language
//! (the second half as often as the first, the third a third as often, and so on); rules ask for any but
//! the most common, which is far more often than those of a person, and are of five shapes.
#![expect(
    clippy::panic,
    clippy::print_stderr,
    reason = "a bench stops where it cannot go on, and tells what it measures"
)]

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use merganser::classify::{Classifier, Rule, Standing};
use merganser::model::{Entry, FeedId};
use words::{Random, WORDS, text, word};

mod words;

/// So many of the most common words stand in no rule.
const COMMON: usize = 100;

/// Entries that take turns.
const ENTRIES: usize = 500;

/// Words of a title and of a summary: together about 250 bytes.
const LENGTHS: (usize, usize) = (9, 26);

criterion_group!(benches, topics);
criterion_main!(benches);

fn topics(criterion: &mut Criterion) {
    let mut random = Random(0x1D87_2B41);
    let words: Vec<String> = (0..WORDS).map(word).collect();
    let entries: Vec<Entry> = (0..ENTRIES).map(|_| entry(&words, &mut random)).collect();
    let mut group = criterion.benchmark_group("topics, per entry");
    for amount in [10, 100, 1_000, 10_000] {
        let rules: Vec<Rule> = (0..amount)
            .map(|at| rule(at, &words, &mut random))
            .collect();
        let classifier = Classifier::compile(&[], &rules)
            .unwrap_or_else(|problems| panic!("{:?}", problems.first()));
        let standing = Standing::default();
        let found = entries
            .iter()
            .map(|it| classifier.classify(it, &standing).len());
        let found: usize = found.sum();
        eprintln!("{amount} rules: {found} topics in {ENTRIES} entries");
        let mut turns = entries.iter().cycle();
        group.bench_function(BenchmarkId::new("candidates", amount), |bencher| {
            bencher.iter(|| turns.next().map(|it| classifier.classify(it, &standing)));
        });
        group.bench_function(BenchmarkId::new("all rules", amount), |bencher| {
            bencher.iter(|| {
                turns
                    .next()
                    .map(|it| classifier.classify_by_all(it, &standing))
            });
        });
    }
    group.finish();
}

/// Writes a rule of one of five shapes.
fn rule(at: usize, words: &[String], random: &mut Random) -> Rule {
    let mut word = || {
        let any = words.get(COMMON + random.below(WORDS - COMMON));
        any.map(String::as_str).unwrap_or_default()
    };
    let [one, two, three, four, five] = std::array::from_fn(|_| word());
    let query = match at % 5 {
        0 => format!("({one} OR {two} OR {three}) ({four} OR {five})"),
        1 => format!("title:{one} OR {two} NEAR/8 ({three} OR {four})"),
        2 => format!("({one} OR {two}) -{three} -title:{four}"),
        3 => format!("\"{one} {two}\" OR {three}*"),
        _ => format!("ATLEAST/2({one}, {two}, {three}, {four})"),
    };
    Rule::new(format!("rule-{at}"), query)
}

fn entry(words: &[String], random: &mut Random) -> Entry {
    let now = jiff::Timestamp::UNIX_EPOCH;
    Entry {
        feed: FeedId::new("wire"),
        given: None,
        by_address: false,
        entry_id: "1".to_owned(),
        keys: Vec::new(),
        url: None,
        title: text(words, LENGTHS.0, random),
        summary: None,
        content: None,
        summary_text: text(words, LENGTHS.1, random),
        content_text: String::new(),
        authors: Vec::new(),
        categories: Vec::new(),
        enclosures: Vec::new(),
        language: None,
        published_at: now,
        updated_at: now,
        dated: true,
        exact: true,
        source: None,
        language_given: false,
        content_digest: [0; 16],
    }
}

//! Terms and vectors of texts.

use super::*;

/// The words that stand for the terms of an entry, sorted.
fn told(title: &str, summary: &str, language: Option<&str>) -> Vec<(String, u16)> {
    let mut entry = entry("1", title, 0);
    summary.clone_into(&mut entry.summary_text);
    entry.language = language.map(str::to_owned);
    let mut told: Vec<_> = terms(&Report::of(&entry))
        .into_iter()
        .map(|term| (term.word, term.times))
        .collect();
    told.sort();
    told
}

/// Words and how often they count.
fn counted(words: &[(&str, u16)]) -> Vec<(String, u16)> {
    let counted = words
        .iter()
        .map(|(word, times)| ((*word).to_owned(), *times));
    counted.collect()
}

#[test]
fn terms_are_what_a_text_is_about() {
    for (title, summary, language, expected) in [
        // The title twice, grammar not at all, inflected forms as one.
        (
            "Putin visits India",
            "The visit to India was the first.",
            None,
            &[("india", 3), ("putin", 2), ("visits", 3)][..],
        ),
        (
            "Die Wahl in Wien",
            "",
            Some("de"),
            &[("wahl", 2), ("wien", 2)],
        ),
        ("Путин в Индии", "", None, &[("индии", 2), ("путин", 2)]),
        ("मोदी और पुतिन", "", None, &[("पुतिन", 2), ("मोदी", 2)]),
        // Without spaces: pairs of letters, and none over a gap.
        (
            "莫迪访俄",
            "",
            None,
            &[("莫迪", 2), ("访俄", 2), ("迪访", 2)],
        ),
        ("莫迪 访俄", "", None, &[("莫迪", 2), ("访俄", 2)]),
        // One letter is none.
        ("A 7 b", "", None, &[]),
    ] {
        assert_eq!(told(title, summary, language), counted(expected), "{title}");
    }
}

#[test]
fn a_teaser_gives_way_to_the_text() {
    let mut entry = entry("1", "", 0);
    entry.content_text = "Divers found the wreck".to_owned();
    for (summary, expected) in [
        ("", "wreck"),
        ("Read more", "wreck"),
        (
            "Far from land a whale and two calves swam beside us until the sun went down",
            "whale",
        ),
    ] {
        summary.clone_into(&mut entry.summary_text);
        let terms = terms(&Report::of(&entry));
        assert!(
            terms.iter().any(|term| term.word == expected),
            "{summary}: {terms:?}"
        );
    }
}

/// The vector of a headline, in a corpus that knows nothing yet.
fn vector(title: &str) -> Vector {
    let terms = terms(&Report {
        title,
        ..Report::default()
    });
    Vector::new(&terms, Corpus::default(), &vec![0.0; terms.len()])
}

#[test]
fn a_common_term_tells_less() {
    let terms = terms(&Report {
        title: "Walrus meets Trump",
        ..Report::default()
    });
    let corpus = Corpus { documents: 9000.0 };
    let having: Vec<f32> = terms
        .iter()
        .map(|term| if term.word == "trump" { 4000.0 } else { 1.0 })
        .collect();
    let vector = Vector::new(&terms, corpus, &having);
    let heaviest = vector.telling();
    let lightest = heaviest.last().unwrap().0;
    let word = &terms
        .iter()
        .find(|term| term.number == lightest)
        .unwrap()
        .word;
    assert_eq!(word, "trump");
    assert!((vector.likeness(&vector) - 1.0).abs() < 1e-5);
}

#[test]
fn a_text_without_terms_is_like_nothing() {
    let (empty, other) = (vector(""), vector("Walrus seen off Tromsø"));
    assert!(empty.telling().is_empty());
    assert!(empty.likeness(&other).abs() < f32::EPSILON);
    assert!(empty.likeness(&empty).abs() < f32::EPSILON);
}

proptest! {
    #[test]
    fn likeness_is_symmetric_and_a_share(one in "\\PC{0,80}", other in "\\PC{0,80}") {
        let (one, other) = (vector(&one), vector(&other));
        let likeness = one.likeness(&other);
        prop_assert!((0.0..1.0001).contains(&likeness));
        prop_assert!((likeness - other.likeness(&one)).abs() < 1e-5);
    }

    #[test]
    fn a_vector_comes_back_from_its_bytes(title in "\\PC{0,80}") {
        let vector = vector(&title);
        prop_assert_eq!(Vector::from_bytes(&vector.to_bytes()), vector);
    }

    #[test]
    fn any_bytes_are_a_vector(bytes in proptest::collection::vec(any::<u8>(), 0..100)) {
        let vector = Vector::from_bytes(&bytes);
        prop_assert_eq!(vector.numbers().count(), bytes.len() / 8);
    }
}

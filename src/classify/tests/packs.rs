//! The aliases that come with merganser: each line says something, and none says it twice.

use super::*;
use crate::classify::aliases::{Member, member};
use crate::classify::packs::{PACKS, files, terms};
use crate::classify::syntax::Form;
use crate::text::{Languages, fold, is_stop_word, words};

/// Returns what the one rule finds in a title.
fn finds(classifier: &Classifier, title: &str) -> bool {
    !classifier
        .classify(&entry(title, "", ""), &Standing::default())
        .is_empty()
}

fn of(aliases: &[Alias], pack: &str) -> Classifier {
    Classifier::compile(aliases, &[rule("t", &format!("@{pack}"), 0.0)]).unwrap()
}

#[test]
fn every_file_is_sorted_terms_with_a_note_of_its_source() {
    assert!(files().len() > 100);
    for (name, text) in files() {
        assert!(text.starts_with("# "), "{name}");
        assert!(text.contains("# From general knowledge"), "{name}");
        let listed: Vec<&str> = terms(text).collect();
        assert!(listed.is_sorted_by(|one, next| one < next), "{name}");
        let mut folded: Vec<String> = listed
            .iter()
            .filter(|term| !term.contains('='))
            .map(|term| fold(term))
            .collect();
        folded.sort();
        folded.dedup();
        let exact = listed.iter().filter(|term| term.contains('=')).count();
        assert_eq!(
            folded.len() + exact,
            listed.len(),
            "{name} says a thing twice"
        );
        for term in listed {
            assert!(member(term).is_ok(), "{name}: {term}");
        }
        assert!(PACKS.contains_key(name), "{name}");
    }
}

#[test]
fn every_term_finds_itself_and_no_stop_word() {
    let mut faults = Vec::new();
    for (name, members) in PACKS.iter() {
        let classifier = of(&[], name);
        for (_, member) in members {
            let Member::Term(term) = member else { continue };
            if !finds(&classifier, &term.text) {
                faults.push(format!("{name}: {term} does not find itself"));
            }
            let mut all = words(&term.text);
            let (word, more) = (all.next().unwrap(), all.next());
            let language = Languages::of(None).word(&word.folded);
            let is_stop_word = is_stop_word(language, &word.folded);
            if is_stop_word && more.is_none() && term.form != Form::Exact {
                faults.push(format!("{name}: {term} is a stop word"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn every_exclusion_strikes_out_a_term() {
    let mut faults = Vec::new();
    for (name, text) in files() {
        let terms: Vec<&str> = terms(text).filter(|term| !term.starts_with('-')).collect();
        let (with, without) = (of(&[], name), of(&[alias(name, &terms)], name));
        for (_, member) in &PACKS[name] {
            let Member::Not(term) = member else { continue };
            if !finds(&without, &term.text) {
                faults.push(format!("{name}: -{term} strikes out nothing"));
            } else if finds(&with, &term.text) {
                faults.push(format!("{name}: -{term} leaves something"));
            }
        }
    }
    assert_eq!(faults, Vec::<String>::new());
}

#[test]
fn what_only_sounds_like_a_state_is_none() {
    let states = "@country/india OR @country/russia OR @country/turkey OR @country/jordan \
        OR @country/united-states OR @country/china";
    let classifier = Classifier::compile(&[], &[rule("t", states, 0.0)]).unwrap();
    for (title, expected) in [
        ("Indian Point plant shuts its last unit", false),
        ("A storm over the Indian Ocean", false),
        ("Fire near Moscow, Idaho", false),
        ("How to carve roast turkey", false),
        ("Michael Jordan buys a boat", false),
        ("印度尼西亚火山喷发", false),
        ("西印度群岛遭遇飓风", false),
        ("俄罗斯方块大赛", false),
        ("إعصار يضرب جزر الهند الغربية", false),
        ("انتخابات في روسيا البيضاء", false),
        ("Ураган в Вест-Индии", false),
        ("East Indian Company ships found", false),
        ("बालों में रूसी से परेशान", false),
        ("روسيا وروسيا البيضاء", true),
        ("Latin American poets read", false),
        ("Tell us more", false),
        ("India to send ship to the Indian Ocean", true),
        ("莫迪访问", true),
        ("印度总理", true),
        ("الهند وروسيا", true),
        ("तुर्की में बैठक", true),
    ] {
        assert_eq!(finds(&classifier, title), expected, "{title}");
    }
}

#[test]
fn countries_are_found_in_every_script() {
    let scripts = [
        ('\u{400}', '\u{52F}'),
        ('\u{620}', '\u{6FF}'),
        ('\u{900}', '\u{97F}'),
        ('\u{4E00}', '\u{9FFF}'),
    ];
    for (name, text) in files() {
        let found = terms(text).filter(|term| !term.starts_with('-'));
        let letters: String = found.collect();
        let is_there =
            |(first, last): &(char, char)| letters.chars().any(|c| (*first..=*last).contains(&c));
        assert!(
            !name.starts_with("country/") || scripts.iter().all(is_there),
            "{name}"
        );
    }
}

#[test]
fn an_alias_of_the_same_name_goes_before_the_pack() {
    let own = [alias("country/india", &["Hindustan"])];
    for pack in ["country/india", "region/koreas"] {
        assert!(finds(
            &of(&own, pack),
            if pack == "country/india" {
                "Hindustan"
            } else {
                "Seoul"
            }
        ));
    }
    assert!(!finds(&of(&own, "country/india"), "Modi"));
    // what includes the pack includes the alias
    let own = [alias("country/north-korea", &["Juche"])];
    assert!(finds(&of(&own, "region/koreas"), "Juche"));
    assert!(!finds(&of(&own, "region/koreas"), "Pyongyang"));
}

#[test]
fn a_circle_through_a_pack_is_told_of_where_the_operator_closed_it() {
    let own = [
        alias("country/north-korea", &["Juche", "@mine"]),
        alias("mine", &["x", "y", "@region/koreas"]),
    ];
    let problems = Classifier::compile(&own, &[]).unwrap_err();
    assert_eq!(problems.len(), 1);
    let place = Place::Alias {
        name: "mine".to_owned(),
        term: 2,
    };
    assert_eq!(problems[0].place, place, "{problems:?}");
}

//! Which queries hold of which texts.

use super::*;

/// Checks whether each query holds of one small article.
fn check(table: &[(&str, bool)]) {
    let visit = entry(
        "Modi’s Moscow visit: an S-400 deal",
        "Putin will meet the Élysée envoy, says the U.S.",
        "Sanctions and the price cap on oil. India buys discounted crude.",
    );
    for (query, expected) in table {
        assert_eq!(matched(query, &visit).is_some(), *expected, "{query}");
    }
}

#[test]
fn words_are_whole_and_folded() {
    check(&[
        // words are whole, folded, and lose a possessive
        ("modi", true),
        ("Mod", false),
        ("elysee", true),
        ("Sanction", false),
        ("sanction*", true),
        ("sanctions*", true),
        // exact words
        ("=Modi", true),
        ("=modi", true),
        ("=U.S", true),
        ("=us", false),
        ("=S-400", true),
        ("=s-400", true),
    ]);
}

#[test]
fn operators_bind_as_documented() {
    check(&[
        // AND, OR, NOT and how they bind
        ("Modi Putin", true),
        ("Modi AND Xi", false),
        ("Xi OR Modi Putin", true),
        ("(Xi OR Modi) Biden", false),
        ("Xi Biden OR Modi", true),
        ("Modi -Xi", true),
        ("Modi NOT Putin", false),
        ("Modi -(Xi Putin)", true),
        ("Modi -title:Putin", true),
        ("Modi title:-Putin", true),
        ("Modi -body:Putin", false),
        // the minus of a word processor
        ("Modi –Putin", false),
        ("Modi −Xi", true),
        // ATLEAST
        ("ATLEAST/2(Modi, Xi, Putin)", true),
        ("ATLEAST/2(Modi, Xi, Biden OR Trump)", false),
        // boosts change the score alone
        ("Modi^2 Putin^0.5", true),
    ]);
}

#[test]
fn phrases_fields_and_aliases_look_where_they_say() {
    check(&[
        // phrases
        ("\"price cap\"", true),
        ("“price cap”", true),
        ("\"cap price\"", false),
        ("\"discounted cru*\"", true),
        ("S-400", true),
        ("\"s 400\"", true),
        // never across texts
        ("\"deal Putin\"", false),
        ("deal NEAR/2 Putin", false),
        // fields
        ("title:Moscow", true),
        ("body:Moscow", false),
        ("title:(Moscow deal)", true),
        ("body:(Putin crude)", true),
        ("title:@russia", false),
        // aliases
        ("@india @russia", true),
        ("body:@both", true),
    ]);
}

#[test]
fn near_counts_words_in_either_order() {
    check(&[
        // proximity, in either order; the distance counts words, neighbours are 1 apart
        ("Putin NEAR/4 envoy", false),
        ("Putin NEAR/5 envoy", true),
        ("envoy NEAR/5 Putin", true),
        ("title:@india NEAR/2 (visit OR trip)", true),
        ("(Xi OR title:Modi) NEAR/1 Moscow", true),
        ("Modi NEAR/1 Moscow NEAR/1 visit", true),
        ("Modi NEAR/1 visit NEAR/1 Moscow", false),
        ("\"price cap\" NEAR/2 oil", true),
        ("title:(Modi NEAR/3 deal)", false),
        // the same mention is not near itself
        ("Modi NEAR/5 @india", false),
    ]);
}

#[test]
fn other_scripts_match() {
    for (query, title, expected) in [
        ("मोदी", "प्रधानमंत्री मोदी की रूस यात्रा", true),
        ("मोद", "प्रधानमंत्री मोदी की रूस यात्रा", false),
        ("संबंध*", "भारत और रूस के संबंधों पर", true),
        ("ПУТИН*", "Встреча с Путиным", true),
        ("елка", "Ёлка", true),
        ("@india", "भारत", true),
    ] {
        let found = matched(query, &entry(title, "", "")).is_some();
        assert_eq!(found, expected, "{query} in {title}");
    }
}

#[test]
fn every_known_prefix_of_a_word_is_found() {
    let text = entry("nuclearisation", "", "");
    for query in ["n*", "nu*", "nuc*", "nuclear*", "nuclearisation*"] {
        let all = "n* OR nu* OR nub* OR nuc* OR nuclea* OR nuclear* OR nuclearisation* OR nuda*";
        let both = format!("({all}) {query} -nuclearisations* -nuclearism*");
        assert!(matched(&both, &text).is_some(), "{query}");
    }
}

#[test]
fn many_hits_take_linear_time_and_little_memory() {
    let words = "oil gas ".repeat(200_000);
    let text = entry("oil", &words, &words.replace("oil gas", "gas oil"));
    let found = matched("(oil NEAR/3 gas) (oil OR gas) ATLEAST/2(oil, gas)", &text).unwrap();
    assert_eq!(found.evidence.len(), 16);
}

#[test]
fn quotes_of_all_sorts_make_a_phrase() {
    for query in [
        "\"crude oil\"",
        "“crude oil”",
        "„crude oil“",
        "«crude oil»",
        "« crude oil »",
        "»crude oil«",
        "‹crude oil›",
        "「crude oil」",
        "『crude oil』",
        "‚crude oil‘",
        "‘crude oil’",
        "'crude oil'",
        "('crude oil')",
        "'crude oil'^2",
        "title:'crude oi*'",
    ] {
        let found = |title: &str| matched(query, &entry(title, "", "")).is_some();
        assert!(found("Price of crude oil falls"), "{query}");
        assert!(!found("Oil is crude stuff"), "{query}");
    }
    // within a word, and before what is no end, it is an apostrophe
    for (query, title, expected) in [
        ("l'Inde", "l'Inde", true),
        ("Modi’s", "Modi's visit", true),
        ("'Modi's visit'", "Modi's visit", true),
        ("'Modi's visit'", "visit to Modi's", false),
        ("'Modi' Putin", "Putin, Modi", true),
    ] {
        let found = compile(query).is_ok_and(|it| {
            !it.classify(&entry(title, "", ""), &Standing::default())
                .is_empty()
        });
        assert_eq!(found, expected, "{query} in {title}");
    }
}

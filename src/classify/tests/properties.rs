//! What holds of any query and any text.

use super::*;
use crate::classify::parser::parse;
use proptest::prelude::*;

/// Queries out of the pieces of the language, most of them well-formed.
fn pieces() -> impl Strategy<Value = String> {
    let atom = prop_oneof![
        Just("oil".to_owned()),
        Just("S-400".to_owned()),
        Just("sanction*".to_owned()),
        Just("=US".to_owned()),
        Just("\"price cap*\"".to_owned()),
        Just("'price cap'".to_owned()),
        Just("«price caps»".to_owned()),
        Just("@india".to_owned()),
        Just("मोदी^2.5".to_owned()),
        Just("санкция".to_owned()),
        Just("\"новая санкция\"".to_owned()),
        Just("=санкция".to_owned()),
    ];
    let fact = prop_oneof![
        Just("lang:hi".to_owned()),
        Just("site:bbc.co.uk^2".to_owned()),
        Just("author:\"Jane (Doe)\"".to_owned()),
        Just("category:(Oil* OR \"Gas, liquid\" -Coal)".to_owned()),
        Just("age:<2d".to_owned()),
        Just("topic:base".to_owned()),
    ];
    let atom = prop_oneof![3 => atom, 1 => fact];
    atom.prop_recursive(6, 40, 4, |inner| {
        let many = prop::collection::vec(inner.clone(), 2..4);
        prop_oneof![
            many.clone().prop_map(|q| q.join(" ")),
            many.clone().prop_map(|q| q.join(" OR ")),
            many.clone().prop_map(|q| q.join(" AND NOT ")),
            many.clone().prop_map(|q| q.join(" NEAR/7 ")),
            many.clone().prop_map(|q| q.join(" ONEAR/3 ")),
            many.prop_map(|q| format!("ATLEAST/1({})", q.join(", "))),
            inner.clone().prop_map(|q| format!("({q})")),
            inner.clone().prop_map(|q| format!("({q})^3")),
            inner.clone().prop_map(|q| format!("title:({q})")),
            inner.prop_map(|q| format!("-{q}")),
        ]
    })
}

proptest! {
    #[test]
    fn printing_and_parsing_is_a_fixpoint(query in pieces()) {
        let printed = parse(&query).unwrap().to_string();
        prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
    }

    #[test]
    fn any_text_parses_or_has_a_problem_in_it(query in "[ -~“मД–«」‚’]{0,60}|([()\"^@:*,=a-]|OR |NEAR/2 |ONEAR/2 |ATLEAST/1|lang:|age:<|site:[(]|topic:|1d ){0,30}") {
        match parse(&query) {
            Ok(node) => {
                prop_assert!(query.get(node.span.clone()).is_some());
                let printed = node.to_string();
                prop_assert_eq!(parse(&printed).unwrap().to_string(), printed);
            }
            Err(fault) => prop_assert!(query.get(fault.span).is_some()),
        }
    }

    #[test]
    fn near_agrees_with_comparing_all_places(text in "(oil |gas |tax |and ){0,14}", n in 1_usize..5, m in 1_usize..5) {
        let words: Vec<&str> = text.split_whitespace().collect();
        let places = |word: &str| -> Vec<usize> {
            (0..words.len()).filter(|at| words[*at] == word).collect()
        };
        let expected = places("oil").into_iter().any(|oil| {
            places("gas").into_iter().any(|gas| {
                oil.abs_diff(gas) <= n && places("tax").into_iter().any(|tax| gas.abs_diff(tax) <= m)
            })
        });
        let found = matched(&format!("oil NEAR/{n} gas NEAR/{m} tax"), &entry("", &text, ""));
        prop_assert_eq!(found.is_some(), expected);
    }

    #[test]
    fn a_match_always_has_evidence(query in pieces(), text in "(oil |US |s 400|sanctions |price caps |Modi |मोदी |gas |новые |санкции ){0,12}", lang in "(en|hi)?") {
        let rules = [rule("t", &query, 0.0), rule("base", "oil OR lang:hi", 2.0)];
        let Ok(classifier) = Classifier::compile_for_now(&aliases(), &rules) else { return Ok(()) };
        let report = Entry { language: Some(lang), ..entry("", &text, "") };
        let standing = Standing { now: Some(report.published_at), ..Standing::default() };
        for found in classifier.classify(&report, &standing) {
            prop_assert!(!found.evidence.is_empty() && found.evidence.len() <= 16);
            prop_assert!(found.score > 0.0 && found.score.is_finite());
            let texts = found.evidence.iter().filter(|piece| piece.field == "summary");
            for piece in texts {
                prop_assert!(text.contains(&piece.text));
            }
        }
    }

    #[test]
    fn candidates_never_change_a_verdict(
        queries in prop::collection::vec(pieces(), 1..6),
        words in "(oil |US |s 400 |price caps |Modi |новые |санкции ){0,8}",
        title in "(oil |US |s 400 |sanctions |मोदी |санкциям ){0,3}",
        lang in "(en|hi|uk)?",
    ) {
        let mut rules: Vec<Rule> = (0..).zip(&queries).map(|(at, query)| rule(&format!("t{at}"), query, 1.0)).collect();
        rules.extend([rule("base", "topic:first OR (lang:hi oil)", 0.0), rule("first", "oil ONEAR/3 =US", 2.0)]);
        let Some(classifier) = only_sound(rules) else { return Ok(()) };
        let report = Entry { language: Some(lang), ..entry(&title, &words, "") };
        let given = ["t0".to_owned()];
        for topics in [[].as_slice(), &given] {
            let standing = Standing { topics, now: Some(report.published_at), ..Standing::default() };
            prop_assert_eq!(classifier.classify(&report, &standing), classifier.classify_by_all(&report, &standing));
        }
    }
}

/// Compiles the rules without those that have problems: each would keep the others from being tested.
fn only_sound(mut rules: Vec<Rule>) -> Option<Classifier> {
    let problems = match Classifier::compile_for_now(&aliases(), &rules) {
        Ok(classifier) => return Some(classifier),
        Err(problems) => problems,
    };
    let broken = |at: usize| {
        problems
            .iter()
            .any(|problem| problem.place == Place::Rule { rule: at })
    };
    let mut at = 0..;
    rules.retain(|_| !at.next().is_some_and(broken));
    Classifier::compile_for_now(&aliases(), &rules).ok()
}

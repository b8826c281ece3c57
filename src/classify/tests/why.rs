//! What is told of rules that do not hold.

use super::*;

fn told(query: &str, min_score: f64) -> Verdict {
    let aliases = [Alias {
        name: "india".to_owned(),
        terms: vec!["Modi".to_owned(), "Delhi".to_owned()],
    }];
    let rules = [rule("a", query, min_score), rule("gulf", "oil -Modi", 0.0)];
    let body = "The talks were about oil and the price cap, said the minister of Delhi \
                as S-400 batteries, long-range ones, came";
    let entry = Entry {
        language: Some("en".to_owned()),
        ..entry("Putin meets Modi", "", body)
    };
    why(&aliases, &rules, &entry, &Standing::default()).remove(0)
}

#[test]
fn what_is_missing_is_told() {
    for (query, missing) in [
        ("Modi Xi", "`Xi` does not occur"),
        ("(Xi OR Trump) Modi", "none of `Xi OR Trump` occurs"),
        ("title:oil", "`title:oil` does not occur"),
        ("title:(Modi oil)", "`title:oil` does not occur"),
        ("Modi -oil", "`oil` is excluded, and occurs"),
        ("Modi title:-Putin", "`title:Putin` is excluded, and occurs"),
        (
            "oil NEAR/2 minister",
            "`oil NEAR/2 minister`: the nearest are 7 words apart, `oil` and `minister`",
        ),
        (
            "Putin NEAR/9 oil",
            "`Putin NEAR/9 oil`: they stand in no one text together",
        ),
        ("Xi NEAR/5 @india", "`Xi` does not occur"),
        (
            "Modi ONEAR/2 meets",
            "`Modi ONEAR/2 meets`: they stand the other way round",
        ),
        (
            "oil ONEAR/2 minister",
            "`oil ONEAR/2 minister`: the nearest are 7 words apart, `oil` and `minister`",
        ),
        (
            "S-400 NEAR/2 ones",
            "`S-400 NEAR/2 ones`: the nearest are 4 words apart, `S-400` and `ones`",
        ),
        (
            "Delhi NEAR/1 S-400",
            "`Delhi NEAR/1 S-400`: the nearest are 2 words apart, `Delhi` and `S-400`",
        ),
        (
            "the NEAR/1 minister NEAR/1 of NEAR/1 oil",
            "`the NEAR/1 minister NEAR/1 of NEAR/1 oil`: the nearest are 8 words apart, `of` and `oil`",
        ),
        (
            "price NEAR/1 the NEAR/1 minister",
            "`price NEAR/1 the NEAR/1 minister`: each is near the next, but not all in one place",
        ),
        ("oil lang:hi", "`lang:hi` does not hold"),
        ("oil lang:(hi OR ru)", "none of `lang:hi OR lang:ru` holds"),
        ("oil -lang:en", "`lang:en` is excluded, and holds"),
        ("oil topic:gulf", "`topic:gulf` does not hold"),
        (
            "ATLEAST/2(oil, Xi, gas)",
            "1 of 3 hold where 2 must: `ATLEAST/2(oil, Xi, gas)`",
        ),
    ] {
        let verdict = told(query, 0.0);
        assert!(!verdict.holds, "{query}");
        assert_eq!(verdict.missing, [missing], "{query}");
    }
}

#[test]
fn what_holds_is_shown_and_what_is_excluded() {
    let verdict = told("@india oil", 0.0);
    assert!(verdict.holds && verdict.missing.is_empty());
    let verdict = told("@india Xi", 0.0);
    let found: Vec<&str> = verdict.evidence.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(found, ["Modi", "Delhi"]);
    let verdict = told("Modi -\"price cap\"", 0.0);
    assert_eq!(verdict.excluded[0].text, "price cap");
}

#[test]
fn a_score_that_is_too_small_is_told() {
    let verdict = told("minister", 3.0);
    assert!(!verdict.holds);
    assert_eq!(verdict.missing.len(), 1);
    assert!(
        verdict.missing[0].ends_with("and `min-score` 3.0"),
        "{verdict:?}"
    );
}

/// However long a rule is, nothing that occurs is said not to, and what is told has an end.
#[test]
fn a_long_rule_is_told_truly_and_briefly() {
    let many: Vec<String> = (0..2000).map(|number| format!("w{number}")).collect();
    let verdict = told(&format!("{} oil minister", many.join(" ")), 0.0);
    let found: Vec<&str> = verdict.evidence.iter().map(|it| it.text.as_str()).collect();
    assert_eq!(found, ["oil", "minister"]);
    assert!(!verdict.missing.iter().any(|it| it.contains("oil")));
    assert_eq!(verdict.missing.len(), 33);
    assert_eq!(verdict.missing[32], "and 1968 more");
    let verdict = told(&format!("Xi ({} Modi)", "oil ".repeat(3000)), 0.0);
    assert_eq!(verdict.missing, ["`Xi` does not occur"]);
}

#[test]
fn what_holds_is_told_as_it_is_stored() {
    let lima = ["gulf".to_owned()];
    let standing = Standing {
        topics: &lima,
        group: Some("wire"),
        ..Standing::default()
    };
    let heir = Rule {
        inherits: vec!["gulf".to_owned()],
        ..rule("heir", "", 0.0)
    };
    let rules = [
        rule("gulf", "oil", 1.5),
        heir,
        rule("asks", "topic:gulf", 0.0),
    ];
    for title in ["Oil is dear", "Modi speaks"] {
        let entry = entry(title, "", "");
        let classifier = Classifier::compile(&[], &rules).unwrap();
        let stored = classifier.classify(&entry, &standing);
        assert_eq!(stored.len(), 3);
        for told in why(&[], &rules, &entry, &standing) {
            let stored = stored.iter().find(|it| it.topic == told.label).unwrap();
            assert_eq!((told.holds, told.score), (true, Some(stored.score)));
            assert_eq!(told.evidence, stored.evidence);
            let reason = told.evidence.last().unwrap();
            assert_eq!(
                (&*reason.field, &*reason.text),
                ("group", "wire"),
                "{title}"
            );
        }
    }
}

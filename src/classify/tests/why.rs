//! What is told of rules that do not hold.

use super::*;

fn told(query: &str, min_score: f64) -> Verdict {
    let aliases = [Alias {
        name: "india".to_owned(),
        terms: vec!["Modi".to_owned(), "Delhi".to_owned()],
    }];
    let rules = [rule("a", query, min_score), rule("gulf", "oil -Modi", 0.0)];
    let body = "The talks were about oil and the price cap, said the minister of Delhi";
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

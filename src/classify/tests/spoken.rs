//! The language of an entry that says none.

use super::*;
use crate::model::Scope;

const GERMAN: (&str, &str) = (
    "Neue Regierung im Amt",
    "Die neue Regierung hat am Montag mit der Arbeit begonnen, sagte ein Sprecher, und sie will sich nicht auf den Haushalt festlegen.",
);

fn said(language: Option<&str>, (title, body): (&str, &str)) -> Entry {
    Entry {
        language: language.map(str::to_owned),
        ..entry(title, "", body)
    }
}

/// Tells whether a rule holds of an entry, which all ways to ask must tell alike.
fn holds(rule: &Rule, entry: &Entry) -> bool {
    let rules = std::slice::from_ref(rule);
    let classifier = Classifier::compile(&[], rules).unwrap();
    let standing = Standing::default();
    let found = classifier.classify(entry, &standing);
    assert_eq!(found, classifier.classify_by_all(entry, &standing));
    let verdict = why(&[], rules, entry, &standing).remove(0);
    assert_eq!(verdict.holds, !found.is_empty());
    verdict.holds
}

#[test]
fn what_is_said_wins_and_words_tell_the_rest() {
    let none = ("Neue Regierung im Amt", "");
    for (language, text, query, expected) in [
        (None, GERMAN, "lang:de", true),
        (None, GERMAN, "lang:de Regierung", true),
        (None, GERMAN, "Regierung -lang:de", false),
        (None, GERMAN, "lang:(en OR de)", true),
        (None, GERMAN, "lang:en", false),
        (Some("und"), GERMAN, "lang:de", true),
        (Some(""), GERMAN, "lang:de", true),
        (Some("en"), GERMAN, "lang:de", false),
        (Some("en"), GERMAN, "lang:en", true),
        (None, none, "lang:de", false),
        (None, (GERMAN.1, ""), "lang:de", false),
    ] {
        let entry = said(language, text);
        let held = holds(&rule("t", query, 0.0), &entry);
        assert_eq!(held, expected, "{language:?} {} {query}", text.0);
    }
}

#[test]
fn a_scope_goes_by_what_words_tell() {
    let tags = |tags: &[&str]| tags.iter().map(|tag| (*tag).to_owned()).collect();
    for (feed, languages, not_languages, expected) in [
        ("wire", &["de"][..], &[][..], true),
        ("wire", &["en"], &[], false),
        ("wire", &[], &["de"], false),
        ("wire", &[], &["en"], true),
        // a text to try a topic on
        ("", &["de"], &[], true),
        ("", &["en"], &[], false),
    ] {
        let rule = Rule {
            scope: Scope {
                languages: tags(languages),
                not_languages: tags(not_languages),
                ..Scope::default()
            },
            ..rule("t", "Regierung", 0.0)
        };
        let mut entry = said(None, GERMAN);
        entry.feed = FeedId::new(feed);
        assert_eq!(
            holds(&rule, &entry),
            expected,
            "{languages:?} {not_languages:?}"
        );
    }
}

#[test]
fn evidence_says_that_a_language_was_guessed() {
    for (language, expected) in [(None, "de (guessed)"), (Some("de-AT"), "de")] {
        let classifier = Classifier::compile(&[], &[rule("t", "lang:de", 0.0)]).unwrap();
        let found = classifier.classify(&said(language, GERMAN), &Standing::default());
        assert_eq!(found[0].evidence[0].text, expected);
    }
    assert_eq!(
        spoken(&said(None, GERMAN)).to_string(),
        "de, guessed from its words"
    );
    assert_eq!(spoken(&said(Some("de-AT"), GERMAN)).to_string(), "de-AT");
    assert_eq!(
        spoken(&said(None, ("Amt", ""))).to_string(),
        "none that it says or its words tell"
    );
}

/// Words are taken apart by the language that words tell: Ukrainian has other endings than Russian, and French an
/// elision.
#[test]
fn words_are_read_in_the_language_that_they_tell() {
    let french = "Le vieux pont de l'Inde sera fermé dès lundi, car ses câbles doivent être remplacés avant \
        l'hiver, selon la mairie de la ville.";
    let ukrainian = "Старий міст у порту закриють з понеділка, тому що його троси потрібно замінити до зими, але рух \
        буде ще й по дамбі, а санкції не діють.";
    for (query, body, expected) in [
        ("Inde", french, true),
        ("санкция", ukrainian, false),
        ("санкції", ukrainian, true),
    ] {
        let entry = said(None, ("Міст / Pont", body));
        assert_eq!(holds(&rule("t", query, 0.0), &entry), expected, "{query}");
    }
    assert!(holds(
        &rule("t", "санкция", 0.0),
        &said(None, ("Новые санкции", ""))
    ));
}

/// The longer of summary and content is what is looked at.
#[test]
fn either_text_of_the_body_tells() {
    for (summary, content) in [
        (GERMAN.1, ""),
        ("", GERMAN.1),
        ("Kurz.", GERMAN.1),
        (GERMAN.1, "Kurz."),
    ] {
        let entry = entry(GERMAN.0, summary, content);
        assert_eq!(spoken(&entry).tag, Some("de"), "{summary} {content}");
    }
}

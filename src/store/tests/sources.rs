//! What `atom:source` says of entries that name one.

use super::*;

/// U5: any feed can name a source. Where the link does not lead there, readers are told who carried it.
#[test]
fn u5_a_source_that_the_link_does_not_bear_out_names_its_carrier() {
    use crate::model::{Person, Source};
    let herald = |id: &str, home: Option<&str>| Source {
        id: id.to_owned(),
        title: "Herald".to_owned(),
        home_url: home.map(str::to_owned),
        authors: vec![Person {
            name: "Herald".to_owned(),
            ..Person::default()
        }],
        ..Source::default()
    };
    let (own, liars) = ("https://herald.example/", Some("https://liar.example/"));
    for (source, link, expected) in [
        (herald(own, None), "https://news.herald.example/1", "Herald"),
        (
            herald("urn:x", Some(own)),
            "https://herald.example/1",
            "Herald",
        ),
        (
            herald(own, None),
            "https://liar.example/1",
            "Herald (carried by The a)",
        ),
        (
            herald(own, liars),
            "https://liar.example/1",
            "Herald (carried by The a)",
        ),
        (herald(own, None), "", "Herald (carried by The a)"),
        (
            herald("urn:x", None),
            "https://liar.example/1",
            "Herald (carried by The a)",
        ),
    ] {
        let scene = Scene::new();
        let mut one = entry("a", "one");
        one.entry.source = Some(source.clone());
        one.entry.url = Some(link.to_owned()).filter(|link| !link.is_empty());
        scene.record(poll("a", hour(0), vec![one]));
        let article = scene.store().articles(None, 9).unwrap().remove(0);
        assert_eq!(article.source.title, expected, "{source:?} {link}");
        assert_eq!(article.source.id, source.id);
        assert_eq!(article.source.authors.is_empty(), expected != "Herald");
    }
}

//! What documents say of each other.

use super::*;

const PAGE: Page<'static> = Page {
    generation: "0123456789ab",
    number: 7,
};

const OLDER: Page<'static> = Page {
    generation: "0123456789ab",
    number: 6,
};

fn at(format: OutputFormat, page: Option<Page<'_>>, older: Option<Page<'_>>) -> Vec<u8> {
    let (site, identity) = (site(), identity());
    let output = Output {
        hub: Some(Url::parse("https://hub.example/").unwrap()),
        ..output()
    };
    let publication = Publication {
        site: &site,
        identity: &identity,
        output: &output,
        place: Place { page, older },
        deleted: &[],
    };
    render(format, &publication, &[article(1)])
}

/// The links of a document to others: relation and address.
fn links(element: &Element) -> Vec<(String, String)> {
    let links = element.all("link").chain(element.all("atom:link"));
    let links = links.filter(|link| !link.attribute("rel").is_empty());
    links
        .map(|link| {
            (
                link.attribute("rel").to_owned(),
                link.attribute("href").to_owned(),
            )
        })
        .filter(|(rel, _)| rel != "alternate")
        .collect()
}

#[test]
fn u28_documents_lead_to_what_came_before() {
    for (page, older, expected) in [
        (None, None, vec![("self", "all.FORMAT"), ("hub", "")]),
        (
            None,
            Some(PAGE),
            vec![
                ("self", "all.FORMAT"),
                ("prev-archive", "all/0123456789ab/7.FORMAT"),
                ("hub", ""),
            ],
        ),
        (
            Some(PAGE),
            Some(OLDER),
            vec![
                ("self", "all/0123456789ab/7.FORMAT"),
                ("current", "all.FORMAT"),
                ("prev-archive", "all/0123456789ab/6.FORMAT"),
            ],
        ),
        (
            Some(PAGE),
            None,
            vec![
                ("self", "all/0123456789ab/7.FORMAT"),
                ("current", "all.FORMAT"),
            ],
        ),
    ] {
        for format in [OutputFormat::Atom, OutputFormat::Rss] {
            let document = parse(&at(format, page, older));
            let element = match format {
                OutputFormat::Atom => &document,
                _ => document.one("channel"),
            };
            let base = address(&site(), &output(), format);
            let base = base
                .strip_suffix(&format!("all.{}", format.name()))
                .unwrap();
            let address = |(rel, name): &(&str, &str)| {
                let name = name.replace("FORMAT", format.name());
                let own = format!("{base}{name}");
                let hub = "https://hub.example/".to_owned();
                let is_hub = *rel == "hub";
                (
                    (*rel).to_owned(),
                    Some(hub).filter(|_| is_hub).unwrap_or(own),
                )
            };
            let expected: Vec<(String, String)> = expected.iter().map(address).collect();
            assert_eq!(links(element), expected, "{format:?}");
            assert_eq!(
                element.all("fh:archive").count(),
                usize::from(page.is_some())
            );
        }
    }
}

#[test]
fn u14_json_leads_to_what_came_before() {
    for (page, older, expected) in [
        (None, None, None),
        (None, Some(PAGE), Some("all/0123456789ab/7.json")),
        (Some(PAGE), Some(OLDER), Some("all/0123456789ab/6.json")),
        (Some(PAGE), None, None),
    ] {
        let document = json::parse(&at(OutputFormat::Json, page, older));
        let next = document["next_url"].as_str();
        assert_eq!(next.is_some(), expected.is_some());
        let ends = |end| next.is_some_and(|url| url.ends_with(end));
        assert!(expected.is_none_or(ends), "{document}");
        let feed_url = document["feed_url"].as_str().unwrap();
        assert!(
            feed_url.ends_with("/all.json"),
            "it names the feed: {feed_url}"
        );
        assert_eq!(document.get("hubs").is_some(), page.is_none());
    }
}

#[test]
fn u33_atom_tells_what_left_and_an_archive_does_not() {
    let (site, identity, output) = (site(), identity(), output());
    let gone = |id: &str, at: &str| Deleted {
        id: id.to_owned(),
        at: at.parse().unwrap(),
    };
    let there = article(1).atom_id;
    let deleted = [
        gone("urn:x:<2>&\u{1}", "2026-12-24T10:00:00.7Z"),
        gone(&there, "2026-12-23T10:00:00Z"),
        gone("urn:x:1", "2026-12-20T10:00:00Z"),
    ];
    let at = |place: Place<'_>, deleted: &[Deleted], format| {
        let publication = Publication {
            site: &site,
            identity: &identity,
            output: &output,
            place,
            deleted,
        };
        render(format, &publication, &[article(1)])
    };
    let feed = parse(&at(Place::default(), &deleted, OutputFormat::Atom));
    let told: Vec<(&str, &str)> = feed
        .all("at:deleted-entry")
        .map(|it| (it.attribute("ref"), it.attribute("when")))
        .collect();
    let expected = [
        ("urn:x:<2>&", "2026-12-24T10:00:00Z"),
        ("urn:x:1", "2026-12-20T10:00:00Z"),
    ];
    assert_eq!(told, expected);
    assert_eq!(
        feed.attribute("xmlns:at"),
        "http://purl.org/atompub/tombstones/1.0"
    );
    assert_eq!(feed.told("updated"), "2026-12-24T10:00:00Z");
    let page = Place {
        page: Some(PAGE),
        older: None,
    };
    for (place, format) in [
        (page, OutputFormat::Atom),
        (Place::default(), OutputFormat::Rss),
        (Place::default(), OutputFormat::Json),
    ] {
        assert_eq!(
            at(place, &deleted, format),
            at(place, &[], format),
            "{format:?}"
        );
    }
    let quiet = at(Place::default(), &[], OutputFormat::Atom);
    assert!(!String::from_utf8(quiet).unwrap().contains("tombstones"));
}

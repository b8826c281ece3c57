//! What the document says of itself and of the feeds that it was made of.

use super::*;

#[test]
fn u4_the_feed_id_outlives_a_move() {
    let (site, identity, output) = (site(), identity(), output());
    let moved = Site {
        public_url: Url::parse("http://[::1]:8420/planet/").unwrap(),
        ..site.clone()
    };
    let feed = |site: &Site| {
        let publication = Publication {
            site,
            identity: &identity,
            output: &output,
            place: Place::default(),
            deleted: &[],
        };
        parse(&render(OutputFormat::Atom, &publication, &[]))
    };
    assert_eq!(feed(&site).told("id"), feed(&moved).told("id"));
    assert_eq!(feed(&site).told("id"), "tag:example.org,2026:output:all");
    let own = feed(&moved).links("self")[0].attribute("href").to_owned();
    assert_eq!(own, "http://[::1]:8420/planet/all.atom");
}

#[test]
fn u5_every_entry_names_its_source() {
    let (entry, item) = both(|article| {
        article.source.rights = Some("© Example".to_owned());
        article.source.authors = vec![person("Newsroom")];
        article.source.updated_at = Some("2026-10-31T00:00:00.9Z".parse().unwrap());
    });
    let source = entry.one("source");
    assert_eq!(source.told("id"), "https://news.example.com/");
    assert_eq!(source.told("title"), "Example News");
    assert_eq!(source.told("updated"), "2026-10-31T00:00:00Z");
    assert_eq!(source.told("rights"), "© Example");
    assert_eq!(source.one("author").told("name"), "Newsroom");
    let href = |rel| source.links(rel)[0].attribute("href").to_owned();
    assert_eq!(href("self"), "https://news.example.com/feed");
    assert_eq!(href("alternate"), "https://news.example.com/");
    assert_eq!(item.told("source"), "Example News");
    assert_eq!(
        item.one("source").attribute("url"),
        "https://news.example.com/feed"
    );
}

#[test]
fn u5_a_source_without_anything_is_complete_all_the_same() {
    let (entry, item) = both(|article| article.source = Source::default());
    let source = entry.one("source");
    assert!(
        source
            .told("id")
            .starts_with("tag:example.org,2026:source:")
    );
    assert_eq!(source.told("title"), "Unknown source");
    assert_eq!(source.told("updated"), entry.told("updated"));
    assert_eq!(item.all("source").count(), 0);
}

#[test]
fn u7_implausible_dates_of_sources_are_not_passed_on() {
    for at in [
        "1970-01-01T00:00:00Z",
        "1989-12-31T23:59:59Z",
        "2026-11-01T10:00:01Z",
    ] {
        let (entry, _) = both(|article| article.source.updated_at = Some(at.parse().unwrap()));
        assert_eq!(
            entry.one("source").told("updated"),
            "2026-11-01T10:00:00Z",
            "{at}"
        );
    }
}

/// U3, U5: an entry is told in the same bytes wherever it is, whatever its source says of itself and however new the others are.
#[test]
fn u3_an_entry_is_the_same_beside_any_other() {
    const ID: &str = "<id>https://news.example.com/3</id>";
    let told = |articles: &[Article]| {
        let document = String::from_utf8(bytes(OutputFormat::Atom, articles)).unwrap();
        let entry = document.split("<entry").find(|it| it.contains(ID));
        entry.unwrap().split("</entry>").next().unwrap().to_owned()
    };
    for (said, expected) in [
        // Between what came with it and what comes later; of a clock that is ahead of ours.
        ("2026-11-04T10:00:00Z", "2026-11-03T10:00:00Z"),
        ("2026-11-03T12:00:00Z", "2026-11-03T10:00:00Z"),
        // As of the poll that brought it, which is later than its publisher dates it.
        ("2026-11-03T10:59:59Z", "2026-11-03T10:59:59Z"),
        ("2026-10-03T10:00:00Z", "2026-10-03T10:00:00Z"),
    ] {
        let mut one = article(3);
        one.first_seen_at = "2026-11-03T11:00:00Z".parse().unwrap();
        one.source.updated_at = Some(said.parse().unwrap());
        let alone = told(&[one.clone()]);
        let source = format!("<updated>{expected}</updated>");
        let (_, of_source) = alone.split_once("<source>").unwrap();
        assert!(of_source.contains(&source), "{said}: {of_source}");
        assert_eq!(told(&[article(9), one, article(1)]), alone, "{said}");
    }
}

#[test]
fn u7_the_feed_is_as_new_as_its_newest_entry() {
    let mut revised = article(3);
    revised.updated_at = "2026-11-20T00:00:00.999Z".parse().unwrap();
    let articles = [article(5), revised, article(1)];
    assert_eq!(atom(&articles).told("updated"), "2026-11-20T00:00:00Z");
    assert_eq!(
        rss(&articles).told("lastBuildDate"),
        "Fri, 20 Nov 2026 00:00:00 GMT"
    );
    // What the document has no room for does not make it newer.
    let mut beyond = article(7);
    beyond.updated_at = "2026-11-25T00:00:00Z".parse().unwrap();
    let many: Vec<_> = (1..=output().most())
        .map(|number| Article {
            atom_id: format!("tag:news.example.com,2026:{number}"),
            ..article(1)
        })
        .chain([beyond])
        .collect();
    assert_eq!(atom(&many).told("updated"), rfc3339(many[0].updated_at));
    let (entry, item) = both(|_| {});
    assert_eq!(entry.told("published"), "2026-11-01T10:00:00Z");
    assert_eq!(item.told("pubDate"), "Sun, 01 Nov 2026 10:00:00 GMT");
}

#[test]
fn u13_generator_and_language() {
    let feed = atom(&[]);
    assert_eq!(feed.told("generator"), "merganser");
    assert_eq!(
        feed.one("generator").attribute("version"),
        env!("CARGO_PKG_VERSION")
    );
    for (language, expected) in [(Some("hi_IN"), "hi-IN"), (Some("klingon"), ""), (None, "")] {
        let (entry, _) = both(|article| article.language = language.map(str::to_owned));
        assert_eq!(entry.attribute("xml:lang"), expected);
    }
}

#[test]
fn u13_an_output_has_language_icon_and_logo_where_configured() {
    let icon = "https://feeds.example.org/icon.png";
    let logo = "https://feeds.example.org/logo.png";
    let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    for (icon, logo, language) in [(icon, logo, "hi"), (icon, "", "en"), ("", "", "")] {
        let output = Output {
            language: some(language),
            icon: some(icon),
            logo: some(logo),
            ..output()
        };
        let bytes = |format| bytes_of(format, &output, &[]);
        let feed = parse(&bytes(OutputFormat::Atom));
        let told = |element: &Element, name: &str| {
            let told = element.all(name).map(|it| it.text.clone());
            told.collect::<String>()
        };
        assert_eq!(feed.attribute("xml:lang"), language);
        assert_eq!([told(&feed, "icon"), told(&feed, "logo")], [icon, logo]);
        let rss = parse(&bytes(OutputFormat::Rss));
        let channel = rss.one("channel");
        assert_eq!(told(channel, "language"), language);
        let images: Vec<&Element> = channel.all("image").collect();
        assert_eq!(images.len(), usize::from(!icon.is_empty()));
        for image in images {
            assert_eq!(image.told("url"), if logo.is_empty() { icon } else { logo });
            assert_eq!(image.told("title"), channel.told("title"));
            assert_eq!(image.told("link"), channel.told("link"));
        }
        let json = json::parse(&bytes(OutputFormat::Json));
        let told = |key: &str| json.get(key).and_then(|it| it.as_str());
        assert_eq!(
            [told("language"), told("icon"), told("favicon")],
            [
                some(language).as_deref(),
                some(icon).as_deref(),
                some(icon).as_deref()
            ]
        );
    }
}

/// The namespaces that the validator knows, and no other: not that of one reader (`webfeeds`).
#[test]
fn u1_u13_no_namespace_is_new_to_the_validator() {
    let known = [
        "http://www.w3.org/2005/Atom",
        "http://search.yahoo.com/mrss/",
        "http://purl.org/dc/elements/1.1/",
        "http://purl.org/rss/1.0/modules/content/",
    ];
    for format in [OutputFormat::Atom, OutputFormat::Rss] {
        let document = String::from_utf8(bytes(format, &[article(1)])).unwrap();
        for declared in document.split(" xmlns").skip(1) {
            let name = declared.split('"').nth(1).unwrap();
            assert!(known.contains(&name), "{name}");
        }
    }
}

/// In all formats the same, and as text.
#[test]
fn an_output_is_described_in_the_words_of_its_operator() {
    let own = "Gas & <oil>, from the \"east\".";
    let output = Output {
        description: Some(own.to_owned()),
        ..output()
    };
    let of = |format| bytes_of(format, &output, &[article(1)]);
    assert_eq!(parse(&of(OutputFormat::Atom)).told("subtitle"), own);
    let rss = parse(&of(OutputFormat::Rss));
    assert_eq!(rss.one("channel").told("description"), own);
    let json: serde_json::Value = serde_json::from_slice(&of(OutputFormat::Json)).unwrap();
    assert_eq!(json["description"], own);
}

#[test]
fn u27_an_output_without_entries_is_a_document() {
    let feed = atom(&[]);
    assert_eq!(feed.told("updated"), "2026-01-02T03:04:05Z");
    assert_eq!(feed.told("title"), "Everything");
    assert_eq!(feed.all("entry").count(), 0);
    let channel = rss(&[]);
    assert_eq!(channel.told("link"), "https://feeds.example.org/all.html");
    assert_eq!(channel.told("description"), "All articles of Planet");
    assert_eq!(channel.all("item").count(), 0);
}

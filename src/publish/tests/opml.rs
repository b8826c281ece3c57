//! Lists of feeds.

use super::element::{Element, parse};
use super::{output, site};
use crate::publish::{Output, OutputFormat, Polled, outputs_opml, sources_opml};

#[test]
fn u24_lists_of_feeds_are_opml() {
    let outputs = [
        output(),
        Output {
            path: "gas".to_owned(),
            title: "Gas & \"oil\"".to_owned(),
            formats: vec![OutputFormat::Rss],
            ..output()
        },
    ];
    let opml = parse(&outputs_opml(&site(), &outputs.each_ref()));
    let body = opml.one("body");
    let told =
        |of: &Element| ["type", "text", "xmlUrl", "htmlUrl"].map(|it| of.attribute(it).to_owned());
    let attributes: Vec<[String; 4]> = body.all("outline").map(told).collect();
    let at = |name: &str| format!("https://feeds.example.org/{name}");
    assert_eq!(
        attributes,
        [
            ["rss", "Everything", &at("all.atom"), &at("all.html")],
            ["rss", "Gas & \"oil\"", &at("gas.rss"), &at("gas.html")],
        ]
    );

    let polled = |title: &str, group: Option<&str>| Polled {
        title: title.to_owned(),
        url: format!("https://{}.example/?a=1&b=2", title.len()),
        home: (!title.is_empty()).then(|| format!("https://{title}.example/?a=1&b=2")),
        group: group.map(str::to_owned),
    };
    let feeds = [
        polled("A", Some("wire")),
        polled("", None),
        polled("CC", Some("wire")),
    ];
    let opml = parse(&sources_opml(&site(), &feeds));
    let body = opml.one("body");
    let groups: Vec<&str> = body.all("outline").map(|it| it.attribute("text")).collect();
    assert_eq!(groups, ["wire", "https://0.example/?a=1&b=2"]);
    let wire = body.all("outline").next().unwrap();
    let feeds: Vec<[String; 4]> = wire.all("outline").map(told).collect();
    let a = [
        "rss",
        "A",
        "https://1.example/?a=1&b=2",
        "https://a.example/?a=1&b=2",
    ];
    assert_eq!((feeds.len(), &feeds[0]), (2, &a.map(str::to_owned)));
    let homeless = body.all("outline").nth(1).unwrap();
    assert!(
        !homeless
            .attributes
            .iter()
            .any(|(name, _)| name == "htmlUrl")
    );
    assert_eq!(opml.attribute("version"), "2.0");
}

//! One output in three formats: what one says of an article, the others say too (U14).

use super::*;
use serde_json::Value;

/// An attached medium: address, type, length.
type Medium = (String, String, u64);

/// What each format can say of an entry.
#[derive(Debug, Default, PartialEq)]
struct Told {
    id: String,
    title: String,
    url: String,
    published: String,
    updated: String,
    body: String,
    authors: Vec<String>,
    tags: BTreeSet<String>,
    enclosures: BTreeSet<Medium>,
    source: String,
}

/// Holds the three documents of these articles against each other; `feed_rs` reads them, too.
#[track_caller]
pub(super) fn check(articles: &[Article]) {
    let (atom, rss, json) = (atom(articles), rss(articles), json(articles));
    let of_atom: Vec<Told> = atom.all("entry").map(atom_entry).collect();
    let of_rss: Vec<Told> = rss.all("item").map(rss_item).collect();
    let items = json["items"].as_array().unwrap();
    let of_json: Vec<Told> = items.iter().map(json_item).collect();
    assert_eq!(of_atom, of_json);
    // RSS has no source without an address.
    let of_json = of_json.into_iter().zip(&of_rss);
    let of_json: Vec<Told> = of_json
        .map(|(told, rss)| match rss.source.as_str() {
            "" => Told {
                source: String::new(),
                ..told
            },
            _ => told,
        })
        .collect();
    assert_eq!(of_rss, of_json);
}

fn attribute(element: &Element, name: &str) -> String {
    element.attribute(name).to_owned()
}

fn texts(element: &Element, name: &str) -> Vec<String> {
    element.all(name).map(|it| it.text.clone()).collect()
}

/// What stands under a name, or nothing.
fn text(element: &Element, name: &str) -> String {
    texts(element, name).into_iter().next().unwrap_or_default()
}

fn medium(element: &Element, url: &str, length: &str) -> Medium {
    let media_type = match element.attribute("type") {
        "" => view::UNKNOWN_MEDIA_TYPE,
        told => told,
    };
    let length = element.attribute(length).parse().unwrap_or(0);
    (attribute(element, url), media_type.to_owned(), length)
}

fn atom_entry(entry: &Element) -> Told {
    let link = |rel| entry.links(rel).into_iter();
    Told {
        id: text(entry, "id"),
        title: text(entry, "title"),
        url: link("alternate").map(|it| attribute(it, "href")).collect(),
        published: text(entry, "published"),
        updated: text(entry, "updated"),
        body: [text(entry, "content"), text(entry, "summary")]
            .into_iter()
            .find(|body| !body.is_empty())
            .unwrap_or_default(),
        authors: entry.all("author").map(|it| text(it, "name")).collect(),
        tags: entry
            .all("category")
            .map(|it| attribute(it, "term"))
            .collect(),
        enclosures: link("enclosure")
            .map(|it| medium(it, "href", "length"))
            .collect(),
        source: entry.one("source").told("title").to_owned(),
    }
}

fn rss_item(item: &Element) -> Told {
    let published = text(item, "pubDate");
    let published = jiff::fmt::rfc2822::parse(&published).unwrap().timestamp();
    let enclosures = item.all("enclosure").map(|it| medium(it, "url", "length"));
    let media = item.all("media:content");
    let media = media.filter(|it| it.attribute("isDefault").is_empty());
    Told {
        id: text(item, "guid"),
        title: text(item, "title"),
        url: text(item, "link"),
        published: rfc3339(published),
        updated: text(item, "atom:updated"),
        body: [text(item, "content:encoded"), text(item, "description")]
            .into_iter()
            .find(|body| !body.is_empty())
            .unwrap_or_default(),
        authors: texts(item, "dc:creator"),
        tags: texts(item, "category").into_iter().collect(),
        enclosures: enclosures
            .chain(media.map(|it| medium(it, "url", "fileSize")))
            .collect(),
        source: text(item, "source"),
    }
}

fn json_item(item: &Value) -> Told {
    let string = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    // U12: what stands there as it was written.
    let line = |value: &Value| text::in_xml(value.as_str().unwrap_or_default()).into_owned();
    let list = |key: &str| {
        item.get(key)
            .and_then(Value::as_array)
            .into_iter()
            .flatten()
    };
    Told {
        id: string(&item["id"]),
        title: line(&item["title"]),
        url: string(&item["url"]),
        published: string(&item["date_published"]),
        updated: string(&item["date_modified"]),
        body: string(&item["content_html"]),
        authors: list("authors").map(|it| string(&it["name"])).collect(),
        tags: list("tags").map(line).collect(),
        enclosures: list("attachments")
            .map(|it| {
                let length = it["size_in_bytes"].as_u64().unwrap_or(0);
                (string(&it["url"]), string(&it["mime_type"]), length)
            })
            .collect(),
        source: line(&item["_merganser"]["source"]["title"]),
    }
}

/// Articles that differ in what may be there or not.
fn varied() -> Vec<Article> {
    let medium = |url: &str, media_type: Option<&str>, length| Enclosure {
        url: url.to_owned(),
        media_type: media_type.map(str::to_owned),
        length,
    };
    let mut whole = article(3);
    whole.topics = vec!["geopolitics".to_owned()];
    whole.authors.push(person("Bob <b@example.org>"));
    whole.enclosures = vec![
        medium("http://localhost/a.mp3", None, None),
        medium(
            "https://cdn.example.com/b.mp3",
            Some("audio/mpeg"),
            Some(12),
        ),
        medium("https://cdn.example.com/c.mp4", Some("video/mp4"), Some(0)),
    ];
    whole.updated_at = "2026-11-20T10:00:00.5Z".parse().unwrap();
    let mut bare = article(2);
    bare.url = None;
    bare.content = None;
    bare.authors.clear();
    bare.source = Source::default();
    let mut silent = article(1);
    (silent.content, silent.summary) = (None, None);
    silent.title = "Rain & \"wind\" </b> in भारत".to_owned();
    vec![whole, bare, silent]
}

#[test]
fn u14_all_formats_tell_the_same() {
    check(&varied());
    check(&[]);
}

/// What another program reads from the three: what it takes over from all of them.
#[test]
fn u14_another_reader_reads_the_same_from_all_formats() {
    let articles = varied();
    let read = |format| {
        let feed = feed_rs::parser::parse(&bytes(format, &articles)[..]).unwrap();
        let entry = |entry: feed_rs::model::Entry| {
            (
                entry.id,
                text::in_xml(&entry.title.unwrap().content).into_owned(),
                entry.published,
                entry.updated.is_some(),
            )
        };
        feed.entries.into_iter().map(entry).collect::<Vec<_>>()
    };
    let of_atom = read(OutputFormat::Atom);
    assert_eq!(of_atom.len(), articles.len());
    assert_eq!(of_atom, read(OutputFormat::Rss));
    assert_eq!(of_atom, read(OutputFormat::Json));
}

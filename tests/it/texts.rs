//! From the bytes of a document to clean entries: what becomes of a publisher's titles, names and links on
//! the way through `parse` and `normalize`.

use merganser::model::{Entry, FeedId, IdentityBy};
use merganser::normalize::{Origin, UrlRules, normalize};
use merganser::parse::{Document, parse};

/// Returns the entries of a document.
fn entries(document: &str) -> Vec<Entry> {
    let url = "https://news.example/feed";
    let document = Document {
        bytes: document.as_bytes(),
        charset: None,
        url,
    };
    let feed = FeedId::new("news");
    let origin = Origin {
        feed: &feed,
        url,
        language: None,
        now: "2026-01-10T12:00:00Z".parse().unwrap(),
        identity: IdentityBy::default(),
        url_rules: &UrlRules::default(),
    };
    normalize(&parse(&document).unwrap(), &origin).entries
}

fn rss(item: &str) -> String {
    format!("<rss version=\"2.0\"><channel><item>{item}</item></channel></rss>")
}

fn atom(entry: &str) -> String {
    format!("<feed xmlns=\"http://www.w3.org/2005/Atom\"><entry>{entry}</entry></feed>")
}

/// What a title in XML becomes in RSS and RDF, in Atom as text, as HTML and as XHTML.
const TITLES: &[(&str, [&str; 4])] = &[
    ("AT&amp;T", ["AT&T"; 4]),
    ("AT&T", ["AT&T"; 4]),
    ("a&mdash;b", ["a—b"; 4]),
    ("a &lt; b", ["a < b"; 4]),
    // Escaped twice: HTML of RSS and of type html is decoded once more, and then stands for itself.
    ("AT&amp;amp;T", ["AT&T", "AT&amp;T", "AT&T", "AT&amp;T"]),
    ("a&amp;mdash;b", ["a—b", "a&mdash;b", "a—b", "a&mdash;b"]),
    (
        "&amp;lt;b&amp;gt;",
        ["<b>", "&lt;b&gt;", "<b>", "&lt;b&gt;"],
    ),
    (
        "&amp;amp;lt;b&amp;amp;gt;",
        [
            "&lt;b&gt;",
            "&amp;lt;b&amp;gt;",
            "&lt;b&gt;",
            "&amp;lt;b&amp;gt;",
        ],
    ),
    // Markup goes where it is markup.
    (
        "&lt;b&gt;un&lt;/b&gt;do",
        ["undo", "<b>un</b>do", "undo", "<b>un</b>do"],
    ),
    ("<b>un</b>do", ["undo", "<b>un</b>do", "undo", "undo"]),
    (
        "<![CDATA[<b>a</b> &amp; b]]>",
        ["a & b", "<b>a</b> &amp; b", "a & b", "<b>a</b> &amp; b"],
    ),
    (
        "10<sup>6</sup> m",
        ["10 6 m", "10<sup>6</sup> m", "10 6 m", "10 6 m"],
    ),
    (
        "a&lt;script&gt;b&lt;/script&gt;c",
        ["ac", "a<script>b</script>c", "ac", "a<script>b</script>c"],
    ),
];

#[test]
fn u12_a_title_is_read_as_its_format_says() {
    for (title, [rss_title, text, html, xhtml]) in TITLES {
        let rdf = format!(
            "<rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\" \
             xmlns=\"http://purl.org/rss/1.0/\"><item><title>{title}</title></item></rdf:RDF>"
        );
        for (document, expected) in [
            (rss(&format!("<title>{title}</title>")), rss_title),
            (rdf, rss_title),
            (atom(&format!("<title type=\"text\">{title}</title>")), text),
            (atom(&format!("<title type=\"html\">{title}</title>")), html),
            (
                atom(&format!(
                    "<title type=\"xhtml\"><div xmlns=\"http://www.w3.org/1999/xhtml\">{title}</div></title>"
                )),
                xhtml,
            ),
        ] {
            assert_eq!(entries(&document)[0].title, *expected, "{document}");
        }
    }
    // JSON Feed has plain titles alone.
    let json = r#"{"version": "https://jsonfeed.org/version/1.1", "items": [{"id": "1", "title": "AT&amp;T <b>"}]}"#;
    assert_eq!(entries(json)[0].title, "AT&amp;T <b>");
}

/// A document in each family with an attack in each field.
fn hostile() -> [String; 3] {
    let script = "&lt;script&gt;alert(1)&lt;/script&gt;";
    let run = "javascript:alert(1)";
    [
        rss(&format!(
            "<title>t{script}</title><link>{run}</link><guid>{run}</guid>\
             <author>a{script}</author><category domain=\"{run}\">c{script}</category>\
             <enclosure url=\"{run}\" type=\"a/b{script}\" length=\"1\"/>\
             <source url=\"{run}\">s{script}</source>\
             <description>d{script}&lt;a href=\"{run}\"&gt;e&lt;/a&gt;</description>"
        )),
        atom(&format!(
            "<title type=\"html\">t{script}</title><link href=\"{run}\"/><id>{run}</id>\
             <author><name>a{script}</name><uri>{run}</uri><email>{run}</email></author>\
             <category term=\"c{script}\" scheme=\"{run}\" label=\"c{script}\"/>\
             <link rel=\"enclosure\" href=\"{run}\"/>\
             <source><id>{run}</id><title type=\"html\">s{script}</title><link href=\"{run}\"/></source>\
             <content type=\"html\">d{script}&lt;a href=\"{run}\"&gt;e&lt;/a&gt;</content>"
        )),
        format!(
            r#"{{"version": "https://jsonfeed.org/version/1.1", "items": [{{"id": "{run}", "title": "t",
            "url": "{run}", "external_url": "data:text/html,x", "authors": [{{"name": "a<script>alert(1)</script>", "url": "{run}"}}],
            "tags": ["c<script>alert(1)</script>"], "attachments": [{{"url": "{run}", "mime_type": "a/b"}}],
            "content_html": "d<script>alert(1)</script><a href='{run}'>e</a>"}}]}}"#
        ),
    ]
}

#[test]
fn s15_no_field_of_any_format_carries_what_runs() {
    for document in hostile() {
        let made = entries(&document);
        let entry = &made[0];
        assert_eq!(entry.title, "t", "{document}");
        assert_eq!(entry.url, None, "{document}");
        let body = entry.content.as_ref().or(entry.summary.as_ref());
        assert_eq!(body.map(String::as_str), Some("d<a>e</a>"), "{document}");
        assert_eq!(
            (entry.authors.len(), entry.categories.len()),
            (1, 1),
            "{document}"
        );
        for author in &entry.authors {
            assert_eq!((&*author.name, &author.url), ("a", &None), "{document}");
        }
        for category in &entry.categories {
            assert_eq!(
                (&*category.term, &category.scheme),
                ("c", &None),
                "{document}"
            );
        }
        assert!(
            entry.enclosures.is_empty() && entry.source.is_none(),
            "{document}"
        );
    }
}

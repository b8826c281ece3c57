//! Tests of the whole stage: one small document for each fault and each dialect.

use super::{Document, MAX_ENTRIES, ParseError, json_item, parse};
use crate::model::{FailureKind, Format, ParsedEntry, ParsedFeed, TextKind};
use proptest::prelude::*;
use std::time::Duration;

const URL: &str = "https://news.example/feed";

fn try_bytes(bytes: &[u8], charset: Option<&str>) -> Result<ParsedFeed, ParseError> {
    parse(&Document {
        bytes,
        charset,
        url: URL,
    })
}

fn read(text: &str) -> ParsedFeed {
    try_bytes(text.as_bytes(), None).unwrap_or_else(|error| panic!("{error}\n{text}"))
}

fn refusal(text: &str) -> String {
    let error = try_bytes(text.as_bytes(), None).unwrap_err();
    assert_eq!(error.failure().kind, FailureKind::NotAFeed);
    error.failure().message
}

/// The only entry of an RSS item.
fn item(fields: &str) -> ParsedEntry {
    let text = format!("<rss version='2.0'><channel><item>{fields}</item></channel></rss>");
    only(&read(&text))
}

/// The only entry of an Atom entry.
fn entry(fields: &str) -> ParsedEntry {
    let text = format!("<feed xmlns='http://www.w3.org/2005/Atom'><entry>{fields}</entry></feed>");
    only(&read(&text))
}

fn only(feed: &ParsedFeed) -> ParsedEntry {
    assert_eq!(feed.entries.len(), 1, "{feed:?}");
    feed.entries[0].clone()
}

fn codes(feed: &ParsedFeed) -> Vec<&str> {
    feed.defects.iter().map(|it| it.code).collect()
}

#[test]
fn rss_is_read_whole() {
    let feed = read(
        r#"<?xml version="1.0"?>
        <rss version="2.0" xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/"
             xmlns:content="http://purl.org/rss/1.0/modules/content/">
        <channel><title>News &amp;amp; Views</title><link>https://news.example/</link>
        <atom:link rel="self" href="/feed"/><language>en-GB</language><ttl>30</ttl><copyright>Ours</copyright>
        <lastBuildDate>Mon, 22 Jul 2024 10:00:00 GMT</lastBuildDate><managingEditor>e@news.example (Ed)</managingEditor>
        <image><title>Logo</title><link>https://logo.example/</link></image>
        <item><title>A &lt;b&gt;bold&lt;/b&gt; move</title><link>/1</link><guid isPermaLink="false">one</guid>
        <description><![CDATA[<p>Short</p>]]></description><content:encoded>&lt;p&gt;Long &amp;amp; wide</content:encoded>
        <pubDate>Mon, 22 Jul 2024 09:00:00 GMT</pubDate><dc:creator>Ann</dc:creator>
        <category domain="https://news.example/c">World</category>
        <enclosure url="/a.mp3" type="audio/mpeg" length="12"/></item></channel></rss>"#,
    );
    assert_eq!(feed.format, Format::Rss);
    assert_eq!(feed.profile.title.as_deref(), Some("News & Views"));
    assert_eq!(
        feed.profile.home_url.as_deref(),
        Some("https://news.example/")
    );
    assert_eq!(feed.profile.self_url.as_deref(), Some(URL));
    assert_eq!(feed.profile.language.as_deref(), Some("en-GB"));
    assert_eq!(feed.profile.rights.as_deref(), Some("Ours"));
    assert_eq!(feed.profile.authors[0].name, "Ed");
    assert_eq!(
        feed.profile.updated_at.unwrap().to_string(),
        "2024-07-22T10:00:00Z"
    );
    assert_eq!(feed.hints.ttl, Some(Duration::from_mins(30)));
    assert_eq!(codes(&feed), Vec::<&str>::new());
    let entry = only(&feed);
    assert_eq!(entry.id.as_deref(), Some("one"));
    assert_eq!(entry.url.as_deref(), Some("https://news.example/1"));
    assert_eq!(entry.title.value, "A <b>bold</b> move");
    assert_eq!(entry.title.kind, TextKind::Html);
    assert_eq!(entry.summary.unwrap().value, "<p>Short</p>");
    assert_eq!(entry.content.unwrap().value, "<p>Long &amp; wide");
    assert_eq!(
        entry.published_at.unwrap().to_string(),
        "2024-07-22T09:00:00Z"
    );
    assert_eq!(entry.updated_at, None);
    assert_eq!(entry.authors[0].name, "Ann");
    assert_eq!(entry.categories[0].term, "World");
    assert_eq!(
        entry.categories[0].scheme.as_deref(),
        Some("https://news.example/c")
    );
    assert_eq!(entry.enclosures[0].url, "https://news.example/a.mp3");
    assert_eq!(
        entry.enclosures[0].media_type.as_deref(),
        Some("audio/mpeg")
    );
    assert_eq!(entry.enclosures[0].length, Some(12));
    assert_eq!(entry.base_url.as_deref(), Some(URL));
}

#[test]
fn atom_is_read_whole() {
    let feed = read(
        r#"<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="en" xml:base="https://blog.example/x/">
        <id>tag:blog.example,2024:feed</id><title type="text">Blog &lt;3</title><updated>2024-07-22T10:00:00Z</updated>
        <link href="/"/><link rel="self" href="feed.atom"/><author><name>Ann</name></author>
        <entry xml:lang="de"><id> tag:1 </id><title>1 &lt; 2</title><link rel="related" href="https://other.example/"/>
        <link href="1"/><link rel="enclosure" href="1.mp3" length="7"/>
        <published>2024-07-22T09:00:00+02:00</published><updated>2024-07-22T10:00:00Z</updated>
        <author><name>Bob</name><email>bob@blog.example</email><uri>https://bob.example</uri></author>
        <category term="t" scheme="https://blog.example/s" label="L"/>
        <summary type="html">&lt;i&gt;S&lt;/i&gt;</summary>
        <content type="xhtml" xml:base="deep/"><div xmlns="http://www.w3.org/1999/xhtml"><p>1 &lt; 2</p></div></content>
        <source><id>tag:source</id><title>Origin</title><link rel="self" href="https://o.example/f"/></source>
        </entry></feed>"#,
    );
    assert_eq!(feed.format, Format::Atom);
    assert_eq!(
        feed.profile.id.as_deref(),
        Some("tag:blog.example,2024:feed")
    );
    assert_eq!(feed.profile.title.as_deref(), Some("Blog <3"));
    assert_eq!(
        feed.profile.home_url.as_deref(),
        Some("https://blog.example/")
    );
    assert_eq!(feed.profile.language.as_deref(), Some("en"));
    assert_eq!(feed.profile.authors[0].name, "Ann");
    let entry = only(&feed);
    assert_eq!(entry.id.as_deref(), Some("tag:1"));
    assert_eq!(entry.url.as_deref(), Some("https://blog.example/x/1"));
    assert_eq!(
        (entry.title.value.as_str(), entry.title.kind),
        ("1 < 2", TextKind::Plain)
    );
    assert_eq!(entry.summary.unwrap().value, "<i>S</i>");
    assert_eq!(entry.content.unwrap().value, "<p>1 &lt; 2</p>");
    assert_eq!(
        entry.published_at.unwrap().to_string(),
        "2024-07-22T07:00:00Z"
    );
    assert_eq!(
        entry.updated_at.unwrap().to_string(),
        "2024-07-22T10:00:00Z"
    );
    assert_eq!(entry.authors[0].email.as_deref(), Some("bob@blog.example"));
    assert_eq!(
        entry.authors[0].url.as_deref(),
        Some("https://bob.example/")
    );
    assert_eq!(entry.categories[0].label.as_deref(), Some("L"));
    assert_eq!(entry.enclosures[0].url, "https://blog.example/x/1.mp3");
    assert_eq!(entry.language.as_deref(), Some("de"));
    assert_eq!(entry.base_url.as_deref(), Some("https://blog.example/x/"));
    let source = entry.source.unwrap();
    assert_eq!(
        (source.title.as_str(), source.id.as_str()),
        ("Origin", "tag:source")
    );
}

const RSS_ITEM: &str = "<item><title>T</title><link>https://news.example/1</link></item>";
const ATOM_ENTRY: &str = "<entry><title>T</title><link href='https://news.example/1'/></entry>";

/// Reads a document made of `before`, the one entry above of that family, and `after`.
fn check_dialect(format: Format, before: &str, after: &str) {
    let entry = match format {
        Format::Atom => ATOM_ENTRY,
        _ => RSS_ITEM,
    };
    let document = format!("{before}{entry}{after}");
    let feed = read(&document);
    assert_eq!(feed.format, format, "{document}");
    let entry = only(&feed);
    assert_eq!(entry.title.value, "T", "{document}");
    let url = entry.url.as_deref();
    assert_eq!(url, Some("https://news.example/1"), "{document}");
}

#[test]
fn every_dialect_is_read() {
    let channel = "</channel></rss>";
    check_dialect(Format::Rss, "<rss><channel>", channel);
    check_dialect(Format::Rss, "<rss version='0.94'><channel>", channel);
    check_dialect(Format::Rss, "<RSS><Channel>", "</CHANNEL></Rss>");
    let own = "<rss version='2.00' xmlns='http://own.example/'><channel>";
    check_dialect(Format::Rss, own, channel);
    let outside = "<rss version='2.0'><channel><title>C</title></channel>";
    check_dialect(Format::Rss, outside, "</rss>");
    check_dialect(Format::Rss, "<channel>", "</channel>");
    for space in ["purl.org/rss/1.0/", "my.netscape.com/rdf/simple/0.9/"] {
        let rdf = "xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'";
        let root = format!("<rdf:RDF {rdf} xmlns='http://{space}'><channel/>");
        check_dialect(Format::Rdf, &root, "</rdf:RDF>");
    }
    for space in ["http://purl.org/atom/ns#", "https://www.w3.org/2005/atom/"] {
        let root = format!("<feed version='0.3' xmlns='{space}'>");
        check_dialect(Format::Atom, &root, "</feed>");
    }
    check_dialect(Format::Atom, "<feed>", "</feed>");
    check_dialect(Format::Atom, "", "");
    let prefixed = "<a:feed xmlns:a='http://www.w3.org/2005/Atom'><a:entry><a:title>T</a:title>\
        <a:id>1</a:id></a:entry></a:feed>";
    assert_eq!(only(&read(prefixed)).title.value, "T");
}

#[test]
fn what_stands_around_a_feed_is_passed_over() {
    let comment = format!(
        "\n\n<!-- {} --><?xml version='1.0' encoding='windows-1251'?>",
        "x".repeat(9000)
    );
    for before in [
        comment.as_str(),
        "<br />\n<b>Warning</b>: mysql in /x.php\n<?xml version='1.0'?>",
        "<?xml-stylesheet href='a'?><!DOCTYPE rss [<!ENTITY a 'b'>]>",
        "\u{feff}junk ",
    ] {
        check_dialect(Format::Rss, &format!("{before}<rss><channel>"), "");
    }
    let page = "<html><body><feed xmlns='http://www.w3.org/2005/Atom'>";
    check_dialect(Format::Atom, page, "</feed></body></html>");
}

#[test]
fn broken_markup_costs_no_entry() {
    for (fields, title) in [
        ("<title>Q & A</title>", "Q & A"),
        ("<title>a&nbsp;b&eacute;</title>", "a\u{a0}b\u{e9}"),
        (
            "<title>a&#0;b&#x1;&#xD800;&#xFFFF;&#146;</title>",
            "ab\u{2019}",
        ),
        ("<title>a&unknown;b&#zz;</title>", "a&unknown;b&#zz;"),
        ("<title>a <b>bold</b> c</title>", "a <b>bold</b> c"),
        ("<title><![CDATA[a]]> and <![CDATA[b]]></title>", "a and b"),
        ("<title><![CDATA[a <x</title><link>/1</link>", "a <x"),
        ("<title><![CDATA[a]]]]><![CDATA[>b]]></title>", "a]]>b"),
        (
            "<title>never closed <link>https://news.example/1</link>",
            "never closed",
        ),
        ("<title>T</tilte><description>D</description>", "T"),
        ("<media:title></media:title><title/><title>T</title>", "T"),
        ("<title >T</title\n><title>second</title>", "T"),
        ("<title>T</title></b></i>", "T"),
        ("<link href='a\"b' x=1 y><title>T</title>", "T"),
        ("<guid b=\"c <title>T</title>", "T"),
        (
            "<podcast:person role='Grip Boss'>X</podcast:person><title>T</title>",
            "T",
        ),
        ("<title>Ã©tÃ©</title>", "\u{e9}t\u{e9}"),
    ] {
        assert_eq!(item(fields).title.value, title, "{fields}");
    }
    let two = read("<rss><channel><item><title>1<item><title>2</title></channel></rss>");
    let titles: Vec<_> = two
        .entries
        .iter()
        .map(|it| it.title.value.as_str())
        .collect();
    assert_eq!(titles, ["1", "2"]);
}

#[test]
fn atom_types_are_honoured() {
    use TextKind::{Html, Plain};
    for (content, value, kind) in [
        ("<content>a &lt; b</content>", "a < b", Plain),
        ("<content type='text/plain'>a</content>", "a", Plain),
        (
            "<content type='html'>&lt;p&gt;a&amp;amp;b</content>",
            "<p>a&amp;b",
            Html,
        ),
        (
            "<content type='text/html' mode='escaped'><![CDATA[<p>a]]></content>",
            "<p>a",
            Html,
        ),
        (
            "<content type='application/xhtml+xml' mode='xml'><p>a &amp; b</p></content>",
            "<p>a &amp; b</p>",
            Html,
        ),
        (
            "<content type='xhtml'><x:div xmlns:x='http://www.w3.org/1999/xhtml'><x:p>a</x:p></x:div></content>",
            "<p>a</p>",
            Html,
        ),
        ("<content type=''>a</content>", "a", Plain),
        ("<content><p>untyped</p></content>", "<p>untyped</p>", Html),
    ] {
        let content_read = entry(content).content.unwrap();
        assert_eq!(
            (content_read.value.as_str(), content_read.kind),
            (value, kind),
            "{content}"
        );
    }
    for none in [
        "<content type='image/png'>aGk=</content>",
        "<content mode='base64'>aGk=</content>",
        "<content type='text/plain'></content>",
        "<content src='https://a.example/' type='text/xhtml'/>",
    ] {
        assert_eq!(entry(none).content, None, "{none}");
    }
}

#[test]
fn the_best_of_several_fields_counts() {
    let date = |fields: &str| item(fields).published_at.map(|it| it.to_string());
    let day = Some("2024-07-22T00:00:00Z".to_owned());
    assert_eq!(
        date("<dc:date>2023-01-01</dc:date><pubDate>2024-07-22</pubDate>"),
        day
    );
    assert_eq!(
        date("<pubDate>soon</pubDate><dcterms:created>2024-07-22</dcterms:created>"),
        day
    );
    assert_eq!(date("<pubDate>0001-01-01</pubDate>"), None);
    let atom = entry("<modified>2024-07-23</modified><issued>2024-07-22</issued>");
    assert_eq!(atom.published_at.map(|it| it.to_string()), day);
    assert_eq!(atom.updated_at.unwrap().to_string(), "2024-07-23T00:00:00Z");

    let url = |fields: &str| item(fields).url;
    let one = Some("https://news.example/1".to_owned());
    assert_eq!(url("<guid>https://news.example/1</guid>"), one);
    assert_eq!(url("<guid>https://a.example/</guid><link>/1</link>"), one);
    assert_eq!(
        url("<guid isPermaLink='false'>https://a.example/</guid>"),
        None
    );
    assert_eq!(
        url("<atom:link rel='self' href='/2'/><atom:link href='/1'/>"),
        one
    );
    assert_eq!(url("<link href='/1'/>"), one);
    assert_eq!(
        url("<link>https://news.example/1?a&amp;amp;b</link>").unwrap(),
        "https://news.example/1?a&b"
    );

    let about =
        read("<rdf:RDF><item rdf:about='https://news.example/1'><title>T</title></item></rdf:RDF>");
    assert_eq!((only(&about).id, only(&about).url), (one.clone(), one));
    let video = entry(
        "<media:group><media:content url='/v.mp4' fileSize='9'/><media:description>D</media:description></media:group>",
    );
    assert_eq!(video.summary.unwrap().value, "D");
    assert_eq!(video.enclosures[0].length, Some(9));
}

#[test]
fn a_missing_id_is_none_and_noted() {
    let feed = read(
        "<rss><channel><item><title>T</title></item><item><title>U</title></item></channel></rss>",
    );
    assert!(feed.entries.iter().all(|it| it.id.is_none()));
    assert_eq!(codes(&feed), ["no-id"]);
    assert!(feed.defects[0].message.ends_with("(and 1 more)"));
}

#[test]
fn authors_are_taken_apart() {
    for (fields, name, email) in [
        (
            "<author>ann@a.example (Ann Lee)</author>",
            "Ann Lee",
            Some("ann@a.example"),
        ),
        (
            "<author>Ann &lt;ann@a.example&gt;</author>",
            "Ann",
            Some("ann@a.example"),
        ),
        (
            "<author>ann@a.example（編集部）</author>",
            "編集部",
            Some("ann@a.example"),
        ),
        (
            "<author>编辑ann@a.example</author>",
            "编辑ann@a.example",
            None,
        ),
        (
            "<dc:creator>ann@a.example</dc:creator>",
            "ann@a.example",
            Some("ann@a.example"),
        ),
        (
            "<dc:creator><![CDATA[Ann Lee]]></dc:creator>",
            "Ann Lee",
            None,
        ),
        ("<author><name>Ann</name></author>", "Ann", None),
        (
            "<itunes:author>Ann</itunes:author><author>Ann</author>",
            "Ann",
            None,
        ),
    ] {
        let entry = item(fields);
        assert_eq!(entry.authors.len(), 1, "{fields}");
        assert_eq!(entry.authors[0].name, name, "{fields}");
        assert_eq!(entry.authors[0].email.as_deref(), email, "{fields}");
    }
}

#[test]
fn charsets_are_found() {
    let text = "<rss><channel><item><title>Élysée — Ёлка</title></item></channel></rss>";
    let utf_16 = |unit: fn(u16) -> [u8; 2]| text.encode_utf16().flat_map(unit).collect::<Vec<u8>>();
    let utf_32 = |unit: fn(u32) -> [u8; 4]| {
        text.chars()
            .flat_map(|c| unit(u32::from(c)))
            .collect::<Vec<u8>>()
    };
    let lying = format!("<?xml version='1.0' encoding='iso-8859-1'?>{text}").into_bytes();
    let marked = [b"\xEF\xBB\xBF", text.as_bytes()].concat();
    for bytes in [
        utf_16(u16::to_le_bytes),
        utf_16(u16::to_be_bytes),
        [vec![0xFF, 0xFE], utf_16(u16::to_le_bytes)].concat(),
        utf_32(u32::to_le_bytes),
        utf_32(u32::to_be_bytes),
        lying,
        marked,
    ] {
        let feed = try_bytes(&bytes, Some("iso-8859-1")).unwrap();
        assert_eq!(only(&feed).title.value, "Élysée — Ёлка");
    }
    let cyrillic = encoding_rs::WINDOWS_1251
        .encode("<rss><channel><item><title>Визит в Москву</title></item></channel></rss>")
        .0;
    let declared = [b"<?xml version='1.0' encoding='cp1251'?>", &*cyrillic].concat();
    for (bytes, http) in [
        (&*cyrillic, Some("windows-1251")),
        (&declared, None),
        (&cyrillic, None),
    ] {
        assert_eq!(
            only(&try_bytes(bytes, http).unwrap()).title.value,
            "Визит в Москву"
        );
    }
    let cut = [
        b"<rss><channel><item><title>",
        "тексты о".as_bytes(),
        b"\x93</title></item></channel></rss>",
    ]
    .concat();
    let feed = try_bytes(&cut, Some("iso-8859-1")).unwrap();
    assert_eq!(only(&feed).title.value, "тексты о\u{201c}");
    assert_eq!(codes(&feed)[0], "bad-utf-8");
}

#[test]
fn s13_no_forbidden_character_comes_through() {
    for c in (0..0x20).chain([0xFFFE, 0xFFFF]).filter_map(char::from_u32) {
        let raw = item(&format!("<title>a{c}b</title>")).title.value;
        let reference = item(&format!("<title>a&#{};b</title>", u32::from(c)))
            .title
            .value;
        let json = json_item(&format!(r#"{{"title":"a\u{:04x}b"}}"#, u32::from(c)))
            .unwrap()
            .title
            .value;
        for value in [raw, reference, json] {
            assert!(
                !value.contains(|c: char| c.is_control() && !c.is_whitespace()),
                "{c:?}"
            );
            assert!(
                !value.contains(['\u{FFFE}', '\u{FFFF}', '\u{B}', '\u{C}']),
                "{c:?}"
            );
        }
    }
}

#[test]
fn s10_no_declared_entity_is_expanded() {
    let bomb = "<!DOCTYPE rss [<!ENTITY a 'lol'><!ENTITY b '&a;&a;&a;'><!ENTITY x SYSTEM 'file:///etc/passwd'>]>";
    let feed = read(&format!(
        "{bomb}<rss><channel><item><title>&b;&x;</title></item></channel></rss>"
    ));
    assert_eq!(only(&feed).title.value, "&b;&x;");
}

#[test]
fn s12_limits_hold() {
    let many = read(&format!(
        "<rss><channel>{}",
        "<item><guid>1</guid></item>".repeat(MAX_ENTRIES + 1)
    ));
    assert_eq!(many.entries.len(), MAX_ENTRIES);
    assert_eq!(codes(&many), ["too-many-entries"]);
    let whole = read(&format!(
        "<rss><channel>{}</channel></rss>",
        "<item><guid>1</guid></item>".repeat(MAX_ENTRIES)
    ));
    assert_eq!(codes(&whole), Vec::<&str>::new());
    let items = r#"{"id":"1"},"#.repeat(MAX_ENTRIES);
    let json = read(&format!(r#"{{"items":[{items}{{"id":"2"}}]}}"#));
    assert_eq!(
        (json.entries.len(), codes(&json)),
        (MAX_ENTRIES, vec!["too-many-entries"])
    );

    let long = "ж".repeat(400_000);
    let entry = item(&format!(
        "<title>{long}</title><description>{long}</description><guid>{long}</guid><link>https://a.example/{long}</link>"
    ));
    assert_eq!(entry.title.value.len(), 1024);
    assert_eq!(entry.summary.unwrap().value.len(), 512 * 1024);
    assert_eq!((entry.id, entry.url), (None, None));
    let parts = item(&"<category>a</category><enclosure url='/a'/>".repeat(1000));
    assert!(parts.categories.len() + parts.enclosures.len() <= 64);
    assert_eq!(item(&"<a>".repeat(100_000)).title.value, "");
}

#[test]
fn p43_what_is_no_feed_is_named() {
    for (text, message) in [
        ("", "an empty document"),
        (" \n", "an empty document"),
        ("plain words", "the document holds no markup"),
        (
            "<!DOCTYPE html><html><head><title>x</title></head></html>",
            "an HTML page, which names no feed",
        ),
        ("<!doctype html><p>x", "an HTML page, which names no feed"),
        (
            "<html><link rel='alternate' type='application/rss+xml' href='/rss'><link rel=alternate type=application/atom+xml href=/atom>",
            "an HTML page; the feeds it names: https://news.example/rss, https://news.example/atom",
        ),
        (
            "<html><script src='/cdn-cgi/challenge-platform/x.js'></script></html>",
            "a page of Cloudflare that keeps programs out, in place of the feed",
        ),
        (
            "<opml><body/></opml>",
            "an XML document <opml>, which is no feed",
        ),
        (
            "<rdf:RDF xmlns:rdf='http://www.w3.org/1999/02/22-rdf-syntax-ns#'><x/></rdf:RDF>",
            "an XML document <rdf:RDF>, which is no feed",
        ),
        (
            r#"{"error":"gone"}"#,
            "a JSON document without items, which is no feed",
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
    assert!(refusal("{oops").starts_with("not readable as JSON"));
}

#[test]
fn json_feed_and_near_misses_are_read() {
    let feed = read(
        r#"{"version":"https://jsonfeed.org/version/1","title":"J","home_page_url":"https://j.example/","author":{"name":"Ann"},
        "items":[{"id":7,"url":"/1","title":"1 < 2","content_text":"a","content_html":"<p>a</p>","summary":"s",
        "date_published":"2024-07-22T10:00:00+02:00","date_modified":null,"author":{"name":"Bob","url":"https://b.example"},
        "tags":["x",null,3],"attachments":[{"url":"/a.mp3","mime_type":"audio/mpeg","size_in_bytes":12}],"language":"de"},
        null,"junk",{"id":["no"],"external_url":"https://e.example/"}]}"#,
    );
    assert_eq!(
        (feed.format, feed.profile.title.as_deref()),
        (Format::Json, Some("J"))
    );
    assert_eq!(feed.profile.authors[0].name, "Ann");
    assert_eq!(feed.entries.len(), 2);
    let entry = &feed.entries[0];
    assert_eq!(entry.id.as_deref(), Some("7"));
    assert_eq!(entry.url.as_deref(), Some("https://news.example/1"));
    assert_eq!(
        (entry.title.value.as_str(), entry.title.kind),
        ("1 < 2", TextKind::Plain)
    );
    assert_eq!(entry.content.as_ref().unwrap().value, "<p>a</p>");
    assert_eq!(
        entry.published_at.unwrap().to_string(),
        "2024-07-22T08:00:00Z"
    );
    assert_eq!(entry.authors[0].url.as_deref(), Some("https://b.example/"));
    assert_eq!(
        entry
            .categories
            .iter()
            .map(|it| it.term.as_str())
            .collect::<Vec<_>>(),
        ["x", "3"]
    );
    assert_eq!(entry.enclosures[0].length, Some(12));
    assert_eq!(
        (
            feed.entries[1].id.as_deref(),
            feed.entries[1].url.as_deref()
        ),
        (None, Some("https://e.example/"))
    );
    assert_eq!(codes(&feed), ["no-id"]);

    let alone = json_item(r#"{"id":"urn:x","title":"T","content_text":"a < b"}"#).unwrap();
    assert_eq!(alone.id.as_deref(), Some("urn:x"));
    assert_eq!(alone.content.unwrap().kind, TextKind::Plain);
    assert!(matches!(json_item("[]"), Err(ParseError::Broken(_))));
}

#[test]
fn without_an_address_the_feeds_own_is_the_base() {
    let links = |text: &str| {
        let document = Document {
            bytes: text.as_bytes(),
            charset: None,
            url: "",
        };
        only(&parse(&document).unwrap()).url.unwrap()
    };
    let item = "<item><link>/1</link></item>";
    assert_eq!(
        links(&format!(
            "<rss><channel><link>https://a.example/x</link>{item}"
        )),
        "https://a.example/1"
    );
    assert_eq!(links(&format!("<rss><channel>{item}")), "/1");
    assert_eq!(
        links(r#"{"feed_url":"https://a.example/f","items":[{"url":"/1"}]}"#),
        "https://a.example/1"
    );
}

#[test]
fn a_panic_is_an_error() {
    let caught = super::guarded::<()>(|| panic!("at {}", 7));
    assert_eq!(caught, Err(ParseError::Panicked("at 7".to_owned())));
    assert_eq!(caught.unwrap_err().failure().kind, FailureKind::Parse);
}

/// Pieces of feeds, whole and broken, of which the fuzzed documents are made.
fn piece() -> impl Strategy<Value = String> {
    prop_oneof![
        prop::sample::select(vec![
            "<rss>",
            "<channel>",
            "<item>",
            "</item>",
            "<entry>",
            "</entry>",
            "<feed xmlns='http://www.w3.org/2005/Atom'>",
            "<title>",
            "</title>",
            "<title type='xhtml'>",
            "<link>",
            "<link href='/a' rel=enclosure>",
            "</link>",
            "<guid>",
            "<![CDATA[",
            "]]>",
            "]]]]>",
            "<!--",
            "-->",
            "<?",
            "<!",
            "&",
            "&amp;",
            "&#x",
            ";",
            "<",
            ">",
            "\"",
            "'",
            "=",
            "<author>",
            "a@b.example",
            "</author>",
            "<a:b xmlns:a='x' xml:base='::'>",
            "</a:b>",
            "<source url='x'>",
            "<media:content url='http://a.example/b'>",
            "<pubDate>",
            "2024-07-22",
            "</pubDate>",
            "<div>",
            "</div>",
            "/",
            "\u{0}",
        ])
        .prop_map(str::to_owned),
        "\\PC{0,6}",
    ]
}

proptest! {
    #[test]
    fn parsing_is_total_on_bytes(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let result = try_bytes(&bytes, None);
        prop_assert!(matches!(result, Ok(_) | Err(ParseError::NotAFeed(_))), "{result:?}");
    }

    #[test]
    fn parsing_is_total_on_broken_feeds(pieces in prop::collection::vec(piece(), 0..60)) {
        let text = format!("<rss>{}", pieces.concat());
        let result = try_bytes(text.as_bytes(), None);
        prop_assert!(result.is_ok(), "{result:?}");
        prop_assert_eq!(result, try_bytes(text.as_bytes(), None));
    }

    #[test]
    fn titles_come_through_as_they_were_written(title in "[^\u{0}-\u{1f}\u{80}-\u{ff}\u{fffe}\u{ffff}]{1,40}") {
        let title = title.trim();
        let mut escaped = String::new();
        super::references::push_escaped(title, &mut escaped);
        prop_assert_eq!(&item(&format!("<title>{escaped}</title>")).title.value, title);
        prop_assert_eq!(&entry(&format!("<title>{escaped}</title>")).title.value, title);
    }

    #[test]
    fn dates_are_total(text in "\\PC{0,40}|[0-9:+TZ .,/-]{0,30}") {
        super::dates::parse(&text);
    }
}

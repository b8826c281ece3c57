//! What single fields of an entry become.

use super::*;

/// XML ends an element in its start tag, HTML does not.
#[test]
fn empty_elements_of_xhtml_end() {
    for (content, value) in [
        (
            "<content type='xhtml'><div>a<iframe src='/e' allowfullscreen/>b<SCRIPT/>c<br/>d<img src=\"x\" />e<i\n/>f<b></b></div></content>",
            "a<iframe src='/e' allowfullscreen></iframe>b<SCRIPT></SCRIPT>c<br/>d<img src=\"x\" />e<i\n></i>f<b></b>",
        ),
        (
            "<content type='xhtml'><x:div xmlns:x='h'><x:a id='1'/>b<x:hr/></x:div></content>",
            "<a id='1'></a>b<hr/>",
        ),
        (
            "<content><p>a</p><iframe src='/e'/><a href=/x/>b</a><!-- <b/> --><![CDATA[<i/>]]></content>",
            "<p>a</p><iframe src='/e'></iframe><a href=/x/>b</a><!-- <b/> -->&lt;i/&gt;",
        ),
        (
            "<content type='html'>&lt;iframe/&gt;a</content>",
            "<iframe/>a",
        ),
    ] {
        assert_eq!(entry(content).content.unwrap().value, value, "{content}");
    }
}

/// HTML knows no prefixes, and takes the end of a `br` for another one.
#[test]
fn xhtml_is_written_as_html_has_it() {
    const XHTML: &str = "='http://www.w3.org/1999/xhtml'";
    for (content, value) in [
        ("><p>a<br></br>b<br>\n</br>c</p>", "<p>a<br>b<br>\nc</p>"),
        ("><p>a<br>b</br></br></p>", "<p>a<br>b</br></br></p>"),
        (
            " xmlns:h=XHTML><h:p>a</h:p><h:p title='&lt;h:p'>b<h:br/><h:i/><h:br></h:br></h:p>",
            "<p>a</p><p title='&lt;h:p'>b<br/><i></i><br></p>",
        ),
        (" xmlns:h=XHTML><h:p>a</ h:p >b", "<p>a</p>b"),
        (
            "><h:p xmlns:h=XHTML>a</h:p><svg:g>b</svg:g><p>c</p>",
            "<p xmlns:h=XHTML>a</p><svg:g>b</svg:g><p>c</p>",
        ),
    ] {
        let [content, value] = [content, value].map(|it| it.replace("=XHTML", XHTML));
        let read = entry(&format!("<content type='xhtml'{content}</content>"));
        assert_eq!(read.content.unwrap().value, value, "{content}");
    }
    let body =
        "<xhtml:body xmlns:xhtml=XHTML><xhtml:p>a</xhtml:p>\n<xhtml:p>b</xhtml:p></xhtml:body>";
    let read = item(&body.replace("=XHTML", XHTML));
    assert_eq!(read.content.unwrap().value, "<p>a</p>\n<p>b</p>");
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
        (
            "<content type='xhtml'><div>a</div><div>b</div></content>",
            "<div>a</div><div>b</div>",
            Html,
        ),
        (
            "<content type='text/html; charset=utf-8'>&lt;b&gt;a</content>",
            "<b>a",
            Html,
        ),
        ("<content><p>untyped</p></content>", "<p>untyped</p>", Html),
        (
            "<content type='text/plain' mode='base64'>\n aCBp\n aQ </content>",
            "h ii",
            Plain,
        ),
        ("<content mode='base64'>PGI+aQ==</content>", "<b>i", Html),
        (
            "<content type='text/html' mode='base64'><![CDATA[PGI+aQ==]]></content>",
            "<b>i",
            Html,
        ),
        (
            "<content type='application/octet-stream'>PGI+aQ==</content>",
            "<b>i",
            Html,
        ),
        (
            "<content type='xhtml'><div><svg><rdf:RDF><dc:title>x</dc:title></rdf:RDF></svg>a</div></content>",
            "<svg><rdf:RDF><dc:title>x</dc:title></rdf:RDF></svg>a",
            Html,
        ),
    ] {
        let content_read = entry(content).content.unwrap();
        assert_eq!(
            (content_read.value.as_str(), content_read.kind),
            (value, kind),
            "{content}"
        );
    }
}

#[test]
fn a_stray_tag_beside_escaped_markup_means_nothing() {
    let summary = |raw: &str| item(&format!("<description>{raw}</description>")).summary;
    for (raw, html) in [
        ("&lt;p&gt;a&lt;/p&gt; &lt;b&gt;<br/>", "<p>a</p> <b><br/>"),
        ("<!-- <b> -->&lt;p&gt;a", "<p>a"),
        ("<p>a &lt;script&gt;</p>", "<p>a &lt;script&gt;</p>"),
    ] {
        assert_eq!(summary(raw).unwrap().value, html, "{raw}");
    }
}

#[test]
fn content_that_is_no_text_is_left_out() {
    for none in [
        "<content type='image/png'>aGk=</content>",
        "<content type='image/png' mode='base64'>aGk=</content>",
        "<content mode='base64'>AAEC</content>",
        "<content mode='base64'>a!</content>",
        "<content type='application/pdf'>JVBERv8=</content>",
        "<content type='text/plain'></content>",
        "<content src='https://a.example/' type='text/xhtml'/>",
    ] {
        assert_eq!(entry(none).content, None, "{none}");
    }
    let feed =
        read("<feed><entry><id>1</id><content type='image/png'>aGk=</content></entry></feed>");
    assert_eq!(codes(&feed), ["not-text"]);
    let elsewhere = entry("<content src='1.pdf' type='application/pdf'/>");
    assert_eq!(elsewhere.url.as_deref(), Some("https://news.example/1.pdf"));
}

#[test]
fn labels_are_read_wherever_they_stand() {
    let terms = |fields: &str| -> Vec<String> {
        let categories = item(fields).categories.into_iter();
        categories.map(|it| it.term).collect()
    };
    for (fields, expected) in [
        ("<category>World</category>", &["World"][..]),
        ("<dc:subject>World</dc:subject>", &["World"]),
        (
            "<media:group><media:category label='W'>world/asia</media:category></media:group>",
            &["world/asia"],
        ),
        (
            "<itunes:category text='News'><itunes:category text='Daily'/></itunes:category>",
            &["News", "Daily"],
        ),
        ("<itunes:keywords>a, b c,,</itunes:keywords>", &["a", "b c"]),
        ("<media:keywords>a,b</media:keywords>", &["a", "b"]),
    ] {
        assert_eq!(terms(fields), expected, "{fields}");
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
    for no_page in ["javascript:alert(1)", "#", "tag:1", "  "] {
        let fields = format!("<link>{no_page}</link><guid>https://news.example/1</guid>");
        assert_eq!(url(&fields), one, "{no_page}");
    }
    assert_eq!(url("<rss:guid>https://news.example/1</rss:guid>"), one);
    for (original, expected) in [
        (
            "<feedburner:origLink>https://news.example/1</feedburner:origLink>",
            &one,
        ),
        ("<pheedo:origLink>/1</pheedo:origLink>", &one),
        ("<feedburner:origLink>urn:x</feedburner:origLink>", &None),
    ] {
        let counted = "https://feeds.example/~r/news/~3/AbC/";
        let item = item(&format!("<link>{counted}</link>{original}"));
        assert_eq!(item.url.as_deref(), Some(counted));
        assert_eq!(&item.original_url, expected, "{original}");
    }
    assert_eq!(
        url("<link>https://news.example/1?a&amp;amp;b</link>").unwrap(),
        "https://news.example/1?a&b"
    );

    let about =
        read("<rdf:RDF><item rdf:about='https://news.example/1'><title>T</title></item></rdf:RDF>");
    assert_eq!((only(&about).id, only(&about).url), (one.clone(), one));
    let shows =
        item("<itunes:subtitle>S</itunes:subtitle><media:description>D</media:description>");
    assert_eq!(
        shows.summary.unwrap().value,
        "D",
        "a subtitle is the last resort"
    );
    let video = entry(
        "<media:group><media:content url='/v.mp4' fileSize='9'/><media:description>D</media:description></media:group>",
    );
    assert_eq!(video.summary.unwrap().value, "D");
    assert_eq!(video.enclosures[0].length, Some(9));
}

#[test]
fn a_picture_stands_for_an_entry() {
    let image = |fields: &str| item(fields).image;
    let one = Some("https://news.example/1.png".to_owned());
    for fields in [
        "<media:thumbnail url='/1.png'/>",
        "<media:group><media:thumbnail url='/1.png' width='9'/></media:group>",
        "<media:thumbnail url='/2.png'/><media:content url='/1.png' medium='image'/>",
        "<enclosure url='/1.png' type='image/png'/><itunes:image href='/2.png'/>",
        "<itunes:image href='/1.png'/>",
        "<image><title>x</title><url> /1.png </url><link>https://a.example/</link></image>",
    ] {
        assert_eq!(image(fields), one, "{fields}");
    }
    for none in [
        "<media:content url='/1.mp4' type='video/mp4'/>",
        "<media:thumbnail url='data:image/png;base64,x'/>",
        "<image/>",
        "",
    ] {
        assert_eq!(image(none), None, "{none}");
    }
    let channel = read("<rss><channel><image><url>/1.png</url><title>x</title></image><item/>");
    assert_eq!((only(&channel).image, channel.profile.title), (None, None));
    let json = read(r#"{"items":[{"image":"javascript:x","banner_image":"/1.png"}]}"#);
    assert_eq!(only(&json).image, one);
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
fn ids_are_taken_byte_for_byte() {
    for (fields, id) in [
        ("<guid> tag:1\n</guid>", "tag:1"),
        ("<guid>Ã©</guid>", "Ã©"),
        ("<guid>a&amp;amp;b</guid>", "a&amp;b"),
    ] {
        assert_eq!(item(fields).id.as_deref(), Some(id), "{fields}");
    }
    let about = read("<rdf:RDF><item rdf:about='Ã©'><title>T</title></item></rdf:RDF>");
    assert_eq!(only(&about).id.as_deref(), Some("Ã©"));
    for (json, id) in [
        (r#"{"id":" 1\t"}"#, Some(" 1\t")),
        (r#"{"id":"a\u0085b"}"#, Some("a\u{85}b")),
        (r#"{"id":7}"#, Some("7")),
        (r#"{"id":" "}"#, None),
    ] {
        assert_eq!(json_item(json).unwrap().id.as_deref(), id, "{json}");
    }
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
            "编辑",
            Some("ann@a.example"),
        ),
        ("<author>a@b, c@d.</author>", "a@b, c@d.", None),
        (
            "<author>@ Ann (mailto:ann@a.example)</author>",
            "Ann",
            Some("ann@a.example"),
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
            "<author><Name><![CDATA[Ann]]> Lee</Name></author>",
            "Ann Lee",
            None,
        ),
        (
            "<author><foaf:name>Ann <foaf:surname>Lee</foaf:surname></foaf:name></author>",
            "Ann Lee",
            None,
        ),
        ("<dc:author>Ann</dc:author>", "Ann", None),
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
fn only_a_base_that_is_written_is_that_of_the_texts() {
    for (feed, item, expected) in [
        ("", "", None),
        ("", " xml:base='/a/'", Some("https://news.example/a/")),
        (" xml:base='/a/'", "", Some("https://news.example/a/")),
        (
            " xml:base='/a/'",
            " xml:base='b/'",
            Some("https://news.example/a/b/"),
        ),
        ("", " xml:base=''", None),
        ("", " xml:base='#top'", None),
    ] {
        let text = format!("<rss{feed}><channel><item{item}><link>c</link></item></channel></rss>");
        let entry = only(&read(&text));
        assert_eq!(entry.base_url.as_deref(), expected, "{text}");
        let page = format!("{}c", expected.unwrap_or("https://news.example/"));
        assert_eq!(entry.url, Some(page), "{text}");
    }
    let json = read(r#"{"items":[{"url":"/1"}]}"#);
    assert_eq!(only(&json).base_url, None);
    let base = |fields: &str| entry(fields).base_url;
    let deep = Some("https://news.example/deep/".to_owned());
    assert_eq!(
        base("<content xml:base='deep/'>a</content><summary>b</summary>"),
        deep
    );
    assert_eq!(base("<summary xml:base='deep/'>b</summary>"), deep);
    assert_eq!(
        base("<body>a</body><content type='image/png' xml:base='deep/'>aGk=</content>"),
        None,
        "what is left out says nothing of what is kept"
    );
    assert_eq!(
        base("<content type='xhtml'><div xml:base='deep/'>a</div></content>"),
        deep
    );
    assert_eq!(
        base("<content type='xhtml' xml:base='/deep/x/'> <div xml:base='../'>a</div></content>"),
        deep
    );
    assert_eq!(
        base("<content>a</content><summary xml:base='deep/'>b</summary>"),
        None
    );
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

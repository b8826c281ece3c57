//! Each family of feeds, read whole, and the dialects of each.

use super::*;

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
    assert_eq!(entry.base_url, None, "no xml:base is written");
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
    assert_eq!(
        entry.base_url.as_deref(),
        Some("https://blog.example/x/deep/")
    );
    let source = entry.source.unwrap();
    assert_eq!(
        (source.title.as_str(), source.id.as_str()),
        ("Origin", "tag:source")
    );
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
fn the_channel_definition_format_is_read() {
    let feed = read(
        "<CHANNEL BASE='https://cdf.example/' HREF='home'><TITLE>C</TITLE><ABSTRACT>about</ABSTRACT>\
         <ITEM HREF='item/1' LASTMOD='2004-04-06T23:05:43-05:00'><TITLE>T</TITLE><ABSTRACT>A</ABSTRACT></ITEM></CHANNEL>",
    );
    assert_eq!(
        feed.profile.home_url.as_deref(),
        Some("https://cdf.example/home")
    );
    let entry = only(&feed);
    assert_eq!(entry.url.as_deref(), Some("https://cdf.example/item/1"));
    assert_eq!(entry.title.value, "T");
    assert_eq!(entry.summary.unwrap().value, "A");
    assert_eq!(
        entry.updated_at.unwrap().to_string(),
        "2004-04-07T04:05:43Z"
    );
}

#[test]
fn of_json_members_with_one_name_the_first_counts() {
    let feed = read(
        r#"{"title":"A","title":"B","x":1,"x":{"x":2},"items":[{"id":"1","id":"2","tags":["a"],"tags":7,
            "author":{"name":"Ann","name":"Bob"},"x":[],"x":0}],"items":[]}"#,
    );
    assert_eq!(feed.profile.title.as_deref(), Some("A"));
    let entry = only(&feed);
    assert_eq!(entry.id.as_deref(), Some("1"));
    assert_eq!(entry.categories[0].term, "a");
    assert_eq!(entry.authors[0].name, "Ann");
    assert_eq!(
        json_item(r#"{"id":"1","id":"2"}"#).unwrap().id.as_deref(),
        Some("1")
    );
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

/// Titles in JSON are plain text, and of some publishers they are taken from HTML as they stand.
#[test]
fn numbers_of_characters_in_a_title_of_json_are_characters() {
    let title = "Ann&#8217;s &#38; Bob&#x27;s &amp; &lt;b&gt; &#55357;&#56832; &#1;&#8211";
    let expected = "Ann\u{2019}s & Bob's &amp; &lt;b&gt; \u{1F600} &#8211";
    let feed = read(&format!(
        r#"{{"title":"{title}","items":[{{"title":"{title}","summary":"{title}","content_text":"{title}"}}]}}"#
    ));
    assert_eq!(feed.profile.title.as_deref(), Some(expected));
    let entry = only(&feed);
    assert_eq!(entry.title.value, expected);
    assert_eq!(entry.summary.map(|it| it.value).as_deref(), Some(expected));
    let content = entry.content.map(|it| it.value);
    assert_eq!(content.as_deref(), Some(title), "a text may be of code");
}

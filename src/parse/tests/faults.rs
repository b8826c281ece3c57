//! Documents with faults, and what is no feed at all.

use super::*;

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
        ("<title>a&#55357;&#56832;b</title>", "a😀b"),
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
        ("<title>groÃŸ â€“ â‚¬ 5</title>", "groß – € 5"),
        ("<title>â€œTudoâ€\u{9d}</title>", "“Tudo”"),
        (
            "<title>groÃŸ – and not all of it</title>",
            "groÃŸ – and not all of it",
        ),
        ("<title>“Ã©té” says é</title>", "“Ã©té” says é"),
        (
            "<title>BEYONCÉ’s NESCAFÉ® CAFÉ™</title>",
            "BEYONCÉ’s NESCAFÉ® CAFÉ™",
        ),
        ("<title>Spaß… AMANHÃ…</title>", "Spaß… AMANHÃ…"),
        ("<title>la RÃ©publique</title>", "la République"),
        ("<title>the USÂ\u{a0}over</title>", "the US\u{a0}over"),
        (
            "<title>café\u{a0}» SANTÉ\u{a0}:</title>",
            "café\u{a0}» SANTÉ\u{a0}:",
        ),
        ("<title>lâ€™Ã©tÃ© Ã\u{a0} Paris</title>", "l’été à Paris"),
        ("<title>&lt;![CDATA[My title]]&gt;</title>", "My title"),
        ("<link title='a < b' href='/1'/><title>T</title>", "T"),
        ("<title>ï¿¾</title>", "ï¿¾"),
        (
            "<title>don\u{92}t \u{93}quote\u{94}\u{85}</title>",
            "don’t “quote”…",
        ),
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
        [vec![b'\n', 0, b' ', 0], utf_16(u16::to_le_bytes)].concat(),
        utf_32(u32::to_le_bytes),
        utf_32(u32::to_be_bytes),
        lying,
        [b"\0", &*marked].concat(),
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
    let claimed = [
        b"<rss><channel><item><title>It",
        "’".as_bytes(),
        b"s caf\xE9 \xE0 la carte</title></item></channel></rss>",
    ];
    let feed = try_bytes(&claimed.concat(), Some("utf-8")).unwrap();
    assert_eq!(only(&feed).title.value, "It’s café à la carte");
    assert_eq!(codes(&feed)[0], "bad-utf-8");
}

#[test]
fn p43_what_is_no_feed_is_named() {
    for (text, message) in [
        ("", "an empty document, which is no feed"),
        (" \n", "an empty document, which is no feed"),
        (
            "plain words",
            "a document without any markup, which is no feed",
        ),
        (
            "<!DOCTYPE html><html><head><title>x</title></head></html>",
            "an HTML page, which names no feed; untried guesses: https://news.example/feed/, /rss.xml, /atom.xml",
        ),
        (
            "<!doctype html><meta name=Generator content='Hugo 0.150'>",
            "an HTML page, which names no feed; untried guesses: https://news.example/index.xml",
        ),
        (
            "<html><link rel='alternate' type='application/rss+xml' href='/rss'><link rel=alternate type=application/atom+xml href=/atom>",
            "an HTML page; the feeds it names: https://news.example/rss, https://news.example/atom",
        ),
        (
            "<html><script>window._cf_chl_opt={}</script></html>",
            "a page of Cloudflare that keeps programs out, in place of the feed",
        ),
        (
            "<br />\n<b>Fatal error</b>: no memory",
            "an HTML page, which names no feed; untried guesses: https://news.example/feed/, /rss.xml, /atom.xml",
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
        (
            "this is %% no feed at all { [",
            "a document without any markup, which is no feed",
        ),
        (
            "no memory\n{\"error\":\"gone\"}",
            "a JSON document without items, which is no feed",
        ),
        (
            "retry in {time} <opml><body/></opml>",
            "an XML document <opml>, which is no feed",
        ),
    ] {
        assert_eq!(refusal(text), message, "{text}");
    }
    assert!(refusal("{oops").starts_with("JSON that cannot be read"));
    let packed = [0x1F, 0x8B, 8, 0, b'<', b'r', b's', b's', b'>'];
    let told = try_bytes(&packed, None).unwrap_err().to_string();
    assert!(
        told.starts_with("a file packed by gzip without a `Content-Encoding`"),
        "{told}"
    );
    assert!(told.ends_with(", which is no feed"), "{told}");
}

/// What a document says of itself, and what is said of its faults, goes to the operator's terminal.
#[test]
fn nothing_that_a_terminal_obeys_is_told_of_a_document() {
    let nasty = "a\u{9b}2J\u{7f}\r\nb\u{85}\tc";
    let rss = read(&format!(
        "<rss><channel><title>{nasty}</title><copyright>{nasty}</copyright><language>{nasty}</language>
         <managingEditor>{nasty}</managingEditor><item><pubDate>{nasty}</pubDate></item></channel></rss>"
    ));
    let atom = read(&format!(
        "<feed xmlns='http://www.w3.org/2005/Atom'><id>{nasty}</id><title type='html'>{nasty}</title></feed>"
    ));
    let escaped = r"a\u001b\u009b2J\u007f\r\nb\u0085\tc";
    let json = read(&format!(
        r#"{{"title":"{escaped}","language":"{escaped}","authors":[{{"name":"{escaped}"}}],
            "items":[{{"date_published":"{escaped}"}}]}}"#
    ));
    // In the other two the controls are taken for the signs of windows-1252.
    for (feed, title) in [
        (&rss, "a›2J b… c"),
        (&atom, "a›2J b… c"),
        (&json, "a2J b c"),
    ] {
        assert_eq!(feed.profile.title.as_deref(), Some(title));
        let told = format!("{:?}{:?}", feed.profile, feed.defects);
        for escape in ["\\u{", "\\r", "\\n", "\\t"] {
            assert!(!told.contains(escape), "{told}");
        }
    }
    assert_eq!(codes(&rss), ["bad-character", "bad-date", "no-id"]);
    assert_eq!(json.profile.authors[0].name, "a2J b c");
}

#[test]
fn an_entry_that_is_cut_off_before_its_id_is_no_entry() {
    let whole = "<item><guid>1</guid><title>T</title></item>";
    for (end, titles) in [
        ("<item><title>Half", &["T"][..]),
        ("<item><title>Half</titl", &["T"]),
        (
            "<item><link>https://news.example/2</link><title>Half",
            &["T"],
        ),
        ("<item><title>Half</title><!-- made by", &["T"]),
        ("<item><guid>2</guid><title>Half", &["T", "Half"]),
        ("<item><title>Open</title></channel></rss>", &["T", "Open"]),
    ] {
        let feed = read(&format!("<rss><channel>{whole}{end}"));
        let read: Vec<_> = feed
            .entries
            .iter()
            .map(|it| it.title.value.as_str())
            .collect();
        assert_eq!(read, titles, "{end}");
    }
}

/// P41: where a document ends too soon.
#[test]
fn p41_a_document_tells_whether_it_is_at_its_end() {
    let one = "<item><guid>1</guid><title>One</title></item>";
    for (text, expected) in [
        (format!("<rss><channel>{one}</channel></rss>"), Cut::Nowhere),
        (format!("<rss><channel>{one}</rss>"), Cut::Nowhere),
        (
            "<rss><channel><item><guid>1</guid></rss>".to_owned(),
            Cut::Nowhere,
        ),
        (format!("<rss><channel>{one}</channel>"), Cut::Between),
        (format!("<rss><channel>{one}</channel></rs"), Cut::Between),
        (format!("<rss><channel>{one}<ite"), Cut::Between),
        ("<rss><channel><title>News".to_owned(), Cut::Between),
        (
            "<rss><channel><item><guid>1</guid><title>Half".to_owned(),
            Cut::InEntry,
        ),
        (
            "<rss><channel><item><guid>1</guid><title>On".to_owned(),
            Cut::InEntry,
        ),
        (
            format!("<rss><channel>{one}<item><title>Nameless"),
            Cut::Between,
        ),
        (
            format!("<rss><channel>{}", one.repeat(MAX_ENTRIES + 1)),
            Cut::Nowhere,
        ),
        ("{\"items\":[{\"id\":\"1\"}]}".to_owned(), Cut::Nowhere),
    ] {
        assert_eq!(read(&text).cut, expected, "{text:.80}");
    }
}

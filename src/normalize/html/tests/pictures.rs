//! Pictures: lazy ones, sets, those of `noscript`, and those that only count readers.

use super::*;

const A: &str = "<img src=\"https://example.org/a.png\">";

#[test]
fn u9_a_lazy_picture_gets_its_address() {
    for source in [
        "<img data-src='/a.png'>",
        "<img src='' data-src=/a.png loading=lazy>",
        "<img src=\"data:image/gif;base64,R0lGODlh\" data-lazy-src=\"/a.png\"/>",
        "<img src='#' data-original='/a.png'>",
        "<img src='about:blank' data-orig-src='/a.png'>",
        "<img src='//:0' data-hi-res-src='/a.png'>",
        "<img src='/themes/x/Blank.gif?v=1' data-src='/a.png'>",
        "<img src='https://cdn.org/1x1.trans.gif' data-lazy='https://example.org/a.png'>",
        "<img src='/loading.svg' data-url='../a.png'>",
        "<img data-original='1' data-src='{\"640\": \"/b.png\"}' data-lazy-src='/a.png'>",
        "<img data-src='/b_{width}x.png' data-original='/a.png'>",
        "<img data-original='/b.png' data-src='/a.png'>",
        "<img src='/a.png' data-src='/b.png' data-srcset='/b.png 2x'>",
        "<img src='javascript:x' data-src='javascript:y' data-lazy-src='/a.png'>",
    ] {
        check(source, A);
    }
    check(
        "<img src='https://example.org/pixel-9.jpg' data-url='https://example.org/article/1/'>",
        "<img src=\"https://example.org/pixel-9.jpg\">",
    );
    check("<img data-src='true'>t", "t");
    check("<img data-src='javascript:x'>t", "t");
    check("<img src='#'>t", "t");
    check("<img data-poster='/p.png' data-src='/a.png'>", A);
    check("<a data-src='/a.png'>t</a>", "<a>t</a>");
    check("<iframe data-src='https://a.org/'></iframe>t", "t");
    check(
        "<img src='/blank.gif'>",
        "<img src=\"https://example.org/blank.gif\">",
    );
    check(
        "<img src='/blank.gif' alt='b' data-src='/a.png' width='640'>",
        "<img alt=\"b\" width=\"640\" src=\"https://example.org/a.png\">",
    );
}

#[test]
fn u9_lazy_sets_posters_and_films_get_theirs() {
    check(
        "<img src='data:x' data-srcset='/a.png 640w, javascript:x 2x' sizes='100vw'>",
        "<img sizes=\"100vw\" srcset=\"https://example.org/a.png 640w\" src=\"https://example.org/a.png\">",
    );
    check(
        "<img srcset='data:image/gif;base64,R0 1w' data-lazy-srcset='/b.png 2x' data-src='/a.png'>",
        "<img srcset=\"https://example.org/b.png 2x\" src=\"https://example.org/a.png\">",
    );
    check(
        "<img srcset='/b.png 2x' data-srcset='/c.png 2x' data-src='/a.png'>",
        "<img srcset=\"https://example.org/b.png 2x\" src=\"https://example.org/a.png\">",
    );
    check(
        "<picture><source data-srcset='/b.webp 2x' type='image/webp'><img data-src='/a.png'></picture>",
        &format!(
            "<picture><source type=\"image/webp\" srcset=\"https://example.org/b.webp 2x\">{A}</picture>"
        ),
    );
    check(
        "<video data-src='/v.mp4' poster='/spacer.gif' data-poster='/p.png'></video>",
        "<video poster=\"https://example.org/p.png\" src=\"https://example.org/v.mp4\" controls=\"\"></video>",
    );
    check(
        "<video src='/v.mp4' poster='/p.png' data-src='/w.mp4' data-poster='javascript:x'></video>",
        "<video src=\"https://example.org/v.mp4\" poster=\"https://example.org/p.png\" controls=\"\"></video>",
    );
    check(
        "<video><source data-src='/v.mp4'><source data-src='data:x'></video>",
        "<video controls=\"\"><source src=\"https://example.org/v.mp4\"></video>",
    );
}

#[test]
fn a_lazy_picture_and_its_noscript_are_shown_once() {
    let fallback = "<noscript><img src='/a.png?full'></noscript>";
    for (source, expected) in [
        (format!("<img data-src='/a.png'>{fallback}"), A.to_owned()),
        (
            format!("<img data-src='/a.png'>\n {fallback}"),
            A.to_owned(),
        ),
        (
            "<noscript><img src='/a.png'></noscript><img data-src='/b.png'>".to_owned(),
            A.to_owned(),
        ),
        // A picture without an address before both: the names of the files tell.
        (
            format!("<img src='data:x'>{fallback}<img data-src='/b/a.png?w=9'>"),
            A.replace(".png", ".png?full"),
        ),
        // A text between: it is no picture of the noscript.
        (
            format!("<img src='data:x'>t{fallback}<img data-src='/b.png'>"),
            format!("t{}", A.replace(".png", ".png?full")),
        ),
        // The same picture, not lazy.
        (format!("{A}<noscript>{A}</noscript>"), A.to_owned()),
        // Its address waits where nobody knows to look.
        (
            "<img src='data:x' data-x='/b.png'><noscript><img src='/a.png'></noscript>".to_owned(),
            A.to_owned(),
        ),
        (
            format!(
                "<a href='/x'><img data-src='/a.png'></a><noscript><a href='/x'>{A}</a></noscript>"
            ),
            format!("<a href=\"https://example.org/x\" rel=\"noopener noreferrer\">{A}</a>"),
        ),
        (
            "<img data-src='/a.png'><noscript><picture><source srcset='/b.png'><img src='/b.png'>\
             </picture></noscript>"
                .to_owned(),
            A.to_owned(),
        ),
        (format!("<NOSCRIPT>{A}"), A.to_owned()),
        (
            "<noscript>run <b>scripts</b></noscript>!".to_owned(),
            "run <b>scripts</b>!".to_owned(),
        ),
    ] {
        let found = html(&source);
        assert_eq!(found.trim_end(), expected, "{source}");
    }
    // Other pictures stay.
    for source in [
        format!("<img data-src='/b.png'>x{fallback}"),
        format!("<img data-src='/b.png'><br>{fallback}"),
        format!("<img src='/b.png'>{fallback}"),
        "<img srcset='/a.png'><noscript><img srcset='/b.png'></noscript>".to_owned(),
        "<img data-src='/a.png'><noscript><img src='/a.png'><img src='/b.png'></noscript>"
            .to_owned(),
        "<noscript></noscript><img data-src='/b.png'><img data-src='/c.png'>".to_owned(),
        format!("{fallback}{fallback}"),
        // The noscript is that of the picture before it, whose address nobody finds.
        format!("<img src='data:x' data-x='1'>{fallback}<img data-src='/b.png'>"),
        format!("<a href='/x'><img src=''></a> {fallback}\n<img data-src='/b.png'>"),
    ] {
        assert_eq!(html(&source).matches("<img").count(), 2, "{source}");
    }
}

#[test]
fn pictures_that_only_count_readers_go() {
    for source in [
        "a<img src=\"https://t.org/p.gif\" width=\"1\" height=\"1\" alt=\"\"/>",
        "a<img src=https://t.org/p.gif width=1 height=0>",
        "a<img src='https://t.org/p.gif' style='width:1px;height:1px'>",
        "a<img src='https://t.org/p.gif' style='display:none !important'>",
        "a<img src='//feeds.feedburner.com/~r/x/~4/y'>",
        "a<img src='data:x' data-src='https://pixel.wp.com/b.gif'>",
        "a<noscript><img src='https://www.facebook.com/tr?id=1&amp;noscript=1'></noscript>",
        "a <a href='https://t.org/'><img src='https://t.org/p.gif' width='1' height='1'></a>",
        "a<a href='x' title='>'>\n<img src='https://a.feedsportal.com/mf.gif'> </a>",
        "a<picture><source srcset='/p.webp'><img src='/p.gif' height='1' width='1'></picture>",
        "a<a><picture><img src='/p.gif' height='1' width='1'></picture></a>",
    ] {
        check(source, "a");
    }
    for (source, expected) in [
        (
            "<img src=\"https://t.org/p.gif\" width=\"1\" height=\"100\">",
            "<img src=\"https://t.org/p.gif\" width=\"1\" height=\"100\">",
        ),
        (
            "<img src='/a.png' width='1' height='1' style='width:100%;height:auto'>",
            A,
        ),
        (
            "<a>b<img src='/p.gif' width='1' height='1'></a><a></a>",
            "<a>b</a><a></a>",
        ),
        (
            "<a><img src='/p.gif' width='1' height='1'>b</a>",
            "<a>b</a>",
        ),
        (
            "<a><i></i><img src='/p.gif' width='1' height='1'></a>",
            "<a><i></i></a>",
        ),
        (
            "<picture><img src='/p.gif' width='1' height='1'><img src='/a.png'></picture>",
            &format!("<picture>{A}</picture>"),
        ),
        (
            "<p><img src='/p.gif' width='1' height='1'></p><pre><img src='data:x'>\nb</pre>",
            "<p></p><pre>b</pre>",
        ),
    ] {
        check(source, expected);
    }
}

#[test]
fn s12_short_links_do_not_grow_with_a_long_base() {
    let base = format!("https://example.org/{}/", "a".repeat(4000));
    let text = Text::html("<a href=\"x\">y</a>".repeat(10_000));
    let base = Base::new(&base);
    let long = sanitise(&text, &base);
    assert!(long.html.starts_with("<a href=") && long.html.ends_with("<a>y</a>"));
    assert!(long.html.len() < text.value.len() + 160 * 1024);
    let short = sanitise(&Text::html("<a href=\"x\">y</a>".repeat(50)), &base);
    assert!(short.html.starts_with("<a href=") && short.html.len() < 20 * 1024);
    assert!(sanitise(&text, &base) == long, "each text has its own room");
}

#[test]
fn s12_to_look_at_an_address_takes_no_room() {
    let base = format!("https://example.org/{}/", "a".repeat(1000));
    let full = |source: &str| {
        let markup = sanitise(&Text::html(source.repeat(1000)), &Base::new(&base));
        markup.html.matches("aaa/x.png\"").count()
    };
    let plain = full("<img src=\"x.png\">");
    assert!(plain > 100);
    assert_eq!(full("<img src=\"blank.gif\" data-src=\"x.png\">"), plain);
    assert_eq!(
        full("<img data-lazy-src=\"x.png\" data-src=\"y{}\">"),
        plain
    );
}

#[test]
fn s14_no_hint_is_written() {
    for name in ["audio", "img", "source", "video"] {
        let source = format!("<{name} data-src='/b' style='color:red' data-x=y src='/a.png'>");
        let found = html(&source);
        assert!(
            found.contains("/a.png") && !found.contains("data-"),
            "{found}"
        );
        assert!(!found.contains("style"), "{found}");
    }
}

/// As they are published beside the text, so that readers do not show one picture twice.
#[test]
fn u9_addresses_are_spelled_as_they_are_published_elsewhere() {
    for (address, expected) in [
        ("https://a.org/b|c.jpg", "https://a.org/b%7Cc.jpg"),
        (
            "https://a.org/b[1].jpg?x={y}",
            "https://a.org/b%5B1%5D.jpg?x=%7By%7D",
        ),
        ("/b|c.jpg", "https://example.org/b%7Cc.jpg"),
        ("https://a.org/b#c#d", "https://a.org/b#c%23d"),
        ("https://a.org/b%7Cc.jpg", "https://a.org/b%7Cc.jpg"),
        ("https://a.org/b.jpg?x='y'", "https://a.org/b.jpg?x=%27y%27"),
        ("https://CDN.A.org/B.jpg", "https://cdn.a.org/B.jpg"),
        ("https://a.org", "https://a.org/"),
        ("https://a.org/./b/../c.jpg", "https://a.org/c.jpg"),
        ("https://a.org:443/b.jpg", "https://a.org/b.jpg"),
        ("https://ann:pw@a.org/b.jpg", "https://a.org/b.jpg"),
    ] {
        let source = format!("<a href=\"{address}\"><img src=\"{address}\"></a>");
        let link = format!("<a href=\"{expected}\" rel=\"noopener noreferrer\">");
        let made = format!("{link}<img src=\"{expected}\"></a>");
        check(&source, &made);
        check(&made, &made);
    }
}

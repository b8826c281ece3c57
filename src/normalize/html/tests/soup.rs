//! Markup for the property tests.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

/// Everything that matters to either reader, but pictures.
const PIECES: &[&str] = &[
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<a href=\"x\">",
    "</a>",
    "<a href='https://a.org/?a=1&amp;b=2&c=3' class='y'>",
    "<div>",
    "</div>",
    "<ul>",
    "<li>",
    "</li>",
    "</ul>",
    "<br>",
    "<br/>",
    "<hr>",
    "<h1>",
    "</h1>",
    "<pre>",
    "</pre>",
    "<table>",
    "<tr>",
    "<td>",
    "</td>",
    "</tr>",
    "</table>",
    "<script>",
    "</script>",
    "<svg>",
    "</svg>",
    "<!-- c -->",
    "<font>",
    "&amp;",
    "&nbsp;",
    "&eacute;",
    "&lt",
    "&#8217;",
    "&",
    "<",
    ">",
    "\n",
    " ",
    "text",
    "\"",
    "é",
    "<dl>",
    "<dt>",
    "</dt>",
    "</dl>",
    "<blockquote>",
    "</blockquote>",
    "<span title=\"a>b\">",
    "</span>",
    "<span title=\"<noscript>\">",
    "<ruby>",
    "<rt>",
    "</ruby>",
    "<marquee>",
    "</marquee>",
    "<dd>",
    "\u{FEFF}",
    "<video>",
    "</video>",
    "<noscript>",
    "</noscript>",
    "<NOSCRIPT x>",
    "<picture>",
    "</picture>",
    "<sup>",
    "</sup>",
    "2",
    "<template>",
    "</template>",
    "<select>",
    "</select>",
    "<textarea>",
    "</textarea>",
    "<math>",
    "<mtext>",
    "<style>",
    "</style>",
    "<xmp>",
    "</xmp>",
    "<title>",
    "</title>",
    "<plaintext>",
];

/// Names and values of attributes of pictures.
const ATTRIBUTES: &[(&str, &[&str])] = &[
    (
        "src",
        &[
            "/a.png",
            "blank.gif",
            "data:image/gif;base64,AA==",
            "#",
            "",
            "https://pixel.wp.com/g.gif",
        ],
    ),
    (
        "data-src",
        &[
            "/b.png",
            "b.png 2x",
            "javascript:x",
            "1",
            "https://stats.wp.com/g.gif",
        ],
    ),
    ("data-lazy-src", &["/a.png", "{x}", "/c.png&amp;d"]),
    (
        "srcset",
        &["/a.png 1x, b,c.png 2x", "data:x 1x", "blank.gif"],
    ),
    (
        "data-srcset",
        &["/d.png 640w,/e.png 2x 3x", "/d.png", "x y z"],
    ),
    ("width", &["1", "10", "0px"]),
    ("height", &["1", "10"]),
    (
        "style",
        &[
            "width:1px",
            "width: 10px; height: 1px",
            "display:none",
            "color:&quot;red",
        ],
    ),
    ("data-poster", &["/p.png", "#"]),
    ("poster", &["/p.png", "/spacer.gif"]),
    ("alt", &["a&amp;b", "<noscript>"]),
    ("loading", &["lazy"]),
];

/// An element with an address, in markup that the strict reader takes.
fn picture() -> impl Strategy<Value = String> {
    let attribute = |(name, values): (&'static str, &'static [&'static str])| {
        select(values).prop_map(move |value| format!(" {name}=\"{value}\""))
    };
    let attributes = subsequence(ATTRIBUTES, 0..6)
        .prop_shuffle()
        .prop_flat_map(move |chosen| chosen.into_iter().map(attribute).collect::<Vec<_>>());
    let name = select(&["img", "img", "img", "img", "source", "video"][..]);
    (name, attributes).prop_map(|(name, attributes)| format!("<{name}{}>", attributes.concat()))
}

/// A soup of everything.
pub(super) fn soup() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        3 => select(PIECES).prop_map(str::to_owned),
        1 => picture(),
    ];
    prop::collection::vec(piece, 0..14).prop_map(|pieces| pieces.concat())
}

/// Markup that is well nested more often than not, so that the strict reader has work.
pub(super) fn nested() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        "[a-z >\"é\n\u{A0}2]{0,8}",
        select(&["&amp;", "&#8217;", "<br>", "<hr/>", "<!-- x -->", "\n", " "][..])
            .prop_map(str::to_owned),
        picture(),
    ];
    leaf.prop_recursive(5, 40, 4, |inner| {
        let name = select(
            &[
                "p",
                "b",
                "i",
                "a",
                "a",
                "div",
                "ul",
                "ol",
                "li",
                "span",
                "h2",
                "h3",
                "dl",
                "dd",
                "code",
                "blockquote",
                "section",
                "s",
                "sup",
                "noscript",
                "noscript",
                "picture",
                "pre",
            ][..],
        );
        (name, prop::collection::vec(inner, 0..4))
            .prop_map(|(name, inner)| format!("<{name} title=\"t\">{}</{name}>", inner.concat()))
    })
}

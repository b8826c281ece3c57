//! Attacks (S14): markup that reads one way to a sanitiser and another to a browser, and the ways in which
//! scripts are started. Each goes through both readers; what comes out is looked at tag by tag.

use super::*;

/// Texts in which only what is harmless may be left.
const VECTORS: &[&str] = &[
    // What a second parser would read otherwise.
    "<noscript><p title=\"</noscript><img src=x onerror=alert(1)>\">",
    "<noscript><style></noscript><img src=x onerror=alert(1)></style></noscript>",
    "<noscript\u{1}><img src=x onerror=alert(1)></noscript\u{1}>",
    "<title><a title=\"</title><img src=x onerror=alert(1)>\"></title>",
    "<textarea><p title=\"</textarea><img src=x onerror=alert(1)>\"></textarea>",
    "<xmp><p title=\"</xmp><img src=x onerror=alert(1)>\"></xmp>",
    "<noembed><p title=\"</noembed><img src=x onerror=alert(1)>\"></noembed>",
    "<plaintext><img src=x onerror=alert(1)>",
    "<svg></p><style><a title=\"</style><img src=x onerror=alert(1)>\">",
    "<svg><desc><p><style><img src=x onerror=alert(1)></style></p></desc></svg>",
    "<svg><title><script>alert(1)</script></title></svg>",
    "<math><mtext><table><mglyph><style><!--</style><img title=\"--&gt;&lt;img src=1 onerror=alert(1)&gt;\">",
    "<math><annotation-xml encoding=\"text/html\"><script>alert(1)</script></annotation-xml></math>",
    "<form><math><mtext></form><form><mglyph><style></math><img src onerror=alert(1)>",
    "<table><a href=\"javascript:alert(1)\"><td><script>alert(1)</script></table>",
    "<select><style></select><img src=x onerror=alert(1)></style>",
    "<template><script>alert(1)</script></template>",
    "<!--><img src=x onerror=alert(1)>-->",
    "<!--a--!><img src=x onerror=alert(1)>-->",
    "<![CDATA[<img src=x onerror=alert(1)>]]>",
    "<?xml <img src=x onerror=alert(1)>?>",
    // Ways out of an attribute.
    "<img alt=\"`><script>alert(1)</script>\" src=x>",
    "<img src=`x` onerror=alert(1)>",
    "<img src=\"x\"onerror=alert(1)>",
    "<img/src=x/onerror=alert(1)>",
    "<img src='x\" onerror=\"alert(1)'>",
    "<p title='\"><img src=x onerror=alert(1)>'>",
    "<p title=\"&quot;&gt;&lt;img src=x onerror=alert(1)&gt;\">",
    "<p \"=\"\" onclick=alert(1)>",
    "<a href=x ONCLICK=alert(1) OnMouseOver\n=\nalert(1)>t</a>",
    "<p on\u{0}click=alert(1) style=\"background:url(javascript:alert(1))\">",
    "<p style=\"width:expression(alert(1))\" class=x id=cookie name=y>",
    // Addresses that run.
    "<a href=\"javascript:alert(1)\">t</a>",
    "<a href=\" java\tscript:alert(1)\">t</a>",
    "<a href=\"java\nscript:alert(1)\">t</a>",
    "<a href=\"\u{1}javascript:alert(1)\">t</a>",
    "<a href=\"&#1;javascript:alert(1)\">t</a>",
    "<a href=\"java\u{0}script:alert(1)\">t</a>",
    "<a href=\"&#x6A&#x61&#x76&#x61script:alert(1)\">t</a>",
    "<a href=\"&#0000106avascript&colon;alert(1)\">t</a>",
    "<a href=\"javascript&NewLine;:alert(1)\">t</a>",
    "<a href=\"\u{2028}javascript:alert(1)\">t</a>",
    "<a href=\"JaVaScRiPt:alert(1)\">t</a>",
    "<a href=\"javascript://example.org/%0Aalert(1)\">t</a>",
    "<a href=\"vbscript:x\">t</a><a href=\"data:text/html,<script>alert(1)</script>\">t</a>",
    "<a href=\"blob:https://a.org/x\">t</a><a href=\"file:///etc/passwd\">t</a>",
    "<a href=\"view-source:https://a.org\">t</a><a href=\"feed:javascript:alert(1)\">t</a>",
    "<img src=\"javascript:alert(1)\" data-src=\"javascript:alert(1)\" srcset=\"javascript:alert(1) 1x\">",
    "<img srcset=\",javascript:alert(1),x\" data-srcset=\"data:image/svg+xml,<svg/onload=alert(1)> 1x\">",
    "<img data-src=\"x\" onerror=\"alert(1)\" data-lazy-src='\" onerror=\"alert(1)'>",
    "<video poster=\"javascript:alert(1)\" data-poster=\"vbscript:x\" src=\"data:video/mp4,x\"><source src=\"javascript:x\" onerror=alert(1)></video>",
    "<audio src=\"javascript:alert(1)\" autoplay onplay=alert(1)></audio>",
    "<blockquote cite=\"javascript:alert(1)\"><q cite=\"data:x\"><del cite=\"vbscript:x\">t</del></q></blockquote>",
    "<img longdesc=\"javascript:alert(1)\" lowsrc=\"javascript:alert(1)\" dynsrc=\"javascript:alert(1)\" src=x>",
    // What loads, frames, sends or redirects.
    "<base href=\"javascript:alert(1)//\"><a href=\"x\">t</a>",
    "<meta http-equiv=\"refresh\" content=\"0;url=javascript:alert(1)\">",
    "<link rel=\"stylesheet\" href=\"https://a.org/x.css\"><style>@import 'x'</style>",
    "<iframe srcdoc=\"<script>alert(1)</script>\"></iframe><frameset onload=alert(1)><frame src=x>",
    "<object data=\"data:text/html,x\"><embed src=\"x.swf\"></object><applet code=x></applet>",
    "<form action=\"javascript:alert(1)\"><button formaction=\"javascript:alert(1)\">t</button><input autofocus onfocus=alert(1)></form>",
    "<isindex action=\"javascript:alert(1)\"><keygen autofocus onfocus=alert(1)>",
    "<body onload=alert(1) background=\"javascript:alert(1)\"><table background=\"javascript:alert(1)\"><td>t</td></table>",
    "<svg onload=alert(1)><a xlink:href=\"javascript:alert(1)\"><animate attributeName=href values=javascript:alert(1) /></a></svg>",
    "<details open ontoggle=alert(1)><summary>t</summary></details><marquee onstart=alert(1)>t</marquee>",
    "<x onclick=alert(1) contenteditable autofocus onfocus=alert(1)>t</x>",
    "<scr<script>ipt>alert(1)</scr</script>ipt>",
    "<scr<noscript>ipt>alert(1)</scr<noscript>ipt>",
    "<<script>alert(1)//<</script>",
    "<script src=//a.org/x.js",
    "<p>\u{FEFF}<img src=x\u{2029}onerror=alert(1)>",
];

/// Takes the tags of our own output apart: names, and attributes with their decoded values. Panics at
/// what our writer does not write.
fn tags(html: &str) -> Vec<(String, Vec<(String, String)>)> {
    let tags = html.split('<').skip(1).filter(|tag| !tag.starts_with('/'));
    tags.map(|tag| {
        let (inside, _) = tag.split_once('>').unwrap();
        let (name, mut rest) = inside.split_once(' ').unwrap_or((inside, ""));
        let mut attributes = Vec::new();
        while let Some((attribute, after)) = rest.split_once("=\"") {
            let (value, after) = after.split_once('"').unwrap();
            attributes.push((attribute.to_owned(), plain::text(value)));
            rest = after.trim_start();
        }
        assert_eq!(rest, "", "{tag}");
        (name.to_owned(), attributes)
    })
    .collect()
}

/// Holds what must hold of every text that we publish.
fn hold(source: &str, html: &str) {
    for (name, attributes) in tags(html) {
        let known = allow::element(&name);
        assert!(
            known.is_some() && name != "noscript",
            "{name} in {html} of {source}"
        );
        for (attribute, value) in attributes {
            let kind = allow::attribute(&name, &attribute);
            let is_rel = name == "a" && attribute == "rel" && value == "noopener noreferrer";
            let schemes: &[&str] = match kind {
                Some(allow::Value::Text) => continue,
                Some(allow::Value::Link) => &["https://", "http://", "mailto:"],
                Some(allow::Value::Resource | allow::Value::Resources) => &["https://", "http://"],
                Some(allow::Value::Hint) | None => &[],
            };
            for candidate in value.split(", ") {
                let is_web = schemes.iter().any(|scheme| candidate.starts_with(scheme));
                assert!(
                    is_rel || is_web,
                    "{attribute}={value} in {html} of {source}"
                );
            }
        }
    }
}

#[test]
fn s14_attacks_leave_nothing_that_runs() {
    for source in VECTORS {
        for source in [
            (*source).to_owned(),
            format!("<p>a</p>{source}<p>b</p>"),
            format!("<table><tr><td>{source}</td></tr></table>"),
            format!("<noscript>{source}</noscript>"),
        ] {
            let once = html(&source);
            hold(&source, &once);
            assert_eq!(html(&once), once, "{source}");
        }
    }
}

#[test]
fn s15_attacks_on_titles_leave_plain_text() {
    for source in VECTORS {
        let line = plain::name(source);
        assert!(!line.contains(['\n', '\0', '\u{1}']), "{line:?}");
        assert!(!line.contains("alert(1)</script>"), "{source:?}: {line:?}");
    }
}

proptest! {
    #[test]
    fn s14_no_mixture_of_attacks_leaves_anything_that_runs(
        parts in prop::collection::vec((0..VECTORS.len(), 0..90_usize, any::<bool>()), 1..4)
    ) {
        let cut = |(at, bytes, is_end): &(usize, usize, bool)| {
            let (start, end) = VECTORS[*at].split_at(VECTORS[*at].floor_char_boundary(*bytes));
            if *is_end { end } else { start }
        };
        let source = parts.iter().map(cut).collect::<String>();
        let once = html(&source);
        hold(&source, &once);
        prop_assert_eq!(html(&once), once);
    }
}

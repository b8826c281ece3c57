//! The picture that a publisher gives beside the text of an entry.
//!
//! Readers show what is in the text; of what is beside it (`media:thumbnail`, `image`, an enclosure) each shows
//! something else, or nothing. So it goes into the text, before the first word, unless the text has a picture
//! already. There it passes the same sieve as any other (S14), and needs no column of its own.

use super::html::{Base, MAX_BYTES, Markup, sanitise};
use crate::model::{ParsedEntry, Text};

/// What the start tag of a picture begins with in sanitised HTML.
const PICTURE: &str = "<img ";

/// Puts the picture of an entry into the text that readers see first: the content, or else the summary.
pub(super) fn show(
    parsed: &ParsedEntry,
    base: &Base<'_>,
    summary: &mut Markup,
    content: &mut Markup,
) {
    let shown = if content.html.is_empty() && !summary.html.is_empty() {
        summary
    } else {
        content
    };
    if shown.html.contains(PICTURE) {
        return;
    }
    let picture = address(parsed).map(|address| markup(address, base));
    let picture = picture.filter(|html| html.len() + shown.html.len() <= MAX_BYTES);
    if let Some(picture) = picture {
        shown.html.insert_str(0, &picture);
    }
}

/// Returns the address of the picture that stands for an entry, else of the first that is attached to it.
fn address(parsed: &ParsedEntry) -> Option<&str> {
    let attached = || {
        parsed.enclosures.iter().find(|enclosure| {
            let media_type = enclosure.media_type.as_deref();
            media_type.is_some_and(|it| it.starts_with("image/"))
        })
    };
    let own = parsed.image.as_deref();
    own.or_else(|| attached().map(|enclosure| enclosure.url.as_str()))
}

/// Writes a picture; nothing where it only counts readers, or has no address that can be shown.
fn markup(address: &str, base: &Base<'_>) -> String {
    let address = address
        .replace('&', "&amp;")
        .replace('"', "&quot;")
        .replace('<', "%3C")
        .replace('>', "%3E");
    let html = format!("<p>{PICTURE}src=\"{address}\" alt=\"\"></p>");
    let made = sanitise(&Text::html(&html), base).html;
    if made.contains(PICTURE) {
        made
    } else {
        String::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Enclosure;

    const PICTURE: &str = "<p><img src=\"https://cdn.example/a.jpg?w=9&amp;h=5\" alt=\"\"></p>";

    /// Checks what becomes of summary and content of an entry with this picture and this enclosure.
    #[track_caller]
    fn check(
        [image, enclosure]: [&str; 2],
        [summary, content]: [&str; 2],
        [then_summary, then_content]: [&str; 2],
    ) {
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
        let parsed = ParsedEntry {
            image: some(image),
            enclosures: vec![Enclosure {
                url: enclosure.to_owned(),
                media_type: Some("image/jpeg".to_owned()),
                length: None,
            }],
            ..ParsedEntry::default()
        };
        let base = Base::new("https://news.example/");
        let mut texts = [summary, content].map(|html| sanitise(&Text::html(html), &base));
        let before = texts.clone().map(|markup| markup.text);
        let [summary, content] = &mut texts;
        show(&parsed, &base, summary, content);
        assert_eq!(
            texts.each_ref().map(|it| it.html.as_str()),
            [then_summary, then_content]
        );
        assert_eq!(texts.map(|it| it.text), before, "no word is added");
    }

    #[test]
    fn a_picture_beside_the_text_goes_into_it() {
        let image = "https://cdn.example/a.jpg?w=9&h=5";
        let with = |text: &str| format!("{PICTURE}{text}");
        let (said, short) = ("<p>said</p>", "<p>short</p>");
        check([image, ""], [short, said], [short, &with(said)]);
        check([image, ""], [short, ""], [&with(short), ""]);
        check([image, ""], ["", ""], ["", PICTURE]);
        check(["", image], ["", said], ["", &with(said)]);
        check(
            ["https://cdn.example/b.jpg", image],
            ["", ""],
            [
                "",
                "<p><img src=\"https://cdn.example/b.jpg\" alt=\"\"></p>",
            ],
        );
    }

    #[test]
    fn a_text_with_a_picture_gets_no_second_one() {
        let image = "https://cdn.example/a.jpg";
        let own = "<p>said <img src=\"https://cdn.example/own.jpg\" alt=\"\"></p>";
        check([image, ""], ["<p>short</p>", own], ["<p>short</p>", own]);
        check([image, ""], [own, ""], [own, ""]);
    }

    #[test]
    fn what_is_no_picture_is_not_shown() {
        let pixel = "https://pixel.wp.com/b.gif?host=news.example";
        for image in ["javascript:alert(1)", "data:image/png;base64,AA", pixel, ""] {
            check([image, ""], ["", "<p>said</p>"], ["", "<p>said</p>"]);
        }
        let breaking = "https://cdn.example/a\"><script>alert(1)</script>";
        let harmless = "<p><img src=\"https://cdn.example/a%22%3E%3Cscript%3Ealert(1)%3C/script%3E\" alt=\"\"></p>";
        check([breaking, ""], ["", ""], ["", harmless]);
    }
}

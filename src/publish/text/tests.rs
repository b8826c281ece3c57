use super::*;

/// Texts are looked through in pieces: a character is found wherever it stands in one, and so are several.
#[test]
fn a_character_is_escaped_wherever_it_stands() {
    let by_character = |text: &str| -> String {
        let allowed = text.chars().filter(|c| is_allowed(*c));
        allowed
            .map(|c| named(c).map_or_else(|| c.to_string(), str::to_owned))
            .collect()
    };
    let specials = ["&", "<", "'", "\u{1}", "\u{7F}", "\u{85}", "é", "भ", "~ "];
    let afters = ["", "x", "plain to the end of it", "a&b"];
    let pairs = specials.map(|special| afters.map(|after| format!("{special}{after}{special}")));
    for (before, rest) in
        (0..3 * AT_ONCE).flat_map(|it| pairs.as_flattened().iter().map(move |rest| (it, rest)))
    {
        let text = format!("{}{rest}", "x".repeat(before));
        let mut escaped = String::new();
        escape_into(&mut escaped, &text, named);
        assert_eq!(escaped, by_character(&text), "{text:?}");
    }
}

#[test]
fn s13_forbidden_characters_go() {
    for (text, expected) in [
        ("plain", "plain"),
        ("a\0b\u{1}c\u{B}d\u{1F}", "abcd"),
        ("tab\tand\nline", "tab\tand\nline"),
        ("cr\r\nlf", "cr\nlf"),
        ("c1\u{80}\u{85}\u{9F}del\u{7F}", "c1del"),
        ("\u{FFFD}x\u{FFFE}\u{FFFF}", "x"),
        ("\u{10FFFD}\u{10FFFF}भ", "\u{10FFFD}भ"),
        (
            "a forbidden one within the first forty\u{1} bytes",
            "a forbidden one within the first forty bytes",
        ),
        (
            "or behind the pieces that are looked at together\u{7F}",
            "or behind the pieces that are looked at together",
        ),
    ] {
        assert_eq!(clean(text), expected, "{text:?}");
    }
}

#[test]
fn u12_titles_are_one_plain_line() {
    for (text, expected) in [
        ("  two\n\twords ", "two words"),
        ("a\u{85}b\u{2028}c\u{A0}d", "a b c d"),
        ("\u{202E}evil\u{202C} \u{2066}x\u{2069}", "evil x"),
        ("\u{1} \u{2}", ""),
        ("", ""),
        (" ", ""),
        (" one  two ", "one two"),
        (
            "a line of more bytes than are looked at together\n",
            "a line of more bytes than are looked at together",
        ),
        ("use </b> or\t</div>", "use </b> or </div>"),
        ("AT&T &amp; <i>", "AT&T &amp; <i>"),
    ] {
        assert_eq!(line(text), expected, "{text:?}");
        assert_eq!(line(&line(text)), expected, "{text:?} twice");
    }
    for (text, expected) in [
        ("use </b> or </div>", "use </b > or </div >"),
        ("a </ b> </> <b>", "a </ b> </> <b>"),
        ("AT&T &amp; <i>", "AT&T &amp; <i>"),
    ] {
        assert_eq!(in_xml(text), expected, "{text:?}");
        assert_eq!(in_xml(expected), expected, "{text:?} twice");
    }
}

#[test]
fn names_hold_no_brackets() {
    assert_eq!(name("Ann <ann@example.org>"), "Ann (ann@example.org)");
}

#[test]
fn pictures_are_found_in_order() {
    for (html, expected) in [
        (
            "<p>a<img src=\"https://x.example/1?a=1&amp;b=2\" alt=\"\"> b <img alt=\"src=\" src=\"https://x.example/2\"></p>",
            "https://x.example/1?a=1&b=2 https://x.example/2",
        ),
        ("<img alt=\"a\"> src=\"https://x.example/\"", ""),
        ("<img srcset=\"https://x.example/ 2x\">", ""),
        ("<imgx src=\"https://x.example/\">", ""),
        ("<img src=\"", ""),
        ("", ""),
    ] {
        let found: Vec<String> = pictures(html).collect();
        assert_eq!(found.join(" "), expected, "{html}");
    }
}

#[test]
fn excerpts_are_the_first_words() {
    let long = format!("<p>{}</p>", "word ".repeat(40));
    for (html, expected) in [
        (
            "<p>One</p><p>two &amp; <b>three</b></p>",
            "One · two & three",
        ),
        ("<h2>Heading</h2>\n<p>Words.</p>", "Heading · Words."),
        (
            "<h2>Really?</h2><p>Yes: </p><ul><li>one</li> <li>two</li></ul>",
            "Really? Yes: one · two",
        ),
        (
            "<div><p>\u{201c}One.\u{201d}</p>\n</div><p></p><p>Two</p>",
            "\u{201c}One.\u{201d} Two",
        ),
        (
            "<p>&quot;One.&quot;</p><p><img src=\"a\"></p><p>a &lt;b&gt;</p><p>c</p>",
            "\"One.\" a <b> · c",
        ),
        ("one<br>two <span>three</span>", "one two three"),
        ("a &lt;b&gt;&nbsp;c &amp;lt;", "a <b> c &lt;"),
        ("<img src=\"x\">", ""),
        ("", ""),
        ("broken <a href", "broken"),
    ] {
        assert_eq!(excerpt(html, 80), expected, "{html}");
    }
    let parted = "<p>word word word</p><p>word</p>";
    assert_eq!(excerpt(parted, 18), "word word word…");
    assert_eq!(plain(parted), "word word word word");
    for (most, words) in [(80, 16), (160, 32), (240, 40)] {
        let cut = if words < 40 { "…" } else { "" };
        let expected = format!("{}{cut}", vec!["word"; words].join(" "));
        assert_eq!(excerpt(&long, most), expected);
    }
}

/// A mark between blocks stands between words that are seen, and nowhere beside another.
#[test]
fn blocks_are_parted_once_and_from_no_empty_ones() {
    for (html, expected) in [
        (
            "<h2>Heading</h2><p>\u{200B}</p><p>Words.</p>",
            "Heading · Words.",
        ),
        (
            "<p>A</p><p>\u{200C}</p><p>B</p><p>\u{200B} \u{34F}</p>",
            "A · B",
        ),
        ("<p>one</p><p>\u{202D}</p>", "one"),
        ("<p>\u{2060}&nbsp;\u{AD}</p><p>one</p>", "one"),
        ("<p>\u{200B}</p>", ""),
        ("<p>One.\u{200B}</p><p>Two</p>", "One.\u{200B} Two"),
        ("<p>A</p><p>· B</p>", "A · B"),
        ("<p>A</p><p>•</p><p>B</p>", "A • B"),
        ("<ul><li>• one</li><li>• two</li></ul>", "• one • two"),
        ("<p>5</p><p>– item</p><p>- more</p>", "5 – item - more"),
        ("<td>today</td><td>-5</td>", "today · -5"),
        ("<p>Er sagte „Ja.“</p><p>Dann</p>", "Er sagte „Ja.“ Dann"),
        ("<p>»Ja!«</p><p>›Ja.‹</p><p>B</p>", "»Ja!« ›Ja.‹ B"),
        ("<p>‚Ja.‘</p><p>‹Oui.›</p><p>B</p>", "‚Ja.‘ ‹Oui.› B"),
        (
            "<p>「はい。」</p><p>『はい。』</p><p>B</p>",
            "「はい。」 『はい。』 B",
        ),
        ("<p>[One.]</p><p>Two</p>", "[One.] Two"),
        ("<section>one</section><section>two</section>", "one · two"),
        ("<header>one</header><article>two</article>", "one · two"),
        ("one<hr>two<footer>three</footer>", "one · two · three"),
        (
            "<table><tr><td>one</td></tr><tr><td>two</td></tr></table>",
            "one · two",
        ),
    ] {
        assert_eq!(excerpt(html, 80), expected, "{html}");
    }
}

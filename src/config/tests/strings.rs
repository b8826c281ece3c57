//! Strings of every kind: where a problem in one stands.

use super::broken::check_above_feed;
use super::*;

/// The caret stands under the token that is wrong, however the string is written.
#[test]
fn a_query_that_is_wrong_is_shown_at_the_word_in_every_kind_of_string() {
    for (query, expected) in [
        ("\"oil AND @gaz\"", "bad-query 3:18"),
        ("'oil AND @gaz'", "bad-query 3:18"),
        (r#""\"price cap\" AND @gaz""#, "bad-query 3:28"),
        (r#""\u0433\u0430\u0437 @gaz""#, "bad-query 3:29"),
        (r#""=a\u0020OR @gaz""#, "bad-query 3:21"),
        ("'''\n\"price cap\"\n@gaz'''", "bad-query 5:1"),
        ("\"\"\"\n\\\"oil\\\"\n  @gaz\"\"\"", "bad-query 5:3"),
        ("\"\"\"oil \\\n    @gaz\"\"\"", "bad-query 4:5"),
        ("'''oil\n @gaz'''", "bad-query 4:2"),
        (r#""a \"oil""#, "bad-query 3:12"),
    ] {
        let text = format!("[[topic]]\nname = \"t\"\nquery = {query}\n");
        check_above_feed(&text, &[expected]);
        let crlf = text.replace('\n', "\r\n");
        check_above_feed(&crlf, &[expected]);
    }
    let alias =
        "[alias]\na = [\"\\\"x\", \"\\u0040gaz\"]\n[[topic]]\nname = \"t\"\nquery = \"@a\"\n";
    check_above_feed(
        alias,
        &["bad-query 2:7", "bad-query 2:14", "bad-query 5:10"],
    );
}

#[test]
fn the_word_and_not_more_is_underlined() {
    let text = "[[topic]]\nname = \"t\"\nquery = \"\\\"price cap\\\" AND @g\\u0061z -oil\"\n";
    let found = problems(&with_feed(text)).remove(0);
    assert_eq!(text.get(found.span), Some("@g\\u0061z"));
}

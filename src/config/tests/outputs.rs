//! What is refused of outputs.

use super::broken::check;
use super::*;

#[test]
fn keys_of_outputs_cannot_be_guessed() {
    let literal = "literal-secret 3:12";
    for key in [
        "short",
        "fifteen-letters",
        "sixteen letters and more",
        "sixteen-letters/and+more",
    ] {
        let text = format!("[[output]]\npath = \"a\"\nprotect = \"{key}\"");
        check(&text, &["no-feeds 1:1", "bad-secret 3:11", literal]);
    }
}

/// What readers would see may be a mistake, and is no less a password in the journal.
#[test]
fn s7_passwords_in_addresses_of_the_server_are_not_shown() {
    let text = "[server]\npublic-url = \"https://u:one-pw@news.example.org/\"\n\
         hub = \"https://u:two-pw@hub.example/\"\nicon = \"https://u:three@pw@x.example/i.png\"\n\
         [[feed]]\nid = \"a\"\nurl = \"https://a.org/f\"\n";
    let problems = read(text, &environment).unwrap_err();
    let shown = render(&problems, "feeds.toml", text, false);
    assert!(!shown.contains("pw") && !shown.contains("three"), "{shown}");
    assert!(shown.contains("@news.example.org"), "{shown}");
}

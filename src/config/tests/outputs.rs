//! What is refused of outputs.

use super::broken::check;

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

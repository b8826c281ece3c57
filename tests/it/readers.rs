//! What is asked of feed readers by hand, `tests/readers/matrix.py`, fits the program.

use crate::program::Place;

#[test]
fn the_script_that_asks_readers_has_a_good_configuration() {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/readers/matrix.py");
    let script = std::fs::read_to_string(script).unwrap();
    let (_, rest) = script.split_once("CONFIG = \"\"\"\n").unwrap();
    let (config, _) = rest.split_once("\"\"\"").unwrap();
    let place = Place::new(&config.replace("PORT", "8420"));
    let told = place.print(&["check"]);
    assert!(told.contains("good: 1 feed"), "{told}");
}

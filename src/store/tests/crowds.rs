//! Keys that very many entries carry.

use super::*;

/// An entry of a feed under the address of the report, with words of its own.
fn at_the_address(feed: &str, name: &str, title: &str) -> EntryRecord {
    let mut record = edited(entry(feed, name), title);
    record.entry.keys[1] = entry("a", "lynx").entry.keys[1];
    record
}

/// A feed that names one address in entry after entry hides nothing that is there.
#[test]
fn many_entries_that_name_an_address_do_not_hide_whose_it_is() {
    for spam in [0, 9, 300] {
        let scene = Scene::new();
        let mut own = at_the_address("a", "lynx", "Rare lynx returns to the marshes of Estonia");
        own.entry.by_address = true;
        scene.record(poll("a", hour(0), vec![own.clone()]));
        let coins = (0..spam).map(|number| {
            let title = format!("Cheap coins today offer {number}");
            at_the_address("d", &format!("{number}"), &title)
        });
        let spammed = poll("d", hour(1), coins.collect());
        assert_eq!(scene.record(spammed).new, spam);
        let copy = at_the_address("b", "lynx", "Lynx seen again in Estonia marshes");
        let counted = scene.record(poll("b", hour(2), vec![copy]));
        assert_eq!((counted.new, counted.copies), (0, 1), "{spam}");
        let mut retitled = edited(own, "Estonia: the animal is back, rangers say");
        // Under another id, so that the address has to tell it.
        retitled.entry.entry_id = "another".to_owned();
        retitled.entry.keys[0] = key(KeyKind::Guid, "a another");
        let counted = scene.record(poll("a", hour(3), vec![retitled]));
        assert_eq!((counted.new, counted.revised), (0, 1), "{spam}");
    }
}

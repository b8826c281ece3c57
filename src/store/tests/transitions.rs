//! What operators were told outlives the daemon.

use super::*;
use crate::model::{About, Transition, Turn};

/// In the order in which it was told, whatever the clock said; what another version knows is left out.
#[test]
fn what_was_told_is_told_after_a_restart() {
    let mut scene = Scene::new();
    let told: Vec<Transition> = Turn::ALL
        .into_iter()
        .zip([3, 2, 1, 4, 4, 4, 5, 6, 7])
        .map(|(turn, hours)| Transition {
            at: hour(hours),
            about: if hours == 2 {
                About::Database
            } else {
                About::Feed(FeedId::new("a"))
            },
            turn,
            what: "timeout".to_owned(),
            detail: "nobody answered".to_owned(),
        })
        .collect();
    wait(scene.store().set_transitions(told.clone())).unwrap();
    scene.restart();
    assert_eq!(scene.store().transitions().unwrap(), told);
    scene.meddle("UPDATE transitions SET turn = 'dancing' WHERE about = 'database'");
    assert_eq!(scene.store().transitions().unwrap().len(), told.len() - 1);
    wait(scene.store().set_transitions(Vec::new())).unwrap();
    assert!(scene.store().transitions().unwrap().is_empty());
}

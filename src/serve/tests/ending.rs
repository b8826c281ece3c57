//! The end, and the signs of life before it.

use super::*;

/// R19: who has connected as the end begins may still ask: with systemd holding the listener, no request is lost.
#[test]
fn r19_who_has_just_connected_is_answered() {
    let limits = Limits {
        first_word: PATIENCE,
        ..Limits::DEFAULT
    };
    let mut server = Server::within(limits);
    let mut fresh = server.connect();
    // Whoever comes later has been accepted later.
    assert_eq!(server.ask("GET /healthz", &[]).status, 200);
    drop(server.stop.take());
    let request = "GET /all.atom HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    fresh.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    fresh.read_to_end(&mut bytes).unwrap();
    assert_eq!(Reply::read(&bytes).status, 200);
}

/// R16: a listener that accepts gives a sign when it is asked, once for each question.
#[test]
fn r16_the_listener_gives_signs_of_life() {
    let mut server = Server::start();
    for beats in 1..=3 {
        server.vitals.ask_listener();
        while server.vitals.beats() < beats {
            std::thread::yield_now();
        }
    }
    server.stop();
    server.vitals.ask_listener();
    assert_eq!(server.vitals.beats(), 3, "it is gone");
}

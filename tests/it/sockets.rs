//! A listener that outlives the daemon, as systemd hands it over.

use crate::program::{Place, QUIET, Running};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::os::fd::OwnedFd;
use std::process::{Command, Stdio};

/// Starts a daemon with the listener as descriptor 3, as `sd_listen_fds(3)` has it.
fn start(place: &Place, listener: &TcpListener, name: &str) -> Running {
    let program = env!("CARGO_BIN_EXE_merganser");
    let script = "exec 3<&0 0</dev/null; export LISTEN_PID=$$ LISTEN_FDS=1; exec \"$0\" run";
    let mut command = Command::new("sh");
    command
        .args(["-c", script, program])
        .current_dir(place.path())
        .env_clear()
        .env("LISTEN_FDNAMES", name)
        .env("STATE_DIRECTORY", place.path().join("state"))
        .stdin(Stdio::from(OwnedFd::from(listener.try_clone().unwrap())));
    Running::command(command)
}

fn connect(address: SocketAddr) -> TcpStream {
    let mut socket = TcpStream::connect(address).unwrap();
    let request = "GET /healthz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
    socket.write_all(request.as_bytes()).unwrap();
    socket
}

fn answer(mut socket: TcpStream) -> String {
    let mut answer = String::new();
    socket.read_to_string(&mut answer).unwrap();
    answer
}

/// R19: who connects while the daemon is restarted waits, and is answered. `listen` is not looked at.
#[test]
fn r19_no_request_is_lost_across_a_restart() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    // An address that is not this machine's.
    let place = Place::new(&QUIET.replace("127.0.0.1:0", "192.0.2.1:1"));
    for name in ["http", "merganser.socket"] {
        let early = connect(address);
        let mut running = start(&place, &listener, name);
        running.wait_for("serving at");
        assert!(answer(early).starts_with("HTTP/1.1 200"));
        assert!(answer(connect(address)).starts_with("HTTP/1.1 200"));
        running.signal("-TERM");
        assert_eq!(running.end().0, Some(0));
    }
}

/// Without a listener of somebody else's, the address in feeds.toml has to be ours.
#[test]
fn an_address_that_is_not_ours_is_named() {
    let place = Place::new(&QUIET.replace("127.0.0.1:0", "192.0.2.1:1"));
    let errors = place.fail(&["run"], 1);
    assert!(errors.contains("192.0.2.1:1"), "{errors}");
}

/// Where a process begins with few descriptors and may have more, the daemon does: a crowd of readers leaves some for polls.
#[test]
fn s19_a_daemon_has_as_many_descriptors_as_it_may() {
    let place = Place::new(QUIET);
    let few = |limits: &str| {
        let script = format!("{limits}; exec \"$0\" run");
        let mut command = Command::new("sh");
        command
            .args(["-c", &script, env!("CARGO_BIN_EXE_merganser")])
            .current_dir(place.path())
            .env_clear()
            .env("STATE_DIRECTORY", place.path().join("state"));
        Running::command(command)
    };
    for (limits, expected) in [
        ("ulimit -Sn 100", None),
        ("ulimit -Sn 100; ulimit -Hn 300", Some("300")),
        ("ulimit -Sn 300; ulimit -Hn 300", Some("300")),
    ] {
        let mut running = few(limits);
        running.wait_for("serving at");
        let told = std::fs::read_to_string(format!("/proc/{}/limits", running.id())).unwrap();
        let line = told.lines().find(|line| line.starts_with("Max open files"));
        let [soft, hard] = line.unwrap()["Max open files".len()..]
            .split_whitespace()
            .take(2)
            .collect::<Vec<_>>()
            .try_into()
            .unwrap();
        let most = hard.parse::<u64>().map_or(16_384, |hard| hard.min(16_384));
        assert_eq!(
            soft,
            expected.map_or(most.to_string(), str::to_owned),
            "{limits}"
        );
        running.signal("-TERM");
        assert_eq!(running.end().0, Some(0));
    }
}

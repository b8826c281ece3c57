//! Both ends, over real sockets.

use super::ask::telling;
use super::socket::{Limits, serve_from};
use super::waiting::REQUEST_BYTES;
use super::*;
use serde_json::{Value, json};
use std::cell::RefCell;
use std::fs::Permissions;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
use std::task::{Context, Poll};
use std::thread;
use std::time::Duration;
use tempfile::TempDir;
use tokio::sync::mpsc;
use tokio::task::spawn_blocking;

fn place() -> (TempDir, PathBuf) {
    let directory = TempDir::new().unwrap();
    let path = directory.path().join(SOCKET);
    (directory, path)
}

const RELOAD: Request = Request::Reload {
    config: None,
    wait: true,
    force: false,
};

/// Serves at `path`, says done to every request, and asks `client` meanwhile.
async fn while_served<T: Send + 'static>(
    path: PathBuf,
    client: impl FnOnce(PathBuf) -> T + Send + 'static,
) -> (T, usize) {
    let listener = Listener::bind(&path).unwrap();
    let (to, asked) = mpsc::channel::<Asked>(1);
    while_driven(serve(listener, to), asked, move || client(path)).await
}

#[expect(
    clippy::disallowed_methods,
    reason = "a command that blocks, as commands do"
)]
/// Drives a server, says done to every request, and asks `client` meanwhile.
async fn while_driven<T: Send + 'static, E: std::fmt::Debug>(
    server: impl Future<Output = E>,
    mut asked: mpsc::Receiver<Asked>,
    client: impl FnOnce() -> T + Send + 'static,
) -> (T, usize) {
    let mut count = 0;
    let daemon = async {
        while let Some(asked) = asked.recv().await {
            count += 1;
            assert_eq!(asked.request, RELOAD);
            asked.answer(Answer::new(Verdict::Done, "done"));
        }
    };
    let result = tokio::select! {
        result = spawn_blocking(client) => result.unwrap(),
        ended = server => panic!("{ended:?}"),
        () = daemon => panic!("nobody serves"),
    };
    (result, count)
}

/// Says what it is told and returns what it is told back.
fn say(path: &PathBuf, text: &[u8]) -> String {
    let mut stream = UnixStream::connect(path).unwrap();
    // The other end may have heard enough before all is said.
    drop(stream.write_all(text));
    drop(stream.shutdown(std::net::Shutdown::Write));
    let mut told = String::new();
    drop(stream.read_to_string(&mut told));
    told
}

#[tokio::test]
async fn a_request_gets_its_answer() {
    let (_directory, path) = place();
    let (answer, count) = while_served(path, |path| ask(&path, &RELOAD).unwrap()).await;
    assert_eq!(answer, Answer::new(Verdict::Done, "done"));
    assert_eq!(count, 1);
}

/// A daemon that stops says so to whom it owes an answer, and its socket goes.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "a command that blocks, as commands do"
)]
async fn who_waits_when_the_daemon_stops_is_told() {
    let (_directory, path) = place();
    let listener = Listener::bind(&path).unwrap();
    let (to, mut asked) = mpsc::channel::<Asked>(1);
    let client = spawn_blocking({
        let path = path.clone();
        move || ask(&path, &RELOAD).unwrap()
    });
    let daemon = async move {
        let owed = asked.recv().await;
        drop(asked);
        drop(owed);
    };
    let (served, ()) = tokio::join!(serve(listener, to), daemon);
    served.unwrap();
    assert_eq!(client.await.unwrap().message, "the daemon is stopping");
    assert!(!path.exists());
}

/// Nothing that a client says reaches the daemon but a request.
#[tokio::test]
async fn nonsense_is_answered() {
    let (_directory, path) = place();
    let long = usize::try_from(REQUEST_BYTES).unwrap() + 1;
    let (answers, count) = while_served(path, move |path| {
        let nonsense: [&[u8]; 6] = [
            b"\n",
            b"reload\n",
            b"{\"ask\":\"dance\"}\n",
            b"{\"ask\":\"reload\",\"twice\":true}\n",
            b"\xff\xfe\n",
            &vec![b' '; long],
        ];
        let answers = nonsense.map(|text| say(&path, text));
        assert_eq!(ask(&path, &RELOAD).unwrap().verdict, Verdict::Done);
        answers
    })
    .await;
    for answer in answers {
        let answer: Answer = serde_json::from_str(&answer).unwrap();
        assert_eq!(answer.verdict, Verdict::Failed, "{}", answer.message);
    }
    assert_eq!(count, 1);
}

/// Those who say nothing hold up nobody, though they have every place, and more of them wait.
#[tokio::test]
async fn silence_waits_aside() {
    let (_directory, path) = place();
    let (to, asked) = mpsc::channel::<Asked>(1);
    let socket = tokio::net::UnixListener::bind(&path).unwrap();
    // Nobody goes for want of patience.
    let limits = Limits {
        patience: Duration::from_hours(24),
        ..Limits::DEFAULT
    };
    let accept = |context: &mut Context<'_>| {
        let accepted = socket.poll_accept(context);
        accepted.map_ok(|(client, _)| client)
    };
    let server = serve_from(accept, limits, to);
    let ((mut first, last), count) = while_driven(server, asked, move || {
        let mut silent: Vec<UnixStream> = (0..limits.clients * 2)
            .map(|_| UnixStream::connect(&path).unwrap())
            .collect();
        assert_eq!(ask(&path, &RELOAD).unwrap().verdict, Verdict::Done);
        (silent.remove(0), silent.pop().unwrap())
    })
    .await;
    assert_eq!(count, 1);
    assert_eq!(first.read(&mut [0]).unwrap(), 0, "the oldest gave way");
    drop(last);
}

/// An accept that fails is tried again, with nobody there and with clients; it ends nothing.
#[tokio::test]
async fn an_accept_that_fails_ends_nothing() {
    let (_directory, path) = place();
    let (to, asked) = mpsc::channel::<Asked>(1);
    let socket = tokio::net::UnixListener::bind(&path).unwrap();
    let limits = Limits {
        rest: Duration::ZERO,
        ..Limits::DEFAULT
    };
    let mut accepts = 0;
    let accept = |context: &mut Context<'_>| {
        accepts += 1;
        if accepts % 3 != 0 {
            return Poll::Ready(Err(io::Error::other("no descriptor is left")));
        }
        let accepted = socket.poll_accept(context);
        accepted.map_ok(|(client, _)| client)
    };
    let server = serve_from(accept, limits, to);
    let (verdicts, count) = while_driven(server, asked, move || {
        [(), ()].map(|()| ask(&path, &RELOAD).unwrap().verdict)
    })
    .await;
    assert_eq!((verdicts, count), ([Verdict::Done; 2], 2));
}

#[tokio::test]
async fn a_socket_is_taken_from_the_dead_alone() {
    let (_directory, path) = place();
    let left = UnixListener::bind(&path).unwrap();
    let error = Listener::bind(&path).unwrap_err();
    assert!(matches!(error, BindError::Live { .. }), "{error}");
    drop(left);
    let listener = Listener::bind(&path).unwrap();
    assert!(UnixStream::connect(&path).is_ok());
    drop(listener);
    assert!(!path.exists(), "it goes with the daemon");
    let error = ask(&path, &RELOAD).unwrap_err();
    assert!(matches!(error, AskError::Nobody { .. }), "{error}");
}

/// A daemon that is stopped takes the request, as the system does for it, and that is what is told.
#[test]
fn who_does_not_answer_is_told_to_be_late() {
    let (_directory, path) = place();
    let _stopped = UnixListener::bind(&path).unwrap();
    let error = ask_within(Duration::from_millis(1), &path, &RELOAD).unwrap_err();
    assert!(matches!(error, AskError::Late { .. }), "{error}");
    assert!(error.to_string().contains("SIGSTOP"), "{error}");
}

/// Who is waited for long is told, once, where it does not say either how it is: one that polls for long does.
#[test]
fn who_is_silent_for_long_is_told_before_it_is_given_up() {
    let (_directory, path) = place();
    let listener = UnixListener::bind(&path).unwrap();
    let moment = Duration::from_millis(1);
    let told = RefCell::new(Vec::new());
    let tell = |words: &str| told.borrow_mut().push(words.to_owned());
    let error = telling([moment, moment, moment * 2], &path, &RELOAD, &tell).unwrap_err();
    assert!(matches!(error, AskError::Late { .. }), "{error}");
    let [words] = &*told.take() else { panic!() };
    assert!(words.contains("may be stopped (SIGSTOP)"), "{words}");

    // Those two are still to be taken.
    drop((listener.accept().unwrap(), listener.accept().unwrap()));
    let long = Duration::from_mins(1);
    let poll = Request::Poll {
        config: None,
        feeds: vec!["a".to_owned(), "b".to_owned()],
        all: false,
        force: false,
    };
    let rests = "its host h:80, which is let rest until 06:01:00 UTC";
    for (request, awaited, expected) in [
        (&RELOAD, &["a"][..], vec![]),
        (&poll, &["of-others"], vec![]),
        (
            &poll,
            &["b", "of-others"],
            vec![format!("b waits for {rests}")],
        ),
        (
            &poll,
            &["a", "b"],
            vec![
                "2 feeds wait for hosts that are let rest, the last for h:80 until 06:01:00 UTC"
                    .to_owned(),
            ],
        ),
    ] {
        let answer = thread::scope(|scope| {
            scope.spawn(|| {
                let (mut asked, mut status) = (heard(&listener), heard(&listener));
                status.write_all(waiting_for(awaited).as_bytes()).unwrap();
                let answer = Answer::new(Verdict::Done, "done").line();
                asked.write_all(answer.as_bytes()).unwrap();
            });
            telling([moment, long, long], &path, request, &tell).unwrap()
        });
        assert_eq!((answer.verdict, told.take()), (Verdict::Done, expected));
    }
}

/// Takes a client and what it asks: what is closed with a request that nobody read takes the answer along.
fn heard(listener: &UnixListener) -> UnixStream {
    let client = listener.accept().unwrap().0;
    BufReader::new(&client).skip_until(b'\n').unwrap();
    client
}

/// What a daemon says of itself that polls these feeds when their host has rested.
fn waiting_for(feeds: &[&str]) -> String {
    let awaited = feeds
        .iter()
        .map(|feed| json!({ "feed": feed, "host": "h:80", "until": "2026-11-24T06:01:00Z" }));
    let awaited: Vec<Value> = awaited.collect();
    let at = "2026-11-24T06:00:00Z";
    let running =
        json!({ "version": "1", "pid": 1, "up_since": at, "config_since": at, "awaited": awaited });
    let answer = json!({ "verdict": "done", "message": "", "running": running });
    format!("{answer}\n")
}

/// Another file under the name is somebody's, and a socket that came later is, too.
#[test]
fn what_is_not_ours_stays() {
    let (_directory, path) = place();
    std::fs::write(&path, "a letter").unwrap();
    assert!(Listener::bind(&path).is_err());
    assert_eq!(std::fs::read(&path).unwrap(), b"a letter");
    std::fs::remove_file(&path).unwrap();
    let listener = Listener::bind(&path).unwrap();
    std::fs::remove_file(&path).unwrap();
    std::fs::write(&path, "a letter").unwrap();
    drop(listener);
    assert!(path.exists());
}

#[test]
fn the_directory_says_who_may_ask() {
    for (directory_mode, mode) in [(0o700, 0o600), (0o755, 0o600), (0o2750, 0o660)] {
        let (directory, path) = place();
        std::fs::set_permissions(directory.path(), Permissions::from_mode(directory_mode)).unwrap();
        let _listener = Listener::bind(&path).unwrap();
        let found = path.metadata().unwrap().mode() & 0o777;
        assert_eq!(found, mode, "in a directory of {directory_mode:o}");
    }
}

/// A path that is too long for a socket is said to be, and nothing ends.
#[test]
fn a_path_that_is_too_long_is_named() {
    let (directory, _) = place();
    let path = directory.path().join("a".repeat(120));
    let error = Listener::bind(&path).unwrap_err();
    assert!(error.to_string().contains("aaaa"), "{error}");
}

/// Of many that start at once one has the socket, and it is in place; what a process left that ended while it made
/// one is no hindrance.
#[test]
fn of_many_at_once_one_has_it() {
    let (directory, path) = place();
    let workshop = directory.path().join("control.d");
    std::fs::create_dir(&workshop).unwrap();
    assert!(Listener::bind(&path).is_err(), "others may look into it");
    std::fs::set_permissions(&workshop, Permissions::from_mode(0o700)).unwrap();
    let left = UnixListener::bind(workshop.join("s")).unwrap();
    drop(left);
    // Left by the dead.
    drop(UnixListener::bind(&path).unwrap());
    let listeners = thread::scope(|scope| {
        let starts: Vec<_> = (0..16)
            .map(|_| scope.spawn(|| Listener::bind(&path)))
            .collect();
        let ended = starts.into_iter().map(|start| start.join().unwrap());
        ended.collect::<Vec<_>>()
    });
    assert_eq!(listeners.iter().filter(|it| it.is_ok()).count(), 1);
    assert!(UnixStream::connect(&path).is_ok());
    let found = std::fs::read_dir(directory.path()).unwrap();
    assert_eq!(found.count(), 1, "the socket alone");
}

/// Those that wait for polls hold up nobody else, one more than may be is refused, and the place of one that goes is
/// free; one that only has nothing more to say still waits.
#[tokio::test]
#[expect(
    clippy::disallowed_methods,
    reason = "commands that block, as commands do"
)]
async fn who_waits_for_polls_shuts_nobody_out() {
    let (_directory, path) = place();
    let listener = Listener::bind(&path).unwrap();
    let (to, mut asked) = mpsc::channel::<Asked>(1);
    let poll = b"{\"ask\":\"poll\",\"feeds\":[\"a\"]}\n";
    let dial = |path: &PathBuf| {
        let mut client = UnixStream::connect(path).unwrap();
        client.write_all(poll).unwrap();
        client
    };
    let script = async {
        let mut clients = Vec::new();
        let mut owed = Vec::new();
        for _ in 0..Limits::DEFAULT.pollers {
            clients.push(dial(&path));
            owed.push(asked.recv().await.unwrap());
        }
        clients[0].shutdown(std::net::Shutdown::Write).unwrap();
        let one_more = path.clone();
        let told = spawn_blocking(move || say(&one_more, poll)).await.unwrap();
        assert!(told.contains("wait for polls already"), "{told}");
        for _ in 0..Limits::DEFAULT.clients {
            let path = path.clone();
            let reload = spawn_blocking(move || ask(&path, &RELOAD).unwrap());
            let asked = asked.recv().await.unwrap();
            asked.answer(Answer::new(Verdict::Done, "done"));
            assert_eq!(reload.await.unwrap().verdict, Verdict::Done);
        }
        drop(clients.pop());
        let left = owed.pop().unwrap();
        while !left.is_gone() {
            tokio::task::yield_now().await;
        }
        let _next = dial(&path);
        assert!(matches!(
            asked.recv().await.unwrap().request,
            Request::Poll { .. }
        ));
        assert!(owed.iter().all(|it| !it.is_gone()));
        owed.remove(0).answer(Answer::new(Verdict::Done, "polled"));
        let mut first = clients.remove(0);
        let read = spawn_blocking(move || {
            let mut told = String::new();
            first.read_to_string(&mut told).unwrap();
            told
        });
        let told = read.await.unwrap();
        assert!(told.contains("polled"), "{told}");
    };
    tokio::select! {
        () = script => {}
        ended = serve(listener, to) => panic!("{ended:?}"),
    }
}

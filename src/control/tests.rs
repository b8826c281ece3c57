//! Both ends, over real sockets.

use super::socket::REQUEST_BYTES;
use super::*;
use std::fs::Permissions;
use std::io::{Read, Write};
use std::os::unix::fs::{MetadataExt, PermissionsExt};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::PathBuf;
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

#[expect(
    clippy::disallowed_methods,
    reason = "a command that blocks, as commands do"
)]
/// Serves at `path`, says done to every request, and asks `client` meanwhile.
async fn while_served<T: Send + 'static>(
    path: PathBuf,
    client: impl FnOnce(PathBuf) -> T + Send + 'static,
) -> (T, usize) {
    let listener = Listener::bind(&path).unwrap();
    let (to, mut asked) = mpsc::channel::<Asked>(1);
    let mut count = 0;
    let daemon = async {
        while let Some(asked) = asked.recv().await {
            count += 1;
            assert_eq!(asked.request, RELOAD);
            asked.answer(Answer::new(Verdict::Done, "done"));
        }
    };
    let result = tokio::select! {
        result = spawn_blocking(move || client(path)) => result.unwrap(),
        ended = serve(listener, to) => panic!("{ended:?}"),
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

/// Nothing that a client says reaches the daemon but a request, and those who say nothing hold up nobody.
#[tokio::test]
async fn nonsense_is_answered_and_silence_waits_aside() {
    let (_directory, path) = place();
    let long = usize::try_from(REQUEST_BYTES).unwrap() + 1;
    let (answers, count) = while_served(path, move |path| {
        let _silent: Vec<UnixStream> = (0..3)
            .map(|_| UnixStream::connect(&path).unwrap())
            .collect();
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

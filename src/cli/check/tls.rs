//! Whether feeds that are asked without TLS answer with it, too: each that answered where it was asked is asked once more.

use crate::cli::exit::Failure;
use crate::cli::progress::Bar;
use crate::clock::{Clock as _, SystemClock};
use crate::config::{Config, FeedSettings};
use crate::daemon::{Choice, Daemon, PollReport, Progress, StateDir};
use crate::model::Outcome;
use jiff::SignedDuration;
use std::collections::BTreeSet;
use std::path::Path;
use std::sync::Arc;
use url::{Position, Url};

/// What is known of a feed's address with TLS, by where it answered without.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Known {
    /// It answers there: it led there by itself.
    Answers,
    /// Nothing: it answered where it was asked.
    Nothing,
    /// Nothing, and to ask would bring once more what it led to elsewhere.
    Elsewhere,
}

/// Says it of a feed that was asked at one address and answered at another; `twin` is the first one with TLS.
pub(super) fn known(asked: &Url, answered: Option<&Url>, twin: &Url) -> Known {
    let is = |url: &Url| {
        answered
            .is_some_and(|it| it.scheme() == url.scheme() && without_user(it) == without_user(url))
    };
    match answered {
        None => Known::Nothing,
        Some(_) if is(twin) => Known::Answers,
        Some(_) if is(asked) => Known::Nothing,
        Some(_) => Known::Elsewhere,
    }
}

/// Returns of an address what an origin is asked for.
fn without_user(url: &Url) -> &str {
    &url[Position::BeforeHost..Position::AfterQuery]
}

/// Returns the address with TLS at which a feed may answer, too; `None` where its own has TLS, or a port by which nobody
/// knows which one has.
pub(super) fn with_tls(url: &Url) -> Option<Url> {
    if url.scheme() != "http" || url.port().is_some() {
        return None;
    }
    let mut url = url.clone();
    url.set_scheme("https").ok()?;
    Some(url)
}

/// Returns the feeds of a configuration that are worth another look, at their addresses with TLS; `may` tells of a feed
/// and that address whether it is.
pub(super) fn again(
    mut config: Config,
    with_tls: &dyn Fn(&Url) -> Option<Url>,
    may: &mut dyn FnMut(&FeedSettings, &Url) -> bool,
) -> Config {
    let feeds = config.feeds.into_iter().filter_map(|mut feed| {
        let twin = with_tls(&feed.target.url)?;
        let is_meant = feed.enabled && may(&feed, &twin);
        feed.target.url = twin;
        is_meant.then_some(feed)
    });
    config.feeds = feeds.collect();
    config
}

/// Polls these feeds in the state directory in which they were polled before, and returns those that brought what they
/// brought there.
pub(super) async fn ask(config: Config, state: &Path) -> Result<BTreeSet<String>, Failure> {
    let mut same = BTreeSet::new();
    if config.feeds.is_empty() {
        return Ok(same);
    }
    // The daemon before it, which has asked some of these hosts just now, tells this one nothing of that; those that
    // refused are not among them.
    let gap = SignedDuration::try_from(config.fetch.host_gap).unwrap_or(SignedDuration::ZERO);
    let rested_at = SystemClock.now().saturating_add(gap);
    SystemClock
        .wait_until(rested_at.unwrap_or_else(|_| SystemClock.now()))
        .await;
    let state = StateDir::claim(state)?;
    let mut daemon = Daemon::build(config, state, Arc::new(SystemClock), None).await?;
    let choice = Choice {
        all: true,
        ..Choice::default()
    };
    let bar = Bar::of_waiting();
    let (mut asked, mut of) = (0, 0);
    let polled = daemon
        .poll_now(&choice, &mut |progress| match progress {
            Progress::Begun { total, .. } => of = u64::try_from(total).unwrap_or(u64::MAX),
            Progress::Polled(report) => {
                asked += 1;
                bar.tell(asked, of);
                same.extend(is_same(report).then(|| report.feed.to_string()));
            }
            // That one does not answer there is nothing against it.
            Progress::Left(_) | Progress::Offline(_) => {}
        })
        .await;
    daemon.stop().await;
    bar.clear();
    polled?;
    Ok(same)
}

/// Tells whether more than half of what a feed brought was there before: the rest may be new in the meantime, and another
/// feed would have none of it.
fn is_same(report: &PollReport) -> bool {
    let counts = &report.counts;
    match report.outcome {
        Outcome::NotModified => true,
        Outcome::Modified => report.moves_to.is_none() && counts.new * 2 < counts.seen,
        _ => false,
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::config;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::thread;

    #[test]
    fn an_address_with_tls_is_that_without_a_port_of_its_own() {
        for (url, expected) in [
            ("http://a.example/f?x=1", Some("https://a.example/f?x=1")),
            ("http://a.example:80/f", Some("https://a.example/f")),
            ("http://me:pw@a.example/", Some("https://me:pw@a.example/")),
            ("http://a.example:8080/f", None),
            ("http://a.example:443/f", None),
            ("https://a.example/f", None),
        ] {
            let url = with_tls(&url.parse().unwrap());
            assert_eq!(url.as_ref().map(Url::as_str), expected);
        }
    }

    #[test]
    fn what_led_to_its_address_with_tls_is_not_asked_again() {
        for (asked, answered, expected) in [
            ("http://a.example/f", None, Known::Nothing),
            (
                "http://a.example/f",
                Some("http://a.example/f"),
                Known::Nothing,
            ),
            (
                "http://a.example:80/f#x",
                Some("http://a.example/f"),
                Known::Nothing,
            ),
            (
                "http://a.example/f",
                Some("https://a.example/f"),
                Known::Answers,
            ),
            (
                "http://me:pw@a.example/f?q=1",
                Some("https://a.example/f?q=1"),
                Known::Answers,
            ),
            (
                "http://a.example/f",
                Some("https://a.example/f?q=1"),
                Known::Elsewhere,
            ),
            (
                "http://a.example/f",
                Some("https://b.example/f"),
                Known::Elsewhere,
            ),
            (
                "http://a.example/f",
                Some("http://a.example/g"),
                Known::Elsewhere,
            ),
        ] {
            let asked: Url = asked.parse().unwrap();
            let twin = with_tls(&asked).unwrap();
            let url: Option<Url> = answered.map(|it| it.parse().unwrap());
            assert_eq!(known(&asked, url.as_ref(), &twin), expected, "{answered:?}");
        }
    }

    /// Answers as many requests as there are to come: below `/same` with the feed of `/`, below `/other` with another, and
    /// below `/none` with nothing; `/led` leads to `/a`; `/busy` and `/down` refuse.
    #[expect(
        clippy::disallowed_methods,
        reason = "another process, as far as it is asked"
    )]
    pub(in crate::cli::check) fn origin(
        requests: usize,
    ) -> (String, thread::JoinHandle<Vec<String>>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let answer = move || {
            let mut socket = listener.accept().unwrap().0;
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                socket.read_exact(&mut byte).unwrap();
                head.extend(byte);
            }
            let head = String::from_utf8(head).unwrap();
            let path = head.split(' ').nth(1).unwrap_or_default().to_owned();
            let (status, name) = match path.as_str() {
                "/other/a" => ("200 OK", "fox"),
                "/none/a" => ("404 Not Found", ""),
                "/busy" => ("429 Too Many Requests\r\nRetry-After: 7200", ""),
                "/asking" => ("429 Too Many Requests", ""),
                "/down" => ("503 Service Unavailable", ""),
                "/led" => ("302 Found\r\nLocation: /a", ""),
                _ => ("200 OK", "heron"),
            };
            let item = |it| {
                format!(
                    "<item><guid>{name}-{it}</guid><title>The {name} of {it}</title>\
                     <link>https://{name}.example/{it}</link></item>"
                )
            };
            let items: String = ["dawn", "noon", "dusk"].into_iter().map(item).collect();
            let body = format!(
                "<rss version=\"2.0\"><channel><title>a</title><!--{path}-->{items}</channel></rss>"
            );
            let length = body.len();
            write!(
                socket,
                "HTTP/1.1 {status}\r\nContent-Type: application/rss+xml\r\nContent-Length: {length}\r\n\
                 Connection: close\r\n\r\n{body}"
            )
            .unwrap();
            path
        };
        let asked = thread::spawn(move || (0..requests).map(|_| answer()).collect());
        (address, asked)
    }

    /// Each is asked once more, and what it brings then is compared.
    #[tokio::test(flavor = "multi_thread")]
    async fn what_answers_with_the_same_feed_is_told() {
        for (place, expected) in [("same", true), ("other", false), ("none", false)] {
            let (address, asked) = origin(2);
            let text = format!(
                "[fetch]\nallow-networks = [\"127.0.0.1\"]\nhost-gap = \"0s\"\n\
                 [[feed]]\nid = \"a\"\nurl = \"http://{address}/a\"\n"
            );
            let first = config::read(&text, &|_| None).unwrap().config;
            let directory = tempfile::TempDir::new().unwrap();
            let looked = ask(first.clone(), directory.path()).await;
            assert!(looked.is_ok_and(|same| same.is_empty()));
            let elsewhere = |url: &Url| url.join(&format!("/{place}{}", url.path())).ok();
            let twin = again(first.clone(), &elsewhere, &mut |_, _| true);
            let same = ask(twin, directory.path()).await;
            assert!(same.is_ok_and(|same| same.contains("a") == expected));
            let expected = ["/a".to_owned(), format!("/{place}/a")];
            assert_eq!(asked.join().unwrap(), expected);
            let none = again(first, &elsewhere, &mut |_, _| false);
            assert!(none.feeds.is_empty());
        }
    }
}

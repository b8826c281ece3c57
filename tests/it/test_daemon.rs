//! A real daemon under a hand-moved clock, with a scripted origin and a temporary state directory.

use crate::origin::Origin;
use jiff::{SignedDuration, Timestamp};
use merganser::clock::{Clock, ManualClock};
use merganser::config;
use merganser::control::{self, Answer, Request, SOCKET};
use merganser::daemon::{Daemon, PollReport, Reloaded, Source, StateDir};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot::{self, Receiver};

/// When every test begins.
pub(crate) const START: &str = "2026-11-24T06:00:00Z";

/// A daemon that is stepped. [`TestDaemon::finish`] ends it and checks what must hold after any run.
#[derive(Debug)]
pub(crate) struct TestDaemon {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) origin: Origin,
    pub(crate) config: String,
    directory: TempDir,
    /// Apart, as what it is made of is large.
    daemon: Option<Box<Daemon>>,
}

impl TestDaemon {
    /// Starts a daemon over feeds.toml text in which `ORIGIN` stands for the origin's address.
    pub(crate) async fn start(config: &str) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let origin = Origin::start(Arc::clone(&clock)).await;
        let config = format!(
            "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n{}",
            config.replace("ORIGIN", &origin.url(""))
        );
        Self::build(clock, origin, config).await
    }

    /// Starts a daemon over the whole text of a feeds.toml, under a clock that others go by too.
    pub(crate) async fn under(clock: Arc<ManualClock>, config: String) -> Self {
        let origin = Origin::start(Arc::clone(&clock)).await;
        Self::build(clock, origin, config).await
    }

    async fn build(clock: Arc<ManualClock>, origin: Origin, config: String) -> Self {
        let mut test = Self {
            clock,
            origin,
            config,
            directory: TempDir::new().unwrap(),
            daemon: None,
        };
        test.boot(None).await;
        test
    }

    /// Starts one with feeds at these paths and no other setting.
    pub(crate) async fn with_feeds(paths: &[&str]) -> Self {
        let feed = |path: &&str| {
            let id = path.trim_start_matches('/').replace(['.', '/'], "-");
            format!("[[feed]]\nid = \"{id}\"\nurl = \"ORIGIN{path}\"\n")
        };
        let feeds: String = paths.iter().map(feed).collect();
        Self::start(&feeds).await
    }

    async fn boot(&mut self, listener: Option<TcpListener>) {
        let loaded = config::read(&self.config, &|_| None).unwrap();
        let state = StateDir::claim(self.directory.path()).unwrap();
        let clock: Arc<ManualClock> = Arc::clone(&self.clock);
        let daemon = Daemon::build(loaded.config, state, clock, listener);
        self.daemon = Some(Box::new(daemon.await.unwrap()));
    }

    pub(crate) fn daemon(&mut self) -> &mut Daemon {
        self.daemon.as_mut().unwrap()
    }

    pub(crate) fn state(&self) -> &Path {
        self.directory.path()
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.directory.path().join("merganser.db")
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.clock.now()
    }

    /// Polls what is due now.
    pub(crate) async fn run_due(&mut self) -> Vec<PollReport> {
        self.daemon().run_due().await.unwrap()
    }

    /// Moves the clock through every due instant up to `span` from now, polling as it goes.
    pub(crate) async fn run_for(&mut self, span: SignedDuration) -> Vec<PollReport> {
        let end = self.now() + span;
        let mut reports = self.run_due().await;
        while let Some(next) = self.daemon().next_due_at().filter(|next| *next <= end) {
            if next > self.now() {
                self.clock.set(next);
            }
            reports.extend(self.run_due().await);
        }
        self.clock.set(self.now().max(end));
        reports
    }

    /// Stops the daemon as SIGTERM does; what it leaves can be looked at.
    pub(crate) async fn stop(&mut self) {
        self.daemon.take().unwrap().stop().await;
    }

    /// Stops the daemon as SIGTERM does, and starts another over the same state.
    pub(crate) async fn restart(&mut self) {
        self.daemon.take().unwrap().stop().await;
        self.boot(None).await;
    }

    /// As [`TestDaemon::restart`], with a port at which readers are served, which is returned.
    pub(crate) async fn restart_serving(&mut self) -> SocketAddr {
        self.daemon.take().unwrap().stop().await;
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        self.boot(Some(listener)).await;
        address
    }

    /// Reads the configuration again as SIGHUP does.
    pub(crate) async fn reload(&mut self) {
        let source = self.source();
        std::fs::write(&source.path, &self.config).unwrap();
        self.daemon().reload(&source).await;
    }

    /// Returns where the configuration is read again, in an environment with nothing in it.
    pub(crate) fn source(&self) -> Source {
        Source {
            path: self.config_file(),
            environment: Arc::new(|_| None),
        }
    }

    /// Starts a daemon over the whole text of a feeds.toml, which is written as a file.
    pub(crate) async fn plain(config: String) -> Self {
        let clock = Arc::new(ManualClock::new(START.parse().unwrap()));
        let origin = Origin::start(Arc::clone(&clock)).await;
        let test = Self::build(clock, origin, config).await;
        std::fs::write(test.config_file(), &test.config).unwrap();
        test
    }

    /// Returns where the configuration is that is read again.
    pub(crate) fn config_file(&self) -> PathBuf {
        self.directory.path().join("feeds.toml")
    }

    /// Looks whether the configuration was saved, as the daemon's loop does.
    pub(crate) async fn heed_file(&mut self) -> Option<Reloaded> {
        let source = self.source();
        self.daemon().heed_file(&source).await
    }

    /// Asks the daemon at its control socket as a command does; it has heard the request, and the answer is to come.
    #[expect(
        clippy::disallowed_methods,
        reason = "a command that blocks, as commands do"
    )]
    pub(crate) async fn asked(&mut self, request: Request) -> Receiver<Answer> {
        let path = self.state().join(SOCKET);
        let (tell, told) = oneshot::channel();
        std::thread::spawn(move || drop(tell.send(control::ask(&path, &request).unwrap())));
        let source = self.source();
        self.daemon().heed_order(&source).await;
        told
    }

    /// Returns how many feeds are configured.
    pub(crate) fn feeds(&mut self) -> usize {
        self.daemon().config().feeds.len()
    }

    /// Drops the daemon with whatever it was doing, and starts another over the same state.
    pub(crate) async fn kill(&mut self) {
        drop(self.daemon.take());
        self.boot(None).await;
    }

    /// Stops the daemon, puts a copy in the place of its database, and starts another.
    pub(crate) async fn put_back(&mut self, copy: &Path) {
        self.daemon.take().unwrap().stop().await;
        std::fs::copy(copy, self.database()).unwrap();
        self.boot(None).await;
    }

    /// Keeps changed rules from holding for what is stored, as if it took long to judge it.
    pub(crate) fn hold_rules(&self) {
        self.change(
            "CREATE TRIGGER held BEFORE INSERT ON rules BEGIN SELECT RAISE(ABORT, 'held'); END",
        );
    }

    /// Lets them hold.
    pub(crate) fn let_rules_hold(&self) {
        self.change("DROP TRIGGER held");
    }

    fn change(&self, sql: &str) {
        let database = rusqlite::Connection::open(self.database()).unwrap();
        database.execute_batch(sql).unwrap();
    }

    /// Publishes what there is, while the database takes some of what is written, or after it did not.
    pub(crate) async fn publish(&mut self) {
        for _ in 0..4 {
            self.clock.advance(SignedDuration::from_mins(2));
            self.run_due().await;
        }
    }

    /// Returns an output as readers get it.
    pub(crate) fn output(&mut self, path: &str) -> String {
        let resource = self.daemon().shelf().get(path).unwrap();
        String::from_utf8(resource.body().to_vec()).unwrap()
    }

    /// Stops the daemon and checks what holds after every run: the database is whole, and every output
    /// parses and is what its ETag says.
    pub(crate) async fn finish(mut self) {
        let served = self.daemon().shelf().all();
        for (path, resource) in served.iter() {
            let body = resource.body();
            let etag = &blake3::hash(&body).to_hex()[..32];
            assert!(
                resource.etag().contains(etag),
                "{path}: ETag of other bytes"
            );
            if [".atom", ".rss", ".json"]
                .iter()
                .any(|it| path.contains(it))
            {
                feed_rs::parser::parse(&body[..]).unwrap_or_else(|error| panic!("{path}: {error}"));
            }
        }
        self.daemon.take().unwrap().stop().await;
        let database = rusqlite::Connection::open(self.database()).unwrap();
        let check = "PRAGMA integrity_check";
        let whole: String = database.query_row(check, [], |row| row.get(0)).unwrap();
        assert_eq!(whole, "ok");
    }
}

/// An RSS document with these items: guid, title, hour of the test's day at which it was published.
pub(crate) fn rss(title: &str, items: &[(&str, &str, u32)]) -> String {
    let item = |(guid, title, hour): &(&str, &str, u32)| {
        format!(
            "<item><guid isPermaLink=\"false\">{guid}</guid><title>{title}</title>\
             <link>https://{guid}.example/{guid}</link>\
             <pubDate>Tue, 24 Nov 2026 {hour:02}:00:00 GMT</pubDate>\
             <description>{title}, told at some length</description></item>"
        )
    };
    let items: String = items.iter().map(item).collect();
    format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>{title}</title>\
         <link>https://{title}.example/</link><description>news</description>{items}</channel></rss>"
    )
}

//! `merganser demo`: a real daemon over built-in feeds of invented news, without a network.
//!
//! A server on loopback plays the publishers: a dozen feeds that tell one day, with copies, rewrites and
//! a correction, one of them broken. The daemon that polls them is the real one, with the shipped topics,
//! in a temporary state directory that goes with it.

use super::exit::{Failure, say};
use super::places::environment;
use super::run::{block_on, log};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, FeedSettings, Loaded};
use crate::daemon::{Daemon, Signals, Source, StateDir};
use crate::fetch::Target;
use crate::model::{FeedId, IdentityBy, Outlet};
use crate::schedule::{Policy, Schedule};
use crate::serve::{self, Resource, Shelf, Vitals};
use crate::store::Limits;
use anyhow::{Context as _, anyhow};
use include_dir::{Dir, File, include_dir};
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;
use url::Url;

#[derive(Debug, clap::Args)]
pub(super) struct Options {
    /// The port to serve at; 0 takes any that is free
    #[arg(long, default_value_t = PORT)]
    port: u16,
}

/// The port of the shipped feeds.toml.
const PORT: u16 = 8420;

/// The feeds, as `NAME.1.EXTENSION`; `NAME.2.EXTENSION` is the second edition of one.
static FEEDS: Dir<'_> = include_dir!("$CARGO_MANIFEST_DIR/src/cli/demo/feeds");

/// The shipped configuration, for its topics.
const SHIPPED: &str = include_str!("../../../feeds.toml");

/// Title of the index page and of the merged feed.
const TITLE: &str = "A day of invented news";

/// How often the demo polls: a correction is to be seen within a minute.
const POLL_EVERY: Duration = Duration::from_secs(10);

/// When the second editions come out.
const SECOND_EDITION_AFTER: SignedDuration = SignedDuration::from_secs(20);

pub(super) fn run(options: &Options) -> Result<(), Failure> {
    log("warn");
    let directory = tempfile::Builder::new()
        .prefix("merganser-demo-")
        .tempdir()?;
    block_on(play(options.port, directory.path()))
}

/// Runs publishers and daemon side by side until a signal stops them.
async fn play(port: u16, directory: &Path) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let publishers = serve::bind((Ipv4Addr::LOCALHOST, 0).into()).await?;
    let origin = publishers.local_addr()?;
    let address = SocketAddr::from((Ipv4Addr::LOCALHOST, port));
    let listener = serve::bind(address)
        .await
        .with_context(|| format!("cannot listen on {address}: name another with --port"))?;
    let config = configuration(origin, listener.local_addr()?)?;
    let address = config.site.public_url.clone();
    let outputs: Vec<String> = config
        .outputs
        .iter()
        .map(|output| output.path.clone())
        .collect();
    let shelf = Arc::new(Shelf::new());
    let start = SystemClock.now();
    shelf.replace(edition(1, start));
    let state = StateDir::claim(directory)?;
    let daemon = async {
        let daemon = Daemon::build(config, state, Arc::new(SystemClock), Some(listener)).await?;
        introduce(&address, &outputs);
        // A demo has no file to read again.
        let source = Source {
            path: directory.join("feeds.toml"),
            environment: Arc::new(environment),
        };
        daemon.run(&mut signals, &source).await?;
        Ok::<(), Failure>(())
    };
    let second = async {
        let at = start.saturating_add(SECOND_EDITION_AFTER).unwrap_or(start);
        SystemClock.wait_until(at).await;
        shelf.replace(edition(2, at));
        std::future::pending::<()>().await;
    };
    let server = serve::serve(
        publishers,
        Arc::clone(&shelf),
        Arc::new(Vitals::new()),
        std::future::pending(),
    );
    tokio::select! {
        ended = daemon => ended,
        ended = server => Ok(ended?),
        () = second => Ok(()),
    }
}

fn introduce(address: &Url, outputs: &[String]) {
    say(&format!(
        "a day of invented news is served at {address} until you press Ctrl-C\n"
    ));
    for path in outputs {
        say(&format!("  {address}{path}.atom"));
    }
    say(&format!(
        "\nSubscribe a reader to one, or open {address} in a browser.\n\
         A corrected edition of two feeds comes out after {} seconds.",
        SECOND_EDITION_AFTER.as_secs()
    ));
}

/// Returns the documents of an edition: the second has the first's where it has none of its own.
fn edition(number: u32, at: Timestamp) -> BTreeMap<String, Arc<Resource>> {
    let mut shelf = BTreeMap::new();
    for edition in 1..=number {
        for (name, file) in files(edition) {
            let resource = Resource::new(media_type(file), file.contents().to_vec(), at);
            shelf.insert(format!("/{name}"), Arc::new(resource));
        }
    }
    shelf
}

/// Returns what a publisher would serve the file as.
fn media_type(file: &File<'_>) -> &'static str {
    match file
        .path()
        .extension()
        .and_then(|extension| extension.to_str())
    {
        Some("html") => "text/html",
        Some("json") => "application/feed+json",
        _ => "application/xml",
    }
}

/// Returns the feeds of an edition by name.
fn files(edition: u32) -> impl Iterator<Item = (String, &'static File<'static>)> {
    FEEDS.files().filter_map(move |file| {
        let stem = file.path().file_stem()?.to_str()?;
        let name = stem.strip_suffix(&format!(".{edition}"))?;
        Some((name.to_owned(), file))
    })
}

/// Returns the shipped configuration with the demo's feeds in place of its own.
fn configuration(origin: SocketAddr, listener: SocketAddr) -> Result<Config, Failure> {
    let loaded = config::read(SHIPPED, &environment);
    let Loaded { mut config, .. } =
        loaded.map_err(|_| anyhow!("the shipped feeds.toml has problems: please report it"))?;
    config.fetch.allow_networks = vec![origin.ip().into()];
    config.fetch.host_gap = Duration::ZERO;
    TITLE.clone_into(&mut config.site.title);
    if let Some(merged) = config.outputs.first_mut() {
        TITLE.clone_into(&mut merged.title);
    }
    config.site.public_url = address(listener, "")?;
    config.feeds = files(1)
        .map(|(name, _)| feed(origin, &name))
        .collect::<Result<_, Failure>>()?;
    Ok(config)
}

fn feed(origin: SocketAddr, name: &str) -> Result<FeedSettings, Failure> {
    let policy = Policy {
        schedule: Schedule::Every(POLL_EVERY),
        backoff_max: POLL_EVERY,
        ..Policy::default()
    };
    Ok(FeedSettings {
        id: FeedId::new(name),
        target: Target::new(address(origin, name)?),
        group: None,
        title: None,
        enabled: true,
        tells_address: true,
        policy,
        first_poll_entries: usize::MAX,
        limits: Limits::default(),
        backfill: 0,
        language: None,
        identity: IdentityBy::default(),
        outlet: Outlet::default(),
        topics: Vec::new(),
    })
}

fn address(host: SocketAddr, path: &str) -> Result<Url, Failure> {
    let url =
        Url::parse(&format!("http://{host}/{path}")).context("a loopback address is no URL")?;
    Ok(url)
}

//! `merganser run`: the daemon.

use super::exit::{Code, Failure};
use super::places::environment;
use super::{Places, on_terminal, ports, wants_colour};
use crate::clock::SystemClock;
use crate::config::{Config, Loaded};
use crate::control::{self, BindError};
use crate::daemon::{
    Daemon, LogForm, Signals, Source, Starting, StateDir, inherited_listener, log_warnings,
    start_logging,
};
use crate::serve;
use crate::text::one_line;
use anyhow::Context as _;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::net::{SocketAddr, TcpListener};
use std::num::NonZero;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::available_parallelism;
use std::time::Duration;
use tokio::runtime::{Builder, Runtime};

/// What is logged unless `MERGANSER_LOG` says otherwise: a line where a feed's fortune turns.
const LEVEL: &str = "info";
const QUIET: &str = "warn";

/// Threads that wait for origins; more would wake each other for nothing. Readers have one of their own.
const THREADS: usize = 4;

/// Descriptors that a daemon asks for, as the shipped unit gives it: a reader, a poll and a file have one each, and there may
/// be 512 readers and, by `concurrency`, twice 512 polls.
const DESCRIPTORS: u64 = 16_384;

/// How long a thread waits for the next document to read. By the runtime's own ten seconds the four readers
/// became thirty threads, since one that has just read is not yet seen to wait when the next document comes;
/// all took turns, and each held on to memory of its own. To start one takes less than a hundredth of a poll.
const SPARE: Duration = Duration::from_millis(20);

/// How long work that cannot be interrupted, a name that does not resolve, may hold up the end.
const LAST_WORK: Duration = Duration::from_secs(2);

/// How much is told besides results.
#[derive(Clone, Copy, Debug, Default, clap::Args)]
pub(super) struct Loudness {
    /// Tell of what is wrong alone
    #[arg(short, long, conflicts_with = "verbose")]
    pub(super) quiet: bool,
    /// Log each poll, too; `MERGANSER_LOG` says more
    #[arg(short, long)]
    verbose: bool,
}

impl Loudness {
    /// Returns from which level on is logged, of which these are the usual and the one of what is wrong.
    pub(super) fn level(self, usual: &'static str, wrong: &'static str) -> &'static str {
        match self {
            Self { verbose: true, .. } => "debug",
            Self { quiet: true, .. } => wrong,
            Self { .. } => usual,
        }
    }
}

#[derive(Debug, Default, clap::Args)]
pub(super) struct Options {
    #[command(flatten)]
    loudness: Loudness,
}

pub(super) fn run(places: &Places, options: &Options) -> Result<(), Failure> {
    let level = options.loudness.level(LEVEL, QUIET);
    let has_objects = log_as(level, form(!on_terminal()));
    let ended = started(places);
    // Whoever collects the log reads there why the daemon is gone.
    if has_objects {
        ended.map_err(Failure::logged)
    } else {
        ended
    }
}

fn started(places: &Places) -> Result<(), Failure> {
    small_pages();
    many_descriptors();
    let path = places.config();
    let Loaded { config, warnings } = places.load()?;
    log_warnings(&path, &warnings);
    let mut state = StateDir::claim(&places.own_state()?)?;
    if let Some(before) = state.fill_by(&path, true) {
        tracing::warn!("{}", filled_by_another(&before));
    }
    let socket = places.control_socket()?;
    // Before there are threads.
    let inherited = inherited_listener().context("cannot take the socket that is handed over")?;
    let runtime = several_threads()?;
    let ended = runtime.block_on(run_daemon(
        config,
        state,
        &path,
        Sockets {
            inherited,
            control: socket,
        },
    ));
    runtime.shutdown_timeout(LAST_WORK);
    ended
}

/// Says that the state was filled by another feeds.toml.
pub(super) fn filled_by_another(before: &Path) -> String {
    format!(
        "the database was filled by {} until now: its feeds and topics that this file does not name keep their articles in \
         it, and outputs of all have them, too; for a configuration beside it name another directory with --state",
        before.display()
    )
}

/// Has the kernel give this process memory in pages of 4 KB alone.
///
/// The allocator lets it put 2 MB where a few bytes are wanted. With 100,000 feeds the daemon had 90 of its 200 MB in
/// such pages, half of them never used; without them it takes 165 MB at the start, where it took 215 to 265. Commands,
/// which end at once, keep them: they save a fiftieth of the processor's time. Where the kernel does not let us, nothing
/// is lost but memory.
fn small_pages() {
    if let Err(error) = rustix::thread::disable_transparent_huge_pages(true) {
        tracing::debug!("huge pages stay in use: {error}");
    }
}

/// Has this process have [`DESCRIPTORS`], or as many as it may.
///
/// Elsewhere than under the unit it begins with 1,024 on most systems, and may have more if it says so: the limit spares
/// programs that call `select`, which knows no higher ones, and none of ours does. Where it may not, it goes on with what
/// it has.
fn many_descriptors() {
    let now = getrlimit(Resource::Nofile);
    let wanted = now
        .maximum
        .map_or(DESCRIPTORS, |most| most.min(DESCRIPTORS));
    if now.current.is_none_or(|current| current >= wanted) {
        return;
    }
    let more = Rlimit {
        current: Some(wanted),
        ..now
    };
    if let Err(error) = setrlimit(Resource::Nofile, more) {
        tracing::debug!("the limit of descriptors stays as it is: {error}");
    }
}

/// Where the daemon is reached.
struct Sockets {
    /// The listener for readers, where somebody else holds it.
    inherited: Option<TcpListener>,
    /// Where commands ask.
    control: PathBuf,
}

async fn run_daemon(
    config: Config,
    state: StateDir,
    path: &Path,
    sockets: Sockets,
) -> Result<(), Failure> {
    let mut signals = Signals::new()?;
    let address = config.server.listen;
    let is_held = sockets.inherited.is_some();
    let listener = if let Some(listener) = sockets.inherited {
        serve::adopt(listener)?
    } else {
        let bound = serve::bind(address).await;
        bound.map_err(|error| unbound(address, error))?
    };
    let listening = listening(&listener, &config.site.public_url);
    let address = config.site.public_url.clone();
    let starting = Starting::begin(Arc::new(SystemClock));
    let state = state.watched_by(starting.watch());
    let mut daemon = Daemon::build(config, state, Arc::new(SystemClock), Some(listener)).await?;
    drop(starting);
    if is_held {
        daemon.keep_listener();
    }
    match control::Listener::bind(&sockets.control) {
        Ok(listener) => daemon.listen_for_commands(listener),
        // Two would be one too many.
        Err(error @ BindError::Live { .. }) => return Err(Failure::new(Code::State, error)),
        Err(error) => tracing::warn!("{error}"),
    }
    tracing::info!("serving at {address}{listening}");
    let source = Source {
        path: path.to_owned(),
        environment: Arc::new(environment),
    };
    daemon.run(&mut signals, &source).await?;
    Ok(())
}

/// Says what helps where readers cannot be listened for.
fn unbound(address: SocketAddr, error: io::Error) -> anyhow::Error {
    let low = ports::low(address.port(), &error, ports::of_everybody());
    let next = low.unwrap_or_else(|| {
        "change `listen` in [server], or stop what listens there (another merganser with another --state, say)".to_owned()
    });
    anyhow::Error::new(error).context(format!("cannot listen on {address}: {next}"))
}

/// Says where the listener is, where that is not what readers are told: behind a proxy, at a port that the system chose.
fn listening(listener: &tokio::net::TcpListener, public: &url::Url) -> String {
    let Ok(local) = listener.local_addr() else {
        return String::new();
    };
    if public.as_str() == format!("http://{local}/") {
        return String::new();
    }
    format!(", listening on {local}")
}

/// Starts logging to standard error what a command has to say beside its results.
pub(super) fn log(level: &str) {
    log_as(level, form(false));
}

/// Starts logging to standard error, and tells whether lines are objects. Under systemd, they go to the journal, which
/// adds the time.
fn log_as(level: &str, form: LogForm) -> bool {
    let has_objects = start_logging(level, environment("JOURNAL_STREAM").as_deref(), form);
    let named = environment(LOG_FORMAT);
    if let Some(unknown) = named.filter(|it| !LOG_FORMATS.contains(&&**it)) {
        let unknown = one_line(&unknown);
        tracing::warn!(
            "`{LOG_FORMAT}` is `json` or `text`, and not `{unknown}`: it is as if it were not set"
        );
    }
    has_objects
}

/// What says how logs are written, and what it may be; empty is as if it were not set.
const LOG_FORMAT: &str = "MERGANSER_LOG_FORMAT";
const LOG_FORMATS: [&str; 3] = ["json", "text", ""];

/// Returns the form that `MERGANSER_LOG_FORMAT` names. Without it, what nobody reads as it comes is for programs, which
/// `is_collected` tells: the log of a daemon that goes to a file or a pipe, as in containers.
fn form(is_collected: bool) -> LogForm {
    let is_json = match environment(LOG_FORMAT).as_deref() {
        Some("json") => true,
        Some("text") => false,
        _ => is_collected,
    };
    if is_json {
        LogForm::Json
    } else if wants_colour() {
        LogForm::Coloured
    } else {
        LogForm::Plain
    }
}

/// Makes the runtime of the daemon, in which feeds are polled.
fn several_threads() -> Result<Runtime, Failure> {
    let mut builder = Builder::new_multi_thread();
    let cores = available_parallelism().map_or(1, NonZero::get);
    build(
        builder
            .worker_threads(cores.min(THREADS))
            .thread_keep_alive(SPARE),
    )
}

/// Runs a command that does one thing, on one thread: a third less CPU than several that wake each
/// other, measured over a thousand feeds that answer 304.
pub(super) fn block_on<T>(work: impl Future<Output = Result<T, Failure>>) -> Result<T, Failure> {
    let runtime = build(&mut Builder::new_current_thread())?;
    let done = runtime.block_on(work);
    runtime.shutdown_timeout(LAST_WORK);
    done
}

fn build(builder: &mut Builder) -> Result<Runtime, Failure> {
    let runtime = builder.enable_all().build();
    Ok(runtime.context("cannot start the asynchronous runtime")?)
}

//! Where the configuration and the state are: arguments, environment, defaults.

use super::exit::Failure;
use super::{Places, check};
use crate::config::{self, Config, Loaded, Problem};
use crate::control;
use crate::store::Store;
use std::path::{Path, PathBuf};

/// Where a packaged daemon finds its configuration.
const SYSTEM_CONFIG: &str = "/etc/merganser/feeds.toml";

/// Where a packaged daemon has its state, and its control socket.
const SYSTEM_STATE: &str = "/var/lib/merganser";
const SYSTEM_RUNTIME: &str = "/run/merganser";

/// Reads the environment, for the settings that may name a variable.
#[expect(
    clippy::disallowed_methods,
    reason = "the edge at which the environment is read"
)]
pub(super) fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

/// Returns the directory that systemd made for this run; of several, the first counts.
fn runtime_directory() -> Option<PathBuf> {
    let paths = environment("RUNTIME_DIRECTORY")?;
    paths.split(':').next().map(PathBuf::from)
}

impl Places {
    /// Returns the configuration file: the one named, else `feeds.toml` here, else the system's.
    pub(super) fn config(&self) -> PathBuf {
        if let Some(path) = &self.config {
            return path.clone();
        }
        let here = PathBuf::from("feeds.toml");
        let system = Path::new(SYSTEM_CONFIG);
        if !here.exists() && system.exists() {
            return system.to_owned();
        }
        here
    }

    /// Reads the configuration; its problems, rendered, are the failure.
    pub(super) fn load(&self) -> Result<Loaded, Failure> {
        self.read(|text| config::read(text, &environment))
    }

    /// Reads the configuration for a command that asks no origin: secrets are not needed.
    pub(super) fn load_without_secrets(&self) -> Result<Config, Failure> {
        self.read(config::read_without_secrets)
            .map(|loaded| loaded.config)
    }

    fn read(&self, read: impl Fn(&str) -> Result<Loaded, Vec<Problem>>) -> Result<Loaded, Failure> {
        let path = self.config();
        let text = config::text(&path)?;
        read(&text).map_err(|problems| check::refused(&path, &text, &problems))
    }

    /// Returns the state directory.
    ///
    /// `$STATE_DIRECTORY` is what systemd sets; of several it names, the first counts.
    pub(super) fn state(&self) -> Result<PathBuf, Failure> {
        if let Some(path) = &self.state {
            return Ok(path.clone());
        }
        if let Some(paths) = environment("STATE_DIRECTORY") {
            return Ok(PathBuf::from(paths.split(':').next().unwrap_or_default()));
        }
        let home = || environment("HOME").map(|home| Path::new(&home).join(".local/state"));
        let base = environment("XDG_STATE_HOME")
            .map(PathBuf::from)
            .or_else(home);
        base.map(|base| base.join("merganser"))
            .ok_or_else(|| Failure::found("no state directory: name one with --state DIR"))
    }

    /// Returns where the daemon's control socket is: in `$RUNTIME_DIRECTORY`, which systemd sets, else beside
    /// the state.
    pub(super) fn control_socket(&self) -> Result<PathBuf, Failure> {
        let directory = match runtime_directory() {
            Some(directory) => directory,
            None => self.state()?,
        };
        Ok(directory.join(control::SOCKET))
    }

    /// Returns where a daemon may be asked, the likeliest first. The system's is asked where no other state
    /// is named: by hand, nothing tells of its directory.
    pub(super) fn control_sockets(&self) -> Vec<PathBuf> {
        let is_system = |state: &PathBuf| state.as_path() == Path::new(SYSTEM_STATE);
        let system = self.state.as_ref().is_none_or(is_system);
        let directories = runtime_directory()
            .into_iter()
            .chain(self.state().ok())
            .chain(system.then(|| PathBuf::from(SYSTEM_RUNTIME)));
        let mut sockets: Vec<PathBuf> = directories.map(|it| it.join(control::SOCKET)).collect();
        sockets.dedup();
        sockets
    }

    /// Opens the database for reading, beside a daemon or without one.
    pub(super) fn store(&self, storage: &crate::store::Settings) -> Result<Store, Failure> {
        Ok(Store::open_read_only(&self.state()?.join(&storage.path))?)
    }
}

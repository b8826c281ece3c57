//! Where the configuration and the state are: arguments, environment, defaults.

use super::exit::{Code, Failure, say};
use super::status::told::by_daemon_at_once;
use super::{Places, check};
use crate::clock::{Clock as _, SystemClock};
use crate::config::{self, Config, ConfigError, InForce, Loaded, Problem};
use crate::control;
use crate::model::is_topic;
use crate::store::{self, Store};
use anyhow::anyhow;
use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf, absolute};

/// The configuration of the folder in which a command is typed.
const HERE: &str = "feeds.toml";

/// Where a packaged daemon finds its configuration.
const SYSTEM_CONFIG: &str = "/etc/merganser/feeds.toml";

/// Where a packaged daemon has its state, and its control socket.
const SYSTEM_STATE: &str = "/var/lib/merganser";
const SYSTEM_RUNTIME: &str = "/run/merganser";

/// What a command goes by that asks what is stored, or the daemon.
pub(super) struct Known {
    /// The configuration; where the file has mistakes, the feeds and topics that are in force, with what can be read of them.
    pub(super) config: Config,
    /// That in a line, where the file has mistakes.
    pub(super) mistakes: Option<String>,
}

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

/// Returns the service's state where the configuration is the system's and something has run there.
fn state_of(config: &Path, was_held: impl Fn(&Path) -> bool) -> Option<PathBuf> {
    let state = Path::new(SYSTEM_STATE);
    (config == Path::new(SYSTEM_CONFIG) && was_held(state)).then(|| state.to_owned())
}

/// Tells whether a state is the service's.
pub(super) fn is_system(state: &Path) -> bool {
    state == Path::new(SYSTEM_STATE)
}

/// Returns where the daemon of a state may be asked, the likeliest first: another one would answer for feeds that are
/// not meant.
pub(super) fn sockets_of(state: &Path) -> Vec<PathBuf> {
    let system = is_system(state).then(|| PathBuf::from(SYSTEM_RUNTIME));
    sockets_in(
        runtime_directory()
            .into_iter()
            .chain([state.to_owned()])
            .chain(system),
    )
}

/// Returns what the last configuration that was read had, as the store has it.
fn in_force(store: &Store) -> Result<InForce, Failure> {
    let configured = store.languages()?;
    let feeds = store.feeds()?.into_iter();
    let feeds = feeds.filter(|row| configured.contains_key(&row.id));
    let topics = store.rules()?.into_keys().filter(|label| is_topic(label));
    Ok(InForce {
        feeds: feeds.map(|row| (row.id, row.url)).collect(),
        topics: topics.collect(),
    })
}

/// Returns the control sockets in these directories.
fn sockets_in(directories: impl Iterator<Item = PathBuf>) -> Vec<PathBuf> {
    let mut sockets: Vec<PathBuf> = directories.map(|it| it.join(control::SOCKET)).collect();
    sockets.dedup();
    sockets
}

impl Places {
    /// Returns the configuration file: the one named, else `feeds.toml` here, else the system's.
    pub(super) fn config(&self) -> PathBuf {
        if let Some(path) = &self.config {
            return path.clone();
        }
        let here = PathBuf::from(HERE);
        let system = Path::new(SYSTEM_CONFIG);
        if !here.exists() && system.exists() {
            return system.to_owned();
        }
        here
    }

    /// Returns the configuration that a daemon has to run for a command to speak of it: the one named, else the one here,
    /// unless a state is named. In a folder without one, whichever the daemon has is meant.
    pub(super) fn meant_config(&self) -> Option<PathBuf> {
        let here = || Some(PathBuf::from(HERE)).filter(|it| self.state.is_none() && it.exists());
        self.config.clone().or_else(here)
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

    /// The same for a command that judges what is stored: it says which words of the queries are hardly meant as they are read.
    pub(super) fn load_for_queries(&self) -> Result<Config, Failure> {
        let path = self.config();
        let text = self.text()?;
        let read = config::read_without_secrets(&text);
        let Loaded { config, warnings } =
            read.map_err(|problems| check::refused(&path, &text, &problems))?;
        let is_odd = |it: &Problem| {
            matches!(
                it.code,
                config::Code::MisspeltOperator | config::Code::TopicAsWord
            )
        };
        let odd: Vec<Problem> = warnings.into_iter().filter(is_odd).collect();
        if !odd.is_empty() {
            say(check::rendered(&path, &text, &odd).trim_end());
        }
        Ok(config)
    }

    /// Returns the text of the configuration. Where none is named, both places are told at which there is none.
    pub(super) fn text(&self) -> Result<String, ConfigError> {
        let text = config::text(&self.config());
        text.map_err(|error| match self.config {
            Some(_) => error.of_named(),
            None => error.not_at(Path::new(SYSTEM_CONFIG)),
        })
    }

    /// Refuses a configuration that is named and is none, before a daemon is asked that has another.
    pub(super) fn refuse_misnamed(&self) -> Result<(), Failure> {
        let named = self.config.as_ref().map(|_| self.text());
        match named {
            Some(Err(error)) if self.is_misnamed(&error) => Err(error.into()),
            _ => Ok(()),
        }
    }

    /// Tells whether a file is named that is none, by a slip: that of a daemon may be gone while it runs.
    fn is_misnamed(&self, error: &ConfigError) -> bool {
        let is_held = || self.state().is_ok_and(|it| store::holder(&it).is_some());
        let is_lost = || self.is_filled_by(&self.config()) == Some(true) && is_held();
        error.is_misnamed() && !is_lost()
    }

    /// Returns what is known for a command that polls nothing and publishes nothing: a file with mistakes does not keep it
    /// from telling of what goes on meanwhile by the one of before. That is said in a line.
    pub(super) fn known(&self) -> Result<Known, Failure> {
        let known = self.known_silently()?;
        if let Some(mistakes) = &known.mistakes {
            say(mistakes);
        }
        Ok(known)
    }

    /// The same for who says itself that the file has mistakes. Where nothing is in force, these are the failure.
    pub(super) fn known_silently(&self) -> Result<Known, Failure> {
        let path = self.config();
        let text = match self.text() {
            Ok(text) => text,
            Err(error) if self.is_misnamed(&error) => return Err(error.into()),
            Err(error) => {
                let salvaged = self.has_usual_database().then(|| self.salvaged(""));
                let Some(config) = salvaged.flatten() else {
                    return Err(error.into());
                };
                let mistakes = format!("{error}; this goes by the feeds and topics in force");
                let mistakes = Some(mistakes);
                return Ok(Known { config, mistakes });
            }
        };
        let read = config::read_without_secrets(&text).map(|it| it.config);
        // One without feeds is refused by a daemon that has some, as if it were half written.
        let read = match read {
            Ok(config) if !config.feeds.is_empty() || !self.is_run() => {
                let mistakes = None;
                return Ok(Known { config, mistakes });
            }
            read => read,
        };
        let Some(config) = self.salvaged(&text) else {
            let mistakes = None;
            return read
                .map(|config| Known { config, mistakes })
                .map_err(|problems| check::refused(&path, &text, &problems));
        };
        let what = match read {
            Ok(_) => "names no feed, and is refused",
            Err(_) => "has mistakes, which `merganser check` tells",
        };
        let mistakes = format!(
            "{} {what}: this goes by the feeds and topics in force, and by what can be read of it",
            path.display()
        );
        let mistakes = Some(mistakes);
        Ok(Known { config, mistakes })
    }

    /// Returns the feeds and topics in force with what can be read of the text; none where nothing is in force, or not by
    /// the file here.
    fn salvaged(&self, text: &str) -> Option<Config> {
        let storage = config::storage_path(text).map(|path| store::Settings {
            path,
            ..store::Settings::default()
        })?;
        let in_force = in_force(&self.store(&storage).ok()?).ok()?;
        // What another file says is in force is none of this one.
        if in_force.feeds.is_empty() || self.is_filled_by(&self.config()) == Some(false) {
            return None;
        }
        let mut config = Config {
            storage,
            ..config::salvage(text, &in_force)
        };
        self.switch_as_in_force(&mut config);
        Some(config)
    }

    /// Tells whether a daemon that answers runs by the file here.
    pub(super) fn is_run(&self) -> bool {
        let told = by_daemon_at_once(self, SystemClock.now());
        told.running.is_some() && told.of_another_file(&self.config()).is_none()
    }

    /// Switches feeds off and on as they are in force, where a daemon tells that.
    fn switch_as_in_force(&self, config: &mut Config) {
        let told = by_daemon_at_once(self, SystemClock.now());
        if told.of_another_file(&self.config()).is_some() {
            return;
        }
        let Some(off) = told.running.and_then(|running| running.off) else {
            return;
        };
        let off: BTreeSet<&str> = off.iter().map(String::as_str).collect();
        for feed in &mut config.feeds {
            feed.enabled = !off.contains(feed.id.as_str());
        }
    }

    /// Tells whether the state was filled last by this file; `None` where that is not known.
    fn is_filled_by(&self, config: &Path) -> Option<bool> {
        let worker = store::last_worker(&self.state().ok()?)?;
        let former = worker.config;
        Some(match (former.canonicalize(), config.canonicalize()) {
            (Ok(former), Ok(config)) => former == config,
            // Of what is gone the name alone is left.
            _ => absolute(config).is_ok_and(|it| it == former),
        })
    }

    /// Tells whether the database is known without the file: whether the state has no other beside the usual one.
    fn has_usual_database(&self) -> bool {
        let usual = store::Settings::default().path;
        let files = self.state().ok().and_then(|it| fs::read_dir(it).ok());
        let files = files.into_iter().flatten().flatten();
        let databases =
            files.filter(|it| Path::new(&it.file_name()).extension() == usual.extension());
        databases.into_iter().all(|it| *it.file_name() == *usual)
    }

    fn read(&self, read: impl Fn(&str) -> Result<Loaded, Vec<Problem>>) -> Result<Loaded, Failure> {
        let path = self.config();
        let text = self.text()?;
        read(&text).map_err(|problems| check::refused(&path, &text, &problems))
    }

    /// Returns the state directory that is meant: where none is named and the configuration is the system's, the
    /// service's, if it has run and may be looked into. So what is asked beside it is asked of it.
    pub(super) fn state(&self) -> Result<PathBuf, Failure> {
        let is_named = self.state.is_some() || environment("STATE_DIRECTORY").is_some();
        let system = || state_of(&self.config(), store::was_held);
        match (!is_named).then(system).flatten() {
            Some(state) => Ok(state),
            None => self.own_state(),
        }
    }

    /// Returns the state directory for what fills one by itself. By mistake nothing is run or replayed into the
    /// service's: by root, who leaves files there that it may not write.
    ///
    /// `$STATE_DIRECTORY` is what systemd sets; of several it names, the first counts.
    pub(super) fn own_state(&self) -> Result<PathBuf, Failure> {
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
        base.map(|base| base.join("merganser")).ok_or_else(|| {
            Failure::new(
                Code::State,
                anyhow!("no state directory: name one with --state DIR"),
            )
        })
    }

    /// Returns where a daemon that is started has its control socket: in `$RUNTIME_DIRECTORY`, which systemd sets,
    /// else beside its state.
    pub(super) fn control_socket(&self) -> Result<PathBuf, Failure> {
        let directory = match runtime_directory() {
            Some(directory) => directory,
            None => self.own_state()?,
        };
        Ok(directory.join(control::SOCKET))
    }

    /// Returns where whichever daemon there is may be asked, the likeliest first. The system's is asked where no
    /// other state is named: by hand, nothing tells of its directory.
    pub(super) fn control_sockets(&self) -> Vec<PathBuf> {
        let system = self.state.as_deref().is_none_or(is_system);
        sockets_in(
            runtime_directory()
                .into_iter()
                .chain(self.own_state().ok())
                .chain(system.then(|| PathBuf::from(SYSTEM_RUNTIME))),
        )
    }

    /// Returns where the database is, also by a file that has mistakes: its copies are not to wait until they are mended.
    pub(super) fn database(&self) -> Result<PathBuf, Failure> {
        let path = self.config();
        let text = self.text()?;
        let problems = match config::read_without_secrets(&text) {
            Ok(loaded) => return Ok(self.state()?.join(loaded.config.storage.path)),
            Err(problems) => problems,
        };
        let Some(name) = config::storage_path(&text) else {
            return Err(check::refused(&path, &text, &problems));
        };
        let database = self.state()?.join(name);
        say(&format!(
            "{} has mistakes, which `merganser check` tells: by what can be read of it, the database is {}",
            path.display(),
            database.display()
        ));
        Ok(database)
    }

    /// Opens the database for reading, beside a daemon or without one.
    pub(super) fn store(&self, storage: &store::Settings) -> Result<Store, Failure> {
        Ok(Store::open_read_only(&self.state()?.join(&storage.path))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Root who asks by the service's configuration means its state, and who may not look into that has one of his own.
    #[test]
    fn the_service_is_found_by_its_configuration() {
        for (config, was_held, state) in [
            (SYSTEM_CONFIG, true, Some(SYSTEM_STATE)),
            (SYSTEM_CONFIG, false, None),
            ("feeds.toml", true, None),
            ("/home/ann/feeds.toml", true, None),
        ] {
            let found = state_of(Path::new(config), |_| was_held);
            assert_eq!(
                found.as_deref(),
                state.map(Path::new),
                "{config} {was_held}"
            );
        }
    }

    /// What is asked of the daemon of one state is never answered by that of another.
    #[test]
    fn a_daemon_is_asked_about_its_own_state() {
        let of = |state: &str| sockets_of(Path::new(state));
        let own = of("/home/ann/state");
        assert!(
            own.ends_with(&["/home/ann/state/control.sock".into()]),
            "{own:?}"
        );
        assert!(
            !own.iter().any(|it| it.starts_with(SYSTEM_RUNTIME)),
            "{own:?}"
        );
        for state in [SYSTEM_STATE, "/var/lib/merganser/"] {
            let system = of(state);
            assert!(
                system.ends_with(&["/run/merganser/control.sock".into()]),
                "{system:?}"
            );
        }
    }
}

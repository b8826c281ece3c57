//! Reading feeds.toml again while running: all or nothing.

use super::active::Active;
use super::press::Stale;
use super::{Daemon, StartError, notify};
use crate::config::{self, Config, Loaded};
use std::path::Path;
use std::sync::Arc;

/// Where the configuration comes from.
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// The environment, which secrets may be taken from.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl Daemon {
    /// Reads the configuration again and puts it in force, or keeps the old one and says why.
    ///
    /// Feeds that did not change keep their schedule and their validators. A changed rule labels the
    /// entries that come from now on.
    pub(super) async fn reload(&mut self, source: &Source<'_>) {
        notify::reloading();
        let verdict = match config::load(source.path, source.environment) {
            Ok(loaded) => self.put_in_force(loaded).await,
            Err(error) => Err(error.to_string()),
        };
        match verdict {
            Ok(()) => tracing::info!("feeds.toml was reloaded: {}", self.status()),
            Err(why) => {
                tracing::error!("feeds.toml was REJECTED, the one before stays in force: {why}");
                notify::ready(&format!("feeds.toml REJECTED: {}", first_line(&why)));
                return;
            }
        }
        notify::ready(&self.status());
    }

    async fn put_in_force(&mut self, loaded: Loaded) -> Result<(), String> {
        let mut config = loaded.config;
        keep_what_needs_a_restart(&mut config, &self.active.config);
        let active = Active::new(config, Some(&self.active))
            .map_err(|error: StartError| error.to_string())?;
        self.active = Arc::new(active);
        self.stale = Stale::everything();
        self.publish_from = self.clock.now();
        self.take_up().await.map_err(|error| error.to_string())
    }
}

/// The listener and the database are opened once: a change of either waits for the next start.
fn keep_what_needs_a_restart(config: &mut Config, running: &Config) {
    if config.server.listen != running.server.listen {
        tracing::warn!("`listen` in [server] changes with the next restart only");
        config.server.listen = running.server.listen;
    }
    if config.storage.path != running.storage.path {
        tracing::warn!("`path` in [storage] changes with the next restart only");
        config.storage.path.clone_from(&running.storage.path);
    }
}

fn first_line(text: &str) -> &str {
    text.lines().next().unwrap_or_default()
}

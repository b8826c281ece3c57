//! Reading feeds.toml again while running: all or nothing.

use super::active::Active;
use super::{Daemon, notify};
use crate::config::{self, Config, Loaded};
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// Where the configuration comes from.
pub struct Source<'a> {
    /// The file.
    pub path: &'a Path,
    /// The environment, which secrets may be taken from.
    pub environment: &'a (dyn Fn(&str) -> Option<String> + Sync),
}

impl fmt::Debug for Source<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Source").field(&self.path).finish()
    }
}

impl Daemon {
    /// Reads the configuration again and puts it in force, or keeps the old one and says why: in the
    /// log, and in the status until a good one is read.
    ///
    /// Feeds that did not change keep their schedule and their validators, and their polls go on; the
    /// poll of a feed that changed is dropped, since what it brings is not what is asked for now.
    /// Changed rules are applied to what is stored beside the polls (`relabel.rs`).
    pub async fn reload(&mut self, source: &Source<'_>) {
        self.heed_clock();
        notify::reloading();
        let file = source.path.display();
        let verdict = match config::load(source.path, source.environment) {
            Ok(loaded) => self.put_in_force(source.path, loaded).await,
            Err(error) => Err(error.to_string()),
        };
        self.rejected = verdict.as_ref().err().cloned();
        match &verdict {
            Ok(()) => tracing::info!("{file} was reloaded: {}", self.status()),
            Err(why) => tracing::error!(
                "{file} was REJECTED, the one before stays in force: {why}; \
                 `merganser check --config {file}` tells all"
            ),
        }
        notify::ready(&self.status());
    }

    async fn put_in_force(&mut self, file: &Path, loaded: Loaded) -> Result<(), String> {
        for warning in &loaded.warnings {
            tracing::warn!("{}:{warning}", file.display());
        }
        let mut config = loaded.config;
        let feeds = self.active.config.feeds.len();
        if config.feeds.is_empty() && feeds > 0 {
            return Err(format!(
                "it names no feed, and the configuration in force has {feeds}: restart to run without"
            ));
        }
        keep_what_needs_a_restart(&mut config, &self.active.config);
        let active = Active::new(config).map_err(|error| error.to_string())?;
        self.take_up(Arc::new(active))
            .await
            .map_err(|error| error.to_string())?;
        self.chores.publish_all(self.clock.now());
        Ok(())
    }
}

/// The listener and the database are opened once: a change of either waits for the next start. So does
/// the address that readers are told, which may have been made of the listener's.
fn keep_what_needs_a_restart(config: &mut Config, running: &Config) {
    if config.server.listen != running.server.listen {
        tracing::warn!("`listen` and `public-url` in [server] change with the next restart only");
        config.server.listen = running.server.listen;
        config.site.public_url = running.site.public_url.clone();
    }
    if config.storage.path != running.storage.path {
        tracing::warn!("`path` in [storage] changes with the next restart only");
        config.storage.path.clone_from(&running.storage.path);
    }
}

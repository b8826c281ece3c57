//! `feeds.toml` into typed settings of every module, or a list of problems with their places.

mod settings;

pub use settings::{Config, FeedSettings, Server};

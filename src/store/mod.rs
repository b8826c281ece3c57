//! The only module that knows SQL.

mod settings;

pub use settings::Settings;

//! Articles to bytes.

mod settings;

pub use settings::{Output, OutputFormat, Selection, Site};

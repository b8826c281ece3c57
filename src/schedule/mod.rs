//! When a feed is due.

mod cron;
mod policy;

pub use cron::{CronError, CronLine};
pub use policy::{Policy, Schedule};

//! Stage schedule.

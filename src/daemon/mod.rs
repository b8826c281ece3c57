//! Stage daemon.

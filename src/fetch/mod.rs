//! Stage fetch.

//! Stage parse.

//! Stage dedupe.

//! Stage publish.

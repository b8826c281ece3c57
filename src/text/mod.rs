//! Stage text.

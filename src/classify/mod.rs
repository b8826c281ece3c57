//! Stage classify.

//! Stage serve.

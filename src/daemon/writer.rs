//! The thread of the store's writer.

use super::StartError;
use crate::store::Writer;
use std::thread::{Builder, JoinHandle};

/// Gives the writer its thread. It ends when the last [`crate::store::Store`] is dropped, with
/// everything written that was handed to it.
pub(super) fn spawn(writer: Writer) -> Result<JoinHandle<()>, StartError> {
    Builder::new()
        .name("writer".to_owned())
        .spawn(move || writer.run())
        .map_err(StartError::Writer)
}

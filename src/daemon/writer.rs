//! The thread of the store's writer.

use super::StartError;
use crate::store::Writer;
use std::thread::Builder;
use tokio::sync::oneshot;

/// The writer at work. It ends when the last [`crate::store::Store`] is dropped, with everything
/// written that was handed to it.
#[derive(Debug)]
pub struct WriterThread {
    /// Resolves when the thread is gone: with a value when it came to its end, with an error when it
    /// panicked. A thread is not joined, since joining blocks.
    ended: oneshot::Receiver<()>,
}

impl WriterThread {
    /// Gives the writer its thread.
    pub(super) fn start(writer: Writer) -> Result<Self, StartError> {
        let (tell, ended) = oneshot::channel();
        let work = move || {
            writer.run();
            // Nobody listens when the daemon was dropped rather than stopped.
            let _: Result<(), ()> = tell.send(());
        };
        let started = Builder::new().name("writer".to_owned()).spawn(work);
        started.map_err(StartError::Writer)?;
        Ok(Self { ended })
    }

    /// Waits for the end and tells whether it was a good one.
    pub(super) async fn end(&mut self) -> bool {
        (&mut self.ended).await.is_ok()
    }
}

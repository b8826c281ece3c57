//! The thread of the store's writer.

use super::StartError;
use crate::store::Writer;
use std::thread::Builder;
use tokio::sync::oneshot;

/// The writer at work. It ends when the last [`crate::store::Store`] is dropped, with everything
/// written that was handed to it.
#[derive(Debug)]
pub(super) struct WriterThread {
    /// Resolves when the thread is gone: with a value when it came to its end, with an error when it
    /// panicked. A thread is not joined, since joining blocks.
    ended: oneshot::Receiver<()>,
    /// What it resolved to; it can be asked once only.
    well: Option<bool>,
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
        Ok(Self { ended, well: None })
    }

    /// Waits for the end and tells whether it was a good one.
    pub(super) async fn end(&mut self) -> bool {
        if self.well.is_none() {
            self.well = Some((&mut self.ended).await.is_ok());
        }
        self.well == Some(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The loop learns of the end first, and taking the daemon apart asks again.
    #[tokio::test]
    async fn the_end_can_be_asked_for_twice() {
        let (tell, ended) = oneshot::channel();
        let mut writer = WriterThread { ended, well: None };
        tell.send(()).unwrap();
        assert!(writer.end().await);
        assert!(writer.end().await);

        let (tell, ended) = oneshot::channel();
        let mut writer = WriterThread { ended, well: None };
        drop::<oneshot::Sender<()>>(tell);
        assert!(!writer.end().await);
        assert!(!writer.end().await);
    }
}

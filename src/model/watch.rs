//! Who is told how far long work is.

use std::fmt;
use std::sync::Arc;

/// Is told how much is done, and of how much.
type Told = Arc<dyn Fn(u64, u64) + Send + Sync>;

/// Who wants to know how far a long piece of work is; nobody, by default.
///
/// The work tells of it as often as is easy for it. How often that is shown is up to who is told, and must cost the
/// work next to nothing.
#[derive(Clone, Default)]
pub struct Watch(Option<Told>);

impl Watch {
    /// Makes one of who is told how much is done, and of how much: 0 where nobody knows.
    pub fn new(told: impl Fn(u64, u64) + Send + Sync + 'static) -> Self {
        Self(Some(Arc::new(told)))
    }

    /// Tells that `done` of `of` is done.
    pub fn tell(&self, done: u64, of: u64) {
        if let Some(told) = &self.0 {
            told(done, of);
        }
    }
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Watch").field(&self.0.is_some()).finish()
    }
}

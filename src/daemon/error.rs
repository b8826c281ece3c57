//! Why a daemon does not start.

use crate::classify::RuleProblem;
use crate::fetch::FetchError;
use crate::store::StoreError;

/// Why a daemon could not be built.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The state directory or the database cannot be used.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The HTTP client could not be made.
    #[error(transparent)]
    Fetch(#[from] FetchError),
    /// The rules do not compile; `merganser check` shows where.
    #[error("the topics do not compile: {0}")]
    Rules(String),
    /// The writer's thread could not be started.
    #[error("cannot start the writer thread: {0}")]
    Writer(std::io::Error),
    /// The thread that answers readers could not be started.
    #[error("cannot start the server thread: {0}")]
    Server(std::io::Error),
}

impl StartError {
    pub(super) fn rules(problems: &[RuleProblem]) -> Self {
        let texts: Vec<String> = problems.iter().map(ToString::to_string).collect();
        Self::Rules(texts.join("; "))
    }
}

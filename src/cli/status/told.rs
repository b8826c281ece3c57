//! What the daemon that runs says it needs somebody for, which its database may not be able to tell.

use super::needs::Need;
use crate::cli::Places;
use crate::cli::table::{ago, instant};
use crate::control::{self, AskError, Request};
use jiff::Timestamp;

/// Asks the daemon at the first socket at which there is one; nothing where none runs, or it is not to be asked by us.
pub(super) fn by_daemon(places: &Places, now: Timestamp) -> Vec<Need> {
    for socket in places.control_sockets() {
        match control::ask_soon(&socket, &Request::Status) {
            Ok(answer) => {
                let needs = answer.needs.into_iter();
                return needs.map(|need| need_of(need, now)).collect();
            }
            Err(error @ AskError::Late { .. }) => return vec![silent(&error)],
            Err(_) => {}
        }
    }
    Vec::new()
}

fn need_of(need: control::Need, now: Timestamp) -> Need {
    let since = need.since.parse::<Timestamp>().ok();
    let when = since.map(|at| format!("since {} ({}), ", instant(at), ago(Some(at), now)));
    Need {
        what: need.what,
        words: format!("{}{}", when.unwrap_or_default(), need.why),
        can_wait: false,
        since,
    }
}

/// A daemon that does not answer does not poll either.
fn silent(error: &AskError) -> Need {
    Need {
        what: "daemon".to_owned(),
        words: error.to_string(),
        can_wait: false,
        since: None,
    }
}

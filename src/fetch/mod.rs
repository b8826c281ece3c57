//! The only module that opens outgoing sockets.

mod settings;

pub use settings::{Header, Settings, Target};

use url::Url;

/// Returns an address fit for logs, the database and outputs: without userinfo (S7).
pub fn shown(url: &Url) -> String {
    let mut url = url.clone();
    // Both fail only for addresses that cannot have userinfo, which then have none.
    let _ = url.set_username("");
    let _ = url.set_password(None);
    url.into()
}

//! Keys without which nobody reads: `protect` of an output, and `health-key` in `[server]`.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::secrets::{Wanted, value};
use super::table::Table;
use crate::serve::Lock;

/// The shortest key: what a machine draws of letters and digits, or a few words by chance, is longer, and what
/// is shorter can be guessed by who may ask a thousand times a second.
const SHORTEST: usize = 16;

/// Reads a key. What has one is never open, whatever can be known of it from here.
pub(super) fn read<'a>(
    table: &mut Table<'a>,
    key: &'static str,
    reading: &mut Reading<'a>,
) -> Option<Lock> {
    let item = table.take(key)?;
    let span = item.span.clone();
    let wanted = Wanted {
        key,
        secret: true,
        needed: true,
    };
    let Some(secret) = value(item, wanted, reading) else {
        return Some(Lock::shut());
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if secret.len() < SHORTEST || !secret.chars().all(fits) {
        let message = "a key has 16 characters or more, of letters, digits and `-._~`";
        let help = "make one: `openssl rand -hex 16`";
        reading.report(span, Fault::new(Code::BadSecret, message, help));
        return Some(Lock::shut());
    }
    Some(Lock::new(&secret))
}

//! `protect` of an output: the key without which nobody reads it.

use super::problem::{Code, Fault};
use super::reading::Reading;
use super::secrets::{Wanted, value};
use super::table::Table;
use crate::serve::Lock;

const KEY: &str = "protect";

/// The shortest key: what a machine draws of letters and digits, or a few words by chance, is longer, and what
/// is shorter can be guessed by who may ask a thousand times a second.
const SHORTEST: usize = 16;

/// Reads `protect`. An output that has it is never open, whatever can be known of its key from here.
pub(super) fn read<'a>(table: &mut Table<'a>, reading: &mut Reading<'a>) -> Option<Lock> {
    let item = table.take(KEY)?;
    let span = item.span.clone();
    let wanted = Wanted {
        key: KEY,
        secret: true,
        needed: true,
    };
    let Some(key) = value(item, wanted, reading) else {
        return Some(Lock::shut());
    };
    let fits = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
    if key.len() < SHORTEST || !key.chars().all(fits) {
        let message = "a key has 16 characters or more, of letters, digits and `-._~`";
        let help = "make one: `openssl rand -hex 16`";
        reading.report(span, Fault::new(Code::BadSecret, message, help));
        return Some(Lock::shut());
    }
    Some(Lock::new(&key))
}

//! The faults of one document, gathered while it is read.

use super::texts::line;
use crate::model::Defect;

/// How many kinds of faults there are places for; a kind is listed once, however often it occurs.
const MAX_KINDS: usize = 32;

/// How many characters of a faulty value a message shows.
const MAX_SHOWN: usize = 40;

/// Collects defects: the first of each kind in words, the others as a number.
#[derive(Debug, Default)]
pub(super) struct Defects {
    found: Vec<(Defect, u32)>,
}

impl Defects {
    /// Notes a defect. `message` is asked for only when it is the first of its kind.
    pub(super) fn note(&mut self, code: &'static str, message: impl FnOnce() -> String) {
        if let Some((_, times)) = self.found.iter_mut().find(|(it, _)| it.code == code) {
            *times = times.saturating_add(1);
        } else if self.found.len() < MAX_KINDS {
            let message = message();
            self.found.push((Defect { code, message }, 1));
        }
    }

    /// Notes a date that is none; `text` is what stands in its place.
    pub(super) fn bad_date(&mut self, text: &str) {
        self.note("bad-date", || {
            let shown: String = line(text).chars().take(MAX_SHOWN).collect();
            format!("\"{shown}\" is no date that can be true")
        });
    }

    /// Returns the defects in the order in which their kinds were first met.
    pub(super) fn into_vec(self) -> Vec<Defect> {
        self.found.into_iter().map(counted).collect()
    }
}

fn counted((mut defect, times): (Defect, u32)) -> Defect {
    if times > 1 {
        defect.message = format!("{} (and {} more)", defect.message, times - 1);
    }
    defect
}

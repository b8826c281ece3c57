//! Words and their folded forms: what classification and duplicate detection compare.
//!
//! Knows nothing of feeds. Words are those of UAX #29; folding makes `Élysée`, `ÉLYSÉE` and `elysee`
//! one word, and leaves the vowel signs of Indic scripts alone, without which Hindi words would fall
//! together.

mod fold;
mod words;

pub use fold::fold;
pub use words::{Word, words};

//! Words and characters: what classification and duplicate detection compare, and what may stand in a
//! text at all.
//!
//! Knows nothing of feeds. Words are those of UAX #29; folding makes `Élysée`, `ÉLYSÉE` and `elysee`
//! one word, and leaves the vowel signs of Indic scripts alone, without which Hindi words would fall
//! together. Which characters XML forbids and what `&eacute;` stands for is said here once, for the
//! stages that read, clean and write; so are the parameters of addresses that are secrets by their names, and names of
//! hosts that mean another machine in each network, how an address is spelled or typed and where one stands in a text, where lines
//! for people are broken, and how a full disk is told.

mod address;
mod broken;
mod chars;
mod cited;
mod fold;
mod function_words;
mod guess;
mod hosts;
mod joined;
mod language;
mod outlet;
mod references;
mod room;
mod secrets;
mod stop;
mod typed;
mod words;

pub use address::{is_spelled, spelled};
pub use broken::{broken, cells};
pub use chars::{cut, is_bidi_control, is_forbidden_in_xml, is_unwanted, one_line};
pub use cited::{addresses, cited, without_cited, without_cited_in_html};
pub use fold::fold;
pub use guess::guess_language;
pub use hosts::is_private_name;
pub use joined::without_joined;
pub use language::{Language, Languages, stem};
pub use outlet::without_outlet;
pub use references::{Reference, reference, surrogate_pair, windows_1252};
pub use room::{FULL, is_for_room, no_room};
pub use secrets::{has_secret_path, has_secret_query, masked_query, secret_query_values};
pub use stop::{are_stop_words_of_one_language, is_stop_word, is_stop_word_anywhere};
pub use typed::whole_address;
pub use words::{Word, units, words};

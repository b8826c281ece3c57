//! What pictures are to each other and to what stands around them.
//!
//! - A lazy picture and the one in the `noscript` beside it are one picture: the first of both is shown.
//! - A link or a `picture` that held nothing but a picture that was left out is left out with it.

use std::ops::Range;

/// The pictures of a text, as far as what comes next may concern them.
#[derive(Default)]
pub(super) struct Pictures {
    /// How many `noscript` are open.
    fallbacks: usize,
    /// The last picture, as long as nothing but links and the parts of pictures follows it.
    last: Option<Shown>,
    /// Where a picture was left out, as long as no tag was written since.
    lost_at: Option<usize>,
    /// Whether the last picture was left out for want of an address, as long as nothing but links and the
    /// parts of pictures follows it: the `noscript` after it is its own.
    is_awaited: bool,
}

/// A picture that was written.
struct Shown {
    /// Where its address stands in the HTML.
    source: Range<usize>,
    is_lazy: bool,
    is_fallback: bool,
    /// Whether it was shown for one before it that had no address.
    is_taken: bool,
}

impl Pictures {
    /// Begins a `noscript`.
    pub(super) fn enter(&mut self) {
        self.fallbacks += 1;
    }

    /// Ends a `noscript`.
    pub(super) fn leave(&mut self) {
        self.fallbacks = self.fallbacks.saturating_sub(1);
    }

    /// Takes notice of text.
    pub(super) fn text(&mut self, text: &str) {
        if !text.trim_start().is_empty() {
            self.part();
        }
    }

    /// Takes notice of a picture that was written.
    pub(super) fn show(&mut self, source: Range<usize>, is_lazy: bool) {
        let is_fallback = self.fallbacks > 0;
        self.lost_at = None;
        self.last = Some(Shown {
            source,
            is_lazy,
            is_fallback,
            is_taken: std::mem::take(&mut self.is_awaited) && is_fallback,
        });
    }

    /// Takes notice of a tag, other than that of a picture, that was written.
    pub(super) fn tag(&mut self, name: &str) {
        self.lost_at = None;
        if !matches!(name, "a" | "picture" | "source") {
            self.part();
        }
    }

    /// Parts what came from what comes.
    fn part(&mut self) {
        self.last = None;
        self.is_awaited = false;
    }

    /// Takes notice of a picture that was left out, perhaps for want of an address.
    pub(super) fn await_address(&mut self, has_none: bool) {
        self.is_awaited |= has_none && self.fallbacks == 0;
    }

    /// Takes notice of a picture, or what was around it, that was left out at the end of the HTML.
    pub(super) fn lose(&mut self, at: usize) {
        self.lost_at = Some(at);
    }

    /// Tells whether the picture just before, on the other side of the tags of a `noscript`, is this one.
    /// Each is the other form of one picture only.
    ///
    /// A lazy picture is not the other form of one that was shown for a picture without an address, unless
    /// both name the same file.
    pub(super) fn take_twin(&mut self, source: &str, is_lazy: bool, html: &str) -> bool {
        let is_fallback = self.fallbacks > 0;
        let is_twin = |last: &mut Shown| {
            let other = html.get(last.source.clone()).unwrap_or_default();
            let is_same = !source.is_empty() && other == source;
            let is_one = if is_fallback {
                last.is_lazy
            } else {
                is_lazy && (!last.is_taken || file(source) == file(other))
            };
            last.is_fallback != is_fallback && (is_one || is_same)
        };
        self.last.take_if(is_twin).is_some()
    }

    /// Returns where the link or `picture` begins that ends here, when all that it held was left out.
    pub(super) fn empty_shell(&self, name: &str, html: &str) -> Option<usize> {
        let lost_at = self.lost_at.filter(|_| matches!(name, "a" | "picture"))?;
        let (before, after) = html.split_at_checked(lost_at)?;
        let mut before = before.trim_end();
        while after.trim_start().is_empty() {
            let at = before.rfind('<')?;
            // Written text has no `<` and no `>`: with one inside, text follows the tag.
            let tag = before.get(at + 1..)?.strip_suffix('>')?;
            match tag.split(' ').next()? {
                _ if tag.contains('>') => return None,
                open if open == name => return Some(at),
                "source" if name == "picture" => before = before.get(..at)?.trim_end(),
                _ => return None,
            }
        }
        None
    }
}

/// Returns the name of the file that an address ends in, without its query.
pub(super) fn file(address: &str) -> &str {
    let path = address.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default()
}

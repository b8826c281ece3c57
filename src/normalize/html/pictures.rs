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
}

/// A picture that was written.
struct Shown {
    /// Where its address stands in the HTML.
    source: Range<usize>,
    is_lazy: bool,
    is_fallback: bool,
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
        self.last.take_if(|_| !text.trim_start().is_empty());
    }

    /// Takes notice of a picture that was written.
    pub(super) fn show(&mut self, source: Range<usize>, is_lazy: bool) {
        self.lost_at = None;
        self.last = Some(Shown {
            source,
            is_lazy,
            is_fallback: self.fallbacks > 0,
        });
    }

    /// Takes notice of a tag, other than that of a picture, that was written.
    pub(super) fn tag(&mut self, name: &str) {
        self.lost_at = None;
        self.last
            .take_if(|_| !matches!(name, "a" | "picture" | "source"));
    }

    /// Takes notice of a picture, or what was around it, that was left out at the end of the HTML.
    pub(super) fn lose(&mut self, at: usize) {
        self.lost_at = Some(at);
    }

    /// Tells whether the picture just before, on the other side of the tags of a `noscript`, is this one.
    /// Each is the other form of one picture only.
    pub(super) fn take_twin(&mut self, source: &str, is_lazy: bool, html: &str) -> bool {
        let is_fallback = self.fallbacks > 0;
        let is_twin = |last: &mut Shown| {
            let waited = if is_fallback { last.is_lazy } else { is_lazy };
            let is_same = || !source.is_empty() && html.get(last.source.clone()) == Some(source);
            last.is_fallback != is_fallback && (waited || is_same())
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

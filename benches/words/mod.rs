//! Words that are as unequally common as in a language, and texts of them, made up from a seed.

/// Words that texts draw from.
pub(crate) const WORDS: usize = 20_000;

/// A generator of numbers that look random and are the same each time (Marsaglia's xorshift).
pub(crate) struct Random(pub(crate) u64);

impl Random {
    /// Returns a number below a limit.
    pub(crate) fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 >> 33).unwrap_or_default() % limit
    }

    /// Returns a number of which half as many are twice as great.
    fn rank(&mut self, limit: usize) -> usize {
        let doublings = usize::try_from(limit.ilog2()).unwrap_or_default();
        let up_to = 2 << self.below(doublings);
        (up_to / 2 + self.below(up_to / 2)).min(limit) - 1
    }
}

/// Makes the word of a number out of syllables.
pub(crate) fn word(number: usize) -> String {
    const SYLLABLES: [&str; 28] = [
        "ka", "lo", "mir", "ten", "su", "ra", "vel", "do", "pin", "gar", "so", "li", "ban", "te",
        "ku", "rom", "sha", "ne", "fi", "tor", "ma", "ze", "wol", "ri", "ja", "pet", "con", "dra",
    ];
    let mut word = String::new();
    let mut rest = number + SYLLABLES.len();
    while rest > 0 {
        let next = SYLLABLES.get(rest % SYLLABLES.len());
        word.push_str(next.copied().unwrap_or_default());
        rest /= SYLLABLES.len();
    }
    word
}

/// Returns a text of so many words.
pub(crate) fn text(words: &[String], length: usize, random: &mut Random) -> String {
    let words = (0..length).filter_map(|_| words.get(random.rank(WORDS)));
    words.map(String::as_str).collect::<Vec<_>>().join(" ")
}

//! Numbers that say what they count: `2024年7月22日`, `2024년 7월 22일`, `ngày 22 tháng 7 năm 2024`.

use super::letters::is_letter;

/// What a number in a date counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Unit {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
}

/// Months that Vietnamese counts in words, folded, the longer ones first.
const COUNTED: [(&str, i8); 12] = [
    ("muoi mot", 11),
    ("muoi hai", 12),
    ("muoi", 10),
    ("mot", 1),
    ("hai", 2),
    ("ba", 3),
    ("tu", 4),
    ("nam", 5),
    ("sau", 6),
    ("bay", 7),
    ("tam", 8),
    ("chin", 9),
];

/// Returns the unit that stands behind a number in Chinese, Japanese and Korean, and what follows it.
pub(super) fn behind(text: &str) -> Option<(Unit, &str)> {
    let mut rest = text.chars();
    let unit = match rest.next()? {
        '年' | '년' => Unit::Year,
        '月' | '월' => Unit::Month,
        '日' | '号' | '號' | '일' => Unit::Day,
        '時' | '时' | '點' | '点' | '시' => Unit::Hour,
        '分' | '분' => Unit::Minute,
        '秒' | '초' => Unit::Second,
        _ => return None,
    };
    Some((unit, rest.as_str()))
}

/// Returns the unit that stands before its number in Vietnamese.
pub(super) fn before(word: &str) -> Option<Unit> {
    match word {
        "ngay" => Some(Unit::Day),
        "thang" | "thg" => Some(Unit::Month),
        "nam" => Some(Unit::Year),
        _ => None,
    }
}

/// Reads a month that Vietnamese counts in words.
pub(super) fn counted(text: &str) -> Option<(i8, &str)> {
    let counted = |&(name, number): &(&str, i8)| {
        let rest = text.strip_prefix(name)?;
        (!rest.starts_with(is_letter)).then_some((number, rest))
    };
    COUNTED.iter().find_map(counted)
}

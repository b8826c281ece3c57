//! What holds of any text and of any instant.

use super::super::{exact, words};
use super::languages::{LANGUAGES, names};
use super::*;
use jiff::civil::DateTime;
use proptest::prelude::*;

/// The months of RFC 822.
const MONTHS: &str = "Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sep, Oct, Nov, Dec";

/// Any second that is not a zero value of programs.
fn instant() -> impl Strategy<Value = Timestamp> {
    let seconds = prop_oneof![-2_177_452_800_i64..-86_400, 86_401_i64..4_133_980_799];
    seconds.prop_map(|second| Timestamp::from_second(second).unwrap())
}

/// Any offset of a zone, in quarters of an hour.
fn offset() -> impl Strategy<Value = Offset> {
    (-48_i32..=56).prop_map(|quarters| Offset::from_seconds(quarters * 900).unwrap())
}

/// Texts of which dates are made, whole and broken.
fn piece() -> impl Strategy<Value = String> {
    let pieces = [
        "2024",
        "07",
        "22",
        "1",
        "-",
        "/",
        ".",
        ":",
        ",",
        "+",
        "T",
        "Z",
        " ",
        "W",
        "Jul",
        "mar",
        "(",
        ")",
        "10:00",
        "10:00:00",
        "+0530",
        "pm",
        "a.",
        "m.",
        "GMT",
        "ET",
        "年",
        "월",
        "下午",
        "tháng",
        "ngày",
        "h",
        "\u{301}",
        "é",
        "20240722",
        "1721642400",
    ];
    prop_oneof![
        prop::sample::select(pieces.to_vec()).prop_map(str::to_owned),
        "\\PC{0,3}",
        "[0-9]{1,14}"
    ]
}

fn rfc822(civil: DateTime, month: &str) -> String {
    let date = civil.date();
    let clock = civil.time().strftime("%H:%M:%S");
    format!("Xyz, {:02} {month} {} {clock}", date.day(), date.year())
}

fn shown(offset: Offset, colon: &str) -> String {
    let seconds = offset.seconds();
    let (sign, minutes) = (if seconds < 0 { '-' } else { '+' }, seconds.abs() / 60);
    format!("{sign}{:02}{colon}{:02}", minutes / 60, minutes % 60)
}

/// The month of a row of names.
fn name_of(civil: DateTime, months: &str) -> String {
    let mut named = names(months).filter(|(number, _)| *number == civil.month());
    named.next().unwrap().1.to_owned()
}

proptest! {
    #[test]
    fn any_text_is_read_or_not(text in "\\PC{0,60}|[0-9:+TZ .,/-]{0,30}|[0-9]{4}-?W?[0-9]{0,4}-?[0-9]?") {
        parse(&text);
    }

    #[test]
    fn what_was_read_is_read_again(pieces in prop::collection::vec(piece(), 0..12)) {
        if let Some(instant) = parse(&pieces.concat()) {
            prop_assert_eq!(parse(&instant.to_string()), Some(instant));
        }
    }

    #[test]
    fn what_programs_write_is_read(instant in instant(), offset in offset(), nanosecond in 0..1_000_000_000_i32) {
        let civil = offset.to_datetime(instant);
        let month = name_of(civil, MONTHS);
        for zone in [shown(offset, ""), shown(offset, ":"), format!(" GMT{}", shown(offset, ""))] {
            let rfc822 = format!("{} {zone}", rfc822(civil, &month));
            prop_assert_eq!(parse(&rfc822), Some(instant), "{}", rfc822);
            let rfc3339 = format!("{}{zone}", civil.strftime("%Y-%m-%dT%H:%M:%S"));
            prop_assert_eq!(parse(&rfc3339), Some(instant), "{}", rfc3339);
            let compact = format!("{}{zone}", civil.strftime("%Y%m%dT%H%M%S"));
            prop_assert_eq!(parse(&compact), Some(instant), "{}", compact);
        }
        let fine = Timestamp::new(instant.as_second(), nanosecond).unwrap();
        prop_assert_eq!(parse(&fine.to_string()), Some(fine));
    }

    #[test]
    fn every_language_is_read(instant in instant(), offset in offset(), language in prop::sample::select(LANGUAGES.to_vec())) {
        let civil = offset.to_datetime(instant);
        let text = format!("{} {}", rfc822(civil, &name_of(civil, language.1)), shown(offset, ""));
        prop_assert_eq!(parse(&text), Some(instant), "{}", text);
    }

    #[test]
    fn what_is_exact_is_read_in_words_alike(
        (weekday, month) in ("([a-zA-Z]{3}, )?", prop::sample::select(vec!["Jan", "may", "SEP", "Dec"])),
        (day, year, clock) in ("[0-9]{1,2}", "(19|20)[0-9]{2}", "([0-9]{1,2}:[0-9]{2}(:[0-9]{2}([.][0-9]{1,3})?)?)"),
        zone in "( GMT| EST| IST|Z| ?[+-][0-9]{1,4}| ?[+-][0-9]{2}:[0-9]{2})?",
    ) {
        for text in [
            format!("{weekday}{day} {month} {year} {clock}{zone}"),
            format!("{year}-07-{day:0>2}T{clock}{zone}"),
        ] {
            if let Some(reading) = exact::read(&text) {
                let in_words = words::read(&folded(&text)).and_then(Reading::instant);
                prop_assert_eq!(reading.instant(), in_words, "{}", text);
            }
        }
    }
}

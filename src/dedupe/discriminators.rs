//! Words that tell parts of a series, or states of an event, apart: numbers, days and months.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The lists, taken apart once.
static WORDS: LazyLock<[HashSet<&'static str>; 3]> =
    LazyLock::new(|| [COUNTS, DAYS, MONTHS].map(|list| list.split(' ').collect()));

/// Tells whether a folded word is a number, a day or a month. Digits in any script need no list.
pub(super) fn is_discriminator(word: &str) -> bool {
    has_digits(word) || WORDS.iter().any(|list| list.contains(word))
}

/// Tells whether a folded word is a number, in digits or in letters.
pub(super) fn is_count(word: &str) -> bool {
    let [counts, ..] = &*WORDS;
    has_digits(word) || counts.contains(word)
}

/// Tells whether a folded word is a month.
pub(super) fn is_month(word: &str) -> bool {
    let [.., months] = &*WORDS;
    months.contains(word)
}

/// Tells whether a word has digits, of whatever script.
fn has_digits(word: &str) -> bool {
    word.contains(char::is_numeric)
}

/// Numbers, folded and sorted, of the languages that `text` knows. What means something else in another of
/// them and is common there is left out, of all lists: "due", "sei". What is the number of a day, too
/// (Portuguese "segunda"), is a day.
const COUNTS: &str = "\
    acht cinco cinq cinque cuatro deux dez dieci diez dix dois dos douze dozens drei eight \
    eighteen eighth eleven elf fifteen fifth fifty first five forty four fourteen fourth \
    funf huit hundred hundreds neuf neun nine nineteen ninth nove nueve ocho oito one onze otto \
    quatre quatro quattro sechs second sete sette seven seventeen seventh sieben siete six sixteen \
    sixth sixty ten tenth third thirteen thirty thousands three tre tres trois twelve twenty two \
    vier zehn zwei zwolf восемь восьми два двух девяти девять десяти десять один одного пяти пять \
    семи семь трех три четыре четырех шести шесть आठ एक चार तीन दस दो पांच सात";

/// Days, and parts of them.
const DAYS: &str = "\
    dienstag dimanche domenica domingo donnerstag evening freitag friday giovedi jeudi jueves \
    lundi lunedi lunes mardi martedi martes matin mercoledi mercredi miercoles mittwoch monday \
    montag morning quarta quinta sabado sabato samedi samstag saturday segunda sexta soir sonntag \
    sunday terca thursday tuesday vendredi venerdi viernes wednesday воскресенье вторник \
    понедельник пятница среда суббота четверг गुरुवार बुधवार मंगलवार रविवार शनिवार शुक्रवार सोमवार";

/// Months.
const MONTHS: &str = "\
    abril agosto aout april aprile august avril december decembre dezember dezembro dicembre \
    diciembre enero febbraio febrero februar february fevereiro fevrier gennaio giugno janeiro januar \
    january janvier juillet juin julho juli julio july june junho juni junio luglio maggio maio \
    march marco mars marz marzo may mayo november novembre novembro noviembre october octobre \
    octubre oktober ottobre outubro september septembre septiembre setembro settembre августа \
    апреля декабря июля июня марта мая ноября октября сентября февраля января अक्टूबर अगस्त अप्रैल \
    जनवरी जुलाई जून दिसंबर नवंबर फरवरी सितंबर";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn the_lists_are_sorted_and_folded() {
        for list in [COUNTS, DAYS, MONTHS] {
            let words: Vec<&str> = list.split(' ').collect();
            assert!(words.is_sorted_by(|one, next| one < next));
            for word in words {
                assert_eq!(fold(word), word);
            }
        }
    }

    #[test]
    fn numbers_days_and_months_are_told_in_any_script() {
        for (word, expected) in [
            ("1,373", true),
            ("१२", true),
            ("twelve", true),
            ("marz", true),
            ("mercredi", true),
            ("вторник", true),
            ("due", false),
            ("moscow", false),
        ] {
            assert_eq!(is_discriminator(word), expected, "{word}");
        }
    }

    #[test]
    fn a_count_is_no_date() {
        for (word, is_a_count, is_a_month) in [
            ("12", true, false),
            ("twelve", true, false),
            ("march", false, true),
            ("марта", false, true),
            ("monday", false, false),
            ("moscow", false, false),
        ] {
            assert_eq!(
                (is_count(word), is_month(word)),
                (is_a_count, is_a_month),
                "{word}"
            );
        }
    }
}

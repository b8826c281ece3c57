//! Words that tell parts of a series, or states of an event, apart: numbers, days and months.

use std::collections::HashSet;
use std::sync::LazyLock;

/// The list, taken apart once.
static WORDS: LazyLock<HashSet<&'static str>> = LazyLock::new(|| LIST.split(' ').collect());

/// Tells whether a folded word is a number, a day or a month. Digits in any script need no list.
pub(super) fn is_discriminator(word: &str) -> bool {
    word.contains(|c: char| c.is_numeric()) || WORDS.contains(word)
}

/// Folded and sorted, of the languages that `text` knows. What means something else in another of them and
/// is common there is left out: "due", "sei".
const LIST: &str = "\
    abril acht agosto aout april aprile august avril cinco cinq cinque cuatro december decembre deux \
    dez dezember dezembro dicembre diciembre dieci dienstag diez dimanche dix dois domenica domingo \
    donnerstag dos douze dozens drei eight eighteen eighth eleven elf enero evening febbraio febrero \
    februar february fevereiro fevrier fifteen fifth fifty first five forty four fourteen fourth \
    freitag friday funf gennaio giovedi giugno huit hundred hundreds janeiro januar january janvier \
    jeudi jueves juillet juin julho juli julio july june junho juni junio luglio lundi lunedi lunes \
    maggio maio march marco mardi mars martedi martes marz marzo matin may mayo mercoledi mercredi \
    miercoles mittwoch monday montag morning neuf neun nine nineteen ninth nove november novembre \
    novembro noviembre nueve ocho october octobre octubre oito oktober one onze otto ottobre outubro \
    quarta quatre quatro quattro quinta sabado sabato samedi samstag saturday sechs second segunda \
    september septembre septiembre sete setembro sette settembre seven seventeen seventh sexta \
    sieben siete six sixteen sixth sixty soir sonntag sunday ten tenth terca third thirteen thirty \
    thousands three thursday tre tres trois tuesday twelve twenty two vendredi venerdi vier viernes \
    wednesday zehn zwei zwolf августа апреля восемь воскресенье восьми вторник два двух девяти \
    девять декабря десяти десять июля июня марта мая ноября один одного октября понедельник пяти \
    пятница пять семи семь сентября среда суббота трех три февраля четверг четыре четырех шести \
    шесть января अक्टूबर अगस्त अप्रैल आठ एक गुरुवार चार जनवरी जुलाई जून तीन दस दिसंबर दो नवंबर पांच \
    फरवरी बुधवार मंगलवार रविवार शनिवार शुक्रवार सात सितंबर सोमवार";

#[cfg(test)]
mod tests {
    use super::*;
    use crate::text::fold;

    #[test]
    fn the_list_is_sorted_and_folded() {
        let words: Vec<&str> = LIST.split(' ').collect();
        assert!(words.is_sorted_by(|one, next| one < next));
        for word in words {
            assert_eq!(fold(word), word);
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
}

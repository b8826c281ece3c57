//! Months by name.
//!
//! Words are matched whole: by prefix, Dutch `maandag` would be March and Spanish `martes` too. Where a
//! word is also a weekday elsewhere, the reader of the line decides; so a month tells how sure it is.

/// A month by number, and whether its name means nothing else.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Month {
    pub(super) number: i8,
    pub(super) is_sure: bool,
}

/// Words that are a weekday as well: French, Spanish and Italian Tuesday, Turkish Sunday, Serbian
/// Saturday, Ukrainian Wednesday.
const WEEKDAYS: [&str; 4] = ["mar", "paz", "sub", "сер"];

/// How the English months begin that no weekday begins like: a longer word of that kind is a slip
/// (`Febuary`) or a language that is not here.
const BEGINNINGS: [(&str, i8); 11] = [
    ("jan", 1),
    ("feb", 2),
    ("apr", 4),
    ("jun", 6),
    ("jul", 7),
    ("aug", 8),
    ("sep", 9),
    ("oct", 10),
    ("okt", 10),
    ("nov", 11),
    ("dec", 12),
];

/// The months of English, German, French, Spanish, Italian, Portuguese, Catalan, Romanian, Dutch, Danish,
/// Norwegian, Swedish, Finnish, Polish, Czech, Hungarian, Turkish, Indonesian, Russian, Ukrainian, Greek
/// and Hindi, folded, in the cases in which they stand in dates. Vietnamese numbers them (`units`). Croatian
/// is left out: half of its names are other months in Polish or Czech.
#[rustfmt::skip]
pub(super) const MONTHS: [&[&str]; 12] = [
    &[
        "jan", "january", "janner", "jaenner", "janv", "janvier", "januar", "januari", "ene", "enero", "gen", "genn",
        "gennaio", "gener", "janeiro", "ian", "ianuarie", "tammi", "tammikuu", "tammikuuta", "sty", "stycznia",
        "styczen", "led", "ledna", "leden", "oca", "ocak", "янв", "января", "январь", "січ", "січня", "січень", "ιαν",
        "ιανουαριου", "ιανουαριοσ", "जनवरी",
    ],
    &[
        "feb", "febr", "february", "februar", "feber", "fev", "fevr", "fevrier", "febrero", "febb", "febbraio",
        "fevereiro", "febrer", "februarie", "februari", "peb", "pebruari", "helmi", "helmikuu", "helmikuuta", "lut",
        "lutego", "luty", "uno", "unor", "unora", "sub", "subat", "фев", "февр", "февраля", "февраль", "лют",
        "лютого", "лютии", "φεβ", "φεβρ", "φεβρουαριου", "φεβρουαριοσ", "फरवरी", "फ\u{93C}रवरी",
    ],
    &[
        "mar", "march", "marz", "maerz", "mrz", "mars", "marzo", "mzo", "marco", "marc", "martie", "mart", "maart",
        "mrt", "marts", "maalis", "maaliskuu", "maaliskuuta", "marca", "marzec", "bre", "brezna", "brezen",
        "marcius", "maret", "marec", "мар", "марта", "март", "бер", "березня", "березень", "μαρ", "μαρτ", "μαρτιου",
        "μαρτιοσ", "मार्च",
    ],
    &[
        "apr", "april", "avr", "avril", "abr", "abril", "aprile", "aprilie", "huhti", "huhtikuu", "huhtikuuta", "kwi",
        "kwietnia", "kwiecien", "dub", "dubna", "duben", "aprilis", "nis", "nisan", "апр", "апреля", "апрель", "кві",
        "квіт", "квітня", "квітень", "απρ", "απριλιου", "απριλιοσ", "अप्रैल",
    ],
    &[
        "may", "mai", "mayo", "mag", "magg", "maggio", "maio", "maig", "mei", "maj", "touko", "toukokuu",
        "toukokuuta", "maja", "kve", "kvetna", "kveten", "majus", "mayis", "маи", "мая", "тра", "трав", "травня",
        "травень", "μαι", "μαιου", "μαιοσ", "मई",
    ],
    &[
        "jun", "june", "juni", "juin", "junio", "giu", "giugno", "junho", "juny", "iun", "iunie", "kesa", "kesakuu",
        "kesakuuta", "cze", "czerwca", "czerwiec", "cvn", "cervna", "cerven", "junius", "haz", "haziran", "июн",
        "июня", "июнь", "чер", "черв", "червня", "червень", "ιουν", "ιουνιου", "ιουνιοσ", "जून",
    ],
    &[
        "jul", "july", "juli", "juil", "juill", "juillet", "julio", "lug", "luglio", "julho", "juliol", "iul", "iulie",
        "heina", "heinakuu", "heinakuuta", "lip", "lipca", "lipiec", "cvc", "cervence", "cervenec", "julius", "tem",
        "temmuz", "июл", "июля", "июль", "лип", "липня", "липень", "ιουλ", "ιουλιου", "ιουλιοσ", "जुलाई",
    ],
    &[
        "aug", "august", "aout", "aou", "ago", "agosto", "ag", "agost", "augustus", "augusti", "avg", "avgust", "elo",
        "elokuu", "elokuuta", "sie", "sierpnia", "sierpien", "srp", "srpna", "srpen", "augusztus", "agu", "agustos",
        "agt", "ags", "agustus", "авг", "августа", "август", "сер", "серп", "серпня", "серпень", "αυγ", "αυγουστου",
        "αυγουστοσ", "अगस्त",
    ],
    &[
        "sep", "sept", "september", "septembre", "septiembre", "set", "setiembre", "sett", "settembre", "setembro",
        "setembre", "septembrie", "syys", "syyskuu", "syyskuuta", "wrz", "wrzesnia", "wrzesien", "zar", "zari",
        "szept", "szeptember", "eyl", "eylul", "сен", "сент", "сентября", "сентябрь", "вер", "верес", "вересня",
        "вересень", "σεπ", "σεπτ", "σεπτεμβριου", "σεπτεμβριοσ", "सितंबर", "सितम्बर",
    ],
    &[
        "oct", "october", "okt", "oktober", "octobre", "octubre", "ott", "ottobre", "out", "outubro", "octombrie",
        "loka", "lokakuu", "lokakuuta", "paz", "pazdz", "pazdziernika", "pazdziernik", "rij", "rijna", "rijen", "eki",
        "ekim", "окт", "октября", "октябрь", "жов", "жовт", "жовтня", "жовтень", "οκτ", "οκτωβριου", "οκτωβριοσ",
        "अक्टूबर", "अक्तूबर",
    ],
    &[
        "nov", "november", "novembre", "noviembre", "novembro", "noi", "noiembrie", "marras", "marraskuu",
        "marraskuuta", "lis", "listopada", "listopad", "listopadu", "kas", "kasim", "nop", "nopember", "ноя", "нояб",
        "ноября", "ноябрь", "лис", "лист", "листопада", "листопад", "νοε", "νοεμβριου", "νοεμβριοσ", "नवंबर",
        "नवम्बर",
    ],
    &[
        "dec", "december", "dez", "dezember", "decembre", "dic", "diciembre", "dicembre", "dezembro", "des",
        "desember", "desembre", "decembrie", "joulu", "joulukuu", "joulukuuta", "gru", "grudnia", "grudzien", "pro",
        "prosince", "prosinec", "ara", "aralik", "дек", "декабря", "декабрь", "гру", "груд", "грудня", "грудень",
        "δεκ", "δεκεμβριου", "δεκεμβριοσ", "दिसंबर", "दिसम्बर",
    ],
];

/// Returns the month that a folded word names.
pub(super) fn named(word: &str) -> Option<Month> {
    let numbered = (1_i8..).zip(MONTHS);
    let whole = numbered.filter(|(_, names)| names.contains(&word));
    let whole = whole.map(|(number, _)| number).next();
    let begun = || BEGINNINGS.iter().find(|(it, _)| word.starts_with(it));
    match whole {
        Some(number) => Some(Month {
            number,
            is_sure: !WEEKDAYS.contains(&word),
        }),
        None => begun().map(|&(_, number)| Month {
            number,
            is_sure: false,
        }),
    }
}

/// Returns the month of its English abbreviation in any case.
pub(super) fn abbreviated(word: &str) -> Option<i8> {
    const ENGLISH: [&str; 12] = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ];
    let mut numbered = (1_i8..).zip(ENGLISH);
    numbered
        .find(|(_, it)| it.eq_ignore_ascii_case(word))
        .map(|(number, _)| number)
}

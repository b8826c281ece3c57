//! Dates in the languages of those who publish.

use super::super::letters::folded;
use super::super::months::MONTHS;
use super::*;
use unicode_normalization::UnicodeNormalization;

/// Languages and their months, January first, as publishers write them.
pub(super) const LANGUAGES: &[(&str, &str)] = &[
    (
        "en",
        "January, February, March, April, May, June, July, August, September, October, \
         November, December",
    ),
    (
        "en, short",
        "Jan, Feb, Mar, Apr, May, Jun, Jul, Aug, Sept., Oct, Nov, Dec",
    ),
    (
        "de",
        "Januar, Februar, März, April, Mai, Juni, Juli, August, September, Oktober, November, \
         Dezember",
    ),
    (
        "de, short",
        "Jan., Feb., Mrz, Apr., Mai, Juni, Juli, Aug., Sept., Okt., Nov., Dez.",
    ),
    (
        "de, Austria",
        "Jänner, Feber, Maerz, April, Mai, Jun, Jul, Aug, Sep, Okt, Nov, Dez",
    ),
    (
        "fr",
        "janvier, février, mars, avril, mai, juin, juillet, août, septembre, octobre, novembre, \
         décembre",
    ),
    (
        "fr, short",
        "janv., févr., mars, avr., mai, juin, juil., août, sept., oct., nov., déc.",
    ),
    (
        "fr, capitals",
        "JANVIER, FÉVRIER, MARS, AVRIL, MAI, JUIN, JUILLET, AOÛT, SEPTEMBRE, OCTOBRE, NOVEMBRE, \
         DÉCEMBRE",
    ),
    (
        "es",
        "enero, febrero, marzo, abril, mayo, junio, julio, agosto, septiembre, octubre, \
         noviembre, diciembre",
    ),
    (
        "es, short",
        "ene, feb, mar, abr, may, jun, jul, ago, set, oct, nov, dic",
    ),
    (
        "it",
        "gennaio, febbraio, marzo, aprile, maggio, giugno, luglio, agosto, settembre, ottobre, \
         novembre, dicembre",
    ),
    (
        "it, short",
        "gen, feb, mar, apr, mag, giu, lug, ago, set, ott, nov, dic",
    ),
    (
        "pt",
        "janeiro, fevereiro, março, abril, maio, junho, julho, agosto, setembro, outubro, \
         novembro, dezembro",
    ),
    (
        "pt, short",
        "jan., fev., mar., abr., mai., jun., jul., ago., set., out., nov., dez.",
    ),
    (
        "ca",
        "gener, febrer, març, abril, maig, juny, juliol, agost, setembre, octubre, novembre, \
         desembre",
    ),
    (
        "ro",
        "ianuarie, februarie, martie, aprilie, mai, iunie, iulie, august, septembrie, \
         octombrie, noiembrie, decembrie",
    ),
    (
        "nl",
        "januari, februari, maart, april, mei, juni, juli, augustus, september, oktober, \
         november, december",
    ),
    (
        "nl, short",
        "jan, feb, mrt, apr, mei, jun, jul, aug, sep, okt, nov, dec",
    ),
    (
        "da",
        "januar, februar, marts, april, maj, juni, juli, august, september, oktober, november, \
         december",
    ),
    (
        "nb",
        "januar, februar, mars, april, mai, juni, juli, august, september, oktober, november, \
         desember",
    ),
    (
        "sv",
        "januari, februari, mars, april, maj, juni, juli, augusti, september, oktober, \
         november, december",
    ),
    (
        "fi",
        "tammikuuta, helmikuuta, maaliskuuta, huhtikuuta, toukokuuta, kesäkuuta, heinäkuuta, \
         elokuuta, syyskuuta, lokakuuta, marraskuuta, joulukuuta",
    ),
    (
        "pl",
        "stycznia, lutego, marca, kwietnia, maja, czerwca, lipca, sierpnia, września, \
         października, listopada, grudnia",
    ),
    (
        "pl, short",
        "sty, lut, mar, kwi, maj, cze, lip, sie, wrz, paź, lis, gru",
    ),
    (
        "cs",
        "ledna, února, března, dubna, května, června, července, srpna, září, října, listopadu, \
         prosince",
    ),
    (
        "hu",
        "január, február, március, április, május, június, július, augusztus, szeptember, \
         október, november, december",
    ),
    (
        "hu, short",
        "jan., febr., márc., ápr., máj., jún., júl., aug., szept., okt., nov., dec.",
    ),
    (
        "tr",
        "Ocak, Şubat, Mart, Nisan, Mayıs, Haziran, Temmuz, Ağustos, Eylül, Ekim, Kasım, Aralık",
    ),
    (
        "tr, short",
        "Oca, Şub, Mar, Nis, May, Haz, Tem, Ağu, Eyl, Eki, Kas, Ara",
    ),
    (
        "tr, capitals",
        "OCAK, ŞUBAT, MART, NİSAN, MAYIS, HAZİRAN, TEMMUZ, AĞUSTOS, EYLÜL, EKİM, KASIM, ARALIK",
    ),
    (
        "id",
        "Januari, Februari, Maret, April, Mei, Juni, Juli, Agustus, September, Oktober, \
         November, Desember",
    ),
    (
        "id, short",
        "Jan, Peb, Mar, Apr, Mei, Jun, Jul, Agu, Sep, Okt, Nop, Des",
    ),
    (
        "ru",
        "января, февраля, марта, апреля, мая, июня, июля, августа, сентября, октября, ноября, \
         декабря",
    ),
    (
        "ru, short",
        "янв., февр., мар., апр., май, июн., июл., авг., сент., окт., нояб., дек.",
    ),
    (
        "uk",
        "січня, лютого, березня, квітня, травня, червня, липня, серпня, вересня, жовтня, \
         листопада, грудня",
    ),
    (
        "uk, short",
        "січ, лют, бер, кві, тра, чер, лип, сер, вер, жов, лис, гру",
    ),
    (
        "el",
        "Ιανουαρίου, Φεβρουαρίου, Μαρτίου, Απριλίου, Μαΐου, Ιουνίου, Ιουλίου, Αυγούστου, \
         Σεπτεμβρίου, Οκτωβρίου, Νοεμβρίου, Δεκεμβρίου",
    ),
    (
        "el, short",
        "Ιαν, Φεβ, Μάρ, Απρ, Μάι, Ιούν, Ιούλ, Αύγ, Σεπ, Οκτ, Νοέ, Δεκ",
    ),
    (
        "hi",
        "जनवरी, फ़रवरी, मार्च, अप्रैल, मई, जून, जुलाई, अगस्त, सितंबर, अक्टूबर, नवंबर, दिसंबर",
    ),
    (
        "vi",
        "tháng 1, tháng 2, tháng 3, thg 4, thg 5, Tháng 6, Tháng 7, tháng 8, tháng 9, thg 10, \
         thg 11, tháng 12",
    ),
    (
        "vi, words",
        "tháng một, tháng hai, tháng ba, tháng tư, tháng năm, tháng sáu, tháng bảy, tháng tám, \
         tháng chín, tháng mười, tháng mười một, tháng mười hai",
    ),
];

/// Returns the months of a row of [`LANGUAGES`].
pub(super) fn names(months: &str) -> impl Iterator<Item = (i8, &str)> {
    (1..).zip(months.split(", "))
}

#[test]
fn every_month_of_every_language_is_read() {
    for (language, months) in LANGUAGES {
        assert_eq!(names(months).count(), 12, "{language}");
        for (number, name) in names(months) {
            let expected = format!("2024-{number:02}-05T09:00:00Z");
            for text in [
                format!("Mo., 5 {name} 2024 10:00:00 +0100"),
                format!("5. {name} 2024, 09:00"),
                format!("09:00 {name} 5, 2024"),
                format!("2024 {name} 5. 09:00").to_uppercase(),
                format!("5 {name} 2024 10:00:00 +0100").nfd().collect(),
            ] {
                let read = parse(&text).map(|it| it.to_string());
                assert_eq!(read.as_deref(), Some(&*expected), "{language}: {text}");
            }
        }
    }
}

#[test]
fn names_of_months_are_folded_and_stand_once() {
    let names: Vec<&str> = MONTHS.iter().flat_map(|it| it.iter().copied()).collect();
    for name in &names {
        assert_eq!(folded(name), *name);
        let times = names.iter().filter(|it| *it == name).count();
        assert_eq!(times, 1, "{name}");
    }
}

/// Weekdays that are months elsewhere, or begin like one.
#[test]
fn weekdays_are_no_months() {
    check(&[
        // French
        ("mar. 12 nov. 2024 10:00:00 +0100", "2024-11-12T09:00:00Z"),
        ("mar., 12 mars 2024 10:00:00 +0100", "2024-03-12T09:00:00Z"),
        ("mardi 3 décembre 2024", "2024-12-03T00:00:00Z"),
        ("mer., 3 janv. 2024 10:00:00 +0100", "2024-01-03T09:00:00Z"),
        (
            "dim., 1er sept. 2024 10:00:00 +0200",
            "2024-09-01T08:00:00Z",
        ),
        ("12 nov. 2024 (mar.)", "2024-11-12T00:00:00Z"),
        ("mar. 19/11/2024 10h30", "2024-11-19T10:30:00Z"),
        // Spanish
        ("mar 12 nov 2024 10:00", "2024-11-12T10:00:00Z"),
        ("mar 12 de noviembre de 2024", "2024-11-12T00:00:00Z"),
        ("mar 12 mar 2024", "2024-03-12T00:00:00Z"),
        ("mié, 05 jun 2024 10:00:00 +0200", "2024-06-05T08:00:00Z"),
        ("martes, 6 de agosto de 2024", "2024-08-06T00:00:00Z"),
        // Italian
        ("mar, 12 nov 2024 10:00:00 +0100", "2024-11-12T09:00:00Z"),
        (
            "martedì 12 novembre 2024, ore 10.30",
            "2024-11-12T10:30:00Z",
        ),
        ("mar. 12.03.2024", "2024-03-12T00:00:00Z"),
        ("gio, 11 lug 2024 10:00:00 +0200", "2024-07-11T08:00:00Z"),
        // Dutch
        ("ma, 04 mrt 2024 10:00:00 +0100", "2024-03-04T09:00:00Z"),
        ("maandag 6 mei 2024", "2024-05-06T00:00:00Z"),
        // Romanian
        ("marți, 12 noiembrie 2024", "2024-11-12T00:00:00Z"),
        // Turkish
        ("Paz, 21 Tem 2024 10:00:00 +0300", "2024-07-21T07:00:00Z"),
        ("Paz 21 Tem 2024", "2024-07-21T00:00:00Z"),
        // Serbian, Ukrainian
        ("sub 20. jul 2024 10:00", "2024-07-20T10:00:00Z"),
        ("сер, 14 лип 2024 10:00:00 +0300", "2024-07-14T07:00:00Z"),
        // Polish: neither a month nor the Pacific
        ("pt., 16 sie 2024 10:00:00 +0200", "2024-08-16T08:00:00Z"),
        // English
        ("Sat, 7 Sep 2024", "2024-09-07T00:00:00Z"),
        ("Mar, 22 Jul 2024 10:00:00 GMT", "2024-07-22T10:00:00Z"),
    ]);
}

#[test]
fn lines_are_read_as_publishers_write_them() {
    check(&[
        // German
        ("Mo., 22 Okt. 2024 10:00:00 +0200", "2024-10-22T08:00:00Z"),
        ("Mi, 04 Jan 2017 17:36:24 +0000", "2017-01-04T17:36:24Z"),
        ("Do, 22 Dez 2016 17:36:00 +0000", "2016-12-22T17:36:00Z"),
        ("Montag, 22. Juli 2024, 10:00 Uhr", "2024-07-22T10:00:00Z"),
        ("22. Juli 2024 10.30 Uhr", "2024-07-22T10:30:00Z"),
        ("Montag, 22. Juli 2024 10:00 MESZ", "2024-07-22T08:00:00Z"),
        // French
        ("lundi 22 juillet 2024 à 10 h 30", "2024-07-22T10:30:00Z"),
        ("Publié le 22 juillet 2024 à 10h30", "2024-07-22T10:30:00Z"),
        // Spanish, Portuguese, Italian
        ("lun, 05 ago 2024 10:00:00 +0200", "2024-08-05T08:00:00Z"),
        ("5 de agosto de 2024", "2024-08-05T00:00:00Z"),
        (
            "lunes, 22 de julio de 2024 8:56 p. m.",
            "2024-07-22T20:56:00Z",
        ),
        ("seg, 22 jul 2024 10:00:00 -0300", "2024-07-22T13:00:00Z"),
        ("1º de março de 2024 às 10h", "2024-03-01T10:00:00Z"),
        ("1° marzo 2024", "2024-03-01T00:00:00Z"),
        // Russian, Ukrainian
        ("Пн, 22 июл 2024 10:00:00 +0300", "2024-07-22T07:00:00Z"),
        (
            "понедельник, 22 июля 2024 г. в 10:00",
            "2024-07-22T10:00:00Z",
        ),
        ("22.07.2024 10:00 МСК", "2024-07-22T07:00:00Z"),
        ("Пн, 6 Май 2024 10:00:00 +0300", "2024-05-06T07:00:00Z"),
        ("22 липня 2024 р. о 10:00", "2024-07-22T10:00:00Z"),
        // Hungarian, Greek, Polish, Finnish
        ("2024-július-13T9:15-05:00", "2024-07-13T14:15:00Z"),
        ("2024. július 22., hétfő 10:00", "2024-07-22T10:00:00Z"),
        ("2024. júl. 22. 10.30", "2024-07-22T10:30:00Z"),
        ("Δευ, 22 Ιούλ 2024 10:00:00 EST", "2024-07-22T15:00:00Z"),
        ("22 Ιουλίου 2024, 8:56 μ.μ.", "2024-07-22T20:56:00Z"),
        ("22 lipca 2024 r., godz. 10:00", "2024-07-22T10:00:00Z"),
        ("22.7.2024 klo 10.30", "2024-07-22T10:30:00Z"),
        // Vietnamese, Hindi
        ("Thứ hai, 22/07/2024 - 10:00", "2024-07-22T10:00:00Z"),
        ("Thứ 2, 22/07/2024, 10:00", "2024-07-22T10:00:00Z"),
        ("Thứ 2, ngày 22 tháng 7 năm 2024", "2024-07-22T00:00:00Z"),
        ("२२ जुलाई २०२४ 10:00 IST", "2024-07-22T04:30:00Z"),
    ]);
}

#[test]
fn numbers_with_units_are_read() {
    check(&[
        // Chinese
        ("2024年7月22日 10:00", "2024-07-22T10:00:00Z"),
        ("2024年07月22日 10:00:05 +0800", "2024-07-22T02:00:05Z"),
        ("2024年7月22日星期一下午3:05", "2024-07-22T15:05:00Z"),
        ("2024年7月22日 上午12:05", "2024-07-22T00:05:00Z"),
        ("2024 年 7 月 22 日 星期一 10:00", "2024-07-22T10:00:00Z"),
        ("2024年7月22号 下午3点5分", "2024-07-22T15:05:00Z"),
        ("2024-07-22 下午 3:05", "2024-07-22T15:05:00Z"),
        ("２０２４年７月２２日　１０：００", "2024-07-22T10:00:00Z"),
        ("2024年7月", "2024-07-01T00:00:00Z"),
        // Japanese
        ("2024年7月22日(月) 10時05分30秒", "2024-07-22T10:05:30Z"),
        ("2024年7月22日 月曜日 午後3時", "2024-07-22T15:00:00Z"),
        ("2024/07/22(月) 10:00 JST", "2024-07-22T01:00:00Z"),
        // Korean
        ("2024년 7월 22일", "2024-07-22T00:00:00Z"),
        ("2024년 07월 22일 10:00:05", "2024-07-22T10:00:05Z"),
        ("2024년 7월 22일 월요일 오후 3:05", "2024-07-22T15:05:00Z"),
        ("2024년 7월 22일 (월) 오후 3시 5분", "2024-07-22T15:05:00Z"),
        ("2024-07-22 오전 12:05:00", "2024-07-22T00:05:00Z"),
        ("2024. 7. 22. 오후 3:05", "2024-07-22T15:05:00Z"),
    ]);
}

//! Which name was meant by one that is none.
//!
//! What is compared is bounded first: the distance of two words takes time in both their lengths, and a file may hold a
//! name as long as itself.

use super::aliases::Member;
use super::packs::PACKS;
use crate::text::fold;
use std::collections::BTreeMap;
use std::sync::LazyLock;

/// Longer names are not compared: no topic, alias or field has one.
const LONGEST: usize = 64;

/// Beyond that many slips another name was hardly meant.
const MAX_EDITS: usize = 2;

/// Characters of a name that are quoted.
const QUOTED: usize = 48;

/// Returns the known name that is nearest to one, if it is near.
pub(super) fn nearest<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    if name.len() > LONGEST {
        return None;
    }
    let known = known.filter(|known| known.len() <= LONGEST);
    let near = known.map(|known| (strsim::damerau_levenshtein(name, known), known));
    let near = near.filter(|(edits, known)| *edits <= MAX_EDITS && *edits < known.chars().count());
    near.min().map(|(_, known)| known)
}

/// Returns a name as it is quoted: cut where it is long.
pub(super) fn quoted(name: &str) -> String {
    match name.char_indices().nth(QUOTED) {
        Some((end, _)) => format!("{}..", name.get(..end).unwrap_or_default()),
        None => name.to_owned(),
    }
}

/// Returns the pack that is called by another name: by one of those that it lists, by a code, or by its own without or
/// with another folder.
pub(super) fn pack(name: &str) -> Option<&'static str> {
    if name.len() > LONGEST {
        return None;
    }
    let (folder, last) = name.rsplit_once('/').unwrap_or(("", name));
    let last = fold(last).replace(['-', '_'], " ");
    let is_there = |pack: &&&str| {
        let its = pack.rsplit_once('/').map_or("", |(folder, _)| folder);
        folder.is_empty() || its == folder
    };
    let named = |name: &str| {
        let packs = NAMES.get(name).into_iter().flatten();
        let mut packs = packs.filter(is_there).copied();
        let first = packs.next()?;
        packs.next().is_none().then_some(first)
    };
    let code = CODES.iter().find(|(_, codes)| codes.contains(&&*last));
    let code = code.map(|(country, _)| *country);
    let is_called = |pack: &&&str| {
        pack.rsplit('/')
            .next()
            .map(|it| it.replace('-', " "))
            .as_deref()
            == Some(&*last)
    };
    let called = || PACKS.keys().find(is_called).copied();
    let code = code.filter(|country| is_there(&country));
    code.or_else(|| named(&last)).or_else(called)
}

/// The packs that list a name, by that name as it is compared.
static NAMES: LazyLock<BTreeMap<String, Vec<&'static str>>> = LazyLock::new(|| {
    let mut names: BTreeMap<String, Vec<&'static str>> = BTreeMap::new();
    for (pack, members) in PACKS
        .iter()
        .filter(|(pack, _)| pack.starts_with("country/") || pack.starts_with("body/"))
    {
        for (_, member) in members {
            if let Member::Term(term) = member
                && !term.prefix
            {
                names.entry(fold(&term.text)).or_default().push(pack);
            }
        }
    }
    names
});

/// The countries of packs with their codes (ISO 3166-1, of two and of three letters) and another name or code that is in use.
const CODES: &[(&str, [&str; 3])] = &[
    ("country/afghanistan", ["af", "afg", "afg"]),
    ("country/albania", ["al", "alb", "alb"]),
    ("country/argentina", ["ar", "arg", "arg"]),
    ("country/armenia", ["am", "arm", "arm"]),
    ("country/australia", ["au", "aus", "aus"]),
    ("country/austria", ["at", "aut", "aut"]),
    ("country/azerbaijan", ["az", "aze", "aze"]),
    ("country/bahrain", ["bh", "bhr", "bhr"]),
    ("country/bangladesh", ["bd", "bgd", "bgd"]),
    ("country/belarus", ["by", "blr", "blr"]),
    ("country/belgium", ["be", "bel", "bel"]),
    ("country/bhutan", ["bt", "btn", "btn"]),
    ("country/bosnia", ["ba", "bih", "bosnia and herzegovina"]),
    ("country/brazil", ["br", "bra", "bra"]),
    ("country/bulgaria", ["bg", "bgr", "bgr"]),
    ("country/cambodia", ["kh", "khm", "khm"]),
    ("country/canada", ["ca", "can", "can"]),
    ("country/china", ["cn", "chn", "chn"]),
    ("country/colombia", ["co", "col", "col"]),
    ("country/croatia", ["hr", "hrv", "hrv"]),
    ("country/cuba", ["cu", "cub", "cub"]),
    ("country/cyprus", ["cy", "cyp", "cyp"]),
    ("country/czechia", ["cz", "cze", "czech republic"]),
    ("country/denmark", ["dk", "dnk", "dnk"]),
    ("country/egypt", ["eg", "egy", "egy"]),
    ("country/estonia", ["ee", "est", "est"]),
    ("country/ethiopia", ["et", "eth", "eth"]),
    ("country/finland", ["fi", "fin", "fin"]),
    ("country/france", ["fr", "fra", "fra"]),
    ("country/georgia", ["ge", "geo", "geo"]),
    ("country/germany", ["de", "deu", "deu"]),
    ("country/greece", ["gr", "grc", "grc"]),
    ("country/hungary", ["hu", "hun", "hun"]),
    ("country/iceland", ["is", "isl", "isl"]),
    ("country/india", ["in", "ind", "ind"]),
    ("country/indonesia", ["id", "idn", "idn"]),
    ("country/iran", ["ir", "irn", "irn"]),
    ("country/iraq", ["iq", "irq", "irq"]),
    ("country/ireland", ["ie", "irl", "irl"]),
    ("country/israel", ["il", "isr", "isr"]),
    ("country/italy", ["it", "ita", "ita"]),
    ("country/japan", ["jp", "jpn", "jpn"]),
    ("country/jordan", ["jo", "jor", "jor"]),
    ("country/kazakhstan", ["kz", "kaz", "kaz"]),
    ("country/kosovo", ["xk", "xkx", "xkx"]),
    ("country/kuwait", ["kw", "kwt", "kwt"]),
    ("country/kyrgyzstan", ["kg", "kgz", "kirghizia"]),
    ("country/latvia", ["lv", "lva", "lva"]),
    ("country/lebanon", ["lb", "lbn", "lbn"]),
    ("country/libya", ["ly", "lby", "lby"]),
    ("country/lithuania", ["lt", "ltu", "ltu"]),
    ("country/luxembourg", ["lu", "lux", "lux"]),
    ("country/malaysia", ["my", "mys", "mys"]),
    ("country/maldives", ["mv", "mdv", "mdv"]),
    ("country/mexico", ["mx", "mex", "mex"]),
    ("country/moldova", ["md", "mda", "mda"]),
    ("country/mongolia", ["mn", "mng", "mng"]),
    ("country/montenegro", ["me", "mne", "mne"]),
    ("country/myanmar", ["mm", "mmr", "burma"]),
    ("country/nepal", ["np", "npl", "npl"]),
    ("country/netherlands", ["nl", "nld", "holland"]),
    ("country/north-korea", ["kp", "prk", "dprk"]),
    ("country/north-macedonia", ["mk", "mkd", "macedonia"]),
    ("country/norway", ["no", "nor", "nor"]),
    ("country/oman", ["om", "omn", "omn"]),
    ("country/pakistan", ["pk", "pak", "pak"]),
    ("country/palestine", ["ps", "pse", "pse"]),
    ("country/philippines", ["ph", "phl", "phl"]),
    ("country/poland", ["pl", "pol", "pol"]),
    ("country/portugal", ["pt", "prt", "prt"]),
    ("country/qatar", ["qa", "qat", "qat"]),
    ("country/romania", ["ro", "rou", "rou"]),
    ("country/russia", ["ru", "rus", "russian federation"]),
    ("country/saudi-arabia", ["sa", "sau", "ksa"]),
    ("country/serbia", ["rs", "srb", "srb"]),
    ("country/singapore", ["sg", "sgp", "sgp"]),
    ("country/slovakia", ["sk", "svk", "svk"]),
    ("country/slovenia", ["si", "svn", "svn"]),
    ("country/south-africa", ["za", "zaf", "zaf"]),
    ("country/south-korea", ["kr", "kor", "korea"]),
    ("country/spain", ["es", "esp", "esp"]),
    ("country/sri-lanka", ["lk", "lka", "ceylon"]),
    ("country/sudan", ["sd", "sdn", "sdn"]),
    ("country/sweden", ["se", "swe", "swe"]),
    ("country/switzerland", ["ch", "che", "che"]),
    ("country/syria", ["sy", "syr", "syr"]),
    ("country/taiwan", ["tw", "twn", "twn"]),
    ("country/tajikistan", ["tj", "tjk", "tjk"]),
    ("country/thailand", ["th", "tha", "tha"]),
    ("country/turkey", ["tr", "tur", "turkiye"]),
    ("country/turkmenistan", ["tm", "tkm", "tkm"]),
    ("country/ukraine", ["ua", "ukr", "ukr"]),
    ("country/united-arab-emirates", ["ae", "are", "uae"]),
    ("country/united-kingdom", ["gb", "gbr", "uk"]),
    (
        "country/united-states",
        ["us", "usa", "united states of america"],
    ),
    ("country/uzbekistan", ["uz", "uzb", "uzb"]),
    ("country/venezuela", ["ve", "ven", "ven"]),
    ("country/vietnam", ["vn", "vnm", "vnm"]),
    ("country/yemen", ["ye", "yem", "yem"]),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn packs_are_found_by_other_names() {
        for (name, expected) in [
            ("country/usa", Some("country/united-states")),
            ("country/us", Some("country/united-states")),
            ("country/America", Some("country/united-states")),
            ("country/in", Some("country/india")),
            ("country/uk", Some("country/united-kingdom")),
            ("country/britain", Some("country/united-kingdom")),
            ("country/UAE", Some("country/united-arab-emirates")),
            ("country/russian_federation", Some("country/russia")),
            ("country/south_korea", Some("country/south-korea")),
            ("country/holland", Some("country/netherlands")),
            ("country/Россия", Some("country/russia")),
            ("india", Some("country/india")),
            ("rus", Some("country/russia")),
            ("body/country/usa", None),
            ("country/atlantis", None),
            ("", None),
        ] {
            assert_eq!(pack(name), expected, "{name}");
        }
    }

    #[test]
    fn each_country_has_codes_of_its_own() {
        let countries = PACKS.keys().filter(|pack| pack.starts_with("country/"));
        assert!(countries.eq(CODES.iter().map(|(country, _)| country)));
        let mut codes: Vec<&str> = CODES.iter().flat_map(|(_, codes)| codes).copied().collect();
        codes.sort_unstable();
        // The third repeats the second where there is no other.
        codes.dedup();
        let of = |code: &&str| {
            CODES
                .iter()
                .filter(|(_, codes)| codes.contains(code))
                .count()
        };
        assert!(codes.iter().all(|code| of(code) == 1));
    }

    #[test]
    fn what_is_as_long_as_a_file_is_compared_with_nothing() {
        let name = "a".repeat(1 << 24);
        assert_eq!(nearest(&name, ["a"].into_iter()), None);
        assert_eq!(pack(&name), None);
        assert_eq!(quoted(&name).len(), QUOTED + 2);
        assert_eq!(nearest("oli", ["oil", "gas"].into_iter()), Some("oil"));
    }
}

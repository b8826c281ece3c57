//! Time zones by their names: of the machine's tz database, else of the one built in.
//!
//! The machine's goes first, because governments change clocks at a month's notice and distributions
//! follow faster than binaries. The one built in is for where there is none, as in many containers, and
//! for names that some distributions leave out (`US/Eastern`). Each reading of a file looks anew: after a
//! reload the rules are those of that day.
//!
//! The environment has no say: neither `TZ` nor `TZDIR` is looked at, so that `check` and the service
//! read a file alike.

use super::names::{shown, similar};
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::table::Table;
use jiff::tz::{TimeZone, TimeZoneDatabase};
use std::cell::OnceCell;
use std::path::{Path, PathBuf};
use toml::Spanned;

/// Where systems have the database; the second is that of NixOS.
const DIRECTORIES: [&str; 2] = ["/usr/share/zoneinfo", "/etc/zoneinfo"];

/// The zones that a file may name.
pub(super) struct Zones {
    directories: Vec<PathBuf>,
    /// Opened when a file names its first zone: that takes a walk over the directory.
    machine: OnceCell<Option<TimeZoneDatabase>>,
}

impl Zones {
    /// Returns the zones of this machine, and those built in.
    pub(super) fn of_this_machine() -> Self {
        Self::of(&DIRECTORIES)
    }

    /// Returns the zones of the first of some directories that has any, and those built in.
    fn of(directories: &[impl AsRef<Path>]) -> Self {
        let directories = directories.iter().map(|path| path.as_ref().to_owned());
        Self {
            directories: directories.collect(),
            machine: OnceCell::new(),
        }
    }

    /// Returns the zone of a name, in whatever case; `None` when there is none.
    fn get(&self, name: &str) -> Option<TimeZone> {
        let built_in = TimeZoneDatabase::bundled().get(name).ok();
        // `localtime` and `posixrules` stand among the zones, and are what this machine is set to.
        if built_in.is_none() && !name.contains('/') {
            return None;
        }
        let machine = self.machine().and_then(|zones| zones.get(name).ok());
        let zone = machine.or(built_in);
        zone.filter(|zone| !zone.is_unknown())
    }

    fn machine(&self) -> Option<&TimeZoneDatabase> {
        let open = |path: &PathBuf| TimeZoneDatabase::from_dir(path).ok();
        let machine = || self.directories.iter().find_map(open);
        self.machine.get_or_init(machine).as_ref()
    }
}

/// Reads `timezone`.
pub(super) fn timezone<'a>(
    table: &mut Table<'a>,
    reading: &mut Reading<'a>,
) -> Option<Spanned<TimeZone>> {
    let text = table.string("timezone", "Europe/Paris", reading)?;
    if let Some(zone) = reading.zones.get(&text.value) {
        if let Some(fault) = fixed(&text.value) {
            reading.report(text.span.clone(), fault);
        }
        return Some(Spanned::new(text.span, zone));
    }
    let message = format!("there is no time zone `{}`", shown(&text.value));
    // Looking for similar names is dear, and more are not listed.
    let help = if reading.is_full() {
        String::new()
    } else {
        meant(&text.value)
    };
    reading.report(text.span, Fault::new(Code::BadTimezone, message, help));
    None
}

/// Tells of a zone that has no summer time, where people who write its name have one, or that has its sign the wrong way
/// round, as POSIX has it.
fn fixed(name: &str) -> Option<Fault> {
    /// Letters that stand for half of the year where they are in use.
    const LETTERS: [(&str, &str); 2] = [("EST", "America/New_York"), ("MST", "America/Denver")];
    let place = LETTERS
        .iter()
        .find(|(letters, _)| name.eq_ignore_ascii_case(letters));
    if let Some((letters, place)) = place {
        let message = format!("`{letters}` has no summer time: it is one offset all year");
        let help = format!("write `{place}`, whose clocks are changed");
        return Some(Fault::new(Code::FixedTimezone, message, help));
    }
    let (area, offset) = name.split_at_checked("Etc/GMT".len())?;
    let (sign, hours) = offset.split_at_checked(1)?;
    let side = match sign {
        _ if !area.eq_ignore_ascii_case("Etc/GMT") || hours == "0" => return None,
        "+" => "behind",
        "-" => "ahead of",
        _ => return None,
    };
    let message = format!("`{}` is {hours} h {side} UTC, all year", shown(name));
    let help = "write the name of a place: `Europe/Paris`, `America/New_York`";
    Some(Fault::new(Code::FixedTimezone, message, help))
}

/// Returns help for a name that is no zone's. It is found by its place, since that is what people know:
/// `Kolkata`, `New York`, `Europe/Kolkata`.
fn meant(name: &str) -> String {
    let (area, place) = parted(name);
    let place = place.to_lowercase().replace([' ', '-'], "_");
    // The first letter is seldom wrong, and leaves a few dozen of six hundred.
    let initial = place.chars().next();
    let zones: Vec<(String, String)> = TimeZoneDatabase::bundled()
        .available()
        .map(|zone| zone.as_str().to_owned())
        // No places are `EST5EDT` and, with its sign the wrong way round, `Etc/GMT+2`.
        .filter(|zone| zone.contains('/') && !zone.starts_with("Etc/"))
        .map(|zone| (parted(&zone).1.to_lowercase(), zone))
        .filter(|(place, _)| place.chars().next() == initial)
        .collect();
    let places: Vec<&str> = zones.iter().map(|(place, _)| place.as_str()).collect();
    let found = similar(&place, &places);
    let zones = zones.iter().filter(|(place, _)| found == Some(place));
    match zones.min_by_key(|(_, zone)| !parted(zone).0.eq_ignore_ascii_case(area)) {
        Some((_, zone)) => format!("did you mean `{zone}`?"),
        None => {
            "write the name of a place: `Europe/Paris`, `America/New_York`, or `UTC`".to_owned()
        }
    }
}

/// Parts the name of a zone into its area, which may be empty, and its place.
fn parted(name: &str) -> (&str, &str) {
    name.rsplit_once('/').unwrap_or(("", name))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes the file of a zone that is always some hours ahead of UTC (`TZif`, RFC 9636).
    fn tzif(hours: u8) -> Vec<u8> {
        let counts: [u32; 6] = [0, 0, 0, 0, 1, 2];
        let mut block = b"TZif2".to_vec();
        block.extend([0; 15]);
        block.extend(counts.map(u32::to_be_bytes).concat());
        block.extend((u32::from(hours) * 3600).to_be_bytes());
        block.extend([0, 0, b'X', 0]);
        let footer = format!("\n<+{hours:02}>-{hours}\n");
        [block.clone(), block, footer.into_bytes()].concat()
    }

    /// Returns the hours that the clock of a zone is ahead of UTC on a day of January.
    fn hours(zones: &Zones, name: &str) -> Option<i32> {
        let day = "2026-01-15T12:00:00Z".parse().unwrap();
        let zone = zones.get(name)?;
        Some(zone.to_offset(day).seconds() / 3600)
    }

    #[test]
    fn the_machine_goes_before_what_is_built_in() {
        let machine = tempfile::tempdir().unwrap();
        let write = |name: &str, bytes: &[u8]| {
            let path = machine.path().join(name);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, bytes).unwrap();
        };
        write("Europe/Paris", &tzif(7));
        write("Moon/Tycho", &tzif(3));
        write("Europe/Rome", b"broken");
        write("localtime", &tzif(5));

        let nowhere = machine.path().join("nowhere");
        let zones = Zones::of(&[nowhere.as_path(), machine.path()]);
        for (name, expected) in [
            ("Europe/Paris", Some(7)),
            ("europe/paris", Some(7)),
            ("Moon/Tycho", Some(3)),
            ("Europe/Rome", Some(1)),
            ("Asia/Tokyo", Some(9)),
            ("US/Eastern", Some(-5)),
            ("UTC", Some(0)),
            ("localtime", None),
            ("Etc/Unknown", None),
            ("../localtime", None),
            ("Moon/Apollo", None),
            ("", None),
        ] {
            assert_eq!(hours(&zones, name), expected, "{name}");
        }
    }

    #[test]
    fn without_a_database_there_is_the_one_built_in() {
        let zones = Zones::of(&[Path::new("/no/such/directory")]);
        assert_eq!(hours(&zones, "Europe/Paris"), Some(1));
        assert_eq!(hours(&zones, "Moon/Tycho"), None);
    }

    #[test]
    fn places_are_what_people_know() {
        for (name, expected) in [
            ("Kolkata", Some("Asia/Kolkata")),
            ("Europe/Pari", Some("Europe/Paris")),
            ("Europ/Paris", Some("Europe/Paris")),
            ("europe/berlim", Some("Europe/Berlin")),
            ("New York", Some("America/New_York")),
            ("America/New-York", Some("America/New_York")),
            ("Europe/Istambul", Some("Europe/Istanbul")),
            ("GMT+2", None),
            ("IST", None),
            ("+02:00", None),
            ("", None),
        ] {
            let help = meant(name);
            match expected {
                Some(zone) => assert_eq!(help, format!("did you mean `{zone}`?"), "{name}"),
                None => assert!(help.starts_with("write the name"), "{name}: {help}"),
            }
        }
    }
}

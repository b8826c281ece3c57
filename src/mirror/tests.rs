//! A directory of files through its life: what is written, kept, removed, and never touched.

use super::{
    Digest, File, LIST, MirrorError, Owner, Written, behind, clear_out, held, identity, is_theirs,
    refuse_others, refuse_others_beneath, sign,
};
use jiff::Timestamp;
use std::cell::Cell;
use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use tempfile::TempDir;

const AT: &str = "2026-11-25T10:00:00.75Z";

fn digest(text: &str) -> Digest {
    *blake3::hash(text.as_bytes()).as_bytes()
}

fn file(name: &str, text: &'static str) -> File<'static> {
    File {
        name: name.to_owned(),
        digest: digest(text),
        modified_at: AT.parse().unwrap(),
        content: Box::new(|| Ok(text.into())),
    }
}

fn write(directory: &Path, files: &[File<'_>]) -> Result<Written, MirrorError> {
    super::write(directory, files, &|| {})
}

/// Returns what was written, removed and kept.
fn put(directory: &Path, files: &[(&str, &'static str)]) -> (usize, usize, usize) {
    let files: Vec<File<'_>> = files.iter().map(|(name, text)| file(name, text)).collect();
    let Written {
        written,
        removed,
        kept,
    } = write(directory, &files).unwrap();
    (written, removed, kept)
}

/// All files of a directory with their content, but for the list.
fn content(directory: &Path) -> BTreeMap<String, String> {
    fn walk(base: &Path, directory: &Path, found: &mut BTreeMap<String, String>) {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(base, &path, found);
                continue;
            }
            let name = path.strip_prefix(base).unwrap().to_string_lossy();
            found.insert(name.into_owned(), fs::read_to_string(&path).unwrap());
        }
    }
    let mut found = BTreeMap::new();
    walk(directory, directory, &mut found);
    found.remove(LIST);
    found
}

fn names(directory: &Path) -> Vec<String> {
    content(directory).into_keys().collect()
}

#[test]
fn files_are_written_once_and_removed_when_they_are_wanted_no_more() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("srv/www");
    assert_eq!(
        put(&www, &[("all.atom", "a"), ("index.html", "i")]),
        (2, 0, 0)
    );
    assert_eq!(
        put(&www, &[("all.atom", "a"), ("index.html", "i")]),
        (0, 0, 2)
    );
    assert_eq!(
        put(&www, &[("all.atom", "b"), ("index.html", "i")]),
        (1, 0, 1)
    );
    assert_eq!(content(&www)["all.atom"], "b");
    assert_eq!(put(&www, &[("index.html", "i")]), (0, 1, 1));
    assert_eq!(names(&www), ["index.html"]);
    assert_eq!(put(&www, &[]), (0, 1, 0));
    assert!(www.is_dir() && names(&www).is_empty());
}

#[test]
fn files_may_lie_deeper_and_their_directories_go_with_them() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(www, &[("all/2026/11.atom", "a"), ("all/2026/10.atom", "b")]);
    put(www, &[("all/2026/11.atom", "a")]);
    assert_eq!(names(www), ["all/2026/11.atom"]);
    fs::write(www.join("all/notes.txt"), "mine").unwrap();
    put(www, &[]);
    assert_eq!(names(www), ["all/notes.txt"]);
    assert!(!www.join("all/2026").exists());
}

#[test]
fn all_may_read_them_and_their_date_is_that_of_the_document() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("www");
    put(&www, &[("all.atom", "a")]);
    let metadata = fs::metadata(www.join("all.atom")).unwrap();
    assert_eq!(metadata.permissions().mode() & 0o777, 0o644);
    let modified: Timestamp = metadata.modified().unwrap().try_into().unwrap();
    assert_eq!(modified, "2026-11-25T10:00:00Z".parse().unwrap());
    let directory = fs::metadata(&www).unwrap();
    assert_eq!(directory.permissions().mode() & 0o777, 0o755);
}

#[test]
fn what_others_wrote_is_neither_changed_nor_removed() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    fs::write(www.join("robots.txt"), "theirs").unwrap();
    fs::write(www.join("index.html"), "theirs").unwrap();
    put(www, &[("all.atom", "a")]);
    let both = [file("all.atom", "b"), file("index.html", "i")];
    let refused = write(www, &both).unwrap_err();
    assert!(matches!(refused, MirrorError::Foreign(_)), "{refused}");
    assert!(refused.to_string().contains("index.html"), "{refused}");
    assert_eq!(content(www)["all.atom"], "a", "nothing was changed");
    assert_eq!(content(www)["index.html"], "theirs");
    let theirs = ["all.atom", "index.html", "new.atom"].map(|name| is_theirs(www, name));
    assert_eq!(theirs, [false, true, false]);
    put(www, &[]);
    assert_eq!(names(www), ["index.html", "robots.txt"]);
}

#[test]
fn what_is_the_same_already_is_taken_for_ours() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(www, &[("all.atom", "a")]);
    fs::remove_file(www.join(LIST)).unwrap();
    assert_eq!(put(www, &[("all.atom", "a")]), (1, 0, 0));
    fs::remove_file(www.join(LIST)).unwrap();
    let refused = write(www, &[file("all.atom", "b")]).unwrap_err();
    assert!(matches!(refused, MirrorError::Foreign(_)), "{refused}");
}

#[test]
fn what_of_ours_was_changed_or_removed_is_put_right() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    let files = [("all.atom", "a"), ("all.rss", "r")];
    put(www, &files);
    fs::write(www.join("all.atom"), "scribbled").unwrap();
    fs::remove_file(www.join("all.rss")).unwrap();
    assert_eq!(put(www, &files), (2, 0, 0));
    assert_eq!(content(www)["all.atom"], "a");
    // One that is gone already is no fault.
    fs::remove_file(www.join("all.rss")).unwrap();
    assert_eq!(put(www, &files[..1]), (0, 1, 1));
}

#[test]
fn what_a_killed_run_left_is_cleared_away() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(www, &[("deep/all.atom", "a")]);
    fs::write(www.join("deep/.merganser-x1.new"), "half").unwrap();
    fs::write(www.join("deep/.merganser-notes"), "theirs").unwrap();
    put(www, &[("deep/all.atom", "a")]);
    assert_eq!(names(www), ["deep/.merganser-notes", "deep/all.atom"]);
}

/// A directory beneath may be another mirror's, who is writing there.
#[test]
fn what_another_is_writing_beneath_is_left_alone() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(www, &[("ours/all.atom", "a"), ("both/all.atom", "a")]);
    put(&www.join("theirs"), &[("all.atom", "b")]);
    put(&www.join("both"), &[("rain.atom", "b")]);
    fs::create_dir(www.join("new")).unwrap();
    let half = [
        "theirs/.merganser-x.new",
        "both/.merganser-x.new",
        "new/.merganser-x.new",
    ];
    for name in half
        .into_iter()
        .chain(["ours/.merganser-x.new", ".merganser-x.new"])
    {
        fs::write(www.join(name), "half").unwrap();
    }
    put(www, &[("ours/all.atom", "a"), ("both/all.atom", "a")]);
    let left = names(www);
    let left: Vec<&String> = left.iter().filter(|name| name.contains(".new")).collect();
    let mut half = half.to_vec();
    half.sort_unstable();
    assert_eq!(left, half);
}

#[test]
fn what_stands_there_as_it_was_written_is_known_with_its_date() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(
        www,
        &[
            ("all.atom", "a"),
            ("deep/rain.atom", "r"),
            ("gone.atom", "g"),
            ("other.atom", "o"),
        ],
    );
    fs::remove_file(www.join("gone.atom")).unwrap();
    fs::write(www.join("other.atom"), "theirs").unwrap();
    let at: Timestamp = "2026-11-25T10:00:00Z".parse().unwrap();
    let known = BTreeMap::from([
        ("all.atom".to_owned(), (digest("a"), at)),
        ("deep/rain.atom".to_owned(), (digest("r"), at)),
    ]);
    assert_eq!(held(www), known);
    assert!(held(&www.join("none")).is_empty());
}

#[test]
fn names_stay_beneath_the_directory() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("www");
    for name in [
        "", "/etc/x", "../x", "a/../x", "a//b", ".x", LIST, "a/", "a b", "a\0",
    ] {
        let refused = write(&www, &[file(name, "x")]).unwrap_err();
        assert!(
            matches!(refused, MirrorError::Name(_)),
            "{name:?}: {refused}"
        );
    }
    assert!(!www.exists());
}

#[test]
fn a_link_is_replaced_and_not_followed() {
    let place = TempDir::new().unwrap();
    let (www, secret) = (place.path().join("www"), place.path().join("secret"));
    put(&www, &[("all.atom", "a")]);
    fs::write(&secret, "theirs").unwrap();
    fs::remove_file(www.join("all.atom")).unwrap();
    std::os::unix::fs::symlink(&secret, www.join("all.atom")).unwrap();
    put(&www, &[("all.atom", "a")]);
    assert_eq!(fs::read_to_string(secret).unwrap(), "theirs");
    let metadata = fs::symlink_metadata(www.join("all.atom")).unwrap();
    assert!(metadata.is_file());
}

/// What cannot be written is told with its name, what is there is whole, and the next time goes on.
#[test]
fn a_fault_leaves_whole_files_and_is_recovered_from() {
    let place = TempDir::new().unwrap();
    let www = place.path();
    put(www, &[("a.atom", "old"), ("c.atom", "old")]);
    // A directory stands where a file is to be, which nobody can rename a file over.
    fs::create_dir_all(www.join("b.atom/x")).unwrap();
    fs::remove_file(www.join(LIST)).unwrap();
    let text = format!(
        "files that merganser wrote and will remove, 1\n{} a.atom\n{} b.atom\n{} c.atom\n",
        blake3::hash(b"old"),
        blake3::hash(b"old"),
        blake3::hash(b"old"),
    );
    fs::write(www.join(LIST), text).unwrap();
    let files = || {
        [
            file("a.atom", "new"),
            file("b.atom", "new"),
            file("c.atom", "new"),
        ]
    };
    let error = write(www, &files()).unwrap_err();
    assert!(error.to_string().contains("cannot write"), "{error}");
    assert!(error.to_string().contains("b.atom"), "{error}");
    assert_eq!(content(www)["a.atom"], "new");
    assert_eq!(content(www)["c.atom"], "old");
    assert_eq!(names(www), ["a.atom", "c.atom"], "nothing half-written");
    fs::remove_dir_all(www.join("b.atom")).unwrap();
    write(www, &files()).unwrap();
    assert!(content(www).into_values().all(|text| text == "new"));
}

#[test]
fn a_directory_that_cannot_be_one_is_told() {
    let place = TempDir::new().unwrap();
    let path = place.path().join("file");
    fs::write(&path, "theirs").unwrap();
    for directory in [path.clone(), path.join("below")] {
        let error = write(&directory, &[file("all.atom", "a")]).unwrap_err();
        assert!(error.to_string().starts_with("cannot make"), "{error}");
    }
    fs::create_dir(place.path().join("www")).unwrap();
    fs::write(place.path().join("www").join(LIST), "shopping: milk").unwrap();
    let error = write(&place.path().join("www"), &[]).unwrap_err();
    assert!(matches!(error, MirrorError::List(_)), "{error}");
}

#[test]
fn content_is_made_only_where_it_is_written() {
    let place = TempDir::new().unwrap();
    let made = Cell::new(0);
    for expected in [1, 1] {
        let file = File {
            content: Box::new(|| {
                made.set(made.get() + 1);
                Ok("a".into())
            }),
            ..file("all.atom", "a")
        };
        write(place.path(), &[file]).unwrap();
        assert_eq!(made.get(), expected);
    }
}

#[test]
fn what_is_behind_is_found_without_a_touch() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("www");
    let wanted = |texts: [&str; 2]| {
        let names = ["all.atom", "all.rss"].map(str::to_owned);
        let documents: BTreeMap<String, Digest> =
            names.into_iter().zip(texts.map(digest)).collect();
        behind(&www, &documents)
    };
    assert_eq!(wanted(["a", "r"]), ["all.atom", "all.rss"]);
    assert!(!www.exists());
    put(
        &www,
        &[("all.atom", "a"), ("all.rss", "r"), ("old.rss", "o")],
    );
    assert!(wanted(["a", "r"]).is_empty());
    assert_eq!(wanted(["a", "s"]), ["all.rss"]);
}

#[test]
fn what_is_for_nobody_any_more_goes_first() {
    let directory = TempDir::new().unwrap();
    let path = directory.path();
    put(path, &[("all.atom", "1"), ("gone.atom", "2")]);
    fs::write(path.join("new.atom"), "somebody's").unwrap();
    let files = [file("all.atom", "1"), file("new.atom", "3")];
    let fault = write(path, &files).unwrap_err();
    assert!(matches!(fault, MirrorError::Foreign(_)), "{fault}");
    assert_eq!(names(path), ["all.atom", "new.atom"]);
}

#[test]
fn directories_that_are_links_lead_nowhere() {
    let directory = TempDir::new().unwrap();
    let elsewhere = TempDir::new().unwrap();
    let path = directory.path();
    put(path, &[("all.atom", "1"), ("deep/a.atom", "2")]);
    fs::remove_dir_all(path.join("deep")).unwrap();
    std::os::unix::fs::symlink(elsewhere.path(), path.join("deep")).unwrap();
    fs::write(elsewhere.path().join("a.atom"), "not ours").unwrap();
    let fault = write(path, &[file("deep/a.atom", "3")]).unwrap_err();
    assert!(matches!(fault, MirrorError::Foreign(_)), "{fault}");
    put(path, &[("all.atom", "1")]);
    assert_eq!(
        fs::read_to_string(elsewhere.path().join("a.atom")).unwrap(),
        "not ours"
    );
}

#[test]
fn a_list_that_is_no_file_is_told() {
    let directory = TempDir::new().unwrap();
    fs::create_dir(directory.path().join(LIST)).unwrap();
    let fault = write(directory.path(), &[file("all.atom", "1")]).unwrap_err();
    assert!(fault.to_string().contains("it is no file"), "{fault}");
}

/// Who waits for a directory that is slow knows that it gets on, though nothing is written.
#[test]
fn each_file_that_is_looked_at_written_or_removed_is_seen() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("www");
    let names: Vec<String> = (0..40).map(|number| format!("{number}.atom")).collect();
    let files: Vec<File<'_>> = names.iter().map(|name| file(name, "a")).collect();
    let seen = Cell::new(0);
    let see = || seen.set(seen.get() + 1);
    super::extend(&www, &files, &see).unwrap();
    assert!(seen.replace(0) >= 80, "looked at and written");
    super::extend(&www, &files, &see).unwrap();
    assert!(seen.replace(0) >= 40, "looked at");
    super::prune(&www, (&[], &|_| false), &see).unwrap();
    assert!(seen.replace(0) >= 40, "removed");
    super::extend(&www, &files, &see).unwrap();
    seen.set(0);
    clear_out(&www, &|name| name.ends_with('x'), &see).unwrap();
    assert_eq!(seen.get(), 0, "of somebody else");
    clear_out(&www, &|_| true, &see).unwrap();
    assert!(seen.get() >= 40, "removed with the directory");
}

#[test]
fn a_directory_is_one_however_it_is_spelled() {
    let place = TempDir::new().unwrap();
    let (www, other) = (place.path().join("www"), place.path().join("other"));
    let one = identity(&www).unwrap();
    std::os::unix::fs::symlink(&www, place.path().join("link")).unwrap();
    assert!(identity(&other).unwrap() != one);
    for spelling in ["link", "other/../www", "./www", "www/."] {
        let spelled = identity(&place.path().join(spelling)).unwrap();
        assert_eq!(spelled, one, "{spelling}");
    }
}

/// What another wrote is left as it is; of one that was moved or begun anew nothing is another's, nor where nobody says whose
/// it is.
#[test]
fn a_directory_of_another_is_refused() {
    let place = TempDir::new().unwrap();
    let www = place.path().join("www");
    let one = Owner::new("a.example,2026-11-24", "/srv/a");
    let another = Owner::new("a.example,2026-11-25", "/srv/b");
    let is_refused = |owner: &Owner| refuse_others(&www, owner).is_err();
    sign(&www, &one).unwrap();
    assert!(!www.exists() && !is_refused(&another), "nothing is there");
    put(&www, &[("all.atom", "a")]);
    assert!(!is_refused(&another), "nobody says");
    sign(&www, &one).unwrap();
    put(&www, &[("all.atom", "b"), ("all.rss", "r")]);
    let refused = refuse_others(&www, &another).unwrap_err().to_string();
    for part in ["a.example,2026-11-24 at /srv/a", LIST, "second line"] {
        assert!(refused.contains(part), "{refused}");
    }
    let moved = Owner::new("a.example,2026-11-24", "/srv/c");
    let anew = Owner::new("c.example,2026-11-26", "/srv/a");
    assert!(![&one, &moved, &anew].into_iter().any(is_refused));
    sign(&www, &moved.at_home("5a1c")).unwrap();
    assert!(is_refused(&anew), "it says where it is now");
    assert!(is_refused(&anew.clone().at_home("77e0")));
    assert!(!is_refused(&anew.at_home("5a1c")), "found elsewhere now");
    put(&www, &[]);
    assert!(!is_refused(&another), "nothing is left");
    sign(&www, &another).unwrap();
    put(&www, &[("all.atom", "a")]);
    assert!(is_refused(&one));
}

/// What lies beneath a directory as a part of it goes with it, and is nobody else's.
#[test]
fn a_part_of_a_directory_is_whose_the_whole_is() {
    let place = TempDir::new().unwrap();
    let (www, part) = (place.path().join("www"), place.path().join("www/all"));
    let [one, another] = ["a", "b"].map(|name| Owner::new(name, name));
    let is_refused = |owner: &Owner| refuse_others_beneath(&www, &["all"], owner).is_err();
    put(&part, &[("2026/1.atom", "a")]);
    sign(&part, &one).unwrap();
    assert!(refuse_others(&part, &another).is_err());
    assert!(is_refused(&another) && !is_refused(&one), "put there first");
    put(&www, &[("index.html", "i")]);
    assert!(!is_refused(&another), "the line was taken out");
    sign(&www, &another).unwrap();
    assert!(is_refused(&another) && !is_refused(&one));
    let moved = Owner::new("a", "c");
    sign(&www, &moved).unwrap();
    let anew = Owner::new("d", "c");
    assert!(!is_refused(&anew), "it follows who had both");
}

//! Every line that a document shows for a shell is typed as it stands there, each page in a place such as it speaks of.

use crate::documents::pages;
use crate::origin::{Origin, Reply};
use crate::program::Place;
use crate::stranger::{LOOPBACK, SITE, harbour_wire};
use crate::test_daemon::rss;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Lines that cannot be typed here, by how they begin without `sudo`, and why. One that is not among them is
/// typed, and fails where it cannot be.
const UNTYPED: [(&str, &str); 11] = [
    ("cargo ", "builds the program, or runs what is built"),
    ("rustup ", "changes the machine's Rust"),
    (
        "packaging/deb ",
        "wants a build for release; tests/systemd/package.sh does it",
    ),
    (
        "apt install ",
        "wants root; tests/systemd/package-inside.sh installs the package",
    ),
    (
        "systemctl ",
        "wants a systemd: tests/systemd boots one for the units",
    ),
    ("journalctl ", "wants a journal, as above"),
    ("groupadd ", "wants root"),
    (
        "install -d -m 2775 -g feeds ",
        "wants the group that the line before it makes",
    ),
    (
        "install -m 755 ~/.cargo/bin/merganser ",
        "wants what `cargo install` leaves",
    ),
    (
        "merganser run ",
        "the daemon in the foreground; `stranger` runs it where the README does",
    ),
    ("merganser reload ", "wants that daemon; as above"),
];

/// Directories that there are on a machine without merganser, where Prometheus runs.
const DIRECTORIES: [&str; 8] = [
    "etc/prometheus",
    "etc/systemd/system",
    "usr/bin",
    "usr/share/bash-completion/completions",
    "usr/share/man/man1",
    "usr/share/man/man5",
    "var/backups",
    "var/lib",
];

/// Where `sudo merganser` has its state, in that machine.
const STATE: &str = "var/lib/merganser";

/// The copy that the page on backups restores.
const COPY: &str = "var/backups/merganser/merganser-20261126T140500Z.db";

/// Returns the lines of a page that stand in blocks for a shell.
fn lines(page: &str) -> Vec<String> {
    let blocks = page.split("```sh\n").skip(1);
    let blocks = blocks.map(|rest| rest.split("```").next().unwrap());
    blocks.flat_map(str::lines).map(str::to_owned).collect()
}

/// Returns how a line begins that cannot be typed.
fn why_not(line: &str) -> Option<&'static str> {
    let begins = |(begin, _): &&(&str, &str)| format!("{line} ").starts_with(begin);
    UNTYPED.iter().find(begins).map(|(begin, _)| *begin)
}

/// Returns a line as it is typed here: the site is our origin, and who types may do what root does there.
fn spelt_for(line: &str, origin: &Origin) -> String {
    let line = line.replace(SITE, &origin.url(""));
    let line = line.strip_prefix("sudo ").unwrap_or(&line);
    line.replace("| sudo ", "| ")
}

/// Lets the origin have what the pages ask for beside the feed of the README: a page that names another, and a third.
async fn site() -> Origin {
    let origin = harbour_wire().await;
    let page = "<html><head><link rel=\"alternate\" type=\"application/rss+xml\" href=\"/front.rss\"></head></html>";
    let page = Reply::feed(page).header("content-type", "text/html");
    origin.say("/", page);
    for (name, title) in [("front", "Fish is dear"), ("ledger", "Metro line opens")] {
        let items = [(name, title, 5)];
        origin.say(&format!("/{name}.rss"), Reply::feed(rss(name, &items)));
    }
    origin
}

/// Returns a folder with a feed that was polled, in which the repository is built, and which stands for the root of a machine.
fn folder(origin: &Origin) -> Place {
    let ledger = origin.url("/ledger.rss");
    let place = Place::new(&format!(
        "{LOOPBACK}[[feed]]\nid = \"delhi-ledger\"\nurl = \"{ledger}\"\n"
    ));
    let root = place.path();
    for directory in DIRECTORIES {
        std::fs::create_dir_all(root.join(directory)).unwrap();
    }
    let repository = Path::new(env!("CARGO_MANIFEST_DIR"));
    let program = Path::new(env!("CARGO_BIN_EXE_merganser"));
    let link = |target: &Path, name: &str| {
        let name = root.join(name);
        std::fs::create_dir_all(name.parent().unwrap()).unwrap();
        std::os::unix::fs::symlink(target, name).unwrap();
    };
    link(&repository.join("systemd"), "systemd");
    link(&repository.join("share"), "share");
    link(program, "target/release/merganser");
    link(program, "bin/merganser");
    place.write(
        "subscriptions.opml",
        "<opml version=\"2.0\"><body><outline type=\"rss\" text=\"Gulf\" xmlUrl=\"https://gulf.example/rss\"/></body></opml>",
    );
    type_line(&place, "merganser poll");
    type_line(&place, "merganser backup /var/backups/merganser");
    let copies = std::fs::read_dir(root.join("var/backups/merganser")).unwrap();
    let copies: Vec<PathBuf> = copies.map(|copy| copy.unwrap().path()).collect();
    std::fs::rename(&copies[0], root.join(COPY)).unwrap();
    place
}

/// Returns a word, which may be an option, with a path in it that begins at the root as one that begins in `root`.
fn below(root: &str, word: &str) -> String {
    let path = word.split_once('=').map_or(word, |(_, path)| path);
    let option = &word[..word.len() - path.len()];
    let is_there = ["/etc/", "/usr/", "/var/"]
        .iter()
        .any(|top| path.starts_with(top));
    let root = if is_there { root } else { "" };
    format!("{option}{root}{path}")
}

/// Tells whether a word that is typed may name anything outside of the place, which begins with `root`: by an address of the machine
/// that [`below`] did not find, as in quotes or behind an option, a home, a variable, or a way up.
fn leads_out(root: &str, word: &str) -> bool {
    let word = word.replace(root, "here").replace("/dev/stdin", "it");
    let word = word.replace("http://", "").replace("https://", "");
    let begins = |(at, _): (usize, &str)| {
        let before = word[..at].chars().next_back();
        before.is_none_or(|c| !c.is_alphanumeric() && !"._-*/".contains(c))
    };
    let is_option = word.starts_with('-') && !word.contains('=');
    word.match_indices('/').any(begins)
        || is_option && word.contains('/')
        || ["~", "$", ".."].iter().any(|it| word.contains(it))
}

/// Types a line in a shell that ends with the first failure in it; what begins at the root begins in the place.
fn type_line(place: &Place, line: &str) {
    let root = place.path().to_str().unwrap();
    let here: Vec<String> = line.split(' ').map(|word| below(root, word)).collect();
    let outside = here.iter().find(|word| leads_out(root, word));
    assert_eq!(outside, None, "{line}: it is not known where that would be");
    let here = here.join(" ");
    let output = Command::new("bash")
        .args(["-o", "pipefail", "-c", &here])
        .current_dir(root)
        .env_clear()
        .env("PATH", format!("{root}/bin:/usr/bin:/bin"))
        .env("STATE_DIRECTORY", place.path().join(STATE))
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(0), "{line}: {told}");
    if let Some((_, file)) = here.split_once(" > ") {
        assert!(
            Path::new(root).join(file).metadata().unwrap().len() > 0,
            "{line}"
        );
    }
}

/// No page shows a line that fails, so each ends with 0, and what it writes into a file is something.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_shown_for_a_shell_works() {
    let origin = site().await;
    let (mut typed, mut untyped) = (0, Vec::new());
    for page in pages() {
        let lines = lines(&std::fs::read_to_string(page).unwrap());
        let lines = lines.iter().map(|line| spelt_for(line, &origin));
        let (not_here, here) = lines.partition::<Vec<_>, _>(|line| why_not(line).is_some());
        untyped.extend(not_here.iter().filter_map(|line| why_not(line)));
        let place = (!here.is_empty()).then(|| folder(&origin));
        for (place, line) in place.iter().cycle().zip(&here) {
            type_line(place, line);
            typed += 1;
        }
    }
    assert!(typed >= 40, "of forty lines and more {typed} were typed");
    for (begin, why) in UNTYPED {
        let is_there = untyped.contains(&begin);
        assert!(is_there, "no line begins with {begin:?} any more ({why})");
    }
}

/// What a page shows is typed on the machine of who runs the tests, and may write nothing there.
#[test]
fn what_leads_out_of_the_place_is_not_typed() {
    for (word, expected) in [
        ("/etc/merganser/feeds.toml", false),
        ("--config=/etc/merganser/feeds.toml", false),
        ("/dev/stdin", false),
        ("http://127.0.0.1:9/a.xml", false),
        ("share/feeds.schema.json", false),
        ("\"/var/lib/merganser\"", true),
        ("/srv/feeds", true),
        ("/var", true),
        (">/etc/x", true),
        ("-C/usr/local", true),
        ("~/.cargo", true),
        ("$HOME/x", true),
        ("../x", true),
    ] {
        let typed = below("/tmp/place", word);
        assert_eq!(leads_out("/tmp/place", &typed), expected, "{word}");
    }
}

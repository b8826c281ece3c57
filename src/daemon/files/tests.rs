use super::*;
use std::cell::Cell;

/// A document of an archive leads to the one before it, which is there when it is written.
#[test]
fn documents_of_archives_are_written_oldest_first() {
    let place = tempfile::TempDir::new().unwrap();
    for generation in ["one", "two"] {
        let here = place.path().join(generation);
        fs::create_dir(&here).unwrap();
        for number in 1..=12 {
            fs::write(here.join(format!("{number}.atom.gz")), "").unwrap();
        }
    }
    let archive = Archive {
        directory: place.path().to_owned(),
        generation: "two".to_owned(),
        first: 8,
        last: 11,
        formats: Vec::new(),
        former: BTreeSet::from(["one".to_owned()]),
        once: Vec::new(),
        lock: None,
    };
    let seen = Cell::new(0);
    let files = archive_files(&archive, &|| seen.set(seen.get() + 1));
    assert_eq!(seen.get(), 16);
    let names: Vec<&str> = files.iter().map(|file| file.name.as_str()).collect();
    let number = |number| {
        let plain = format!("one/{number}.atom");
        [plain.clone(), format!("{plain}.gz")]
    };
    let mut expected: Vec<String> = (1..=12).flat_map(number).collect();
    let present = ["8", "9", "10", "11"].iter();
    expected.extend(present.flat_map(|it| [format!("two/{it}.atom"), format!("two/{it}.atom.gz")]));
    assert_eq!(names, expected);
}

/// Whatever way it is named.
#[test]
fn the_state_directory_and_what_is_ours_in_it_is_kept_off() {
    let place = tempfile::TempDir::new().unwrap();
    let state = place.path().join("state");
    fs::create_dir_all(state.join("archive/all")).unwrap();
    std::os::unix::fs::symlink(state.join("archive"), place.path().join("link")).unwrap();
    for (directory, expected) in [
        ("state/www", true),
        ("state/www/archive", true),
        ("archive", true),
        ("state", false),
        ("state/archive", false),
        ("state/archive/all", false),
        ("state/backups/new", false),
        ("link", false),
        ("link/new", false),
    ] {
        let refused = keep_off(&state, &place.path().join(directory));
        assert_eq!(refused.is_ok(), expected, "{directory}");
    }
}

/// What the world reads names no path of this machine.
#[test]
fn an_owner_is_where_it_is_found() {
    let place = tempfile::TempDir::new().unwrap();
    let identity = Identity {
        authority: "a.example".to_owned(),
        created_at: Timestamp::UNIX_EPOCH,
    };
    let here = place.path().canonicalize().unwrap().display().to_string();
    for (public_url, expected) in [
        ("https://news.example/", "https://news.example/"),
        ("http://127.0.0.1:8420/", &here),
    ] {
        let owner = owner(&identity, &public_url.parse().unwrap(), place.path());
        let expected = format!("a.example,1970-01-01T00:00:00Z at {expected}");
        assert_eq!(owner.to_string(), expected);
    }
}

/// Ids are made of the address, so who gives it one begins the database anew.
#[test]
fn a_database_begun_anew_with_an_address_keeps_its_files() {
    let place = tempfile::TempDir::new().unwrap();
    let (www, local) = (place.path().join("www"), "http://127.0.0.1:8420/");
    let state = |name: &str| {
        let state = place.path().join(name);
        fs::create_dir_all(&state).unwrap();
        state
    };
    let of = |authority: &str, public_url: &str, name: &str| {
        let identity = Identity {
            authority: authority.to_owned(),
            created_at: Timestamp::UNIX_EPOCH,
        };
        owner(&identity, &public_url.parse().unwrap(), &state(name))
    };
    let file = File {
        name: "all.atom".to_owned(),
        digest: [1; 32],
        modified_at: Timestamp::UNIX_EPOCH,
        content: Box::new(|| Ok(Bytes::from_static(b"a"))),
    };
    mirror::extend(&www, &[file], &|| {}).unwrap();
    mirror::sign(&www, &of("127.0.0.1", local, "one")).unwrap();
    let is_refused = |owner: &Owner| mirror::refuse_others(&www, owner).is_err();
    let anew = of("news.example", "https://news.example/", "one");
    assert!(!is_refused(&anew));
    assert!(is_refused(&of(
        "news.example",
        "https://news.example/",
        "two"
    )));
    mirror::sign(&www, &anew).unwrap();
    let list = fs::read_to_string(www.join(mirror::LIST)).unwrap();
    assert!(!list.contains(place.path().to_str().unwrap()), "{list}");
    assert!(!is_refused(&of("127.0.0.1", local, "one")), "and back");
}

/// An archive is a directory with a list of its own: whoever names it as theirs would remove what is in it.
#[test]
fn u32_an_archive_is_no_directory_for_another() {
    let place = tempfile::TempDir::new().unwrap();
    let (www, made) = (place.path().join("www"), place.path().join("made"));
    fs::create_dir_all(made.join("ab")).unwrap();
    let document = crate::serve::packed(b"<feed/>").unwrap();
    fs::write(made.join("ab/1.atom.gz"), document).unwrap();
    let archive = Archive {
        directory: made,
        generation: "ab".to_owned(),
        first: 1,
        last: 1,
        formats: Vec::new(),
        former: BTreeSet::new(),
        once: Vec::new(),
        lock: None,
    };
    let archives = Archives::from([("all".to_owned(), Arc::new(archive))]);
    let index = Resource::new("text/html", b"i".to_vec(), Timestamp::UNIX_EPOCH);
    let index = BTreeMap::from([("/".to_owned(), Arc::new(index))]);
    let (none, staying, pulse) = (Archives::new(), Staying::default(), Pulse::default());
    let [one, another] = ["a", "b"].map(|name| Owner::new(name, name));
    let put = |directory: &Path, owner: &Owner, archives: &Archives| {
        let archives = (archives, &none);
        write((directory, owner), &index, archives, (&staying, &pulse))
    };
    put(&www, &one, &archives).unwrap();
    let kept = www.join("all/ab/1.atom");
    for (directory, archives) in [(www.join("all"), &none), (www.clone(), &archives)] {
        let refused = put(&directory, &another, archives).unwrap_err();
        assert!(matches!(refused, MirrorError::Theirs { .. }), "{refused}");
        assert!(kept.exists());
    }
    // Nor is that of another beneath it filled.
    let list = www.join(mirror::LIST);
    fs::remove_file(&list).unwrap();
    fs::remove_file(www.join(INDEX)).unwrap();
    let refused = put(&www, &another, &archives).unwrap_err();
    assert!(refused.to_string().contains("www/all"), "{refused}");
    assert!(!list.exists(), "nothing is written");
}

#[test]
fn a_path_is_a_name_of_a_file() {
    for (path, expected) in [
        ("/", "index.html"),
        ("/all.atom", "all.atom"),
        ("/all/2026-11.atom", "all/2026-11.atom"),
    ] {
        assert_eq!(file_name(path), expected);
        assert_eq!(path_of(expected), path);
    }
}

/// Each new document takes a while to compress: whoever looks whether the thread gets on sees it before each of them.
#[test]
fn a_thread_shows_that_it_gets_on_before_each_document_gets_its_forms() {
    let body = "<entry><title>Rain in Kerala</title></entry>\n".repeat(50);
    let document = || {
        Resource::new(
            "text/html",
            body.clone().into_bytes(),
            Timestamp::UNIX_EPOCH,
        )
    };
    let paths = ["/", "/a.html", "/b.html"].map(str::to_owned);
    let resources: BTreeMap<String, Arc<Resource>> = paths
        .map(|path| (path, Arc::new(document())))
        .into_iter()
        .collect();
    let shown = Cell::new(0);
    let files = document_files(&resources, &|| {
        let complete = resources.values().filter(|it| it.is_complete()).count();
        assert_eq!(complete, shown.get());
        shown.set(shown.get() + 1);
    });
    assert_eq!((shown.get(), files.len()), (3, 9));
}

/// What lies in a directory is an output's where files have its name and what follows a dot.
#[test]
fn a_name_is_that_of_an_output_which_has_files() {
    let files = [
        "all-x.atom",
        "all.atom",
        "all.atom.gz",
        "index.html",
        "stories/1.html",
    ];
    let files = BTreeSet::from(files);
    for (name, expected) in [
        ("all", true),
        ("all.atom", true),
        ("all.atom.gz", false),
        ("all-x", true),
        ("al", false),
        ("index", true),
        ("stories", false),
        ("stories/1", true),
        ("zz", false),
        ("", false),
    ] {
        assert_eq!(is_output(name, &files), expected, "{name}");
    }
}

/// A web server that looks for compressed forms would answer with ours in the place of their icon.
#[test]
fn u32_no_form_of_an_icon_of_ours_stands_beside_theirs() {
    let place = tempfile::TempDir::new().unwrap();
    let names = [
        "favicon.ico",
        "favicon.ico.gz",
        "favicon.ico.br",
        "style.css",
    ];
    let left_out = || names.map(|name| gives_way(place.path(), name));
    assert_eq!(left_out(), [false; 4]);
    fs::write(place.path().join("favicon.ico"), "theirs").unwrap();
    fs::write(place.path().join("style.css"), "theirs").unwrap();
    assert_eq!(left_out(), [true, true, true, false]);
}

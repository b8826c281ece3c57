//! Outputs that are not for everybody: told to nobody else, and in no file.

use crate::origin::Reply;
use crate::test_daemon::{TestDaemon, rss};
use std::fs;

const KEY: &str = "canary-of-the-desk-7f3a";

fn config(protect: &str) -> String {
    format!(
        "[server]\npublish-dir = \"www\"\n\
         [[output]]\npath = \"all\"\ntitle = \"Everything\"\n\
         [[output]]\npath = \"desk\"\ntitle = \"Inner desk\"\n{protect}\n\
         [[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n"
    )
}

#[tokio::test]
async fn u31_a_protected_output_is_told_to_nobody() {
    let mut test = TestDaemon::start(&config(&format!("protect = \"{KEY}\""))).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let shelf = test.daemon().shelf().all();
    for (path, resource) in shelf.iter() {
        let is_desk = path.starts_with("/desk");
        assert_eq!(resource.is_protected(), is_desk, "{path}");
        let body = String::from_utf8_lossy(&resource.body()).into_owned();
        // A page is kept with the key, too, for who gives it in the address.
        assert_eq!(body.contains(KEY), path == "/desk.html?", "{path}");
        assert!(is_desk || !body.contains("desk"), "{path}: {body}");
    }
    assert!(test.output("/desk.atom").contains("Rain in Kerala"));
    let keyed = test.output("/desk.html?");
    for link in ["desk.atom", "desk.rss", "desk.json"] {
        let link = format!("{link}?key={KEY}\"");
        assert_eq!(keyed.matches(&link).count(), 2, "{link} in {keyed}");
    }
    assert!(keyed.contains(&format!("/<wbr>desk.atom?key={KEY}</code>")));
    let plain = keyed.replace(&format!("?key={KEY}&amp;raw"), "?raw");
    assert_eq!(
        plain.replace(&format!("?key={KEY}"), ""),
        test.output("/desk.html")
    );
    let database = fs::read(test.database()).unwrap();
    let log = fs::read(test.state().join("merganser.db-wal")).unwrap();
    for file in [database, log] {
        assert!(!file.windows(KEY.len()).any(|it| it == KEY.as_bytes()));
    }
    let www = test.state().join("www");
    for entry in fs::read_dir(www).unwrap() {
        let path = entry.unwrap().path();
        assert!(!path.to_string_lossy().contains("desk"), "{path:?}");
    }
    let shown = format!("{:?}", test.daemon());
    assert!(!shown.contains(KEY));
    test.finish().await;
}

/// A reload that protects an output, or opens it, does so at once, though its bytes are the same.
#[tokio::test]
async fn u31_a_lock_comes_and_goes_with_a_reload() {
    let mut test = TestDaemon::start(&config("")).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let open = test.config.clone();
    let locked = open.replace(
        "title = \"Inner desk\"\n",
        &format!("title = \"Inner desk\"\nprotect = \"{KEY}\"\n"),
    );
    for (config, expected) in [(&locked, true), (&open, false), (&locked, true)] {
        test.config.clone_from(config);
        test.reload().await;
        test.run_due().await;
        let desk = test.daemon().shelf().get("/desk.atom").unwrap();
        assert_eq!(desk.is_protected(), expected);
        assert_eq!(test.output("/").contains("Inner desk"), !expected);
        assert_eq!(test.state().join("www/desk.atom").exists(), !expected);
    }
    test.finish().await;
}

/// U31: what a reload locks or takes away is locked or gone with its verdict, before anything is rendered; and what
/// was being rendered for the configuration before does not bring it back.
#[tokio::test]
async fn u31_a_reload_closes_before_anything_is_rendered() {
    let mut test = TestDaemon::start(&config("")).await;
    test.origin.say(
        "/a.xml",
        Reply::feed(rss("a", &[("wet", "Rain in Kerala", 4)])),
    );
    test.run_due().await;
    let open = test.config.clone();
    let shelf = std::sync::Arc::clone(test.daemon().shelf());
    let begun_at = shelf.edition();
    let before = std::collections::BTreeMap::clone(&shelf.all());
    let title = "title = \"Inner desk\"\n";
    test.config = open.replace(title, &format!("{title}protect = \"{KEY}\"\n"));
    test.reload().await;
    for path in ["/desk.atom", "/desk.rss", "/desk.json", "/desk.html"] {
        assert!(shelf.get(path).unwrap().is_protected(), "{path}");
    }
    assert!(!shelf.get("/all.atom").unwrap().is_protected());
    assert!(test.output("/").contains("Everything"));
    for path in ["/", "/feeds.opml"] {
        assert!(!test.output(path).contains("Inner desk"), "{path}");
    }
    assert!(!shelf.replace_of(begun_at, before, std::collections::BTreeMap::new()));
    assert!(shelf.get("/desk.atom").unwrap().is_protected());
    test.config = open.replace("path = \"desk\"", "path = \"bureau\"");
    test.reload().await;
    for path in ["/desk.atom", "/desk.html", "/desk.html?"] {
        assert!(shelf.get(path).is_none(), "{path}");
    }
    test.run_due().await;
    assert!(test.output("/bureau.atom").contains("Rain in Kerala"));
    assert!(!test.state().join("www/desk.atom").exists());
    // `merganser plan` tells by this what goes and comes, and would tell of what left at every plan.
    let remembered = test.daemon().store().rendered().unwrap();
    assert!(remembered.contains_key("/bureau.atom"));
    assert!(!remembered.keys().any(|path| path.contains("desk")));
    test.finish().await;
}

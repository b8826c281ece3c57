//! What `merganser plan` says of outputs, by what is stored and served alone.

use crate::origin::Reply;
use crate::program::Place;
use crate::test_daemon::{TestDaemon, rss};
use jiff::SignedDuration;

const MINUTE: SignedDuration = SignedDuration::from_mins(1);

const PROTECT: &str = "protect = \"canary-of-the-desk-7f3a\"\n";

/// An output of a topic, for those with a key.
async fn desk() -> TestDaemon {
    let config = format!(
        "[[topic]]\nname = \"rain\"\nquery = \"rain\"\n\
         [[output]]\npath = \"desk\"\nselect = \"topic:rain\"\n{PROTECT}\
         [[feed]]\nid = \"a\"\nurl = \"ORIGIN/a.xml\"\n"
    );
    let mut test = TestDaemon::start(&config).await;
    let feed = rss("a", &[("one", "Rain in Kerala", 5), ("two", "Frost", 4)]);
    test.origin.say("/a.xml", Reply::feed(feed));
    test.run_for(MINUTE).await;
    test
}

/// Returns what is planned for another file.
fn planned(test: &TestDaemon, config: &str) -> String {
    let state = test.state().to_str().unwrap();
    Place::new(config).print(&["plan", "--state", state])
}

/// U31: whoever plans is told that all the world is to read what wanted a key.
#[tokio::test]
async fn u31_that_an_output_is_opened_is_told_before() {
    let mut test = desk().await;
    let closed = test.config.clone();
    let open = closed.replace(PROTECT, "");
    let told = planned(&test, &closed);
    assert!(!told.contains("outputs:"), "{told}");
    let told = planned(&test, &open);
    let expected = "outputs: ~ /desk (is for everybody now)\n";
    assert!(told.contains(expected), "{told}");
    test.config = open.clone();
    test.reload().await;
    test.run_for(MINUTE).await;
    let told = planned(&test, &open);
    assert!(!told.contains("outputs:"), "{told}");
    let fewer = closed.replace(PROTECT, &format!("{PROTECT}formats = [\"atom\"]\n"));
    let told = planned(&test, &fewer);
    let expected = "outputs: ~ /desk (no rss now (404), no json now (404), wants a key now)\n";
    assert!(told.contains(expected), "{told}");
    test.finish().await;
}

/// U28: an archive that goes on where what an output wants is put back does not begin anew.
#[tokio::test]
async fn u28_an_archive_that_goes_on_is_not_said_to_begin_anew() {
    let mut test = desk().await;
    let before = test.config.clone();
    let of_sources = |least: u32| {
        let wants = format!("{PROTECT}min-sources = {least}\n");
        before.replace(PROTECT, &wants)
    };
    test.config = of_sources(2);
    test.reload().await;
    test.run_for(MINUTE).await;
    let told = planned(&test, &before);
    assert!(!told.contains("archives:"), "{told}");
    let told = planned(&test, &of_sources(3));
    assert!(told.contains("archives: /desk begins anew"), "{told}");
    test.config = before;
    std::fs::write(test.config_file(), &test.config).unwrap();
    let source = test.source();
    let report = test.daemon().reload(&source).await.report;
    assert!(!report.contains("archives:"), "{report}");
    test.finish().await;
}

//! What a story keeps out of an output is not published there before it is kept out.

use crate::origin::Reply;
use crate::whole_stories::{DAY, REPORTS, bring, document, documents, listed, start};

/// What asks for the topic by what is not in it, and tells what left.
const REST: &str = "story-pull = true\n[[output]]\npath = \"rest\"\nselect = \"quake -topic:lima\"\n\
    formats = [\"atom\"]\ntombstones = true\n";

/// What its story takes away is not published once for having come with the poll before: nothing is told to have left.
#[tokio::test]
async fn what_a_story_excludes_is_not_published_for_a_moment() {
    let mut test = start(REST).await;
    // All come in one round, each with a poll of its own.
    for number in [0, 3, 1] {
        let path = format!("/{}.xml", REPORTS[number].0);
        test.origin.say(&path, Reply::feed(document(number, 1)));
    }
    test.run_due().await;
    assert_eq!(listed(&mut test, "/lima.atom").len(), 3);
    let told = test.output("/rest.atom");
    assert!(
        !told.contains("deleted-entry") && !told.contains("grid"),
        "{told}"
    );
    test.finish().await;
}

/// Nor for having been edited just before: the edit brings it into the output, and the story takes it out, in the order of
/// the document or the other way round.
#[tokio::test]
async fn what_an_edit_brings_and_a_story_excludes_is_not_published_for_a_moment() {
    for order in [[3, 1], [1, 3]] {
        let mut test = start(REST).await;
        let before = document(3, 2).replace("quake", "blackout");
        test.origin.say("/grid.xml", Reply::feed(before));
        bring(&mut test, 0, 1).await;
        // The edited report, and the one with which the topic takes the story.
        let both = documents("grid", &order, 2);
        test.origin.say("/grid.xml", Reply::feed(both));
        test.run_for(DAY).await;
        assert_eq!(listed(&mut test, "/lima.atom").len(), 3, "{order:?}");
        let told = test.output("/rest.atom");
        let is_told = told.contains("deleted-entry") || told.contains(REPORTS[3].1);
        assert!(!is_told, "{order:?}: {told}");
        test.finish().await;
    }
}

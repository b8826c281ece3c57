//! When a topic takes a whole story.

/// Reports of a story that are in a topic themselves, at least: one alone is the report that the query was
/// written for, and says nothing of the others.
const LEAST_MEMBERS: u64 = 2;

/// A story is taken when this times the reports that are in the topic themselves are all of its reports: half
/// of them. Where it is fewer, the event is likely to be another one, on which the subject of the topic only
/// touches.
const PARTS: u64 = 2;

/// What is wanted, in words.
pub const TAKES_STORY: &str = "half of them must be, and two at least";

/// Tells whether a topic takes a whole story, of which so many reports are in it themselves.
pub fn takes_story(members: u64, reports: u64) -> bool {
    members >= LEAST_MEMBERS && members.saturating_mul(PARTS) >= reports
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn half_of_a_story_and_two_reports_are_needed() {
        for (members, reports, expected) in [
            (0, 0, false),
            (1, 1, false),
            (1, 2, false),
            (2, 2, true),
            (2, 4, true),
            (2, 5, false),
            (3, 5, true),
            (250, 500, true),
            (249, 500, false),
            (u64::MAX, u64::MAX, true),
        ] {
            assert_eq!(
                takes_story(members, reports),
                expected,
                "{members} of {reports}"
            );
        }
    }
}

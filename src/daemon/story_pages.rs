//! Pages of stories: which there are, and when they are rendered (U25).
//!
//! They are written like all that is served, into the table of paths, and not made when somebody asks: a request
//! never costs more than looking it up (S19), and what stands in files is the same. So they are few enough: those
//! of the newest stories of each output that is for everybody.
//!
//! A page changes with the outputs that its story stands in, and is rendered when one of them is.

use super::pages::HTML;
use super::press::{Press, Printed, Sheet};
use super::served::Served;
use crate::model::Article;
use crate::publish::{self, Output, StoryPages};
use crate::serve::Terms;
use crate::store::StoreError;
use std::collections::BTreeSet;

/// Under which path all pages of stories are counted; no output has it, since it names none.
const COUNTED_AS: &str = "/stories/.html";

/// Returns where the page of a story is served.
fn path_of(founder: &str) -> String {
    format!("/{}", publish::story_page_name(founder))
}

/// Takes away the pages of stories that no output tells of any more.
pub(super) fn drop_untold(printed: &mut Printed) {
    let Printed {
        cards, resources, ..
    } = printed;
    let told: BTreeSet<&String> = cards.values().flat_map(|it| &it.stories).collect();
    let is_page = |path: &str| publish::is_story_page(path.trim_start_matches('/'));
    resources.retain(|path, _| !is_page(path) || told.contains(path));
}

impl Press {
    /// Renders the pages of the stories of an output's articles, those that were not rendered for another output
    /// just now. Returns which stories have one, and where these are served.
    pub(super) fn print_stories(
        &self,
        printed: &mut Printed,
        served: &Served,
        articles: &[Article],
    ) -> Result<(StoryPages, BTreeSet<String>), StoreError> {
        let mut pages = StoryPages::new();
        let mut paths = BTreeSet::new();
        for number in publish::paged_stories(articles, self.open_outputs().count()) {
            let told = match printed.stories.get(&number) {
                Some(told) => told.clone(),
                None => self.print_story(printed, served, number)?,
            };
            if let Some((path, reports)) = &told {
                pages.insert(number, *reports);
                paths.insert(path.clone());
            }
            printed.stories.insert(number, told);
        }
        Ok((pages, paths))
    }

    /// Renders the page of a story. Returns where it is served and how many reports it knows of; `None` where less
    /// than two of them may be told.
    fn print_story(
        &self,
        printed: &mut Printed,
        served: &Served,
        number: i64,
    ) -> Result<Option<(String, u64)>, StoreError> {
        let Some(mut story) = self.store.story(number, &self.settled.openly)? else {
            return Ok(None);
        };
        story
            .topics
            .retain(|(name, _)| !self.settled.hidden.contains(name));
        self.active.discreet.hush_story(&mut story);
        let path = path_of(&story.founder);
        let sheet = Sheet {
            path: path.clone(),
            media_type: HTML,
            terms: Terms {
                counted_as: Some(COUNTED_AS),
                ..Terms::default()
            },
        };
        let outputs: Vec<&Output> = self.open_outputs().collect();
        let body = publish::story(&self.active.config.site, &outputs, &story);
        self.lay_out(printed, served, sheet, body);
        Ok(Some((path, story.number())))
    }
}

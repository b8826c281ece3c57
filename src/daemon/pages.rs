//! Renders pages: those of outputs, and what is no output, the index before all.

use super::press::{Listed, Press, Printed, Sheet, Told, keyed_path, open_sheet, page_path};
use super::served::Served;
use super::sources::lists_sources;
use crate::model::Article;
use crate::publish::{self, Beside, Card, Listing, Output};
use crate::serve::{Lock, Terms};
use crate::store::StoreError;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Paths of what is served that is no output.
const INDEX_PATH: &str = "/";
const STYLE_PATH: &str = "/style.css";
/// Where browsers and feed readers look for an icon without being told.
pub(super) const ICON_PATH: &str = "/favicon.ico";
const OUTPUTS_PATH: &str = "/feeds.opml";

/// All of them.
pub(super) const PATHS: [&str; 4] = [INDEX_PATH, STYLE_PATH, ICON_PATH, OUTPUTS_PATH];

pub(super) const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

impl Press {
    /// Renders the page of an output and those of its stories, and notes what is said of it on the index.
    pub(super) fn print_reading(
        &self,
        printed: &mut Printed,
        served: &Served,
        listed: Listed<'_>,
    ) -> Result<(), StoreError> {
        let Listed {
            output,
            articles,
            older,
        } = listed;
        let mut beside = Beside {
            older,
            ..Beside::default()
        };
        let lock = self.lock(output);
        let mut stories = BTreeSet::new();
        if lock.is_none() {
            (beside.stories, stories) = self.print_stories(printed, served, &articles)?;
        }
        let shown = (output, articles.as_slice());
        self.print_page(printed, served, page_path(output), shown, &beside);
        if let Some(key) = lock.as_ref().and_then(Lock::query) {
            key.clone_into(&mut beside.key);
            self.print_page(printed, served, keyed_path(output), shown, &beside);
        }
        let card = Card::new(&articles);
        let told = Arc::new(Told {
            card,
            stories,
            is_protected: lock.is_some(),
        });
        printed.cards.insert(output.path.clone(), told);
        Ok(())
    }

    /// Renders the page of an output, to be found at `path`.
    fn print_page(
        &self,
        printed: &mut Printed,
        served: &Served,
        path: String,
        (output, articles): (&Output, &[Article]),
        beside: &Beside,
    ) {
        let lock = self.lock(output);
        let sheet = Sheet {
            path,
            media_type: HTML,
            terms: Terms {
                keyed: lock.is_some().then(|| keyed_path(output)),
                lock,
                ..Terms::default()
            },
        };
        let body = publish::reading(&self.active.config.site, output, articles, beside);
        self.lay_out(printed, served, sheet, body);
    }

    /// Renders what is no output: the index, its style and its icon, and the list of outputs.
    pub(super) fn print_pages(&self, printed: &mut Printed, served: &Served) {
        let config = &self.active.config;
        // One that is new and waits for its rule is not there yet, and nothing leads to it.
        let listings = self.open_outputs().filter_map(|output| {
            let told = printed.cards.get(&output.path)?;
            let card = (!told.is_protected).then_some(&told.card)?;
            Some(Listing { output, card })
        });
        let listings: Vec<_> = listings.collect();
        let index = publish::index(&config.site, &listings, lists_sources(config));
        let open: Vec<&Output> = listings.iter().map(|it| it.output).collect();
        let outputs = publish::outputs_opml(&config.site, &open);
        self.lay_out(printed, served, open_sheet(INDEX_PATH, HTML), index);
        let sheet = open_sheet(OUTPUTS_PATH, publish::OPML);
        self.lay_out(printed, served, sheet, outputs);
        // The others change with the configuration alone, and then nothing is taken over from the shelf.
        if !printed.resources.contains_key(STYLE_PATH) {
            let style = publish::STYLE.as_bytes().to_vec();
            self.lay_out(printed, served, open_sheet(STYLE_PATH, CSS), style);
        }
        if !printed.resources.contains_key(ICON_PATH) {
            let sheet = open_sheet(ICON_PATH, publish::ICON_TYPE);
            self.lay_out(printed, served, sheet, publish::ICON.to_vec());
        }
    }
}

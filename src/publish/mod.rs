//! Articles to bytes: Atom 1.0, RSS 2.0, JSON Feed 1.1, pages for people, and lists of feeds.
//!
//! Knows the articles that it is given, the settings of an output and who we are; no clock, no store, no
//! network. The same input gives the same bytes (U8), so an `ETag` may be a hash of them.
//!
//! Invariants: every document is well-formed and passes the W3C feed validator whatever the articles
//! hold (U1, S13); every address in it is an absolute http(s) one (U9); ids are written as they were
//! stored, never recomputed (U2). There is no namespace that the validator does not know: topics are
//! categories, copies are links, and the `webfeeds` of one reader are left out.
//!
//! `view` decides what is said of an article, `atom`, `rss` and `json` only write it, so the formats
//! cannot drift apart.

mod address;
mod archive;
mod atom;
mod deleted;
mod ids;
mod index;
mod json;
mod opml;
mod own;
mod page;
mod reading;
mod reports;
mod rss;
mod settings;
mod story;
#[cfg(test)]
mod tests;
mod text;
mod view;
mod weight;
mod window;
mod xml;

pub use archive::{Page, Place, archive_name, basis, fitting, looked_at, next_page, page_link};
pub use deleted::{Deleted, Turnover};
pub use ids::{entry_atom_id, is_own_atom_id, minted_atom_id, story_atom_id, transition_atom_id};
pub use index::{Card, Listing, index};
pub use opml::{OPML, Polled, outputs_opml, sources_opml, subscriptions_opml};
pub use own::{is_local, is_own_story, own_output};
pub use page::{ICON, ICON_TYPE, STYLE};
pub use reading::{Beside, reading};
pub use settings::{Output, OutputFormat, Selection, Site, Unit};
pub use story::{StoryPages, is_story_page, paged_stories, story, story_page_name};
pub use window::{Candidate, Choice, choose, stays};

use crate::model::{Article, Identity};
use jiff::Timestamp;
use std::collections::BTreeSet;
use text::line;
use view::View;
use weight::{DOCUMENT_BYTES, fit_anyhow, weight};

/// Our name in documents.
const GENERATOR: &str = "merganser";

/// Our version in documents.
const VERSION: &str = env!("CARGO_PKG_VERSION");

/// Everything that is the same for all articles of a document.
#[derive(Clone, Copy, Debug)]
pub struct Publication<'a> {
    /// What all outputs have in common.
    pub site: &'a Site,
    /// Who we are.
    pub identity: &'a Identity,
    /// The output.
    pub output: &'a Output,
    /// Which of its documents this is.
    pub place: Place<'a>,
    /// What left the output of late, the last first.
    pub deleted: &'a [Deleted],
}

impl Publication<'_> {
    /// Returns the title as one plain line, never empty.
    fn title(&self) -> String {
        publication_title(self.output)
    }

    /// Returns what the document is, for readers that show it beside the title.
    fn description(&self) -> String {
        description(self.site, self.output)
    }

    /// Returns the language of the document.
    fn language(&self) -> Option<String> {
        address::language(self.output.language.as_deref()?)
    }

    /// Returns the public address of the document in `format`.
    fn address(&self, format: OutputFormat) -> String {
        archive::page_address(self.site, self.output, self.place.page, format)
    }

    /// Returns the public address of the document that readers subscribe to.
    fn current(&self, format: OutputFormat) -> String {
        address(self.site, self.output, format)
    }

    /// Returns the public address of the page that shows the output to people.
    fn reading(&self) -> String {
        reading_address(self.site, self.output)
    }

    /// Returns the public address of the document of the archive that comes before this one.
    fn older(&self, format: OutputFormat) -> Option<String> {
        let older = self.place.older?;
        Some(archive::page_address(
            self.site,
            self.output,
            Some(older),
            format,
        ))
    }

    /// Tells whether it is a document of the archive.
    fn is_archive(&self) -> bool {
        self.place.page.is_some()
    }

    /// Returns the hub that tells of changes of the document; an archive never changes.
    fn hub(&self) -> Option<&str> {
        let hub = self.output.hub.as_ref().filter(|_| !self.is_archive());
        hub.map(url::Url::as_str)
    }
}

/// Returns the title of an output as one plain line, never empty.
fn publication_title(output: &Output) -> String {
    [line(&output.title), line(&output.path)]
        .into_iter()
        .find(|text| !text.is_empty())
        .unwrap_or_else(|| GENERATOR.to_owned())
}

/// Returns what an output is, in the operator's words where there are any.
fn description(site: &Site, output: &Output) -> String {
    let own = output.description.as_deref().map(line);
    if let Some(own) = own.filter(|own| !own.is_empty()) {
        return own;
    }
    let whole = &site.title;
    line(&match output.selection {
        Selection::All if output.unit == Unit::Story => format!("All stories of {whole}"),
        Selection::All => format!("All articles of {whole}"),
        Selection::Label(_) => format!("{}, from {whole}", publication_title(output)),
    })
}

/// Returns the public address of an output in `format`.
pub fn address(site: &Site, output: &Output, format: OutputFormat) -> String {
    beneath(site, &file_name(output, format))
}

/// Returns the public address of the page of an output, else of the list of all: what is told to operators has no page, and
/// alone lies below another name.
fn reading_address(site: &Site, output: &Output) -> String {
    if output.path.contains('/') {
        return site.public_url.to_string();
    }
    beneath(site, &page_name(output))
}

/// Returns the public address of what is served under a name.
fn beneath(site: &Site, name: &str) -> String {
    let mut url = site.public_url.clone();
    url.set_query(None);
    url.set_fragment(None);
    let base = url.path().trim_end_matches('/').to_owned();
    url.set_path(&format!("{base}/{name}"));
    url.into()
}

/// Returns the name under which `output` is served in `format`, without the slash.
fn file_name(output: &Output, format: OutputFormat) -> String {
    format!("{}.{}", output.path, format.name())
}

/// Returns the name under which the page of `output` is served, without the slash.
pub fn page_name(output: &Output) -> String {
    format!("{}.html", output.path)
}

/// What the documents of an output in all formats are made of.
///
/// What is said of an article is decided once for all of them: half of the work is the same.
#[derive(Debug)]
pub struct Draft<'a> {
    publication: &'a Publication<'a>,
    views: Vec<View<'a>>,
    updated_at: Timestamp,
}

impl<'a> Draft<'a> {
    /// Decides what is said of `articles`, which come newest first and stay in that order. At most [`Output::most`] of them are
    /// written, and four megabytes of all that is written of them; of two with one id the first counts (U3). Without any, a
    /// document is valid all the same (U27).
    pub fn new(publication: &'a Publication<'a>, articles: &'a [Article]) -> Self {
        let window = match publication.place.page {
            // How many one of an archive has was chosen before.
            Some(_) => fitting_of(publication.output, articles, articles.len()),
            None => window(publication.output, articles),
        };
        let views = window.iter().map(|it| View::new(publication, it));
        Self {
            publication,
            views: views.collect(),
            updated_at: updated_at(publication.identity, &window),
        }
    }

    /// Renders the document in a format.
    pub fn document(&self, format: OutputFormat) -> Vec<u8> {
        let Self {
            publication,
            views,
            updated_at,
        } = self;
        match format {
            OutputFormat::Atom => atom::document(publication, views, *updated_at),
            OutputFormat::Rss => rss::document(publication, views, *updated_at),
            OutputFormat::Json => json::document(publication, views),
        }
    }
}

/// Returns the ids of the articles that a document of these holds.
pub fn held<'a>(output: &Output, articles: &[&'a Article]) -> BTreeSet<&'a str> {
    let held = window(output, articles.iter().copied()).into_iter();
    held.map(|article| article.atom_id.as_str()).collect()
}

/// Returns when a document last changed: the newest `updated_at` of the articles in it; without any, when
/// the database was made (U7).
fn updated_at(identity: &Identity, articles: &[&Article]) -> Timestamp {
    articles
        .iter()
        .map(|article| article.updated_at)
        .max()
        .unwrap_or(identity.created_at)
}

/// Chooses the articles that the document holds; the first always is one.
fn window<'a>(
    output: &Output,
    articles: impl IntoIterator<Item = &'a Article>,
) -> Vec<&'a Article> {
    fitting_of(output, articles, output.most())
}

/// Chooses so many articles at most, and no more than fit into one document.
fn fitting_of<'a>(
    output: &Output,
    articles: impl IntoIterator<Item = &'a Article>,
    most: usize,
) -> Vec<&'a Article> {
    let mut bytes = 0;
    let mut ids = BTreeSet::new();
    let articles = articles.into_iter();
    let articles = articles.filter(|article| ids.insert(article.atom_id.as_str()));
    let mut articles: Vec<&Article> = articles.take(most).collect();
    if !fit_anyhow(&articles, output) {
        // One that does not fit is left out, and not all that come after it.
        articles.retain(|article| {
            let with_it = bytes + weight(article, output);
            let fits = bytes == 0 || with_it <= DOCUMENT_BYTES;
            bytes = if fits { with_it } else { bytes };
            fits
        });
    }
    articles
}

/// Returns an instant in whole seconds as RFC 3339 has it: fractions are noise that readers compare.
fn rfc3339(at: Timestamp) -> String {
    Timestamp::from_second(at.as_second())
        .unwrap_or(at)
        .to_string()
}

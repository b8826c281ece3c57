//! Publishing: renders the outputs that changed and puts them on the shelf.

use super::active::Active;
use crate::config::Config;
use crate::model::Article;
use crate::publish::{self, Listing, Output, OutputFormat, Publication, Selection};
use crate::serve::{Resource, Shelf, Terms};
use crate::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use url::Url;

/// Which outputs may no longer say what is stored.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Stale {
    /// All of them: after start and reload.
    pub(super) all: bool,
    /// Whether any article changed, which concerns the outputs that select all.
    pub(super) changed: bool,
    /// Labels whose articles changed.
    pub(super) labels: BTreeSet<String>,
}

impl Stale {
    /// Everything is to be rendered.
    pub(super) fn everything() -> Self {
        Self {
            all: true,
            ..Self::default()
        }
    }

    /// Tells whether there is nothing to render.
    pub(super) fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    fn concerns(&self, output: &Output) -> bool {
        // What was carried by too few may have found another outlet.
        self.all
            || self.changed && output.min_sources > 1
            || match &output.selection {
                Selection::All => self.changed,
                Selection::Label(label) => self.labels.contains(label),
            }
    }
}

/// Latest articles of each output that the index page is given; it shows what it has room for.
const INDEX_TITLES: usize = 5;

/// The least step of `Last-Modified`, which counts seconds: other bytes never have the date of those
/// before, however the clock was set.
const TICK: SignedDuration = SignedDuration::from_secs(1);

/// Paths of what is served that is no output.
const INDEX_PATH: &str = "/";
const STYLE_PATH: &str = "/style.css";

/// Why nothing was published.
#[derive(Debug, thiserror::Error)]
pub(super) enum PressError {
    /// The database could not be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Rendering panicked: a fault of ours, but no reason to stop polling.
    #[error("rendering the outputs panicked")]
    Panicked,
}

/// Renders what is stale and replaces the shelf in one step, so that a reader sees outputs of one
/// moment.
///
/// A document whose bytes did not change keeps its `Last-Modified`, across restarts too (U8, U16): what
/// was served last is in the store. Where that cannot be written, readers get the new documents all the
/// same; a restart will date them anew.
///
/// Returns the paths of the documents that are not what they were.
pub(super) async fn publish(press: Press, stale: Stale) -> Result<BTreeSet<String>, PressError> {
    let store = press.store.clone();
    let shelf = Arc::clone(&press.shelf);
    #[expect(clippy::disallowed_methods, reason = "reading and rendering block")]
    let printed = tokio::task::spawn_blocking(move || press.print(&stale)).await;
    let printed = printed.map_err(|_| PressError::Panicked)??;
    shelf.replace(printed.resources);
    let changed = printed.changed.iter().map(|(path, ..)| path.clone());
    let changed = changed.collect();
    if !printed.changed.is_empty() {
        store.set_rendered(printed.changed).await?;
    }
    Ok(changed)
}

/// What rendering works with.
#[derive(Debug)]
pub(super) struct Press {
    pub(super) store: Store,
    pub(super) active: Arc<Active>,
    pub(super) shelf: Arc<Shelf>,
    pub(super) now: Timestamp,
}

/// The next content of the shelf.
#[derive(Debug, Default)]
struct Printed {
    resources: BTreeMap<String, Arc<Resource>>,
    /// What differs from what was served last: path, digest of the bytes, `Last-Modified`.
    changed: Vec<(String, [u8; 32], Timestamp)>,
}

/// What a document is, but for its bytes.
struct Sheet<'a> {
    path: &'a str,
    media_type: &'static str,
    terms: Terms,
}

/// Returns the paths of all that a daemon of this configuration serves to everybody.
pub(super) fn paths(config: &Config) -> BTreeSet<String> {
    let is_open = |output: &&Output| !config.locks.contains_key(&output.path);
    let outputs = config.outputs.iter().filter(is_open).flat_map(|output| {
        let formats = output.formats.iter();
        formats.map(|format| path(output, *format))
    });
    let pages = [INDEX_PATH, STYLE_PATH].map(str::to_owned);
    outputs.chain(pages).collect()
}

impl Press {
    /// Renders all there is.
    pub(super) fn print_all(&self) -> Result<BTreeMap<String, Arc<Resource>>, StoreError> {
        Ok(self.print(&Stale::everything())?.resources)
    }

    /// Renders the stale outputs and the index; takes the others over from the shelf.
    fn print(&self, stale: &Stale) -> Result<Printed, StoreError> {
        let served = self.store.rendered()?;
        let outputs = &self.active.config.outputs;
        let mut printed = Printed::default();
        let mut latest: Vec<Vec<Article>> = Vec::new();
        for output in outputs {
            let stale = stale.concerns(output) || !self.has(output);
            let most = if stale { output.most() } else { INDEX_TITLES };
            let articles = self.articles(output, most)?;
            if stale {
                self.render(&mut printed, &served, output, &articles);
            } else {
                self.keep(&mut printed, output);
            }
            latest.push(
                articles
                    .into_iter()
                    .take(INDEX_TITLES)
                    .map(titled)
                    .collect(),
            );
        }
        self.print_pages(&mut printed, &served, &latest);
        Ok(printed)
    }

    /// Renders an output in its formats.
    fn render(
        &self,
        printed: &mut Printed,
        served: &Served,
        output: &Output,
        articles: &[Article],
    ) {
        for format in &output.formats {
            let path = path(output, *format);
            let body = publish::render(*format, &self.publication(output), articles);
            let sheet = Sheet {
                path: &path,
                media_type: format.media_type(),
                terms: self.terms(output, *format),
            };
            let resource = self.resource(printed, served, &sheet, body);
            printed.resources.insert(path, resource);
        }
    }

    /// Returns on which terms an output is handed out.
    fn terms(&self, output: &Output, format: OutputFormat) -> Terms {
        let address = publish::address(&self.active.config.site, output, format);
        let links = |hub: &Url| format!("<{hub}>; rel=\"hub\", <{address}>; rel=\"self\"");
        Terms {
            lock: self.active.config.locks.get(&output.path).cloned(),
            link: output.hub.as_ref().map(links),
        }
    }

    /// Takes an output over from the shelf.
    fn keep(&self, printed: &mut Printed, output: &Output) {
        for format in &output.formats {
            let path = path(output, *format);
            if let Some(held) = self.shelf.get(&path) {
                printed.resources.insert(path, held);
            }
        }
    }

    fn print_pages(&self, printed: &mut Printed, served: &Served, latest: &[Vec<Article>]) {
        let config = &self.active.config;
        // What is not everybody's is not told to everybody.
        let is_open = |output: &Output| !config.locks.contains_key(&output.path);
        let listings = config.outputs.iter().zip(latest);
        let listings = listings.filter(|(output, _)| is_open(output));
        let listings: Vec<Listing<'_>> = listings
            .map(|(output, articles)| Listing { output, articles })
            .collect();
        let pages = [
            (INDEX_PATH, HTML, publish::index(&config.site, &listings)),
            (STYLE_PATH, CSS, publish::STYLE.as_bytes().to_vec()),
        ];
        for (path, media_type, body) in pages {
            let sheet = Sheet {
                path,
                media_type,
                terms: Terms::default(),
            };
            let resource = self.resource(printed, served, &sheet, body);
            printed.resources.insert(path.to_owned(), resource);
        }
    }

    /// Returns the first articles of an output. Labels of topics that the configuration no longer
    /// has are left out.
    fn articles(&self, output: &Output, most: usize) -> Result<Vec<Article>, StoreError> {
        let topics = &self.active.config.site.topics;
        let mut articles = self.store.window(output, most)?;
        for article in &mut articles {
            article
                .topics
                .retain(|name| topics.iter().any(|(known, _)| known == name));
        }
        Ok(articles)
    }

    fn publication<'a>(&'a self, output: &'a Output) -> Publication<'a> {
        Publication {
            site: &self.active.config.site,
            identity: self.store.identity(),
            output,
        }
    }

    /// Tells whether the shelf holds all formats of the output.
    fn has(&self, output: &Output) -> bool {
        let mut paths = output.formats.iter().map(|format| path(output, *format));
        paths.all(|path| self.shelf.get(&path).is_some())
    }

    /// Makes a resource, and notes it where its bytes are new. One that is held already is not made again:
    /// compressing takes longer than rendering, and two of it would be in memory until the shelf is swapped.
    fn resource(
        &self,
        printed: &mut Printed,
        served: &Served,
        sheet: &Sheet<'_>,
        body: Vec<u8>,
    ) -> Arc<Resource> {
        let path = sheet.path;
        let digest = *blake3::hash(&body).as_bytes();
        let modified_at = match served.get(path) {
            Some((held, modified_at)) if *held == digest => *modified_at,
            Some((_, before)) => before
                .saturating_add(TICK)
                .unwrap_or(self.now)
                .max(self.now),
            None => self.now,
        };
        if served.get(path) != Some(&(digest, modified_at)) {
            printed.changed.push((path.to_owned(), digest, modified_at));
        }
        let held = self.shelf.get(path);
        let held = held.filter(|held| held.is(&digest, modified_at, &sheet.terms));
        held.unwrap_or_else(|| {
            let resource = Resource::new(sheet.media_type, body, modified_at);
            Arc::new(resource.on(sheet.terms.clone()))
        })
    }
}

/// Returns an article without its texts, which of one that has a title nobody lists: those of hundreds of
/// outputs would fill the memory.
fn titled(article: Article) -> Article {
    if article.title.is_empty() {
        return article;
    }
    Article {
        summary: None,
        content: None,
        ..article
    }
}

/// What the store knows of the documents that were served last.
type Served = BTreeMap<String, ([u8; 32], Timestamp)>;

const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Returns where an output is served.
pub(super) fn path(output: &Output, format: OutputFormat) -> String {
    format!("/{}.{}", output.path, format.name())
}

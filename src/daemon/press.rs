//! Publishing: renders the outputs that changed and puts them on the shelf.

use super::active::Active;
use super::archive::{Stacks, Standing};
use super::sources::{self, lists_sources};
use super::stale::Stale;
use super::story_pages;
use crate::config::Config;
use crate::model::{Article, Watch};
use crate::publish::{
    self, Beside, Card, Deleted, Listing, Output, OutputFormat, Place, Publication,
};
use crate::serve::{Archive, Lock, Resource, Shelf, Terms};
use crate::store::{Store, StoreError};
use jiff::{SignedDuration, Timestamp};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use url::Url;

/// The least step of `Last-Modified`, which counts seconds: other bytes never have the date of those
/// before, however the clock was set.
const TICK: SignedDuration = SignedDuration::from_secs(1);

/// Paths of what is served that is no output.
const INDEX_PATH: &str = "/";
const STYLE_PATH: &str = "/style.css";
const OUTPUTS_PATH: &str = "/feeds.opml";

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
/// Returns what came of it.
pub(super) async fn publish(press: Press, stale: Stale) -> Result<Published, PressError> {
    let store = press.store.clone();
    let (shelf, edition) = (Arc::clone(&press.shelf), press.edition);
    #[expect(clippy::disallowed_methods, reason = "reading and rendering block")]
    let printed = tokio::task::spawn_blocking(move || press.print(&stale, &Watch::default())).await;
    let printed = printed.map_err(|_| PressError::Panicked)??;
    let lacking = printed.resources.values().filter(|it| !it.is_complete());
    let unpacked = lacking.count();
    let is_put = shelf.replace_of(edition, printed.resources, printed.archives);
    let changed = printed.changed.iter().filter(|_| is_put);
    let changed = changed.map(|(path, ..)| path.clone()).collect();
    if is_put && (!printed.changed.is_empty() || !printed.gone.is_empty()) {
        store.set_rendered(printed.changed, printed.gone).await?;
    }
    Ok(Published {
        cards: printed.cards,
        rendered: printed.rendered,
        unpacked,
        changed,
        behind: printed.behind,
        failed: printed.failed,
    })
}

/// What came of a publishing.
#[derive(Debug)]
pub(super) struct Published {
    /// What is said of each output on the index.
    pub(super) cards: Cards,
    /// How many outputs were rendered.
    pub(super) rendered: u64,
    /// How many documents lack the forms that are kept.
    pub(super) unpacked: usize,
    /// The paths of the documents that are not what they were.
    pub(super) changed: BTreeSet<String>,
    /// Outputs of whose archives there is more to be made.
    pub(super) behind: BTreeSet<String>,
    /// Outputs whose archives are not up to date, and why.
    pub(super) failed: BTreeMap<String, String>,
}

/// What rendering works with.
#[derive(Debug)]
pub(super) struct Press {
    pub(super) store: Store,
    pub(super) active: Arc<Active>,
    pub(super) shelf: Arc<Shelf>,
    /// The edition of the shelf that this was begun at.
    pub(super) edition: u64,
    /// What was said of the outputs on the index; of one that is not stale it holds still.
    pub(super) cards: Cards,
    /// Documents that are known from files, where no daemon served them.
    pub(super) files: Served,
    pub(super) stacks: Stacks,
    pub(super) now: Timestamp,
}

/// What is known of each output, by its path, until it is stale.
pub(super) type Cards = BTreeMap<String, Arc<Told>>;

/// What is known of an output.
#[derive(Debug)]
pub(super) struct Told {
    /// What is said of it on the index.
    card: Card,
    /// Where the pages of its stories are served.
    pub(super) stories: BTreeSet<String>,
}

/// The next content of the shelf.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pub(super) cards: Cards,
    rendered: u64,
    pub(super) resources: BTreeMap<String, Arc<Resource>>,
    archives: Archives,
    behind: BTreeSet<String>,
    failed: BTreeMap<String, String>,
    /// What differs from what was served last: path, digest of the bytes, `Last-Modified`.
    changed: Vec<(String, [u8; 32], Timestamp)>,
    /// Paths of pages of stories that are no more.
    gone: Vec<String>,
    /// The stories whose pages were looked at: where they are served, with how many reports; `None`: nowhere.
    pub(super) stories: BTreeMap<i64, Option<(String, u64)>>,
}

impl Printed {
    /// Returns one with nothing but what is known of outputs.
    pub(super) fn of(cards: Cards) -> Self {
        Self {
            cards,
            ..Self::default()
        }
    }

    /// Notes what is left to be done at the archive of an output, and why it failed.
    fn note(&mut self, output: &Output, standing: Option<&Standing>, why: Option<String>) {
        let path = &output.path;
        let is_behind = standing.is_some_and(|it| it.is_behind);
        self.behind.extend(is_behind.then(|| path.clone()));
        self.failed.extend(why.map(|why| (path.clone(), why)));
    }
}

/// The archives of outputs, by their paths.
pub(super) type Archives = BTreeMap<String, Arc<Archive>>;

/// What a document is, but for its bytes.
pub(super) struct Sheet {
    pub(super) path: String,
    pub(super) media_type: &'static str,
    pub(super) terms: Terms,
}

/// Returns the paths of all that a daemon of this configuration serves to everybody.
pub(super) fn paths(config: &Config) -> BTreeSet<String> {
    let outputs = config.open_outputs().flat_map(paths_of);
    let sources = lists_sources(config).then_some(sources::PATH);
    let pages = [INDEX_PATH, STYLE_PATH, OUTPUTS_PATH].into_iter();
    let pages = pages.chain(sources).map(str::to_owned);
    outputs.chain(pages).collect()
}

impl Press {
    /// Renders all there is.
    pub(super) fn print_all(
        &self,
        watch: &Watch,
    ) -> Result<(BTreeMap<String, Arc<Resource>>, Archives), StoreError> {
        let printed = self.print(&Stale::everything(), watch)?;
        Ok((printed.resources, printed.archives))
    }

    /// Renders the stale outputs and the index; all else stays what it is on the shelf.
    fn print(&self, stale: &Stale, watch: &Watch) -> Result<Printed, StoreError> {
        self.store.note_shown()?;
        let served = self.store.rendered()?;
        let mut printed = self.as_it_stands(stale);
        let outputs = &self.active.config.outputs;
        let of = u64::try_from(outputs.len()).unwrap_or(u64::MAX);
        for (done, output) in (0..).zip(outputs) {
            watch.tell(done, of);
            let held = self.cards.get(&output.path);
            let held = held.filter(|_| !stale.concerns(output) && self.has(output));
            let told = if let Some(told) = held {
                let failed = self.stacks.failed.get_key_value(&output.path);
                let failed = failed.map(|(path, why)| (path.clone(), why.clone()));
                printed.failed.extend(failed);
                Arc::clone(told)
            } else {
                printed.rendered += 1;
                printed.archives.remove(&output.path);
                Arc::new(self.render(&mut printed, &served, output, stale)?)
            };
            printed.cards.insert(output.path.clone(), told);
        }
        story_pages::drop_untold(&mut printed);
        self.print_pages(&mut printed, &served);
        self.sweep(&printed.archives, stale);
        self.print_sources(&mut printed, &served, stale)?;
        printed.gone = story_pages::gone(&printed, &served);
        Ok(printed)
    }

    /// Returns what left an output of late, where it tells of that.
    fn deleted(
        &self,
        output: &Output,
        listed: &[(i64, Article)],
    ) -> Result<Vec<Deleted>, StoreError> {
        if !output.tombstones {
            return Ok(Vec::new());
        }
        if !self.stacks.are_ours {
            return self.store.deleted(output);
        }
        let listed = listed
            .iter()
            .map(|(number, it)| (it.atom_id.clone(), *number));
        let noted = self.store.note_deleted(output, listed.collect(), self.now);
        // What cannot be written now is noted the next time.
        noted.or_else(|_| self.store.deleted(output))
    }

    /// Renders an output in its formats, its page and those of its stories.
    fn render(
        &self,
        printed: &mut Printed,
        served: &Served,
        output: &Output,
        stale: &Stale,
    ) -> Result<Told, StoreError> {
        let audience = self.audience(output);
        let (seen, listed) = self.store.listed(audience, output.most())?;
        let (standing, why) = self.archive(output, (seen, &listed), stale);
        printed.note(output, standing.as_ref(), why);
        let deleted = self.deleted(output, &listed)?;
        let place = Place {
            page: None,
            older: standing.as_ref().and_then(Standing::newest),
        };
        let articles = listed.into_iter().map(|(_, article)| article);
        let mut articles: Vec<Article> = articles.collect();
        self.keep_what_is_told(output, &mut articles);
        let articles = &articles;
        let mut beside = Beside {
            older: place.older.and_then(|it| publish::page_link(output, it)),
            ..Beside::default()
        };
        let mut stories = BTreeSet::new();
        if self.lock(output).is_none() {
            (beside.stories, stories) = self.print_stories(printed, served, articles)?;
        }
        let publication = Publication {
            deleted: &deleted,
            ..self.publication(output, place)
        };
        for (format, body) in publish::documents(&output.formats, &publication, articles) {
            let sheet = Sheet {
                path: path(output, format),
                media_type: format.media_type(),
                terms: self.terms(output, format),
            };
            self.lay_out(printed, served, sheet, body);
        }
        self.print_page(
            printed,
            served,
            page_path(output),
            (output, articles),
            &beside,
        );
        let lock = self.lock(output);
        if let Some(key) = lock.as_ref().and_then(Lock::query) {
            key.clone_into(&mut beside.key);
            self.print_page(
                printed,
                served,
                keyed_path(output),
                (output, articles),
                &beside,
            );
        }
        let archive = standing.map(|it| (output.path.clone(), Arc::new(it.archive)));
        printed.archives.extend(archive);
        let card = Card::new(articles);
        Ok(Told { card, stories })
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

    /// Returns who may have an output, where that is not everybody.
    pub(super) fn lock(&self, output: &Output) -> Option<Lock> {
        self.active.config.locks.get(&output.path).cloned()
    }

    /// Returns on which terms an output is handed out.
    fn terms(&self, output: &Output, format: OutputFormat) -> Terms {
        let address = publish::address(&self.active.config.site, output, format);
        let links = |hub: &Url| format!("<{hub}>; rel=\"hub\", <{address}>; rel=\"self\"");
        Terms {
            lock: self.lock(output),
            link: output.hub.as_ref().map(links),
            page: Some(page_path(output)),
            keyed: None,
            counted_as: None,
        }
    }

    /// Begins with what is on the shelf, unless nothing of it stays.
    fn as_it_stands(&self, stale: &Stale) -> Printed {
        if stale.all {
            return Printed::default();
        }
        Printed {
            resources: BTreeMap::clone(&self.shelf.all()),
            archives: Archives::clone(&self.shelf.archives()),
            ..Printed::default()
        }
    }

    /// Renders what is no output: the index, its style, and the list of outputs.
    pub(super) fn print_pages(&self, printed: &mut Printed, served: &Served) {
        let config = &self.active.config;
        let open: Vec<&Output> = self.open_outputs().collect();
        let listings = open.iter().filter_map(|output| {
            let card = &printed.cards.get(&output.path)?.card;
            Some(Listing { output, card })
        });
        let listings: Vec<_> = listings.collect();
        let index = publish::index(&config.site, &listings, lists_sources(config));
        self.lay_out(printed, served, open_sheet(INDEX_PATH, HTML), index);
        // The others change with the configuration alone, and then nothing is taken over from the shelf.
        if !printed.resources.contains_key(STYLE_PATH) {
            let style = publish::STYLE.as_bytes().to_vec();
            self.lay_out(printed, served, open_sheet(STYLE_PATH, CSS), style);
        }
        if !printed.resources.contains_key(OUTPUTS_PATH) {
            let outputs = publish::outputs_opml(&config.site, &open);
            let sheet = open_sheet(OUTPUTS_PATH, publish::OPML);
            self.lay_out(printed, served, sheet, outputs);
        }
    }

    pub(super) fn publication<'a>(
        &'a self,
        output: &'a Output,
        place: Place<'a>,
    ) -> Publication<'a> {
        Publication {
            place,
            deleted: &[],
            site: &self.active.config.site,
            identity: self.store.identity(),
            output,
        }
    }

    /// Tells whether the shelf holds all that is made of the output.
    fn has(&self, output: &Output) -> bool {
        let mut paths = paths_of(output);
        paths.all(|path| self.shelf.get(&path).is_some())
    }

    /// Makes a resource, and notes it where its bytes are new. One that is held already is not made again:
    /// compressing takes longer than rendering, and two of it would be in memory until the shelf is swapped.
    pub(super) fn lay_out(
        &self,
        printed: &mut Printed,
        served: &Served,
        sheet: Sheet,
        body: Vec<u8>,
    ) {
        let digest = *blake3::hash(&body).as_bytes();
        let is_same = |(held, _): &&([u8; 32], Timestamp)| *held == digest;
        let served = served.get(&sheet.path);
        let held = served.filter(is_same);
        let held = held.or_else(|| self.files.get(&sheet.path).filter(is_same));
        let before = held.or(served);
        let modified_at = match before {
            Some((held, modified_at)) if *held == digest => *modified_at,
            Some((_, before)) => before
                .saturating_add(TICK)
                .unwrap_or(self.now)
                .max(self.now),
            None => self.now,
        };
        if before != Some(&(digest, modified_at)) {
            let changed = (sheet.path.clone(), digest, modified_at);
            printed.changed.push(changed);
        }
        let held = self.shelf.get(&sheet.path);
        let held = held.filter(|held| held.is(&digest, modified_at, &sheet.terms));
        let resource = held.unwrap_or_else(|| {
            let resource = Resource::new(sheet.media_type, body, modified_at);
            Arc::new(resource.on(sheet.terms))
        });
        printed.resources.insert(sheet.path, resource);
    }
}

/// Returns what a document for everybody is.
pub(super) fn open_sheet(path: &str, media_type: &'static str) -> Sheet {
    Sheet {
        path: path.to_owned(),
        media_type,
        terms: Terms::default(),
    }
}

/// What the store knows of the documents that were served last.
pub(super) type Served = BTreeMap<String, ([u8; 32], Timestamp)>;

pub(super) const HTML: &str = "text/html; charset=utf-8";
const CSS: &str = "text/css; charset=utf-8";

/// Returns where an output is served.
pub(super) fn path(output: &Output, format: OutputFormat) -> String {
    format!("/{}.{}", output.path, format.name())
}

/// Returns where the page of an output is served.
fn page_path(output: &Output) -> String {
    format!("/{}", publish::page_name(output))
}

/// Returns where the shelf has the page of a protected output with the key in its links: where no request leads.
pub(super) fn keyed_path(output: &Output) -> String {
    format!("{}?", page_path(output))
}

/// Returns where all that is made of an output is served.
pub(super) fn paths_of(output: &Output) -> impl Iterator<Item = String> {
    let formats = output.formats.iter();
    formats
        .map(|format| path(output, *format))
        .chain([page_path(output)])
}

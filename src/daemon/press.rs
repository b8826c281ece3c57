//! Publishing: renders the outputs that changed and puts them on the shelf.

use super::active::Active;
use super::archive::{Stacks, Standing};
use super::pages;
use super::served::{Mark, Served};
use super::settled::Settled;
use super::sources::{self, lists_sources};
use super::stale::Stale;
use super::story_pages;
use crate::config::Config;
use crate::model::{Article, Watch};
use crate::publish::{self, Card, Deleted, Draft, Output, OutputFormat, Place, Publication};
use crate::serve::{Archive, Lock, Resource, Shelf, Terms};
use crate::store::{Store, StoreError};
use jiff::Timestamp;
use std::collections::{BTreeMap, BTreeSet};
use std::mem;
use std::panic::resume_unwind;
use std::sync::Arc;
use std::thread;
use url::Url;

/// So many outputs at the most have their documents put before readers ahead of all pages: until then their articles are
/// in memory, some 300 kB of each. Of more all comes at once.
const AHEAD: usize = 16;

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
/// moment. Where few outputs are stale, their documents come in a step before the pages, and before they are compressed:
/// thousands of readers wait for those, and they are done in a third of the time.
///
/// A document whose bytes did not change keeps its `Last-Modified`, across restarts too (U8, U16): what
/// was served last is in the store. Where that cannot be written, readers get the new documents all the
/// same; a restart will date them anew.
///
/// Returns what came of it.
pub(super) async fn publish(mut press: Press, stale: Stale) -> Result<Published, PressError> {
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
    pub(super) files: BTreeMap<String, Mark>,
    pub(super) stacks: Stacks,
    /// What is known of the outputs, from when printing begins.
    pub(super) settled: Settled,
    pub(super) now: Timestamp,
}

/// What is known of each output, by its path, until it is stale.
pub(super) type Cards = BTreeMap<String, Arc<Told>>;

/// What is known of an output.
#[derive(Debug)]
pub(super) struct Told {
    /// What is said of it on the index.
    pub(super) card: Card,
    /// Where the pages of its stories are served.
    pub(super) stories: BTreeSet<String>,
    /// Whether that is for those with a key.
    pub(super) is_protected: bool,
}

/// The next content of the shelf.
#[derive(Debug, Default)]
pub(super) struct Printed {
    pub(super) cards: Cards,
    rendered: u64,
    pub(super) resources: BTreeMap<String, Arc<Resource>>,
    pub(super) archives: Archives,
    behind: BTreeSet<String>,
    failed: BTreeMap<String, String>,
    /// What differs from what was served last: path, digest of the bytes, `Last-Modified`.
    pub(super) changed: Vec<(String, [u8; 32], Timestamp)>,
    /// Paths at which nothing is any more.
    gone: Vec<String>,
    /// The stories whose pages were looked at: where they are served, with how many reports; `None`: nowhere.
    pub(super) stories: BTreeMap<i64, Option<(String, u64)>>,
    /// The paths of outputs of which nobody knows what they have, by a look at them and by what was read then.
    pub(super) unknown: BTreeSet<String>,
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

/// Makes something of all of these at once: of one here, and of each other one on a thread of its own, where the system has one to
/// give. Rendering a document and compressing it takes a millisecond and more, starting a thread some ten microseconds.
fn at_once<A: Sync, B: Send>(all: &[A], make: impl Fn(&A) -> B + Sync) -> Vec<B> {
    let Some((first, others)) = all.split_first() else {
        return Vec::new();
    };
    thread::scope(|scope| {
        let make = &make;
        let spawn = |it| thread::Builder::new().spawn_scoped(scope, move || make(it));
        let spawned: Vec<_> = others.iter().map(|it| (it, spawn(it))).collect();
        let first = make(first);
        let others = spawned.into_iter().map(|(it, thread)| match thread {
            // A panic is the caller's, as it would be here.
            Ok(thread) => thread.join().unwrap_or_else(|panic| resume_unwind(panic)),
            Err(_) => make(it),
        });
        [first].into_iter().chain(others).collect()
    })
}

/// What an output lists, for its page.
pub(super) struct Listed<'a> {
    pub(super) output: &'a Output,
    pub(super) articles: Vec<Article>,
    /// Where its archive begins, as its page says it.
    pub(super) older: Option<(OutputFormat, String)>,
}

/// The archives of outputs, by their paths.
pub(super) type Archives = BTreeMap<String, Arc<Archive>>;

/// What a document is, but for its bytes.
#[derive(Clone)]
pub(super) struct Sheet {
    pub(super) path: String,
    pub(super) media_type: &'static str,
    pub(super) terms: Terms,
}

/// Returns the paths of all that a daemon of this configuration serves to everybody.
pub(super) fn paths(config: &Config) -> BTreeSet<String> {
    let outputs = config.open_outputs().flat_map(paths_of);
    let sources = lists_sources(config).then_some(sources::PATH);
    let pages = pages::PATHS.into_iter();
    let pages = pages.chain(sources).map(str::to_owned);
    outputs.chain(pages).collect()
}

impl Press {
    /// Renders all there is.
    pub(super) fn print_all(&mut self, watch: &Watch) -> Result<Printed, StoreError> {
        self.print(&Stale::everything(), watch)
    }

    /// Renders the stale outputs and the index; all else stays what it is on the shelf.
    fn print(&mut self, stale: &Stale, watch: &Watch) -> Result<Printed, StoreError> {
        self.settled = self.look(self.store.note_shown(&self.active.rules)?, stale)?;
        let served = self.served(stale)?;
        let mut printed = Printed {
            unknown: self.settled.unknown.clone(),
            ..Printed::default()
        };
        if !stale.all {
            printed.archives = Archives::clone(&self.shelf.archives());
        }
        let outputs = &self.active.config.outputs;
        let of = u64::try_from(outputs.len()).unwrap_or(u64::MAX);
        let held = self.held(stale);
        let comes_first = !stale.all && outputs.len() <= held.len() + AHEAD;
        let mut waiting = Vec::new();
        for (done, output) in (0..).zip(outputs) {
            watch.tell(done, of);
            if let Some(told) = held.get(output.path.as_str()) {
                self.note_failed(&mut printed, output);
                printed.cards.insert(output.path.clone(), Arc::clone(told));
                continue;
            }
            printed.archives.remove(&output.path);
            let Some(listing) = self.render(&mut printed, (&served, stale), output, comes_first)?
            else {
                // Its rule may be another since all were looked at.
                printed.unknown.insert(output.path.clone());
                self.note_failed(&mut printed, output);
                self.hold(&mut printed, (&served, stale), output);
                continue;
            };
            printed.rendered += 1;
            if comes_first {
                waiting.push(listing);
            } else {
                self.print_reading(&mut printed, &served, listing)?;
            }
        }
        if !waiting.is_empty() {
            let archives = printed.archives.clone();
            self.shelf
                .put_ahead(self.edition, &printed.resources, archives);
            for Listed { output, .. } in &waiting {
                let formats = output.formats.iter();
                let made = formats.filter_map(|it| printed.resources.get(&path(output, *it)));
                at_once(&made.collect::<Vec<_>>(), |it| it.pack_quickly());
            }
        }
        self.add_what_stays(&mut printed, stale);
        for listing in waiting {
            self.print_reading(&mut printed, &served, listing)?;
        }
        story_pages::drop_untold(&mut printed);
        self.print_pages(&mut printed, &served);
        self.sweep(&printed, stale);
        self.print_sources(&mut printed, &served, stale)?;
        // Those of an output that is not known may be there again.
        if printed.unknown.is_empty() {
            printed.gone = self.gone(&printed, &served);
        }
        Ok(printed)
    }

    /// Returns what is known of the outputs that are not stale, by their paths: the shelf holds all that is made of them, as it
    /// holds their pages, which are made last.
    fn held(&self, stale: &Stale) -> BTreeMap<&str, &Arc<Told>> {
        let documents = self.shelf.all();
        let outputs = self.active.config.outputs.iter();
        let fresh = outputs
            .filter(|output| !stale.concerns(output) && documents.contains_key(&page_path(output)));
        fresh
            .filter_map(|it| Some((it.path.as_str(), self.cards.get(&it.path)?)))
            .collect()
    }

    /// Notes why the archive of an output that is not looked at is not up to date, if it is not.
    fn note_failed(&self, printed: &mut Printed, output: &Output) {
        let failed = self.stacks.failed.get_key_value(&output.path);
        let failed = failed.map(|(path, why)| (path.clone(), why.clone()));
        printed.failed.extend(failed);
    }

    /// Returns what left an output of late, where it tells of that, and dates what came back after what was told of it: who
    /// deleted that would have the older word stand against it (RFC 6721, 3).
    fn deleted(
        &self,
        output: &Output,
        listed: Vec<(String, i64)>,
        articles: &mut [Article],
    ) -> Result<Vec<Deleted>, StoreError> {
        if !output.tombstones {
            return Ok(Vec::new());
        }
        let as_noted = || self.store.turnover(output, self.now);
        let ids: Vec<String> = listed.iter().map(|(id, _)| id.clone()).collect();
        let turnover = if self.stacks.are_ours {
            // What cannot be written now is noted the next time.
            let noted = self.store.note_turnover(output, listed, self.now);
            noted.or_else(|_| as_noted())?
        } else {
            as_noted()?
        };
        for (id, article) in ids.iter().zip(articles) {
            if let Some(relisted_at) = turnover.relisted.get(id) {
                article.updated_at = article.updated_at.max(*relisted_at);
            }
        }
        Ok(self.tell_ids(turnover.deleted))
    }

    /// Renders an output in its formats, and returns what its page is to show; `None` while nobody knows what it has. What comes
    /// first is not compressed yet: that takes longer than rendering it.
    fn render<'a>(
        &self,
        printed: &mut Printed,
        (served, stale): (&Served, &Stale),
        output: &'a Output,
        comes_first: bool,
    ) -> Result<Option<Listed<'a>>, StoreError> {
        if self.settled.unknown.contains(&output.path) {
            return Ok(None);
        }
        let audience = self.audience(output);
        let (seen, listed) = self.store.listed(audience, output.most())?;
        if !self.settled.is_of(output, &seen) {
            return Ok(None);
        }
        // The store knows them by what they were before they are told.
        let keys = listed.iter().map(|(key, it)| (it.atom_id.clone(), *key));
        let keys: Vec<(String, i64)> = keys.collect();
        let articles = listed.into_iter().map(|(_, article)| article);
        let mut articles: Vec<Article> = articles.collect();
        self.keep_what_is_told(output, &mut articles);
        let (standing, why) = self.archive(output, (seen, &keys, &articles), stale);
        printed.note(output, standing.as_ref(), why);
        let deleted = self.deleted(output, keys, &mut articles)?;
        let place = Place {
            page: None,
            older: standing.as_ref().and_then(Standing::newest),
        };
        let older = place.older.and_then(|it| publish::page_link(output, it));
        let publication = Publication {
            deleted: &deleted,
            ..self.publication(output, place)
        };
        let draft = Draft::new(&publication, &articles);
        let sheet = |format: &OutputFormat| Sheet {
            path: path(output, *format),
            media_type: format.media_type(),
            terms: self.terms(output, *format),
        };
        let sheets = output.formats.iter().map(|it| (*it, sheet(it)));
        let sheets: Vec<(OutputFormat, Sheet)> = sheets.collect();
        let maker = self.maker(served);
        let made = at_once(&sheets, |(format, sheet)| {
            let made = maker.made(sheet.clone(), draft.document(*format));
            if !comes_first {
                made.resource.pack_quickly();
            }
            made
        });
        for made in made {
            printed.lay(made);
        }
        let archive = standing.map(|it| (output.path.clone(), Arc::new(it.archive)));
        printed.archives.extend(archive);
        Ok(Some(Listed {
            output,
            articles,
            older,
        }))
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

    /// Adds what is on the shelf to what was rendered, unless nothing of it stays.
    fn add_what_stays(&self, printed: &mut Printed, stale: &Stale) {
        if !stale.all {
            let rendered = mem::take(&mut printed.resources);
            printed.resources = Arc::unwrap_or_clone(self.shelf.all());
            printed.resources.extend(rendered);
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
}

/// Returns what a document for everybody is.
pub(super) fn open_sheet(path: &str, media_type: &'static str) -> Sheet {
    Sheet {
        path: path.to_owned(),
        media_type,
        terms: Terms::default(),
    }
}

/// Returns where an output is served.
pub(super) fn path(output: &Output, format: OutputFormat) -> String {
    format!("/{}.{}", output.path, format.name())
}

/// Returns where the page of an output is served.
pub(super) fn page_path(output: &Output) -> String {
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

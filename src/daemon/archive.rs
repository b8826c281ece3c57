//! Archives of outputs (RFC 5005): what has to have its document before the output leaves it out, as files.
//!
//! The ledger is in the store (`store/archives.rs`), the bytes are in files in the state directory, and nothing of them is in
//! memory. A document is entered in the ledger first, with its digests, and written after it; a start and whatever
//! failed look for files that are missing. One that cannot be made again as it was, since an article was edited or
//! is gone, is never made otherwise: the archive ends, and another begins under new addresses. So does one of which there
//! are more files than the ledger knows, for the database was put back to what it was, and one of which there is no
//! directory: the database may have been put where none of its files are, and nobody knows which came after it.

use super::press::{Archives, Press};
use super::stale::Stale;
use crate::mirror::{self, MirrorError};
use crate::model::Article;
use crate::publish::{self, Draft, Output, OutputFormat, Page, Place};
use crate::serve::{self, ARCHIVE_SUFFIX};
use crate::store::{Arrivals, Digest, Ledger, Seen, Sheet, StoreError, Waiting};
use jiff::Timestamp;
use std::cell::Cell;
use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::PathBuf;

/// Where the files are, in the state directory.
pub(super) const DIRECTORY: &str = "archive";

/// Documents that are made in one publishing beyond one of each output: half a second. An archive that begins has
/// thousands; polls, what readers are served, and a stop do not wait for it.
pub(super) const AT_ONCE: usize = 16;

/// Why an archive is not up to date. Readers get all that was there before.
#[derive(Debug, thiserror::Error)]
enum ArchiveError {
    /// The ledger cannot be read or written.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// A file cannot be written.
    #[error(transparent)]
    Mirror(#[from] MirrorError),
    /// A document cannot be compressed.
    #[error("cannot compress a document: {0}")]
    Pack(#[from] io::Error),
}

/// The archive of an output, as readers get it.
#[derive(Debug)]
pub(super) struct Standing {
    pub(super) archive: serve::Archive,
    /// Whether the output leads to it: not before all that was stored when it began is in it.
    pub(super) is_whole: bool,
    /// Whether there is more to be made.
    pub(super) is_behind: bool,
}

impl Standing {
    /// Returns the document to which the output leads.
    pub(super) fn newest(&self) -> Option<Page<'_>> {
        let archive = &self.archive;
        (self.is_whole && archive.last >= archive.first).then_some(Page {
            generation: &archive.generation,
            number: archive.last,
        })
    }
}

/// At which archives there is something to do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Due {
    /// Those of outputs that are not up to date, by their paths.
    pub(super) outputs: BTreeSet<String>,
    /// Whether all are to be looked through for what they lack, and what is over is to be removed.
    pub(super) is_thorough: bool,
}

/// What is known of the archives between two publishings.
#[derive(Debug, Default)]
pub(super) struct Care {
    /// Outputs whose archives are not up to date, and why.
    pub(super) failed: BTreeMap<String, String>,
    /// Since when one is not.
    pub(super) failed_since: Option<Timestamp>,
    /// When that is tried again.
    pub(super) again_at: Option<Timestamp>,
    /// Whether they are to be looked through when retention is done.
    pub(super) looks_through: bool,
    /// The archives as they were written as files for others.
    pub(super) written: Archives,
}

impl Care {
    /// Takes in which are not up to date. That is told once, and tried again after a rest.
    pub(super) fn note(
        &mut self,
        failed: BTreeMap<String, String>,
        now: Timestamp,
        rest: Timestamp,
    ) {
        for (output, why) in &failed {
            if self.failed.get(output) != Some(why) {
                tracing::error!("the archive of `{output}` is not up to date: {why}");
            }
        }
        if failed.is_empty() && !self.failed.is_empty() {
            tracing::info!("the archives are as they should be again");
        }
        let at = self.again_at.unwrap_or(rest);
        self.again_at = (!failed.is_empty()).then_some(at);
        self.failed_since = (!failed.is_empty()).then(|| self.failed_since.unwrap_or(now));
        self.failed = failed;
    }

    /// Returns outputs at whose archives is to be tried again what failed.
    pub(super) fn take_due(&mut self, now: Timestamp) -> BTreeSet<String> {
        let is_due = self.again_at.take_if(|at| *at <= now).is_some();
        let failed = self.failed.keys().filter(|_| is_due);
        failed.cloned().collect()
    }
}

/// Where the archives are, and what may be done with them.
#[derive(Clone, Debug)]
pub(super) struct Stacks {
    /// The directory of all.
    pub(super) directory: PathBuf,
    /// Whether they are brought up to date, or else read as they stand.
    pub(super) are_ours: bool,
    /// Documents that may still be made beyond one of each output.
    pub(super) left: Cell<usize>,
    /// Outputs whose archives were not up to date, and why: files may be missing.
    pub(super) failed: BTreeMap<String, String>,
}

impl Press {
    /// Brings the archive of an output up to date with what it lists, before anything else is listed: what the store knows
    /// the articles by, and each as it is told. Returns it, and why that failed, if it did: readers get what is new all the
    /// same.
    pub(super) fn archive(
        &self,
        output: &Output,
        listed: (Seen, &[(String, i64)], &[Article]),
        stale: &Stale,
    ) -> (Option<Standing>, Option<String>) {
        if !output.archive {
            return (None, None);
        }
        let path = &output.path;
        let failed = self.stacks.failed.contains_key(path);
        let work = Work {
            press: self,
            output,
            checks: stale.all || failed || stale.archives.outputs.contains(path),
            is_thorough: stale.archives.is_thorough,
        };
        let as_it_stands = || work.as_it_stands().ok().flatten();
        if !self.stacks.are_ours {
            return (as_it_stands(), None);
        }
        match work.bring_up(listed) {
            Ok(None) => (self.as_before(output), None),
            Ok(standing) => (standing, None),
            Err(error) => (as_it_stands(), Some(error.to_string())),
        }
    }

    /// Returns the archive that readers have, while it is not known what the output has.
    fn as_before(&self, output: &Output) -> Option<Standing> {
        Some(Standing {
            archive: serve::Archive::clone(&*self.shelf.archive(&output.path)?),
            is_whole: false,
            is_behind: false,
        })
    }
}

/// The work at the archive of one output.
#[derive(Clone, Copy)]
struct Work<'a> {
    press: &'a Press,
    output: &'a Output,
    /// Whether files may be missing.
    checks: bool,
    /// Whether entries are looked for that entered too old to be listed.
    is_thorough: bool,
}

impl Work<'_> {
    /// Brings the archive up to date with what the output lists, and returns it; `None` while nobody knows what
    /// the output has.
    fn bring_up(
        mut self,
        (seen, keys, told): (Seen, &[(String, i64)], &[Article]),
    ) -> Result<Option<Standing>, ArchiveError> {
        // What cannot be written is no archive in the ledger either.
        self.make_room()?;
        let mut arrivals = self.arrivals(seen, keys, told);
        let mut is_begun = false;
        loop {
            let Some(mut ledger) = self.press.store.note(arrivals.clone())? else {
                return Ok(None);
            };
            if ledger.is_new {
                mirror::make_private(&self.directory_of(&ledger.generation))?;
            }
            if std::mem::take(&mut self.checks) && !self.mend(&ledger)? {
                self.press
                    .store
                    .end_archive(ledger.archive, self.press.now)?;
                continue;
            }
            let listed: Vec<bool> = ledger.waiting.iter().map(|it| it.is_listed).collect();
            let size = publish::next_page(self.output, &listed);
            let is_more = size > 0 || ledger.is_behind;
            if is_more && is_begun && self.press.stacks.left.get() == 0 {
                return Ok(Some(self.standing(&ledger, true)));
            }
            if is_more {
                is_begun = true;
                let left = &self.press.stacks.left;
                left.set(left.get().saturating_sub(1));
            }
            if size > 0 {
                self.make(&ledger, size)?;
                continue;
            }
            if ledger.is_behind {
                continue;
            }
            if (self.is_thorough || !ledger.is_whole)
                && self.look_through(&ledger, &mut arrivals)?
            {
                continue;
            }
            if !ledger.is_whole {
                self.press.store.set_whole(ledger.archive)?;
                ledger.is_whole = true;
            }
            return Ok(Some(self.standing(&ledger, false)));
        }
    }

    /// Looks for entries that are not noted, and tells whether there are any.
    fn look_through(
        &mut self,
        ledger: &Ledger,
        arrivals: &mut Arrivals,
    ) -> Result<bool, ArchiveError> {
        let others = self.press.store.unnoted(self.output, ledger.archive)?;
        // What was noted just now and is none is no news a second time.
        self.is_thorough = !others.is_empty() && others != arrivals.others;
        arrivals.others = others;
        Ok(self.is_thorough)
    }

    /// Returns the archive as it stands, without writing anything: of what has its files.
    fn as_it_stands(&self) -> Result<Option<Standing>, ArchiveError> {
        let basis = publish::basis(&self.press.active.config.site, self.output);
        let Some(mut ledger) = self.press.store.ledger(self.output, &basis)? else {
            return Ok(None);
        };
        while ledger.last >= ledger.first && !self.missing(&ledger, ledger.last).is_empty() {
            ledger.last -= 1;
        }
        Ok(Some(self.standing(&ledger, false)))
    }

    fn directory(&self) -> PathBuf {
        self.press.stacks.directory.join(&self.output.path)
    }

    /// Makes the directory of the output, which may not be for everybody.
    fn make_room(&self) -> Result<(), MirrorError> {
        mirror::make_private(&self.press.stacks.directory)?;
        mirror::make_private(&self.directory())
    }

    fn directory_of(&self, generation: &str) -> PathBuf {
        self.directory().join(generation)
    }

    fn arrivals(&self, seen: Seen, keys: &[(String, i64)], told: &[Article]) -> Arrivals {
        // What its length keeps out of a document is not in it: the length of what is told.
        let held = publish::held(self.output, &told.iter().collect::<Vec<_>>());
        let listed = keys.iter().zip(told);
        let listed = listed.filter(|(_, it)| held.contains(it.atom_id.as_str()));
        let listed = listed.map(|(key, _)| key.clone());
        Arrivals {
            output: self.output.clone(),
            basis: publish::basis(&self.press.active.config.site, self.output),
            seen,
            // The last that came stands first.
            listed: listed.rev().collect(),
            others: Vec::new(),
            now: self.press.now,
        }
    }

    fn standing(&self, ledger: &Ledger, is_behind: bool) -> Standing {
        let formats = self.output.formats.iter();
        Standing {
            archive: serve::Archive {
                directory: self.directory(),
                generation: ledger.generation.clone(),
                first: ledger.first,
                last: ledger.last,
                formats: formats.map(|it| (it.name(), it.media_type())).collect(),
                once: OutputFormat::ALL.iter().map(|it| it.name()).collect(),
                former: ledger.former.clone(),
                lock: self.press.lock(self.output),
            },
            is_whole: ledger.is_whole,
            is_behind,
        }
    }

    /// Makes the next document, of the first entries that wait.
    fn make(&self, ledger: &Ledger, size: usize) -> Result<(), ArchiveError> {
        let entries: Vec<Waiting> = ledger.waiting.iter().take(size).copied().collect();
        let audience = self.press.audience(self.output);
        let read = self.press.store.archived(audience, &entries)?;
        let mut struck = Vec::new();
        let mut kept = Vec::new();
        let mut articles = Vec::new();
        for (entry, article) in entries.iter().zip(read) {
            match article {
                Some(article) => {
                    kept.push(entry.position);
                    articles.push(article);
                }
                None => struck.push(entry.position),
            }
        }
        // What is told instead of an address may be longer than that was.
        self.press.keep_what_is_told(self.output, &mut articles);
        articles.truncate(publish::fitting(self.output, &articles));
        let last = kept.get(articles.len().saturating_sub(1)).copied();
        let Some(last) = last else {
            return Ok(self.press.store.strike(ledger.archive, struck)?);
        };
        let number = ledger.last + 1;
        let documents = self.documents(&ledger.generation, number, articles);
        let sheet = Sheet {
            number,
            last,
            digests: documents.iter().map(|it| digest(&it.1)).collect(),
            modified_at: self.press.now,
        };
        let (archive, made_at) = (ledger.archive, sheet.modified_at);
        self.press.store.close_sheet(archive, sheet, struck)?;
        for (format, document) in &documents {
            self.write(&ledger.generation, (number, *format), document, made_at)?;
        }
        Ok(())
    }

    /// Renders a document in all formats; `articles` come in the order in which they came.
    fn documents(
        &self,
        generation: &str,
        number: u64,
        mut articles: Vec<Article>,
    ) -> Vec<(OutputFormat, Vec<u8>)> {
        articles.reverse();
        articles.sort_by_key(|article| Reverse(article.published_at));
        self.press.keep_what_is_told(self.output, &mut articles);
        let place = Place {
            page: Some(Page { generation, number }),
            older: (number > 1).then(|| Page {
                generation,
                number: number - 1,
            }),
        };
        let publication = self.press.publication(self.output, place);
        let draft = Draft::new(&publication, &articles);
        let formats = self.output.formats.iter();
        formats.map(|it| (*it, draft.document(*it))).collect()
    }

    fn write(
        &self,
        generation: &str,
        (number, format): (u64, OutputFormat),
        document: &[u8],
        made_at: Timestamp,
    ) -> Result<(), ArchiveError> {
        self.make_room()?;
        let directory = self.directory_of(generation);
        let content = serve::packed(document)?;
        Ok(mirror::add(
            &directory,
            &file_name(number, format),
            &content,
            made_at,
        )?)
    }

    /// Returns the formats in which a document has no file.
    fn missing(&self, ledger: &Ledger, number: u64) -> Vec<OutputFormat> {
        let directory = self.directory_of(&ledger.generation);
        let formats = self.output.formats.iter().copied();
        formats
            .filter(|format| !directory.join(file_name(number, *format)).is_file())
            .collect()
    }

    /// Makes the files that are missing; returns whether all are as the ledger has them.
    fn mend(&self, ledger: &Ledger) -> Result<bool, ArchiveError> {
        // It was made when the archive began.
        if !self.directory_of(&ledger.generation).is_dir() {
            return Ok(false);
        }
        for sheet in self.press.store.sheets(ledger.archive)? {
            let missing = self.missing(ledger, sheet.number);
            if !missing.is_empty() && !self.make_again(ledger, &sheet, &missing)? {
                return Ok(false);
            }
        }
        // The ledger has been put back where one is there that it does not know.
        let unknown = self.missing(ledger, ledger.last + 1);
        Ok(unknown.len() == self.output.formats.len())
    }

    fn make_again(
        &self,
        ledger: &Ledger,
        sheet: &Sheet,
        missing: &[OutputFormat],
    ) -> Result<bool, ArchiveError> {
        let entries = self.press.store.entries_of(ledger.archive, sheet)?;
        let audience = self.press.audience(self.output);
        let articles = self.press.store.archived(audience, &entries)?;
        let articles: Option<Vec<Article>> = articles.into_iter().collect();
        let Some(articles) = articles else {
            return Ok(false);
        };
        let documents = self.documents(&ledger.generation, sheet.number, articles);
        let digests: Vec<Digest> = documents.iter().map(|it| digest(&it.1)).collect();
        if digests != sheet.digests {
            return Ok(false);
        }
        for (format, document) in documents.iter().filter(|it| missing.contains(&it.0)) {
            let place = (sheet.number, *format);
            self.write(&ledger.generation, place, document, sheet.modified_at)?;
        }
        Ok(true)
    }
}

/// Returns the number of the document whose file has a name.
pub(super) fn number_of(name: &str) -> Option<u64> {
    let (digits, _) = name.split_once('.')?;
    digits.parse().ok()
}

/// Returns the file of a document beneath the directory of its archive.
fn file_name(number: u64, format: OutputFormat) -> String {
    format!("{number}.{}{ARCHIVE_SUFFIX}", format.name())
}

fn digest(document: &[u8]) -> Digest {
    *blake3::hash(document).as_bytes()
}

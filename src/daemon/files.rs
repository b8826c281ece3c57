//! What is served, as files: `publish-dir` of a daemon, and for `merganser publish` (`by_hand`).

use super::Daemon;
use super::archive;
use super::chores::{Chores, later};
use super::exports::{self, Claims, Fault, Pulse, Unwritten, look_into};
use super::pages::ICON_PATH;
use super::press::Archives;
use super::served::Mark;
use super::staying::{Staying, plain};
use crate::config::Config;
use crate::mirror::{self, Digest, File, MirrorError, Owner, Written};
use crate::model::Identity;
use crate::publish;
use crate::serve::{ARCHIVE_SUFFIX, Archive, Resource, unpacked};
use crate::store::{Store, StoreError};
use bytes::Bytes;
use jiff::{SignedDuration, Timestamp};
use rustix::system::uname;
use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::mem;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use url::Url;

/// How long it rests when the files could not be written. A full disk is not emptied sooner.
const REST: SignedDuration = SignedDuration::from_mins(1);

/// The file of `/`, by the name under which web servers look for it.
pub(super) const INDEX: &str = "index.html";

/// What lies in the state directory beside the database.
const OURS: [&str; 2] = [archive::DIRECTORY, "backups"];

/// How it is with the files of a daemon.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Files {
    /// Whether they are to be written before anything else is done: they hold what readers may not have any more.
    pub(super) come_first: bool,
    /// The same of those that are being written.
    pub(super) first_sent: bool,
    /// Whether they were written when that was tried last, in the directory that is named now; else they fail, or nobody
    /// knows.
    pub(super) are_written: bool,
}

/// Refuses a directory that is the state directory, or one in it that is ours: the database would be there for everybody,
/// and files of ours among those that are removed.
pub(super) fn keep_off(state: &Path, directory: &Path) -> Result<(), MirrorError> {
    let (there, state) = (real(directory), real(state));
    let is_within = |ours: &&str| there.starts_with(state.join(ours));
    if there == state || OURS.iter().any(is_within) {
        return Err(MirrorError::Ours(directory.to_owned()));
    }
    Ok(())
}

/// Returns as whose files are written: those of this database. Where one was begun anew for the same readers, or in the same
/// state directory, that goes on in its place.
///
/// Where all the world finds it, the address names it: the files may lie open to the world themselves, and paths of this
/// machine are none of its business. That address may be given to it when it is begun anew, so both say it in a digest, too.
pub(super) fn owner(identity: &Identity, public_url: &Url, state: &Path) -> Owner {
    let what = format!("{},{}", identity.authority, identity.created_at);
    // Its parts alone: what is there already comes with a slash at its end.
    let state: PathBuf = real(state).components().collect();
    let place = if publish::is_local(public_url) {
        state.display().to_string()
    } else {
        public_url.to_string()
    };
    Owner::new(&what, &place).at_home(&home(&state))
}

/// Returns a name of a state directory that does not tell its path. Most machines have theirs at the same one, and two of them
/// may share a volume: the name of the machine is in it, too.
fn home(state: &Path) -> String {
    let machine = uname();
    let mut hasher = blake3::Hasher::new();
    hasher.update(machine.nodename().to_bytes_with_nul());
    hasher.update(state.as_os_str().as_encoded_bytes());
    hasher.finalize().to_hex().to_string()
}

/// Returns where a path leads, as far as that is there.
fn real(path: &Path) -> PathBuf {
    let path = std::path::absolute(path).unwrap_or_else(|_| path.to_owned());
    let mut ancestors = path.ancestors();
    let found = ancestors.find_map(|it| Some((it, fs::canonicalize(it).ok()?)));
    let beyond = found.and_then(|(it, real)| Some(real.join(path.strip_prefix(it).ok()?)));
    beyond.unwrap_or(path)
}

/// Returns which of the files in `directory` are not what is served; `None` where it does not answer.
///
/// # Errors
/// When the database cannot be read.
pub fn files_behind(
    config: &Config,
    store: &Store,
    directory: &Path,
) -> Result<Option<Vec<String>>, StoreError> {
    let paths = super::press::paths(config);
    let served = store.rendered()?;
    let wanted = served.iter().filter(|(path, _)| paths.contains(*path));
    let mut wanted: BTreeMap<String, Digest> = wanted
        .map(|(path, (digest, _))| (file_name(path), *digest))
        .collect();
    let directory = directory.to_owned();
    Ok(look_into(move || {
        wanted.retain(|name, _| !gives_way(&directory, name));
        mirror::behind(&directory, &wanted)
    }))
}

/// Writes all of these that are for everybody as files, with the compressed forms of each beside it, and the documents of
/// archives but for those of `written`, which are as they were; removes what was written of others.
///
/// What is taken from readers goes first, whatever else fails. Then nothing is there at any moment, nor after any
/// fault, that leads to what is not: documents of archives are written before the outputs that lead to them, and what an
/// archive has no more is removed after these.
pub(super) fn write(
    (directory, owner): (&Path, &Owner),
    resources: &BTreeMap<String, Arc<Resource>>,
    (archives, written): (&Archives, &Archives),
    (staying, pulse): (&Staying, &Pulse),
) -> Result<Written, MirrorError> {
    let seen = &|| pulse.beat();
    mirror::refuse_others(directory, owner)?;
    let open = archives.iter().filter(|(_, it)| it.lock.is_none());
    let archives: BTreeMap<&String, &Arc<Archive>> = open.collect();
    let is_changed = |(path, archive): &(&&String, &&Arc<Archive>)| {
        written.get(**path) != Some(**archive) || has_leftovers(&directory.join(path), archive)
    };
    let changed: Vec<_> = archives.iter().filter(is_changed).collect();
    let names: Vec<&str> = changed.iter().map(|(path, _)| path.as_str()).collect();
    mirror::refuse_others_beneath(directory, &names, owner)?;
    let mut documents = document_files(resources, seen);
    let kept = staying.files(directory);
    let is_kept = |name: &str| plain(name) == INDEX && kept.contains(INDEX);
    documents.retain(|file| !gives_way(directory, &file.name) && !is_kept(&file.name));
    let documents = heeding(documents, pulse);
    let stays = |name: &str| kept.contains(name);
    let mut done = mirror::prune(directory, (&documents, &stays), seen)?;
    let files: BTreeSet<&str> = documents.iter().map(|file| file.name.as_str()).collect();
    let unknown = mirror::names(directory).into_iter();
    let unknown =
        unknown.filter(|name| !archives.contains_key(name) && !staying.archives.contains(name));
    let (ended, closed): (Vec<String>, Vec<String>) =
        unknown.partition(|name| is_output(name, &files));
    for name in closed {
        done = done.with(mirror::clear_out(
            &directory.join(name),
            &is_of_archive,
            seen,
        )?);
    }
    let files_of = |archive: &Archive| heeding(archive_files(archive, seen), pulse);
    let changed: Vec<(PathBuf, Vec<File<'_>>)> = changed
        .into_iter()
        .map(|(path, archive)| (directory.join(path), files_of(archive)))
        .collect();
    for (directory, files) in changed.iter().filter(|(_, files)| !files.is_empty()) {
        done = done.with(mirror::extend(directory, files, seen)?);
        mirror::sign(directory, owner)?;
    }
    done = done.with(mirror::extend(directory, &documents, seen)?);
    mirror::sign(directory, owner)?;
    for (directory, files) in &changed {
        let removed = if files.is_empty() {
            mirror::clear_out(directory, &is_of_archive, seen)?
        } else {
            mirror::prune(directory, (files, &|_| false), seen)?
        };
        done = done.with(removed);
    }
    for name in ended {
        done = done.with(mirror::clear_out(
            &directory.join(name),
            &is_of_archive,
            seen,
        )?);
    }
    Ok(done)
}

/// Tells whether a file of ours is left out for one that others put there: an icon, of which many sites have their own.
fn gives_way(directory: &Path, name: &str) -> bool {
    let icon = file_name(ICON_PATH);
    // A form of ours beside theirs would be taken for one of theirs.
    plain(name) == icon && mirror::is_theirs(directory, &icon)
}

/// Tells whether a file is one of an archive by its name beneath the directory of that: `GENERATION/NUMBER.FORMAT`. Another
/// merganser that writes in a directory beneath ours, or behind a link in it, has others there, its index before all.
fn is_of_archive(name: &str) -> bool {
    let is_generation = |name: &str| name.chars().all(|c| c.is_ascii_hexdigit());
    let parts = name.split_once('/');
    parts.is_some_and(|(generation, file)| {
        is_generation(generation) && archive::number_of(file).is_some()
    })
}

/// Tells whether there are files of an output of this name. There may be as many names in a directory as files.
fn is_output(name: &str, files: &BTreeSet<&str>) -> bool {
    let prefix = format!("{name}.");
    let mut from = files.range::<&str, _>(prefix.as_str()..);
    from.next().is_some_and(|next| next.starts_with(&prefix))
}

/// Does that while no other thread writes in the directory, unless nobody wants it any more by then.
fn write_alone(
    state: &Path,
    (directory, owner): (&Path, &Owner),
    (resources, archives): (&BTreeMap<String, Arc<Resource>>, (&Archives, &Archives)),
    (staying, claims, pulse): (&Staying, &Claims, &Pulse),
) -> Result<Written, Fault> {
    keep_off(state, directory)?;
    let place = mirror::identity(directory)?;
    let _claim = claims.claim(place);
    let _alone = mirror::alone(directory)?;
    // Another may have written meanwhile what is newer.
    pulse.heed().map_err(|error| error.to_string())?;
    let written = write((directory, owner), resources, archives, (staying, pulse))?;
    Ok(written)
}

/// Returns files of which none is written any more once nobody wants them.
fn heeding<'a>(files: Vec<File<'a>>, pulse: &'a Pulse) -> Vec<File<'a>> {
    let files = files.into_iter().map(|file| {
        let content = file.content;
        let heed = move || {
            pulse.heed()?;
            content()
        };
        File {
            content: Box::new(heed),
            ..file
        }
    });
    files.collect()
}

/// Tells whether there are files of an archive that ended so long ago that it has none any more.
fn has_leftovers(directory: &Path, archive: &Archive) -> bool {
    let mut former = archive.former.iter();
    former.any(|it| directory.join(it).is_dir() && !archive.directory.join(it).is_dir())
}

/// Returns the files of all documents that are for everybody, those first that others lead to. `seen` is called for each
/// document: one that is new gets its forms, which takes a while.
fn document_files<'r>(
    resources: &'r BTreeMap<String, Arc<Resource>>,
    seen: &dyn Fn(),
) -> Vec<File<'r>> {
    let open = resources.iter().filter(|(_, it)| !it.is_protected());
    let mut open: Vec<(&String, &Arc<Resource>)> = open.collect();
    open.sort_by_key(|(path, _)| {
        let is_story = publish::is_story_page(path.trim_start_matches('/'));
        (path.as_str() == "/", !is_story)
    });
    let files = open.into_iter().flat_map(|(path, resource)| {
        seen();
        let suffixes = resource.file_suffixes().into_iter();
        suffixes.map(move |suffix| File {
            name: format!("{}{suffix}", file_name(path)),
            digest: resource.digest(),
            modified_at: resource.modified_at(),
            content: Box::new(move || Ok(resource.file(suffix))),
        })
    });
    files.collect()
}

/// Returns what the files of a directory hold, by the paths at which it is served.
pub(super) fn held(directory: &Path) -> BTreeMap<String, Mark> {
    let files = mirror::held(directory).into_iter();
    files.map(|(name, held)| (path_of(&name), held)).collect()
}

/// Returns at which path the document of a file is served.
fn path_of(name: &str) -> String {
    match name {
        INDEX => "/".to_owned(),
        name => format!("/{name}"),
    }
}

/// Returns the files of an archive, and what is left of those before it; of each, the oldest first, since each
/// leads to the one before it. What else lies there was made for those with a key (U31). `seen` is called for each document
/// that is looked at.
fn archive_files(archive: &Archive, seen: &dyn Fn()) -> Vec<File<'static>> {
    let mut files = Vec::new();
    let is_told = |name: &String| *name == archive.generation || archive.former.contains(name);
    for generation in mirror::names(&archive.directory)
        .into_iter()
        .filter(is_told)
    {
        let here = archive.directory.join(&generation);
        let is_present = generation == archive.generation;
        let names = mirror::names(&here).into_iter();
        let mut names: Vec<(u64, String)> = names
            .filter_map(|name| Some((archive::number_of(&name)?, name)))
            .filter(|(number, _)| !is_present || (archive.first..=archive.last).contains(number))
            .collect();
        names.sort_unstable();
        for (_, name) in names {
            seen();
            files.extend(forms(&here.join(&name), &format!("{generation}/{name}")));
        }
    }
    files
}

/// Returns a file of an archive in both of its forms; none where it cannot be looked at.
fn forms(path: &Path, name: &str) -> Vec<File<'static>> {
    let modified_at = fs::metadata(path).and_then(|it| it.modified()).ok();
    let modified_at = modified_at.and_then(|at| Timestamp::try_from(at).ok());
    let (Some(modified_at), Some(plain)) = (modified_at, name.strip_suffix(ARCHIVE_SUFFIX)) else {
        return Vec::new();
    };
    let (packed_path, path) = (path.to_owned(), path.to_owned());
    // Under its name there is never anything else.
    let digest = *blake3::hash(plain.as_bytes()).as_bytes();
    vec![
        File {
            name: plain.to_owned(),
            digest,
            modified_at,
            content: Box::new(move || Ok(unpacked(&fs::read(&path)?)?.into())),
        },
        File {
            name: name.to_owned(),
            digest,
            modified_at,
            content: Box::new(move || Ok(Bytes::from(fs::read(&packed_path)?))),
        },
    ]
}

/// Returns the file of what is served at a path.
pub(super) fn file_name(path: &str) -> String {
    match path.trim_start_matches('/') {
        "" => INDEX.to_owned(),
        name => name.to_owned(),
    }
}

impl Daemon {
    /// Returns the directory of the files, if there are to be any; a relative one lies in the state directory.
    pub(super) fn publish_dir(&self) -> Option<PathBuf> {
        let directory = self.active.config.server.publish_dir.as_ref();
        directory.map(|directory| self.state.path().join(directory))
    }

    /// Begins to write what is served as files.
    pub(super) fn start_files(&mut self) {
        self.chores.files_from = None;
        self.chores.files.first_sent = mem::take(&mut self.chores.files.come_first);
        let Some(directory) = self.publish_dir() else {
            self.chores.files.first_sent = false;
            self.chores.files_fail = None;
            self.chores.archives.written.clear();
            self.news_served();
            return;
        };
        let (resources, archives) = (self.shelf.all(), self.shelf.archives());
        let staying = Staying::of(&self.active.config, &resources, &archives);
        let written = mem::take(&mut self.chores.archives.written);
        let state = self.state.path().to_owned();
        let public_url = &self.active.config.site.public_url;
        let owner = owner(self.store.identity(), public_url, &state);
        let there = directory.clone();
        let claims = self.chores.exports.claims();
        let work = move |pulse: &Pulse| {
            let documents = (&*resources, (&*archives, &written));
            let there = (there.as_path(), &owner);
            let written = write_alone(&state, there, documents, (&staying, &claims, pulse));
            Ok((written?, archives))
        };
        let now = self.clock.uptime();
        self.chores.exports.send(directory, now, work);
    }

    /// Takes in how that went; nothing is known of what was given up. A fault is logged once, told in the status, and
    /// tried again after a rest.
    pub(super) fn finish_files(&mut self, came_to: Option<exports::Outcome>) {
        let now = self.clock.now();
        let what = self.publish_dir().unwrap_or_default();
        let chores: &mut Chores = &mut self.chores;
        if let Some(silent) = chores.exports.was_silent() {
            // Until they are written.
            chores.files_fail = Some(silent);
        }
        match came_to {
            None => {}
            Some(Ok((written, archives))) => {
                chores.archives.written = Archives::clone(&archives);
                chores.files_at = Some(now);
                (chores.files.are_written, chores.files.first_sent) = (true, false);
                if chores.files_fail.take().is_some() {
                    tracing::info!("`publish-dir` is as it should be again");
                }
                tracing::debug!(?written, "the files of `publish-dir`");
                self.news_written();
            }
            Some(Err(Fault { why, is_kept })) => {
                // What was to go first since it began waits for no fault of what was before.
                let rest = if chores.files.come_first {
                    now
                } else {
                    later(now, REST)
                };
                chores.files_from = Some(rest);
                chores.files.come_first |= mem::take(&mut chores.files.first_sent);
                chores.files.are_written = false;
                let before = chores.files_fail.take();
                if before.as_ref().is_none_or(|it| it.why != why) {
                    tracing::error!("`publish-dir` is not up to date: {why}");
                }
                let since = before.map_or(now, |it| it.since);
                chores.files_fail = Some(Unwritten {
                    since,
                    why,
                    what,
                    is_kept,
                });
                self.news_unwritten();
            }
        }
    }
}

#[cfg(test)]
mod tests;

//! Opening, making and checking the database file.
//!
//! A file is looked at before SQLite may touch it: what is not ours, newer than we are or damaged is
//! refused as it stands (R9, R10). A new one is made under another name and put in its place whole, so
//! that an empty file at that place always means damage and never an unlucky moment.

use super::pool::Pool;
use super::rows::{At, count};
use super::shown::Shown;
use super::writer::{self, Writer};
use super::{Store, StoreError, permit, seal};
use crate::model::{Identity, Watch};
use include_dir::{Dir, include_dir};
use jiff::Timestamp;
use rusqlite::config::DbConfig;
use rusqlite::{Connection, OpenFlags, Transaction};
use rusqlite_migration::{Migrations, MigrationsBuilder};
use std::ffi::OsString;
use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::mpsc;

/// "Merg" in the header: how `file` and we tell the database from others.
pub(super) const APPLICATION_ID: u32 = 0x4D65_7267;

/// How long to wait for a lock that another process holds: a shell's backup is done by then.
const BUSY: Duration = Duration::from_secs(5);

/// What every connection is set to (R1), after the busy timeout, which must come first: the first
/// statement may already meet a lock. NORMAL may lose the last commits at a power cut, never
/// consistency; a poll that is lost is polled again, validators and all.
const PRAGMAS: &str = "
    PRAGMA synchronous = NORMAL;
    PRAGMA foreign_keys = ON;
    PRAGMA journal_size_limit = 33554432;
    PRAGMA temp_store = MEMORY;
    PRAGMA trusted_schema = OFF;
";

/// What the writer is set to besides. 8 MiB of cache hold the inner pages of the key index of some
/// million entries, which are met in random order. The log is brought into the file at 16 MiB, the size
/// it is cut to: at the default of 4 MiB, the pages of that index are copied at nearly every commit.
const WRITER_PRAGMAS: &str = "
    PRAGMA journal_mode = WAL;
    PRAGMA cache_size = -8192;
    PRAGMA wal_autocheckpoint = 8192;
";

/// More than the store has statements, so that each is compiled once.
const STATEMENTS: usize = 192;

/// One directory per schema version, in order.
pub(super) static DIRECTORY: Dir<'static> = include_dir!("$CARGO_MANIFEST_DIR/migrations");

/// Returns the newest schema known here.
pub(super) fn newest_schema() -> usize {
    DIRECTORY.dirs().count()
}

/// Opens the database for writing; makes or migrates it first where that is needed.
///
/// Returns with it when it was last checked: now, unless its seal says that it is as it was left. `watch` is told how many migrations
/// are done of those that lack, and of a check that it goes on.
pub(super) fn writer(
    path: &Path,
    authority: &str,
    now: Timestamp,
    watch: &Watch,
) -> Result<(Connection, Timestamp), StoreError> {
    if !path
        .try_exists()
        .map_err(|error| StoreError::access("read", path, error))?
    {
        create(path, authority, now)?;
    }
    refuse_strangers(path)?;
    permit::refuse_unwritable(path)?;
    let checked_at = match seal::read(path, now) {
        Some(checked_at) => checked_at,
        None => check(path, watch).map(|()| now)?,
    };
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(path.as_os_str(), flags).map_err(failed)?;
    connection.execute_batch(WRITER_PRAGMAS).map_err(failed)?;
    seal::break_open(path).map_err(|error| StoreError::access("write", path, error))?;
    let found = schema(&connection).map_err(failed)?;
    if found < newest_schema() {
        let lacking = u64::try_from(newest_schema() - found).unwrap_or(u64::MAX);
        let done = Arc::new(AtomicU64::new(0));
        let told = (watch.clone(), Arc::clone(&done));
        let tell = move || told.0.tell(told.1.load(Ordering::Relaxed), lacking);
        tell();
        watched(&connection, tell).map_err(failed)?;
        migrate(&mut connection, path, &done)?;
        let nobody: Option<fn() -> bool> = None;
        connection.progress_handler(STEPS, nobody).map_err(failed)?;
    }
    Ok((connection, checked_at))
}

impl Store {
    /// Opens the database at `path`, making or migrating it where needed, and returns it with its
    /// writer, which must be run on a thread of its own before anything can be written.
    ///
    /// `authority` and `now` become the identity of a new database and are not looked at otherwise. The
    /// caller holds the [`super::lock()`] of the state directory.
    ///
    /// # Errors
    ///
    /// Leaves everything as it was and says what to do: see [`StoreError`]. A database of a newer
    /// merganser is [`StoreError::Newer`] (R10), one with broken pages [`StoreError::Damaged`] (R9).
    pub fn open(
        path: &Path,
        authority: &str,
        now: Timestamp,
    ) -> Result<(Self, Writer), StoreError> {
        Self::open_watched(path, authority, now, &Watch::default())
    }

    /// The same, where somebody is told how many migrations are done of those that lack, 0 of 0 where none does.
    ///
    /// # Errors
    ///
    /// Those of [`Store::open`].
    pub fn open_watched(
        path: &Path,
        authority: &str,
        now: Timestamp,
        watch: &Watch,
    ) -> Result<(Self, Writer), StoreError> {
        let (connection, checked_at) = writer(path, authority, now, watch)?;
        let identity = identity(&connection).map_err(|error| StoreError::sqlite(path, &error))?;
        let (sender, messages) = mpsc::channel(writer::QUEUE);
        let file = writer::File {
            path: path.to_path_buf(),
            connection,
            checked_at,
        };
        let (shown, held) = (Shown::default(), Arc::default());
        let parts = (identity.clone(), shown.clone(), Arc::clone(&held));
        let writer = Writer::new(file, parts, messages)?;
        let store = Self {
            pool: Arc::new(Pool::new(path, None)),
            identity: Arc::new(identity),
            shown,
            writer: Some(sender),
            held,
        };
        Ok((store, writer))
    }
}

/// Opens the database for reading, beside a writer or without one.
///
/// Where there is no log and none can be made (another user's directory, a read-only disk), the file
/// is read as one that does not change: without a log, nobody is writing to it.
pub(super) fn reader(path: &Path) -> Result<Connection, StoreError> {
    if !log_exists(path) && permit::is_for_others(path) {
        return still_reader(path);
    }
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let opened = connect(path.as_os_str(), flags).and_then(|connection| {
        schema(&connection)?;
        Ok(connection)
    });
    match opened {
        Err(_) if !log_exists(path) => still_reader(path),
        Err(_) if permit::is_closed(path) => Err(StoreError::Logged {
            path: path.to_path_buf(),
        }),
        opened => opened.map_err(|error| StoreError::sqlite(path, &error)),
    }
}

/// Opens a file that nobody writes to, touching nothing beside it.
pub(super) fn still_reader(path: &Path) -> Result<Connection, StoreError> {
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let absolute = std::path::absolute(path).unwrap_or_else(|_| path.to_path_buf());
    let Ok(mut address) = url::Url::from_file_path(absolute) else {
        return Err(failed(rusqlite::Error::InvalidPath(path.to_path_buf())));
    };
    address.set_query(Some("immutable=1"));
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY
        | OpenFlags::SQLITE_OPEN_NO_MUTEX
        | OpenFlags::SQLITE_OPEN_URI;
    let connection = connect(address.as_str().as_ref(), flags).map_err(failed)?;
    schema(&connection).map_err(failed)?;
    Ok(connection)
}

/// Tells whether a log lies beside the database: then it may hold what the file does not.
fn log_exists(path: &Path) -> bool {
    beside(path, "-wal").exists()
}

/// Returns how many bytes a database takes with its log, and how many of these are its log's.
///
/// # Errors
/// When the database is not to be seen.
pub fn sizes(path: &Path) -> io::Result<(u64, u64)> {
    let bytes = std::fs::metadata(path)?.len();
    let log = std::fs::metadata(beside(path, "-wal")).map_or(0, |it| it.len());
    Ok((bytes.saturating_add(log), log))
}

/// Returns the path of a file that SQLite keeps beside the database.
pub(super) fn beside(path: &Path, suffix: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(suffix);
    PathBuf::from(name)
}

/// Connects and sets what every connection needs.
pub(super) fn connect(address: &std::ffi::OsStr, flags: OpenFlags) -> rusqlite::Result<Connection> {
    let connection = Connection::open_with_flags(Path::new(address), flags)?;
    connection.busy_timeout(BUSY)?;
    // Else a statement with a bound LIMIT is compiled again whenever it is given values, which took a fifth
    // of storing an article.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_ENABLE_QPSG, true)?;
    connection.execute_batch(PRAGMAS)?;
    connection.set_prepared_statement_cache_capacity(STATEMENTS);
    Ok(connection)
}

/// Steps of SQLite's machine between two looks at how far it is: some thousand looks in a second.
const STEPS: i32 = 10_000;

/// Has `told` called now and then while a connection works.
pub(super) fn watched(
    connection: &Connection,
    told: impl Fn() + Send + 'static,
) -> rusqlite::Result<()> {
    let goes_on = move || {
        told();
        false
    };
    connection.progress_handler(STEPS, Some(goes_on))
}

/// Reads the schema version.
fn schema(connection: &Connection) -> rusqlite::Result<usize> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    Ok(usize::try_from(count(version)).unwrap_or(usize::MAX))
}

/// Brings the schema up to date, all steps in one transaction: whoever is killed in it leaves the database of before. Each step that
/// is done is counted.
///
/// The log is emptied after it: an older program that reads only the header then knows that it must
/// not go on.
pub(super) fn migrate(
    connection: &mut Connection,
    path: &Path,
    done: &Arc<AtomicU64>,
) -> Result<(), StoreError> {
    let refused = |detail: String| {
        let path = path.to_path_buf();
        StoreError::Refused { path, detail }
    };
    let migrations = migrations(done).map_err(|error| refused(error.to_string()))?;
    migrations
        .to_latest(connection)
        .map_err(|error| match error {
            // What it tells besides is the text of the migration.
            rusqlite_migration::Error::RusqliteError { err, .. } => StoreError::sqlite(path, &err),
            error => refused(error.to_string()),
        })?;
    connection
        .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")
        .map_err(|error| StoreError::sqlite(path, &error))
}

/// Returns all migrations, each of which is counted when it is done.
fn migrations(done: &Arc<AtomicU64>) -> Result<Migrations<'static>, rusqlite_migration::Error> {
    let all = MigrationsBuilder::from_directory(&DIRECTORY)?;
    let counted = (1..=newest_schema()).fold(all, |all, number| {
        all.edit(number, |step| {
            let done = Arc::clone(done);
            step.set_up_hook(move |_: &Transaction<'_>| {
                done.fetch_add(1, Ordering::Relaxed);
                Ok(())
            })
        })
    });
    Ok(counted.finalize())
}

/// Makes a new database beside its place and moves it there; a file that appeared meanwhile stays.
///
/// The file is readable by its owner alone (mode 0600), and SQLite gives its log the same mode.
fn create(path: &Path, authority: &str, now: Timestamp) -> Result<(), StoreError> {
    let failed = |error: rusqlite::Error| StoreError::sqlite(path, &error);
    let denied = |error: io::Error| StoreError::access("create", path, error);
    let directory = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let file = tempfile::Builder::new()
        .prefix(".merganser-new-")
        .tempfile_in(directory)
        .map_err(denied)?;
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let mut connection = connect(file.path().as_os_str(), flags).map_err(failed)?;
    connection
        .pragma_update(None, "application_id", APPLICATION_ID)
        .map_err(failed)?;
    migrate(&mut connection, path, &Arc::default())?;
    connection
        .execute(
            "INSERT INTO identity (id, authority, created_at) VALUES (1, ?1, ?2)",
            (authority, At(now)),
        )
        .map_err(failed)?;
    connection.close().map_err(|(_, error)| failed(error))?;
    file.persist_noclobber(path)
        .map(drop)
        .map_err(|error| denied(error.error))
}

/// The part of an SQLite file that tells whose it is.
struct Header([u8; 100]);

impl Header {
    /// Every SQLite file begins with this.
    const MAGIC: &[u8] = b"SQLite format 3\0";

    /// Reads a big-endian number.
    fn number(&self, offset: usize) -> u32 {
        let bytes = self.0.iter().skip(offset).take(4);
        bytes.fold(0, |number, byte| number << 8 | u32::from(*byte))
    }
}

/// Refuses what is not a database of ours, without SQLite and so without touching it.
pub(super) fn refuse_strangers(path: &Path) -> Result<(), StoreError> {
    let not_a_database = |found| {
        let path = path.to_path_buf();
        Err(StoreError::NotADatabase { path, found })
    };
    let metadata = std::fs::metadata(path).map_err(|error| match error.kind() {
        io::ErrorKind::NotFound => StoreError::Missing {
            path: path.to_path_buf(),
        },
        _ => StoreError::access("read", path, error),
    })?;
    if metadata.is_dir() {
        return not_a_database("a directory");
    }
    if !metadata.is_file() {
        return not_a_database("not an ordinary file");
    }
    if metadata.len() == 0 {
        return not_a_database("an empty file");
    }
    let mut header = Header([0; 100]);
    let read = File::open(path).and_then(|mut file| file.read_exact(&mut header.0));
    match read {
        Err(error) if error.kind() != io::ErrorKind::UnexpectedEof => {
            return Err(StoreError::access("read", path, error));
        }
        _ if !header.0.starts_with(Header::MAGIC) => return not_a_database("some other file"),
        _ => {}
    }
    refuse_versions(path, header.number(68), header.number(60))
}

/// Refuses another program's database, and one from the future.
fn refuse_versions(path: &Path, application_id: u32, version: u32) -> Result<(), StoreError> {
    let path = path.to_path_buf();
    if application_id != APPLICATION_ID {
        return Err(StoreError::Foreign { path });
    }
    let (found, known) = (
        usize::try_from(version).unwrap_or(usize::MAX),
        newest_schema(),
    );
    if found > known {
        return Err(StoreError::Newer { path, found, known });
    }
    Ok(())
}

/// Refuses a database that only a writer could bring up to date.
pub(super) fn refuse_older(connection: &Connection, path: &Path) -> Result<(), StoreError> {
    let found = schema(connection).map_err(|error| StoreError::sqlite(path, &error))?;
    let known = newest_schema();
    if found < known {
        let path = path.to_path_buf();
        return Err(StoreError::Older { path, found, known });
    }
    Ok(())
}

/// Refuses a database whose pages do not fit together.
///
/// Read through a connection that cannot write: the one that can would bring the log into the file
/// when it closes. A damaged page shows either as a row or as an error (R9). `watch` is told that it goes on.
pub(super) fn check(path: &Path, watch: &Watch) -> Result<(), StoreError> {
    let connection = onlooker(path)?;
    let told = watch.clone();
    watched(&connection, move || told.tell(0, 0))
        .map_err(|error| StoreError::sqlite(path, &error))?;
    passes(&connection, "PRAGMA quick_check(1)", path)
}

/// Refuses a database that does not pass a check of SQLite's own, which answers `ok` or what is wrong.
pub(super) fn passes(connection: &Connection, check: &str, path: &Path) -> Result<(), StoreError> {
    let answer: rusqlite::Result<String> = connection.query_row(check, [], |row| row.get(0));
    match answer {
        Ok(answer) if answer == "ok" => Ok(()),
        Ok(detail) => {
            let path = path.to_path_buf();
            Err(StoreError::Damaged { path, detail })
        }
        Err(error) => Err(StoreError::sqlite(path, &error)),
    }
}

/// Returns the schema of a database that is ours.
pub(super) fn schema_of(path: &Path) -> Result<usize, StoreError> {
    schema(&onlooker(path)?).map_err(|error| StoreError::sqlite(path, &error))
}

/// Opens the database for reading, and leaves no file beside it where there was none.
pub(super) fn onlooker(path: &Path) -> Result<Connection, StoreError> {
    if log_exists(path) {
        reader(path)
    } else {
        still_reader(path)
    }
}

/// Reads who we are.
pub(super) fn identity(connection: &Connection) -> rusqlite::Result<Identity> {
    connection.query_row(
        "SELECT authority, created_at FROM identity WHERE id = 1",
        [],
        |row| {
            Ok(Identity {
                authority: row.get(0)?,
                created_at: row.get::<_, At>(1)?.0,
            })
        },
    )
}

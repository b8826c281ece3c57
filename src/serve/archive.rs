//! Documents of archives, which never change: read from files, piece by piece, for whoever asks.
//!
//! There are thousands of them and hardly one is read in a day, so none is in memory. Of each there is a file,
//! compressed by gzip; who takes no gzip gets it unpacked as it is read. Other forms are not kept: they would
//! take as much of the disk again, for a tenth of the bytes of what is seldom sent.
//!
//! A file is open while a piece of it is read, and not while a client reads that: who takes a piece in two minutes would else
//! hold two descriptors, and five hundred of them all that a process has.
//!
//! What a file is called is made of the name of its output and of numbers, never of what a client wrote.

use super::answer::with_status;
use super::coding::{Coding, preferred};
use super::preconditions::held_of;
use super::resource::tag_field;
use super::{Lock, Shelf};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use bytes::Bytes;
use flate2::Compression;
use flate2::write::{GzDecoder, GzEncoder};
use futures_util::stream;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::collections::BTreeSet;
use std::io::{self, SeekFrom, Write as _};
use std::mem;
use std::path::PathBuf;
use std::sync::Arc;
use tokio::fs::File;
use tokio::io::{AsyncReadExt as _, AsyncSeekExt as _};
use tokio::sync::{Semaphore, SemaphorePermit};

/// What is appended to the name of a document for its file.
pub const ARCHIVE_SUFFIX: &str = ".gz";

/// Files that are open at once, and threads that read them: a disk that hangs holds so many, and readers of all else none.
pub const DISK_READERS: usize = 8;

/// Who may have a file open. One for the process, as descriptors are.
static TURNS: Semaphore = Semaphore::const_new(DISK_READERS);

/// Bytes of a file that are read at a time for a client.
const CHUNK_BYTES: usize = 32 * 1024;

/// The same where they are unpacked, which makes five times as many of them, or a thousand times at worst.
pub(super) const PACKED_CHUNK_BYTES: usize = 4 * 1024;

/// Bytes at the end of a file of gzip that tell checksum and length of what it holds (RFC 1952).
const TRAILER_BYTES: i64 = 8;

/// How a file of gzip begins.
const MAGIC: [u8; 2] = [0x1F, 0x8B];

/// The archive of an output.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Archive {
    /// Where its files are: `GENERATION/NUMBER.FORMAT.gz`.
    pub directory: PathBuf,
    /// The name of its present generation.
    pub generation: String,
    /// The number of its first document.
    pub first: u64,
    /// The number of its last; less than the first where there is none.
    pub last: u64,
    /// Names and media types of its formats.
    pub formats: Vec<(&'static str, &'static str)>,
    /// Names of the formats that it may have had before.
    pub once: Vec<&'static str>,
    /// Names of generations that ended.
    pub former: BTreeSet<String>,
    /// Who may have it; `None`: everybody.
    pub lock: Option<Lock>,
}

/// What an address names.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) archive: Arc<Archive>,
    /// The document; `None`: one that is gone.
    pub(super) name: Option<Name>,
}

/// A document of the present generation.
#[derive(Debug)]
pub(super) struct Name {
    number: u64,
    format: &'static str,
    media_type: &'static str,
}

/// Finds what `path` names in an archive; `None` for what is none and was none.
pub(super) fn find(path: &str, shelf: &Shelf) -> Option<Found> {
    let mut parts = path.strip_prefix('/')?.split('/');
    let (output, generation, file) = (parts.next()?, parts.next()?, parts.next()?);
    let (digits, wanted) = file.split_once('.').filter(|_| parts.next().is_none())?;
    let number: u64 = digits.parse().ok()?;
    let archive = shelf.archive(output)?;
    let format = archive.formats.iter().find(|(name, _)| *name == wanted);
    let is_named = number > 0 && number.to_string() == digits;
    let is_present = generation == archive.generation && number <= archive.last;
    let is_present = is_present && format.is_some();
    // One that ended may have had others.
    let is_former = archive.former.contains(generation) && archive.once.contains(&wanted);
    let is_there = is_present && number >= archive.first;
    let name = format
        .filter(|_| is_there)
        .map(|(format, media_type)| Name {
            number,
            format,
            media_type,
        });
    (is_named && (is_present || is_former)).then_some(Found { archive, name })
}

/// Returns under which path answers of the archive are counted that `path` names a document of: one for all of them.
/// `None` where it names none, or one that is not for everybody.
pub(super) fn counted_as(path: &str, shelf: &Shelf) -> Option<String> {
    let archive = find(path, shelf)?.archive;
    let output = path.strip_prefix('/')?.split('/').next()?;
    let is_open = archive.lock.is_none();
    is_open.then(|| format!("/{output}/archive"))
}

/// A document whose file is there.
pub(super) struct Document {
    path: PathBuf,
    media_type: &'static str,
    /// Bytes of the file.
    packed_length: u64,
    /// Bytes of the document.
    length: u64,
    /// The tags of the plain form and of the one in gzip.
    pub(super) tags: [HeaderValue; 2],
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) modified_at: Timestamp,
}

/// Waits until a file may be opened. It is to be closed before what this returns is dropped.
async fn turn() -> io::Result<SemaphorePermit<'static>> {
    TURNS.acquire().await.map_err(io::Error::other)
}

/// Looks into the file of a document.
pub(super) async fn document(found: &Found, name: &Name) -> io::Result<Document> {
    let archive = &found.archive;
    let file_name = format!("{}.{}{ARCHIVE_SUFFIX}", name.number, name.format);
    let path = archive.directory.join(&archive.generation).join(file_name);
    let _turn = turn().await?;
    let mut file = File::open(&path).await?;
    let metadata = file.metadata().await?;
    let modified_at = Timestamp::try_from(metadata.modified()?).map_err(io::Error::other)?;
    file.seek(SeekFrom::End(-TRAILER_BYTES)).await?;
    let checksum = file.read_u32_le().await?;
    let length = file.read_u32_le().await?;
    file.rewind().await?;
    let mut start = [0; 2];
    file.read_exact(&mut start).await?;
    if start != MAGIC {
        return Err(io::ErrorKind::InvalidData.into());
    }
    // Under an address there is never anything else, so that it names the bytes; but for a state directory that somebody
    // put back as a whole, which the checksum tells.
    let address = format!("{}-{}-{}", archive.generation, name.number, name.format);
    let tag = format!("{address}-{checksum:08x}");
    let date = DateTimePrinter::new().timestamp_to_rfc9110_string(&modified_at);
    Ok(Document {
        path,
        media_type: name.media_type,
        packed_length: metadata.len(),
        length: length.into(),
        tags: [
            tag_field(&format!("\"{tag}\"")),
            tag_field(&format!("\"{tag}-gzip\"")),
        ],
        last_modified: date.ok().and_then(|date| HeaderValue::from_str(&date).ok()),
        modified_at,
    })
}

/// Tells whether the client of these fields gets a document compressed.
pub(super) fn is_packed(headers: &HeaderMap) -> bool {
    preferred(headers, [Coding::Gzip].into_iter()).is_some()
}

impl Document {
    /// Returns the tag of a form.
    pub(super) fn tag(&self, is_packed: bool) -> HeaderValue {
        let [plain, packed] = &self.tags;
        if is_packed { packed } else { plain }.clone()
    }

    /// Returns the tag under which the client already has it.
    pub(super) fn held(&self, headers: &HeaderMap, is_packed: bool) -> Option<&HeaderValue> {
        let [plain, packed] = &self.tags;
        let tags = if is_packed {
            [packed, plain]
        } else {
            [plain, packed]
        };
        held_of(
            headers,
            tags,
            (self.last_modified.as_ref(), self.modified_at),
        )
    }

    /// Returns the whole.
    pub(super) fn response(self, is_packed: bool) -> Response<Body> {
        let mut response = with_status(StatusCode::OK);
        let fields = response.headers_mut();
        fields.insert(
            header::CONTENT_TYPE,
            HeaderValue::from_static(self.media_type),
        );
        let length = if is_packed {
            self.packed_length
        } else {
            self.length
        };
        fields.insert(header::CONTENT_LENGTH, length.into());
        let reading = Reading {
            path: self.path,
            at: 0,
        };
        if is_packed {
            fields.insert(header::CONTENT_ENCODING, Coding::Gzip.field());
            *response.body_mut() = Body::from_stream(stream::try_unfold(reading, piece));
        } else {
            let unpacking = Unpacking {
                reading,
                decoder: GzDecoder::new(Vec::new()),
                held: Vec::new(),
                left: self.length,
                is_over: false,
            };
            let pieces = stream::try_unfold(unpacking, Unpacking::piece);
            *response.body_mut() = Body::from_stream(pieces);
        }
        response
    }
}

/// A file, and how far it was read.
struct Reading {
    path: PathBuf,
    at: u64,
}

impl Reading {
    /// Reads on, so many bytes at the most; none at the end. A file that is gone meanwhile is an error, by which the client
    /// gets less than it was told and knows.
    async fn next(&mut self, bytes: usize) -> io::Result<Vec<u8>> {
        let _turn = turn().await?;
        let mut file = File::open(&self.path).await?;
        file.seek(SeekFrom::Start(self.at)).await?;
        let mut chunk = Vec::with_capacity(bytes);
        let read = file.read_buf(&mut chunk).await?;
        let read = u64::try_from(read).map_err(io::Error::other)?;
        self.at = self.at.saturating_add(read);
        Ok(chunk)
    }
}

/// Reads the next piece of a file.
async fn piece(mut reading: Reading) -> io::Result<Option<(Bytes, Reading)>> {
    let chunk = reading.next(CHUNK_BYTES).await?;
    Ok((!chunk.is_empty()).then(|| (chunk.into(), reading)))
}

/// A file that is unpacked as it is read. The last piece is sent when the checksum was right: who gets all that was announced looks
/// for no fault behind it.
struct Unpacking {
    reading: Reading,
    decoder: GzDecoder<Vec<u8>>,
    /// What was unpacked and is not sent yet.
    held: Vec<u8>,
    /// Bytes that were announced and are not unpacked yet.
    left: u64,
    is_over: bool,
}

impl Unpacking {
    /// Unpacks the next piece.
    async fn piece(mut self) -> io::Result<Option<(Bytes, Self)>> {
        let mut piece = Vec::new();
        while piece.is_empty() && !self.is_over {
            let chunk = self.reading.next(PACKED_CHUNK_BYTES).await?;
            piece = self.unpack(&chunk)?;
        }
        Ok((!piece.is_empty()).then(|| (piece.into(), self)))
    }

    /// Returns what may be sent when some bytes more of the file were read, or no more: it may be nothing yet.
    fn unpack(&mut self, chunk: &[u8]) -> io::Result<Vec<u8>> {
        self.is_over = chunk.is_empty();
        if self.is_over {
            self.decoder.try_finish()?;
        } else {
            self.decoder.write_all(chunk)?;
        }
        let mut unpacked = mem::take(self.decoder.get_mut());
        let bytes = u64::try_from(unpacked.len()).map_err(io::Error::other)?;
        let left = self.left.checked_sub(bytes);
        self.left = left.ok_or(io::ErrorKind::InvalidData)?;
        if self.is_over {
            self.held.append(&mut unpacked);
            return Ok(mem::take(&mut self.held));
        }
        if unpacked.is_empty() {
            return Ok(unpacked);
        }
        Ok(mem::replace(&mut self.held, unpacked))
    }
}

/// Compresses a document as its file has it. Equal documents give equal files.
///
/// # Errors
/// None: writing to memory does not fail.
pub fn packed(document: &[u8]) -> io::Result<Vec<u8>> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(document)?;
    encoder.finish()
}

/// Returns the document of a file.
///
/// # Errors
/// When the file is not as it was written.
pub fn unpacked(file: &[u8]) -> io::Result<Vec<u8>> {
    let mut decoder = GzDecoder::new(Vec::new());
    decoder.write_all(file)?;
    decoder.finish()
}

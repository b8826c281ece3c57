//! Content codings: gzip, br, zstd, deflate, in any case, under old names, stacked (P28).
//!
//! One path of our own instead of the client's: reqwest hands over `GZIP`, `x-gzip` and stacked
//! codings undecoded, and knows no cap. The raw body is already capped when it gets here, and decoding
//! stops at the same cap (S8): a bomb costs at most that much memory.

use flate2::bufread::{DeflateDecoder, GzDecoder, ZlibDecoder};
use reqwest::header::{CONTENT_ENCODING, HeaderMap};
use std::io::{self, BufRead, BufReader, Cursor, Read};

/// What we say we can decode, the cheapest to decode first.
pub(super) const ACCEPTED: &str = "gzip, zstd, br, deflate";

/// What a body can have come in, by name: few, whatever a publisher's server writes.
pub const CODINGS: [&str; 6] = ["identity", "gzip", "deflate", "br", "zstd", STACKED];

/// The name of several codings on top of each other.
const STACKED: &str = "stacked";

/// Codings on top of each other that are still undone: two are seen (a proxy's on the origin's), more
/// is a bomb.
const MAX_STACKED: usize = 3;

/// Names that stand for no coding: what browsers pass over too. Publishers put the charset there; object
/// stores hand back the framing of the upload (FreshRSS#8374).
const NO_CODINGS: [&str; 9] = [
    "",
    "identity",
    "none",
    "aws-chunked",
    "utf-8",
    "utf8",
    "binary",
    "8bit",
    "7bit",
];

/// The window that a zstd decoder must offer and need not exceed, as a power of two (RFC 9659).
const ZSTD_WINDOW_LOG: u32 = 23;

/// How much larger a feed gets by decoding, roughly: the first guess at the buffer.
const USUAL_GAIN: usize = 4;

/// Bytes that the brotli decoder reads at a time.
const BROTLI_BUFFER: usize = 4096;

/// Why a body could not be decoded.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Undecoded {
    /// A coding that we neither asked for nor know.
    Unknown(String),
    /// Too many codings on top of each other.
    Stacked,
    /// It broke off or is damaged (P41).
    Damaged,
    /// More than the cap (S8).
    TooLarge,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Coding {
    Gzip,
    Deflate,
    Brotli,
    Zstd,
}

/// Undoes the codings that the header fields name. Returns at most `cap` bytes.
///
/// Each layer is cut just beyond the cap, not only the last: a layer of gigabytes may hold a stream
/// that comes to nothing, and would still cost the time to walk through it.
pub(super) fn decode(raw: Vec<u8>, headers: &HeaderMap, cap: u64) -> Result<Vec<u8>, Undecoded> {
    let codings = codings(headers)?;
    if codings.is_empty() {
        return Ok(raw);
    }
    let capacity = raw.len().saturating_mul(USUAL_GAIN);
    let mut body = Vec::with_capacity(capacity.min(usize::try_from(cap).unwrap_or(usize::MAX)));
    let mut reader: Box<dyn BufRead> = Box::new(Cursor::new(raw));
    for coding in codings.into_iter().rev() {
        let layer = decoder(coding, reader)?.take(cap.saturating_add(1));
        reader = Box::new(BufReader::new(layer));
    }
    let read = reader.read_to_end(&mut body);
    if u64::try_from(body.len()).is_ok_and(|len| len > cap) {
        return Err(Undecoded::TooLarge);
    }
    read.map(|_| body).map_err(|_| Undecoded::Damaged)
}

/// Tells whether a body is under a coding: where it is cut off, that shows.
pub(super) fn is_coded(headers: &HeaderMap) -> bool {
    codings(headers).is_ok_and(|codings| !codings.is_empty())
}

/// Returns what a body that could be decoded came in: one of [`CODINGS`].
pub(super) fn name(headers: &HeaderMap) -> &'static str {
    match codings(headers).as_deref() {
        Ok([]) | Err(_) => "identity",
        Ok([Coding::Gzip]) => "gzip",
        Ok([Coding::Deflate]) => "deflate",
        Ok([Coding::Brotli]) => "br",
        Ok([Coding::Zstd]) => "zstd",
        Ok(_) => STACKED,
    }
}

/// Returns the codings in the order in which they were applied.
fn codings(headers: &HeaderMap) -> Result<Vec<Coding>, Undecoded> {
    let mut codings = Vec::new();
    for line in headers.get_all(CONTENT_ENCODING) {
        for name in line.to_str().unwrap_or("?").split(',') {
            codings.extend(coding(name.trim())?);
        }
        if codings.len() > MAX_STACKED {
            return Err(Undecoded::Stacked);
        }
    }
    Ok(codings)
}

fn coding(name: &str) -> Result<Option<Coding>, Undecoded> {
    let name = name.to_ascii_lowercase();
    if NO_CODINGS.contains(&name.as_str()) {
        return Ok(None);
    }
    Ok(Some(match name.as_str() {
        "gzip" | "x-gzip" => Coding::Gzip,
        "deflate" => Coding::Deflate,
        "br" => Coding::Brotli,
        "zstd" => Coding::Zstd,
        other => return Err(Undecoded::Unknown(other.to_owned())),
    }))
}

fn decoder(coding: Coding, mut reader: Box<dyn BufRead>) -> Result<Box<dyn Read>, Undecoded> {
    Ok(match coding {
        Coding::Gzip => Box::new(Members::new(reader)),
        Coding::Deflate if is_zlib(&mut reader) => Box::new(ZlibDecoder::new(reader)),
        Coding::Deflate => Box::new(DeflateDecoder::new(reader)),
        Coding::Brotli => Box::new(brotli_decompressor::Decompressor::new(
            reader,
            BROTLI_BUFFER,
        )),
        Coding::Zstd => {
            let mut decoder = zstd::Decoder::with_buffer(reader).map_err(|_| Undecoded::Damaged)?;
            let bounded = decoder.window_log_max(ZSTD_WINDOW_LOG);
            bounded.map_err(|_| Undecoded::Damaged)?;
            Box::new(decoder)
        }
    })
}

/// What the header of a gzip member begins with.
const GZIP: u8 = 0x1F;

/// Members of a gzip stream that are read: writers begin one every 64 KiB at the most often, or one for each entry,
/// and a decoder for each of half a million empty ones would take seconds.
const MAX_MEMBERS: usize = 4096;

/// The members of a gzip stream, one after the other. What follows a whole one and is no header is passed over, as
/// by gzip and by browsers: some servers pad the stream, or append a line end.
struct Members {
    /// The one that is read; `None` behind the last.
    member: Option<GzDecoder<Box<dyn BufRead>>>,
    /// How many more there may be.
    left: usize,
}

impl Members {
    fn new(reader: Box<dyn BufRead>) -> Self {
        Self {
            member: Some(GzDecoder::new(reader)),
            left: MAX_MEMBERS - 1,
        }
    }

    /// Begins the member that follows, if one does.
    fn go_on(&mut self) -> io::Result<()> {
        let Some(member) = self.member.take() else {
            return Ok(());
        };
        let mut rest = member.into_inner();
        if rest.fill_buf()?.first() == Some(&GZIP) {
            let left = self.left.checked_sub(1);
            self.left = left.ok_or(io::ErrorKind::InvalidData)?;
            self.member = Some(GzDecoder::new(rest));
        }
        Ok(())
    }
}

impl Read for Members {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while let Some(member) = &mut self.member {
            let read = member.read(buffer)?;
            if read > 0 || buffer.is_empty() {
                return Ok(read);
            }
            self.go_on()?;
        }
        Ok(0)
    }
}

/// Tells a zlib stream by its header; some origins send `deflate` without one (RFC 9110, 8.4.1.2).
fn is_zlib(reader: &mut impl BufRead) -> bool {
    let head = reader.fill_buf().unwrap_or_default();
    let [method, flags, ..] = head else {
        return false;
    };
    method & 0x0F == 8 && u16::from_be_bytes([*method, *flags]).is_multiple_of(31)
}

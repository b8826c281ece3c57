//! The compressed forms of a document: a quick one when it is rendered, the small ones when readers have that.
//!
//! The levels are those above which more time saves next to nothing: a document is compressed at each of
//! its changes, between two of which it is sent a few times or a million times.

use super::coding::Coding;
use brotli::enc::BrotliEncoderParams;
use bytes::Bytes;
use flate2::Compression;
use flate2::read::GzDecoder;
use flate2::write::GzEncoder;
use std::io::{self, Cursor, Read, Write};
use tokio::task::yield_now;

/// Smaller documents are sent as they are: they fit into one packet with their head either way.
const FLOOR_BYTES: usize = 860;

/// Of nine: a fourth of the time of the ordinary level, for a form that is sent for some milliseconds.
const QUICK_LEVEL: u32 = 1;

/// Of eleven; beyond it brotli takes several times as long for a few bytes in a hundred.
const BROTLI_QUALITY: i32 = 5;

/// Base 2 of the bytes in which brotli looks for repetitions: four megabytes, more than any output has.
const BROTLI_WINDOW: i32 = 22;

/// Of 22, as for brotli.
const ZSTD_LEVEL: i32 = 6;

/// So many times smaller a document is in gzip at least, mostly: room for that is taken at once, or what is written is
/// copied each time that it is twice as much.
const USUAL_RATIO: usize = 2;

/// Bytes that are unpacked at a time for who takes no compressed form.
const CHUNK_BYTES: usize = 16 * 1024;

/// Bytes that are compressed at a time where others wait: a millisecond's work at most.
const TURN_BYTES: usize = 64 * 1024;

/// A compressed form of a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Packed {
    pub(super) coding: Coding,
    pub(super) bytes: Bytes,
}

impl Packed {
    pub(super) fn is_gzip(&self) -> bool {
        self.coding == Coding::Gzip
    }
}

/// Makes one form.
type Maker = fn(&[u8]) -> io::Result<Vec<u8>>;

/// Tells whether a document is long enough for a compressed form to be tried.
pub(super) fn is_worth_packing(body: &[u8]) -> bool {
    body.len() >= FLOOR_BYTES
}

/// Makes a form of `body` at once, in gzip, which nearly every client takes; `None` where it would not pay.
pub(super) fn pack_quickly(body: &[u8]) -> Option<Packed> {
    packed(
        body,
        (Coding::Gzip, |body| {
            gzip(body, Compression::new(QUICK_LEVEL))
        }),
    )
}

/// Makes a form of a document that is made for one client, as [`pack_quickly`] does, in pieces between which others are
/// answered: of ten thousand feeds the metrics are some megabytes. `None` where it would not pay.
pub(super) async fn pack_in_turns(body: &[u8]) -> Option<Packed> {
    if !is_worth_packing(body) {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::new(QUICK_LEVEL));
    for piece in body.chunks(TURN_BYTES) {
        encoder.write_all(piece).ok()?;
        yield_now().await;
    }
    let bytes = encoder.finish().ok()?;
    (bytes.len() < body.len()).then(|| Packed {
        coding: Coding::Gzip,
        bytes: bytes.into(),
    })
}

/// Makes the forms of `body` that are kept, the smallest first: those that pay, of which gzip is one.
///
/// Equal bodies give equal bytes: there is no time and no name in them.
pub(super) fn pack(body: &[u8]) -> Vec<Packed> {
    let makers: [(Coding, Maker); 3] = [
        (Coding::Brotli, brotli),
        (Coding::Zstd, zstd),
        (Coding::Gzip, |body| gzip(body, Compression::default())),
    ];
    let made = makers.into_iter().filter_map(|it| packed(body, it));
    let mut forms: Vec<Packed> = made.collect();
    forms.sort_by_key(|form| form.bytes.len());
    forms
}

/// Makes one form, where it pays.
fn packed(body: &[u8], (coding, make): (Coding, Maker)) -> Option<Packed> {
    // Writing to memory does not fail; were it to, the other forms are there.
    let bytes = make(body).ok()?;
    // A copy has the room that it needs: what was grown to be written has up to twice as much, which stays taken.
    (bytes.len() < body.len()).then(|| Packed {
        coding,
        bytes: Bytes::copy_from_slice(&bytes),
    })
}

fn gzip(body: &[u8], level: Compression) -> io::Result<Vec<u8>> {
    let room = body.len() / USUAL_RATIO;
    let mut encoder = GzEncoder::new(Vec::with_capacity(room), level);
    encoder.write_all(body)?;
    encoder.finish()
}

fn brotli(body: &[u8]) -> io::Result<Vec<u8>> {
    let settings = BrotliEncoderParams {
        quality: BROTLI_QUALITY,
        lgwin: BROTLI_WINDOW,
        size_hint: body.len(),
        ..BrotliEncoderParams::default()
    };
    let mut bytes = Vec::new();
    brotli::BrotliCompress(&mut Cursor::new(body), &mut bytes, &settings)?;
    Ok(bytes)
}

fn zstd(body: &[u8]) -> io::Result<Vec<u8>> {
    zstd::bulk::compress(body, ZSTD_LEVEL)
}

/// Unpacks what [`pack`] made with gzip, in pieces, so that who reads slowly holds one of them and not the
/// document.
pub(super) struct Unpacking(GzDecoder<Cursor<Bytes>>);

impl Unpacking {
    pub(super) fn new(gzip: Bytes) -> Self {
        Self(GzDecoder::new(Cursor::new(gzip)))
    }
}

impl Iterator for Unpacking {
    type Item = io::Result<Bytes>;

    fn next(&mut self) -> Option<Self::Item> {
        let limit = u64::try_from(CHUNK_BYTES).unwrap_or(u64::MAX);
        let mut chunk = Vec::with_capacity(CHUNK_BYTES);
        match self.0.by_ref().take(limit).read_to_end(&mut chunk) {
            Ok(0) => None,
            Ok(_) => Some(Ok(chunk.into())),
            Err(error) => Some(Err(error)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use futures_util::FutureExt;
    use std::pin::pin;

    fn unpacked(form: &Packed) -> Vec<u8> {
        let mut body = Vec::new();
        let mut bytes = &form.bytes[..];
        match form.coding {
            Coding::Gzip => GzDecoder::new(bytes).read_to_end(&mut body).map(drop),
            Coding::Zstd => zstd::Decoder::new(bytes)
                .and_then(|mut it| it.read_to_end(&mut body))
                .map(drop),
            Coding::Brotli => brotli_decompressor::BrotliDecompress(&mut bytes, &mut body),
        }
        .unwrap();
        body
    }

    #[test]
    fn u19_every_form_is_the_document_and_smaller() {
        let text = "<entry><title>Rain in Kerala</title></entry>\n";
        for body in [text.repeat(20), text.repeat(20_000)] {
            let body = body.as_bytes();
            let forms = pack(body);
            assert_eq!(forms.len(), 3);
            assert!(forms.is_sorted_by_key(|form| form.bytes.len()));
            for form in forms.iter().chain(&pack_quickly(body)) {
                assert!(form.bytes.len() < body.len());
                assert_eq!(unpacked(form), body, "{:?}", form.coding);
            }
            assert_eq!(forms, pack(body), "U8");
        }
    }

    #[test]
    fn u19_what_does_not_shrink_has_no_form() {
        let short = "<feed/>".repeat(20);
        assert!(!is_worth_packing(short.as_bytes()));
        let mut noise = vec![0; 4000];
        blake3::Hasher::new().finalize_xof().fill(&mut noise);
        assert_eq!(pack_quickly(&noise), None);
        assert!(pack(&noise).is_empty());
        assert_eq!(pack_quickly(b""), None);
    }

    #[test]
    fn what_is_made_for_one_client_lets_others_in_between() {
        let body = "<tr><td>ok</td></tr>\n".repeat(TURN_BYTES / 5);
        let mut packing = pin!(pack_in_turns(body.as_bytes()));
        let mut turns = 0;
        let packed = loop {
            match packing.as_mut().now_or_never() {
                Some(packed) => break packed.unwrap(),
                None => turns += 1,
            }
        };
        assert_eq!(turns, body.len().div_ceil(TURN_BYTES));
        assert_eq!(unpacked(&packed), body.as_bytes());
        let short = "<feed/>".repeat(20);
        assert_eq!(pack_in_turns(short.as_bytes()).now_or_never(), Some(None));
    }

    #[test]
    fn a_document_is_unpacked_piece_by_piece() {
        let body = "<entry>news</entry>\n".repeat(5000);
        let packed = pack_quickly(body.as_bytes());
        let pieces: Vec<Bytes> = Unpacking::new(packed.unwrap().bytes)
            .map(Result::unwrap)
            .collect();
        assert!(pieces.iter().all(|piece| piece.len() <= CHUNK_BYTES));
        assert_eq!(pieces.concat(), body.as_bytes());
    }
}

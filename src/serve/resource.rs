//! One document, ready to be sent.

use axum::http::HeaderValue;
use bytes::Bytes;
use flate2::Compression;
use flate2::write::GzEncoder;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::io::Write;

/// Smaller documents are sent as they are: they fit into one packet with their head either way.
const GZIP_FLOOR_BYTES: usize = 860;

/// Hexadecimal digits of an entity tag: 128 bits of the digest, which no two documents share.
const ETAG_DIGITS: usize = 32;

/// A document with its validators and its compressed form, all made here once (U8, U19).
#[derive(Debug)]
pub struct Resource {
    pub(super) media_type: HeaderValue,
    pub(super) body: Bytes,
    /// The body in gzip; `None` where that would not pay.
    pub(super) gzip: Option<Bytes>,
    /// The entity tag as the field has it.
    pub(super) etag_field: HeaderValue,
    etag: String,
    /// The `Last-Modified` field; `None` for years that HTTP cannot write.
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) modified_at: Timestamp,
}

impl Resource {
    /// Prepares `body` for serving: digests and compresses it.
    ///
    /// The entity tag is weak, `W/"..."`: it names the document, not its bytes on the wire, so the
    /// compressed and the plain form share it and either revalidates the other (U18). Rejected: strong
    /// tags with a suffix for gzip, the scheme that Apache never got right; nothing here needs a strong
    /// tag, as ranges are not served. `modified_at` counts in whole seconds.
    pub fn new(media_type: &'static str, body: Vec<u8>, modified_at: Timestamp) -> Self {
        let digest = blake3::hash(&body).to_hex();
        let tag: String = digest.chars().take(ETAG_DIGITS).collect();
        let etag = format!("W/\"{tag}\"");
        Self {
            media_type: HeaderValue::from_static(media_type),
            gzip: gzip(&body),
            body: body.into(),
            etag_field: field(&etag).unwrap_or_else(|| HeaderValue::from_static("W/\"\"")),
            etag,
            last_modified: DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&modified_at)
                .ok()
                .and_then(|date| field(&date)),
            modified_at,
        }
    }

    /// Returns the entity tag as the `ETag` field has it: `W/"` 32 hexadecimal digits `"`.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Returns the document, not compressed.
    pub fn body(&self) -> &Bytes {
        &self.body
    }
}

fn field(text: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(text).ok()
}

/// Compresses `body` where that makes it smaller.
///
/// The gzip header holds no time and no name, so equal bodies give equal bytes.
fn gzip(body: &[u8]) -> Option<Bytes> {
    if body.len() < GZIP_FLOOR_BYTES {
        return None;
    }
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    // Writing to memory does not fail; were it to, the plain form is always there.
    encoder.write_all(body).ok()?;
    let bytes = encoder.finish().ok()?;
    (bytes.len() < body.len()).then(|| bytes.into())
}

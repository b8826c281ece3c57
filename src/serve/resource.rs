//! One document, ready to be sent.

use super::Lock;
use super::coding::{Coding, preferred};
use super::packed::{Unpacking, pack};
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;

/// Hexadecimal digits of an entity tag: 128 bits of the digest, which no two documents share.
const ETAG_DIGITS: usize = 32;

/// What is appended to the name of a file for its forms.
const PLAIN_SUFFIX: &str = "";
const GZIP_SUFFIX: &str = ".gz";
const BROTLI_SUFFIX: &str = ".br";

/// On which terms a document is handed out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Terms {
    /// Who may have it; `None`: everybody.
    pub lock: Option<Lock>,
    /// The value of its `Link` field.
    pub link: Option<String>,
    /// The path of the page that a browser shows in its place.
    pub page: Option<String>,
    /// Where the shelf has this page with the key of its lock in its links, for who gave the key in the address. No
    /// request has such a path.
    pub keyed: Option<String>,
    /// Under which path its answers are counted; `None`: its own. Documents that are many and come and go have one
    /// for all of them.
    pub counted_as: Option<&'static str>,
}

/// A document with its validators and its compressed forms, all made here once (U8, U19).
///
/// The plain form of what compresses is not kept: it is four times as large as one that is, hardly anybody
/// asks for it, and gzip gives it back.
#[derive(Clone, Debug)]
pub struct Resource {
    pub(super) media_type: HeaderValue,
    pub(super) terms: Terms,
    pub(super) link_field: Option<HeaderValue>,
    /// BLAKE3 of the document.
    digest: [u8; 32],
    /// Bytes of the document, not compressed.
    length: usize,
    /// The document, where it has no compressed form.
    plain: Option<Bytes>,
    /// The smallest first.
    forms: Vec<Form>,
    /// Their codings, in the same order.
    codings: Vec<Coding>,
    /// The entity tag of the plain form.
    etag: String,
    etag_field: HeaderValue,
    /// The `Last-Modified` field; `None` for years that HTTP cannot write.
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) modified_at: Timestamp,
}

/// A compressed form.
#[derive(Clone, Debug)]
struct Form {
    coding: Coding,
    etag_field: HeaderValue,
    bytes: Bytes,
}

/// The form of a document that a client gets.
#[derive(Clone, Copy, Debug)]
pub(super) struct Chosen<'a> {
    resource: &'a Resource,
    /// `None`: the plain one.
    form: Option<&'a Form>,
}

impl Resource {
    /// Prepares `body` for serving: digests and compresses it.
    ///
    /// The entity tags are strong: the digest of the document, and for each compressed form the name of its
    /// coding after it, `"..-gzip"`, as Apache has it, so that what stands between us and the reader may
    /// compress the document itself and its tags are ours. Whichever of them a client has, it has the
    /// document (U18). `modified_at` counts in whole seconds.
    pub fn new(media_type: &'static str, body: Vec<u8>, modified_at: Timestamp) -> Self {
        let digest = blake3::hash(&body);
        let tag: String = digest.to_hex().chars().take(ETAG_DIGITS).collect();
        let etag = format!("\"{tag}\"");
        let packed = pack(&body).into_iter();
        let forms: Vec<Form> = packed
            .map(|packed| Form {
                coding: packed.coding,
                etag_field: tag_field(&format!("\"{tag}-{}\"", packed.coding.name())),
                bytes: packed.bytes,
            })
            .collect();
        let codings: Vec<Coding> = forms.iter().map(|form| form.coding).collect();
        Self {
            media_type: HeaderValue::from_static(media_type),
            terms: Terms::default(),
            link_field: None,
            digest: *digest.as_bytes(),
            length: body.len(),
            // What has forms can be had back of the one in gzip.
            plain: (!codings.contains(&Coding::Gzip)).then(|| body.into_boxed_slice().into()),
            etag_field: tag_field(&etag),
            etag,
            forms,
            codings,
            last_modified: DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&modified_at)
                .ok()
                .and_then(|date| HeaderValue::from_str(&date).ok()),
            modified_at,
        }
    }

    /// Returns the entity tag of the plain form as the `ETag` field has it: 32 hexadecimal digits in quotes.
    pub fn etag(&self) -> &str {
        &self.etag
    }

    /// Returns the document, not compressed.
    pub fn body(&self) -> Bytes {
        match (&self.plain, self.gzip()) {
            (Some(plain), _) => plain.clone(),
            (None, Some(gzip)) => {
                let pieces: Vec<Bytes> = Unpacking::new(gzip).map_while(Result::ok).collect();
                pieces.concat().into()
            }
            (None, None) => Bytes::new(),
        }
    }

    /// Returns the digest of the document (BLAKE3).
    pub fn digest(&self) -> [u8; 32] {
        self.digest
    }

    /// Returns what is appended to the name of a file for each form that web servers look for: nothing for
    /// the document, `.gz`, `.br`.
    pub fn file_suffixes(&self) -> Vec<&'static str> {
        let forms = self.codings.iter().filter_map(|coding| match coding {
            Coding::Gzip => Some(GZIP_SUFFIX),
            Coding::Brotli => Some(BROTLI_SUFFIX),
            Coding::Zstd => None,
        });
        [PLAIN_SUFFIX].into_iter().chain(forms).collect()
    }

    /// Returns the content of such a file.
    pub fn file(&self, suffix: &str) -> Bytes {
        let coding = match suffix {
            GZIP_SUFFIX => Some(Coding::Gzip),
            BROTLI_SUFFIX => Some(Coding::Brotli),
            _ => None,
        };
        let form = self.forms.iter().find(|form| Some(form.coding) == coding);
        form.map_or_else(|| self.body(), |form| form.bytes.clone())
    }

    /// Returns when the document changed last.
    pub fn modified_at(&self) -> Timestamp {
        self.modified_at
    }

    /// Says on which terms it is handed out.
    #[must_use]
    pub fn on(self, terms: Terms) -> Self {
        let link = terms.link.as_deref();
        Self {
            link_field: link.and_then(|link| HeaderValue::from_str(link).ok()),
            terms,
            ..self
        }
    }

    /// Returns the same document under this lock, without a page that has the key of another.
    #[must_use]
    pub fn locked(&self, lock: Lock) -> Self {
        let lock = Some(lock);
        let terms = Terms {
            lock,
            keyed: None,
            ..self.terms.clone()
        };
        self.clone().on(terms)
    }

    /// Tells whether it is the document of this digest (BLAKE3), dated so, on these terms.
    pub fn is(&self, digest: &[u8; 32], modified_at: Timestamp, terms: &Terms) -> bool {
        self.digest == *digest && self.modified_at == modified_at && self.terms == *terms
    }

    /// Tells whether only some may have it: it is told to nobody else, and no file is made of it.
    pub fn is_protected(&self) -> bool {
        self.terms.lock.is_some()
    }

    /// Returns the bytes that it takes in memory, but for what is the same of all.
    pub fn size(&self) -> usize {
        let forms = self.forms.iter().map(|form| form.bytes.len());
        self.plain.as_ref().map_or(0, Bytes::len) + forms.sum::<usize>()
    }

    fn gzip(&self) -> Option<Bytes> {
        let gzip = self.forms.iter().find(|form| form.coding == Coding::Gzip);
        gzip.map(|form| form.bytes.clone())
    }

    /// Returns the form that the client of these fields gets.
    pub(super) fn choose(&self, headers: &HeaderMap) -> Chosen<'_> {
        let coding = preferred(headers, &self.codings);
        Chosen {
            resource: self,
            form: self.forms.iter().find(|form| Some(form.coding) == coding),
        }
    }

    /// Returns the entity tags of all forms.
    pub(super) fn tags(&self) -> impl Iterator<Item = &HeaderValue> {
        let forms = self.forms.iter().map(|form| &form.etag_field);
        forms.chain([&self.etag_field])
    }
}

impl<'a> Chosen<'a> {
    /// Returns its entity tag.
    pub(super) fn tag(self) -> &'a HeaderValue {
        self.form
            .map_or(&self.resource.etag_field, |form| &form.etag_field)
    }

    /// Returns how it is compressed, if it is.
    pub(super) fn coding(self) -> Option<Coding> {
        self.form.map(|form| form.coding)
    }

    /// Returns its length in bytes.
    pub(super) fn length(self) -> usize {
        self.form
            .map_or(self.resource.length, |form| form.bytes.len())
    }

    /// Returns its bytes, as they are or unpacked as they are read.
    pub(super) fn body(self) -> Body {
        let resource = self.resource;
        match (self.form, &resource.plain, resource.gzip()) {
            (Some(form), ..) => form.bytes.clone().into(),
            (None, Some(plain), _) => plain.clone().into(),
            (None, None, Some(gzip)) => Body::from_stream(stream::iter(Unpacking::new(gzip))),
            (None, None, None) => Body::empty(),
        }
    }
}

/// Makes a field of a tag, which is ASCII.
pub(super) fn tag_field(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

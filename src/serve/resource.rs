//! One document, ready to be sent.

use super::Lock;
use super::coding::{Coding, preferred};
use super::packed::{Packed, Unpacking, is_worth_packing, pack, pack_quickly};
use arc_swap::ArcSwap;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use bytes::Bytes;
use futures_util::stream;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimePrinter;
use std::sync::Arc;

/// Hexadecimal digits of an entity tag: 128 bits of the digest, which no two documents share.
const ETAG_DIGITS: usize = 32;

/// What is appended to the tag of a document for its quick form; for the others it is the name of their coding. These are
/// other bytes than the gzip that is kept.
const QUICK_FORM: &str = "gzip-1";

/// What is appended to the name of a file for its forms.
const PLAIN_SUFFIX: &str = "";
const GZIP_SUFFIX: &str = ".gz";
const BROTLI_SUFFIX: &str = ".br";

/// All of these.
pub const FILE_SUFFIXES: [&str; 3] = [PLAIN_SUFFIX, GZIP_SUFFIX, BROTLI_SUFFIX];

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

/// A document with its validators and its compressed forms, all made once (U8, U19): a quick one by
/// [`Resource::pack_quickly`], those that are kept by [`Resource::complete`], so that readers need not wait for the slowest
/// coding to have what is new. Until there is one it is sent as it is.
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
    forms: Arc<ArcSwap<Forms>>,
    /// The `Last-Modified` field; `None` for years that HTTP cannot write.
    pub(super) last_modified: Option<HeaderValue>,
    pub(super) modified_at: Timestamp,
}

/// The forms that there are.
#[derive(Clone, Debug)]
struct Forms {
    /// The document, where it has no compressed form, or none yet.
    plain: Option<Bytes>,
    /// The compressed ones, the smallest first; one of them is gzip.
    list: Box<[Packed]>,
    /// Whether these are those that are kept.
    is_complete: bool,
}

impl Forms {
    fn gzip(&self) -> Option<&Packed> {
        self.list.iter().find(|form| form.is_gzip())
    }
}

/// The form of a document that a client gets.
#[derive(Clone, Debug)]
pub(super) struct Chosen<'a> {
    resource: &'a Resource,
    /// `None`: the plain one.
    form: Option<Packed>,
    tag: HeaderValue,
}

/// Returns the digest of a document, which its entity tags and its `Last-Modified` go by (BLAKE3).
pub fn digest(body: &[u8]) -> [u8; 32] {
    *blake3::hash(body).as_bytes()
}

impl Resource {
    /// Prepares `body` for serving: digests it, and compresses it in the quickest way.
    ///
    /// The entity tags are strong: the digest of the document, and for each compressed form the name of its
    /// coding after it, `"..-gzip"`, as Apache has it, so that what stands between us and the reader may
    /// compress the document itself and its tags are ours. Whichever of them a client has, it has the
    /// document (U18). `modified_at` counts in whole seconds.
    pub fn new(media_type: &'static str, body: Vec<u8>, modified_at: Timestamp) -> Self {
        let digest = digest(&body);
        let resource = Self::digested(media_type, (body, digest), modified_at);
        resource.pack_quickly();
        resource
    }

    /// Prepares a body whose [`digest()`] is known; it is not compressed yet.
    pub fn digested(
        media_type: &'static str,
        (body, digest): (Vec<u8>, [u8; 32]),
        modified_at: Timestamp,
    ) -> Self {
        Self {
            media_type: HeaderValue::from_static(media_type),
            terms: Terms::default(),
            link_field: None,
            digest,
            length: body.len(),
            forms: Arc::new(ArcSwap::from_pointee(Forms {
                is_complete: !is_worth_packing(&body),
                plain: Some(body.into_boxed_slice().into()),
                list: Box::default(),
            })),
            last_modified: DateTimePrinter::new()
                .timestamp_to_rfc9110_string(&modified_at)
                .ok()
                .and_then(|date| HeaderValue::from_str(&date).ok()),
            modified_at,
        }
    }

    /// Makes the quick form, if there is no compressed one yet: a millisecond for a few hundred thousand bytes. Clients get it from
    /// then on.
    pub fn pack_quickly(&self) {
        let held = self.forms.load();
        let Some(plain) = held.plain.as_ref().filter(|_| !held.is_complete) else {
            return;
        };
        let quick = pack_quickly(plain);
        let forms = Forms {
            is_complete: quick.is_none(),
            plain: quick.is_none().then(|| plain.clone()),
            list: quick.into_iter().collect(),
        };
        // Where others came meanwhile they are those that are kept.
        self.forms.compare_and_swap(&held, Arc::new(forms));
    }

    /// Makes the forms that are kept, if that is not done yet: some ten milliseconds for a hundred thousand bytes. Clients
    /// get them from then on.
    pub fn complete(&self) {
        if self.is_complete() {
            return;
        }
        let list = pack(&self.body());
        let forms = if list.iter().any(Packed::is_gzip) {
            Forms {
                plain: None,
                list: list.into(),
                is_complete: true,
            }
        } else {
            // Nothing else gives the document back. Its tag may be another from now on, and either holds.
            let held = self.forms.load();
            Forms {
                list: list.into_iter().chain(held.list.iter().cloned()).collect(),
                is_complete: true,
                ..Forms::clone(&held)
            }
        };
        self.forms.store(Arc::new(forms));
    }

    /// Tells whether the forms that are kept are made.
    pub fn is_complete(&self) -> bool {
        self.forms.load().is_complete
    }

    /// Returns the entity tag of the plain form as the `ETag` field has it: 32 hexadecimal digits in quotes.
    pub fn etag(&self) -> String {
        let digest = blake3::Hash::from_bytes(self.digest).to_hex();
        format!("\"{digest:.ETAG_DIGITS$}\"")
    }

    /// Returns the document, not compressed.
    pub fn body(&self) -> Bytes {
        let held = self.forms.load();
        match (&held.plain, held.gzip()) {
            (Some(plain), _) => plain.clone(),
            (None, Some(gzip)) => {
                let gzip = gzip.bytes.clone();
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
    /// the document, `.gz`, `.br`. Makes the forms that are not made yet.
    pub fn file_suffixes(&self) -> Vec<&'static str> {
        self.complete();
        let held = self.forms.load();
        let forms = held.list.iter().filter_map(|form| match form.coding {
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
        self.complete();
        let held = self.forms.load();
        let mut forms = held.list.iter();
        let form = forms.find(|form| Some(form.coding) == coding);
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
        let held = self.forms.load();
        let forms = held.list.iter().map(|form| form.bytes.len());
        held.plain.as_ref().map_or(0, Bytes::len) + forms.sum::<usize>()
    }

    /// Returns the form that the client of these fields gets.
    pub(super) fn choose(&self, headers: &HeaderMap) -> Chosen<'_> {
        let held = self.forms.load();
        let codings = held.list.iter().map(|form| form.coding);
        let coding = preferred(headers, codings);
        let mut forms = held.list.iter();
        let form = forms.find(|form| Some(form.coding) == coding).cloned();
        let name = coding.map(|coding| match coding {
            Coding::Gzip if !held.is_complete => QUICK_FORM,
            coding => coding.name(),
        });
        Chosen {
            resource: self,
            form,
            tag: self.tag(name),
        }
    }

    /// Returns the entity tags of all forms, whether they are there yet or are still: a client may have any.
    pub(super) fn tags(&self) -> impl Iterator<Item = HeaderValue> {
        let held = self.forms.load();
        let has_forms = !held.is_complete || !held.list.is_empty();
        let names = Coding::ALL.iter().map(|coding| coding.name());
        let names = names.chain([QUICK_FORM]).filter(move |_| has_forms);
        names.map(Some).chain([None]).map(|name| self.tag(name))
    }

    /// Returns the entity tag of the form of this name, or of the plain one.
    ///
    /// It is made of the digest where it is asked for: the tags of all forms took more than half a kilobyte of each document,
    /// which of two hundred outputs with their pages was two megabytes.
    fn tag(&self, form: Option<&str>) -> HeaderValue {
        let digest = blake3::Hash::from_bytes(self.digest).to_hex();
        tag_field(&match form {
            Some(form) => format!("\"{digest:.ETAG_DIGITS$}-{form}\""),
            None => self.etag(),
        })
    }
}

impl Chosen<'_> {
    /// Returns its entity tag.
    pub(super) fn tag(&self) -> &HeaderValue {
        &self.tag
    }

    /// Returns how it is compressed, if it is.
    pub(super) fn coding(&self) -> Option<Coding> {
        self.form.as_ref().map(|form| form.coding)
    }

    /// Returns its length in bytes.
    pub(super) fn length(&self) -> usize {
        let form = self.form.as_ref();
        form.map_or(self.resource.length, |form| form.bytes.len())
    }

    /// Returns its bytes, as they are or unpacked as they are read.
    pub(super) fn body(self) -> Body {
        let held = self.resource.forms.load();
        match (self.form, &held.plain, held.gzip()) {
            (Some(form), ..) => form.bytes.into(),
            (None, Some(plain), _) => plain.clone().into(),
            (None, None, Some(gzip)) => {
                Body::from_stream(stream::iter(Unpacking::new(gzip.bytes.clone())))
            }
            (None, None, None) => Body::empty(),
        }
    }
}

/// Makes a field of a tag, which is ASCII.
pub(super) fn tag_field(tag: &str) -> HeaderValue {
    HeaderValue::from_str(tag).unwrap_or_else(|_| HeaderValue::from_static("\"\""))
}

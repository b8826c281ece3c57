//! The compressed forms of a document: which there are, and when.

use super::{ATOM, MODIFIED};
use crate::serve::coding::Coding;
use crate::serve::{Lock, Resource};
use axum::http::{HeaderMap, HeaderValue, header};

#[test]
fn u18_u19_a_document_is_there_before_its_small_forms() {
    let lines = (0..2000).map(|number: u32| format!("<id>{}</id>\n", number * number));
    let body: String = lines.collect();
    let bytes = body.clone().into_bytes();
    let digest = crate::serve::digest(&bytes);
    let resource = Resource::digested(ATOM, (bytes, digest), MODIFIED.parse().unwrap());
    let asking = |field: &'static str| {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(field))])
    };
    let told = |field| {
        let chosen = resource.choose(&asking(field));
        let tag = chosen.tag().to_str().unwrap().trim_matches('"').to_owned();
        let form = tag.split_once('-').map_or("", |(_, form)| form).to_owned();
        (chosen.coding().map(Coding::name), form, chosen.length())
    };
    assert_eq!(told("br, gzip"), (None, String::new(), body.len()));
    let before: Vec<HeaderValue> = resource.tags().collect();
    assert_eq!(before.len(), 5);

    resource.pack_quickly();
    assert!(resource.size() < body.len(), "the plain form is not kept");
    let (coding, form, quick) = told("br, gzip");
    assert_eq!((coding, form.as_str()), (Some("gzip"), "gzip-1"));
    assert_eq!(told("br"), (None, String::new(), body.len()));
    assert!(resource.tags().eq(before.iter().cloned()));

    resource.complete();
    assert_eq!(told("br, gzip").0, Some("br"));
    let (coding, form, kept) = told("gzip");
    assert_eq!((coding, form.as_str()), (Some("gzip"), "gzip"));
    assert!(kept < quick, "{kept} of {quick}");
    assert_eq!(resource.body(), body);
    // Who has the quick form has the document.
    assert!(resource.tags().eq(before));
    // It is not taken back by the quick one.
    resource.pack_quickly();
    assert_eq!(told("gzip").2, kept);
    assert!(resource.locked(Lock::new("sesame")).is_complete());
}

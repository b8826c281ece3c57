//! The compressed forms of a document: which there are, and when.

use super::{ATOM, MODIFIED};
use crate::serve::coding::Coding;
use crate::serve::{Lock, Resource};
use axum::http::{HeaderMap, HeaderValue, header};

#[test]
fn u18_u19_a_document_is_there_before_its_small_forms() {
    let lines = (0..2000).map(|number: u32| format!("<id>{}</id>\n", number * number));
    let body: String = lines.collect();
    let resource = Resource::new(ATOM, body.clone().into_bytes(), MODIFIED.parse().unwrap());
    let asking = |field: &'static str| {
        HeaderMap::from_iter([(header::ACCEPT_ENCODING, HeaderValue::from_static(field))])
    };
    let told = |field| {
        let chosen = resource.choose(&asking(field));
        let tag = chosen.tag().to_str().unwrap().trim_matches('"').to_owned();
        let form = tag.split_once('-').map_or("", |(_, form)| form).to_owned();
        (chosen.coding().map(Coding::name), form, chosen.length())
    };
    let (coding, form, quick) = told("br, gzip");
    assert_eq!((coding, form.as_str()), (Some("gzip"), "gzip-1"));
    assert_eq!(told("br"), (None, String::new(), body.len()));
    let before: Vec<HeaderValue> = resource.tags().collect();
    assert_eq!(before.len(), 5);

    resource.complete();
    assert_eq!(told("br, gzip").0, Some("br"));
    let (coding, form, kept) = told("gzip");
    assert_eq!((coding, form.as_str()), (Some("gzip"), "gzip"));
    assert!(kept < quick, "{kept} of {quick}");
    assert_eq!(resource.body(), body);
    // Who has the quick form has the document.
    assert!(resource.tags().eq(before));
    assert!(resource.locked(Lock::new("sesame")).is_complete());
}

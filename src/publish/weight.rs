//! How much a document may hold, and how much of it an article takes (U28).

use super::view::MAX_COPIES;
use crate::model::{Article, Category, Copy, Person};

/// Bytes that the entries of one document have at the most, escapes among them, before markup.
///
/// The validator refuses documents over 5 MB, and readers on a telephone give up long before. The markup of a thousand
/// entries takes one of them.
pub(super) const DOCUMENT_BYTES: usize = 3_000_000;

/// Bytes of the ids of entries that left which one document tells of besides.
pub(super) const DELETED_BYTES: usize = DOCUMENT_BYTES / 10;

/// Bytes that the longest escape has: `"` in HTML.
const ESCAPED: usize = "&quot;".len();

/// Returns how many bytes are written of an article.
pub(super) fn weight(article: &Article) -> usize {
    texts(article).map(|text| written(text)).sum()
}

/// Tells whether articles fit into one document whatever is escaped in them: of nearly all that is told by the lengths of
/// their texts, and no character need be looked at.
pub(super) fn fit_anyhow(articles: &[&Article]) -> bool {
    let texts = articles.iter().flat_map(|it| texts(it));
    texts.map(String::len).sum::<usize>() <= DOCUMENT_BYTES / ESCAPED
}

/// Returns all that is written of an article. Whatever an origin may say at length is among it: one feed else made a
/// document of fifty megabytes by the names of its authors, which are written with each of its entries.
fn texts(article: &Article) -> impl Iterator<Item = &String> {
    let source = &article.source;
    let copies = article.copies.iter().take(MAX_COPIES);
    let copies = copies.chain(&article.first).flat_map(texts_of_copy);
    let reports = article.reports.iter();
    let reports = reports.flat_map(|it| [&it.title, &it.feed_title, &it.url]);
    let media = article.enclosures.iter().map(|it| &it.url);
    let own = [&article.atom_id, &article.title];
    let own = own.into_iter().chain(&article.url);
    let texts = own
        .chain(&article.summary)
        .chain(&article.content)
        .chain(article.authors.iter().flat_map(Person::texts))
        .chain(article.categories.iter().flat_map(Category::texts))
        .chain(&article.topics)
        .chain(media)
        .chain(source.texts())
        .chain(copies)
        .chain(reports);
    // An entry without authors has those of its source.
    let lent = source.authors.iter().filter(|_| article.authors.is_empty());
    let lent = lent.flat_map(Person::texts);
    texts.chain(lent)
}

fn texts_of_copy(copy: &Copy) -> [&String; 2] {
    [&copy.feed_title, &copy.url]
}

/// Returns how many bytes a text has in XML.
pub(super) fn written(text: &str) -> usize {
    let escaped = text
        .bytes()
        .filter(|c| matches!(c, b'&' | b'<' | b'>' | b'"'));
    text.len() + escaped.count() * "amp;".len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Enclosure, Report};
    use crate::publish::tests::article;

    /// By how many thousands the article is heavier when it says something more, of a thousand bytes a text.
    #[track_caller]
    fn check(expected: usize, say: impl Fn(&mut Article)) {
        let mut article = article(1);
        article.authors = vec![Person::default()];
        article.source.authors.clear();
        article.first = None;
        let before = weight(&article);
        say(&mut article);
        let more = weight(&article) - before;
        assert_eq!(more.div_ceil(100) / 10, expected, "{article:?}");
    }

    /// What is told by the lengths alone is never told otherwise by the characters.
    #[test]
    fn u28_what_fits_anyhow_weighs_no_more_than_a_document() {
        let of = |text: &str, bytes: usize| Article {
            content: Some(text.repeat(bytes)),
            ..article(1)
        };
        for (text, part, expected) in [("x", 10, true), ("\"", 10, true), ("x", 2, false)] {
            let one = of(text, DOCUMENT_BYTES / part);
            assert_eq!(fit_anyhow(&[&one]), expected, "{text} {part}");
            assert!(weight(&one) <= DOCUMENT_BYTES, "{text} {part}");
        }
        let half = of("\"", DOCUMENT_BYTES / 10);
        assert!(!fit_anyhow(&[&half, &half]), "both together are heavier");
    }

    #[test]
    fn u28_all_that_an_origin_says_has_weight() {
        let long = || "x".repeat(1000);
        let person = || Person {
            name: long(),
            email: Some(long()),
            url: Some(long()),
        };
        let copy = || Copy {
            feed_title: long(),
            url: long(),
        };
        let label = || Category {
            term: long(),
            scheme: Some(long()),
            label: Some(long()),
        };
        let report = || Report {
            title: long(),
            feed_title: long(),
            url: long(),
            published_at: jiff::Timestamp::UNIX_EPOCH,
            is_backdated: false,
        };
        let medium = || Enclosure {
            url: long(),
            ..Enclosure::default()
        };
        check(1, |it| it.atom_id += &long());
        check(1, |it| it.title += &long());
        check(1, |it| {
            it.url = Some(it.url.take().unwrap_or_default() + &long());
        });
        check(1, |it| {
            it.summary = Some(it.summary.take().unwrap_or_default() + &long());
        });
        check(5, |it| {
            it.content = Some(it.content.take().unwrap_or_default() + &"<".repeat(1000));
        });
        check(3, |it| it.authors.push(person()));
        check(3, |it| it.categories.push(label()));
        check(1, |it| it.topics.push(long()));
        check(1, |it| it.enclosures.push(medium()));
        check(2 * MAX_COPIES, |it| {
            it.copies = vec![copy(); 2 * MAX_COPIES];
        });
        check(2, |it| it.first = Some(copy()));
        check(3, |it| it.reports.push(report()));
        check(1, |it| it.source.id += &long());
        check(1, |it| it.source.title += &long());
        check(1, |it| it.source.home_url = Some(long()));
        check(1, |it| it.source.self_url = Some(long()));
        check(1, |it| it.source.rights = Some(long()));
        check(3, |it| it.source.authors.push(person()));
        // They are those of an entry without authors, too.
        check(6, |it| {
            it.authors.clear();
            it.source.authors.push(person());
        });
    }
}

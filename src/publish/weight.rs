//! How much a document may hold, and how much of it an article takes (U28).

use super::address::web;
use super::reports;
use super::text::{Escapes, named, numeric, pictures};
use super::view::MAX_COPIES;
use super::{Output, Unit};
use crate::model::{Article, Category, Copy, Person};

/// Bytes that the entries of one document have at the most, escapes and markup among them.
///
/// The validator refuses documents over 5 MB, and readers on a telephone give up long before.
pub(super) const DOCUMENT_BYTES: usize = 4_000_000;

/// Bytes of the ids of entries that left which one document tells of besides.
pub(super) const DELETED_BYTES: usize = DOCUMENT_BYTES / 10;

/// Bytes that the longest escape has: `&` in titles, `"` in HTML.
const ESCAPED: usize = "&#x26;".len();

/// Bytes that the longest escape has of what HTML within a document says in turn: `"` of a name in a link.
const ESCAPED_TWICE: usize = "&amp;quot;".len();

/// Bytes of the markup of an entry in any format at the most, with its dates and that of its source.
const ENTRY_MARKUP: usize = 1024;

/// Bytes of the markup of each part of an entry at the most, be it a link, an author, a category or an attachment.
const PART_MARKUP: usize = 128;

/// Bytes of the markup of a link in the line of other reports at the most, and of the line without any.
const LINK_BYTES: usize = 128;

/// Links in the line of other reports at the most: who had it first, and those that are named.
const LINKS: usize = 4;

/// Returns how many bytes are written of an article.
pub(super) fn weight(article: &Article, output: &Output) -> usize {
    let texts: usize = texts(article).map(|text| written(text)).sum();
    let html: usize = html(article).map(|html| bytes(html, named)).sum();
    let url = article.url.as_deref().and_then(web);
    let line = reports::beneath(output, article, url.as_ref());
    let shown = article.content.iter().chain(&article.summary);
    let picture = shown
        .flat_map(|html| pictures(html))
        .find_map(|url| web(&url));
    let beside = picture.map_or(0, |url| written(&url));
    markup(article) + texts + html + beside + line.map_or(0, |line| bytes(&line, named))
}

/// Returns how many bytes the markup of an article has at the most.
fn markup(article: &Article) -> usize {
    let of_source = if article.authors.is_empty() { 2 } else { 1 };
    let parts = [
        article.copies.len().min(MAX_COPIES),
        usize::from(article.first.is_some()),
        article.reports.len(),
        article.topics.len(),
        article.authors.len(),
        article.source.authors.len() * of_source,
        article.categories.len(),
        article.enclosures.len(),
    ];
    ENTRY_MARKUP + parts.into_iter().sum::<usize>() * PART_MARKUP
}

/// Tells whether articles fit into one document whatever is escaped in them: of nearly all that is told by the lengths of
/// their texts, and no character need be looked at.
pub(super) fn fit_anyhow(articles: &[&Article], output: &Output) -> bool {
    let most = articles.iter().map(|article| {
        let texts = texts(article).chain(html(article));
        // A picture is told beside its text, and may be all of that.
        let pictures = html(article).filter(|html| html.contains("<img "));
        let length: usize = texts.chain(pictures).map(String::len).sum();
        length * ESCAPED + markup(article) + longest_line(article, output)
    });
    most.sum::<usize>() <= DOCUMENT_BYTES
}

/// Returns how many bytes are written of [`reports::beneath`] at the most.
fn longest_line(article: &Article, output: &Output) -> usize {
    let copies = article.copies.iter().chain(&article.first);
    let copies = copies.map(|it| it.feed_title.len() + it.url.len());
    let reports = article.reports.iter();
    let reports = reports.map(|it| it.feed_title.len() + it.title.len() + it.url.len());
    let link = |length: usize| length * ESCAPED_TWICE + LINK_BYTES;
    let links = match output.unit {
        _ if !output.also_reported => return 0,
        Unit::Article => copies.chain(reports).max().map_or(0, link) * LINKS,
        Unit::Story => {
            let listed: usize = reports.map(link).sum();
            copies.max().map_or(0, link) * LINKS + listed + LINK_BYTES
        }
    };
    links + LINK_BYTES
}

/// Returns all that is written of an article beside [`html`]. Whatever an origin may say at length is among it: one feed else
/// made a document of fifty megabytes by the names of its authors, which are written with each of its entries.
fn texts(article: &Article) -> impl Iterator<Item = &String> {
    let source = &article.source;
    let copies = article.copies.iter().take(MAX_COPIES);
    let copies = copies.chain(&article.first).flat_map(texts_of_copy);
    let reports = article.reports.iter();
    let reports = reports.flat_map(|it| [&it.title, &it.feed_title, &it.url]);
    let media = article.enclosures.iter();
    let media = media.flat_map(|it| [Some(&it.url), it.media_type.as_ref()]);
    let own = [&article.atom_id, &article.title];
    let own = own.into_iter().chain(&article.url);
    // What has no text has its title as such.
    let in_place = Some(&article.title).filter(|_| html(article).next().is_none());
    let texts = own
        .chain(article.authors.iter().flat_map(Person::texts))
        .chain(article.categories.iter().flat_map(Category::texts))
        .chain(&article.topics)
        .chain(media.flatten())
        .chain(in_place)
        .chain(source.texts())
        .chain(copies)
        .chain(reports);
    // An entry without authors has those of its source, or that itself.
    let lent = source.authors.iter().filter(|_| article.authors.is_empty());
    let lent = lent.flat_map(Person::texts);
    let itself = Some(&source.title).filter(|_| article.authors.is_empty());
    texts.chain(lent).chain(itself)
}

/// Returns what is written of an article as HTML.
fn html(article: &Article) -> impl Iterator<Item = &String> {
    article.summary.iter().chain(&article.content)
}

fn texts_of_copy(copy: &Copy) -> [&String; 2] {
    [&copy.feed_title, &copy.url]
}

/// Returns how many bytes a plain text has in XML at the most, as an address, too, in which what is beyond ASCII takes three
/// times as many.
pub(super) fn written(text: &str) -> usize {
    let beyond = text.bytes().filter(|it| !it.is_ascii()).count();
    bytes(text, numeric) + 2 * beyond
}

/// Returns how many bytes a text has with these escapes.
fn bytes(text: &str, escapes: Escapes) -> usize {
    let may_be_escaped = |c: &u8| matches!(c, b'&' | b'<' | b'>' | b'"' | b'\'');
    let special = text.bytes().filter(may_be_escaped);
    let more = special.filter_map(|c| Some(escapes(char::from(c))?.len() - 1));
    text.len() + more.sum::<usize>()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Enclosure, Report};
    use crate::publish::tests::{article, output};
    use crate::publish::text::escape_into;
    use proptest::prelude::*;

    /// By how many thousands the article is heavier when it says something more, of a thousand bytes a text.
    #[track_caller]
    fn check(expected: usize, say: impl Fn(&mut Article)) {
        let mut article = article(1);
        article.authors = vec![Person::default()];
        article.source.authors.clear();
        article.first = None;
        let silent = Output {
            also_reported: false,
            ..output()
        };
        let before = weight(&article, &silent);
        say(&mut article);
        let more = weight(&article, &silent) - before;
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
            assert_eq!(fit_anyhow(&[&one], &output()), expected, "{text} {part}");
            assert!(weight(&one, &output()) <= DOCUMENT_BYTES, "{text} {part}");
        }
        let half = of("\"", DOCUMENT_BYTES / 10);
        let both = [&half, &half];
        assert!(!fit_anyhow(&both, &output()), "both together are heavier");
    }

    /// An output of such entries.
    fn output_of(unit: Unit) -> Output {
        Output {
            unit,
            also_reported: true,
            ..output()
        }
    }

    /// Others who have an article, by their names and by what follows their addresses.
    fn told_by(others: &[(String, String)], article: &mut Article) {
        let url = |end: &String| format!("https://example.org/{end}");
        let report = |(name, end): &(String, String)| Report {
            title: name.clone(),
            feed_title: name.clone(),
            url: url(end),
            published_at: jiff::Timestamp::UNIX_EPOCH,
            is_backdated: false,
        };
        let copy = |(name, end): &(String, String)| Copy {
            feed_title: name.clone(),
            url: url(end),
        };
        article.reports = others.iter().map(report).collect();
        article.copies = others.iter().skip(1).map(copy).collect();
        article.first = others.first().map(copy);
    }

    proptest! {
        /// Whatever is escaped, and however often: what is reckoned by lengths alone is no less.
        #[test]
        fn u28_nothing_weighs_more_than_its_length_tells(
            title in "[&<>\"'/bx ]{0,40}",
            content in "[&<>\"'x ]{0,40}",
            others in prop::collection::vec(("[&<>\"'/b ]{0,12}", "[&'|xä]{0,12}"), 0..20),
            is_story in any::<bool>(),
        ) {
            let output = output_of(if is_story { Unit::Story } else { Unit::Article });
            let mut one = Article { title, content: Some(content), ..article(1) };
            told_by(&others, &mut one);
            let texts = texts(&one).chain(html(&one)).map(String::len);
            let most = texts.sum::<usize>() * ESCAPED + markup(&one) + longest_line(&one, &output);
            prop_assert!(weight(&one, &output) <= most, "{} {most}", weight(&one, &output));
        }

        #[test]
        fn u28_a_text_weighs_what_is_written(text in "[&<>\"'x]{0,20}") {
            let ways: [Escapes; 2] = [named, numeric];
            for escapes in ways {
                let mut out = String::new();
                escape_into(&mut out, &text, escapes);
                prop_assert_eq!(bytes(&text, escapes), out.len());
            }
        }
    }

    /// Other reports are links of an entry, and stand in its text besides: of a story all of them.
    #[test]
    fn u28_what_is_told_twice_weighs_twice() {
        let others: Vec<(String, String)> = (100..120)
            .map(|it| ("&".repeat(it), it.to_string()))
            .collect();
        let mut article = article(1);
        told_by(&others, &mut article);
        for (unit, expected) in [(Unit::Article, 3 * 9), (Unit::Story, 20 * 2 * 9)] {
            let output = output_of(unit);
            let silent = Output {
                also_reported: false,
                ..output.clone()
            };
            let more = weight(&article, &output) - weight(&article, &silent);
            assert!(more > expected * 100, "{unit:?}: {more}");
        }
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
            media_type: Some(long()),
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
        check(4, |it| {
            it.content = Some(it.content.take().unwrap_or_default() + &"<".repeat(1000));
        });
        check(3, |it| it.authors.push(person()));
        check(3, |it| it.categories.push(label()));
        check(1, |it| it.topics.push(long()));
        check(2, |it| it.enclosures.push(medium()));
        check(2, |it| {
            let image = format!("<img src=\"https://example.org/{}\">", long());
            it.content = Some(it.content.take().unwrap_or_default() + &image);
        });
        check(2, |it| {
            it.authors = vec![Person::default()];
            (it.content, it.summary) = (None, None);
            it.title += &long();
        });
        let markup = MAX_COPIES * PART_MARKUP / 1000;
        check(2 * MAX_COPIES + markup, |it| {
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

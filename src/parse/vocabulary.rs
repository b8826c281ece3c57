//! Which element means what: namespaces as feeds write them, and one table of names.
//!
//! RSS and Atom share their unprefixed names without conflict where it matters, so both vocabularies are
//! one space, [`Space::Core`], whatever namespace a document says they are in: that alone reads Atom 0.3,
//! RSS 0.90, 1.0 and 1.1, Userland's namespaces, and an RSS document with a default namespace of its own.

use super::markup::{Tag, local_name};
use super::references::decode;
use crate::model::Format;

/// More prefixes than this are not remembered; rich feeds declare about 20.
const MAX_PREFIXES: usize = 64;

/// A family of names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Space {
    /// RSS of any version and Atom.
    Core,
    /// Dublin Core, elements and terms.
    DublinCore,
    /// The content module of RSS 1.0.
    Content,
    /// Media RSS.
    Media,
    /// Apple's podcast names.
    Itunes,
    /// The syndication module of RSS 1.0.
    Syndication,
    /// Services that put their own addresses in the place of the publisher's.
    Redirector,
    /// RDF itself.
    Rdf,
    /// XHTML.
    Xhtml,
    /// Tombstones of Atom (RFC 6721).
    Tombstones,
    /// Anything that is passed over.
    Other,
}

/// A field of which a feed or an entry has one value: the best one that is found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Slot {
    /// The publisher's id.
    Id,
    /// Where it can be read.
    Link,
    /// The publisher's link, where `link` is that of a service that counts readers.
    OriginalLink,
    /// Where the feed itself is.
    OwnLink,
    /// Title.
    Title,
    /// Summary.
    Summary,
    /// Content.
    Content,
    /// First publication.
    Published,
    /// Last change.
    Updated,
    /// Rights statement.
    Rights,
    /// Language tag.
    Language,
    /// The picture that stands for an entry.
    Image,
}

/// What a feed asks of those who poll it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Hint {
    /// RSS `ttl`.
    Ttl,
    /// RSS `skipHours`.
    SkipHours,
    /// RSS `skipDays`.
    SkipDays,
    /// `sy:updatePeriod`.
    Period,
    /// `sy:updateFrequency`.
    Frequency,
    /// `sy:updateBase`.
    Base,
    /// RSS `cloud`.
    Cloud,
}

/// What an element is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The root of a document of this family.
    Root(Format),
    /// The feed itself, where it is not the root.
    Channel,
    /// An entry.
    Entry,
    /// A value of a slot, and how good it is: 0 is best.
    Slot(Slot, u8),
    /// A link: text, or `href` and `rel`.
    Link,
    /// An author.
    Author,
    /// A category.
    Category,
    /// Categories in one text, between commas.
    Keywords,
    /// RSS `enclosure`.
    Enclosure,
    /// `media:content`.
    Media,
    /// A picture: in an attribute, or the `url` inside; and how good it is.
    Image(u8),
    /// An element that stands for nothing itself and whose children count as its parent's.
    Group,
    /// The feed that an entry was taken from.
    Source,
    /// What the feed asks of those who poll it.
    Hint(Hint),
    /// That an entry is none any more.
    Withdrawal,
}

/// One row of the table.
#[derive(Debug)]
pub(super) struct Name {
    /// Where it belongs.
    pub(super) space: Space,
    /// The qualified name with the customary prefix, which keys what the scanner remembers about it.
    pub(super) key: &'static str,
    /// The local name.
    pub(super) local: &'static str,
    /// What it is.
    pub(super) field: Field,
}

const fn name(space: Space, key: &'static str, field: Field) -> Name {
    Name {
        space,
        key,
        local: without_prefix(key),
        field,
    }
}

/// As [`local_name`], at compile time.
const fn without_prefix(key: &'static str) -> &'static str {
    let mut at = 0;
    while let Some((before, local)) = key.split_at_checked(at) {
        if let [.., b':'] = before.as_bytes() {
            return local;
        }
        at += 1;
    }
    key
}

/// Every element that is read. Commonest first; ranks order the fallbacks within a slot.
static NAMES: &[Name] = {
    use Slot::{Content, Id, Language, OriginalLink, Published, Rights, Summary, Title, Updated};
    use Space::{Core, DublinCore, Itunes, Media, Rdf, Redirector, Syndication, Xhtml};
    const fn slot(space: Space, key: &'static str, slot: Slot, rank: u8) -> Name {
        name(space, key, Field::Slot(slot, rank))
    }
    &[
        name(Core, "item", Field::Entry),
        name(Core, "entry", Field::Entry),
        slot(Core, "title", Title, 0),
        name(Core, "link", Field::Link),
        slot(Core, "guid", Id, 0),
        slot(Core, "id", Id, 0),
        slot(Core, "description", Summary, 0),
        slot(Core, "summary", Summary, 0),
        slot(Space::Content, "content:encoded", Content, 0),
        slot(Core, "content", Content, 1),
        slot(Core, "pubDate", Published, 0),
        slot(Core, "published", Published, 0),
        slot(Core, "updated", Updated, 0),
        name(Core, "category", Field::Category),
        name(Core, "author", Field::Author),
        name(DublinCore, "dc:creator", Field::Author),
        name(Core, "enclosure", Field::Enclosure),
        name(Media, "media:content", Field::Media),
        name(Media, "media:group", Field::Group),
        name(Media, "media:thumbnail", Field::Image(1)),
        name(Itunes, "itunes:image", Field::Image(2)),
        name(Core, "image", Field::Image(3)),
        slot(DublinCore, "dc:date", Published, 2),
        slot(DublinCore, "dc:issued", Published, 1),
        slot(DublinCore, "dc:created", Published, 3),
        slot(DublinCore, "dc:modified", Updated, 1),
        slot(DublinCore, "dc:title", Title, 1),
        slot(DublinCore, "dc:description", Summary, 1),
        slot(DublinCore, "dc:abstract", Summary, 2),
        name(DublinCore, "dc:subject", Field::Category),
        name(Media, "media:category", Field::Category),
        name(Media, "media:keywords", Field::Keywords),
        name(Itunes, "itunes:category", Field::Category),
        name(Itunes, "itunes:keywords", Field::Keywords),
        name(DublinCore, "dc:author", Field::Author), // not Dublin Core, but written
        slot(DublinCore, "dc:language", Language, 1),
        slot(DublinCore, "dc:rights", Rights, 1),
        slot(Core, "issued", Published, 1), // Atom 0.3
        slot(Core, "created", Published, 3),
        slot(Core, "modified", Updated, 1),
        slot(Core, "date", Published, 2), // not RSS, but written
        slot(Xhtml, "xhtml:body", Content, 2),
        slot(Core, "body", Content, 2),
        slot(Core, "fullitem", Content, 2),
        slot(Core, "abstract", Summary, 1), // CDF
        slot(Itunes, "itunes:summary", Summary, 3),
        slot(Media, "media:description", Summary, 4),
        slot(Itunes, "itunes:subtitle", Summary, 5),
        slot(Itunes, "itunes:title", Title, 3),
        slot(Media, "media:title", Title, 4),
        name(Itunes, "itunes:author", Field::Author),
        name(Core, "source", Field::Source),
        slot(Core, "language", Language, 0),
        slot(Core, "copyright", Rights, 0),
        slot(Core, "rights", Rights, 0),
        name(Core, "ttl", Field::Hint(Hint::Ttl)),
        name(Core, "skipHours", Field::Hint(Hint::SkipHours)),
        name(Core, "skipDays", Field::Hint(Hint::SkipDays)),
        name(Core, "cloud", Field::Hint(Hint::Cloud)),
        name(Syndication, "sy:updatePeriod", Field::Hint(Hint::Period)),
        name(
            Syndication,
            "sy:updateFrequency",
            Field::Hint(Hint::Frequency),
        ),
        name(Syndication, "sy:updateBase", Field::Hint(Hint::Base)),
        slot(Redirector, "feedburner:origLink", OriginalLink, 0),
        slot(Core, "lastBuildDate", Updated, 0),
        name(Core, "managingEditor", Field::Author),
        name(Core, "channel", Field::Channel),
        name(Core, "rss", Field::Root(Format::Rss)),
        name(Core, "feed", Field::Root(Format::Atom)),
        name(Rdf, "rdf:RDF", Field::Root(Format::Rdf)),
        name(Core, "RDF", Field::Root(Format::Rdf)),
        slot(Core, "lastUpdated", Updated, 2),
        slot(Core, "dateCreated", Published, 3),
        slot(Core, "dateModified", Updated, 2),
        name(Space::Tombstones, "at:deleted-entry", Field::Withdrawal),
    ]
};

/// Returns the row for a name; case does not count.
pub(super) fn find(space: Space, local: &str) -> Option<&'static Name> {
    NAMES
        .iter()
        .find(|row| row.space == space && row.local.eq_ignore_ascii_case(local))
}

/// The prefixes of a document.
///
/// Declarations hold from where they stand to the end of the document: feeds do not shadow prefixes, and
/// a scope would cost more than it brings.
#[derive(Clone, Debug, Default)]
pub(super) struct Prefixes<'a> {
    declared: Vec<(&'a str, Space)>,
}

impl<'a> Prefixes<'a> {
    /// Takes in the prefixes that `tag` declares and returns its default namespace, if it declares one.
    pub(super) fn declare(&mut self, tag: &Tag<'a>) -> Option<Space> {
        let mut default = None;
        if !tag.mentions("xmlns") {
            return None;
        }
        for (name, value) in tag.attributes() {
            if name.eq_ignore_ascii_case("xmlns") {
                default = Some(default_space(value));
            } else if let Some(prefix) = name.strip_prefix("xmlns:") {
                self.remember(prefix, known_space(value).unwrap_or(Space::Other));
            }
        }
        default
    }

    fn remember(&mut self, prefix: &'a str, space: Space) {
        if let Some(known) = self.declared.iter_mut().find(|(it, _)| *it == prefix) {
            known.1 = space;
        } else if self.declared.len() < MAX_PREFIXES {
            self.declared.push((prefix, space));
        }
    }

    /// Returns the space and local name of a qualified name; `default` is the space without a prefix.
    pub(super) fn resolve<'n>(&self, name: &'n str, default: Space) -> (Space, &'n str) {
        let Some((prefix, _)) = name.split_once(':') else {
            return (default, name);
        };
        let declared = self.declared.iter().find(|(it, _)| *it == prefix);
        let space = declared.map_or_else(|| customary_space(prefix), |&(_, space)| space);
        (space, local_name(name))
    }

    /// Returns the name that an element of XHTML has in HTML; of any other, whatever it is called.
    pub(super) fn local_of_xhtml<'n>(&self, name: &'n str) -> &'n str {
        match self.resolve(name, Space::Xhtml) {
            (Space::Xhtml, local) => local,
            _ => name,
        }
    }
}

/// The space of unprefixed names under a default namespace; one that nobody knows is the feed's own.
fn default_space(uri: &str) -> Space {
    known_space(uri).unwrap_or(Space::Core)
}

/// The space of a namespace, whatever its scheme, case and ending.
fn known_space(uri: &str) -> Option<Space> {
    let uri = decode(uri).to_ascii_lowercase();
    let uri = uri
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let uri = uri.trim_start_matches("www.").trim_end_matches(['/', '#']);
    Some(match uri {
        "w3.org/2005/atom" | "purl.org/atom/ns" | "purl.org/rss/1.0" | "purl.org/net/rss1.1" => {
            Space::Core
        }
        "my.netscape.com/rdf/simple/0.9" | "channel.netscape.com/rdf/simple/0.9" => Space::Core,
        "purl.org/rss/1.0/modules/content" => Space::Content,
        "purl.org/rss/1.0/modules/syndication" => Space::Syndication,
        "purl.org/dc/elements/1.0" | "purl.org/dc/elements/1.1" | "purl.org/dc/terms" => {
            Space::DublinCore
        }
        "search.yahoo.com/mrss" | "video.search.yahoo.com/mrss" | "tools.search.yahoo.com/mrss" => {
            Space::Media
        }
        "itunes.com/dtds/podcast-1.0.dtd" => Space::Itunes,
        "rssnamespace.org/feedburner/ext/1.0" | "pheedo.com/namespace/pheedo" => Space::Redirector,
        "w3.org/1999/xhtml" => Space::Xhtml,
        "purl.org/atompub/tombstones/1.0" => Space::Tombstones,
        "w3.org/1999/02/22-rdf-syntax-ns" => Space::Rdf,
        _ if uri.starts_with("purl.org/atom/ns") || uri.starts_with("backend.userland.com/") => {
            Space::Core
        }
        _ => return None,
    })
}

/// The space of a prefix that is used without being declared.
fn customary_space(prefix: &str) -> Space {
    match prefix {
        "rss" | "atom" | "atom10" | "a10" => Space::Core,
        "dc" | "dcterms" => Space::DublinCore,
        "content" => Space::Content,
        "sy" | "syn" => Space::Syndication,
        "media" => Space::Media,
        "itunes" => Space::Itunes,
        "feedburner" | "pheedo" => Space::Redirector,
        "rdf" => Space::Rdf,
        "xhtml" => Space::Xhtml,
        _ => Space::Other,
    }
}

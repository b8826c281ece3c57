//! Reads a feed however it is written and tells it to feed-rs in the one dialect that it reads best.
//!
//! Feed-rs 3 is all or nothing: a version, a namespace, a text type or one `&` that it does not know costs
//! the whole document, and some authors make it panic. Of really captured feeds it reads 96.5 %, with
//! this stage in front 100 % (346 files). The stage is always on: to try strictly first would change ids
//! and texts from poll to poll when a feed is broken now and then.
//!
//! One pass over the tags. The vocabulary says what an element is, whatever its dialect. Leaf elements are
//! taken raw up to their own end tag, so that whatever stands inside cannot break what stands outside.
//! Of several elements for one purpose (`pubDate`, `dc:date`) the best is written when the entry ends.
//! What Atom in feed-rs has no place for, and what is long, is laid beside the document as [`Aside`].
//!
//! Rejected: html5ever (void `<link>`, foreign-content rules), xml5ever (knows no leaf and no entry), libxml2's
//! recovery (C, and it loses what follows the error).

mod fields;
mod scope;

use super::address::inner_base;
use super::canonical::Writer;
use super::defects::Defects;
use super::hints::Asked;
use super::markup::{Scanner, Tag, Token};
use super::vocabulary::{self, Field, Prefixes, Slot, Space};
use super::{MAX_ENTRIES, MOST_PASSED, Newest, Order, ParseError};
use crate::model::{Cut, Format, Hints, Source, Text, Withdrawal};
use scope::Scope;
use std::cell::Cell;
use std::rc::Rc;
use url::Url;

/// Elements nested deeper than this are not told apart any more (S12); real feeds reach 10.
const MAX_DEPTH: usize = 256;

/// How many bytes the bases of a document may add to its addresses. 64 media in 2,000 entries may be one
/// letter each; 2,000 entries with ten addresses and a base of 100 bytes are 2 MB.
const MAX_JOINED: usize = 4 * 1024 * 1024;

/// A document as feed-rs will read it, and what it could not be told.
#[derive(Debug)]
pub(super) struct Repaired {
    /// Well-formed Atom.
    pub(super) xml: String,
    /// What the document really was.
    pub(super) format: Format,
    /// Language tag of the feed.
    pub(super) language: Option<String>,
    /// What it asks of those who poll it.
    pub(super) hints: Hints,
    /// One for each entry, in order.
    pub(super) asides: Vec<Aside>,
    /// What it says is no entry any more, in order.
    pub(super) withdrawals: Vec<Withdrawal>,
    /// Whether the document ends too soon.
    pub(super) cut: Cut,
}

/// What feed-rs does not tell of an Atom entry, and the long texts, which it would only copy: they are
/// most of a document, and this way a fifth faster (measured).
#[derive(Debug, Default)]
pub(super) struct Aside {
    /// Summary or description.
    pub(super) summary: Option<Text>,
    /// Full content.
    pub(super) content: Option<Text>,
    /// The `xml:base` of its texts, where one is written.
    pub(super) base: Option<String>,
    /// The publisher's link, absolute, where `link` is that of a service.
    pub(super) original_url: Option<String>,
    /// Its own language tag.
    pub(super) language: Option<String>,
    /// The picture that stands for it, absolute where it could be made so.
    pub(super) image: Option<String>,
    /// The feed that it was taken from.
    pub(super) source: Option<Source>,
}

/// Rewrites `text`, which came from `url` if that is known.
///
/// # Errors
/// [`ParseError::NotAFeed`] when no element in it is the root of a feed.
pub(super) fn repair(
    text: &str,
    url: Option<&Url>,
    defects: &mut Defects,
) -> Result<Repaired, ParseError> {
    let mut repair = Repair::new(text, url.cloned().map(Rc::new), defects);
    repair.run();
    match repair.format {
        Some(format) if repair.is_feed() => Ok(repair.finish(format)),
        _ => Err(super::page::refuse(text, url)),
    }
}

/// What an open element is to its children.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Level {
    /// Fields inside are the feed's, or, within an entry, the entry's.
    Fields,
    /// An entry.
    Entry,
    /// Nothing inside counts, except an entry.
    Skip,
}

/// An open element.
#[derive(Debug)]
struct Node<'a> {
    name: &'a str,
    /// Tells most names apart at a glance: a flood of stray ends is compared with every open element.
    sign: u32,
    level: Level,
    /// The space of names without a prefix inside it.
    default: Space,
    /// The `xml:base` that holds inside it, its own or that of an element around it.
    base: Option<Rc<Url>>,
}

/// Length and last letters of a name, whatever their case.
fn sign(name: &str) -> u32 {
    let ends = name.bytes().rev().take(3).map(|it| it.to_ascii_lowercase());
    let length = u32::try_from(name.len()).unwrap_or(u32::MAX);
    ends.fold(length, |sign, byte| (sign << 8) | u32::from(byte))
}

/// The pass itself.
struct Repair<'a, 'd> {
    scanner: Scanner<'a>,
    prefixes: Prefixes<'a>,
    /// The elements that are open, outermost first; the path to where the scanner stands.
    open: Vec<Node<'a>>,
    writer: Writer,
    /// What is known of the feed; written last, because RSS may tell it after the entries.
    feed: Scope<'a>,
    /// What the feed asks of those who poll it.
    asked: Asked,
    /// What is known of the entry that is open.
    entry: Option<Scope<'a>>,
    /// Of the entries that are written.
    asides: Vec<Aside>,
    /// What is no entry any more.
    withdrawals: Vec<Withdrawal>,
    /// Known once the root was met.
    format: Option<Format>,
    /// Where the document came from, or where it says so.
    base: Option<Rc<Url>>,
    /// How many bytes joining may still add to addresses.
    room: Cell<usize>,
    /// Whether any start tag was met.
    seen_tag: bool,
    /// Whether the root of a page was met before that of a feed.
    is_page: bool,
    /// Which way the dates of the entries run.
    order: Order,
    /// How many of the first were left out for the last.
    left_out: usize,
    /// Whether there are more entries than are read.
    is_full: bool,
    defects: &'d mut Defects,
}

impl<'a, 'd> Repair<'a, 'd> {
    fn new(text: &'a str, base: Option<Rc<Url>>, defects: &'d mut Defects) -> Self {
        Self {
            scanner: Scanner::new(text),
            prefixes: Prefixes::default(),
            open: Vec::new(),
            writer: Writer::new(text.len()),
            feed: Scope::default(),
            asked: Asked::default(),
            entry: None,
            asides: Vec::new(),
            withdrawals: Vec::new(),
            format: None,
            base,
            room: Cell::new(MAX_JOINED),
            seen_tag: false,
            is_page: false,
            order: Order::default(),
            left_out: 0,
            is_full: false,
            defects,
        }
    }

    fn run(&mut self) {
        while let Some(token) = self.scanner.next_tag() {
            match token {
                Token::Open(tag) if self.format.is_none() => self.open_root(tag),
                Token::Open(tag) => self.open(tag),
                Token::Close(name) => self.close(name),
            }
            if self.is_full {
                return;
            }
        }
        if !self.open.is_empty() {
            self.defects.note("truncated", || {
                "the document ends before its elements do".to_owned()
            });
        }
    }

    /// Tells whether what was read is a feed: a page around it, or RDF, may be about something else.
    fn is_feed(&self) -> bool {
        let is_sure = !self.is_page && self.format != Some(Format::Rdf);
        let has_entries = self.entry.is_some() || !self.asides.is_empty();
        has_entries || is_sure || (!self.is_page && self.feed.has(Slot::Title))
    }

    /// Looks for the root. Warnings of a server-side program may stand before it, even a whole page around
    /// it, but names that many documents have (`entry`, `channel`) are a root only where nothing precedes.
    fn open_root(&mut self, tag: Tag<'a>) {
        let default = self.prefixes.declare(&tag).unwrap_or(Space::Core);
        let (space, local) = self.prefixes.resolve(tag.name, default);
        let is_first = !std::mem::replace(&mut self.seen_tag, true);
        self.is_page |= local.eq_ignore_ascii_case("html");
        self.format = match vocabulary::find(space, local).map(|it| it.field) {
            Some(Field::Root(format)) => Some(format),
            Some(Field::Entry) if is_first && local.eq_ignore_ascii_case("entry") => {
                Some(Format::Atom)
            }
            Some(Field::Channel) if is_first && tag.mentions("rss1.1") => Some(Format::Rdf),
            Some(Field::Channel | Field::Entry) if is_first => Some(Format::Rss),
            _ => None,
        };
        if self.format.is_some() {
            self.scanner.enter(tag.name);
            self.open(tag);
        }
    }

    fn open(&mut self, tag: Tag<'a>) {
        let declared = self.prefixes.declare(&tag);
        let inherited = self.open.last().map_or(Space::Core, |node| node.default);
        let default = declared.unwrap_or(inherited);
        let (space, local) = self.prefixes.resolve(tag.name, default);
        let row = vocabulary::find(space, local);
        match row {
            Some(row) if row.field == Field::Entry => self.begin_entry(tag, default),
            Some(row) if self.counts() => self.field(row, tag, default),
            _ => self.push(tag, Level::Skip, default),
        }
    }

    /// Tells whether fields at this place mean something.
    fn counts(&self) -> bool {
        self.open
            .last()
            .is_none_or(|node| node.level != Level::Skip)
    }

    fn push(&mut self, tag: Tag<'a>, level: Level, default: Space) {
        if tag.empty || self.open.len() >= MAX_DEPTH {
            return;
        }
        let node = Node {
            name: tag.name,
            sign: sign(tag.name),
            level,
            default,
            base: self.written_base_of(&tag),
        };
        self.open.push(node);
    }

    /// Closes the nearest open element of that name and what is open inside it; a stray end is ignored.
    fn close(&mut self, name: &str) {
        let sign = sign(name);
        let is_it = |node: &Node<'_>| node.sign == sign && node.name.eq_ignore_ascii_case(name);
        let Some(at) = self.open.iter().rposition(is_it) else {
            return;
        };
        let closed = self.open.split_off(at);
        if closed.iter().any(|node| node.level == Level::Entry) {
            self.end_entry();
        }
        if closed.len() > 1 {
            self.note_unclosed();
        }
    }

    fn note_unclosed(&mut self) {
        self.defects.note("unclosed-element", || {
            "an element was still open when the one around it ended".to_owned()
        });
    }

    /// Begins an entry wherever it stands: an entry that is open ends, and so does what is open inside the
    /// feed, closed or not.
    fn begin_entry(&mut self, tag: Tag<'a>, default: Space) {
        if self.entry.is_some() {
            self.note_unclosed();
        }
        self.end_entry();
        let passed = self.left_out + self.asides.len();
        if passed >= MOST_PASSED || passed >= MAX_ENTRIES && self.order.newest() == Newest::First {
            self.is_full = true;
            return;
        }
        if self.asides.len() >= MAX_ENTRIES * 2 {
            self.leave_out();
        }
        let is_inner = |node: &Node<'_>| node.level != Level::Fields;
        if let Some(at) = self.open.iter().position(is_inner) {
            self.open.truncate(at);
        }
        self.writer.begin_entry();
        let mut scope = Scope::new(self.written_base_of(&tag));
        scope.begin(&tag);
        self.entry = Some(scope);
        self.active_channel(&tag);
        if tag.empty {
            self.end_entry();
        } else {
            self.push(tag, Level::Entry, default);
        }
    }

    fn end_entry(&mut self) {
        let Some(scope) = self.entry.take() else {
            return;
        };
        if !scope.has(Slot::Id) {
            self.defects
                .note("no-id", || "an entry has no id".to_owned());
        }
        if self.asides.len() < MAX_ENTRIES {
            self.order.note(scope.date());
        }
        self.asides.push(scope.write(&mut self.writer));
        self.writer.end_entry();
    }

    /// Leaves out the first entries but for as many of the last as are read.
    fn leave_out(&mut self) {
        let count = self.asides.len().saturating_sub(MAX_ENTRIES);
        self.left_out += count;
        self.writer.drop_first(count);
        self.asides.drain(..count);
        // Their addresses are gone as well.
        self.room.set(MAX_JOINED);
    }

    /// The base of addresses at this place: the `xml:base` that holds here, else the document.
    fn base(&self) -> Option<Rc<Url>> {
        self.written_base().or_else(|| self.base.clone())
    }

    /// The base of addresses in an element.
    fn base_of(&self, tag: &Tag<'a>) -> Option<Rc<Url>> {
        self.written_base_of(tag).or_else(|| self.base.clone())
    }

    /// The `xml:base` that holds at this place.
    fn written_base(&self) -> Option<Rc<Url>> {
        self.open.last().and_then(|node| node.base.clone())
    }

    /// The `xml:base` that holds in an element: its own, else that of the elements around it. One that
    /// is empty or only a fragment names the document itself and so no other base.
    fn written_base_of(&self, tag: &Tag<'a>) -> Option<Rc<Url>> {
        let around = self.written_base();
        let written = if tag.mentions("xml:base") {
            tag.attribute("xml:base")
        } else if tag.name.eq_ignore_ascii_case("channel") {
            tag.attribute("BASE") // CDF
        } else {
            return around;
        };
        let Some(written) = written.filter(|it| !it.starts_with('#')) else {
            return around;
        };
        let base = around.as_ref().or(self.base.as_ref());
        let inner = inner_base(base.map(Rc::as_ref), &written);
        inner.map(Rc::new).or(around)
    }

    /// Drops the last entry where the document was cut off in it before it had a name: under another one
    /// it would be published now, and again when all of it comes.
    fn drop_half_entry(&mut self) {
        let is_nameless = |scope: &Scope<'_>| !scope.has(Slot::Id);
        if self.scanner.is_cut() && self.entry.as_ref().is_some_and(is_nameless) {
            self.entry = None;
            self.writer.drop_entry();
            self.defects.note("half-entry", || {
                "the last entry was cut off before its id and left out".to_owned()
            });
        }
    }

    /// Tells where the document ends, whose last entry may be open. One of which no more is read ends as it should.
    fn cut(&self) -> Cut {
        match (&self.entry, self.open.is_empty() || self.is_full) {
            (_, true) => Cut::Nowhere,
            (Some(_), false) => Cut::InEntry,
            (None, false) => Cut::Between,
        }
    }

    fn finish(mut self, format: Format) -> Repaired {
        self.drop_half_entry();
        let cut = self.cut();
        self.end_entry();
        if self.asides.len() > MAX_ENTRIES {
            self.leave_out();
        }
        if self.left_out > 0 || self.is_full {
            let newest = self.order.newest();
            self.defects
                .note("too-many-entries", || super::left_out(newest));
        }
        let mut feed = std::mem::take(&mut self.feed);
        feed.fall_back(Slot::Updated, Slot::Published);
        let aside = feed.write(&mut self.writer);
        Repaired {
            xml: self.writer.finish(),
            format,
            language: aside.language,
            hints: self.asked.finish(),
            asides: self.asides,
            withdrawals: self.withdrawals,
            cut,
        }
    }
}

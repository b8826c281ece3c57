//! What becomes of each kind of field.

use super::super::MAX_WITHDRAWALS;
use super::super::address::{base, has_other_scheme, inner_base, is_address, joined};
use super::super::dates;
use super::super::markup::{Scanner, Tag, Token, local_name};
use super::super::people::person;
use super::super::references::{decode, literal};
use super::super::source;
use super::super::texts;
use super::super::vocabulary::{Field, Name, Slot, Space};
use super::scope::{Scope, rank};
use super::{Level, Repair};
use crate::model::{Format, TextKind, Withdrawal};
use std::borrow::Cow;
use std::rc::Rc;

/// Digits of the largest size there is, 2^64.
const MAX_DIGITS: usize = 20;

impl<'a> Repair<'a, '_> {
    /// Takes in the field that `tag` opens.
    pub(super) fn field(&mut self, row: &'static Name, tag: Tag<'a>, default: Space) {
        match row.field {
            Field::Root(_) | Field::Channel => {
                self.feed.speak(&tag);
                self.active_channel(&tag);
                self.push(tag, Level::Fields, default);
            }
            Field::Image(rank) if self.entry.is_some() => self.image(row, rank, &tag),
            Field::Image(_) => self.push(tag, Level::Skip, default),
            Field::Group | Field::Entry => self.push(tag, Level::Fields, default),
            Field::Media => {
                self.enclosure(&tag, "url", "fileSize");
                self.push(tag, Level::Fields, default);
            }
            Field::Slot(slot, rank) => self.slot(row, slot, rank, &tag),
            Field::Link => self.link(row, &tag),
            Field::Author => {
                let raw = self.whole_leaf(row, &tag);
                if let Some(mut person) = person(raw) {
                    person.url = person
                        .url
                        .map(|it| self.joined(Cow::Owned(it)).into_owned());
                    self.scope().add_author(person);
                }
            }
            Field::Category if row.space == Space::Itunes => {
                self.label(&tag, &tag.attribute("text").unwrap_or_default());
                self.push(tag, Level::Fields, default); // the narrower one stands inside
            }
            Field::Category => {
                let raw = self.whole_leaf(row, &tag);
                let term = tag.attribute("term").unwrap_or_else(|| decode(raw));
                self.label(&tag, &term);
            }
            Field::Keywords => {
                let raw = self.whole_leaf(row, &tag);
                for word in decode(raw).split(',') {
                    self.label(&tag, word.trim());
                }
            }
            Field::Enclosure => {
                self.scanner.leaf(&tag, row.key);
                self.enclosure(&tag, "url", "length");
            }
            Field::Source => {
                let raw = self.whole_leaf(row, &tag);
                let base = self.base_of(&tag);
                if let Some(entry) = &mut self.entry {
                    let read = || source::read(&tag, raw, base.as_deref());
                    entry.source = entry.source.take().or_else(read);
                }
            }
            Field::Hint(hint) => {
                let raw = self.whole_leaf(row, &tag);
                if self.entry.is_none() {
                    self.asked.take(hint, &tag, raw);
                }
            }
            Field::Withdrawal => {
                if self.entry.is_none() {
                    self.withdraw(&tag);
                }
                self.push(tag, Level::Skip, default);
            }
        }
    }

    /// Takes what the Channel Definition Format says in attributes of the channel and its items.
    pub(super) fn active_channel(&mut self, tag: &Tag<'a>) {
        if let Some(href) = tag.attribute("HREF") {
            let href = joined(self.base_of(tag).as_deref(), href);
            self.page(rank::ALTERNATE, href);
        }
        if let Some(at) = tag.attribute("LASTMOD") {
            self.date(Slot::Updated, 1, &at);
        }
    }

    /// The feed or entry that fields now belong to.
    fn scope(&mut self) -> &mut Scope<'a> {
        self.entry.as_mut().unwrap_or(&mut self.feed)
    }

    fn slot(&mut self, row: &'static Name, slot: Slot, rank: u8, tag: &Tag<'a>) {
        let is_text = matches!(
            slot,
            Slot::Title | Slot::Summary | Slot::Content | Slot::Rights
        );
        let raw = if is_text {
            self.scanner.leaf(tag, row.key)
        } else {
            self.whole_leaf(row, tag)
        };
        if self.scope().has_better(slot, rank) {
            return;
        }
        match slot {
            Slot::Title | Slot::Summary | Slot::Content | Slot::Rights => {
                let kind = self.default_kind(row);
                match texts::construct(tag, raw, kind, &self.prefixes) {
                    Some((text, kind)) if !text.is_empty() => {
                        self.hold(slot, rank, kind, text);
                        self.rebase(slot, tag, raw);
                    }
                    _ => self.not_text(slot, tag, raw),
                }
                self.scope().speak(tag);
            }
            Slot::Published | Slot::Updated => self.date(slot, rank, &decode(raw)),
            Slot::Id => self.id(row, rank, tag, literal(raw)),
            Slot::OriginalLink => {
                let href = self.joined(decode(raw));
                if is_address(&href) {
                    self.hold(slot, rank, TextKind::Plain, href);
                }
            }
            Slot::Link | Slot::OwnLink | Slot::Language | Slot::Image => {
                self.hold(slot, rank, TextKind::Plain, decode(raw));
            }
        }
    }

    /// Takes the `xml:base` of a text: that of its element, and of the `div` around XHTML.
    fn rebase(&mut self, slot: Slot, tag: &Tag<'a>, raw: &'a str) {
        if !matches!(slot, Slot::Summary | Slot::Content) {
            return; // no other text has addresses
        }
        let start = raw.trim_start().strip_prefix('<').unwrap_or_default();
        let is_wrapped = start.starts_with(|c: char| c.is_ascii_alphabetic());
        let wrapper = is_wrapped.then(|| Scanner::new(raw).next_tag()).flatten();
        let wrapper = wrapper.and_then(|it| match it {
            Token::Open(tag) => tag.attribute("xml:base"),
            Token::Close(_) => None,
        });
        if wrapper.is_none() && !tag.mentions("xml:base") {
            return;
        }
        let own = self.base_of(tag);
        let inner = wrapper.and_then(|it| inner_base(own.as_deref(), &it));
        let inner = inner.map(Rc::new);
        self.scope().rebase(slot, inner.or(own));
    }

    /// Content that is a picture, a film or elsewhere (RFC 4287, 4.1.3.2); where it is, it can be read.
    fn not_text(&mut self, slot: Slot, tag: &Tag<'a>, raw: &str) {
        if let Some(src) = tag.attribute("src") {
            let href = self.absolute(tag, src);
            return self.page(rank::OTHER_FORM, href);
        }
        if decode(raw).is_empty() {
            return;
        }
        let media_type = tag.attribute("type").unwrap_or_default();
        self.defects.note("not-text", || {
            let media_type = texts::line(&media_type);
            format!("a {slot:?} of type \"{media_type}\" is no text and was left out")
        });
    }

    /// Atom and Media RSS say what their texts are; of RSS nobody knows, so it may be HTML.
    fn default_kind(&self, row: &Name) -> TextKind {
        match row.space {
            Space::Media => TextKind::Plain,
            Space::Core if self.format == Some(Format::Atom) => TextKind::Plain,
            _ => TextKind::Html,
        }
    }

    /// Holds a value within the limit of its slot.
    fn hold(&mut self, slot: Slot, rank: u8, kind: TextKind, text: Cow<'a, str>) {
        if let Some(text) = texts::cap(slot, text, self.defects) {
            self.scope().hold(slot, rank, kind, text);
        }
    }

    /// A date, held in the form that is read again the fastest.
    fn date(&mut self, slot: Slot, rank: u8, text: &str) {
        if text.is_empty() {
            return;
        }
        match dates::parse(text) {
            Some(date) => {
                let date = Cow::Owned(date.to_string());
                self.hold(slot, rank, TextKind::Plain, date);
            }
            None => self.defects.bad_date(text),
        }
    }

    /// An id, which in RSS is also a link unless it says that it is not (RSS 2.0, `guid`).
    fn id(&mut self, row: &Name, rank: u8, tag: &Tag<'a>, text: Cow<'a, str>) {
        let is_guid = row.local == "guid";
        let is_link = |it: Cow<'_, str>| !it.eq_ignore_ascii_case("false");
        if is_guid && is_address(&text) && tag.attribute("isPermaLink").is_none_or(is_link) {
            self.hold(Slot::Link, rank::PERMALINK, TextKind::Plain, text.clone());
        }
        self.hold(Slot::Id, rank, TextKind::Plain, text);
    }

    /// Takes in that an entry is none any more. Without an id that an entry can have that says nothing, and without a date, which
    /// the RFC wants (6721, 3), it would hold against what was put back since.
    fn withdraw(&mut self, tag: &Tag<'a>) {
        let id = tag.id("ref").filter(|it| it.len() <= texts::MAX_ADDRESS);
        let Some(id) = id.filter(|_| self.withdrawals.len() < MAX_WITHDRAWALS) else {
            return;
        };
        let when = tag.attribute("when").unwrap_or_default();
        let at = dates::parse(&when);
        if at.is_none() && !when.is_empty() {
            self.defects.bad_date(&when);
        }
        self.withdrawals.extend(at.map(|at| Withdrawal {
            id: id.into_owned(),
            at,
            restored_at: None,
        }));
    }

    /// Takes the content of a leaf, but nothing of one that is cut off: half an id or date is another's.
    fn whole_leaf(&mut self, row: &'static Name, tag: &Tag<'a>) -> &'a str {
        let raw = self.scanner.leaf(tag, row.key);
        if self.scanner.is_cut() { "" } else { raw }
    }

    fn link(&mut self, row: &'static Name, tag: &Tag<'a>) {
        let raw = self.whole_leaf(row, tag);
        let Some(href) = tag.attribute("href") else {
            return self.page(0, decode(raw));
        };
        let href = self.absolute(tag, href);
        let rel = tag.attribute("rel").unwrap_or(Cow::Borrowed("alternate"));
        let rel = rel.rsplit_once('/').map_or(&*rel, |(_, name)| name);
        let media_type = tag.attribute("type");
        let is_page = media_type.is_none_or(|it| it.contains("html"));
        match rel.to_ascii_lowercase().as_str() {
            "alternate" if is_page => self.page(rank::ALTERNATE, href),
            "alternate" => self.page(rank::OTHER_FORM, href),
            "enclosure" => self.enclosure(tag, "href", "length"),
            rel @ ("hub" | "prev-archive" | "next") if self.entry.is_none() => {
                self.asked.link(rel, &href);
            }
            "self" if self.entry.is_none() => {
                self.adopt_base(&href);
                self.hold(Slot::OwnLink, 0, TextKind::Plain, href);
            }
            _ => {}
        }
    }

    /// The address of the page that the feed or entry is about.
    fn page(&mut self, rank: u8, href: Cow<'a, str>) {
        let href = if href.contains("&amp;") {
            Cow::Owned(href.replace("&amp;", "&")) // escaped twice
        } else {
            href
        };
        if href.is_empty() || href.starts_with('#') {
            return; // the document itself, or a place in it
        }
        if self.entry.is_none() {
            self.adopt_base(&href);
        }
        let href = self.joined(href);
        if is_address(&href) || !has_other_scheme(&href) {
            self.hold(Slot::Link, rank, TextKind::Plain, href);
        }
    }

    /// Joins an address with the base of its own element.
    fn absolute(&self, tag: &Tag<'a>, href: Cow<'a, str>) -> Cow<'a, str> {
        if !is_address(&href) && tag.mentions("xml:base") {
            return self.within_room(joined(self.base_of(tag).as_deref(), href));
        }
        self.joined(href)
    }

    /// Lets a joined address pass as long as all of them together are not too long.
    fn within_room<'h>(&self, href: Cow<'h, str>) -> Cow<'h, str> {
        let room = self.room.get();
        if href.len() > room {
            return Cow::Borrowed("");
        }
        self.room.set(room - href.len());
        href
    }

    /// Joins an address with the base that holds here; one that is absolute stays as it is written.
    fn joined<'h>(&self, href: Cow<'h, str>) -> Cow<'h, str> {
        if is_address(&href) {
            return href;
        }
        self.within_room(joined(self.base().as_deref(), href))
    }

    /// Where nobody knows what a document came from, its own address is the base.
    fn adopt_base(&mut self, href: &str) {
        if self.base.is_none() && is_address(href) {
            self.base = base(href).map(Rc::new);
        }
    }

    /// Writes a category.
    fn label(&mut self, tag: &Tag<'a>, term: &str) {
        let Some(entry) = self.entry.as_mut().filter(|_| !term.is_empty()) else {
            return;
        };
        if !entry.has_room_for_label() {
            return self.note_parts();
        }
        let scheme = tag.attribute("scheme").or_else(|| tag.attribute("domain"));
        let scheme = scheme.filter(|it| it.len() <= texts::MAX_ADDRESS);
        let label = tag.attribute("label");
        let attributes = [
            ("term", Some(texts::short(term))),
            ("scheme", scheme.as_deref()),
            ("label", label.as_deref().map(texts::short)),
        ];
        self.writer.empty("category", &attributes);
    }

    fn note_parts(&mut self) {
        self.defects.note("too-many-parts", || {
            format!(
                "only the first {} labels or media were read",
                texts::MAX_PARTS
            )
        });
    }

    /// Takes in a picture: `media:thumbnail`, `itunes:image`, or an `image` as channels have it.
    fn image(&mut self, row: &'static Name, rank: u8, tag: &Tag<'a>) {
        let raw = self.whole_leaf(row, tag);
        let href = tag.attribute("url").or_else(|| tag.attribute("href"));
        if let Some(href) = href.or_else(|| inner_url(raw)) {
            self.picture(rank, tag, href);
        }
    }

    fn picture(&mut self, rank: u8, tag: &Tag<'a>, href: Cow<'a, str>) {
        let href = self.absolute(tag, href);
        self.hold(Slot::Image, rank, TextKind::Plain, href);
    }

    /// Writes an attached medium; `url` and `length` are what its attributes are called.
    fn enclosure(&mut self, tag: &Tag<'a>, url: &str, length: &str) {
        let Some(href) = tag.attribute(url) else {
            return;
        };
        let Some(entry) = self
            .entry
            .as_mut()
            .filter(|_| href.len() <= texts::MAX_ADDRESS)
        else {
            return;
        };
        if !entry.has_room_for_medium() {
            return self.note_parts();
        }
        let href = self.absolute(tag, href);
        let media_type = tag.attribute("type");
        let medium = media_type.clone().or_else(|| tag.attribute("medium"));
        if medium.is_some_and(|it| it.starts_with("image")) {
            self.picture(0, tag, href.clone());
        }
        let size = tag.attribute(length).filter(|it| it.len() <= MAX_DIGITS);
        let attributes = [
            ("rel", Some("enclosure")),
            ("href", Some(&*href)),
            ("type", media_type.as_deref().map(texts::short)),
            ("length", size.as_deref()),
        ];
        self.writer.empty("link", &attributes);
    }
}

/// The text of the first `url` inside an element.
fn inner_url(raw: &str) -> Option<Cow<'_, str>> {
    let mut scanner = Scanner::new(raw);
    while let Some(token) = scanner.next_tag() {
        if let Token::Open(tag) = token
            && local_name(tag.name).eq_ignore_ascii_case("url")
        {
            return Some(decode(scanner.leaf(&tag, "url")));
        }
    }
    None
}

//! The fields of one feed or entry while it is read: for each the best value so far.

use super::super::canonical::Writer;
use super::super::markup::Tag;
use super::super::texts::{MAX_ADDRESS, MAX_PARTS, MAX_SHORT};
use super::super::vocabulary::Slot;
use super::Aside;
use crate::model::{Person, Source, Text, TextKind};
use jiff::Timestamp;
use std::borrow::Cow;
use std::rc::Rc;
use url::Url;

/// How good the places for an entry's link are; `link` as text is best, so 0.
pub(super) mod rank {
    /// `atom:link` to a page.
    pub(in crate::parse::repair) const ALTERNATE: u8 = 1;
    /// `atom:link` to the entry in another form.
    pub(in crate::parse::repair) const OTHER_FORM: u8 = 2;
    /// A guid that is a permalink.
    pub(in crate::parse::repair) const PERMALINK: u8 = 3;
    /// `rdf:about` of the entry itself, which is also the last resort for its id.
    pub(in crate::parse::repair) const ABOUT: u8 = 4;
}

/// A value and how good it is.
#[derive(Debug)]
struct Held<'a> {
    slot: Slot,
    rank: u8,
    kind: TextKind,
    text: Cow<'a, str>,
    /// The `xml:base` of the text, where it has one of its own.
    base: Option<Rc<Url>>,
}

/// What is known so far.
#[derive(Debug, Default)]
pub(super) struct Scope<'a> {
    held: Vec<Held<'a>>,
    authors: Vec<Person>,
    labels: usize,
    media: usize,
    base: Option<Rc<Url>>,
    /// The feed that an entry was taken from.
    pub(super) source: Option<Source>,
}

impl<'a> Scope<'a> {
    /// An empty scope whose texts have the `xml:base` given.
    pub(super) fn new(base: Option<Rc<Url>>) -> Self {
        Self {
            base,
            ..Self::default()
        }
    }

    /// Takes what the start tag of the feed or entry itself says.
    pub(super) fn begin(&mut self, tag: &Tag<'a>) {
        if let Some(about) = tag.id("rdf:about").filter(|it| it.len() <= MAX_ADDRESS) {
            if about.starts_with("http") {
                self.hold(Slot::Link, rank::ABOUT, TextKind::Plain, about.clone());
            }
            self.hold(Slot::Id, rank::ABOUT, TextKind::Plain, about);
        }
        self.speak(tag);
    }

    /// Takes the `xml:lang` of an element.
    pub(super) fn speak(&mut self, tag: &Tag<'a>) {
        if !tag.mentions("xml:lang") {
            return;
        }
        let language = tag.attribute("xml:lang");
        if let Some(language) = language.filter(|it| it.len() <= MAX_SHORT) {
            self.hold(Slot::Language, 0, TextKind::Plain, language);
        }
    }

    /// Tells whether a slot has a value at least as good as `rank`.
    pub(super) fn has_better(&self, slot: Slot, rank: u8) -> bool {
        let is_better = |it: &Held<'_>| it.slot == slot && it.rank <= rank;
        self.held.iter().any(is_better)
    }

    /// Tells whether a slot has a value.
    pub(super) fn has(&self, slot: Slot) -> bool {
        self.has_better(slot, u8::MAX)
    }

    /// Returns when it was published, or else changed.
    pub(super) fn date(&self) -> Option<Timestamp> {
        let of = |slot| self.held.iter().find(|it| it.slot == slot);
        let held = of(Slot::Published).or_else(|| of(Slot::Updated))?;
        held.text.parse().ok()
    }

    /// Keeps a value unless it is empty or there is one as good: among equals the first counts.
    pub(super) fn hold(&mut self, slot: Slot, rank: u8, kind: TextKind, text: Cow<'a, str>) {
        if text.is_empty() || self.has_better(slot, rank) {
            return;
        }
        self.held.retain(|it| it.slot != slot);
        self.held.push(Held {
            slot,
            rank,
            kind,
            text,
            base: None,
        });
    }

    /// Gives the text of a slot a base of its own.
    pub(super) fn rebase(&mut self, slot: Slot, base: Option<Rc<Url>>) {
        if let Some(held) = self.held.iter_mut().find(|it| it.slot == slot) {
            held.base = base;
        }
    }

    /// Returns the base of the texts: that of the content counts before that of the summary.
    fn base(&mut self) -> Option<Rc<Url>> {
        let main = if self.has(Slot::Content) {
            Slot::Content
        } else {
            Slot::Summary
        };
        let main = self.held.iter_mut().find(|it| it.slot == main);
        main.and_then(|it| it.base.take()).or(self.base.take())
    }

    /// Moves the value of `other` to `slot` unless that has one.
    pub(super) fn fall_back(&mut self, slot: Slot, other: Slot) {
        if self.has(slot) {
            return;
        }
        if let Some(held) = self.held.iter_mut().find(|it| it.slot == other) {
            held.slot = slot;
        }
    }

    /// Counts a category; `false` when there are enough.
    pub(super) fn has_room_for_label(&mut self) -> bool {
        self.labels += 1;
        self.labels <= MAX_PARTS
    }

    /// Counts an enclosure; `false` when there are enough.
    pub(super) fn has_room_for_medium(&mut self) -> bool {
        self.media += 1;
        self.media <= MAX_PARTS
    }

    /// Adds an author; one who is named twice counts once.
    pub(super) fn add_author(&mut self, person: Person) {
        let known = self.authors.iter_mut().find(|it| it.name == person.name);
        if let Some(known) = known {
            known.email = known.email.take().or(person.email);
            known.url = known.url.take().or(person.url);
        } else if self.authors.len() < MAX_PARTS {
            self.authors.push(person);
        }
    }

    /// Writes what is held into the element that is open.
    pub(super) fn write(mut self, writer: &mut Writer) -> Aside {
        let mut aside = Aside {
            base: self.base().map(|it| it.to_string()),
            source: self.source,
            ..Aside::default()
        };
        for person in self.authors {
            let Person { name, email, url } = &person;
            writer.person(name, email.as_deref(), url.as_deref());
        }
        for Held {
            slot, kind, text, ..
        } in self.held
        {
            match slot {
                Slot::Id => writer.text("id", &text),
                Slot::Link => writer.empty("link", &[("href", Some(&*text))]),
                Slot::OriginalLink => aside.original_url = Some(text.into_owned()),
                Slot::OwnLink => {
                    writer.empty("link", &[("rel", Some("self")), ("href", Some(&*text))]);
                }
                Slot::Title => writer.typed("title", &text, kind),
                Slot::Summary => aside.summary = Some(owned(text, kind)),
                Slot::Content => aside.content = Some(owned(text, kind)),
                Slot::Rights => writer.typed("rights", &text, kind),
                Slot::Published => writer.text("published", &text),
                Slot::Updated => writer.text("updated", &text),
                Slot::Language => aside.language = Some(text.into_owned()),
                Slot::Image => aside.image = Some(text.into_owned()),
            }
        }
        aside
    }
}

fn owned(text: Cow<'_, str>, kind: TextKind) -> Text {
    Text {
        value: text.into_owned(),
        kind,
    }
}

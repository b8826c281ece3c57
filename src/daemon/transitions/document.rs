//! The entries as documents for feed readers, made when somebody asks and kept until something turns.

use super::words::{self, Words};
use super::{MOST, Told, Transitions, is_quiet};
use crate::daemon::active::Active;
use crate::daemon::figures::escaped;
use crate::model::{About, Article, Category, Identity, Source, Transition};
use crate::publish::{self, Draft, Output, OutputFormat, Place, Publication, Selection};
use crate::serve::{Lock, Resource, Terms};
use std::sync::Arc;
use std::time::Duration;

/// Under which name it is served: below one that no output may have.
const PATH: &str = "status/health";

/// Returns the format that a path asks for; `None` where it is another document's.
pub(in crate::daemon) fn format_of(path: &str) -> Option<OutputFormat> {
    let (name, end) = path.strip_prefix('/')?.rsplit_once('.')?;
    let mut formats = OutputFormat::ALL.into_iter();
    formats.find(|format| name == PATH && format.name() == end)
}

impl Transitions {
    /// Returns the document in a format; `None` before there is a configuration.
    pub(in crate::daemon) fn document(&self, format: OutputFormat) -> Option<Arc<Resource>> {
        let mut state = self.state();
        if let Some(made) = state.made.get(&format) {
            return Some(Arc::clone(made));
        }
        let (active, identity) = state.teller.clone()?;
        let made = Arc::new(state.make(format, &active, &identity));
        state.made.insert(format, Arc::clone(&made));
        Some(made)
    }
}

impl Told {
    fn make(&self, format: OutputFormat, active: &Active, identity: &Identity) -> Resource {
        let site = &active.config.site;
        let output = output(&site.title);
        let publication = Publication {
            site,
            identity,
            output: &output,
            place: Place::default(),
            deleted: &[],
        };
        let articles = self.all.iter().rev();
        let articles: Vec<Article> = articles.map(|it| article(it, active, identity)).collect();
        let body = Draft::new(&publication, &articles).document(format);
        let changed_at = self.all.iter().map(|it| it.at).max();
        let changed_at = changed_at.unwrap_or(identity.created_at);
        let lock = active.config.server.health_key.clone();
        Resource::new(format.media_type(), body, changed_at).on(Terms {
            lock: Some(lock.unwrap_or_else(Lock::shut)),
            ..Terms::default()
        })
    }
}

/// Returns the output that it would be, were it one.
fn output(site: &str) -> Output {
    let title = format!("Health of {site}");
    Output {
        items: MOST,
        stay: Duration::ZERO,
        also_reported: false,
        archive: false,
        ..Output::new(PATH, &title, Selection::Label("health".to_owned()))
    }
}

/// Returns a turn as an entry.
fn article(told: &Transition, active: &Active, identity: &Identity) -> Article {
    let is_quiet = match &told.about {
        About::Feed(feed) => is_quiet(active, feed),
        _ => false,
    };
    let Words { title, text } = words::of(told, is_quiet);
    let text = text.iter().map(|text| format!("<p>{}</p>", escaped(text)));
    let site = &active.config.site;
    let category = Category {
        term: told.turn.name().to_owned(),
        scheme: None,
        label: None,
    };
    Article {
        atom_id: publish::transition_atom_id(&identity.authority, told),
        url: None,
        title,
        summary: None,
        content: Some(text.collect()),
        authors: Vec::new(),
        categories: vec![category],
        topics: Vec::new(),
        enclosures: Vec::new(),
        language: Some("en".to_owned()),
        published_at: told.at,
        first_seen_at: told.at,
        known_at: Some(told.at),
        updated_at: told.at,
        source: Source {
            id: site.public_url.to_string(),
            title: site.title.clone(),
            ..Source::default()
        },
        feed: None,
        copies: Vec::new(),
        first: None,
        reports: Vec::new(),
        story: None,
    }
}

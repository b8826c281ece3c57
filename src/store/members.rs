//! What decides between the entries of an article, as `dedupe` asks for it (`dedupe/lead.rs`).

use super::lead::{Notice, standing, standing_columns};
use super::parts::{PersonForm, items};
use super::rows::At;
use super::{edited, keys, texts};
use crate::dedupe::{self, Hosts, Kinship, Later, Sites, Standing, Stands, Wording};
use crate::model::{Person, is_retired};
use crate::normalize;
use jiff::Timestamp;
use rusqlite::{Connection, Result, Row};
use std::collections::{BTreeMap, BTreeSet};

/// Entries of an article that are looked at, those stored first: dozens of outlets carry one report of a wire.
/// What thousands of entries have in common is hardly an article, and each more would cost as much as all
/// before it.
const CANDIDATES: i64 = 64;

/// The entries of an article as candidates for telling it, and whether each does: those stored first, the one
/// that tells it now, and the one that came or changed.
const MEMBERS: &str = concat!(
    "SELECT ",
    standing_columns!(),
    ", f.fingerprint IS NOT NULL AND (f.configured = 0 OR f.enabled = 0 OR f.health = 'gone') AS is_silent,
         e.listed IS NULL AS is_dropped, f.fingerprint AS target, e.leads, e.entry_id, t.url AS link, t.updated_at, t.changed_at, t.authors, e.keys,
         e.feed, f.owner, f.url AS feed_url,
         json_extract(f.profile, '$.home_url') AS home_url FROM (
         SELECT * FROM (SELECT id FROM entries INDEXED BY entries_by_article
             WHERE article = ?1 ORDER BY id LIMIT ?3)
         UNION
         SELECT * FROM (SELECT id FROM entries INDEXED BY entries_by_article
             WHERE article = ?1 AND leads = 1 ORDER BY id LIMIT 1)
         UNION
         SELECT ?2
     ) AS m
     CROSS JOIN entries AS e ON e.id = m.id AND e.article = ?1
     CROSS JOIN texts AS t ON t.entry = e.id
     CROSS JOIN feeds AS f ON f.id = e.feed
     ORDER BY e.id"
);

/// Newest entries of a feed that tell where most of them are, each with its id and its link.
pub(super) const BROUGHT: &str = "
    SELECT e.entry_id, t.url AS link FROM entries AS e INDEXED BY entries_by_feed
    CROSS JOIN texts AS t ON t.entry = e.id
    WHERE e.feed = ?1 AND e.article IS NOT NULL ORDER BY e.id DESC LIMIT 16";

/// Feeds of an article that are asked where most of their entries are, those whose entries came first.
const ASKED: usize = 8;

/// What decides between the entries of an article.
pub(super) struct Members {
    /// Oldest first.
    pub(super) standings: Vec<Standing>,
    /// Their sites.
    sites: Vec<Sites>,
    /// Which of them tells it.
    pub(super) lead: Option<i64>,
    /// Those whose page went on to other news.
    pub(super) former: BTreeSet<i64>,
    /// Where each is read, and since when.
    pages: BTreeMap<i64, Page>,
    /// When the one that tells it was dropped, where that is now.
    dropped_at: Option<Timestamp>,
    article: i64,
}

/// One of them.
type Member<'a> = (&'a Standing, &'a Sites, &'a Page);

/// Where an entry is read, and since when it says what it says.
struct Page {
    link: Option<String>,
    /// Its keys, packed: addresses are among them.
    keys: Vec<u8>,
    /// By what names who wrote it.
    authors: Vec<String>,
    stands: Stands,
}

impl Page {
    /// Tells whether each is told to be by somebody, and not by the same.
    fn is_by_others(&self, other: &Self) -> bool {
        let are_signed = !self.authors.is_empty() && !other.authors.is_empty();
        are_signed && self.authors != other.authors
    }
}

impl Members {
    /// Reads them.
    pub(super) fn read(connection: &Connection, article: i64, entry: i64) -> Result<Self> {
        let mut statement = connection.prepare_cached(MEMBERS)?;
        let mut rows = statement.query((article, entry, CANDIDATES))?;
        let (mut standings, mut sites, mut lead) = (Vec::new(), Vec::new(), None);
        let (mut former, mut pages) = (BTreeSet::new(), BTreeMap::new());
        let mut brought = Brought::default();
        while let Some(row) = rows.next()? {
            let standing = Standing {
                silent: row.get("is_silent")?,
                dropped: row.get("is_dropped")?,
                target: row.get("target")?,
                ..standing(row)?
            };
            if row.get("leads")? {
                lead = Some(standing.number);
            }
            if is_retired(&row.get::<_, String>("entry_id")?) {
                former.insert(standing.number);
            }
            pages.insert(standing.number, page(row, &standing)?);
            standings.push(standing);
            let (link_host, link) = host_and_site(row, "link")?;
            let (feed_host, feed) = host_and_site(row, "feed_url")?;
            let (home_host, home) = host_and_site(row, "home_url")?;
            let mut known = Sites {
                feed_number: row.get("feed")?,
                link,
                id: site(row, "entry_id")?,
                feed,
                home,
                most: None,
                hosts: Hosts {
                    link: link_host,
                    feed: feed_host,
                    home: home_host,
                },
                owner: row.get("owner")?,
            };
            if known.abroad().next().is_some() {
                known.most = brought.most(connection, row.get("feed")?)?;
            }
            sites.push(known);
        }
        dedupe::mark_claims(&mut standings, &sites);
        Ok(Self {
            standings,
            sites,
            lead,
            former,
            pages,
            dropped_at: None,
            article,
        })
    }

    /// The same, of which the one that tells it was dropped at an instant, which is now.
    pub(super) fn dropped(self, at: Timestamp) -> Self {
        Self {
            dropped_at: Some(at),
            ..self
        }
    }

    /// Leaves all out but some.
    pub(super) fn of(self, some: &BTreeSet<i64>) -> Self {
        let members = self.standings.into_iter().zip(self.sites);
        let (standings, sites) = members
            .filter(|(standing, _)| some.contains(&standing.number))
            .unzip();
        Self {
            standings,
            sites,
            ..self
        }
    }

    /// Returns which of them is to tell the article that one of them tells now; one whose page went on only where it is that.
    pub(super) fn elect(&self, connection: &Connection, now: i64) -> Result<Option<i64>> {
        dedupe::elect(&self.candidates(now), now, |fuller, other| {
            self.may_replace(connection, fuller, other)
        })
    }

    /// Returns which of them is to tell the article in the place of who was elected, which may be who tells it now, and how
    /// readers would be told of each who succeeded another on the way to it.
    pub(super) fn successor(
        &self,
        connection: &Connection,
        (now, elected): (i64, i64),
    ) -> Result<(i64, Vec<Notice>)> {
        let mut steps = Vec::new();
        let next = dedupe::successor(&self.candidates(now), (now, elected), |next, former| {
            let step = self.succession(connection, next, former)?;
            steps.extend(step);
            Ok::<_, rusqlite::Error>(step.is_some())
        })?;
        Ok((next, steps))
    }

    fn candidates(&self, now: i64) -> Vec<Standing> {
        let all = self.standings.iter().copied();
        all.filter(|it| it.number == now || !self.former.contains(&it.number))
            .collect()
    }

    /// Tells whether the text of an entry may stand in the place of another's: by where they are, and as it has the words of that.
    /// What a feed brings under another id at the page of one that is asked no more is that page as it is now, in whatever words,
    /// unless a cache answers with what it was before; an excerpt that another feed has of it is not.
    fn may_replace(&self, connection: &Connection, fuller: i64, other: i64) -> Result<bool> {
        let Some(((one, own, page), (first, sites, before))) = self.two(fuller, other) else {
            return Ok(false);
        };
        let is_asked_as = one.is_asked_as(first);
        if !own.may_replace(sites, is_asked_as) {
            return Ok(false);
        }
        // What was put right there after that is not taken back.
        let is_before = || before.stands.later(&page.stands, (false, None)).is_some();
        if first.silent && !is_asked_as && is_before() {
            return Ok(wording(connection, fuller)? == wording(connection, other)?);
        }
        if first.silent && is_asked_as {
            if page.stands.updated_at < before.stands.updated_at {
                return Ok(wording(connection, fuller)? == wording(connection, other)?);
            }
            if page.link.is_some() && page.link == before.link {
                return Ok(true);
            }
        }
        let (fuller, other) = (wording(connection, fuller)?, wording(connection, other)?);
        // Elsewhere one that says less is never looked at.
        let is_next = first.silent && !one.silent;
        Ok(dedupe::holds(&fuller, &other) && (!is_next || dedupe::covers(&fuller, &other)))
    }

    /// Returns how readers are told that an entry has what was put right at the page of another since, if it is so.
    pub(super) fn succession(
        &self,
        connection: &Connection,
        next: i64,
        former: i64,
    ) -> Result<Option<Notice>> {
        let Some(((one, own, page), (first, sites, before))) = self.two(next, former) else {
            return Ok(None);
        };
        let is_one_feed = own.feed_number == sites.feed_number;
        let is_told = self.lead == Some(next);
        let later = page
            .stands
            .later(&before.stands, (is_one_feed, self.dropped_at));
        let outlasts = is_told && page.stands.outlasts(&before.stands);
        let Some(later) = later.or(outlasts.then_some(Later::Edited)) else {
            return Ok(None);
        };
        let is_there = keys::share_address(&page.keys, &before.keys);
        let is_signed_so = is_there || !page.is_by_others(before);
        let is_its_own = !one.aggregated && !first.aggregated && is_signed_so;
        let tells_its_own = is_one_feed && is_its_own;
        // A site that has another name now.
        let has_moved = tells_its_own && own.is_at_home();
        if !has_moved && !own.may_replace(sites, one.is_asked_as(first)) {
            return Ok(None);
        }
        if !is_told && edited::waits(connection, next)?.is_some() {
            return Ok(None);
        }
        let kinship = Kinship {
            is_one_feed,
            is_kin: !is_one_feed && own.is_owned_as(sites) || tells_its_own,
            is_there,
        };
        let entry = former;
        let (next, former) = (wording(connection, next)?, wording(connection, former)?);
        // The page is another edition by now, and so may be what the other feed has of it; what readers have of that they keep.
        let may_be_another = !is_told && !is_one_feed && is_there && !dedupe::holds(&next, &former);
        if let Some(feed) = sites.feed_number.filter(|_| may_be_another)
            && keys::had_another_since(connection, (feed, self.article, entry), &before.keys)?
        {
            return Ok(None);
        }
        let is_next = dedupe::is_its_next(&next, &former, kinship, later);
        let notice = || Notice::of(dedupe::is_news(kinship, later));
        Ok(is_next.then(notice))
    }

    /// Finds two of them.
    fn two(&self, one: i64, other: i64) -> Option<(Member<'_>, Member<'_>)> {
        let find = |number| {
            let mut members = self.standings.iter().zip(&self.sites);
            let (standing, sites) = members.find(|(standing, _)| standing.number == number)?;
            Some((standing, sites, self.pages.get(&number)?))
        };
        find(one).zip(find(other))
    }
}

/// Where most entries of feeds are, each asked once.
#[derive(Default)]
struct Brought {
    feeds: BTreeMap<i64, Option<String>>,
}

impl Brought {
    /// Returns where most entries of a feed are; unknown of all but the first feeds of an article.
    fn most(&mut self, connection: &Connection, feed: i64) -> Result<Option<String>> {
        if let Some(known) = self.feeds.get(&feed) {
            return Ok(known.clone());
        }
        if self.feeds.len() >= ASKED {
            return Ok(None);
        }
        let sites: Vec<Option<String>> = connection
            .prepare_cached(BROUGHT)?
            .query_map([feed], |row| {
                // An id says whose an entry is, where it is an address.
                let id = site(row, "entry_id")?;
                Ok(id.map_or_else(|| site(row, "link"), |id| Ok(Some(id))))
            })?
            .map(|row| row?)
            .collect::<Result<_>>()?;
        let most = dedupe::most(&sites);
        self.feeds.insert(feed, most.clone());
        Ok(most)
    }
}

/// Reads where an entry is read.
fn page(row: &Row<'_>, standing: &Standing) -> Result<Page> {
    let [At(updated_at), At(first_seen_at)] = [row.get("updated_at")?, row.get("first_seen_at")?];
    let At(dated_at) = row.get("dated_at")?;
    let changed_at: Option<At> = row.get("changed_at")?;
    let authors: Vec<Person> = items::<PersonForm<'_>, _>(row, "authors")?;
    Ok(Page {
        link: row.get("link")?,
        keys: row.get("keys")?,
        authors: authors.into_iter().map(|it| it.name).collect(),
        stands: Stands {
            updated_at,
            is_dated: dated_at != first_seen_at,
            is_listed: !standing.dropped,
            changed_at: changed_at.map(|at| at.0),
            first_seen_at,
        },
    })
}

/// Reads the host of an address, and the site.
fn host_and_site(row: &Row<'_>, column: &str) -> Result<(Option<String>, Option<String>)> {
    let url: Option<String> = row.get(column)?;
    let found = url.as_deref().and_then(normalize::host_and_site);
    Ok(found.map_or((None, None), |(host, site)| (Some(host), site)))
}

/// Reads the site of an address.
fn site(row: &Row<'_>, column: &str) -> Result<Option<String>> {
    let url: Option<String> = row.get(column)?;
    Ok(url.as_deref().and_then(normalize::site))
}

/// Reads what an entry says.
pub(super) fn wording(connection: &Connection, number: i64) -> Result<Wording> {
    let title = connection
        .prepare_cached("SELECT title FROM entries WHERE id = ?1")?
        .query_row([number], |row| row.get(0))?;
    let text = texts::plain(connection, number)?;
    Ok(Wording { title, text })
}

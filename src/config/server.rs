//! `[server]`: where to listen, and what all outputs have in common.

use super::fetch::networks;
use super::hub::{self, Hub};
use super::problem::{Code, Fault};
use super::protect;
use super::reading::Reading;
use super::settings::Server;
use super::table::Table;
use super::values::{language, line, listen, url};
use crate::publish::is_local;
use ipnet::{IpNet, Ipv4Net};
use std::ffi::OsStr;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use std::path::{Component, Path, PathBuf};
use toml::Spanned;
use url::Url;

/// Where to listen unless the operator says otherwise: this machine only, and a port that no well-known
/// program takes.
const LISTEN: SocketAddr = SocketAddr::new(IpAddr::V4(Ipv4Addr::LOCALHOST), 8420);

/// Title of the outputs unless the operator says otherwise.
const TITLE: &str = "Merganser";

/// What `[server]` says.
pub(super) struct Section {
    pub(super) server: Server,
    pub(super) title: String,
    pub(super) author: String,
    pub(super) contact: Option<String>,
    pub(super) public_url: Url,
    pub(super) looks: Looks,
    /// The hub of outputs that name none.
    pub(super) hub: Option<Hub>,
    /// Whether outputs that do not say have archives.
    pub(super) archive: bool,
}

/// What outputs are shown with, unless one says otherwise of itself.
#[derive(Clone, Default)]
pub(super) struct Looks {
    pub(super) language: Option<String>,
    pub(super) icon: Option<String>,
    pub(super) logo: Option<String>,
}

impl Looks {
    /// Reads the keys of a table; what it does not say is what `others` say.
    pub(super) fn read<'a>(
        table: &mut Table<'a>,
        others: &Self,
        reading: &mut Reading<'a>,
    ) -> Self {
        let tag = table.parse("language", "en", reading, language);
        let mut address = |key| {
            let example = "https://feeds.example.org/icon.png";
            let picture = table.parse(key, example, reading, picture);
            picture.map(Spanned::into_inner)
        };
        let (icon, logo) = (address("icon"), address("logo"));
        Self {
            language: tag
                .map(Spanned::into_inner)
                .or_else(|| others.language.clone()),
            icon: icon.or_else(|| others.icon.clone()),
            logo: logo.or_else(|| others.logo.clone()),
        }
    }
}

/// Reads the address of a picture that readers fetch: for everybody to see, so without a credential.
fn picture(text: &str) -> Result<String, Fault> {
    let url = url(text)?;
    if url.username().is_empty() && url.password().is_none() {
        return Ok(url.into());
    }
    let message = "everybody who reads the output would see this credential";
    let help = "write an address without `..@`";
    Err(Fault::new(Code::BadUrl, message, help))
}

impl Section {
    /// Returns the address of the hub of outputs that name none.
    pub(super) fn hub_url(&self) -> Option<Url> {
        self.hub.as_ref()?.url.clone()
    }

    /// Returns the page or mail address by which publishers can reach the operator (P29): what
    /// `contact` says, or else the public address if others than this machine can open it.
    pub(super) fn reachable(&self) -> Option<&str> {
        let public = Some(self.public_url.as_str()).filter(|_| !is_local(&self.public_url));
        self.contact.as_deref().or(public)
    }
}

/// Reads `[server]`, or returns what holds without it.
pub(super) fn read<'a>(root: &mut Table<'a>, reading: &mut Reading<'a>) -> Section {
    let Some(mut table) = root.table("server", reading) else {
        return defaults(LISTEN);
    };
    let address = table.parse("listen", "127.0.0.1:8420", reading, listen);
    let public = table.parse(
        "public-url",
        "https://feeds.example.org/",
        reading,
        public_url,
    );
    let title = table
        .parse("title", TITLE, reading, line)
        .map(Spanned::into_inner);
    let author = table
        .parse("author", TITLE, reading, line)
        .map(Spanned::into_inner);
    let contact = table.parse("contact", "me@example.org", reading, contact);
    let looks = Looks::read(&mut table, &Looks::default(), reading);
    let publish_dir = table.parse("publish-dir", "/srv/feeds", reading, directory);
    let watch = table.boolean("watch", reading);
    let admin_from = networks(&mut table, "admin-from", reading);
    let health_key = protect::read(&mut table, "health-key", reading);
    let hub = hub::read(&mut table, reading);
    let archive = table.boolean("archive", reading);
    table.finish(reading);

    let others = defaults(address.as_ref().map_or(LISTEN, |it| *it.get_ref()));
    let public_url = public.as_ref().map_or(&others.public_url, Spanned::get_ref);
    if let Some(hub) = &hub {
        hub.warn_if_idle(public_url, reading);
    }
    if public.is_none() {
        warn_of_local_links(address.as_ref(), publish_dir.as_ref(), reading);
    }
    let title = title.unwrap_or(others.title);
    Section {
        server: Server {
            publish_dir: publish_dir.map(Spanned::into_inner),
            watch: watch.unwrap_or_default(),
            admin_from: admin_from.unwrap_or(others.server.admin_from),
            health_key,
            ..others.server
        },
        author: author.unwrap_or_else(|| title.clone()),
        title,
        contact: contact.map(Spanned::into_inner),
        public_url: public.map_or(others.public_url, Spanned::into_inner),
        looks,
        hub,
        archive: archive.unwrap_or(others.archive),
    }
}

/// Where operators are unless the file says otherwise.
fn this_machine() -> Vec<IpNet> {
    let whole = |address: IpAddr| IpNet::from(address);
    let loopback = Ipv4Net::new(Ipv4Addr::new(127, 0, 0, 0), 8).map(IpNet::from);
    let loopback = loopback.unwrap_or_else(|_| whole(Ipv4Addr::LOCALHOST.into()));
    vec![loopback, whole(Ipv6Addr::LOCALHOST.into())]
}

fn defaults(listen: SocketAddr) -> Section {
    Section {
        server: Server {
            listen,
            publish_dir: None,
            watch: false,
            admin_from: this_machine(),
            health_key: None,
        },
        title: TITLE.to_owned(),
        author: TITLE.to_owned(),
        contact: None,
        public_url: local_url(listen),
        looks: Looks::default(),
        hub: None,
        archive: true,
    }
}

/// Returns the address at which this machine reaches `listen`.
fn local_url(listen: SocketAddr) -> Url {
    let mut url = Url::parse("http://localhost/").unwrap_or_else(|_| unreachable!("a constant"));
    // An address on all interfaces names none; both calls succeed for every http address.
    if !listen.ip().is_unspecified() {
        let _ = url.set_ip_host(listen.ip());
    }
    let _ = url.set_port(Some(listen.port()));
    url
}

/// Warns who has readers elsewhere and does not say how these reach what leads to itself.
fn warn_of_local_links(
    listen: Option<&Spanned<SocketAddr>>,
    files: Option<&Spanned<PathBuf>>,
    reading: &mut Reading<'_>,
) {
    let open = listen.filter(|listen| !listen.get_ref().ip().is_loopback());
    let (span, message) = match (open, files) {
        (Some(listen), _) => (
            listen.span(),
            "others can read the feeds, but `public-url` does not say under which address",
        ),
        (None, Some(files)) => (
            files.span(),
            "the files lead to this machine: `public-url` does not say where readers find them",
        ),
        (None, None) => return,
    };
    let help = "write `public-url = \"http://NAME:PORT/\"` as your readers reach this machine";
    reading.report(span, Fault::new(Code::NoPublicUrl, message, help));
}

/// Reads the address of the outputs: no credential, query or fragment; ends in `/`.
fn public_url(text: &str) -> Result<Url, Fault> {
    let mut url = url(text).map_err(|fault| Fault {
        help: "write the address of the site: `https://feeds.example.org/`".to_owned(),
        ..fault
    })?;
    let bare = url.username().is_empty() && url.password().is_none();
    if !bare || url.query().is_some() || url.fragment().is_some() {
        let message = "the public address has more than host and path";
        let help = "write it without `?..`, `#..` and `..@`: `https://feeds.example.org/`";
        return Err(Fault::new(Code::BadUrl, message, help));
    }
    if !url.path().ends_with('/') {
        url.set_path(&format!("{}/", url.path()));
    }
    Ok(url)
}

/// What lies in the state directory beside the database, and is nobody else's.
const OURS: [&str; 2] = ["archive", "backups"];

/// Reads the path of a directory that holds nothing else: not that of the database, what is kept beside it, nor the root.
fn directory(text: &str) -> Result<PathBuf, Fault> {
    let path = PathBuf::from(text);
    if path.file_name().is_some() && !text.contains('\0') && !is_ours(&path) {
        return Ok(path);
    }
    let help = "write the path of a directory of its own: `/srv/feeds`";
    let message = "this is no directory for files alone";
    Err(Fault::new(Code::BadValue, message, help))
}

/// Tells whether a path means the state directory, in which a relative one lies, or what is ours in it.
fn is_ours(path: &Path) -> bool {
    let mut within: Vec<&OsStr> = Vec::new();
    for part in path.components() {
        match part {
            Component::CurDir => {}
            Component::Normal(name) => within.push(name),
            Component::ParentDir if within.pop().is_some() => {}
            // It leads out of the state directory, or was never in it.
            _ => return false,
        }
    }
    let first = within.first();
    first.is_none_or(|first| OURS.iter().any(|ours| first == ours))
}

/// Reads a mail address or the address of a page; it stands in the User-Agent, so it is ASCII.
fn contact(text: &str) -> Result<String, Fault> {
    let page = url(text).is_ok();
    let plain = |c: char| c.is_ascii_graphic() && !matches!(c, '(' | ')' | '\\' | '"');
    if text.chars().all(plain) && (page || text.contains('@')) {
        return Ok(text.to_owned());
    }
    let help = "write a mail address or the address of a page: `me@example.org`";
    Err(Fault::new(
        Code::BadValue,
        "this is no way to reach you",
        help,
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_for_readers_lie_in_no_directory_of_ours() {
        for (text, expected) in [
            ("www", true),
            ("./www", true),
            ("archive-of-feeds", true),
            ("www/archive", true),
            ("../archive", true),
            ("/srv/feeds", true),
            ("/srv/archive", true),
            ("archive", false),
            ("./archive/", false),
            ("archive/www", false),
            ("www/../archive", false),
            ("backups", false),
            ("www/..", false),
            (".", false),
            ("", false),
            ("/", false),
            ("a\0b", false),
        ] {
            assert_eq!(directory(text).is_ok(), expected, "{text}");
        }
    }
}

//! Where we publish: no feed to poll is there, or what we published would come back as something to publish.

use super::feeds::alike;
use super::problem::{Code, Fault};
use super::reading::Reading;
use super::server::Section;
use crate::publish::{Output, OutputFormat};
use std::net::SocketAddr;
use std::ops::Range;
use url::{Host, Url};

/// The addresses of the outputs.
pub(super) struct Served {
    public_url: Url,
    listen: SocketAddr,
    /// `all.atom`, `all.rss`..
    names: Vec<String>,
}

impl Served {
    /// Reads them off the sections that say so.
    pub(super) fn new(server: &Section, outputs: &[Output]) -> Self {
        let names = outputs.iter().flat_map(|output| {
            let formats = output.formats.iter();
            formats.map(|format| format!("{}.{}", output.path, format.name()))
        });
        Self {
            public_url: server.public_url.clone(),
            listen: server.server.listen,
            names: names.collect(),
        }
    }

    /// Reports a feed whose address is that of an output, or lies where only outputs are.
    pub(super) fn report(&self, url: &Url, place: &Range<usize>, reading: &mut Reading<'_>) {
        let Some(name) = self.name(url) else { return };
        let fault = if self.names.contains(&name) {
            let message = format!("this is `{name}`, an output of this very file");
            let help = "remove the feed: what is published would be taken for news";
            Fault::new(Code::OwnOutput, message, help)
        } else {
            let message = "this address lies where the outputs are published";
            let help = "poll the feeds that the articles come from instead, or move `public-url`";
            Fault::new(Code::OwnAddress, message, help)
        };
        reading.report(place.clone(), fault);
    }

    /// Returns what an address names beneath ours; `None` for one that is not. At the root of a host there may
    /// be others beside us: there only what looks like an output is ours.
    fn name(&self, url: &Url) -> Option<String> {
        let mut bare = url.clone();
        bare.set_query(None);
        let (bare, public) = (alike(&bare), alike(&self.public_url));
        if let Some(name) = bare.strip_prefix(&format!("{public}/")) {
            let ends = |format: OutputFormat| name.ends_with(&format!(".{}", format.name()));
            let is_file = !name.contains('/') && OutputFormat::ALL.into_iter().any(ends);
            let is_ours = self.public_url.path() != "/" || is_file;
            return is_ours.then(|| name.to_owned());
        }
        let path = url.path().trim_start_matches('/');
        self.listens_at(url).then(|| path.to_owned())
    }

    /// Tells whether this is the address at which we listen.
    fn listens_at(&self, url: &Url) -> bool {
        let (any, own) = (self.listen.ip().is_unspecified(), self.listen.ip());
        let is_here = match url.host() {
            Some(Host::Ipv4(ip)) => own == ip || any && ip.is_loopback(),
            Some(Host::Ipv6(ip)) => own == ip || any && ip.is_loopback(),
            Some(Host::Domain(name)) => name == "localhost" && (any || own.is_loopback()),
            None => false,
        };
        is_here && url.port_or_known_default() == Some(self.listen.port())
    }
}

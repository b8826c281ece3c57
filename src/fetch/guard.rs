//! The address guard: which addresses may be reached at all (S1-S5).
//!
//! Merganser fetches what strangers name (a redirect is enough), often from inside a network that
//! strangers cannot reach. So everything that is not public is refused, unless `allow-networks` says
//! otherwise. An address is judged twice over: literals in a URL before each hop, because they never
//! reach a resolver, and the answers of the resolver at each new connection, because a name may change
//! its mind in between. What was judged is what is dialled.
//!
//! Where the operator names a proxy, that one is dialled, whatever its address: the operator's word, not
//! a stranger's. Names are then the proxy's to resolve (but for `socks5`), and what can be judged is
//! literals and `localhost`. The name of the proxy is nobody's origin: a redirect to it would make the
//! proxy look into itself.

use crate::model::Reached;
use crate::text;
use ipnet::{IpNet, Ipv4Net, Ipv6Net};
use jiff::Timestamp;
use reqwest::Response;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr};
use url::{Host, Url};

/// IPv4 networks that are not public: the IANA special-purpose registry, multicast and class E (S2).
const NOT_PUBLIC_V4: [Ipv4Net; 15] = [
    v4([0, 0, 0, 0], 8),
    v4([10, 0, 0, 0], 8),
    v4([100, 64, 0, 0], 10),
    v4([127, 0, 0, 0], 8),
    v4([169, 254, 0, 0], 16),
    v4([172, 16, 0, 0], 12),
    v4([192, 0, 0, 0], 24),
    v4([192, 0, 2, 0], 24),
    v4([192, 88, 99, 0], 24),
    v4([192, 168, 0, 0], 16),
    v4([198, 18, 0, 0], 15),
    v4([198, 51, 100, 0], 24),
    v4([203, 0, 113, 0], 24),
    v4([224, 0, 0, 0], 4),
    v4([240, 0, 0, 0], 4),
];

/// The only IPv6 block from which public unicast addresses are assigned. What lies outside is
/// loopback, unique local, link or site local, multicast, a tunnel's or nobody's.
const UNICAST_V6: Ipv6Net = v6([0x2000, 0, 0], 3);

/// Networks inside [`UNICAST_V6`] that are not public: protocol assignments with Teredo,
/// documentation, 6to4, documentation again (S2). Teredo and 6to4 carry an IPv4 address that a relay
/// would unwrap, and nobody publishes there any more.
const NOT_PUBLIC_V6: [Ipv6Net; 4] = [
    v6([0x2001, 0, 0], 23),
    v6([0x2001, 0xdb8, 0], 32),
    v6([0x2002, 0, 0], 16),
    v6([0x3fff, 0, 0], 20),
];

/// NAT64 (RFC 6052): the last 32 bits are the IPv4 address that the gateway dials.
const NAT64: Ipv6Net = v6([0x64, 0xff9b, 0], 96);

const fn v4(octets: [u8; 4], prefix: u8) -> Ipv4Net {
    let [a, b, c, d] = octets;
    Ipv4Net::new_assert(Ipv4Addr::new(a, b, c, d), prefix)
}

const fn v6(head: [u16; 3], prefix: u8) -> Ipv6Net {
    let [a, b, c] = head;
    Ipv6Net::new_assert(Ipv6Addr::new(a, b, c, 0, 0, 0, 0, 0), prefix)
}

/// Why an address is not fetched; reads as a message to the operator.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub(super) enum Refused {
    /// S1.
    #[error("`{0}` addresses are not fetched, only http and https")]
    Scheme(String),
    /// An address without a host.
    #[error("the address names no host")]
    NoHost,
    /// S2, a literal.
    #[error("{0} is not a public address and not in allow-networks")]
    Address(IpAddr),
    /// S3, of a connection that is made.
    #[error("it is not known which address was dialled")]
    UnknownPeer,
    /// S4.
    #[error("{0} is this machine and loopback is not in allow-networks")]
    Localhost(String),
    /// S2, the name of the proxy.
    #[error("{0} is the proxy and no origin")]
    Proxy(String),
    /// S5, the answer of the resolver.
    #[error("{name} resolves to {address}, not a public address and not in allow-networks")]
    Name {
        /// What was looked up.
        name: String,
        /// The first answer that is not permitted.
        address: IpAddr,
    },
}

/// Judges addresses by the public networks and the operator's exceptions.
#[derive(Clone, Debug, Default)]
pub(super) struct Guard {
    allow: Vec<IpNet>,
    /// The host of the proxy.
    proxy: Option<String>,
}

impl Guard {
    /// Takes the networks that may be reached although they are not public.
    pub(super) fn new(allow: &[IpNet]) -> Self {
        Self {
            allow: allow.to_vec(),
            proxy: None,
        }
    }

    /// Says at which host everything is asked for.
    pub(super) fn through(self, proxy: Option<&Url>) -> Self {
        let host = proxy.and_then(Url::host_str);
        Self {
            proxy: host.map(str::to_owned),
            ..self
        }
    }

    /// Tells whether `name` is that of the proxy.
    pub(super) fn is_proxy(&self, name: &str) -> bool {
        let bare = |name: &str| name.trim_end_matches('.').to_ascii_lowercase();
        let proxy = self.proxy.as_deref();
        proxy.is_some_and(|proxy| bare(proxy) == bare(name))
    }

    /// Tells whether `address` may be dialled.
    ///
    /// An IPv6 address that is only a way to write an IPv4 address (mapped, NAT64) is judged as that
    /// one: the kernel or the gateway would dial it. NAT64 is not refused as a whole, because in an
    /// IPv6-only network every IPv4 origin has such an address.
    pub(super) fn permits(&self, address: IpAddr) -> bool {
        if self.allow.iter().any(|network| network.contains(&address)) {
            return true;
        }
        match address {
            IpAddr::V4(address) => is_public_v4(address),
            IpAddr::V6(address) => match embedded(address) {
                Some(inner) => self.permits(IpAddr::V4(inner)),
                None => is_public_v6(address),
            },
        }
    }

    /// Judges an address before it is fetched: scheme, literal host, `localhost` (S1, S3, S4).
    ///
    /// The URL parser has already turned `0x7F.1`, `2130706433` and the like into literals.
    pub(super) fn check(&self, url: &Url) -> Result<(), Refused> {
        if !matches!(url.scheme(), "http" | "https") {
            return Err(Refused::Scheme(url.scheme().to_owned()));
        }
        match url.host().ok_or(Refused::NoHost)? {
            Host::Ipv4(address) => self.check_literal(address.into()),
            Host::Ipv6(address) => self.check_literal(address.into()),
            Host::Domain(name) if is_localhost(name) => self.localhost(name).map(drop),
            Host::Domain(name) if self.is_proxy(name) => Err(Refused::Proxy(name.to_owned())),
            Host::Domain(_) => Ok(()),
        }
    }

    fn check_literal(&self, address: IpAddr) -> Result<(), Refused> {
        let permitted = self.permits(address);
        permitted.then_some(()).ok_or(Refused::Address(address))
    }

    /// Judges the address that a connection was made to (S3): the last wall, should the client ever dial
    /// by another way than ours. An unknown one is refused. A proxy may be anywhere.
    pub(super) fn check_peer(&self, peer: Option<SocketAddr>) -> Result<(), Refused> {
        let peer = peer.ok_or(Refused::UnknownPeer)?;
        if self.proxy.is_some() {
            return Ok(());
        }
        self.check_literal(peer.ip())
    }

    /// Returns what a response that came at `at` shows of the way to others. What a proxy says may be its own, or out of its
    /// store: it is as near as who is on this machine.
    pub(super) fn reached(&self, response: &Response, at: Timestamp) -> Option<Reached> {
        let peer = response.remote_addr()?.ip();
        let is_near = self.proxy.is_some() || !Self::default().permits(peer);
        Some(Reached { at, is_near })
    }

    /// Returns the permitted addresses of this machine, for which no resolver is asked (RFC 6761,
    /// 6.3): what `localhost` means must not depend on who answers.
    pub(super) fn localhost(&self, name: &str) -> Result<Vec<SocketAddr>, Refused> {
        let loopback = [Ipv4Addr::LOCALHOST.into(), Ipv6Addr::LOCALHOST.into()];
        let permitted: Vec<SocketAddr> = loopback
            .into_iter()
            .filter(|address| self.permits(*address))
            .map(|address| SocketAddr::new(address, 0))
            .collect();
        if permitted.is_empty() {
            return Err(Refused::Localhost(name.to_owned()));
        }
        Ok(permitted)
    }

    /// Passes the resolver's answers on if all of them are permitted (S5): a name that mixes public
    /// and private addresses is a trap or a mistake.
    pub(super) fn admit(
        &self,
        name: &str,
        answers: Vec<SocketAddr>,
    ) -> Result<Vec<SocketAddr>, Refused> {
        match answers.iter().find(|answer| !self.permits(answer.ip())) {
            None => Ok(answers),
            Some(answer) => Err(Refused::Name {
                name: name.to_owned(),
                address: answer.ip(),
            }),
        }
    }
}

/// Tells whether `name` is `localhost` or below it, with or without the root's dot.
pub(super) fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    let last = name.rsplit('.').next().unwrap_or(name);
    last.eq_ignore_ascii_case("localhost")
}

/// Tells whether a host is none of a network of somebody's own, as far as it tells itself.
pub(super) fn is_public(url: &Url) -> bool {
    let guard = Guard::default();
    match url.host() {
        Some(Host::Ipv4(address)) => guard.permits(IpAddr::V4(address)),
        Some(Host::Ipv6(address)) => guard.permits(IpAddr::V6(address)),
        Some(Host::Domain(name)) => !text::is_private_name(name),
        None => false,
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    !NOT_PUBLIC_V4.iter().any(|net| net.contains(&address))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    UNICAST_V6.contains(&address) && !NOT_PUBLIC_V6.iter().any(|net| net.contains(&address))
}

fn embedded(address: Ipv6Addr) -> Option<Ipv4Addr> {
    if NAT64.contains(&address) {
        let [.., a, b, c, d] = address.octets();
        return Some(Ipv4Addr::new(a, b, c, d));
    }
    address.to_ipv4_mapped()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn permits(allow: &[&str], address: &str) -> bool {
        let allow: Vec<IpNet> = allow.iter().map(|net| net.parse().unwrap()).collect();
        Guard::new(&allow).permits(address.parse().unwrap())
    }

    fn check(allow: &[&str], url: &str) -> Result<(), Refused> {
        let allow: Vec<IpNet> = allow.iter().map(|net| net.parse().unwrap()).collect();
        Guard::new(&allow).check(&url.parse().unwrap())
    }

    /// S2: the first and last of each network, and the embedded forms.
    #[test]
    fn s7_a_host_tells_whose_it_is() {
        for (url, expected) in [
            ("https://news.example/", true),
            ("https://news.example./", true),
            ("https://8.8.8.8/", true),
            ("https://[2606:4700::1]/", true),
            ("http://10.0.0.1/", false),
            ("http://0x7f.1/", false),
            ("http://[fd00::1]/", false),
            ("http://[::ffff:192.168.0.1]/", false),
            ("http://intranet/", false),
            ("http://localhost/", false),
            ("http://a.localhost./", false),
            ("http://printer.LOCAL/", false),
            ("http://x.home.arpa/", false),
            ("http://wiki.internal/", false),
            ("http://nas.lan/", false),
            ("data:x", false),
        ] {
            assert_eq!(is_public(&url.parse().unwrap()), expected, "{url}");
        }
    }

    #[test]
    fn addresses_that_are_not_public() {
        for address in [
            "0.0.0.0",
            "0.255.255.255",
            "10.0.0.0",
            "10.255.255.255",
            "100.64.0.0",
            "100.127.255.255",
            "127.0.0.1",
            "127.255.255.255",
            "169.254.0.1",
            "169.254.169.254",
            "172.16.0.0",
            "172.31.255.255",
            "192.0.0.1",
            "192.0.2.1",
            "192.88.99.1",
            "192.168.0.1",
            "192.168.255.255",
            "198.18.0.0",
            "198.19.255.255",
            "198.51.100.7",
            "203.0.113.7",
            "224.0.0.1",
            "239.255.255.255",
            "240.0.0.1",
            "255.255.255.255",
            "::",
            "::1",
            "::7f00:1",
            "::ffff:127.0.0.1",
            "::ffff:10.0.0.1",
            "::ffff:0:127.0.0.1",
            "64:ff9b::10.0.0.1",
            "64:ff9b::a9fe:a9fe",
            "64:ff9b:1::1",
            "100::1",
            "100:0:0:1::1",
            "2001::1",
            "2001:0:7f00:1::",
            "2001:1ff:ffff::1",
            "2001:db8::1",
            "2002:7f00:1::",
            "2002:808:808::1",
            "3fff::1",
            "3fff:fff::1",
            "4000::1",
            "5f00::1",
            "fc00::1",
            "fdff::1",
            "fe80::1",
            "febf::1",
            "fec0::1",
            "ff02::1",
        ] {
            assert!(!permits(&[], address), "{address}");
        }
    }

    /// The neighbours of those networks.
    #[test]
    fn addresses_that_are_public() {
        for address in [
            "1.1.1.1",
            "9.255.255.255",
            "11.0.0.0",
            "100.63.255.255",
            "100.128.0.0",
            "126.255.255.255",
            "128.0.0.0",
            "169.253.255.255",
            "172.15.255.255",
            "172.32.0.0",
            "192.0.1.0",
            "192.167.255.255",
            "198.17.255.255",
            "198.20.0.0",
            "223.255.255.255",
            "::ffff:8.8.8.8",
            "64:ff9b::8.8.8.8",
            "2001:200::1",
            "2001:db9::1",
            "2606:4700::1111",
            "2a00:1450:4001::200e",
            "3ffe:ffff::1",
        ] {
            assert!(permits(&[], address), "{address}");
        }
    }

    #[test]
    fn operator_admits_networks() {
        assert!(permits(&["127.0.0.1/32"], "127.0.0.1"));
        assert!(permits(&["127.0.0.1/32"], "::ffff:127.0.0.1"));
        assert!(permits(&["fd00::/8"], "fd12::1"));
        assert!(!permits(&["127.0.0.1/32"], "127.0.0.2"));
        assert!(!permits(&["127.0.0.1/32"], "::1"));
        assert!(!permits(&["127.0.0.0/8"], "2002:7f00:1::"));
    }

    /// S4: what the URL parser makes of them is what is judged.
    #[test]
    fn spellings_of_loopback() {
        for host in [
            "2130706433",
            "0x7F.1",
            "0177.0.0.1",
            "127.1",
            "127.0.0.1.",
            "127.0.0.1",
            "①②⑦.⓪.⓪.①",
            "１２７．０．０．１",
            "%31%32%37.0.0.1",
            "127。0。0。1",
            "0",
            "[::ffff:7f00:1]",
            "[::1]",
        ] {
            let refused = check(&[], &format!("http://{host}/")).unwrap_err();
            assert!(matches!(refused, Refused::Address(_)), "{host}");
        }
        for host in ["localhost", "LOCALHOST", "localhost.", "a.localhost."] {
            let refused = check(&[], &format!("http://{host}/")).unwrap_err();
            assert!(matches!(refused, Refused::Localhost(_)), "{host}");
        }
        assert_eq!(check(&["127.0.0.1/32"], "http://a.localhost/"), Ok(()));
        assert_eq!(check(&[], "http://localhost.example.org/"), Ok(()));
    }

    /// S1.
    #[test]
    fn schemes() {
        for url in [
            "file:///etc/passwd",
            "ftp://example.org/",
            "gopher://example.org/",
            "data:text/plain,a",
        ] {
            let refused = check(&["0.0.0.0/0"], url).unwrap_err();
            assert!(matches!(refused, Refused::Scheme(_)), "{url}");
        }
        assert_eq!(check(&[], "https://example.org/"), Ok(()));
    }

    /// S3: what was dialled is judged once more.
    #[test]
    fn peers() {
        let guard = Guard::new(&["127.0.0.1/32".parse().unwrap()]);
        let check = |peer: &str| guard.check_peer(Some(peer.parse().unwrap()));
        assert_eq!(check("127.0.0.1:80"), Ok(()));
        assert_eq!(check("[2606:4700::1111]:443"), Ok(()));
        let inside: IpAddr = "127.0.0.2".parse().unwrap();
        assert_eq!(check("127.0.0.2:80"), Err(Refused::Address(inside)));
        assert_eq!(guard.check_peer(None), Err(Refused::UnknownPeer));
    }

    /// S2, S3: the proxy may be anywhere, and what it is asked for may not.
    #[test]
    fn proxies() {
        let check = |proxy: &str, url: &str| {
            let proxy: Url = proxy.parse().unwrap();
            let guard = Guard::default().through(Some(&proxy));
            assert_eq!(
                guard.check_peer(Some("10.0.0.1:3128".parse().unwrap())),
                Ok(())
            );
            guard.check(&url.parse().unwrap())
        };
        let by_name = "http://me:canary@proxy.example:3128";
        assert_eq!(check(by_name, "http://example.org/"), Ok(()));
        for (proxy, url) in [
            (by_name, "http://proxy.example/"),
            (by_name, "http://PROXY.example.:22/"),
            ("socks5://Proxy.Example", "http://proxy.example/"),
            (by_name, "http://10.0.0.1/"),
            ("http://10.0.0.1:3128", "http://10.0.0.1/"),
            ("http://localhost:3128", "http://localhost/"),
        ] {
            assert!(check(proxy, url).is_err(), "{proxy} {url}");
        }
    }

    /// S5: one private answer spoils the name, whatever its place.
    #[test]
    fn mixed_answers_are_refused() {
        let guard = Guard::default();
        let socket = |ip: &str| SocketAddr::new(ip.parse().unwrap(), 0);
        let public = vec![socket("1.1.1.1"), socket("2606:4700::1111")];
        assert_eq!(guard.admit("a.example", public.clone()), Ok(public.clone()));
        let mixed = [public, vec![socket("fd00::1")]].concat();
        let refused = guard.admit("a.example", mixed).unwrap_err();
        assert_eq!(
            refused.to_string(),
            "a.example resolves to fd00::1, not a public address and not in allow-networks"
        );
    }

    #[test]
    fn localhost_is_only_what_is_permitted() {
        let guard = Guard::new(&["127.0.0.1/32".parse().unwrap()]);
        let addresses = guard.localhost("localhost").unwrap();
        assert_eq!(addresses, ["127.0.0.1:0".parse().unwrap()]);
    }
}

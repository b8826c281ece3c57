//! What a feed mentions is the reader's to fetch (S17).

use crate::origin::Reply;
use crate::test_daemon::TestDaemon;
use jiff::SignedDuration;
use std::io::ErrorKind;
use std::net::{TcpListener, TcpStream};

const CONFIG: &str = r#"
[server]
publish-dir = "www"
[[output]]
path = "all"
[[feed]]
id = "rss"
url = "ORIGIN/a.rss"
[[feed]]
id = "atom"
url = "ORIGIN/a.atom"
[[feed]]
id = "json"
url = "ORIGIN/a.json"
"#;

/// Documents in which `HERE` is the host that they come from and `TRAP` another that may be reached, with all that an entry
/// or a feed has an address for.
const DOCUMENTS: [(&str, &str); 3] = [
    (
        "/a.rss",
        r#"<?xml version="1.0"?><?xml-stylesheet type="text/xsl" href="TRAP/style.xsl"?>
<!DOCTYPE rss [<!ENTITY outside SYSTEM "TRAP/entity">]>
<rss version="2.0" xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd">
<channel><title>One</title><link>HERE/</link><description>d &outside;</description>
<image><url>TRAP/logo.png</url><title>One</title><link>TRAP/</link></image><itunes:image href="HERE/cover.png"/>
<item><guid>HERE/1</guid><title>Rain in Kerala</title><link>HERE/1</link><comments>TRAP/comments</comments>
<description>&lt;p&gt;&lt;img src="TRAP/1.png" srcset="TRAP/2.png 2x"&gt;&lt;img src="HERE/1.png"&gt;
&lt;link rel="preload" href="TRAP/link"&gt;&lt;iframe src="TRAP/frame"&gt;&lt;/iframe&gt;&lt;video src="TRAP/film" poster="TRAP/poster"&gt;
&lt;/video&gt;&lt;a href="TRAP/read"&gt;Told&lt;/a&gt; at some length&lt;/p&gt;</description>
<enclosure url="TRAP/1.mp3" length="7" type="audio/mpeg"/><media:content url="TRAP/3.png" medium="image"/>
<media:thumbnail url="TRAP/4.png"/><source url="TRAP/feed">Two</source></item></channel></rss>"#,
    ),
    (
        "/a.atom",
        r#"<?xml version="1.0"?><feed xmlns="http://www.w3.org/2005/Atom"><id>HERE/a.atom</id><title>Two</title>
<icon>HERE/favicon.ico</icon><logo>TRAP/logo.png</logo><updated>2026-11-24T05:00:00Z</updated><link href="TRAP/"/>
<link rel="hub" href="TRAP/hub"/><entry><id>HERE/2</id><title>Sun over Oslo</title><updated>2026-11-24T05:00:00Z</updated>
<link href="TRAP/2"/><link rel="enclosure" href="TRAP/2.mp3"/><link rel="related" href="TRAP/related"/>
<author><name>Ann</name><uri>TRAP/ann</uri></author><content type="text/html" src="TRAP/content"/></entry></feed>"#,
    ),
    (
        "/a.json",
        r#"{"version": "https://jsonfeed.org/version/1.1", "title": "Three", "home_page_url": "TRAP/", "icon": "TRAP/icon.png",
"favicon": "HERE/favicon.ico", "hubs": [{"type": "WebSub", "url": "TRAP/hub"}], "items": [{"id": "3",
"url": "TRAP/3", "external_url": "TRAP/out", "title": "Wind at Cape Town", "image": "TRAP/5.png", "banner_image": "TRAP/6.png",
"content_html": "<img src='TRAP/7.png'>", "attachments": [{"url": "TRAP/3.mp3", "mime_type": "audio/mpeg"}]}]}"#,
    ),
];

/// S17: neither when a feed is read nor when its entries are told, on pages and in files too, is anything asked for but the
/// feeds, of their own host or of another that could be reached.
#[tokio::test]
async fn s17_nothing_that_a_feed_mentions_is_fetched() {
    let trap = TcpListener::bind("127.0.0.1:0").unwrap();
    trap.set_nonblocking(true).unwrap();
    let address = trap.local_addr().unwrap();
    let mut test = TestDaemon::start(CONFIG).await;
    for (path, document) in DOCUMENTS {
        let document = document
            .replace("HERE", &test.origin.url(""))
            .replace("TRAP", &format!("http://{address}"));
        test.origin.say(path, Reply::feed(document));
    }
    test.run_for(SignedDuration::from_hours(24)).await;
    for name in ["1.png", "1.mp3", "2.mp3", "7.png", "3.mp3"] {
        let told = format!("http://{address}/{name}");
        assert!(
            test.output("/all.atom").contains(&told),
            "{told} is passed on"
        );
    }
    assert!(test.output("/all.html").contains("Rain in Kerala"));
    assert!(test.state().join("www/all.html").exists());
    let feeds = DOCUMENTS.map(|(path, _)| path);
    for asked in test.origin.asked() {
        assert!(
            feeds.contains(&&*asked.path),
            "{} was asked for",
            asked.path
        );
    }
    let knock = trap.accept().map(|_| ()).map_err(|error| error.kind());
    assert_eq!(knock, Err(ErrorKind::WouldBlock), "nobody connected");
    // Who does is seen.
    let visitor = TcpStream::connect(address).unwrap();
    assert_eq!(trap.accept().unwrap().1, visitor.local_addr().unwrap());
    test.finish().await;
}

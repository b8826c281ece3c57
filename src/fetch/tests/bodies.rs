//! Bodies: coded, cut, too large.

use super::*;
use flate2::Compression;
use flate2::write::{DeflateEncoder, GzEncoder, ZlibEncoder};
use std::io::Write;

/// What all coded bodies here hold: `<rss/>` forty times.
fn document() -> Vec<u8> {
    b"<rss/>".repeat(40)
}

/// The document by another brotli encoder; ours can only decode.
const BROTLI: [u8; 22] = [
    27, 239, 0, 248, 141, 212, 89, 205, 95, 27, 229, 28, 207, 75, 249, 200, 197, 108, 113, 0, 210,
    9,
];

/// 64 MiB of zeros.
const BROTLI_BOMB: [u8; 93] = [
    203, 255, 255, 63, 248, 39, 0, 226, 177, 64, 32, 247, 254, 143, 255, 255, 127, 240, 79, 0, 196,
    97, 17, 128, 238, 253, 31, 255, 255, 255, 224, 159, 0, 136, 195, 2, 0, 221, 251, 63, 254, 255,
    255, 193, 63, 1, 16, 135, 5, 0, 186, 247, 127, 252, 255, 255, 131, 127, 2, 32, 14, 11, 0, 116,
    239, 255, 248, 255, 255, 7, 255, 4, 64, 28, 22, 0, 232, 222, 255, 241, 255, 255, 15, 254, 9,
    128, 56, 44, 0, 208, 189, 255, 203,
];

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = ZlibEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = DeflateEncoder::new(Vec::new(), Compression::default());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

fn zstd(bytes: &[u8]) -> Vec<u8> {
    zstd::encode_all(bytes, 3).unwrap()
}

/// Fetches a body under a coding, with the default limits but for `max_body`.
async fn fetch_coded(coding: &str, body: Vec<u8>, max_body: u64) -> Fetched {
    let head = format!("HTTP/1.1 200 OK\ncontent-encoding: {coding}");
    let origin = Origin::start(move |_, _| Reply::new(&head, &body)).await;
    let settings = Settings {
        max_body,
        ..settings()
    };
    let mut fetched =
        fetch_with(&settings, &target(&origin.url("/")), &Validators::default()).await;
    if let Outcome::Failed(failure) = &mut fetched.outcome {
        failure.message = failure.message.replace(&origin.address.to_string(), "A");
    }
    fetched
}

/// P28: in any case, by old names, stacked.
#[tokio::test]
async fn codings() {
    for (coding, body) in [
        ("gzip", gzip(&document())),
        ("GZIP", gzip(&document())),
        ("x-gzip", gzip(&document())),
        (" X-GZip ", gzip(&document())),
        ("identity", document()),
        ("", document()),
        ("none", document()),
        ("UTF-8", document()),
        ("aws-chunked", document()),
        ("deflate", zlib(&document())),
        ("deflate", deflate(&document())),
        ("zstd", zstd(&document())),
        ("br", BROTLI.to_vec()),
        ("BR", BROTLI.to_vec()),
        ("ZSTD", zstd(&document())),
        ("Deflate", deflate(&document())),
        ("aws-chunked,gzip", gzip(&document())),
        ("identity, gzip", gzip(&document())),
        ("gzip,", gzip(&document())),
        ("\ncontent-encoding: br", BROTLI.to_vec()),
        ("br, gzip", gzip(&BROTLI)),
        ("deflate, deflate", zlib(&deflate(&document()))),
        ("gzip, gzip", gzip(&gzip(&document()))),
        ("zstd\ncontent-encoding: x-gzip", gzip(&zstd(&document()))),
        ("gzip", [gzip(b"<rss/>"), gzip(&document()[6..])].concat()),
        ("gzip", [gzip(&document()), vec![0; 512]].concat()),
        ("gzip", [gzip(&document()), b"\r\n".to_vec()].concat()),
        (
            "gzip",
            [gzip(&document()), b"<!-- cached -->".to_vec()].concat(),
        ),
        (
            "gzip, gzip",
            [gzip(&[gzip(&document()), vec![0]].concat()), vec![0]].concat(),
        ),
        (
            "gzip",
            [gzip(b"<rss/>"), gzip(&document()[6..]), vec![b'\n']].concat(),
        ),
    ] {
        let fetched = fetch_coded(coding, body, Settings::MAX_BODY).await;
        assert_eq!(fetched.outcome, Outcome::Modified, "{coding}");
        assert_eq!(fetched.body, Some(document()), "{coding}");
        let name = fetched.wire.coding.unwrap();
        assert!(CODINGS.contains(&name), "{coding}: {name}");
        assert_eq!(name, named(coding), "{coding}");
        assert!(fetched.wire.head_after.unwrap() <= fetched.elapsed);
    }
}

/// What a coding is counted as.
fn named(coding: &str) -> &'static str {
    match coding {
        "gzip" | "GZIP" | "x-gzip" | " X-GZip " | "gzip," | "aws-chunked,gzip"
        | "identity, gzip" => "gzip",
        "deflate" | "Deflate" => "deflate",
        "zstd" | "ZSTD" => "zstd",
        "br" | "BR" | "\ncontent-encoding: br" => "br",
        stacked if stacked.contains(", ") || stacked.starts_with("zstd\n") => "stacked",
        _ => "identity",
    }
}

/// P28, P41: nothing is handed on that is not whole.
#[tokio::test]
async fn codings_that_cannot_be_undone() {
    let cut = |bytes: Vec<u8>| bytes[..bytes.len() - 3].to_vec();
    for (coding, body, what) in [
        ("gzip", cut(gzip(&document())), "is cut off or damaged"),
        (
            "gzip",
            [gzip(&document()), cut(gzip(&document()))].concat(),
            "is cut off or damaged",
        ),
        ("gzip", vec![0; 9], "is cut off or damaged"),
        ("gzip", gzip(b"").repeat(4097), "is cut off or damaged"),
        ("deflate", cut(zlib(&document())), "is cut off or damaged"),
        (
            "deflate",
            cut(deflate(&document())),
            "is cut off or damaged",
        ),
        ("zstd", cut(zstd(&document())), "is cut off or damaged"),
        ("br", cut(BROTLI.to_vec()), "is cut off or damaged"),
        ("gzip", document(), "is cut off or damaged"),
        ("gzip, gzip", gzip(&document()), "is cut off or damaged"),
        ("compress", document(), "is coded as `compress`"),
        ("gzip, aes128gcm", document(), "is coded as `aes128gcm`"),
        (
            "gzip, gzip, gzip, gzip",
            document(),
            "is coded too many times over",
        ),
    ] {
        let fetched = fetch_coded(coding, body, Settings::MAX_BODY).await;
        let expected = format!("the body from A {what}");
        assert_eq!(
            failure(&fetched),
            (FailureKind::Broken, expected.as_str()),
            "{coding}"
        );
        assert_eq!(fetched.body, None);
        assert!(fetched.validators.is_empty(), "P8");
    }
}

/// S8: a bomb is cut at the limit, whatever it is made of.
#[tokio::test]
async fn bombs() {
    const LIMIT: u64 = 1024 * 1024;
    let zeros = vec![0; 16 * 1024 * 1024];
    for (coding, body) in [
        ("gzip", gzip(&zeros)),
        ("deflate", zlib(&zeros)),
        ("zstd", zstd(&zeros)),
        ("br", BROTLI_BOMB.to_vec()),
        ("gzip, gzip", gzip(&gzip(&zeros))),
        ("identity", zeros.clone()),
    ] {
        let fetched = fetch_coded(coding, body, LIMIT).await;
        let expected = "the body from A is over `max-body`, 1MiB";
        assert_eq!(
            failure(&fetched),
            (FailureKind::TooLarge, expected),
            "{coding}"
        );
    }
}

/// S8: who is to raise the limit finds it as feeds.toml has it.
#[tokio::test]
async fn the_limit_is_told_as_it_is_written() {
    let zeros = gzip(&vec![0; 16 * 1024 * 1024]);
    for (limit, told) in [
        (10 << 20, "10MiB"),
        (2_000_000, "2MB"),
        (3 << 19, "1536KiB"),
        (25_000, "25kB"),
        (1025, "1025B"),
    ] {
        let fetched = fetch_coded("gzip", zeros.clone(), limit).await;
        let expected = format!("the body from A is over `max-body`, {told}");
        assert_eq!(failure(&fetched).1, expected);
    }
}

/// S8: a layer over the limit is not walked through, though nothing comes of it in the end.
#[tokio::test]
async fn a_bomb_inside_that_comes_to_nothing() {
    let empty_members = gzip(b"").repeat(100_000);
    let limit = u64::try_from(empty_members.len()).unwrap() / 2;
    let fetched = fetch_coded("gzip, gzip", gzip(&empty_members), limit).await;
    let expected = "the body from A is cut off or damaged";
    assert_eq!(failure(&fetched), (FailureKind::Broken, expected));
}

#[tokio::test]
async fn the_limit_itself_is_allowed() {
    let exact = document();
    let limit = u64::try_from(exact.len()).unwrap();
    for (coding, body) in [("identity", exact.clone()), ("gzip", gzip(&exact))] {
        let fetched = fetch_coded(coding, body.clone(), limit).await;
        assert_eq!(fetched.outcome, Outcome::Modified, "{coding}");
        let fetched = fetch_coded(coding, body, limit - 1).await;
        assert_eq!(failure(&fetched).0, FailureKind::TooLarge, "{coding}");
    }
}

/// S8: an announced length over the limit is taken at its word and nothing is read.
#[tokio::test]
async fn announced_bodies_that_are_too_large_are_not_read() {
    let head = "HTTP/1.1 200 OK\ncontent-length: 99999999999";
    let origin = Origin::start(move |_, _| Reply::new(head, "").and_hang()).await;
    let fetched = fetch(&origin.url("/")).await;
    assert_eq!(failure(&fetched).0, FailureKind::TooLarge);
}

/// P41: short of what was announced; P42: nothing at all.
#[tokio::test]
async fn bodies_that_break_off() {
    for (head, body, what) in [
        ("content-length: 100", "<rss/>", "broke off"),
        ("transfer-encoding: chunked", "6\r\n<rss/>\r\n", "broke off"),
        ("transfer-encoding: chunked", "6\r\n<rss", "broke off"),
        ("content-length: 0", "", "an empty body"),
        ("x: y", "", "an empty body"),
    ] {
        let head = format!("HTTP/1.1 200 OK\n{head}");
        let origin = Origin::start(move |_, _| Reply::new(&head, body)).await;
        let fetched = fetch(&origin.url("/")).await;
        let (kind, message) = failure(&fetched);
        assert_eq!(kind, FailureKind::Broken, "{message}");
        assert!(message.contains(what), "{message}");
        assert_eq!(fetched.status, Some(200));
    }
}

/// What HTTP/1 allows and what it does not, at the seams of the body.
#[tokio::test]
async fn odd_framing() {
    let check = async |head: &str, body: &[u8], expected: &str| {
        let bytes = [head.replace('\n', "\r\n").as_bytes(), b"\r\n\r\n", body].concat();
        let origin = Origin::start(move |_, _| Reply::raw(bytes.clone())).await;
        let fetched = fetch(&origin.url("/")).await;
        let said = match &fetched.body {
            Some(body) => String::from_utf8_lossy(body).into_owned(),
            None => fetched.outcome.name().to_owned(),
        };
        assert_eq!(said, expected, "{head:?}");
    };
    check("HTTP/1.0 200 OK", b"<rss/>", "<rss/>").await;
    check("HTTP/1.1 200 OK\ncontent-length: 3", b"<rss/>", "<rs").await;
    let two = "HTTP/1.1 200 OK\ncontent-length: 3\ncontent-length: 6";
    check(two, b"<rss/>", "broken").await;
    check("HTTP/1.1 200 OK\ncontent-length: -1", b"<rss/>", "broken").await;
    let both = "HTTP/1.1 200 OK\ncontent-length: 3\ntransfer-encoding: chunked";
    check(both, b"6\r\n<rss/>\r\n0\r\n\r\n", "<rss/>").await;
    let chunked = "HTTP/1.1 200 OK\ntransfer-encoding: chunked";
    check(chunked, b"FFFFFFFFFFFFFFFFF\r\n<rss/>", "broken").await;
    check(chunked, b"6;a=b\r\n<rss/>\r\n0\r\nx: y\r\n\r\n", "<rss/>").await;
    let extensions = [
        b"6;".as_slice(),
        &b"a".repeat(64 * 1024),
        b"\r\n<rss/>\r\n0\r\n\r\n",
    ]
    .concat();
    check(chunked, &extensions, "broken").await;
    let trailers = [
        b"6\r\n<rss/>\r\n0\r\n".as_slice(),
        &b"x: y\r\n".repeat(64 * 1024),
    ]
    .concat();
    check(chunked, &trailers, "broken").await;
    let hints = "HTTP/1.1 103 Early Hints\nlink: </>\n\n".repeat(20) + "HTTP/1.1 200 OK";
    check(&hints, b"<rss/>", "<rss/>").await;
}

/// S9: too many fields, too long a head.
#[tokio::test]
async fn heads_that_are_too_large() {
    let many = "\nx: y".repeat(150);
    let long = format!("\nx: {}", "y".repeat(600 * 1024));
    for fields in [many, long] {
        let head = format!("HTTP/1.1 200 OK{fields}");
        let origin = Origin::start(move |_, _| Reply::new(&head, "x")).await;
        let fetched = fetch(&origin.url("/")).await;
        let expected = format!("the response head of {} is over the limit", origin.address);
        assert_eq!(
            failure(&fetched),
            (FailureKind::TooLarge, expected.as_str())
        );
    }
}

#[tokio::test]
async fn what_is_not_http_is_said_to_be_unusable() {
    for bytes in ["", "SSH-2.0-OpenSSH\r\n", "HTTP/1.1 2x0 OK\r\n\r\n"] {
        let origin = Origin::start(move |_, _| Reply::raw(bytes)).await;
        let fetched = fetch(&origin.url("/")).await;
        let (kind, message) = failure(&fetched);
        assert_eq!(kind, FailureKind::Broken, "{message}");
        assert!(message.starts_with("no usable response from "), "{message}");
    }
}

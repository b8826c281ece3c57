//! A month with feeds of all habits, judged by what Rachel Kroll asks of feed readers: one unconditional
//! request in a feed's life, each validator as it was sent, nothing before its time, no cookie, no
//! Referer, no decorated address. A tag that is never matched is left out, and the date goes alone (P27).

use super::rig::{DAY, HOUR, Rig, feed};
use super::wire::{Answer, Exchange, Request};
use crate::test_daemon::START;
use jiff::{SignedDuration, Timestamp};
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

/// How a feed behaves; all of it follows from the time.
struct Habit {
    id: &'static str,
    /// Days from one edition to the next; 0: there is only one.
    every: i64,
    /// The fields that go with an edition, `{}` its number.
    fields: &'static str,
}

const HABITS: [Habit; 9] = [
    Habit {
        id: "tagged",
        every: 3,
        fields: "etag: W/\"\u{e9}dition {}\"",
    },
    Habit {
        id: "dated",
        every: 0,
        fields: "last-modified: Tue, 24 Nov 2026 05:00:00 GMT",
    },
    Habit {
        id: "both",
        every: 1,
        fields: "etag: \"{}\"\nlast-modified: day {}, as it were",
    },
    Habit {
        id: "neither",
        every: 1,
        fields: "date: Tue, 24 Nov 2026 05:00:00 GMT",
    },
    Habit {
        id: "still",
        every: 0,
        fields: "etag: unquoted\nlast-modified: 0\ncache-control: max-age=21600",
    },
    Habit {
        id: "renewing",
        every: 7,
        fields: "etag: \"{}-{hour}\"",
    },
    Habit {
        id: "restless",
        every: 0,
        fields: "etag: \"{hour}\"\nlast-modified: {hour}",
    },
    Habit {
        id: "ailing",
        every: 2,
        fields: "etag: \"{}\"\ncache-control: max-age=60",
    },
    Habit {
        id: "moved/here",
        every: 5,
        fields: "etag: \"{}\"\nlast-modified: {}",
    },
];

impl Habit {
    fn edition(&self, at: Timestamp) -> i64 {
        let days = at.duration_since(START.parse().unwrap()).as_hours() / 24;
        days.checked_div(self.every).unwrap_or_default()
    }

    /// Returns the document of an edition: the last five reports.
    fn document(&self, edition: i64) -> String {
        let item = |number: i64| {
            let at = START.parse::<Timestamp>().unwrap()
                + DAY * i32::try_from(self.every * number).unwrap();
            let at = (at - HOUR).strftime("%a, %d %b %Y %H:%M:%S GMT");
            let id = self.id;
            format!(
                "<item><guid isPermaLink=\"false\">{id}-{number}</guid>\
                 <title>Report {number} of {id}</title><pubDate>{at}</pubDate></item>"
            )
        };
        let items: String = ((edition - 4).max(0)..=edition).map(item).collect();
        format!(
            "<rss version=\"2.0\"><channel><title>{}</title>{items}</channel></rss>",
            self.id
        )
    }

    /// Answers as this kind of publisher does.
    fn answer(&self, request: &Request) -> Answer {
        let edition = self.edition(request.at);
        let hour = request.at.as_second() / 3600;
        let fields = self.fields.replace("{}", &edition.to_string());
        let fields = fields.replace("{hour}", &hour.to_string());
        let fields = format!("{fields}\nset-cookie: reader=1");
        let day = request.at.duration_since(START.parse().unwrap()).as_hours() / 24;
        match self.id {
            "ailing" if day == 10 => return Answer::new("503 X\nretry-after: 28800", ""),
            "ailing" if day == 20 => return Answer::new("500 Oops", ""),
            _ => {}
        }
        let full = Answer::new(format!("200 OK\n{fields}"), self.document(edition));
        let sent = [
            request.field("if-none-match"),
            request.field("if-modified-since"),
        ];
        let unchanged = match (self.id, &sent) {
            ("restless", _) | (_, [None, None]) => false,
            ("renewing", [Some(tag), _]) => tag.starts_with(format!("\"{edition}-").as_bytes()),
            (_, [Some(tag), _]) => full.field("etag").as_ref() == Some(tag),
            (_, [None, date]) => full.field("last-modified") == *date,
        };
        if unchanged {
            Answer::new(format!("304 Not Modified\n{fields}"), "")
        } else {
            full
        }
    }
}

/// What ends a stretch of the month.
enum End {
    Stop,
    Kill,
    /// A kill while this path is half answered.
    KillWithin(&'static str),
}

/// Hours, and what comes then: 30 days in all.
const MONTH: [(i32, End); 11] = [
    (31, End::Stop),
    (50, End::KillWithin("/both")),
    (5, End::Kill),
    (93, End::Stop),
    (1, End::Stop),
    (1, End::Stop),
    (64, End::KillWithin("/moved/here")),
    (155, End::Kill),
    (120, End::Stop),
    (40, End::KillWithin("/renewing")),
    (160, End::Stop),
];

/// Returns what the origin said that the feed is to be left alone for.
fn rest(answer: &Answer) -> SignedDuration {
    let seconds = |bytes: Vec<u8>| {
        let text = String::from_utf8(bytes).unwrap();
        let digits = text.trim_start_matches("max-age=");
        SignedDuration::from_secs(digits.parse().unwrap())
    };
    let asked = ["cache-control", "retry-after"].map(|name| answer.field(name).map(seconds));
    asked.into_iter().flatten().fold(HOUR, SignedDuration::max)
}

/// An exchange, and whether the poll that it belongs to came to its end.
type Judged<'e> = (&'e Exchange, bool);

/// Judges all that was asked of one path.
fn judge(path: &str, exchanges: &[Judged<'_>]) {
    let mut held = [None, None];
    let mut free_at = Timestamp::MIN;
    for (Exchange { request, answer }, is_whole) in exchanges {
        let at = request.at;
        let sent = [
            request.field("if-none-match"),
            request.field("if-modified-since"),
        ];
        let is_dated = path == "/restless" && sent[0].is_none();
        assert_eq!(
            sent[usize::from(is_dated)..],
            held[usize::from(is_dated)..],
            "{path} at {at}"
        );
        assert!(at >= free_at, "{path} at {at}: before {free_at}");
        for name in ["cookie", "referer", "cache-control", "pragma"] {
            assert_eq!(request.field(name), None, "{path} at {at}");
        }
        if !is_whole {
            continue; // nobody was there any more to be told
        }
        free_at = at + rest(answer);
        let told = [answer.field("etag"), answer.field("last-modified")];
        match answer.status() {
            200 => held = told,
            304 => {
                let [tag, date] = told;
                held = [tag.or(held[0].take()), date.or(held[1].take())];
            }
            _ => {}
        }
    }
    let unconditional = exchanges
        .iter()
        .filter(|(it, _)| !it.request.is_conditional());
    if !matches!(path, "/neither" | "/moved") {
        assert_eq!(unconditional.count(), 1, "{path}");
    }
}

/// The path whose answers break off in their middle, if there is one.
type Cut = Mutex<Option<&'static str>>;

/// Has a feed answered for as it behaves.
fn publish(rig: &Rig, habit: &'static Habit, cut: &Arc<Cut>) {
    let path = format!("/{}", habit.id);
    let cut = Arc::clone(cut);
    rig.wire.script(&path.clone(), move |request| {
        let answer = habit.answer(request);
        let breaks_off = *cut.lock().unwrap() == Some(path.as_str());
        if breaks_off {
            answer.cut_in_half().and_stall()
        } else {
            answer
        }
    });
}

/// Polls on until an answer at `path` has stalled in its middle.
async fn stall(rig: &mut Rig, cut: &Cut, path: &'static str, times: usize) {
    *cut.lock().unwrap() = Some(path);
    loop {
        let next = rig.test.daemon().next_due_at().unwrap();
        rig.test.clock.set(next.max(rig.test.now()));
        tokio::select! {
            _ = rig.test.run_due() => {}
            () = rig.wire.stalled(times) => break,
        }
    }
    *cut.lock().unwrap() = None;
}

/// P1 to P12, P15, P17, P25, P31 together.
#[tokio::test]
async fn kroll_a_month_of_all_habits() {
    let feeds = HABITS.iter().map(|habit| {
        let path = habit.id.trim_end_matches("/here");
        feed(path, &format!("WIRE/{path}"), "")
    });
    let mut rig = Rig::start(&feeds.collect::<String>()).await;
    let cut = Arc::new(Cut::new(None));
    for habit in &HABITS {
        publish(&rig, habit, &cut);
    }
    rig.wire.say("/moved", Answer::redirect(301, "/moved/here"));
    let start = rig.test.now();
    let mut stalls = 0;
    for (hours, end) in MONTH {
        rig.test.run_for(HOUR * hours).await;
        match end {
            End::Stop => rig.test.restart().await,
            End::Kill => rig.test.kill().await,
            End::KillWithin(path) => {
                stalls += 1;
                stall(&mut rig, &cut, path, stalls).await;
                rig.test.kill().await;
            }
        }
    }
    let last = rig.test.now();
    assert!(last.duration_since(start) >= DAY * 30);

    let exchanges = rig.wire.exchanges();
    let mut by_path: BTreeMap<String, Vec<Judged<'_>>> = BTreeMap::new();
    for (n, exchange) in exchanges.iter().enumerate() {
        // What follows a redirect is where it led.
        let leads_on = exchange.answer.status() == 301;
        let is_whole = exchanges[n + usize::from(leads_on)].answer.is_whole();
        let of_path = by_path.entry(exchange.request.path()).or_default();
        of_path.push((exchange, is_whole));
    }
    let paths: Vec<&str> = by_path.keys().map(String::as_str).collect();
    let expected = [
        "/ailing",
        "/both",
        "/dated",
        "/moved",
        "/moved/here",
        "/neither",
        "/renewing",
        "/restless",
        "/still",
        "/tagged",
    ];
    assert_eq!(paths, expected);
    for (path, exchanges) in &by_path {
        let enough = exchanges.len() > 25 || path == "/moved";
        assert!(enough, "{path}: {} requests", exchanges.len());
        judge(path, exchanges);
    }
    let restless = &by_path["/restless"];
    let has_tag = |(it, _): &&Judged<'_>| it.request.field("if-none-match").is_some();
    let tagged = restless.iter().filter(has_tag).count();
    assert!(tagged * 2 < restless.len(), "{tagged} tags for nothing");
    // Whatever happened, each report was read, and once.
    let reports: i64 = HABITS.iter().map(|habit| habit.edition(last) + 1).sum();
    let articles = rig.test.daemon().store().totals().unwrap().articles;
    assert_eq!(i64::try_from(articles).unwrap(), reports);
    rig.test.finish().await;
}

//! What publishing one new article costs where there are many outputs: `cargo bench --bench publish`.
//!
//! `MERGANSER_OUTPUTS` says how many (200 by default). Each is a topic of a hundred entries with archive, page, pages of
//! its stories and all three formats; half of the entries are reports of events that the next output has, too. A real
//! daemon polls them from a socket of this machine. Then one article comes after the other, each to so many outputs as
//! `MERGANSER_SHARED` says (one by default; most that is news is in all, and in a topic or two). Prints how
//! many outputs were rendered for an article; how long it took from the end of the poll until readers had it; and how
//! long until all that follows was done, the slow compression of what they have among it. `MERGANSER_FORMATS` says in
//! which formats, as feeds.toml has it.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a bench reads the clock and the environment, prints, and stops where it cannot go on"
)]

use jiff::{SignedDuration, Timestamp};
use merganser::clock::{Clock, ManualClock};
use merganser::config;
use merganser::daemon::{Choice, Daemon, StateDir};
use merganser::model::FeedId;
use merganser::serve::Shelf;
use std::env;
use std::fmt::Write as _;
use std::ops::RangeInclusive;
use std::sync::{Arc, Mutex};
use std::thread::{self, JoinHandle};
use std::time::{Duration, Instant};
use tikv_jemallocator::Jemalloc;
use tokio::io::{AsyncBufReadExt as _, AsyncReadExt as _, AsyncWriteExt as _, BufReader};
use tokio::net::{TcpListener, TcpStream};
use words::{Random, text, word};

mod words;

/// As the program has it: documents come and go in this.
#[global_allocator]
static ALLOCATOR: Jemalloc = Jemalloc;

/// Entries of an output.
const ENTRIES: usize = 100;

/// Articles that come.
const MEASURED: usize = 40;

/// Words of a title, of an event in each of its reports, and of a text: some 1,500 bytes, as a report has.
const LENGTHS: (usize, usize, usize) = (6, 8, 220);

/// How often a reader looks.
const LOOK: Duration = Duration::from_micros(50);

/// Numbers of words that stand in no other event's reports begin here.
const RARE: usize = 1_000_000;

/// The documents of the feeds.
type Documents = Arc<Mutex<Vec<Vec<String>>>>;

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    // `cargo bench` and `cargo test --benches` pass arguments for a harness that is not here.
    let number = |name, default| env::var(name).map_or(default, |it| it.parse().unwrap());
    let (outputs, shared) = (
        number("MERGANSER_OUTPUTS", 200),
        number("MERGANSER_SHARED", 1),
    );
    let words: Vec<String> = (0..words::WORDS).map(word).collect();
    let mut random = Random(0x51C3_77A9);
    let now: Timestamp = "2026-11-24T06:00:00Z".parse().unwrap();
    let documents = documents(outputs, now, &words, &mut random);
    let documents = Arc::new(Mutex::new(documents));
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(serve(listener, Arc::clone(&documents)));

    let directory = tempfile::tempdir().unwrap();
    let config = config::read(&configuration(outputs, &address.to_string()), &|_| None);
    let clock = Arc::new(ManualClock::new(now));
    let state = StateDir::claim(directory.path()).unwrap();
    let by: Arc<ManualClock> = Arc::clone(&clock);
    let built = Daemon::build(config.unwrap().config, state, by, None).await;
    let mut daemon = built.unwrap();
    let shelf = Arc::clone(daemon.shelf());
    let began = Instant::now();
    poll(&mut daemon, None).await;
    daemon.run_due().await.unwrap();
    println!(
        "{outputs} outputs of {ENTRIES} entries, made in {:.1?}",
        began.elapsed()
    );

    let (mut seen, mut times, mut rendered) = (Vec::new(), Vec::new(), 0);
    // Each of the outputs gets one before, at which its archive gets a document: it does so at one article in fifty.
    for number in 0..2 * MEASURED {
        clock.advance(SignedDuration::from_secs(10));
        let output = number % MEASURED * 7 % outputs;
        let event = RARE + number;
        let entry = ENTRIES + number;
        let topics = output..=output + shared - 1;
        let item = item(
            (output, entry, topics),
            event,
            clock.now(),
            &words,
            &mut random,
        );
        documents.lock().unwrap()[output].push(item);
        poll(&mut daemon, Some(output)).await;
        let before = daemon.outputs_rendered();
        let began = Instant::now();
        let reader = reader(Arc::clone(&shelf), format!("/t{output}.atom"));
        daemon.run_due().await.unwrap();
        let done = began.elapsed();
        let had = reader.join().unwrap() - began;
        if number >= MEASURED {
            times.push(done);
            seen.push(had);
            rendered += daemon.outputs_rendered() - before;
        }
    }
    println!("{rendered} outputs rendered for {MEASURED} articles");
    report("readers have it", &mut seen, rendered);
    report("all is done", &mut times, rendered);
    daemon.stop().await;
}

/// Makes the documents of the feeds.
fn documents(
    outputs: usize,
    now: Timestamp,
    words: &[String],
    random: &mut Random,
) -> Vec<Vec<String>> {
    let document = |output| {
        let item = |entry| {
            let event = output * ENTRIES / 2 + entry;
            item((output, entry, output..=output), event, now, words, random)
        };
        (0..ENTRIES).map(item).collect()
    };
    (0..outputs).map(document).collect()
}

/// Looks at a document until it is another, and returns when that was.
fn reader(shelf: Arc<Shelf>, path: String) -> JoinHandle<Instant> {
    let tag = move || shelf.get(&path).map(|it| it.etag());
    let before = tag();
    thread::spawn(move || {
        while tag() == before {
            thread::sleep(LOOK);
        }
        Instant::now()
    })
}

/// Prints what was measured.
fn report(what: &str, times: &mut [Duration], rendered: u64) {
    times.sort();
    let articles = u32::try_from(times.len()).unwrap();
    let all: Duration = times.iter().sum();
    println!(
        "{what}: mean {:.1?}, median {:.1?}, at the most {:.1?}; {:.1?} an output",
        all / articles,
        times[times.len() / 2],
        times[times.len() - 1],
        all / u32::try_from(rendered.max(1)).unwrap(),
    );
}

/// Polls the feed of an output, or all of them.
async fn poll(daemon: &mut Daemon, output: Option<usize>) {
    let choice = Choice {
        all: output.is_none(),
        feeds: output
            .iter()
            .map(|it| FeedId::new(format!("f{it}")))
            .collect(),
        force: true,
    };
    daemon.poll_now(&choice, &mut |_| {}).await.unwrap();
}

/// A topic, an output and a feed for each.
fn configuration(outputs: usize, address: &str) -> String {
    let mut text =
        "[fetch]\nallow-networks = [\"127.0.0.1/32\"]\n[defaults]\nfirst-poll-entries = 1000\n"
            .to_owned();
    let formats = env::var("MERGANSER_FORMATS");
    let formats = formats.map_or(String::new(), |it| format!("formats = {it}\n"));
    for output in 0..outputs {
        write!(
            text,
            "[[topic]]\nname = \"t{output}\"\nquery = \"mark{output}\"\n\
             [[output]]\npath = \"t{output}\"\nselect = \"topic:t{output}\"\n{formats}\
             [[feed]]\nid = \"f{output}\"\nurl = \"http://{address}/{output}\"\n"
        )
        .unwrap();
    }
    text
}

/// Writes an entry of an output's feed, which is in some topics, reports an event and came so many minutes before `now`.
fn item(
    (output, entry, topics): (usize, usize, RangeInclusive<usize>),
    event: usize,
    now: Timestamp,
    words: &[String],
    random: &mut Random,
) -> String {
    let (title, own, length) = LENGTHS;
    let own: Vec<String> = (0..own)
        .map(|number| word(RARE + event * own + number))
        .collect();
    let own = own.join(" ");
    let (headline, body) = (text(words, title, random), text(words, length, random));
    let minutes = i64::try_from(ENTRIES.saturating_sub(entry) * 7).unwrap();
    let at = now - SignedDuration::from_mins(minutes);
    let at = at.strftime("%a, %d %b %Y %H:%M:%S GMT");
    let marks: Vec<String> = topics.map(|topic| format!("mark{topic}")).collect();
    let marks = marks.join(" ");
    let link = format!("https://paper-{output}.example/{entry}");
    format!(
        "<item><title>{own} {headline} {marks}</title><link>{link}</link><guid>{link}</guid>\
         <pubDate>{at}</pubDate><description>&lt;p&gt;{own} {body}&lt;/p&gt;</description></item>"
    )
}

/// Answers everybody with the document that the path names.
async fn serve(listener: TcpListener, documents: Documents) {
    while let Ok((socket, _)) = listener.accept().await {
        tokio::spawn(answer(socket, Arc::clone(&documents)));
    }
}

async fn answer(mut socket: TcpStream, documents: Documents) {
    let mut reader = BufReader::new(&mut socket);
    let mut first = String::new();
    reader.read_line(&mut first).await.unwrap();
    let mut line = String::new();
    while reader.read_line(&mut line).await.unwrap() > 2 {
        line.clear();
    }
    let number: usize = first.split([' ', '/']).nth(2).unwrap().parse().unwrap();
    let items = documents.lock().unwrap()[number].concat();
    let body = format!(
        "<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>Paper {number}</title>\
         <link>https://paper-{number}.example/</link><description>news</description>{items}</channel></rss>"
    );
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    );
    socket.write_all(head.as_bytes()).await.unwrap();
    socket.write_all(body.as_bytes()).await.unwrap();
    // Until the other side has it all.
    socket.shutdown().await.unwrap();
    drop(socket.read(&mut [0; 16]).await);
}

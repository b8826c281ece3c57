#!/usr/bin/env python3
"""How a merged feed is served, beside nginx with the same bytes as files.

    python3 benches/serving.py target/release/merganser

A merged feed of 100 entries is asked for by `wrk -t1 -c64` on loopback, of merganser and of nginx (one worker,
`gzip_static`, no log, else as it comes) in turn: compressed, and by the tag that the server gave. Counted are answers
per second that the server had of the processors.

Then a client that waits between requests asks for half of what merganser answered: how long the slowest in a hundred
waited, alone, and while the same daemon polls its 1,000 feeds as fast as it can, one in ten of which has a new entry
each time. nginx is asked at the same rate in both cases: what changes there is the machine, which has the client, the
sites and the polls to run as well. `server CPU` is what the server had of one core meanwhile, `most` the longest wait.

Wants wrk and nginx. Takes some seven minutes, at the most half an hour. Wall times of a machine that does other things
are noise: look at ratios within a round, and at more than one. Ends with 1 where a mark is missed.
"""

import argparse
import contextlib
import dataclasses
import gzip
import os
import statistics
import subprocess
import threading
import time

from loopback import Daemon, Failure, Feed, Origin, Writer
from loopback import cpu_seconds, end, free_port, get, hosts, lacking, measure, table, wait

FEEDS, ENTRIES, ITEMS = 1000, 10, 100

# A poll in so many of a feed finds a new entry.
NEWS = 10

# Marks: answers per CPU second against nginx; the slowest in a hundred, in ms; what polls beside it may make of that.
SHARE, SLOWEST, CHANGE = 0.7, 5.0, 4 / 3

# Connections of the client that waits: many, so that those which a stall holds up are few of all and the others ask
# meanwhile. They all come at once, and the daemon's queue for those has 128 places: more would measure how it overflows.
PACED = 100

# The first polls store all entries.
STORED = 300

# What polls bring is in documents two seconds later.
QUIET = 4

MINUTES = 30

CONFIG = f"""
[fetch]
allow-networks = ["127.0.0.0/8"]
host-gap = "0s"
concurrency = 64
[defaults]
first-poll-entries = 1000
[[output]]
path = "all"
items = {ITEMS}
stay = "0s"
"""

NGINX = """
daemon off;
worker_processes 1;
pid nginx.pid;
error_log stderr warn;
USER
events { worker_connections 1024; }
http {
    types { application/atom+xml atom; }
    access_log off;
    sendfile on;
    tcp_nopush on;
    gzip_static on;
    gzip_vary on;
    client_body_temp_path body;
    proxy_temp_path proxy;
    fastcgi_temp_path fastcgi;
    uwsgi_temp_path uwsgi;
    scgi_temp_path scgi;
    server { listen 127.0.0.1:PORT; root ROOT; }
}
"""

# Says in one line what wrk measured, and waits before each request where there is a mean for that, in ms: more often
# shortly than long, as requests come that know nothing of each other.
LUA = """
local mean = tonumber(os.getenv("MEAN"))
if mean then
    function delay() return math.floor(0.5 - mean * math.log(1 - math.random())) end
end
function done(summary, latency)
    local e = summary.errors
    local failed = e.connect + e.read + e.write + e.status
    print("measured", summary.requests, summary.duration, latency:percentile(99), latency.max, failed, e.timeout)
end
"""


class Nginx:
    """nginx with the files of a directory."""

    def __init__(self, place, root):
        self.port, self.place, self.process = free_port(), place, None
        place.mkdir()
        user = "user root;" if os.geteuid() == 0 else ""
        text = NGINX.replace("PORT", str(self.port)).replace("ROOT", str(root)).replace("USER", user)
        (place / "nginx.conf").write_text(text)

    def __enter__(self):
        command = ["nginx", "-p", str(self.place), "-c", "nginx.conf", "-e", "stderr"]
        with open(self.place / "log", "ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log)
        wait("nginx answers", self.is_up, 10)
        return self

    def __exit__(self, *_):
        end(self.process)

    def is_up(self):
        if self.process.poll() is not None:
            raise Failure("nginx ended: " + (self.place / "log").read_text()[-300:])
        with contextlib.suppress(OSError):
            return self.get("/all.atom")[0] == 200
        return False

    def get(self, path, **fields):
        return get(self.port, path, **fields)


@dataclasses.dataclass
class Load:
    """What wrk measured at a server, and what that cost."""

    rate: float  # answers a second
    per_cpu: float  # answers per second that the server had of the processors
    share: float  # what it had of one core
    slowest: float  # how long the slowest in a hundred took, in ms
    most: float  # and the very slowest
    late: float  # how many were given up after two seconds


def load(place, server, seconds, fields, mean=None):
    """Has wrk ask a server, by many connections that wait where there is a `mean` for that, in ms."""
    script = place / "wrk.lua"
    script.write_text(LUA)
    command = ["wrk", "-t1", f"-c{64 if mean is None else PACED}", f"-d{seconds}s", "-s", str(script)]
    for name, value in fields.items():
        command += ["-H", f"{name.replace('_', '-')}: {value}"]
    command.append(f"http://127.0.0.1:{server.port}/all.atom")
    environment = os.environ | ({} if mean is None else {"MEAN": str(mean)})
    before = cpu_seconds(server.process.pid)
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=seconds + 30)
    spent = cpu_seconds(server.process.pid) - before
    told = [line.split()[1:] for line in done.stdout.splitlines() if line.startswith("measured")]
    if not told:
        raise Failure(f"wrk: {done.stderr or done.stdout}")
    requests, took, slowest, most, failed, late = (float(value) for value in told[0])
    if failed or not requests:
        raise Failure(f"{failed:.0f} of {requests:.0f} requests failed")
    seconds = took / 1e6
    return Load(requests / seconds, requests / max(spent, 0.01), spent / seconds, slowest / 1000, most / 1000, late)


class Polls:
    """Has a daemon poll everything again and again, with the `with` that it stands in."""

    def __init__(self, daemon, origin):
        self.daemon, self.origin, self.over = daemon, origin, threading.Event()
        self.thread, self.began, self.before, self.rate = threading.Thread(target=self.ask, daemon=True), 0, 0, 0

    def __enter__(self):
        self.before = self.origin.polls
        self.thread.start()
        wait("polls begin", lambda: self.origin.polls > self.before, 30)
        self.began, self.before = time.monotonic(), self.origin.polls
        return self

    def __exit__(self, failed, *_):
        self.rate = (self.origin.polls - self.before) / (time.monotonic() - self.began)
        self.over.set()
        self.thread.join(90)
        if failed is None:
            quiet(self.daemon)

    def ask(self):
        while not self.over.is_set():
            before = self.origin.polls
            self.daemon.run("poll", "--all")
            with contextlib.suppress(Failure):
                wait("all are polled", lambda: self.over.is_set() or self.origin.polls - before >= FEEDS, 10)


class News:
    """Gives a feed a new entry at one poll in some."""

    def __init__(self, feeds, writer):
        self.feeds, self.writer, self.polls = {feed.name: feed for feed in feeds}, writer, 0

    def __call__(self, name):
        self.polls += 1
        if self.polls > FEEDS and self.polls % NEWS == 0:
            number = FEEDS * ENTRIES + self.polls
            self.feeds[name].add(self.writer.entry(name, number, number, time.time()))


def quiet(daemon):
    """Waits until a daemon has next to nothing to do."""

    def is_quiet():
        before = cpu_seconds(daemon.process.pid)
        time.sleep(QUIET)
        return cpu_seconds(daemon.process.pid) - before <= 0.01 * QUIET

    wait("the daemon has nothing to do", is_quiet, STORED)


def same_bytes(servers):
    """Returns the tags by which the servers know the compressed document; fails where it is not the same one."""
    tags, bodies = [], []
    for server in servers:
        _, fields, body = server.get("/all.atom", accept_encoding="gzip")
        tags.append(fields["ETag"])
        bodies.append(body)
        if server.get("/all.atom", accept_encoding="gzip", if_none_match=tags[-1])[0] != 304:
            raise Failure("no 304 by the tag of the server itself")
    if bodies[0] != bodies[1]:
        raise Failure("nginx has other bytes than merganser")
    plain = gzip.decompress(bodies[0])
    count = plain.count(b"<entry>")
    if count != ITEMS:
        raise Failure(f"the feed has {count} entries")
    print(f"a merged feed of {count} entries, {len(plain):,} bytes, {len(bodies[0]):,} compressed\n")
    return tags


def throughput(place, servers, options):
    """Measures answers per CPU second of both in turn. Returns whether a mark is missed, and our answers a second."""
    rows = [("round", "what", "merganser / CPU s", "nginx / CPU s", "ratio", "merganser / s", "nginx / s")]
    ratios, rates = {"gzip": [], "304": []}, []
    tags = same_bytes(servers)
    for number in range(options.rounds):
        for what in ratios:
            found = []
            for server, tag in zip(servers, tags):
                fields = {"accept_encoding": "gzip"} | ({"if_none_match": tag} if what == "304" else {})
                found.append(load(place, server, options.seconds, fields))
            ours, theirs = found
            ratios[what].append(ours.per_cpu / theirs.per_cpu)
            if what == "gzip":
                rates.append(ours.rate)
            figures = (ours.per_cpu, theirs.per_cpu, ours.rate, theirs.rate)
            cells = [f"{figure:,.0f}" for figure in figures]
            rows.append((str(number + 1), what, *cells[:2], f"{ratios[what][-1]:.2f}", *cells[2:]))
    print(f"wrk -t1 -c64, {options.seconds} s each, in turn; mark: a ratio of {SHARE}")
    table(rows)
    middles = {what: statistics.median(values) for what, values in ratios.items()}
    for what, values in ratios.items():
        print(f"{what}: ratio {middles[what]:.2f} ({min(values):.2f} to {max(values):.2f}): {verdict(middles[what] >= SHARE)}")
    print()
    return min(middles.values()) < SHARE, statistics.median(rates)


def latency(place, servers, origin, rate, options):
    """Measures the slowest in a hundred at a rate, alone and beside polls. Returns whether a mark is missed."""
    rows = [("round", "server", "polls / s", "p99 ms", "most ms", "rate of wanted", "server CPU", "over 2 s")]
    found = {(name, polls): [] for name in ("merganser", "nginx") for polls in (False, True)}
    # A millisecond is about what an answer takes, and as much again what the clock of wrk rounds up.
    mean = max(1000 * PACED / rate - 1, 1)
    fields = {"accept_encoding": "gzip"}
    for number in range(options.rounds):
        for name, server in zip(("merganser", "nginx"), servers):
            for polls in (False, True):
                polling = Polls(servers[0], origin) if polls else contextlib.nullcontext()
                with polling:
                    seen = load(place, server, options.seconds, fields, mean)
                found[name, polls].append(seen.slowest)
                asked = f"{polling.rate:,.0f}" if polls else "0"
                figures = (f"{seen.rate / rate:.0%}", f"{seen.share:.0%}", f"{seen.late:.0f}")
                rows.append((str(number + 1), name, asked, f"{seen.slowest:.2f}", f"{seen.most:.1f}", *figures))
    print(f"{PACED} connections that wait, together {rate:,.0f} requests a second, {options.seconds} s each, gzip")
    table(rows)
    middle = {key: statistics.median(values) for key, values in found.items()}
    for (name, polls), values in found.items():
        beside = "while the daemon polls" if polls else "alone"
        print(f"{name} {beside}: p99 {middle[name, polls]:.2f} ms ({min(values):.2f} to {max(values):.2f})")
    change, machine = (middle[name, True] / middle[name, False] for name in ("merganser", "nginx"))
    is_fast, is_steady = middle["merganser", False] <= SLOWEST, change < CHANGE
    told = verdict(is_fast, middle["nginx", False] <= SLOWEST)
    print(f"p99 at half load, mark {SLOWEST:.0f} ms: {told}")
    told = verdict(is_steady, machine < CHANGE)
    print(f"polls beside it make {change:.2f} of it, mark {CHANGE:.2f}: {told}; of nginx's they make {machine:.2f}")
    return not (is_fast and is_steady)


def verdict(is_met, can_be=True):
    """Names what came of a mark; what nginx misses as well, this machine cannot give now."""
    return "met" if is_met else "MISSED" if can_be else "MISSED, as nginx does: this machine cannot tell"


def main(place, options):
    missing = lacking("wrk", "nginx")
    if missing:
        raise Failure(f"not installed: {' and '.join(missing)}")
    writer, now = Writer(), time.time()
    feeds = []
    for at in range(FEEDS):
        numbers = range(at * ENTRIES, (at + 1) * ENTRIES)
        entries = [writer.entry(f"f{at}", number, number, now - 420 * (number % ENTRIES)) for number in numbers]
        feeds.append(Feed(f"f{at}", entries))
    with Origin(feeds, hosts(FEEDS), News(feeds, writer)) as origin:
        names = "".join(f'[[feed]]\nid = "f{at}"\nurl = "{origin.url(at, f"f{at}")}"\n' for at in range(FEEDS))
        with Daemon(options.program, place / "daemon", CONFIG + names) as daemon:
            wait("all feeds are polled", lambda: origin.polls >= FEEDS, STORED)
            quiet(daemon)
            if daemon.run("publish", str(place / "www")) != 0:
                raise Failure("`publish` failed")
            with Nginx(place / "nginx", place / "www") as nginx:
                too_dear, rate = throughput(place, (daemon, nginx), options)
                too_slow = latency(place, (daemon, nginx), origin, rate / 2, options)
    return int(too_dear or too_slow)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--rounds", type=int, default=5, help="how often each pair is measured (%(default)s)")
    parser.add_argument("--seconds", type=int, default=8, help="how long each time (%(default)s)")
    chosen = parser.parse_args()
    measure(lambda place: main(place, chosen), 60 * MINUTES)

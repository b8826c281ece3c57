#!/usr/bin/env python3
"""Readers that ask without a pause while outputs are published and the daemon is stopped, killed and started.

    python3 benches/hammer.py target/release/merganser

Every answer has to be whole and parseable, and one of the published versions: a tag has one body, whatever the form it
goes out in and whichever process sends it; a document holds the newest entries of each feed without a gap, and none
is older than one that any reader had before it was asked for. A stop and a start without news change no tag. What is
under way when the daemon is killed (SIGKILL) may be cut off, and nothing else; whoever asks while there is none is refused.

Readers take documents as they are and in gzip, and in br and zstd where the packages `brotli` and `zstandard` of PyPI
are installed. One of them reads slowly. Traffic goes to 127.0.0.1 alone. Takes up to five minutes; ends with 1
at any fault, or where that time was too short for so many publishes.
"""

import argparse
import collections
import hashlib
import http.client
import importlib
import json
import random
import re
import signal
import socket
import threading
import time
import xml.etree.ElementTree
import zlib

from loopback import Daemon, Failure, Feed, Origin, Writer, measure, table, wait

FEEDS, ENTRIES, READERS = 10, 30, 6
FORMATS = ("atom", "rss", "json")
OUTPUTS = ["all", *(f"f{number}" for number in range(FEEDS))]
PATHS = [f"/{output}.{form}" for output in OUTPUTS for form in FORMATS]

# A restart after so many rounds, each of which publishes every output.
RESTART = 5

# How long a stop lets what is under way go on.
GRACE = 1.0

# How long publishing may take, in s: two that the daemon gathers polls for, and what else the machine does.
PUBLISHED = 30

# When the last of what a poll brought is published, mostly: what comes in the midst comes before.
PUBLISHING = 3

# The bound of all of it, and that of the rounds, in s.
MOST, ROUNDS_END = 330, 270

CONFIG = """
[fetch]
allow-networks = ["127.0.0.1/32"]
host-gap = "0s"
[defaults]
first-poll-entries = 1000
"""

# The form that a tag is of.
FORM = re.compile(r'-(?:br|zstd|gzip|gzip-1)"$')

LINK = re.compile(r"https://paper-(f\d+)\.example/(\d+)$")
ATOM = "{http://www.w3.org/2005/Atom}"


class Cut(Exception):
    """An answer that began and did not end."""


class Wrong(Failure):
    """An answer that nobody should get."""


class Service:
    """A daemon that comes and goes. When it ended is known, and a number that is odd while it is away."""

    def __init__(self, daemon):
        self.daemon, self.changes, self.ended, self.stops = daemon, 0, {}, collections.Counter()

    def restart(self, sign):
        self.changes += 1
        self.ended[sign] = time.monotonic()
        self.daemon.stop(sign)
        self.daemon.start()
        self.changes += 1
        self.stops[sign.name] += 1

    def may_cut(self, began):
        """Tells whether an answer asked for at `began` may have been cut off by now."""
        now = time.monotonic()
        killed, stopped = (self.ended.get(sign, 0) for sign in (signal.SIGKILL, signal.SIGTERM))
        return killed >= began or (stopped >= began and now - stopped >= GRACE)


class Versions:
    """What was published, as far as readers saw it."""

    def __init__(self):
        self.lock, self.bodies, self.tags, self.newest, self.floor = threading.Lock(), {}, {}, {}, {}

    def since(self, path):
        """Returns what an answer that is asked for now must not be older than."""
        with self.lock:
            return self.floor.get(path, {})

    def see(self, path, tag, body, since):
        """Takes in a document, and finds fault with it."""
        tag, digest = FORM.sub('"', tag), hashlib.sha256(body).digest()
        with self.lock:
            one_body = self.bodies.setdefault((path, tag), digest) == digest
            one_tag = self.tags.setdefault((path, digest), tag) == tag
            known = self.newest.get((path, digest))
        if not one_body:
            raise Wrong(f"{path} {tag}: a tag of two bodies")
        if not one_tag:
            raise Wrong(f"{path} {tag}: a body of two tags")
        newest = known or newest_of(path, body)
        if not newest:
            raise Wrong(f"{path} {tag}: without entries")
        with self.lock:
            self.newest[path, digest] = newest
        self.hold(path, tag, newest, since)

    def confirm(self, path, tag, since):
        """Takes in that a document is still the one of a tag."""
        tag = FORM.sub('"', tag)
        with self.lock:
            newest = self.newest[path, self.bodies[path, tag]]
        self.hold(path, tag, newest, since)

    def hold(self, path, tag, newest, since):
        older = [feed for feed in since if newest.get(feed, 0) < since[feed]]
        if older:
            raise Wrong(f"{path} {tag}: went back to {newest} after {since}")
        with self.lock:
            floor = self.floor.get(path, {})
            self.floor[path] = {feed: max(newest.get(feed, 0), floor.get(feed, 0)) for feed in newest | floor}


class Reader(threading.Thread):
    """Asks for whatever document in whatever form, until it is over."""

    def __init__(self, service, versions, over, seed, is_slow):
        super().__init__(daemon=True)
        self.service, self.versions, self.over, self.is_slow = service, versions, over, is_slow
        self.random, self.forms, self.connection = random.Random(seed), forms(), None
        self.tags, self.counts, self.faults = {}, collections.Counter(), []

    def run(self):
        while not self.over.is_set():
            path, form = self.random.choice(PATHS), self.random.choice(list(self.forms))
            began, changes = time.monotonic(), self.service.changes
            try:
                self.counts[self.ask(path, form)] += 1
            except Cut as cut:
                self.drop()
                self.note("cut off", self.service.may_cut(began), f"{path} {form}: cut off: {cut}")
            except (OSError, http.client.HTTPException) as refused:
                self.drop()
                is_there = self.service.changes == changes and changes % 2 == 0
                self.note("refused", not is_there, f"{path} {form}: no answer of a daemon that runs: {refused!r}")
                self.over.wait(0.02)
            except Wrong as wrong:
                self.faults.append(str(wrong))
            except Exception as fault:
                self.faults.append(f"{path} {form}: not to be unpacked or parsed: {fault!r}")
        self.drop()

    def note(self, what, is_allowed, fault):
        self.counts[what] += 1
        if not is_allowed:
            self.faults.append(fault)

    def ask(self, path, form):
        """Asks once; returns what the answer counts as."""
        since, fields = self.versions.since(path), {} if form == "plain" else {"Accept-Encoding": form}
        tag = self.tags.get((path, form)) if self.random.random() < 0.3 else None
        if tag:
            fields["If-None-Match"] = tag
        if self.connection is None:
            self.connection = connect(self.service.daemon.port, self.is_slow)
        self.connection.request("GET", path, headers=fields)
        response = self.connection.getresponse()
        body = self.body(response)
        if response.status == 304 and tag and not body:
            self.versions.confirm(path, response.headers["ETag"], since)
            return "304"
        packed = response.headers.get("Content-Encoding", "plain")
        if response.status != 200 or packed not in (form, "plain"):
            raise Wrong(f"{path} {form}: {response.status} in {packed}")
        self.versions.see(path, response.headers["ETag"], self.forms[packed](body), since)
        self.tags[path, form] = response.headers["ETag"]
        return packed

    def body(self, response):
        pieces = []
        try:
            # None is returned at the end of what was announced; an end before that raises.
            while piece := response.read(4096 if self.is_slow else None):
                pieces.append(piece)
                if self.is_slow:
                    self.over.wait(0.002)
        except (OSError, http.client.HTTPException) as fault:
            raise Cut(repr(fault)) from None
        if response.length:
            raise Cut(f"{response.length} bytes are missing")
        return b"".join(pieces)

    def drop(self):
        if self.connection is not None:
            self.connection.close()
        self.connection = None


def connect(port, is_slow):
    """Returns a connection; of one that is slow the kernel takes little ahead."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    opened = socket.socket()
    opened.settimeout(20)
    if is_slow:
        opened.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    try:
        opened.connect(("127.0.0.1", port))
    except OSError:
        opened.close()
        raise
    connection.sock = opened
    return connection


def forms():
    """Returns the forms that can be unpacked, and how; each fails where the end is missing."""
    found = {"plain": lambda body: body, "gzip": gunzip}
    for form, package in (("br", "brotli"), ("zstd", "zstandard")):
        try:
            module = importlib.import_module(package)
        except ImportError:
            continue
        found[form] = module.decompress if form == "br" else lambda body, module=module: unzstd(module, body)
    return found


def gunzip(body):
    unpacking = zlib.decompressobj(wbits=31)
    return ended(unpacking, unpacking.decompress(body))


def unzstd(module, body):
    unpacking = module.ZstdDecompressor().decompressobj()
    return ended(unpacking, unpacking.decompress(body))


def ended(unpacking, body):
    if not unpacking.eof or unpacking.unused_data:
        raise ValueError("it does not end where it should")
    return body


def newest_of(path, body):
    """Parses a document, and returns the number of the newest entry of each feed; fails where one is missing between."""
    if path.endswith(".json"):
        links = [item["url"] for item in json.loads(body)["items"]]
    else:
        root = xml.etree.ElementTree.fromstring(body)
        links = [link.text for link in root.findall("channel/item/link")]
        told = [link for link in root.findall(f"{ATOM}entry/{ATOM}link") if link.get("rel", "alternate") == "alternate"]
        links += [link.get("href") for link in told]
    numbers = collections.defaultdict(set)
    for link in links:
        feed, number = LINK.match(link).groups()
        numbers[feed].add(int(number))
    if sum(map(len, numbers.values())) != len(links):
        raise Wrong(f"{path}: has an entry twice")
    for feed, found in numbers.items():
        if max(found) - min(found) + 1 != len(found):
            raise Wrong(f"{path}: not all entries of {feed} from {min(found)} to {max(found)}")
    return {feed: max(found) for feed, found in numbers.items()}


class Press:
    """Writes an entry more into each feed, has them polled, and sees to it that readers get it."""

    def __init__(self, service, feeds, now):
        self.service, self.feeds, self.now, self.count, self.writer = service, feeds, now, 0, Writer()
        self.published, self.faults, self.random = 0, [], random.Random(1)

    def write(self):
        """Writes the next entry of each feed; of two entries none has the date of the other."""
        for feed in self.feeds:
            number = self.count * FEEDS + int(feed.name[1:])
            feed.add(self.writer.entry(feed.name, self.count, number, self.now + number))
        self.count += 1

    def poll(self):
        self.service.daemon.run("poll", *(feed.name for feed in self.feeds))

    def wait(self):
        """Waits until all outputs have what was written last."""
        for path in PATHS:
            wait(f"{path} has what was polled", lambda: self.is_there(path), PUBLISHED)
        self.published += len(OUTPUTS)

    def is_there(self, path):
        newest = newest_of(path, self.service.daemon.get(path)[2])
        feeds = FEEDS if path.startswith("/all") else 1
        return len(newest) == feeds and set(newest.values()) == {self.count - 1}

    def restart(self, at):
        """Restarts the daemon, every other time in the midst of publishing."""
        sign = signal.SIGKILL if at % 4 < 2 else signal.SIGTERM
        if at % 2:
            self.write()
            polling = threading.Thread(target=self.poll, daemon=True)
            polling.start()
            time.sleep(self.random.random() * PUBLISHING)
            self.service.restart(sign)
            polling.join(60)
            self.poll()
            self.wait()
            return
        before = self.tags()
        self.service.restart(sign)
        changed = [path for path, tag in self.tags().items() if tag != before[path]]
        if changed:
            self.faults.append(f"{sign.name} and a start without news changed the tag of {changed}")

    def tags(self):
        return {path: self.service.daemon.get(path)[1]["ETag"] for path in PATHS}


def report(press, readers, versions):
    """Prints what was done and seen; returns the faults."""
    counts = sum((reader.counts for reader in readers), collections.Counter())
    faults = press.faults + [fault for reader in readers for fault in reader.faults]
    rows = [("what", "number"), ("outputs published", f"{press.published:,}")]
    rows += [(f"restarts by {name}", f"{count:,}") for name, count in sorted(press.service.stops.items())]
    rows += [("versions of documents seen", f"{len(versions.bodies):,}")]
    rows += [(f"answers, {form}", f"{counts.pop(form, 0):,}") for form in (*forms(), "304")]
    rows.append(("refused, as no daemon ran", f"{counts['refused']:,}"))
    rows.append(("cut off, as it was killed", f"{counts['cut off']:,}"))
    table([*rows, ("faults", f"{len(faults):,}")])
    for fault in faults[:10]:
        print(fault)
    return faults


def configuration(origin):
    text = [CONFIG]
    for number, name in enumerate(origin.feeds):
        text.append(f'[[feed]]\nid = "{name}"\nurl = "{origin.url(number, name)}"\n')
    for output in OUTPUTS:
        select = "*" if output == "all" else f"feed:{output}"
        text.append(f'[[output]]\npath = "{output}"\nselect = "{select}"\nitems = 100\nstay = "0s"\n')
    return "".join(text)


def main(place, options):
    for form, package in (("br", "brotli"), ("zstd", "zstandard")):
        if form not in forms():
            print(f"{form} is left out: no package `{package}`")
    feeds, began = [Feed(f"f{number}", [""] * ENTRIES) for number in range(FEEDS)], time.monotonic()
    with Origin(feeds) as origin, Daemon(options.program, place / "daemon", configuration(origin)) as daemon:
        press = Press(Service(daemon), feeds, time.time() - 7200)
        for _ in range(ENTRIES):
            press.write()
        press.poll()
        press.wait()
        press.published, over, versions = 0, threading.Event(), Versions()
        readers = [Reader(press.service, versions, over, seed, seed == 0) for seed in range(READERS)]
        for reader in readers:
            reader.start()
        try:
            for number in range(options.publishes):
                press.write()
                press.poll()
                press.wait()
                if number % RESTART == RESTART - 1:
                    press.restart(number // RESTART)
                if press.published >= options.publishes or time.monotonic() - began > ROUNDS_END:
                    break
        finally:
            over.set()
            for reader in readers:
                reader.join(30)
            faults = report(press, readers, versions)
    if press.published < options.publishes:
        print(f"{options.publishes:,} publishes were not reached in time")
    return int(bool(faults) or press.published < options.publishes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--publishes", type=int, default=1000, help="of all outputs together (%(default)s)")
    chosen = parser.parse_args()
    measure(lambda place: main(place, chosen), MOST)

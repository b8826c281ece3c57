#!/usr/bin/env python3
"""What feed readers make of an output that changes: nothing that was read may become unread.

    python3 tests/readers/matrix.py target/debug/merganser

Six articles are published, and all of them are read. Then one is new; of the others the title of one is corrected,
the link of one changes, the text of one, the place of one in its feed, and the date of one. Readers are asked what is
unread now: the new one, and nothing else.

Not part of `cargo test`: it wants newsboat, sfeed (`sfeed_update`), and for this Python feedparser and reader
(lemon24) with sgmllib3k. What is missing is SKIPPED; with everything missing it ends with 77, and with 0 where
CI_MAY_SKIP is set.
"""

import functools
import http.server
import json
import os
import pathlib
import shutil
import sqlite3
import subprocess
import sys
import tempfile
import threading

CONFIG = """
[server]
public-url = "http://127.0.0.1:PORT/"
[[feed]]
id = "harbour"
url = "https://harbour.example/feed"
enabled = false
[[output]]
path = "all"
items = 50
"""

TITLES = ["Ferry sails again", "Lighthouse painted red", "Herring is dear", "Storm passes north", "Pier is mended", "Choir sings at noon"]
NEW = "Seals come to the beach"
CORRECTED = "Ferry sails again after a week"


def entry(number, **changes):
    """One of the six articles, with what is said of it otherwise."""
    title = TITLES[number]
    told = {
        "id": f"https://harbour.example/{number}",
        "url": f"https://harbour.example/{number}",
        "title": title,
        "content_html": f"<p>{title}, said the harbour master of Vestmark on day {number}, and he was not alone in saying so.</p>",
        "date_published": f"2026-11-20T0{number}:00:00Z",
    }
    return told | changes


def first():
    return [entry(number) for number in range(6)]


def second():
    changed = [
        entry(0, title=CORRECTED, date_modified="2026-11-21T09:00:00Z"),
        entry(1, url="https://harbour.example/town/lighthouse-painted-red"),
        entry(2, content_html="<p>Herring is dear, said the harbour master of Vestmark on day 2, and he was not alone in saying this.</p>"),
        entry(3),
        entry(4, date_published="2026-11-21T08:30:00Z"),
        entry(5),
    ]
    new = {
        "id": "https://harbour.example/new",
        "url": "https://harbour.example/new",
        "title": NEW,
        "content_html": "<p>Two dozen seals lie where nobody has seen any for years.</p>",
        "date_published": "2026-11-21T07:00:00Z",
    }
    # The fourth goes to the top of its feed.
    return [changed[3], new] + changed[:3] + changed[4:]


class Site:
    """What a merganser publishes, served as files."""

    def __init__(self, program, place):
        self.program, self.place = program, place
        self.www = place / "www"
        self.www.mkdir()
        serve = functools.partial(Quiet, directory=str(self.www))
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), serve)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.port = self.server.server_address[1]
        (place / "feeds.toml").write_text(CONFIG.replace("PORT", str(self.port)))

    def publish(self, entries, at):
        lines = [json.dumps({"feed": "harbour", "at": at, "entry": entry}) for entry in entries]
        (self.place / "history.jsonl").write_text("\n".join(lines) + "\n")
        for arguments in (["replay", "history.jsonl"], ["publish", "www"]):
            environment = {"STATE_DIRECTORY": str(self.place / "state")}
            subprocess.run([self.program, *arguments], cwd=self.place, env=environment, check=True, stdout=subprocess.DEVNULL)

    def url(self, form):
        return f"http://127.0.0.1:{self.port}/all.{form}"


class Quiet(http.server.SimpleHTTPRequestHandler):
    extensions_map = {".atom": "application/atom+xml", ".rss": "application/rss+xml", ".json": "application/feed+json", "": "text/html"}

    def log_message(self, *_):
        pass


class Newsboat:
    """The state of its articles is in its cache, a database, which has each id once: an entry of two feeds is in one of them."""

    name, formats, shares_ids = "newsboat", ["atom", "rss"], False

    def __init__(self, place, *urls):
        self.place = place
        place.mkdir()
        (place / "urls").write_text("".join(f"{url}\n" for url in urls))
        (place / "config").write_text("reload-threads 1\n")

    @staticmethod
    def lacks():
        return lacking_program("newsboat")

    def fetch(self):
        files = ["-C", "config", "-c", "cache.db", "-u", "urls"]
        # Without a home of its own it looks for one elsewhere.
        environment = os.environ | {"HOME": str(self.place)}
        subprocess.run(["newsboat", *files, "-x", "reload"], cwd=self.place, env=environment, check=True, stdout=subprocess.DEVNULL)

    def sql(self, text, *values):
        with sqlite3.connect(self.place / "cache.db") as cache:
            return cache.execute(text, values).fetchall()

    def read_all(self):
        self.sql("UPDATE rss_item SET unread = 0")

    def unread(self):
        return [title for (title,) in self.sql("SELECT title FROM rss_item WHERE unread = 1 AND deleted = 0")]

    def titles(self):
        return [title for (title,) in self.sql("SELECT title FROM rss_item")]

    def ids(self, url):
        return [guid for (guid,) in self.sql("SELECT guid FROM rss_item WHERE feedurl = ?", url)]


class Sfeed:
    """It knows no unread articles: what makes another line of its file is new to whoever reads that."""

    name, formats, shares_ids = "sfeed", ["atom", "rss"], True

    def __init__(self, place, *urls):
        self.place, self.urls, self.read = place, urls, set()
        place.mkdir()
        feeds = "".join(f' feed "{number}" "{url}"\n' for number, url in enumerate(urls))
        (place / "sfeedrc").write_text(f'sfeedpath="{place}/feeds"\nfeeds() {{\n{feeds}}}\n')

    @staticmethod
    def lacks():
        return lacking_program("sfeed_update")

    def fetch(self):
        subprocess.run(["sfeed_update", "sfeedrc"], cwd=self.place, check=True, capture_output=True)

    def lines(self, number=0):
        # Other line ends than these are characters of a text.
        lines = (self.place / "feeds" / str(number)).read_text().split("\n")
        return [line.split("\t") for line in lines if line]

    def read_all(self):
        self.read = {(line[5], line[1], line[2]) for line in self.lines()}

    def unread(self):
        # By what it merges lines: id, title and link. A title that was corrected and a link that changed are other
        # lines whatever we publish; that they did change is the publisher's word.
        return [line[1] for line in self.lines() if (line[5], line[1], line[2]) not in self.read and self.is_other(line)]

    def is_other(self, line):
        return line[5] not in {key[0] for key in self.read}

    def titles(self):
        return [line[1] for line in self.lines()]

    def ids(self, url):
        return [line[5] for line in self.lines(self.urls.index(url))]


class Feedparser:
    """A parser: an id that was not there is an article that is new."""

    name, formats, shares_ids = "feedparser", ["atom", "rss"], True

    def __init__(self, place, *urls):
        self.urls, self.read, self.found = urls, set(), {}

    @staticmethod
    def lacks():
        return lacking_module("feedparser")

    def fetch(self):
        import feedparser

        for url in self.urls:
            found = feedparser.parse(url)
            if found.bozo:
                raise RuntimeError(f"{url}: {found.bozo_exception}")
            self.found[url] = found.entries

    def entries(self):
        return [entry for entries in self.found.values() for entry in entries]

    def read_all(self):
        self.read = {entry.id for entry in self.entries()}

    def unread(self):
        return [entry.title for entry in self.entries() if entry.id not in self.read]

    def titles(self):
        return [entry.title for entry in self.entries()]

    def ids(self, url):
        return [entry.id for entry in self.found[url]]


class Reader:
    """lemon24/reader."""

    name, formats, shares_ids = "reader", ["atom", "rss", "json"], True

    def __init__(self, place, *urls):
        import reader

        place.mkdir()
        self.urls = urls
        self.reader = reader.make_reader(str(place / "reader.db"))
        for url in urls:
            self.reader.add_feed(url)

    @staticmethod
    def lacks():
        # Its parser is imported at the first feed, and wants a module that Python has no more (sgmllib3k brings it).
        return lacking_module("reader", "sgmllib")

    def fetch(self):
        for url in self.urls:
            self.reader.update_feed(url)

    def read_all(self):
        for entry in list(self.reader.get_entries()):
            self.reader.mark_entry_as_read(entry)

    def unread(self):
        return [entry.title for entry in self.reader.get_entries(read=False)]

    def titles(self):
        return [entry.title for entry in self.reader.get_entries()]

    def ids(self, url):
        return [entry.id for entry in self.reader.get_entries(feed=url)]


def lacking_program(name):
    return None if shutil.which(name) else f"there is no {name}"


def lacking_module(*names):
    for name in names:
        try:
            __import__(name)
        except ImportError as error:
            return str(error)
    return None


def there():
    """The readers that are on this machine."""
    kinds = []
    for kind in (Newsboat, Sfeed, Feedparser, Reader):
        lack = kind.lacks()
        if lack is None:
            kinds.append(kind)
        else:
            print(f"\n!!! SKIPPED: {kind.name}: {lack}\n", file=sys.stderr)
    return kinds


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    program = pathlib.Path(sys.argv[1]).resolve()
    kinds = there()
    if not kinds:
        sys.exit(0 if os.environ.get("CI_MAY_SKIP") else 77)
    with tempfile.TemporaryDirectory() as directory:
        sys.exit(run(program, pathlib.Path(directory), kinds))


def run(program, place, kinds):
    site = Site(program, place)
    site.publish(first(), "2026-11-20T10:00:00Z")
    readers = [(kind(place / f"{kind.name}-{form}", site.url(form)), form) for kind in kinds for form in kind.formats]
    for reader, form in readers:
        reader.fetch()
        found = sorted(reader.titles())
        if found != sorted(TITLES):
            print(f"FAILED: {reader.name} reads {found} in {form}")
            return 1
        reader.read_all()
    site.publish(second(), "2026-11-21T10:00:00Z")
    faults = 0
    for reader, form in readers:
        reader.fetch()
        unread = reader.unread()
        is_right = unread == [NEW] and CORRECTED in reader.titles()
        faults += not is_right
        print(f"{'ok' if is_right else 'FAILED'}: {reader.name} {form}: unread {unread}")
    return 1 if faults else 0


if __name__ == "__main__":
    main()

#!/usr/bin/env python3
"""What others say of our documents: the W3C feed validator at level AA (U1), the published schema of JSON Feed (U14), and feed
readers.

    FEEDVALIDATOR=folder tests/validator/run.py target/debug/merganser [documents]

The documents of tests/corpus, those anywhere in the folder `documents` and the reports of tests/stories are served on
the loopback, each as a feed, and a daemon polls them. It publishes an output for each document, and some of everything: of articles, of stories, so short that
there is an archive, with a hub, and with tombstones, for which an entry is edited out of a topic; and a feed of its
health, since a file is in the way of publish-dir. Each of their documents in Atom and RSS, those of archives too, and
both lists in OPML pass the validator without an event but those that U1 excepts, and each JSON document the schema. Each
reader of tests/readers finds in each document the entries that its JSON has, by their ids. A document that was spoilt is
told as such, or else nothing is proven.

Not part of `cargo test`: it wants, for this Python,
- a checkout of w3c/feedvalidator, of which $FEEDVALIDATOR is the folder, with html5lib and rdflib;
- jsonschema, and the package jsonfeed-schema of npm, in a folder of $NODE_PATH or where `npm install --global` puts it.
What is missing is SKIPPED, readers too. Where both of these are, it ends with 77, and with 0 where CI_MAY_SKIP is set.
"""

import concurrent.futures
import hashlib
import http.server
import json
import multiprocessing
import os
import pathlib
import re
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

TESTS = pathlib.Path(__file__).resolve().parent.parent
EXPECTED = ".expected.json"

# Within so many seconds each wait is over. On two cores all of them take ten, and the validator as long again.
PATIENCE = 60

HEAD = """
[server]
listen = "127.0.0.1:PORT"
public-url = "http://127.0.0.1:PORT/"
title = "Validated"
language = "en"
icon = "ORIGIN/icon.png"
logo = "ORIGIN/logo.png"
publish-dir = "PLACE/www"

[storage]
retention = "3650d"

[fetch]
allow-networks = ["127.0.0.0/8"]
host-gap = "0s"

[defaults]
first-poll-entries = 2000

[[topic]]
name = "harbours"
query = "harbour*"

[[output]]
path = "all"
items = 5000
hub = "ORIGIN/hub"

[[output]]
path = "short"
items = 1
stay = "1s"

[[output]]
path = "stories"
unit = "story"
hub = "ORIGIN/hub"

[[output]]
path = "short-stories"
unit = "story"
items = 1
stay = "1s"

[[output]]
path = "harbours"
select = "topic:harbours"
tombstones = true

[[feed]]
id = "edited"
url = "ORIGIN/edited"
"""

FEED = """
[[feed]]
id = "ID"
url = "ORIGIN/ID"
"""

OUTPUT = """
[[output]]
path = "ID"
select = "feed:ID"
"""

TOMBSTONES = "http://purl.org/atompub/tombstones/1.0"


class Origin:
    """Serves documents by their names: bytes and media type."""

    def __init__(self):
        self.documents = {}
        documents = self.documents

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_):
                pass

            def reply(self, status, kind, body):
                self.send_response(status)
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def do_GET(self):
                body, kind = documents.get(self.path.removeprefix("/"), (None, None))
                if body is None:
                    self.reply(404, "text/plain", b"there is no such document")
                else:
                    self.reply(200, kind, body)

            def do_POST(self):
                # the hub
                self.rfile.read(int(self.headers.get("Content-Length", 0)))
                self.reply(202, "text/plain", b"")

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}"

    def serve_json(self, name, title, entries):
        document = {"version": "https://jsonfeed.org/version/1.1", "title": title, "items": entries}
        self.documents[name] = (json.dumps(document).encode(), "application/feed+json")


def serve_documents(origin, folder):
    """Has the documents of a folder served; returns the names that their feeds may have."""
    names = []
    for path in sorted(folder.rglob("*")):
        if path.name.endswith(EXPECTED) or not path.is_file():
            continue
        name = re.sub("[^a-z0-9]+", "-", path.relative_to(folder).with_suffix("").as_posix().lower()).strip("-")
        if name in origin.documents:
            name = f"{name}-{len(names)}"
        kind = {".json": "application/feed+json", ".html": "text/html"}.get(path.suffix, "application/xml")
        _, has_charset, charset = path.stem.partition("@")
        origin.documents[name] = (path.read_bytes(), f"{kind}; charset={charset}" if has_charset else kind)
        names.append(name)
    return names


def serve_stories(origin):
    """Has the outlets served that report the visit of tests/stories; returns their names."""
    outlets = {}
    for line in (TESTS / "stories" / "visit.jsonl").read_text().splitlines():
        report = json.loads(line)
        url = f"https://{report['feed']}.example/{hashlib.sha256(report['title'].encode()).hexdigest()}"
        told = {"id": url, "url": url, "title": report["title"], "content_text": report["summary"], "date_published": report["at"]}
        outlets.setdefault(report["feed"], []).append(told)
    for outlet, entries in outlets.items():
        origin.serve_json(outlet, outlet, entries)
    return list(outlets)


def serve_edited(origin, title):
    entries = [
        {"id": "urn:edited:1", "title": title, "content_text": "It opens at noon.", "date_published": "2026-11-20T08:00:00Z"},
        {"id": "urn:edited:2", "title": "Harbour stays", "content_text": "It opens at one.", "date_published": "2026-11-20T09:00:00Z"},
    ]
    origin.serve_json("edited", "Edited", entries)


def get(url):
    # within the limit that the validator has itself
    with urllib.request.urlopen(url, timeout=10) as response:
        return response.read().decode()


def before(text):
    """The address of the document of the archive that an Atom, RSS or JSON document leads back to."""
    if text.startswith("{"):
        return json.loads(text).get("next_url")
    link = re.search('<(?:atom:)?link [^>]*rel="prev-archive"[^>]*>', text)
    return link and re.search('href="([^"]+)"', link[0])[1].replace("&amp;", "&")


def walk(url):
    """An output and its archive: addresses, the oldest last."""
    found = []
    while url:
        if url in found:
            sys.exit(f"FAILED: the archive leads from {found[-1]} back to {url}")
        found.append(url)
        url = before(get(url))
    return found


def walks(daemon, path):
    """An output and its archive in each format, once there are as many documents in each: archives are made a few at a time."""
    found = {}

    def is_whole():
        found.update((form, walk(f"{daemon.url}{path}.{form}")) for form in ("atom", "rss", "json"))
        return len(set(map(len, found.values()))) == 1

    daemon.wait(f"the archive of {path} is whole", is_whole)
    return found


def ids(url):
    """The ids of the entries of a JSON output and of its archive: what makes it too heavy is in that alone."""
    return {entry["id"] for document in walk(url) for entry in json.loads(get(document))["items"]}


class Daemon:
    def __init__(self, program, place, config, port):
        (place / "feeds.toml").write_text(config.replace("PLACE", str(place)).replace("PORT", str(port)))
        # A file of others in the way of ours is worth an entry of /status/health.atom.
        (place / "www").mkdir()
        (place / "www" / "all.atom").write_text("not ours")
        self.place, self.program, self.url = place, program, f"http://127.0.0.1:{port}/"
        self.log = (place / "log").open("w+")
        self.process = subprocess.Popen([program, "run", *self.where()], stderr=self.log, stdin=subprocess.DEVNULL)

    def where(self):
        return ["--config", self.place / "feeds.toml", "--state", self.place / "state"]

    def poll(self, feed):
        subprocess.run([self.program, "poll", *self.where(), feed], check=True, stdout=subprocess.DEVNULL)

    def wait(self, what, holds):
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self.process.poll() is not None:
                break
            try:
                if holds():
                    return
            except OSError:
                pass  # it does not listen yet, or has no such output yet
            time.sleep(0.1)
        self.log.seek(0)
        sys.exit(f"{self.log.read()[-5000:]}\nFAILED: {what} within {PATIENCE} s")

    def end(self):
        self.process.terminate()
        try:
            self.process.wait(PATIENCE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            sys.exit(f"FAILED: the daemon does not stop within {PATIENCE} s")


def status(daemon):
    return json.loads(get(daemon.url + "status.json"))


def has_polled_all(daemon):
    return all(feed["last_success_at"] or feed["last_error"] or feed["in_doubt"] for feed in status(daemon)["feeds"])


def publish_all(daemon, origin):
    """Waits until everything is polled and published, and there is a document of every kind."""
    daemon.wait("each feed is polled", lambda: has_polled_all(daemon))
    daemon.wait("each article is published", lambda: len(ids(daemon.url + "all.json")) == status(daemon)["articles"])
    daemon.wait("there are archives", lambda: before(get(daemon.url + "short.rss")) and before(get(daemon.url + "short-stories.atom")))
    daemon.wait("operators are told of the files", lambda: "<entry" in get(daemon.url + "status/health.atom"))
    daemon.wait("there is a story", lambda: 'rel="related"' in get(daemon.url + "stories.atom"))
    daemon.wait("a topic has its entries", lambda: "Harbour opens" in get(daemon.url + "harbours.atom"))
    serve_edited(origin, "Market opens")
    daemon.poll("edited")
    daemon.wait("there is a tombstone", lambda: "at:deleted-entry" in get(daemon.url + "harbours.atom"))


def validator_lacks():
    """Has the feed validator imported; returns why it cannot be."""
    folder = os.environ.get("FEEDVALIDATOR")
    if not folder:
        return "FEEDVALIDATOR does not name a checkout of w3c/feedvalidator"
    sys.path.insert(0, str(pathlib.Path(folder) / "src"))
    try:
        import feedvalidator  # noqa: F401
        # of which it imports them only when a document wants them
        import html5lib  # noqa: F401
        import rdflib  # noqa: F401
    except ImportError as error:
        return str(error)
    return None


def events(url):
    """The events that the validator has for a document, each as its kind and what it says of it."""
    lack = validator_lacks()
    if lack:
        raise RuntimeError(lack)
    import feedvalidator
    from feedvalidator import compatibility

    try:
        found = feedvalidator.validateURL(url, firstOccurrenceOnly=1)["loggedEvents"]
    except feedvalidator.logging.ValidationFailure as failure:
        found = [failure.event]
    return [(event.__class__.__name__, dict(event.params)) for event in compatibility.AA(found)]


def is_excepted(kind, parameters, text):
    """Whether an event of a document is none for us: U1 excepts it, or it takes the "&T" of a title in OPML for HTML, where
    who reads the list takes it for what it is."""
    if kind == "NotHtml" and "<opml " in text:
        return parameters.get("element") in ("text", "title") and parameters.get("value", "").startswith("Named entity")
    if kind == "UnknownNamespace":
        return parameters.get("namespace") == TOMBSTONES and "at:deleted-entry" in text
    return kind == "DuplicateUpdated" or (kind == "ArchiveIncomplete" and not before(text))


def validate(urls, spoilt):
    """Has the validator read all of them; returns what is wrong, a line each."""
    lacks = [told.get("element") for kind, told in events(spoilt) if kind == "MissingElement"]
    faults = [] if "id" in lacks else ["the validator does not miss the ids of a document without"]
    # Processes made anew: one that is a copy of this one would have the threads of the origin and its sockets.
    method = multiprocessing.get_context("spawn")
    with concurrent.futures.ProcessPoolExecutor(os.cpu_count(), method) as workers:
        for url, found in zip(urls, workers.map(events, urls, chunksize=4)):
            text = get(url) if found else ""
            faults += [f"{url}: {kind} {told}" for kind, told in found if not is_excepted(kind, told, text)]
    return faults


def schema():
    """The schema of JSON Feed with what checks it, or why there is none."""
    folders = [folder for folder in os.environ.get("NODE_PATH", "").split(os.pathsep) if folder]
    try:
        import jsonschema

        folders.append(subprocess.run(["npm", "root", "--global"], capture_output=True, text=True, check=True).stdout.strip())
    except ImportError as error:
        return None, str(error)
    except (OSError, subprocess.CalledProcessError):
        pass  # no npm: it may lie in one of the folders all the same
    for folder in folders:
        path = pathlib.Path(folder) / "jsonfeed-schema" / "schema-v1.1.json"
        if path.is_file():
            told = json.loads(path.read_text())
            kind = jsonschema.validators.validator_for(told)
            return kind(told, format_checker=kind.FORMAT_CHECKER), None
    return None, "there is no jsonfeed-schema in NODE_PATH or where npm has global packages"


def compare(urls, checker):
    """Compares documents with the schema; returns what is wrong, a line each."""
    spoilt = json.loads(get(urls[0]))
    del spoilt["version"]
    faults = [f"{url}: {error.json_path}: {error.message[:200]}" for url in urls for error in checker.iter_errors(json.loads(get(url)))]
    return faults + ([] if list(checker.iter_errors(spoilt)) else ["the schema takes a document without a version"])


def read(urls, place):
    """Has all readers read all documents; returns what is wrong, a line each."""
    # Nothing is left beside the sources.
    sys.dont_write_bytecode = True
    sys.path.append(str(TESTS / "readers"))
    import matrix

    published = [sorted(entry["id"] for entry in json.loads(get(url))["items"]) for url in urls["json"]]
    faults = []
    for kind in matrix.there():
        pairs = [pair for form in kind.formats for pair in zip(urls[form], published, strict=True)]
        groups = [pairs] if kind.shares_ids else [[pair] for pair in pairs]
        for number, group in enumerate(groups):
            reader = kind(place / f"{kind.name}-{number}", *(url for url, _ in group))
            reader.fetch()
            for url, expected in group:
                found = sorted(reader.ids(url))
                if found != expected:
                    lost, more = sorted(set(expected) - set(found)), sorted(set(found) - set(expected))
                    faults.append(f"{kind.name} has {len(found)} of {len(expected)} entries of {url}; it lacks {lost[:3]}, and has {more[:3]}")
        print(f"{len(pairs)} documents were read by {kind.name}")
    return faults


def skipped(what):
    print(f"\n!!! SKIPPED: {what}\n", file=sys.stderr)


def main():
    if len(sys.argv) not in (2, 3):
        sys.exit(__doc__)
    folders = [TESTS / "corpus", *map(pathlib.Path, sys.argv[2:])]
    lack = validator_lacks()
    if lack:
        skipped(f"the feed validator: {lack}")
    checker, lacks = schema()
    if lacks:
        skipped(f"the schema of JSON Feed: {lacks}")
    if lack and lacks:
        sys.exit(0 if os.environ.get("CI_MAY_SKIP") else 77)
    program = pathlib.Path(sys.argv[1]).resolve()
    with tempfile.TemporaryDirectory() as directory:
        sys.exit(run(program, folders, pathlib.Path(directory), None if lack else validate, checker))


def free_port():
    # The program is to know its own address, so it cannot take any that is free.
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def run(program, folders, place, validate, checker):
    origin, port = Origin(), free_port()
    names = [name for folder in folders for name in serve_documents(origin, folder)]
    config = HEAD + "".join((FEED + OUTPUT).replace("ID", name) for name in names)
    config += "".join(FEED.replace("ID", outlet) for outlet in serve_stories(origin))
    serve_edited(origin, "Harbour opens")
    daemon = Daemon(program, place, config.replace("ORIGIN", origin.url), port)
    try:
        publish_all(daemon, origin)
        paths = ["all", "short", "stories", "short-stories", "harbours", "status/health", *names]
        urls = {form: [] for form in ("atom", "rss", "json")}
        for path in paths:
            for form, found in walks(daemon, path).items():
                urls[form] += found
        faults = []
        if validate:
            text = re.sub("<id>.*?</id>", "", get(daemon.url + "all.atom"))
            origin.documents["spoilt"] = (text.encode(), "application/atom+xml; charset=utf-8")
            lists = [daemon.url + "feeds.opml", daemon.url + "sources.opml"]
            faults += validate(urls["atom"] + urls["rss"] + lists, f"{origin.url}/spoilt")
            print(f"{len(urls['atom'])} documents of Atom, {len(urls['rss'])} of RSS and {len(lists)} of OPML were read by the validator")
        if checker:
            faults += compare(urls["json"], checker)
            print(f"{len(urls['json'])} documents of JSON Feed were compared with its schema")
        faults += read(urls, place)
    finally:
        daemon.end()
    for fault in faults:
        print(f"FAILED: {fault}")
    return 1 if faults else 0


if __name__ == "__main__":
    main()

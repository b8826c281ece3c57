"""What the measurements by hand have in common: a daemon, the sites that it polls and their texts, all on loopback.

Linux alone: what a process costs is read from /proc, and every address of 127.0.0.0/8 is this machine's.
"""

import asyncio
import contextlib
import email.utils
import hashlib
import http.client
import os
import pathlib
import random
import resource
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time

# Below those that the kernel gives to clients, so that none of these takes one between our look and its use.
PORTS = range(9600, 9700)
UNTAKEN = iter(PORTS)

# How long a daemon may take to start or to stop: a start renders everything.
PATIENCE = 60

# How often a condition is looked at that is waited for.
LOOK = 0.02

# Words of a language in which the second half is as common as the first, and so on; and how many of them a title
# has, an event in each of its reports, and a text: some 1,500 bytes, as a report has.
WORDS = 20_000
TITLE, EVENT, TEXT = 6, 8, 220
SYLLABLES = "ka lo mir ten su ra vel do pin gar so li ban te ku rom sha ne fi tor ma ze wol ri ja pet con dra".split()

# Words that stand in one event's reports alone have numbers from here on.
RARE = 1_000_000


class Failure(Exception):
    """What is not there, or did not come in time."""


class Daemon:
    """A merganser in a directory of its own, which ends with the `with` that it stands in."""

    def __init__(self, program, place, config):
        self.program, self.place, self.process = str(pathlib.Path(program).resolve()), place, None
        self.port = free_port()
        place.mkdir()
        server = f'[server]\nlisten = "127.0.0.1:{self.port}"\n'
        (place / "feeds.toml").write_text(server + config)

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop(signal.SIGTERM)

    def start(self):
        """Starts it, and returns when it answers."""
        with open(self.place / "log", "ab") as log:
            self.process = subprocess.Popen(self.command("run"), env=bare(), stdout=log, stderr=log)
        wait("the daemon answers", self.is_up, PATIENCE)

    def stop(self, sign):
        """Sends it a signal that ends it, and returns when it has."""
        end(self.process, sign)

    def is_up(self):
        if self.process.poll() is not None:
            lines = (self.place / "log").read_text().splitlines()
            raise Failure(f"the daemon ended with {self.process.returncode}: " + " / ".join(lines[-3:]))
        with contextlib.suppress(OSError, http.client.HTTPException):
            return self.get("/healthz")[0] in (200, 503)
        return False

    def command(self, *arguments):
        where = ["--config", str(self.place / "feeds.toml"), "--state", str(self.place / "state")]
        return [self.program, *arguments, *where]

    def run(self, *arguments):
        """Runs a command beside it, and returns its exit code."""
        done = subprocess.run(self.command(*arguments), env=bare(), timeout=PATIENCE, capture_output=True)
        return done.returncode

    def get(self, path, **fields):
        return get(self.port, path, **fields)


class Feed:
    """An RSS document that grows: its newest entries, never more than it began with."""

    def __init__(self, name, entries):
        self.name, self.entries, self.length, self.told = name, list(entries), len(entries), None

    def add(self, entry):
        self.entries = [entry, *self.entries][: self.length]
        self.told = None

    def document(self):
        """Returns its bytes and its tag."""
        told = self.told
        if told is None:
            head = f"<title>Paper {self.name}</title><link>https://paper-{self.name}.example/</link>"
            head += "<description>news</description>" + "".join(self.entries)
            text = f'<?xml version="1.0"?><rss version="2.0"><channel>{head}</channel></rss>'
            body = text.encode()
            told = self.told = (body, f'"{hashlib.sha256(body).hexdigest()[:16]}"')
        return told


class Origin:
    """The sites of some feeds: `/NAME` is the document of a feed, whatever address of this machine was asked.

    `polled` is called with the name before each answer; `polls` counts them. The sites would be on machines of their
    own, so they leave the processors to whoever wants them.
    """

    def __init__(self, feeds, hosts=("127.0.0.1",), polled=lambda name: None):
        self.feeds = {feed.name: feed for feed in feeds}
        self.polls, self.polled, self.port = 0, polled, free_port()
        self.hosts, self.loop = hosts, asyncio.new_event_loop()
        self.thread = threading.Thread(target=self.run, daemon=True)

    def __enter__(self):
        self.thread.start()
        sockets = [listener(host, self.port) for host in self.hosts]
        for opened in sockets:
            serving = self.loop.create_server(lambda: Asked(self), sock=opened)
            asyncio.run_coroutine_threadsafe(serving, self.loop).result(PATIENCE)
        return self

    def __exit__(self, *_):
        self.loop.call_soon_threadsafe(self.loop.stop)
        self.thread.join(PATIENCE)

    def run(self):
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 19)
        self.loop.run_forever()

    def url(self, number, name):
        return f"http://{self.hosts[number % len(self.hosts)]}:{self.port}/{name}"

    def answer(self, head):
        name = head.split(" ", 2)[1].lstrip("/")
        self.polls += 1
        self.polled(name)
        body, tag = self.feeds[name].document()
        fields = f"ETag: {tag}\r\nContent-Type: application/rss+xml\r\n"
        if tag in head:
            return f"HTTP/1.1 304 Not Modified\r\n{fields}\r\n".encode()
        return f"HTTP/1.1 200 OK\r\n{fields}Content-Length: {len(body)}\r\n\r\n".encode() + body


class Asked(asyncio.Protocol):
    """A connection to an origin: requests without bodies, one after the other."""

    def __init__(self, origin):
        self.origin, self.rest, self.transport = origin, b"", None

    def connection_made(self, transport):
        self.transport = transport

    def data_received(self, data):
        *heads, self.rest = (self.rest + data).split(b"\r\n\r\n")
        for head in heads:
            self.transport.write(self.origin.answer(head.decode("latin-1")))


class Writer:
    """Writes entries, the same ones each time."""

    def __init__(self, seed=0x51C377A9):
        self.random = random.Random(seed)
        self.words = [word(number) for number in range(WORDS)]

    def text(self, length):
        doublings = WORDS.bit_length() - 1
        ranks = ((2 << self.random.randrange(doublings)) for _ in range(length))
        return " ".join(self.words[min(rank // 2 + self.random.randrange(rank // 2), WORDS) - 1] for rank in ranks)

    def entry(self, feed, number, event, at, mark=""):
        """Returns an entry of a feed, dated `at` (of `time.time`), which reports an event; `mark` is a word of its title."""
        own = " ".join(word(RARE + event * EVENT + nth) for nth in range(EVENT))
        link = f"https://paper-{feed}.example/{number}"
        return (
            f"<item><title>{own} {self.text(TITLE)} {mark}</title><link>{link}</link><guid>{link}</guid>"
            f"<pubDate>{email.utils.formatdate(at, usegmt=True)}</pubDate>"
            f"<description>&lt;p&gt;{own} {self.text(TEXT)}&lt;/p&gt;</description></item>"
        )


def word(number):
    """Makes the word of a number out of syllables."""
    made, rest = "", number + len(SYLLABLES)
    while rest:
        rest, syllable = divmod(rest, len(SYLLABLES))
        made += SYLLABLES[syllable]
    return made


def hosts(number):
    """Returns so many addresses of this machine: a daemon asks each of them by itself."""
    return [f"127.1.{at // 250}.{at % 250 + 1}" for at in range(number)]


def get(port, path, **fields):
    """Asks for a path once. Returns status, fields and body; `accept_encoding="gzip"` sends `Accept-Encoding: gzip`."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
    with contextlib.closing(connection):
        connection.request("GET", path, headers={name.replace("_", "-"): value for name, value in fields.items()})
        response = connection.getresponse()
        return response.status, response.headers, response.read()


def free_port():
    """Returns a port that nobody listens at, whatever the address; another one each time."""
    for port in UNTAKEN:
        with contextlib.suppress(OSError), socket.socket() as tried:
            tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            tried.bind(("", port))
            return port
    raise Failure(f"no port is free from {PORTS.start} to {PORTS.stop - 1}")


def listener(host, port):
    opened = socket.socket()
    opened.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        opened.bind((host, port))
        opened.listen(512)
    except OSError:
        opened.close()
        raise
    return opened


def wait(what, condition, seconds):
    """Returns the first true value of a condition; fails when there is none in time."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        found = condition()
        if found:
            return found
        time.sleep(LOOK)
    raise Failure(f"{what}: not within {seconds} s")


def end(process, sign=signal.SIGTERM):
    """Ends a process that we started, by force where it does not heed the signal."""
    if process is None or process.poll() is not None:
        return
    process.send_signal(sign)
    try:
        process.wait(PATIENCE)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait(PATIENCE)
        raise Failure(f"process {process.pid} did not end on {sign.name}") from None


def bare():
    """An environment that tells a daemon nothing."""
    return {"PATH": os.environ.get("PATH", ""), "HOME": "/nonexistent"}


def cpu_seconds(pid):
    """Returns what a process and its children that live have had of the processors."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    own = (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    children = pathlib.Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
    return own + sum(cpu_seconds(child) for child in children)


def table(rows):
    """Prints rows with their columns aligned: the first to the left, the others to the right."""
    widths = [max(len(row[at]) for row in rows) for at in range(len(rows[0]))]
    for row in rows:
        first, *others = (cell.rjust(width) for cell, width in zip(row, widths))
        print("  ".join([row[0].ljust(len(first)), *others]).rstrip())
    print(flush=True)


def lacking(*programs):
    """Returns those programs that are not to be had."""
    return [program for program in programs if shutil.which(program) is None]


def measure(main, seconds):
    """Runs a measurement in a directory that is removed, for so many seconds at the most, and ends the process."""

    def stop(sign, _):
        raise Failure("stopped" if sign == signal.SIGTERM else f"not done within {seconds} s")

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGALRM, stop)
    signal.alarm(seconds)
    most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    try:
        with tempfile.TemporaryDirectory(prefix="merganser-") as place:
            print(f"load before, which is noise to what follows: {os.getloadavg()[0]:.1f} of {os.cpu_count()} cores")
            code = main(pathlib.Path(place))
            print(f"load at the end, ours included: {os.getloadavg()[0]:.1f}")
            sys.exit(code)
    except Failure as failure:
        sys.exit(f"failed: {failure}")

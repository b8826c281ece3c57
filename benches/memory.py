#!/usr/bin/env python3
"""What outputs cost a daemon of memory that is its own.

    python3 benches/memory.py target/release/merganser

200 feeds are polled, and each is a topic and an output of 100 entries, half of which are reports of events that the
next one has, too. Measured is the anonymous memory that is resident (`RssAnon`) a minute after the first polls are
published, above that of a daemon with the same feeds and one output that is empty: with Atom alone, and with all three
formats, one daemon after the other. Ends with 1 where a mark is missed. Takes some four minutes, at the most 25.
"""

import argparse
import json
import pathlib
import time

from loopback import Daemon, Feed, Origin, Writer, hosts, measure, table, wait

OUTPUTS, ENTRIES = 200, 100

# What all of them may cost at the most, in MB.
MARKS = {"atom": 64, "atom rss json": 200}

# How long after the first polls are published: allocators give back what they had for these, and slow compressions end.
SETTLED = 60

# A machine that does other things beside it takes minutes for 20,000 entries.
PUBLISHED = 400

MINUTES = 25

CONFIG = """
[fetch]
allow-networks = ["127.0.0.0/8"]
host-gap = "0s"
[defaults]
first-poll-entries = 1000
"""


def feeds():
    """Makes the feeds: entries some minutes apart, marked as those of their topic."""
    writer, now = Writer(), time.time()
    for number in range(OUTPUTS):
        name, mark, first = f"f{number}", f"mark{number}", number * ENTRIES // 2
        yield Feed(name, [writer.entry(name, nth, first + nth, now - 420 * nth, mark) for nth in range(ENTRIES)])


def configuration(origin, formats):
    """Returns the feeds, and an output for each of them; without formats, one that is empty."""
    text = [CONFIG]
    for number, name in enumerate(origin.feeds):
        text.append(f'[[feed]]\nid = "{name}"\nurl = "{origin.url(number, name)}"\n')
        if formats:
            text.append(f'[[topic]]\nname = "t{number}"\nquery = "mark{number}"\n')
            text.append(f'[[output]]\npath = "t{number}"\nselect = "topic:t{number}"\nformats = {formats.split()}\n')
    if not formats:
        text.append('[[topic]]\nname = "none"\nquery = "markless"\n')
        text.append('[[output]]\npath = "none"\nselect = "topic:none"\nformats = ["atom"]\n')
    return "".join(text)


def resident(process):
    """Returns the anonymous memory of a process that is resident, in MB."""
    status = pathlib.Path(f"/proc/{process.pid}/status").read_text()
    return int(status.partition("RssAnon:")[2].split()[0]) * 1024 / 1e6


def stored(daemon):
    """Returns the number of feeds that were polled, and whose entries are stored."""
    return json.loads(daemon.get("/status.json")[2])["feeds_by_state"]["ok"]


def run(program, place, origin, formats):
    """Runs a daemon until it has settled. Returns its memory, and how many seconds its outputs took to be whole."""
    began = time.monotonic()
    with Daemon(program, place, configuration(origin, formats)) as daemon:
        wait("what all feeds have is stored", lambda: stored(daemon) == OUTPUTS, PUBLISHED)
        for number in range(OUTPUTS if formats else 0):
            path = f"/t{number}.atom"
            wait(f"{path} is whole", lambda: daemon.get(path)[2].count(b"<entry>") == ENTRIES, PUBLISHED)
        took = time.monotonic() - began
        time.sleep(SETTLED)
        return resident(daemon.process), took


def main(program, place):
    rows, missed = [("formats", "RssAnon MB", "above empty MB", "mark MB", "whole after s")], False
    with Origin(feeds(), hosts(OUTPUTS)) as origin:
        empty, took = run(program, place / "empty", origin, "")
        rows.append(("one empty output", f"{empty:.1f}", "", "", f"{took:.0f}"))
        for formats, mark in MARKS.items():
            memory, took = run(program, place / formats.replace(" ", "-"), origin, formats)
            missed |= memory - empty > mark
            rows.append((formats, f"{memory:.1f}", f"{memory - empty:.1f}", str(mark), f"{took:.0f}"))
    print(f"{OUTPUTS} outputs of {ENTRIES} entries, {SETTLED} s after the first polls were published:")
    table(rows)
    return int(missed)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    arguments = parser.parse_args()
    measure(lambda place: main(arguments.program, place), 60 * MINUTES)

#!/usr/bin/env python3
"""The configurations of nginx and Caddy in our documents are what these programs take.

    tests/proxies/run.py

Each block of README.md and docs/*.md that is marked nginx or caddyfile is read out of its page and judged by
`nginx -t` or `caddy validate`. Lines that belong into a `server` get one around them, and what they name, a log
format, is taken from the block of the page that has it. Certificates, directories and ports are of this run. A block
that was spoilt is refused, or else nothing is proven.

It wants nginx with openssl, and caddy. What is missing is SKIPPED; with both missing it ends with 77, and with 0 where
CI_MAY_SKIP is set.
"""

import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


def blocks(kind):
    """The blocks of a kind: page and line, and text."""
    for page in [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]:
        text = page.read_text()
        for found in re.finditer(rf"^```{kind}\n(.*?)^```$", text, re.M | re.S):
            line = text.count("\n", 0, found.start()) + 1
            yield page, f"{page.relative_to(ROOT)}:{line}", found[1]


class Nginx:
    kind = "nginx"
    spoilt = "location / { proxy_path http://127.0.0.1:8420; }"

    @staticmethod
    def lacks():
        # root has it, others have it not in their PATH
        path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/sbin", "/sbin"])
        Nginx.program = shutil.which("nginx", path=path)
        return [name for name, found in (("nginx", Nginx.program), ("openssl", shutil.which("openssl"))) if not found]

    def __init__(self, place):
        self.place = place
        for folder in ("etc/ssl/private", "var/cache/nginx", "var/log/nginx", "srv/feeds"):
            (place / folder).mkdir(parents=True)
        key, certificate = place / "etc/ssl/private/feeds.key", place / "etc/ssl/feeds.pem"
        make = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", "/CN=feeds.example.org"]
        subprocess.run([*make, "-keyout", key, "-out", certificate], check=True, capture_output=True)

    def judge(self, page, text):
        if "server {" not in text:
            log_format = re.search("^log_format .*$", page.read_text(), re.M)
            text = f"{log_format[0] if log_format else ''}\nserver {{\n{text}}}\n"
        # a socket of its own takes no port from anybody
        text = re.sub("listen 443", f"listen unix:{self.place}/socket", text)
        if "listen " not in text:
            text = text.replace("server {", f"server {{\nlisten unix:{self.place}/socket;", 1)
        text = re.sub(r"(?<=[ \"])/(etc|var|srv)/", rf"{self.place}/\1/", text)
        # what it writes while it looks at a configuration
        paths = [f"{name}_temp_path {self.place}/temporary;" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")]
        own = f"pid {self.place}/pid;\nerror_log stderr;\nevents {{}}\nhttp {{\naccess_log off;\n{' '.join(paths)}\n{text}}}\n"
        (self.place / "nginx.conf").write_text(own)
        return subprocess.run([self.program, "-t", "-c", self.place / "nginx.conf"], capture_output=True, text=True)


class Caddy:
    kind = "caddyfile"
    spoilt = "feeds.example.org {\n    reverse_proxi 127.0.0.1:8420\n}\n"

    @staticmethod
    def lacks():
        return [] if shutil.which("caddy") else ["caddy"]

    def __init__(self, place):
        self.place = place

    def judge(self, _, text):
        (self.place / "Caddyfile").write_text(text)
        environment = os.environ | {"HOME": str(self.place), "XDG_DATA_HOME": str(self.place), "XDG_CONFIG_HOME": str(self.place)}
        command = ["caddy", "validate", "--adapter", "caddyfile", "--config", "Caddyfile"]
        return subprocess.run(command, cwd=self.place, env=environment, capture_output=True, text=True)


def faults_of(proxy):
    found = list(blocks(proxy.kind))
    if not found:
        return [f"no page has a block marked {proxy.kind}"]
    faults = []
    for page, place, text in found:
        done = proxy.judge(page, text)
        # nginx takes some lines, and says that it does not like them
        is_right = done.returncode == 0 and "[warn]" not in done.stderr
        print(f"{'ok' if is_right else 'FAILED'}: {place}: {proxy.kind}")
        faults += [] if is_right else [f"{place}: {done.stderr.strip()}"]
    if proxy.judge(found[0][0], proxy.spoilt).returncode == 0:
        faults.append(f"a block of {proxy.kind} with a slip is taken")
    return faults


def main():
    if len(sys.argv) != 1:
        sys.exit(__doc__)
    faults, is_tried = [], False
    for kind in (Nginx, Caddy):
        lack = kind.lacks()
        if lack:
            print(f"\n!!! SKIPPED: tests/proxies: there is no {' and no '.join(lack)}\n", file=sys.stderr)
            continue
        is_tried = True
        with tempfile.TemporaryDirectory() as directory:
            faults += faults_of(kind(pathlib.Path(directory)))
    for fault in faults:
        print(f"FAILED: {fault}")
    if not is_tried:
        sys.exit(0 if os.environ.get("CI_MAY_SKIP") else 77)
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()

#!/usr/bin/env bash
# Boots a real systemd and installs, upgrades, removes and purges the Debian package in it (package-inside.sh).
#
#   tests/systemd/package.sh PROGRAM [SUITE]
#
# The package is made of PROGRAM by packaging/deb. It needs what `run` beside this file needs, and cargo-deb; where
# something is not to be had it says SKIPPED and ends with 77, and with 0 where CI_MAY_SKIP is set.
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
program=${1:?usage: tests/systemd/package.sh PROGRAM [SUITE]}
suite=${2:-trixie}

for tool in cargo-deb dpkg-deb; do
    command -v "$tool" >/dev/null && continue
    printf '\n!!! SKIPPED: tests/systemd/package.sh on %s: no %s\n\n' "$suite" "$tool" >&2
    if [ -n "${CI_MAY_SKIP:-}" ]; then exit 0; else exit 77; fi
done

packages=$(mktemp -d)
trap 'rm -rf "$packages"' EXIT
first=$("$here/../../packaging/deb" "$program" "$packages" 1.0-1 --fast)
mv "$first" "$packages/first.deb"

# Two more of the same program: one of another version, and one that brings another feeds.toml as well.
again() { # name, version, a line for feeds.toml
    sed -i "s/^Version: .*/Version: $2/" "$packages/tree/DEBIAN/control"
    [ -z "${3:-}" ] || printf '%s\n' "$3" >>"$packages/tree/etc/merganser/feeds.toml"
    dpkg-deb -Zgzip -z1 --root-owner-group --build "$packages/tree" "$packages/$1.deb" >/dev/null
}
dpkg-deb --raw-extract "$packages/first.deb" "$packages/tree"
licences=$(gzip --decompress --stdout "$packages/tree/usr/share/doc/merganser/licences.gz")
number=0
while read -r name version; do
    grep -q "^$name ${version#v}: " <<<"$licences" || { printf 'NOT OK: no licence of %s %s\n' "$name" "$version"; exit 1; }
    grep -q "^of .*\b$name ${version#v}\b" <<<"$licences" || { printf 'NOT OK: no text for %s %s\n' "$name" "$version"; exit 1; }
    number=$((number + 1))
done < <(cd "$here/../.." && cargo tree --locked --edges normal,no-proc-macro --prefix none --format '{p}' |
    cut -d ' ' -f 1,2 | grep -v '^merganser ' | sort -u)
[ "$number" -gt 100 ] || { printf 'NOT OK: %s crates are linked\n' "$number"; exit 1; }
grep -q 'licences\.gz' "$packages/tree/usr/share/doc/merganser/copyright"
printf 'ok the licences of all %s crates are there\n' "$number"
again second 1.0-2
again third 1.0-3 '# a line of the third package'
rm -r "$packages/tree"

MERGANSER_PACKAGES=$packages "$here/run" "$program" "$suite"

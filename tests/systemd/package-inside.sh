#!/bin/bash
# What the Debian package promises, from its installation to its purge, under the systemd that runs here. Each line
# that begins with "ok" was seen; the first thing that is not as it should be ends the run.
set -uo pipefail
export DEBIAN_FRONTEND=noninteractive

config=/etc/merganser/feeds.toml
state=/var/lib/private/merganser
packages=/opt/test

fail() {
    printf 'NOT OK: %s\n' "$1"
    cat /tmp/dpkg 2>/dev/null
    systemctl status merganser --no-pager --full --lines=25
    exit 1
}
ok() { printf 'ok %s\n' "$1"; }
expect() { # what, found, wanted as a pattern
    # shellcheck disable=SC2053 # a pattern is meant
    [[ $2 == $3 ]] || fail "$1: found \"$2\", wanted \"$3\""
    ok "$1"
}
show() { systemctl show merganser --value --property="$1"; }
get() { curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:8420$1"; }
# dpkg, as who is not there to answer; what it says is kept for a failure
debian() { dpkg --force-confdef "$@" </dev/null >/tmp/dpkg 2>&1; }
installed() { dpkg-query --show --showformat='${db:Status-Status} ${Version}' merganser 2>/dev/null; }
enabled() { systemctl is-enabled "$1" 2>/dev/null; }

## an old systemd
mkdir /tmp/old
printf '#!/bin/sh\necho "systemd 246 (246.6)"\n' >/tmp/old/systemctl
chmod 755 /tmp/old/systemctl
PATH=/tmp/old:$PATH debian --install $packages/first.deb && fail "systemd 246 was taken"
grep -q 'merganser needs systemd 247 or newer, and this is 246' /tmp/dpkg || fail "it does not say what lacks"
ok "systemd 246 is refused, and told why"
[ ! -e /usr/bin/merganser ] || fail "something was unpacked all the same"
ok "nothing was unpacked"

## the installation
debian --install $packages/first.deb || fail "the installation"
expect "it is installed" "$(installed)" 'installed 1.0-1'
expect "the service runs" "$(show ActiveState)/$(show SubState)" active/running
expect "it starts with the machine" "$(enabled merganser)" enabled
expect "the listener is for those who want it" "$(enabled merganser.socket)" disabled
expect "it answers" "$(get /healthz)" 200
expect "every feed of the shipped file is there" "$(show StatusText)" "$(grep -c '^\[\[feed\]\]' $config) feeds, *"
expect "the configuration can be read by all" "$(stat --format='%U %a' $config)" 'root 644'
[ -f $state/merganser.db ] || fail "no database"
ok "there is a database"
# a small tree may leave documentation out
differing=$(dpkg --verify merganser | grep --invert-match ' /usr/share/\(doc\|man\)/')
[ -z "$differing" ] || fail "files differ from the package's: $differing"
ok "the files are the package's"
merganser schema | cmp - /usr/share/merganser/feeds.schema.json || fail "the schema"
ok "the schema is the program's"
for shell in bash zsh fish; do
    case $shell in
    bash) file=bash-completion/completions/merganser ;;
    zsh) file=zsh/vendor-completions/_merganser ;;
    fish) file=fish/vendor_completions.d/merganser.fish ;;
    esac
    merganser completions $shell | cmp - /usr/share/$file || fail "the completions of $shell"
done
ok "the completions are the program's"
named=$(sed -n 's/^-- //p' /usr/lib/systemd/catalog/merganser.catalog)
[ -n "$named" ] || fail "the catalog is empty"
known=$(journalctl --list-catalog 2>/dev/null)
for event in $named; do grep -q "^$event" <<<"$known" || fail "journalctl does not know $event"; done
ok "journalctl explains what the catalog does"
if [ "$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')" -ge 254 ]; then
    # of pages that a small tree leaves out it says nothing
    warnings=$(systemd-analyze verify --man=no merganser.service merganser.socket merganser-backup.timer 2>&1)
    expect "the units verify" "$warnings" ""
fi

## what an operator does then
sed -i 's|^#public-url.*|public-url = "http://127.0.0.1:8420/"|' $config
systemctl stop merganser
systemctl enable --now --quiet merganser.socket || fail "the listener"
systemctl start merganser || fail "a start with the listener"
printf '# a line of the operator\n[[feed]]\nid = "mine"\nurl = "https://news.example/feed.xml"\n' >>$config
systemctl reload merganser || fail "a reload with an edited file"
edited=$(sha256sum $config)
count=$(grep -c '^\[\[feed\]\]' $config)

## a copy, and what is restored of it
expect "copies are for those who want them" "$(enabled merganser-backup.timer)" disabled
systemctl enable --now --quiet merganser-backup.timer || fail "the timer"
expect "the next copy is planned" "$(systemctl list-timers --no-legend merganser-backup.timer)" '*merganser-backup.service*'
systemctl start merganser-backup.service || fail "a copy: $(journalctl --unit=merganser-backup --no-pager --output=cat)"
copies=("$state"/backups/merganser-*.db)
expect "a copy beside the daemon" "$(sqlite3 "${copies[0]}" 'PRAGMA integrity_check')" ok
expect "which is as private as the database" "$(stat --format='%u %a' "${copies[0]}")" "$(stat --format='%u %a' $state/merganser.db)"
systemctl stop merganser.socket merganser
rm -f $state/merganser.db*
stopped=$(cd / && env --unset=STATE_DIRECTORY merganser poll 2>&1)
expect "a poll by hand leaves the state to the service" "$stopped" '*the service does not run*'
[ ! -e $state/merganser.db ] || fail "root made a database in the service's state"
install -m 600 "${copies[0]}" /var/lib/merganser/merganser.db
chown --reference=/var/lib/merganser/ /var/lib/merganser/merganser.db
systemctl start merganser.socket merganser || fail "a start with what was restored"
expect "the restored one serves" "$(get /all.atom)" 200

## what is asked by hand, in a directory without a feeds.toml: the service is meant
beside=$(cd / && env --unset=STATE_DIRECTORY merganser poll 2>&1)
expect "a poll by hand is the daemon's" "$beside" 'the daemon that runs polls what is due by itself*'
[ ! -e "${HOME:-/root}/.local/state/merganser" ] || fail "a poll by hand made a database of its own"
ok "there is no second database"

## an upgrade under readers
before=$(show MainPID)
systemctl show merganser.socket --value --property=ActiveEnterTimestampMonotonic >/tmp/listening
(
    debian --install $packages/second.deb
    echo $? >/tmp/upgraded
) &
codes=/tmp/codes
: >$codes
asked=0
after=0
# all the way through, and twenty behind it
until [ $after -ge 20 ] && [ $asked -ge 200 ]; do
    [ ! -e /tmp/upgraded ] || after=$((after + 1))
    echo "$(get /all.atom)" >>$codes
    asked=$((asked + 1))
    [ $asked -lt 20000 ] || fail "the upgrade does not end"
done
wait
expect "the upgrade" "$(cat /tmp/upgraded)" 0
expect "it is the second version" "$(installed)" 'installed 1.0-2'
[ "$(show MainPID)" != "$before" ] || fail "the old program still runs"
ok "the new program runs"
expect "requests across the upgrade" "$(sort $codes | uniq -c | xargs)" "$asked 200"
ok "$asked of $asked"
expect "the listener was left alone" \
    "$(systemctl show merganser.socket --value --property=ActiveEnterTimestampMonotonic)" "$(cat /tmp/listening)"
expect "the edited file is kept" "$(sha256sum $config)" "$edited"
expect "and in force" "$(show StatusText)" "$count feeds, *"
expect "the listener stays enabled" "$(enabled merganser.socket)" enabled

## an upgrade that brings another file
debian --force-confold --install $packages/third.deb || fail "the upgrade with another file"
expect "the edited file is kept again" "$(sha256sum $config)" "$edited"
expect "the package's lies beside it" "$(tail -n 1 $config.dpkg-dist)" '# a line of the third package'
expect "it runs" "$(show ActiveState)" active

## an upgrade to a version that refuses the file
before=$(show MainPID)
printf 'shedule = "every 1h"\n' >>$config
debian --force-confold --install $packages/second.deb || fail "an upgrade with a file that is refused"
grep -q 'did you mean `schedule`' /tmp/dpkg || fail "the problem is not told"
grep -q 'The one before runs on' /tmp/dpkg || fail "it is not told that the old one runs on"
expect "the program of before runs on" "$(show MainPID)/$(get /healthz)" "$before/200"
sed -i '$d' $config
systemctl restart merganser || fail "a restart with the mended file"
ok "and the new one starts when the file is mended"

## one that was stopped and disabled stays so
systemctl disable --now --quiet merganser.socket merganser
debian --force-confold --install $packages/third.deb || fail "an upgrade of what is stopped"
expect "what is disabled stays stopped" "$(show ActiveState)/$(enabled merganser)" inactive/disabled
systemctl enable --quiet merganser.socket merganser
systemctl start merganser.socket merganser || fail "a start after it"

## removed
debian --remove merganser || fail "the removal"
expect "it is removed" "$(installed)" 'config-files 1.0-3'
expect "nothing listens" "$(get /healthz)" 000
[ ! -e /usr/bin/merganser ] || fail "the program is still there"
[ -f $state/merganser.db ] || fail "the database is gone with it"
ok "the database is kept"
expect "the configuration is kept" "$(sha256sum $config)" "$edited"

## and back
debian --install $packages/first.deb || fail "the installation after a removal"
expect "it runs again" "$(show ActiveState)/$(get /healthz)" active/200
expect "as it was enabled" "$(enabled merganser)/$(enabled merganser.socket)" enabled/enabled
expect "with its listener" "$(systemctl is-active merganser.socket)" active

## purged
stamp=/var/lib/systemd/timers/stamp-merganser-backup.timer
touch $stamp # as the timer leaves it once it went off
debian --purge merganser || fail "the purge"
for left in $state /var/lib/merganser $stamp /etc/merganser /run/merganser /usr/share/doc/merganser \
    /etc/systemd/system/merganser.service /etc/systemd/system/merganser.socket \
    /etc/systemd/system/multi-user.target.wants/merganser.service \
    /etc/systemd/system/sockets.target.wants/merganser.socket \
    /etc/systemd/system/timers.target.wants/merganser-backup.timer; do
    [ ! -e $left ] && [ ! -L $left ] || fail "$left is left behind"
done
ok "nothing is left behind"
grep -q merganser /var/lib/dpkg/status && fail "dpkg still knows of it"
ok "dpkg knows nothing of it"

printf 'all as it should be, in %s s\n' "$SECONDS"

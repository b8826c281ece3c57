#!/bin/bash
# What the shipped units promise, one thing after the other, under the systemd that runs here. Each line that begins
# with "ok" was seen; the first thing that is not as it should be ends the run with what is known of it.
set -uo pipefail

config=/etc/merganser/feeds.toml
state=/var/lib/private/merganser
drop_ins=/run/systemd/system/merganser.service.d
version=$(systemctl --version | sed -n '1s/systemd \([0-9]*\).*/\1/p')

fail() {
    printf 'NOT OK: %s\n' "$1"
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
log() { journalctl --unit=merganser --no-pager --output=cat "$@"; }
logged() { # pattern, more for the journal
    local pattern=$1
    shift
    journalctl --sync
    # No pipe: grep ends at what it looks for, and who still writes into a pipe then fails, and the whole with it.
    grep --quiet -- "$pattern" < <(log "$@")
}
found() { merganser doctor --format plain 2>/dev/null | awk -F '\t' -v check="$1" '$2 == check'; }
get() { curl --silent --max-time 10 --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:8420$1"; }
until_true() { # what, command ..
    local what=$1
    shift
    for _ in $(seq 300); do
        if "$@" >/dev/null 2>&1; then return; fi
        sleep 0.1
    done
    fail "$what did not come to be"
}
beside() { # command, run while a process that is not the service holds the state
    (
        exec 9<>$state/merganser.lock
        flock --nonblock 9 || fail "the state is held by nobody"
        printf '%s\n' "$BASHPID" >&9
        "$@"
    )
}
drop_in() { # name, text; none takes it away
    if [ -n "${2:-}" ]; then
        mkdir -p $drop_ins
        printf '%b\n' "$2" >"$drop_ins/$1.conf"
    else
        rm -f "$drop_ins/$1.conf"
    fi
    systemctl daemon-reload
}
base='[server]\nlisten = "127.0.0.1:8420"\n[fetch]\nhost-gap = "0s"\nallow-networks = ["127.0.0.1/32"]\n'
feed() { # name, path, more
    printf '[[feed]]\nid = "%s"\nurl = "http://127.0.0.1:8081/%s"\n%b\n' "$1" "$2" "${3:-}"
}
write() { printf "$base" >$config; cat >>$config; chmod 644 $config; }
asked() { grep -q "^/$1" /run/asked; }
whole() { [ "$(sqlite3 "file:$state/merganser.db?immutable=0" 'PRAGMA integrity_check')" = ok ]; }
stopped_whole() {
    expect "$1: the write-ahead log is empty" "$(stat --format=%s $state/merganser.db-wal 2>/dev/null || echo 0)" 0
    whole || fail "$1: the database is not whole"
    ok "$1: the database is whole"
}

mkdir -p /etc/merganser
: >/run/asked
chmod 666 /run/asked
ip address add 10.11.12.13/32 dev lo
systemctl start origin.socket || fail "the test's publisher"

## the units
warnings=$(systemd-analyze verify --man=no /etc/systemd/system/merganser.service /etc/systemd/system/merganser.socket 2>&1)
if [ "$version" -ge 254 ]; then
    expect "the units verify" "$warnings" ""
else
    # what a newer systemd knows is told to be ignored
    others=$(grep -v -e 'notify-reload' -e 'RestartSteps' -e 'RestartMaxDelaySec' -e 'ImportCredential' <<<"$warnings")
    expect "the units verify, but for what is newer" "$others" ""
fi
systemd-analyze security --offline=true --threshold=11 /etc/systemd/system/merganser.service >/tmp/security 2>&1 ||
    fail "the score is worse than 1.1: $(tail -n 1 /tmp/security)"
ok "$(tail -n 1 /tmp/security | sed 's/^[^O]*//')"

## a start
feed one one.xml | write
systemctl start merganser || fail "a start"
expect "READY was said" "$(show ActiveState)/$(show SubState)" active/running
expect "the status is told" "$(show StatusText)" '1 feed, *'
expect "/healthz" "$(get /healthz)" 200
until_true "the first poll" asked one.xml
reported() { grep --quiet 'Report 1' < <(curl --silent http://127.0.0.1:8420/all.atom); }
until_true "what it brought" reported
user=$(ps --no-headers -o uid --pid "$(show MainPID)" | xargs)
[ "$user" -ge 61184 ] || fail "the user $user is not a throw-away one"
expect "the database is the user's alone" "$(stat --format='%u %a' $state/merganser.db)" "$user 600"
expect "the socket is the user's alone" "$(stat --format='%u %a' /run/merganser/control.sock)" "$user 600"
expect "the directory is the user's alone" "$(stat --format='%u %a' $state)" "$user 700"
expect "no file of it is anybody else's" "$(find $state ! -uid "$user" | head -n 1)" ""
# what is in archives is handed to readers, and has the mode of files in publish-dir
expect "nobody else may read one" \
    "$(find $state -name archive -prune -o -perm /077 -type f -print | head -n 1)" ""

## reloads
{ feed one one.xml; feed two two.xml; } | write
systemctl reload merganser || fail "a reload with a good file"
ok "a reload with a good file"
until_true "the new feed is polled" asked two.xml
expect "one reload is one" "$(log _PID="$(show MainPID)" | grep -c 'was reloaded: ')" 1
{ feed one one.xml; feed two two.xml; feed three three.xml 'shedule = "every 1h"'; } | write
line=$(grep -n shedule $config | cut -d: -f1)
told=$(systemctl reload merganser 2>&1) && fail "a reload with a bad file succeeded"
ok "a reload with a bad file fails"
expect "it says so" "$told" '*failed*'
expect "ReloadResult" "$(show ReloadResult)" exit-code
expect "it runs on" "$(show ActiveState)" active
expect "the status tells" "$(show StatusText)" "*REJECTED*$line:1*shedule*"
expect "the old file is in force" "$(get /all.atom)" 200
logged "$config:$line:1" || fail "the journal does not tell the line"
ok "the journal tells line and column"
told=$(merganser reload --wait 2>&1)
expect "by hand: the code" $? 78
expect "by hand: the problems" "$told" "*did you mean \`schedule\`*"
printf "$base" >$config
systemctl reload merganser 2>/dev/null && fail "a file without feeds was taken"
ok "a file without feeds is refused"
feed one one.xml | write
systemctl reload merganser || fail "a reload after it"
expect "the status is clear again" "$(show StatusText)" '1 feed, 0 failing*'
for _ in 1 2 3 4 5; do
    systemctl reload merganser || fail "one of five reloads"
done
ok "five reloads in a row"

## the journal
fields() { journalctl --unit=merganser --no-pager --output=cat --quiet "$@"; }
expect "a refused file by its id" "$(fields MESSAGE_ID=115b8daf14924fbd95f37cbe2469b373 | head -n 1)" '*REJECTED*'
expect "priorities are kept" "$(fields --priority=err --grep=REJECTED | head -n 1)" '*REJECTED*'
systemctl stop origin.socket
{ feed one one.xml; feed lost lost.xml; } | write
systemctl reload merganser
by_feed() { fields MERGANSER_FEED=lost MERGANSER_KIND=connect | grep 'feed lost fails' >/dev/null; }
until_true "a failing feed by its field" by_feed
ok "a failing feed by its field"
systemctl start origin.socket
feed one one.xml | write
systemctl reload merganser

## a stop
begun=$(date +%s%N)
systemctl stop merganser
took=$((($(date +%s%N) - begun) / 1000000))
[ $took -lt 2000 ] || fail "the stop took $took ms"
ok "the stop took $took ms"
expect "its result" "$(show Result)/$(show ExecMainStatus)" success/0
stopped_whole "after the stop"

## who is told of a failure: by the example as it is shipped, of which the mail alone is ours
mkdir -p /usr/local/bin
printf '#!/bin/sh\n{ echo "$@"; cat; } >>/run/mail\n' >/usr/local/bin/mail
chmod 755 /usr/local/bin/mail
: >/run/mail
mails() { grep --count '^-s ' /run/mail; }
drop_in alert '[Unit]\nOnFailure=merganser-alert@%n.service'

## a bad file at the start
printf 'bogus = 1\n' >>$config
systemctl start merganser 2>/dev/null && fail "a start with a bad file"
sleep 1
expect "a bad file at the start" "$(show ActiveState)/$(show ExecMainStatus)/$(show NRestarts)" failed/78/0
logged bogus || fail "the journal does not tell what is wrong"
ok "the journal tells what is wrong"
mailed() { grep --quiet bogus /run/mail; }
until_true "a mail with what is wrong" mailed
expect "a mail tells who failed" "$(head -n 1 /run/mail)" '-s merganser.service failed on * root'
rm $config
systemctl start merganser 2>/dev/null && fail "a start without a file"
sleep 1
expect "no file at the start" "$(show ExecMainStatus)/$(show NRestarts)" 78/0
logged 'there is no file' --lines=20 || fail "the journal does not tell what lacks"
systemctl reset-failed merganser

## a database that is none
feed one one.xml | write
mv $state/merganser.db /tmp/good.db
printf 'a letter, not a database\n%.0s' {1..100} >$state/merganser.db
chown --reference=$state $state/merganser.db
drop_in restart '[Service]\nRestart=no'
systemctl start merganser 2>/dev/null && fail "a start with a database that is none"
expect "a database that is none" "$(show ExecMainStatus)" 74
drop_in restart
mv /tmp/good.db $state/merganser.db
systemctl reset-failed merganser

## the watchdog
sent=$(mails)
drop_in watchdog '[Service]\nWatchdogSec=3s\nRestartSec=500ms'
systemctl start merganser || fail "a start with a watchdog"
sleep 5
expect "a live daemon is left alone" "$(show NRestarts)" 0
first=$(show MainPID)
kill -STOP "$first"
restarted() { [ "$(show NRestarts)" = 1 ] && [ "$(show SubState)" = running ]; }
until_true "a daemon that stands still is started anew" restarted
ok "a daemon that stands still is started anew"
whole || fail "the database after the watchdog"
ok "the database is whole after it"
drop_in watchdog
systemctl stop merganser

## a kill in the middle of writing
{ for n in $(seq 1 30); do feed "f$n" "new/$n.xml" 'schedule = "every 1s"'; done; } | write
# without steps, each of which waits for longer than the one before
drop_in restart '[Service]\nRestartSec=100ms\nRestartSteps=0\n[Unit]\nStartLimitBurst=100'
systemctl start merganser || fail "a start with many feeds"
for pause in 0.7 0.4 1.1; do
    sleep $pause
    killed=$(show MainPID)
    # The kill is told before systemd hears of the death: until it has, the unit is active and has the old process.
    another() { [ "$(show MainPID)" != "$killed" ] && [ "$(show SubState)" = running ]; }
    systemctl kill --signal=KILL merganser
    until_true "a start after a kill" another
done
expect "it is up after three kills" "$(get /healthz)" 200
systemctl stop merganser
stopped_whole "after three kills"
drop_in restart
expect "what is started again sends no more mail" "$(mails)" "$sent"
drop_in alert
systemctl reset-failed

## a listener that systemd holds
feed one one.xml | write
systemctl start merganser.socket || fail "the socket"
expect "doctor knows who listens" "$(found listener)" $'ok\tlistener\t127.0.0.1:8420 *is held by merganser.socket*'
expect "a reader starts it" "$(get /healthz)" 200
expect "it runs by now" "$(show ActiveState)" active
for n in $(seq 200); do
    get /all.atom
    echo
    [ "$n" = 40 ] || [ "$n" = 120 ] && systemctl restart --no-block merganser
done >/tmp/codes
expect "requests across two restarts" "$(sort /tmp/codes | uniq -c | xargs)" '200 200'

## a bad file at a start while readers wait at that listener
systemctl enable --quiet merganser.socket || fail "the socket is enabled"
systemctl reset-failed merganser
cp $config /tmp/good.toml
printf 'bogus = 1\n' >>$config
systemctl restart merganser 2>/dev/null && fail "a restart with a bad file"
get /all.atom >/dev/null
given_up() { [ "$(systemctl is-active merganser.socket)" = failed ]; }
until_true "a reader who waits has the listener given up" given_up
cp /tmp/good.toml $config
expect "doctor says so" "$(found unit)" $'fail\tunit\t*has given up merganser.service and merganser.socket*systemctl reset-failed*'
expect "and status" "$(merganser status --format json 2>/dev/null)" '*none runs: systemd has given up*'
expect "beside another daemon that is no failure" "$(beside found unit)" $'warn\tunit\ta daemon runs that systemd did not start*'
systemctl reset-failed merganser
systemctl restart merganser || fail "a restart after it"
expect "doctor is content" "$(found unit)" $'ok\tunit\t*'
expect "the listener is there again" "$(systemctl is-active merganser.socket)/$(get /healthz)" active/200
systemctl disable --now --quiet merganser.socket merganser || fail "both are left to another daemon"
systemctl reset-failed 'merganser.*' || fail "nothing is said to have failed any more"

## a unit that nothing starts
expect "doctor knows that nobody enabled it" "$(found unit)" $'warn\tunit\t*neither started nor enabled*enable --now*'
systemctl enable --quiet merganser
drop_in held '[Unit]\nConditionPathExists=/nowhere'
expect "a start that was not asked for is not missed" "$(found unit)" $'ok\tunit\t*'
systemctl start merganser || fail "to systemd, a condition that is not met is no failure"
expect "doctor tells it" "$(found unit)" $'fail\tunit\t*a condition that was not met*systemctl status*'
expect "and status does" "$(merganser status --format json 2>/dev/null)" '*none runs: merganser.service has a condition*'
expect "beside another daemon it may be meant" "$(beside found unit)" $'ok\tunit\t*'
drop_in held
systemctl disable --quiet merganser

## a port that is not for every user
sed -i 's/^listen = .*/listen = "127.0.0.1:80"/' $config
expect "doctor knows of a low port" "$(found listener)" $'fail\tlistener\t*merganser.socket*'
systemctl start merganser 2>/dev/null && fail "a start at a low port"
expect "doctor knows that it does not stay up" "$(found unit)" $'fail\tunit\t*does not stay up*'
logged 'a port below 1024 is not for every user' || fail "the log tells of the port"
systemctl stop merganser
systemctl reset-failed
cp /tmp/good.toml $config

## the wall around the daemon's own connections
drop_in no-lan "$(cat /opt/test/no-lan.conf)"
sed -i 's/^allow-networks.*/allow-networks = ["127.0.0.1\/32", "10.11.12.13\/32"]\ntimeout = "3s"/' $config
printf '[[feed]]\nid = "lan"\nurl = "http://10.11.12.13:8081/lan.xml"\n' >>$config
mkdir -p /run/systemd/system/merganser.socket.d
printf '[Socket]\nListenStream=10.11.12.13:8420\nFreeBind=yes\n' >/run/systemd/system/merganser.socket.d/lan.conf
systemctl daemon-reload
systemctl start merganser.socket merganser || fail "a start behind the wall"
failing() { [[ $(show StatusText) == *', 1 failing'* ]]; }
until_true "a private address is out of reach behind the wall" failing
asked lan.xml && fail "the wall let a poll through"
ok "a private address is out of reach behind the wall"
systemctl stop merganser.socket merganser
rm -r /run/systemd/system/merganser.socket.d
drop_in no-lan

## a file system of what the service needs, and of nothing else
mkdir -p /usr/lib/merganser/root
drop_in root "$(cat /opt/test/root.conf)"
feed rooted rooted.xml | write
systemctl start merganser || fail "a start in a root of its own"
until_true "a poll from a root of its own" asked rooted.xml
expect "it serves from there" "$(get /healthz)" 200
sees() { [ -e "/proc/$(show MainPID)/root$1" ]; }
sees $config || fail "it does not see its file"
for path in /etc/passwd /usr/bin/bash /opt/test /var/log; do
    sees $path && fail "it sees $path"
done
ok "it sees its file, and of the machine what it was given"
systemctl reload merganser || fail "a reload in a root of its own"
ok "a reload in a root of its own"
score=$(systemd-analyze security --no-pager merganser | tail -n 1)
expect "the score is better there" "$score" '*: 1.0 *'
systemctl stop merganser
drop_in root

## credentials, and what is refused without the wall
mkdir -p /etc/credstore
printf 'sesame' >/etc/credstore/merganser.token
chmod 600 /etc/credstore/merganser.token
[ "$version" -ge 254 ] || drop_in credential '[Service]\nLoadCredential=token:/etc/credstore/merganser.token'
{
    feed members members.xml 'auth = { bearer = { credential = "token" } }'
    printf '[[feed]]\nid = "lan"\nurl = "http://10.11.12.13:8081/ssrf.xml"\n'
} | write
systemctl start merganser || fail "a start with a credential"
until_true "the feed with a credential is asked" asked members.xml
grep '^/members.xml' /run/asked | grep -qi 'authorization: bearer sesame' || fail "the credential did not arrive"
ok "a credential reaches its feed"
until_true "a private address is refused" failing
asked ssrf.xml && fail "a private address was asked"
ok "a private address is refused"
logged sesame && fail "the journal tells the secret"
ok "the journal does not tell the secret"
drop_in credential
systemctl stop merganser

## a state directory that is full
drop_in full '[Service]\nRestart=no'
mount -t tmpfs -o size=64k tmpfs $state || fail "a small file system"
feed one one.xml | write
systemctl start merganser 2>/dev/null && fail "a start in a full directory"
expect "a full state directory" "$(show ExecMainStatus)" 74
logged 'merganser.db' --lines=15 || fail "the journal does not name the file"
umount $state
drop_in full
systemctl reset-failed merganser
systemctl start merganser || fail "a start after it"
ok "there is room again"
systemctl stop merganser

## a database of an older version
owner=$(stat --format=%u:%g $state)
rm -f $state/merganser.db*
sqlite3 $state/merganser.db </opt/test/old.sql || fail "an old database cannot be made"
chown "$owner" $state/merganser.db
chmod 600 $state/merganser.db
before=$(sqlite3 $state/merganser.db 'PRAGMA user_version')
mkdir /tmp/narrow /tmp/wide
mount -t tmpfs -o size=64k tmpfs /tmp/narrow || fail "a file system for less than a copy"
cp $state/merganser.db /tmp/wide/
ln -s /tmp/narrow /tmp/wide/backups
told=$(merganser migrate --state /tmp/wide 2>&1) && fail "a copy is begun that has no room"
expect "a copy without room" "$told" '*stays as it is: a copy in /tmp/wide/backups takes about *, and 64.0 KiB are free; *'
expect "nothing is begun" "$(ls /tmp/narrow)$(sqlite3 /tmp/wide/merganser.db 'PRAGMA user_version')" "$before"
rm /tmp/wide/backups
kib=$(du --block-size=1K $state/merganser.db | cut -f 1)
mount -o "remount,size=$((kib * 5 / 2))k" /tmp/narrow || fail "a file system for two copies and a half"
mv /tmp/wide/merganser.db /tmp/narrow/
told=$(merganser migrate --state /tmp/narrow 2>&1)
expect "migrations without room are tried" "$told" '*migrations may write all of it anew, which takes about *, and * are free*'
umount /tmp/narrow
systemctl start merganser || fail "a start with an older database"
kept() { grep --quiet 'A report of before' < <(curl --silent http://127.0.0.1:8420/all.atom); }
until_true "what the older program stored" kept
systemctl stop merganser
after=$(sqlite3 $state/merganser.db 'PRAGMA user_version')
[ "$after" -gt "$before" ] || fail "the database of version $before is still $after"
stopped_whole "from version $before to $after"

## an /etc that is for reading only
mount --bind -o ro /etc /etc || fail "a read-only /etc"
before=$(sha256sum $config)
told=$(cd / && merganser add http://127.0.0.1:8081/more.xml 2>&1)
expect "a feed that cannot be written down" "$?: $told" "1: *$config cannot be written: *read-only file*"
expect "the file stays as it is" "$(sha256sum $config)" "$before"
expect "nothing is left beside it" "$(ls -A /etc/merganser)" feeds.toml
systemctl start merganser || fail "a start with a read-only /etc"
ok "the service needs no more than to read it"
systemctl stop merganser
umount /etc

printf 'all as it should be, in %s s\n' "$SECONDS"

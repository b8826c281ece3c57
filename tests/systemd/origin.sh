# Answers one request with a feed of three entries, new ones where the path says so, and notes what was asked.
IFS= read -r request
fields=
while IFS= read -r line; do
    line=${line%$'\r'}
    [ -n "$line" ] || break
    fields="$fields $line;"
done
path=${request#* }
path=${path%% *}
printf '%s%s\n' "$path" "$fields" >>/run/asked
salt=
case $path in *new*) salt=$(date +%s%N) ;; esac
items=
for number in 1 2 3; do
    items="$items<item><guid isPermaLink=\"false\">$path-$number-$salt</guid><title>Report $number of $path $salt</title>"
    items="$items<link>http://news.example$path/$number/$salt</link><description>What happened, at length.</description></item>"
done
body="<?xml version=\"1.0\"?><rss version=\"2.0\"><channel><title>$path</title><link>http://news.example/</link><description>d</description>$items</channel></rss>"
printf 'HTTP/1.1 200 OK\r\nContent-Type: application/rss+xml\r\nContent-Length: %s\r\nConnection: close\r\n\r\n%s' "${#body}" "$body"

#!/bin/sh
# SPDX-License-Identifier: Apache-2.0
# Screenshots of the main pages of the example company: tests/look.sh [FOLDER [PAGE ...]], where a
# page is the end of an address such as /risks. Without a folder: look/, which git ignores.
set -eu
cd "$(dirname "$0")/.."
program=${CAIRN_BIN:-build/cairn}
folder=${1:-look}
[ $# = 0 ] || shift
place=$(mktemp -d "${TMPDIR:-/tmp}/cairn-look.XXXXXX")
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$place"' EXIT
trap 'exit 130' INT TERM HUP

email=ada@example.com
password='correct horse battery staple'
printf '%s\n' "$password" |
    "$program" init --data "$place/data" --admin "$email" --password-stdin --demo >/dev/null
"$program" serve --data "$place/data" --listen 127.0.0.1:0 >"$place/out" 2>"$place/log" &
server=$!
for _ in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20; do
    url=$(sed -n 's/.*listening on //p' "$place/out")
    [ -z "$url" ] || break
    sleep 0.25
done
[ -n "$url" ] || { cat "$place/log" >&2; exit 1; }
node tests/browser/look.mjs "$url" "$email" "$password" "$folder" "$@"
printf 'Screenshots are in %s/\n' "$folder"

#!/usr/bin/env bash
# Builds, founds a small demo in an empty folder, and serves it in the foreground until Ctrl-C or
# SIGTERM. Starting again goes on where it was.
#
#   CHANCERY_PORT  the port, 8080 unless said otherwise; 0 is any that is free
#   CHANCERY_DATA  the ledger's folder, ./data unless said otherwise; the demo's keys are in demo/ in it
set -euo pipefail
cd "$(dirname "$0")/.."

data=${CHANCERY_DATA:-./data}
binaries=${CARGO_TARGET_DIR:-target}/release
export CHANCERY_PORT=${CHANCERY_PORT:-8080} CHANCERY_DATA=$data

cargo build --release --locked --package chancery-api --package chancery-cli
PATH=$(cd "$binaries" && pwd):$PATH

if [ ! -e "$data/genesis.json" ]; then
    # The ledger is founded in an empty folder, so the demo's keys are made beside it and moved in.
    new=$(mktemp -d)
    trap 'rm -rf "$new"' EXIT
    root_key=$(chancery demo prepare "$new/demo")
    chanceryd init --name "Chancery demo" --root-key="$root_key"
    mv "$new/demo" "$data/demo"
fi

# The node's standard output comes to us by a pipe, so that we see when it listens.
pipe=$(mktemp -u)
mkfifo -m 600 "$pipe"
chanceryd serve >"$pipe" &
node=$!
exec 3<"$pipe"
rm "$pipe"

# The first signal is passed on; the node then finishes what it has taken in.
stopping=
stop() {
    stopping=1
    kill -TERM "$node" 2>/dev/null || true
}
trap stop INT TERM

url=
while read -r line <&3; do
    echo "$line"
    if [[ $line == "listening on "* ]]; then
        url=${line#listening on }
        break
    fi
done
cat <&3 &

if [ -n "$url" ] && [ -z "$stopping" ] && [ -e "$data/demo/passphrase" ]; then
    # Where the node listens on all addresses, it is reached by this one.
    chancery demo run "$data/demo" --url "${url/0.0.0.0/127.0.0.1}" ||
        { [ -n "$stopping" ] || echo "run: the demo could not be founded; the node goes on" >&2; }
    echo
    echo "The commands: export PATH=$(cd "$binaries" && pwd):\$PATH"
    echo "Serving $data on $url until Ctrl-C."
fi

# `wait` returns early when a signal is caught; then there is more to wait for.
status=0
while :; do
    wait "$node" && status=0 || status=$?
    [ "$status" -gt 128 ] || break
    kill -0 "$node" 2>/dev/null || break
done
if [ "$status" -gt 128 ]; then
    wait "$node" && status=0 || { last=$?; [ "$last" -eq 127 ] || status=$last; }
fi
exit "$status"

#!/usr/bin/env bash
# network.sh pool|work: a network of nodes on this machine, and a live table of how they stand, until
# Ctrl-C or SIGTERM. Starting again goes on where it was.
#
#   CHANCERY_PORT          the first node's port, 8080 unless said otherwise; the others have the next ones
#   CHANCERY_NETWORK_PORT  the first port between the nodes, 27000 unless said otherwise
#   CHANCERY_DATA          the folder of all nodes, ./data-network or ./data-work unless said otherwise
set -euo pipefail
cd "$(dirname "$0")/.."

case ${1:-} in
pool) nodes=4 data=${CHANCERY_DATA:-./data-network} kind=() ;;
work) nodes=3 data=${CHANCERY_DATA:-./data-work} kind=(--work --spacing 2s --first-bits 18 --least-bits 10 --final-depth 12) ;;
*)
    echo "network: pool or work, not ${1:-nothing}" >&2
    exit 2
    ;;
esac
port=${CHANCERY_PORT:-8080}
unset CHANCERY_DATA CHANCERY_PORT
binaries=${CARGO_TARGET_DIR:-target}/release

cargo build --release --locked --package chancery-api --package chancery-cli
PATH=$(cd "$binaries" && pwd):$PATH

if [ -e "$data/node-$nodes/network.kept" ]; then
    mv "$data/node-$nodes/network.kept" "$data/node-$nodes/network.json"
fi
if [ ! -e "$data/README.md" ]; then
    # The network is founded in an empty folder, so the demo's keys are made beside it and moved in.
    new=$(mktemp -d)
    root_key=$(chancery demo prepare "$new/demo")
    chancery network create "$data" --name "Chancery network" --validators "$nodes" "${kind[@]}" \
        --first-port "${CHANCERY_NETWORK_PORT:-27000}" --root-key="$root_key"
    mv "$new/demo" "$data/demo"
    rm -rf "$new"
fi

running=()
table=
stop() {
    trap '' INT TERM
    [ -z "$table" ] || kill -TERM "$table" 2>/dev/null || true
    [ ${#running[@]} -eq 0 ] || kill -TERM "${running[@]}" 2>/dev/null || true
    status=0
    for node in "${running[@]}"; do
        wait "$node" || status=$?
    done
    echo
    echo "network: stopped; the nodes' logs are $data/node-*.log"
    exit "$status"
}
trap stop INT TERM

urls=()
for number in $(seq "$nodes"); do
    url=http://127.0.0.1:$((port + number - 1))
    urls+=("$url")
    # Each in a group of its own: Ctrl-C in the terminal comes to this script, which stops them in order.
    setsid chanceryd serve --data "$data/node-$number" --port "${url##*:}" \
        >>"$data/node-$number.log" 2>&1 &
    running+=($!)
done
for number in $(seq "$nodes"); do
    until curl --silent --fail --output /dev/null "${urls[number - 1]}/healthz"; do
        if ! kill -0 "${running[number - 1]}" 2>/dev/null; then
            echo "network: node-$number does not start: $(tail -n 3 "$data/node-$number.log")" >&2
            stop
        fi
        sleep 0.1
    done
done

chancery demo run "$data/demo" --url "${urls[0]}" ||
    echo "network: the demo could not be founded; the nodes go on" >&2
echo
echo "The commands: export PATH=$(cd "$binaries" && pwd):\$PATH"
chancery network watch "${urls[@]}" &
table=$!

# In proof of work branches grow apart and become one again: the last node mines by itself for a while, where
# the others do not find it, and comes back.
last=$data/node-$nodes
start_last() {
    setsid chanceryd serve --data "$last" --port "${urls[nodes - 1]##*:}" >>"$data/node-$nodes.log" 2>&1 &
    running[nodes - 1]=$!
}
stop_last() {
    kill -TERM "${running[nodes - 1]}"
    wait "${running[nodes - 1]}" || true
}
mine_apart() {
    local nobody='{"peers_listen": "/ip4/127.0.0.1/tcp/'$((${CHANCERY_NETWORK_PORT:-27000} + 2 * nodes))'"}'
    stop_last
    mv "$last/network.json" "$last/network.kept"
    rm -f "$last/peers.json"
    echo "$nobody" >"$last/network.json"
    start_last
    pause 8
    stop_last
    mv "$last/network.kept" "$last/network.json"
    start_last
}
# A signal does not wait for the end of this.
pause() {
    sleep "$1" &
    wait $!
}
if [ "$1" = work ]; then
    while pause 40 && kill -0 "$table" 2>/dev/null; do mine_apart; done
fi
wait "$table" || true
stop

#!/usr/bin/env bash
# Measures what docs/performance.md claims: the parts, ingest in one process, and the interface
# under load, each beside the rate of bare signature verification in the same run.
#
#   CHANCERY_BENCH_TRANSITIONS  how many are ingested in one process; a million unless it is set
set -euo pipefail
cd "$(dirname "$0")/.."

cargo build --release --locked --package chancery-api --package chancery-cli
PATH=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd):$PATH

folder=$(mktemp -d)
node=
stop() {
    [ -z "$node" ] || kill -TERM "$node" 2>/dev/null || true
    [ -z "$node" ] || wait "$node" 2>/dev/null || true
    rm -rf "$folder"
}
trap stop EXIT

# A new node on a free port, whose address is put into `url`.
start_node() {
    [ -z "$node" ] || { kill -TERM "$node"; wait "$node" || true; }
    rm -rf "${folder:?}"/*
    chanceryd init --data "$folder/data" --name Bench --root-key="$(chancery demo prepare "$folder/keys")"
    RUST_LOG=warn chanceryd serve --data "$folder/data" --port 0 >"$folder/out" &
    node=$!
    until url=$(sed -n 's/^listening on //p' "$folder/out") && [ -n "$url" ]; do
        kill -0 "$node"
        sleep 0.1
    done
}

failed=()
claim() {
    local name=$1
    shift
    echo "== $name"
    "$@" 2>&1 | tee -a "$figures" || failed+=("$name")
}
figures=$(mktemp)

claim "parts" cargo bench --locked --package chancery-ledger
claim "ingest in one process" cargo bench --locked --package chancery-api --bench ingest
start_node
claim "over HTTP, one a request" chancery load --url "$url" --mode single --at-least-rate 8000
start_node
claim "over HTTP, in batches" chancery load --url "$url" --mode batch --transitions 200000 --at-least-ratio 0.45

grep -E 'bare|/s|p99|ratio|ms|bytes' "$figures" | tail -60
rm -f "$figures"
if [ ${#failed[@]} -gt 0 ]; then
    printf 'bench: not as claimed: %s\n' "${failed[@]}"
    exit 1
fi
echo "bench: as claimed"

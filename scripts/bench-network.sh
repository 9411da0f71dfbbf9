#!/usr/bin/env bash
# Measures four nodes on this machine that agree on every block: how long a transition takes until its
# receipt is there at 500 a second, how many a second they sustain, and how many blocks a second three
# of them make.
#
#   CHANCERY_BENCH_SECONDS  how long each measurement takes; 30 unless it is set
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${CHANCERY_BENCH_SECONDS:-30}
port=${CHANCERY_PORT:-18080}

cargo build --release --locked --package chancery-api --package chancery-cli
PATH=$(cd "${CARGO_TARGET_DIR:-target}/release" && pwd):$PATH

folder=$(mktemp -d)
running=()
urls=()
stop() {
    [ ${#running[@]} -eq 0 ] || kill -TERM "${running[@]}" 2>/dev/null || true
    wait || true
    rm -rf "$folder"
}
trap stop EXIT

chancery network create "$folder/network" --name Bench --validators 4 \
    --first-port "$((port + 1000))" --root-key="$(chancery demo prepare "$folder/keys")" >/dev/null
for number in 1 2 3 4; do
    urls+=("http://127.0.0.1:$((port + number))")
    RUST_LOG=warn chanceryd serve --data "$folder/network/node-$number" --port "$((port + number))" \
        >"$folder/node-$number.out" 2>"$folder/node-$number.log" &
    running+=($!)
done
for index in 0 1 2 3; do
    until curl --silent --fail --output /dev/null "${urls[index]}/readyz"; do
        kill -0 "${running[index]}"
        sleep 0.1
    done
done
all=(--url "${urls[0]}" --also "${urls[1]}" --also "${urls[2]}" --also "${urls[3]}")

failed=()
claim() {
    local name=$1
    shift
    echo "== $name"
    "$@" 2>&1 | tee -a "$figures" || failed+=("$name")
}
figures=$folder/figures

height() { curl --silent --fail "${urls[0]}/v1/network" | sed -E 's/.*"height":([0-9]+).*/\1/'; }

# Blocks a second of three nodes, while transitions come in.
one_is_down() {
    kill -KILL "${running[3]}"
    local three=(--url "${urls[0]}" --also "${urls[1]}" --also "${urls[2]}")
    chancery load "${three[@]}" --rate 100 --transitions "$((100 * (seconds + 60)))" \
        --seconds "$((seconds + 10))" --parties 200 --bare 100ms >"$folder/one-down" 2>&1 &
    local load=$!
    # Signing beforehand takes a moment: it begins when the height moves.
    local from before after
    from=$(height)
    until [ "$(height)" -gt "$((from + 3))" ]; do sleep 0.2; done
    before=$(height)
    sleep "$seconds"
    after=$(height)
    kill -TERM "$load" 2>/dev/null || true
    wait "$load" || true
    local hundredths=$((100 * (after - before) / seconds))
    printf 'one of four is down: %d.%02d blocks/s, and at least 2 were claimed\n' \
        "$((hundredths / 100))" "$((hundredths % 100))"
    [ "$hundredths" -ge 200 ]
}

claim "finality at 500 a second" chancery load "${all[@]}" --rate 500 --receipts \
    --transitions "$((500 * seconds))" --seconds "$seconds" --parties 500 --connections 200 \
    --at-least-rate 480 --at-most-p50-ms 150 --at-most-p99-ms 400
claim "sustained" chancery load "${all[@]}" --mode batch --batch-size 500 --connections 16 \
    --transitions "$((4000 * seconds))" --seconds "$seconds" --at-least-rate 3000
claim "with one of four down" one_is_down

grep -E 'bare|/s|p50|p99|ms|claimed' "$figures" | tail -40
if [ ${#failed[@]} -gt 0 ]; then
    printf 'bench-network: not as claimed: %s\n' "${failed[@]}"
    exit 1
fi
echo "bench-network: as claimed"

#!/usr/bin/env bash
# fuzz.sh SECONDS [TARGET...]: runs each fuzz target for so long, all of them unless some are named.
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=${1:-60}
shift || true

target=$(realpath -m "${CARGO_TARGET_DIR:-target}")
PATH="$target/tools/bin:$PATH"
if ! cargo +nightly --version >/dev/null 2>&1; then
    echo "fuzz: a nightly toolchain is needed; the property tests of the decoders run without one" >&2
    exit 1
fi
if ! command -v cargo-fuzz >/dev/null; then
    echo "fuzz: installing cargo-fuzz"
    CARGO_TARGET_DIR="$target/tools/build" cargo install --quiet --locked --debug --root "$target/tools" cargo-fuzz
    rm -rf "$target/tools/build"
fi

cargo run --quiet --locked --package chancery-tests --bin seeds -- fuzz/corpus
names=("$@")
[ ${#names[@]} -gt 0 ] || mapfile -t names < <(cargo +nightly fuzz list)
failed=()
for name in "${names[@]}"; do
    echo "== $name"
    cargo +nightly fuzz run "$name" -- -max_total_time="$seconds" -max_len=65536 -timeout=10 \
        -print_final_stats=1 -verbosity=0 || failed+=("$name")
done
echo "fuzz: $((${#names[@]} - ${#failed[@]})) passed, ${#failed[@]} failed${failed[0]:+: ${failed[*]}}"
[ ${#failed[@]} -eq 0 ]
